"""Spam, job bots and giveaways: what no care team should ever see."""

from typing import Final

from chalicelib.classify.confidence import confidence
from chalicelib.classify.cues import Cue
from chalicelib.classify.match import Hit, Reading
from chalicelib.domain.labels import Label, Noise

_HINTS_THAT_SUFFICE: Final = 2
_HELD_BACK: Final = 2


def judge(reading: Reading) -> Label[Noise]:
    """Noise by one plain sign or several hints; a customer who speaks of an own order must show more of them."""
    signs = reading.hits(Cue.SPAM)
    hints = reading.hits(Cue.SPAM_HINT)
    strength = len(signs) + len(_different(reading, hints)) / _HINTS_THAT_SUFFICE
    own = reading.hits(Cue.OWN, Cue.PROBLEM, Cue.BAD, Cue.AWFUL)
    if strength >= (_HELD_BACK if own else 1):
        return Label(Noise.NOISE, confidence(strength), reading.quote([*signs, *hints]))
    return Label(Noise.SIGNAL, confidence(1.5 - strength))


def _different(reading: Reading, hits: list[Hit]) -> set[str]:
    """A word said twice is one hint."""
    return {reading.passage.quote(hit.first, hit.last).casefold() for hit in hits}
