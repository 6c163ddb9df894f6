"""
The timeline of a case: events, their identity, their order, and what makes two reports of one event the same.

Order of arrival means nothing (R1): the key names the event, `order` sorts
the timeline, and `join` merges two reports of one event the same way round
whichever came first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.domain.labels import Labels
from chalicelib.domain.refinement import joined as joined_labels

US = "earshot"  # the "platform" of what we did ourselves
NOTHING: Mapping[str, str] = MappingProxyType({})


class EventKind(StrEnum):
    """What a case's timeline is made of. The first six come from platforms, the rest from us and our agents."""

    MENTION = "mention"
    ANSWER = "answer"
    EDIT = "edit"
    DELETE = "delete"
    HIDE = "hide"
    UNHIDE = "unhide"

    NOTE = "note"  # private: never stops a clock
    ASSIGN = "assign"
    WAIT = "wait"  # to waiting_customer
    HOLD = "hold"  # to on_hold_internal
    OPEN = "open"  # back to open from waiting or hold
    RESOLVE = "resolve"
    REOPEN = "reopen"  # withdraws the last resolve (R8)
    SPAM = "spam"
    RESTORE = "restore"  # withdraws the spam mark (R11)
    PRIORITY = "priority"
    TIER = "tier"  # the customer's tier is another from now on, `detail["to"]`, empty for none (R9)
    MERGE = "merge"  # an agent says that another case, `detail["from"]`, is part of this one (R10)
    POLICY = "policy"  # another version of the policy book came into force for this case (R9)

    REPLY = "reply"  # an answer was put in the outbox
    REPLY_FAILED = "reply_failed"  # the platform will not take it
    TAKE_BACK = "take_back"  # an answer in the outbox, `detail["reply_id"]`, is not wanted any more

    WARNED = "warned"
    PAGED = "paged"
    NOTICE = "notice"  # "it is over" went to those who were paged
    PAGE_DROPPED = "page_dropped"  # a warning or page above never went out: there was no need any more
    PAGE_FAILED = "page_failed"  # a page above could not be delivered: the next step takes its place
    WINDOW_TOLD = "window_told"  # the team heard that the platform's reply window closes
    ACKNOWLEDGED = "acknowledged"  # somebody who was paged is on it
    FAULT = "fault"  # a clock cannot be reckoned: its calendar or its version of the policies is of no use


# In one second: what the customer wrote, what the brand wrote, other facts, then what agents did, then our own pages.
_RANK = {
    EventKind.MENTION: 0,
    EventKind.ANSWER: 1,
    EventKind.EDIT: 2,
    EventKind.DELETE: 3,
    EventKind.HIDE: 4,
    EventKind.UNHIDE: 4,
    EventKind.REPLY: 5,
    EventKind.TAKE_BACK: 7,
    EventKind.REPLY_FAILED: 7,  # after a resolve that was given with the reply: that one must not take effect
    EventKind.WARNED: 7,
    EventKind.PAGED: 7,
    EventKind.NOTICE: 7,
    EventKind.FAULT: 7,
    EventKind.PAGE_DROPPED: 8,  # after the page that it takes back
    EventKind.PAGE_FAILED: 8,
    EventKind.WINDOW_TOLD: 8,
    EventKind.ACKNOWLEDGED: 9,  # of what has been said by then
}
_ACTION_RANK = 6
_CONVERSATION = {EventKind.MENTION, EventKind.ANSWER}

Order = tuple[datetime, int, int, int, int, str]


def event_key(platform: str, native_id: str, kind: EventKind) -> str:
    """What names an event: one for each kind of thing that happens to a platform's message, or that we do."""
    return f"{platform}|{native_id}|{kind}"


def mention_key(platform: str, message_id: str) -> str:
    """The event of a customer's message."""
    return event_key(platform, message_id, EventKind.MENTION)


def message_of(key: str) -> str:
    """The platform's id of the message, out of an event's key or an id that begins with one."""
    return key.split("|")[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """
    One entry of a timeline.

    `at` is the effective time (R1), aware UTC, whole seconds. `native_id` is
    the platform's id of the message concerned, or our own id of an action.
    `book` is the version of the policy book in force when the event was first
    stored: a replay years later still knows which promise was made.
    `detail` holds small values of our own making. `origin` names the case in
    which it happened, when an agent has joined that with this one.
    """

    kind: EventKind
    platform: str
    native_id: str
    at: datetime
    received_at: datetime
    fact: Fact | None = None
    labels: Labels | None = None
    book: int = 0
    actor: str | None = None
    text: str | None = None
    detail: Mapping[str, str] = field(default_factory=dict)
    origin: str | None = None

    @property
    def key(self) -> str:
        """Platform, native id and kind: never the text, the time or the channel it came by."""
        version = f".{self.fact.version}" if self.fact and self.kind is EventKind.EDIT and self.fact.version else ""
        return event_key(self.platform, self.native_id, self.kind) + version

    @property
    def order(self) -> Order:
        """
        Where it stands in the timeline.

        Inside one second a platform whose ids are numbers has told us the
        order itself; elsewhere a customer's message stands before the answer
        (ADR 5).
        """
        if self.kind in _CONVERSATION and self.native_id.isdecimal():
            return (self.at, 0, 0, int(self.native_id), _RANK[self.kind], self.native_id)
        rank = _RANK.get(self.kind, _ACTION_RANK)
        return (self.at, 0 if self.kind in _CONVERSATION else 1, 1, rank, 0, self.key)

    @property
    def is_customers(self) -> bool:
        return self.kind is EventKind.MENTION


def whole_second(moment: datetime) -> datetime:
    """All instants of a timeline are kept to the second (R1)."""
    return moment.replace(microsecond=0)


def from_fact(fact: Fact, *, labels: Labels | None = None, book: int = 0) -> Event:
    """The timeline's entry for what a platform told us."""
    return Event(
        kind=EventKind(fact.kind.value),
        platform=fact.platform,
        native_id=fact.message_id,
        at=whole_second(fact.effective_at),
        received_at=whole_second(fact.received_at),
        fact=fact,
        labels=labels,
        book=book,
    )


def action(
    kind: EventKind,
    *,
    action_id: str,
    at: datetime,
    actor: str,
    text: str | None = None,
    detail: Mapping[str, str] = NOTHING,
    book: int = 0,
) -> Event:
    """The timeline's entry for what an agent, or Earshot itself, did. `action_id` makes a repeat the same event."""
    moment = whole_second(at)
    return Event(
        kind=kind,
        platform=US,
        native_id=action_id,
        at=moment,
        received_at=moment,
        actor=actor,
        text=text,
        detail=dict(detail),
        book=book,
    )


def in_order(events: Iterable[Event]) -> list[Event]:
    """The timeline."""
    return sorted(events, key=lambda event: event.order)


# --- two reports of one event --------------------------------------------------------------------------------


def join(one: Event, other: Event) -> Event:
    """
    One event out of two reports of it; commutative, associative and idempotent.

    Earliest arrival, the original's longest text with its labels, known over
    unknown. Raises ValueError for events of different keys.
    """
    if one.key != other.key:
        raise ValueError(f"{one.key} is not {other.key}")
    if one.fact is None or other.fact is None:
        return min(one, other, key=lambda event: (event.at, repr(event)))
    fact = _join_facts(one.fact, other.fact)
    joined = from_fact(fact, labels=_join_labels(one, other), book=min(one.book, other.book))
    actor = _known(one.actor, other.actor)
    origin = _known(one.origin, other.origin)
    return replace(joined, actor=actor, detail=_merged_details(one.detail, other.detail), origin=origin)


def _merged_details(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """Both mappings; where they differ, the smaller value."""
    return {key: min(m[key] for m in (one, other) if key in m) for key in one.keys() | other.keys()}


def _join_labels(one: Event, other: Event) -> Labels | None:
    """Labels belong to the text that they judge; two judgements on one text become one."""
    assert one.fact is not None and other.fact is not None  # noqa: S101, PT018  join() looked
    rank, others = _text_rank(one.fact), _text_rank(other.fact)
    if rank != others:
        return one.labels if rank > others else other.labels
    if one.labels is None or other.labels is None:
        return one.labels or other.labels
    return joined_labels(one.labels, other.labels)


def _text_rank(fact: Fact) -> tuple[Any, ...]:
    """Of two reports, whose text stands: the newest edit's, the original's; then a whole one, a long one."""
    age = (fact.occurred_at or fact.received_at) if fact.kind is FactKind.EDIT else -fact.version
    return (age, _is_whole(fact), len(fact.text or ""), fact.text or "", not fact.cut)


def _is_whole(fact: Fact) -> bool:
    return bool(fact.text) and not fact.cut


_EARLIEST = {"received_at", "version"}
_LARGEST = {"likes", "shares"}


def _join_facts(one: Fact, other: Fact) -> Fact:
    """Field by field; the text goes with what else describes that text."""
    texts = max((one, other), key=_text_rank)
    values: dict[str, Any] = {}
    for f in fields(Fact):
        a, b = getattr(one, f.name), getattr(other, f.name)
        values[f.name] = a if a == b else _pick(f.name, a, b)
    values["text"] = texts.text if texts.text is not None else _known(one.text, other.text)
    values["occurred_at"] = _occurred(one, other)
    values |= _heard(one, other)
    values["cut"] = texts.cut
    values["author"] = _join_authors(one.author, other.author)
    values["alias_ids"] = tuple(sorted({*one.alias_ids, *other.alias_ids}))
    values["counted_at"] = _counted(one, other)
    return Fact(**values)


def _heard(one: Fact, other: Fact) -> dict[str, Any]:
    """One channel with its own account: an answer goes out by both."""
    channel, account_id = min((fact.channel, fact.account_id) for fact in (one, other))
    reports = [fact for fact in (one, other) if (fact.channel, fact.account_id) == (channel, account_id)]
    return {"channel": channel, "account_id": account_id, "own_account": any(fact.own_account for fact in reports)}


def _counted(one: Fact, other: Fact) -> datetime | None:
    """The last time likes and shares were counted: those who came until then must not seem to have come at once."""
    counts = [fact.counted_at or fact.received_at for fact in (one, other) if fact.reactions is not None]
    last = max(counts, default=None)
    return None if last == min(one.received_at, other.received_at) else last


def _occurred(one: Fact, other: Fact) -> datetime | None:
    known = [fact.occurred_at for fact in (one, other) if fact.occurred_at is not None]
    if not known:
        return None
    return max(known) if one.kind is FactKind.EDIT else min(known)


def _pick(name: str, a: Any, b: Any) -> Any:
    if a is None or b is None:
        return b if a is None else a
    if name in _EARLIEST:
        return min(a, b)
    if name in _LARGEST:
        return max(a, b)
    return _known(a, b)


def _known(a: Any, b: Any) -> Any:
    """The one that is known; of two, the one that says more, then the later in the alphabet: the same either way."""
    if a is None or b is None:
        return b if a is None else a
    return max(a, b, key=lambda value: (len(value) if isinstance(value, str | tuple) else 0, repr(value)))


def _join_authors(one: Author | None, other: Author | None) -> Author | None:
    if one is None or other is None:
        return one or other
    if one.id != other.id:  # two accounts for one message cannot be; keep one of them, the same either way
        return min(one, other, key=lambda author: author.id)
    return Author(
        id=one.id,
        handle=_known(one.handle, other.handle),
        name=_known(one.name, other.name),
        followers=_pick("likes", one.followers, other.followers),
        verified=_known(one.verified, other.verified),
    )
