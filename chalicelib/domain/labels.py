"""
What was understood about a mention, and the words that made it so.

Every classifier, whatever its engine, answers with `Labels`. They are stored
with their event and never recomputed, so reading must outlive the writer:
`from_plain` accepts what an older or a newer version stored.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar


class Sentiment(StrEnum):
    """The author's attitude to the brand, product or situation, as written."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Reason(StrEnum):
    """The one main reason for writing."""

    ASSISTANCE = "assistance"  # wants an answer or an action
    PRAISE = "praise"
    VENT = "vent"  # displeased, and asks for nothing
    SHARE = "share"  # information or experience, no demand
    SPREAD = "spread"  # speaks to other customers: recommends, warns, passes on
    NONE = "none"  # no care purpose


class Urgency(StrEnum):
    """How soon a person must look. Compare by `rank`: the values themselves sort as text."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low to 3 for critical."""
        return tuple(Urgency).index(self)


class Noise(StrEnum):
    """Whether care has anything to do with it at all."""

    SIGNAL = "signal"
    NOISE = "noise"  # spam, job bots, giveaways


class Verdict(StrEnum):
    """An answer to a yes-or-no question; UNSURE goes to a person."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


UNDETERMINED: Final = "und"  # BCP 47 for "no language could be told"

V_co = TypeVar("V_co", bound=str, covariant=True)


@dataclass(frozen=True, slots=True)
class Label(Generic[V_co]):
    """
    One judgement. `score` is the confidence in `value`, 0 to 1.

    `words` are pieces of the mention exactly as they stand in it, strongest
    evidence first; empty when the value is a default or stems from something
    other than text, such as stars.
    """

    value: V_co
    score: float
    words: tuple[str, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """A value that JSON can hold."""
        return {"value": str(self.value), "score": self.score, "words": list(self.words)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """
    All judgements about one text.

    `language` holds a BCP 47 primary tag or "und". `engine` names the
    classifier and its version, so that scores of different engines are never
    compared unknowingly.
    """

    sentiment: Label[Sentiment]
    reason: Label[Reason]
    urgency: Label[Urgency]
    language: Label[str]
    noise: Label[Noise]
    needs_reply: Label[Verdict]
    complaint: Label[Verdict]
    engine: str

    def to_plain(self) -> dict[str, Any]:
        """A dict that JSON can hold; `from_plain` reads it back to an equal value."""
        return {"engine": self.engine} | {name: getattr(self, name).to_plain() for name in _LABELS}

    def without_words(self) -> "Labels":
        """The judgements without a word of the text: for a text that its author deleted."""
        return replace(self, **{name: replace(getattr(self, name), words=()) for name in _LABELS})

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Labels":
        """Never raises on a dict: a missing, broken or unknown value becomes the one that claims least, score 0."""
        engine = plain.get("engine")
        return cls(
            sentiment=_read(plain.get("sentiment"), Sentiment, Sentiment.NEUTRAL),
            reason=_read(plain.get("reason"), Reason, Reason.NONE),
            urgency=_read(plain.get("urgency"), Urgency, Urgency.NORMAL),
            language=_read(plain.get("language"), _language_tag, UNDETERMINED),
            noise=_read(plain.get("noise"), Noise, Noise.SIGNAL),
            needs_reply=_read(plain.get("needs_reply"), Verdict, Verdict.UNSURE),
            complaint=_read(plain.get("complaint"), Verdict, Verdict.UNSURE),
            engine=engine if isinstance(engine, str) else "unknown",
        )


_LABELS: Final = ("sentiment", "reason", "urgency", "language", "noise", "needs_reply", "complaint")

V = TypeVar("V", bound=str)


def _read(raw: object, known: Callable[[Any], V], default: V) -> Label[V]:
    if not isinstance(raw, Mapping):
        return Label(default, 0.0)
    try:
        value = known(raw.get("value"))
    except ValueError:
        return Label(default, 0.0)
    return Label(value, _score(raw.get("score")), _words(raw.get("words")))


def _language_tag(value: object) -> str:
    if isinstance(value, str) and value:
        return value
    raise ValueError("not a language tag")


def _score(raw: object) -> float:
    # Decimal: what DynamoDB gives back for a number.
    if not isinstance(raw, int | float | Decimal) or not math.isfinite(raw):
        return 0.0
    return min(max(float(raw), 0.0), 1.0)


def _words(raw: object) -> tuple[str, ...]:
    return tuple(word for word in raw if isinstance(word, str)) if isinstance(raw, list | tuple) else ()


UNLABELLED: Final = Labels.from_plain({"engine": "none"})
