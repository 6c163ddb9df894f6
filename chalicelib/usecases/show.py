"""
What people are shown of cases: the list, and one case with its timeline.

The views are flat and hold words as well as values, so that the API, the
command line and a page show the same. Nothing here changes anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from chalicelib.domain.case.state import CaseState, Waiter, allowed_actions
from chalicelib.domain.case.status import CaseStatus
from chalicelib.domain.clock import METRIC_WORDS, Clock
from chalicelib.domain.events import US, Event, EventKind, in_order, message_of
from chalicelib.domain.facts import Author, Fact
from chalicelib.domain.in_words import due_in_words, sentence, span
from chalicelib.ports.cases import CaseStore, CaseSummary, ReplyItem
from chalicelib.usecases.cases.answer_outcome import aftermath_of
from chalicelib.usecases.cases.case_views import (
    AfterView,
    CustomerView,
    OtherCase,
    ScoreView,
    acquaintance,
    after_view,
    change_view,
    customer_view,
    others_of,
    reasons,
    score_view,
)
from chalicelib.usecases.cases.customer_context import customer_of
from chalicelib.usecases.cases.moving import followed

CASE_ID_PATTERN = r"c[0-9a-f]{15}"
# Of a timeline at once. A Lambda gives 6 MB, and a character can take 14 bytes of it: two of \uXXXX, each escaped.
MOST_ENTRIES = 200
MOST_CHARS = 250_000
MOST_CLOCKS = 100  # a case that goes to and fro for years has one for each message
MOST_OTHERS = 5
_WRITTEN = (EventKind.MENTION, EventKind.ANSWER, EventKind.EDIT)

STATUS_WORDS = {
    CaseStatus.NEW: "New, nobody has acted yet.",
    CaseStatus.OPEN: "Open.",
    CaseStatus.WAITING_CUSTOMER: "Waiting for the customer.",
    CaseStatus.ON_HOLD_INTERNAL: "On hold, waiting for somebody of ours.",
    CaseStatus.RESOLVED: "Resolved.",
    CaseStatus.SPAM: "Marked as spam.",
}
EVENT_WORDS = {
    EventKind.MENTION: "wrote",
    EventKind.ANSWER: "answered",
    EventKind.EDIT: "changed the text",
    EventKind.DELETE: "deleted a message",
    EventKind.HIDE: "hid a message",
    EventKind.UNHIDE: "showed a hidden message again",
    EventKind.NOTE: "noted",
    EventKind.WAIT: "waits for the customer",
    EventKind.HOLD: "put it on hold",
    EventKind.OPEN: "took it up again",
    EventKind.RESOLVE: "resolved it",
    EventKind.REOPEN: "reopened it",
    EventKind.SPAM: "marked it as spam",
    EventKind.RESTORE: "took the spam mark back",
    EventKind.REPLY: "asked to answer",
    EventKind.REPLY_FAILED: "could not send the answer",
    EventKind.TAKE_BACK: "took the answer back before it went out",
    EventKind.WARNED: "warned that the promise breaks soon",
    EventKind.ACKNOWLEDGED: "is on it",
}

_SAID = {
    EventKind.PAGED: "paged",
    EventKind.NOTICE: "said that it is over to",
    EventKind.PAGE_FAILED: "could not deliver the page to",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockView:
    """
    One promise. `is_overdue` is true while it runs past its due time.

    `due_at` is None while it is paused in time; `business_s` is the time it took in
    open hours, None while it runs.
    """

    metric: str
    name: str
    outcome: str
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    breached_at: datetime | None
    is_overdue: bool
    is_paused: bool
    target_s: int
    business_s: int | None
    policy_id: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A page that somebody shared: its address, and its title, as the platform tells them."""

    url: str | None
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """
    One line of the timeline.

    `text` is None where there is none, and where its author deleted it:
    `is_deleted` tells which. `is_cut` says that only its beginning is here.
    `message_id` is the platform's. `links` are pages that somebody shared.
    """

    at: datetime
    kind: str
    who: str
    what: str
    text: str | None
    is_deleted: bool
    is_private: bool
    message_id: str | None
    permalink: str | None
    media: tuple[str, ...]
    is_cut: bool = False
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxView:
    """
    An answer on its way.

    `failure` is what the last try said, None before one. `may_be_taken_back`
    is false once it may be on the platform.
    """

    reply_id: str
    status: str
    text: str
    actor: str
    asked_at: datetime
    attempts: int
    failure: str | None
    may_be_taken_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiterView:
    """Somebody who waits for an answer, since when, and the id of the message that nobody has answered."""

    name: str
    since: datetime
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """
    Everything about one case.

    `alias_of` is the case that was asked for, when this one took it over.
    `words` says in sentences how the case stands. `unjudged` says that what
    the customer wrote last has no labels yet.

    A timeline that is too long for one answer comes in slices, the newest
    first. `left_out` counts the entries before this slice, and is what to ask
    for the slice that ends there; `newer` counts those behind it.
    `clocks_left_out` counts the oldest promises that are not shown.
    """

    case_id: str
    alias_of: str | None
    platform: str
    channel: str
    is_private: bool
    thread_id: str
    author: Author | None
    status: str
    words: tuple[str, ...]
    priority: str
    is_priority_set: bool
    why: tuple[str, ...]
    sentiment: str | None
    reason: str | None
    unjudged: bool
    language: str | None
    assignee: str | None
    opened_at: datetime | None
    waiting_since: datetime | None
    waiters: tuple[WaiterView, ...]
    answered_at: datetime | None
    resolved_at: datetime | None
    is_resolve_pending: bool
    failure: str | None
    allowed_actions: tuple[str, ...]
    clocks: tuple[ClockView, ...]
    outbox: tuple[OutboxView, ...]
    clocks_left_out: int
    timeline: tuple[TimelineEntry, ...]
    left_out: int
    newer: int
    others: tuple[OtherCase, ...]
    customer: CustomerView
    score: ScoreView | None
    after: AfterView | None


def show_list(*, store: CaseStore, now: datetime, closed: bool = False, limit: int = 50) -> tuple[CaseSummary, ...]:
    """
    Open or closed cases: who waits for us first, the most pressing first. May lag a moment.

    `reasons` then also say how long they have waited and what breaks when.
    """
    return tuple(replace(case, reasons=reasons(case, now)) for case in store.list(closed=closed, limit=limit))


def show(case_id: str, *, store: CaseStore, now: datetime, first: int | None = None) -> CaseView:
    """
    The case, or the one that took it over, with the newest slice of its timeline.

    `first` asks for an older one: of the first so many entries, the newest.
    Raises `joining.UnknownCase`.
    """
    case, _ = followed(case_id, store)
    state = case.state
    events, known = store.events(case.case_id), acquaintance(case, store)
    entries, replies = _timeline(events, state), _replies(state, store)
    end = len(entries) if first is None else min(first, len(entries))
    begin = _begin(entries, end)
    clocks = sorted((*state.running, *store.ended_clocks(case.case_id)), key=lambda c: (c.started_at, c.id))
    return CaseView(
        case_id=case.case_id,
        alias_of=case_id if case_id != case.case_id else None,
        platform=case.platform,
        channel=state.channel,
        is_private=state.private,
        thread_id=case.thread_id,
        author=state.author,
        status=state.status.value,
        words=(*in_words(state, now, replies), *_withdrawn(entries, state)),
        priority=state.effective_priority.value,
        is_priority_set=state.priority is not None,
        why=state.words,
        sentiment=state.sentiment,
        reason=state.reason,
        unjudged=state.unjudged,
        language=state.language,
        assignee=state.assignee,
        opened_at=state.opened_at,
        waiting_since=state.waiting_since,
        waiters=tuple(_waiter(waiter) for waiter in state.waiters),
        answered_at=state.answered_at,
        resolved_at=state.resolved_at,
        is_resolve_pending=state.resolve_pending,
        failure=state.failure,
        allowed_actions=actions(state),
        clocks=tuple(_clock(clock, now) for clock in clocks[-MOST_CLOCKS:]),
        clocks_left_out=max(0, len(clocks) - MOST_CLOCKS),
        outbox=tuple(_outbox(reply) for reply in replies),
        timeline=tuple(entries[begin:end]),
        left_out=begin,
        newer=len(entries) - end,
        others=tuple(others_of(known, MOST_OTHERS)),
        customer=customer_view(case, known, now),
        score=score_view(state, store.weights, now),
        after=after_view(aftermath_of(case, events, store, others=known.others), now),
    )


def show_customer(case_id: str, *, store: CaseStore, now: datetime) -> CustomerView:
    """The customer of a case, with every change of what is recorded of them. Raises `joining.UnknownCase`."""
    case, _ = followed(case_id, store)
    known, customer = acquaintance(case, store), customer_of(case)
    changes = store.changes(customer) if customer else ()
    return replace(customer_view(case, known, now), changes=tuple(change_view(change) for change in reversed(changes)))


def actions(state: CaseState) -> tuple[str, ...]:
    """What may be done now, by name."""
    return tuple(sorted(kind.value for kind in allowed_actions(state)))


def _clock(clock: Clock, now: datetime) -> ClockView:
    return ClockView(
        metric=clock.metric.value,
        name=METRIC_WORDS[clock.metric],
        outcome=clock.outcome.value,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        breached_at=clock.breached_at,
        is_overdue=clock.is_running and clock.is_past(now),
        is_paused=clock.paused_since is not None,
        target_s=clock.target_s,
        business_s=clock.business_s,
        policy_id=clock.policy_id,
        reason=clock.reason,
    )


def _replies(state: CaseState, store: CaseStore) -> tuple[ReplyItem, ...]:
    """The answers on their way, in the order in which they leave."""
    found = (store.reply(reply_id) for reply_id in state.outbox)
    return tuple(reply for reply in found if reply is not None)


def _waiter(waiter: Waiter) -> WaiterView:
    return WaiterView(name=waiter.name or "somebody", since=waiter.since, message_id=message_of(waiter.key))


def _outbox(reply: ReplyItem) -> OutboxView:
    return OutboxView(
        reply_id=reply.reply_id,
        status=reply.status.value,
        text=reply.text,
        actor=reply.actor,
        asked_at=reply.asked_at,
        attempts=reply.attempts,
        failure=reply.failure,
        may_be_taken_back=not reply.may_be_posted,
    )


def as_plain(value: Any) -> Any:
    """A view as JSON holds it: every field, also those without a value; instants as ISO text in UTC."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {key: as_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [as_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.value if isinstance(value, Enum) else value


# --- the timeline -----------------------------------------------------------------------------------------------


def _timeline(events: Sequence[Event], state: CaseState) -> list[TimelineEntry]:
    deleted = {(event.platform, event.native_id) for event in events if event.kind is EventKind.DELETE}
    unsent: set[str] = set()
    entries = []
    for event in in_order(events):
        is_deleted = event.kind in _WRITTEN and (event.platform, event.native_id) in deleted
        entry = _entry(event, state, is_deleted=is_deleted)
        if event.kind is EventKind.REPLY:
            unsent.add(event.detail["reply_id"])
        elif "reply_id" in event.detail:
            unsent.discard(event.detail["reply_id"])
        if event.kind is EventKind.RESOLVE and unsent - state.settled:
            entry = replace(entry, what="asked to resolve it when the answer is out")
        entries.append(entry)
    return entries


def _begin(entries: Sequence[TimelineEntry], end: int) -> int:
    """Where the slice begins that ends at `end`: as much as fits into one answer, and one entry in any case."""
    begin, chars = end, 0
    while begin and end - begin < MOST_ENTRIES:
        chars += _chars(entries[begin - 1])
        if chars > MOST_CHARS and begin < end:
            break
        begin -= 1
    return begin


def _chars(entry: TimelineEntry) -> int:
    shared = sum(len(part or "") for link in entry.links for part in (link.url, link.title))
    return sum(len(part or "") for part in (entry.text, entry.who, entry.what, entry.permalink, *entry.media)) + shared


def _entry(event: Event, state: CaseState, *, is_deleted: bool) -> TimelineEntry:
    fact = event.fact
    entry = TimelineEntry(
        at=event.at,
        kind=event.kind.value,
        who=_who(event, state),
        what=_what(event),
        text=event.text,
        is_deleted=is_deleted,
        is_private=event.detail.get("private") == "yes",
        message_id=event.detail.get("message_id"),
        permalink=None,
        media=(),
    )
    if fact is None:
        return entry
    return replace(
        entry,
        text=None if is_deleted else fact.text,
        is_private=fact.private,
        message_id=fact.message_id,
        permalink=None if is_deleted else fact.permalink,
        media=() if is_deleted else tuple(media.kind for media in fact.media),
        is_cut=fact.cut and not is_deleted,
        links=() if is_deleted else _links(fact),
    )


def _links(fact: Fact) -> tuple[Link, ...]:
    shared = (media for media in fact.media if media.title or (media.kind == "link" and media.url))
    return tuple(Link(url=media.url, title=media.title) for media in shared)


def _who(event: Event, state: CaseState) -> str:
    if event.fact is None:
        return event.actor or US
    if event.kind is EventKind.MENTION:
        return name_of(event.fact.author) or "somebody"
    if event.kind is EventKind.ANSWER:
        return event.actor or "the brand"
    if event.kind in (EventKind.EDIT, EventKind.DELETE):
        return name_of(event.fact.author) or name_of(state.author) or "somebody"
    return "the brand"


def _reason(word: str) -> str:
    return word.replace("_", " ")


def name_of(author: Author | None) -> str:
    """What to call an author; empty when the platform withheld who it is."""
    return author.called if author else ""


def _what(event: Event) -> str:
    """What was done; by us, also in which case that was, if not in this one."""
    if event.kind is EventKind.MERGE:
        return f"joined case {event.detail.get('from', '?')} to {event.origin or 'this one'}"
    return _deed(event) + (f" (case {event.origin})" if event.origin and event.fact is None else "")


def _deed(event: Event) -> str:  # noqa: PLR0911  one line for each kind of event
    detail = event.detail
    match event.kind:
        case EventKind.ASSIGN:
            return f"gave it to {detail['to']}" if detail.get("to") else "took it from everyone"
        case EventKind.PRIORITY:
            return f"set the priority to {detail['to']}"
        case EventKind.TIER:
            return f"set the customer's tier to {detail['to'] or 'none'}"
        case EventKind.POLICY:
            return f"changed the hours of the promises (version {detail.get('version', event.book)})"
        case EventKind.FAULT:
            return f"stopped watching a promise that nobody can reckon with ({_reason(detail.get('reason', ''))})"
        case EventKind.PAGED | EventKind.NOTICE | EventKind.PAGE_FAILED:
            return f"{_SAID[event.kind]} {detail.get('group', 'people')}"
    return EVENT_WORDS.get(event.kind, event.kind.value.replace("_", " "))


def _withdrawn(entries: Sequence[TimelineEntry], state: CaseState) -> Iterator[str]:
    """That the brand took its newest answer off the platform: the promise stays kept, and a person looks (ADR 29)."""
    answers = [entry for entry in entries if entry.kind == EventKind.ANSWER.value]
    if answers and answers[-1].is_deleted and state.waiting_since is None and not state.is_closed:
        yield "Our newest answer was deleted on the platform: look whether the customer waits again."


# --- how a case stands, in sentences ----------------------------------------------------------------------------


def in_words(state: CaseState, now: datetime, replies: Sequence[ReplyItem] = ()) -> Iterator[str]:
    """The status, who waits how long, what breaks when, and which of the `replies` are on their way."""
    yield STATUS_WORDS[state.status]
    if state.unjudged:
        yield "What the customer wrote last is not judged yet: read it."
    if len(state.people) > 1 and state.waiters and not state.is_closed:
        waiting = (f"{waiter.name or 'Somebody'} has waited {span(now - waiter.since)}" for waiter in state.waiters)
        yield f"{len(state.people)} people wrote. {', '.join(waiting)}."
    elif state.waiting_since and not state.is_closed:
        yield f"The customer has waited {span(now - state.waiting_since)}."
    elif state.answered_at and not state.is_closed:
        yield f"Answered {span(now - state.answered_at)} ago."
    counting = (clock for clock in state.running if clock.due_at and clock.paused_since is None)
    due = min(counting, key=lambda c: (c.due_at, c.id), default=None)
    if due is not None:
        yield f"The {METRIC_WORDS[due.metric]} is {due_in_words(due.due_at, now)}."
    yield from _alerts_in_words(state, now)
    yield from _outbox_in_words(state, replies)
    if state.failure:
        yield f"The last answer did not go out: {state.failure}"


def _outbox_in_words(state: CaseState, replies: Sequence[ReplyItem]) -> Iterator[str]:
    """Answers leave in order: the first of them says why the others wait."""
    if not state.outbox:
        return
    several = f"{len(state.outbox)} answers are" if len(state.outbox) > 1 else "An answer is"
    stuck = replies[0].failure if replies else None
    if stuck:
        yield f"{several} stuck: {stuck}"
        yield from ["The case stays open until that has gone out."] if state.resolve_pending else []
        return
    way = f"{several} on {'their' if len(state.outbox) > 1 else 'its'} way."
    yield f"{way} Then it is resolved." if state.resolve_pending else way


def _alerts_in_words(state: CaseState, now: datetime) -> Iterator[str]:
    """Who is on it, and whether anybody is left to be called."""
    for alert in state.alerts:
        given = alert.acknowledgement
        if given and alert.is_quiet(now):
            yield f"{sentence(given.by)} is on it for another {span(given.until - now)}."
        if alert.is_exhausted and any(clock.id == alert.clock_id for clock in state.running):
            yield "Everybody on the ladder has been paged; nobody else will be."
