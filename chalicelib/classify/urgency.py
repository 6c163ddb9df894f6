"""
How soon a person must look.

Critical is danger to a person, to an account that is being emptied, or to
people who cannot help themselves. High is what blocks now, costs money, or
announces that the customer leaves or goes to court. The rest is normal, and
talk without a problem is low.
"""

from typing import Final

from chalicelib.classify.confidence import confidence
from chalicelib.classify.cues import Cue
from chalicelib.classify.match import Hit, Reading
from chalicelib.classify.tone import Tone, negated
from chalicelib.domain.labels import Label, Reason, Sentiment, Urgency

_HIGH: Final = (Cue.STUCK, Cue.MONEY, Cue.LOCKED_OUT, Cue.DOWN, Cue.LEAVING, Cue.THREAT)
_BLOCKS: Final = (Cue.STUCK, Cue.LOCKED_OUT, Cue.DOWN)
# What people call others, and the news: serious, but a model may know better.
_ATTITUDE_WORDS: Final = """
    racist racism homophobic transphobic antisemitic islamophobic xenophobic ableist discrimination
"""
_ATTITUDES: Final = frozenset(_ATTITUDE_WORDS.split())
_QUIET: Final = frozenset({Reason.PRAISE, Reason.NONE, Reason.SHARE})


def danger(reading: Reading) -> Label[Urgency] | None:
    """
    Critical where a word of danger stands and is not denied: whatever else is said, the floor under any judgement.

    Neither praise nor thanks, jokes or spam around it say that nobody is in danger.
    """
    found = [hit for hit in _standing(reading, Cue.DANGER) if _ATTITUDES.isdisjoint(reading.forms(hit))]
    beside = _standing(reading, *_BLOCKS, Cue.VULNERABLE)
    return _label(Urgency.CRITICAL, reading, found, beside) if found else None


def judge(reading: Reading, tone: Tone, reason: Label[Reason]) -> Label[Urgency]:
    """The highest level that anything in the text asks for."""
    grave = _standing(reading, Cue.DANGER)
    blocked = _standing(reading, *_BLOCKS)
    vulnerable = _standing(reading, Cue.VULNERABLE)
    if grave and tone.label.value is not Sentiment.POSITIVE:
        return _label(Urgency.CRITICAL, reading, grave, [*blocked, *vulnerable])
    if blocked and vulnerable:
        return _label(Urgency.CRITICAL, reading, blocked, vulnerable)
    return _below_critical(reading, tone, reason)


def _below_critical(reading: Reading, tone: Tone, reason: Label[Reason]) -> Label[Urgency]:
    serious = _standing(reading, *_HIGH)
    pressing = [*_pressing(reading, tone)]
    content = tone.label.value is Sentiment.POSITIVE
    if (serious or pressing) and not content and not reading.hits(Cue.NO_HURRY):
        return _label(Urgency.HIGH, reading, serious, pressing)
    if reason.value in _QUIET or (content and reason.value is Reason.SPREAD):
        return Label(Urgency.LOW, reason.score, reason.words)
    if reason.value is Reason.VENT and not _is_specific(reading):
        return Label(Urgency.LOW, 0.55, reason.words)
    return Label(Urgency.NORMAL, 0.65, reason.words)


def _standing(reading: Reading, *cues: Cue) -> list[Hit]:
    return [hit for hit in reading.hits(*cues) if not negated(reading, hit)]


def _pressing(reading: Reading, tone: Tone) -> list[Hit]:
    """Time words count beside trouble or a request only: everybody writes "today"."""
    if not (reading.hits(Cue.REQUEST) and tone.trouble) or not reading.hits(Cue.OWN):
        return []
    return [hit for hit in _standing(reading, Cue.NOW) if reading.quote([hit])[0].casefold() in _ALONE]


_ALONE: Final = frozenset({"urgent", "urgently", "asap", "emergency", "immediately", "dringend", "urgente", "sofort"})


def _is_specific(reading: Reading) -> bool:
    return bool(reading.hits(Cue.OWN, Cue.PROBLEM, Cue.SELF, Cue.YOU))


def _label(level: Urgency, reading: Reading, first: list[Hit], second: list[Hit]) -> Label[Urgency]:
    return Label(level, confidence(0.7 * len(first) + 0.4 * len(second)), reading.quote([*first, *second]))
