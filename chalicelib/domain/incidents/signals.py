"""
What is kept of one mention so that many can be compared: no text, and nothing that names its author.

The words among it are a stranger's all the same; they go with the text when
the author deletes it, and after two days in any case.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from chalicelib.domain.events import Event
from chalicelib.domain.incidents import words
from chalicelib.domain.labels import Labels, Noise, Sentiment, Urgency, Verdict

_HASH_DIGITS: Final = 12

TERM, ASPECT, CHANNEL, THREAD, ALIKE = "term", "aspect", "channel", "thread", "alike"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """
    One mention of a customer.

    `key` is that of its event, `at` when it was written (aware UTC). `who` and
    `thread` are hashes: they tell people and conversations apart and name
    nobody. `aspects` are those that are complained about, `topics` are
    "place:…" and "product:…" of the brand's vocabulary. `reach` is how many
    follow the author, None where the platform does not say.
    """

    key: str
    at: datetime
    case_id: str
    channel: str
    who: str
    thread: str
    sentiment: Sentiment = Sentiment.NEUTRAL
    complains: bool = False
    urgency: Urgency = Urgency.NORMAL
    reach: int | None = None
    private: bool = False
    aspects: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    sketch: str = ""

    @property
    def is_negative(self) -> bool:
        return self.complains or self.sentiment is Sentiment.NEGATIVE

    @property
    def features(self) -> Iterator[str]:
        """All that it may have in common with others, each as "kind:value"."""
        yield from (f"{TERM}:{term}" for term in self.terms)
        yield from (f"{ASPECT}:{aspect}" for aspect in self.aspects)
        yield from self.topics
        if self.is_negative:
            yield f"{CHANNEL}:{self.channel}"
        yield f"{THREAD}:{self.thread}"
        yield from (f"{ALIKE}:{place}:{band}" for place, band in enumerate(words.bands(self.sketch)))


def signal_of(event: Event, case_id: str) -> Signal | None:
    """None for what is no mention of a customer, for noise, and for a text that its author deleted."""
    fact, labels = event.fact, event.labels
    if not event.is_customers or fact is None or labels is None or labels.noise.value is Noise.NOISE:
        return None
    if fact.text is None and fact.rating is None:
        return None
    text = fact.text or ""
    return Signal(
        key=event.key,
        at=event.at,
        case_id=case_id,
        channel=fact.channel,
        who=who_of(fact.platform, fact.author.id if fact.author else fact.message_id),
        thread=_hash(fact.platform, fact.thread_id or fact.parent_id or fact.message_id),
        sentiment=labels.sentiment.value,
        complains=labels.complaint.value is Verdict.YES,
        urgency=labels.urgency.value,
        reach=fact.author.followers if fact.author and not fact.private else None,
        private=fact.private,
        aspects=complained_of(labels),
        topics=tuple(f"{topic.kind}:{topic.name}" for topic in labels.topics),
        terms=words.terms(text),
        sketch=words.signature(text),
    )


def complained_of(labels: Labels) -> tuple[str, ...]:
    """The aspects with a bad word for them."""
    return tuple(one.name.value for one in labels.aspects if one.sentiment.value is Sentiment.NEGATIVE)


def who_of(platform: str, author_id: str) -> str:
    """What tells the author from others; a message's id for one whom the platform did not name."""
    return _hash(platform, author_id)


def _hash(*parts: str) -> str:
    return sha256("|".join(parts).encode()).hexdigest()[:_HASH_DIGITS]


def kind_of(feature: str) -> str:
    return feature.partition(":")[0]


def value_of(feature: str) -> str:
    return feature.partition(":")[2]
