"""
What was understood about a mention, and the words that made it so.

Every classifier, whatever its engine, answers with `Labels`. They are stored
with their event and never recomputed, so reading must outlive the writer:
`from_plain` accepts what an older or a newer version stored.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
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


class AspectName(StrEnum):
    """What part of the experience a sentence is about."""

    STAFF = "staff"  # people, and how they treat others; support
    WAITING = "waiting"  # delays, queues, silence
    PRICE = "price"  # what it costs, charges, refunds
    PRODUCT = "product"  # quality, defects, choice
    APP = "app"  # site, app, network, outages
    DELIVERY = "delivery"  # parcels, luggage, what was lost on the way
    ACCOUNT = "account"  # access, security, identity
    FOOD = "food"
    PLACE = "place"  # rooms, seats, cleanliness, noise, mood
    RULES = "rules"  # terms, information, promises made


class TopicKind(StrEnum):
    """What a name of the brand's own vocabulary stands for."""

    PLACE = "place"
    PRODUCT = "product"


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


@dataclass(frozen=True, slots=True)
class Aspect:
    """One part of the experience with its own polarity: good food and a bad wait stand side by side."""

    name: AspectName
    sentiment: Label[Sentiment]

    def to_plain(self) -> dict[str, Any]:
        """A value that JSON can hold."""
        return {"name": str(self.name), **self.sentiment.to_plain()}


@dataclass(frozen=True, slots=True)
class Topic:
    """A place or product of the brand that the text names; `name` is the vocabulary's, never a stranger's words."""

    kind: TopicKind
    name: str

    def to_plain(self) -> dict[str, Any]:
        """A value that JSON can hold."""
        return {"kind": str(self.kind), "name": self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """
    All judgements about one text.

    `language` holds a BCP 47 primary tag or "und". `engine` names the
    classifier and its version, so that scores of different engines are never
    compared unknowingly. Each aspect and each topic stands once.
    """

    sentiment: Label[Sentiment]
    reason: Label[Reason]
    urgency: Label[Urgency]
    language: Label[str]
    noise: Label[Noise]
    needs_reply: Label[Verdict]
    complaint: Label[Verdict]
    engine: str
    aspects: tuple[Aspect, ...] = ()
    topics: tuple[Topic, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """A dict that JSON can hold; `from_plain` reads it back to an equal value."""
        plain: dict[str, Any] = {"engine": self.engine}
        plain |= {name: getattr(self, name).to_plain() for name in _LABELS}
        lists: dict[str, Sequence[Aspect | Topic]] = {"aspects": self.aspects, "topics": self.topics}
        return plain | {name: [one.to_plain() for one in found] for name, found in lists.items() if found}

    def without_words(self) -> "Labels":
        """The judgements without a word of the text: for a text that its author deleted."""
        bare = {name: replace(getattr(self, name), words=()) for name in _LABELS}
        aspects = tuple(Aspect(one.name, replace(one.sentiment, words=())) for one in self.aspects)
        return replace(self, aspects=aspects, **bare)

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
            aspects=_each(plain.get("aspects"), _aspect),
            topics=_each(plain.get("topics"), _topic),
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


T = TypeVar("T")


def _each(raw: object, read: Callable[[Mapping[str, Any]], T]) -> tuple[T, ...]:
    """Those that can be read; what a later version calls otherwise is left out."""
    found = []
    for one in raw if isinstance(raw, list | tuple) else ():
        with suppress(ValueError, TypeError):
            found.append(read(one if isinstance(one, Mapping) else {}))
    return tuple(dict.fromkeys(found))


def _aspect(raw: Mapping[str, Any]) -> Aspect:
    return Aspect(AspectName(str(raw.get("name"))), _read(raw, Sentiment, Sentiment.NEUTRAL))


def _topic(raw: Mapping[str, Any]) -> Topic:
    name = raw.get("name")
    if not isinstance(name, str) or not name:
        raise ValueError("a topic without a name")
    return Topic(TopicKind(str(raw.get("kind"))), name)


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
