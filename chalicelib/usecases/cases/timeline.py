"""
Adding events to a case: the one place where case state comes from.

Everything that changes a case (facts, agents' actions, pages, receipts) goes
through `commit_for`, so that an event that is stored is in the state.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from chalicelib.domain import watch
from chalicelib.domain.case.fold import apply, goes_last, replay
from chalicelib.domain.case.state import CaseState
from chalicelib.domain.case.turn import PastNeeded
from chalicelib.domain.clock import Books, Clock
from chalicelib.domain.events import Event, EventKind, in_order, join, mention_key
from chalicelib.ports.cases import CaseRecord, CaseStore, Commit, Conflict
from chalicelib.ports.policies import Promises
from chalicelib.ports.waiting import Backoff

MOST_TRIES = 12
T = TypeVar("T")


class Overtaken(Exception):
    """Others kept changing the same records. Nothing is lost: the message comes again."""


def retrying(step: Callable[[], T], backoff: Backoff) -> T:
    """Run a step that reads, decides and commits, until its commit is not overtaken. Raises Overtaken."""
    for attempt in range(MOST_TRIES):
        try:
            return step()
        except Conflict:
            backoff(attempt)
    raise Overtaken(f"lost the race {MOST_TRIES} times")


def at_the_end(state: CaseState, events: Sequence[Event]) -> tuple[Event, ...]:
    """
    Our own new events, a second later if the first of them would not stand last otherwise.

    Who acts has seen all that is there: two actions in one second keep their
    order, and an action never falls before what it rests on.
    """
    if state.last is None or goes_last(state, events[0]):
        return tuple(events)
    late = state.last[0] + timedelta(seconds=1)
    return tuple(replace(event, at=late, received_at=late) for event in events)


@dataclass(frozen=True, slots=True)
class _Advance:
    """What new events make of a case. `gone` are clocks that ended once and no longer did."""

    state: CaseState
    put: tuple[Event, ...]
    ended: tuple[Clock, ...]
    gone: tuple[str, ...] = ()


def commit_for(
    case: CaseRecord,
    events: Sequence[Event],
    *,
    store: CaseStore,
    promises: Promises,
    now: datetime,
    known: Mapping[str, Event] | None = None,
) -> Commit | None:
    """
    The transaction that adds `events` to `case`; None when they are all in it already and say nothing new.

    `known` holds the stored events of the same keys. The caller adds what
    else must happen with it.
    """
    put = _news(events, known or {})
    if not put:
        return None
    advance = _fold(case, put, promises.books, known or {}) or _replay(case, put, store, promises.books)
    return Commit(
        at=now,
        case=replace(case, state=advance.state, next_at=watch.next_at(advance.state, promises.books)),
        events=advance.put,
        ended_clocks=advance.ended,
        gone_clocks=advance.gone,
    )


def _news(events: Sequence[Event], known: Mapping[str, Event]) -> tuple[Event, ...]:
    """The events as they must be stored: joined with what is known, without those that change nothing."""
    joined: dict[str, Event] = {}
    for event in events:
        before = joined.get(event.key) or known.get(event.key)
        joined[event.key] = join(before, event) if before else event
    return tuple(event for key, event in joined.items() if event != known.get(key))


def _fold(case: CaseRecord, put: tuple[Event, ...], books: Books, known: Mapping[str, Event]) -> _Advance | None:
    """The cheap way, when all of `put` stands at the end of the timeline; None when it does not."""
    state = case.state
    for event in in_order(put):
        before = known.get(event.key)
        if before and _counts_the_same(before, event):
            continue
        if before or not goes_last(state, event) or _is_withdrawn(state, event):
            return None
        try:
            state = apply(state, event, books)
        except PastNeeded:
            return None
    return _Advance(state, put, state.ended)


def _counts_the_same(before: Event, after: Event) -> bool:
    """
    Whether a fuller report of an answer leaves the case as it is.

    The echo of every reply is one: without this, each would cost a replay.
    """
    if before.kind is not EventKind.ANSWER or before.fact is None or after.fact is None:
        return False
    return (before.order, before.detail, before.fact.by_person) == (after.order, after.detail, after.fact.by_person)


def _is_withdrawn(state: CaseState, event: Event) -> bool:
    """Whether it says more of a message that its author has deleted."""
    return event.fact is not None and mention_key(event.platform, event.native_id) in state.withdrawn


def _replay(case: CaseRecord, put: tuple[Event, ...], store: CaseStore, books: Books) -> _Advance:
    """The thorough way: the whole timeline anew, and what differs from what is stored."""
    stored = {event.key: event for event in store.events(case.case_id)} if case.version else {}
    timeline = purged({**stored, **{event.key: event for event in put}})
    state = replay(timeline.values(), books)
    before = {clock.id: clock for clock in store.ended_clocks(case.case_id)} if case.version else {}
    ended = {clock.id: clock for clock in state.ended}
    return _Advance(
        state,
        put=tuple(event for key, event in timeline.items() if event != stored.get(key)),
        ended=tuple(clock for clock_id, clock in ended.items() if clock != before.get(clock_id)),
        gone=tuple(before.keys() - ended.keys()),
    )


def purged(timeline: Mapping[str, Event]) -> dict[str, Event]:
    """The timeline without a word of what its authors deleted (R11)."""
    deleted = {(e.platform, e.native_id) for e in timeline.values() if e.kind is EventKind.DELETE}
    return {
        key: without_content(event) if (event.platform, event.native_id) in deleted else event
        for key, event in timeline.items()
    }


def without_content(event: Event) -> Event:
    """The bare fact that something was written, and by whom."""
    if event.fact is None or event.kind is EventKind.DELETE:
        return event
    bare = replace(event.fact, text=None, media=(), permalink=None)
    return replace(event, fact=bare, labels=event.labels.without_words() if event.labels else None)
