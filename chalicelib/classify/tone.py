"""
Sentiment: praise against trouble, with negation, degree, contrast and sarcasm.

Trouble outweighs praise of the same strength: a lost bag stays lost, however
friendly the staff was.
"""

import math
from typing import Final, NamedTuple

from chalicelib.classify.cues import Cue
from chalicelib.classify.match import Hit, Reading
from chalicelib.domain.labels import Label, Sentiment

_WEIGHTS: Final = {
    Cue.SUPERB: 2.4,
    Cue.GOOD: 1.4,
    Cue.THANKS: 1.3,
    Cue.MENDED: 1.6,
    Cue.PROBLEM: -1.4,
    Cue.BAD: -1.7,
    Cue.AWFUL: -2.8,
    Cue.SCORN: -3.2,
}
_PRAISE: Final = (Cue.SUPERB, Cue.GOOD, Cue.THANKS, Cue.MENDED)
_TROUBLE: Final = (Cue.PROBLEM, Cue.BAD, Cue.AWFUL, Cue.SCORN)
# What alarms is trouble even where no word of tone says so: "we have no power".
_ALARMS: Final = {
    Cue.DANGER: -1.2,
    Cue.STUCK: -1.2,
    Cue.MONEY: -1.2,
    Cue.LOCKED_OUT: -1.2,
    Cue.DOWN: -1.2,
    Cue.LEAVING: -0.9,
    Cue.THREAT: -0.7,
}
_NEGATION_REACH: Final = 3
_SARCASM_REACH: Final = 7
_SPOILERS: Final = (Cue.PROBLEM, Cue.BAD, Cue.AWFUL, Cue.STUCK, Cue.DOWN, Cue.LOCKED_OUT, Cue.MONEY)
_STARS: Final = {1: -4.0, 2: -2.5, 4: 2.0, 5: 4.0}
_NEUTRAL_STARS: Final = 3

# What the scores are turned into probabilities with: trouble counts more, and silence is neutral.
_TROUBLE_WORTH: Final = 1.15
_NEUTRAL_WORTH: Final = 1.1
_STEEPNESS: Final = 0.9


class Weighed(NamedTuple):
    """A hit of tone with what it weighs here, negative for trouble."""

    hit: Hit
    weight: float


class Tone(NamedTuple):
    """The verdict, and what spoke for either side."""

    label: Label[Sentiment]
    praise: tuple[Weighed, ...]
    trouble: tuple[Weighed, ...]

    @property
    def trouble_hits(self) -> list[Hit]:
        """What speaks for trouble, gravest first."""
        return [item.hit for item in self.trouble]


def judge(reading: Reading) -> Tone:
    """Weigh everything that carries tone."""
    weighed = [Weighed(hit, _weight(reading, hit)) for hit in reading.hits(*_PRAISE, *_TROUBLE)]
    weighed += [Weighed(hit, _ALARMS[hit.cue]) for hit in reading.hits(*_ALARMS) if not negated(reading, hit)]
    praise = tuple(sorted((item for item in weighed if item.weight > 0), key=lambda item: -item.weight))
    trouble = tuple(sorted((item for item in weighed if item.weight < 0), key=lambda item: item.weight))
    return Tone(_label(reading, praise, trouble), praise, trouble)


def negated(reading: Reading, hit: Hit) -> bool:
    """A negation stands shortly before it in its clause, or in a gap of it; two of them cancel out."""
    places = [*range(hit.first - _NEGATION_REACH, hit.first), *hit.skipped]
    near = [reading.ending(at, Cue.NOT) for at in places]
    return sum(found is not None and reading.clause(found) == reading.clause(hit) for found in near) % 2 == 1


def _weight(reading: Reading, hit: Hit) -> float:
    weight = _WEIGHTS[hit.cue] * _degree(reading, hit) * _contrast(reading, hit)
    if hit.cue in _PRAISE and _is_sarcastic(reading, hit):
        return -1.3 * weight
    if hit.cue is Cue.THANKS and reading.hits(Cue.REQUEST, Cue.QUESTION, *_TROUBLE):
        weight *= 0.3  # courtesy, not praise
    if hit.cue is not Cue.SCORN and negated(reading, hit):
        return _negated(weight)
    return weight


def _negated(weight: float) -> float:
    """Turn it: "not good" is bad, "not bad" is hardly good."""
    return -1.1 * weight if weight > 0 else -0.3 * weight


def _degree(reading: Reading, hit: Hit) -> float:
    shade = reading.ending(hit.first - 1, Cue.VERY, Cue.BARELY)
    if shade is None or reading.clause(shade) != reading.clause(hit):
        return 1.0
    return 1.3 if shade.cue is Cue.VERY else 0.6


def _contrast(reading: Reading, hit: Hit) -> float:
    """What follows a "but" is what the author wants to say."""
    turn = reading.sentences(Cue.BUT).get(reading.sentence(hit))
    if turn is None:
        return 1.0
    return 1.3 if hit.first > turn.last else 0.7


def _is_sarcastic(reading: Reading, hit: Hit) -> bool:
    """Praise of the kind that is turned round: trouble or a wink comes close behind, and nothing says it is meant."""
    if not any(reading.beginning(at, Cue.IRONIC) for at in range(hit.first, hit.last + 1)):
        return False
    behind = range(hit.last + 1, hit.last + 1 + _SARCASM_REACH)
    return any(_turns(reading, hit, at) or reading.beginning(at, Cue.WINK) for at in behind)


def _turns(reading: Reading, praise: Hit, at: int) -> bool:
    trouble = reading.beginning(at, *_SPOILERS)
    if trouble is None or negated(reading, trouble) or _degree(reading, trouble) < 1:
        return False
    # "Great! Another delay." turns over a full stop, but only as the first word of all.
    apart = reading.sentence(trouble) - reading.sentence(praise)
    between = {reading.sentence(praise), reading.sentence(trouble)}
    return apart <= (praise.first == 0) and between.isdisjoint(reading.sentences(Cue.SINCERE))


def _label(reading: Reading, praise: tuple[Weighed, ...], trouble: tuple[Weighed, ...]) -> Label[Sentiment]:
    stars = _STARS.get(reading.rating or 0, 0.0)
    strength = {
        Sentiment.POSITIVE: _total(praise) + max(stars, 0.0),
        Sentiment.NEGATIVE: _TROUBLE_WORTH * _total(trouble) + max(-stars, 0.0),
        Sentiment.NEUTRAL: _NEUTRAL_WORTH + (1.5 if reading.rating == _NEUTRAL_STARS else 0.0),
    }
    value = max(strength, key=lambda each: strength[each])
    evidence = {Sentiment.POSITIVE: praise, Sentiment.NEGATIVE: trouble, Sentiment.NEUTRAL: ()}[value]
    return Label(value, _probability(strength, value), reading.quote(item.hit for item in evidence))


def _total(items: tuple[Weighed, ...]) -> float:
    """The sum, where every further item adds less: ten complaints are not ten times as sure as one."""
    return sum(abs(item.weight) / (1 + 0.3 * place) for place, item in enumerate(items[:10]))


def _probability(strength: dict[Sentiment, float], value: Sentiment) -> float:
    weights = {each: math.exp(_STEEPNESS * min(amount, 12.0)) for each, amount in strength.items()}
    return round(weights[value] / sum(weights.values()), 3)
