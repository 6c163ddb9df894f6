"""
A case is what its events make of it: `replay` for the whole timeline, `apply` for one more event at its end.

Both end in the same state, which is why the order of arrival never matters
(R1). Some events change what went before (a deletion, a withdrawn resolve):
they need the past, and `apply` asks for it with `PastNeeded` when it was not
given.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chalicelib.domain import clock as clocks
from chalicelib.domain.case.actions import on_assign, on_move, on_priority, on_resolve, on_spam, on_tier
from chalicelib.domain.case.alerts import (
    on_acknowledged,
    on_notice,
    on_page_dropped,
    on_page_failed,
    on_paged,
    on_warned,
    on_window_told,
)
from chalicelib.domain.case.answers import on_answer, on_reply, on_reply_failed, on_take_back
from chalicelib.domain.case.clocks import on_fault, on_policy, settle_pauses
from chalicelib.domain.case.customer import on_edit, on_mention
from chalicelib.domain.case.state import CaseState
from chalicelib.domain.case.status import TAKES_BACK, CaseStatus
from chalicelib.domain.case.turn import Handler, PastNeeded, Turn, nothing, with_waiters
from chalicelib.domain.clock import Books, Clock, Metric
from chalicelib.domain.events import Event, EventKind, in_order, mention_key


def replay(events: Iterable[Event], books: Books) -> CaseState:
    """The state after the whole timeline, in whatever order `events` come."""
    return _replay(in_order(events), books)


def _replay(
    timeline: Sequence[Event], books: Books, *, withdrawn: frozenset[str] = frozenset(), home: str | None = None
) -> CaseState:
    state = CaseState(withdrawn=withdrawn)
    for _, states in follow(timeline, books, withdrawn=withdrawn, home=home):
        state = states[0]
    return state


def goes_last(state: CaseState, event: Event) -> bool:
    """Whether `event` stands at the end of the timeline, so that `apply` may be used."""
    return state.last is None or event.order > state.last


def apply(state: CaseState, event: Event, books: Books) -> CaseState:
    """
    The state after one more event at the end of the timeline.

    Raises PastNeeded when that depends on earlier events, which a state does not hold.
    """
    is_of_before = state.opened_at is not None and not state.people  # when people and pauses were not kept
    if event.origin is not None or state.apart or is_of_before:
        raise PastNeeded(event.key)
    return _applied(state, Turn(event, books))


def _applied(state: CaseState, turn: Turn) -> CaseState:
    event = turn.event
    if event.origin == turn.home or event.kind not in _OF_ONE_CASE:
        handlers = _OF_A_DRAFT if turn.is_draft else _HANDLERS
        state = handlers.get(event.kind, nothing)(state, turn)
    return replace(settle_pauses(state, turn), last=event.order)


def _on_delete(state: CaseState, turn: Turn) -> CaseState:
    """A customer's message leaves the timeline (R11). The brand's own post being deleted changes no clock."""
    event = turn.event
    target = mention_key(event.platform, event.native_id)
    if target in state.withdrawn:
        return state
    if not any(earlier.key == target for earlier in turn.past):
        return replace(state, withdrawn=state.withdrawn | {target})
    revised = _revise(state, turn, target, "deleted")
    return revised if revised.opened_at is not None else _emptied(revised, state)


def _emptied(revised: CaseState, before: CaseState) -> CaseState:
    """Nothing the customer wrote is left. Where it was still decides who hears that it is over."""
    return replace(
        with_waiters(revised, ()),
        status=revised.status if revised.is_closed else CaseStatus.RESOLVED,
        platform=before.platform,
        channel=before.channel,
        account_id=before.account_id,
        private=before.private,
        opened_at=before.opened_at,
    )


def _withdraw_last(state: CaseState, turn: Turn, kind: EventKind) -> CaseState:
    mark = next((e for e in reversed(turn.past) if e.kind is kind and e.key not in state.withdrawn), None)
    if mark is None:  # closed because every message was deleted: nobody marked it
        return replace(state, status=CaseStatus.OPEN, resolved_at=None)
    return _revise(state, turn, mark.key, kind.value)


def _on_reopen(state: CaseState, turn: Turn) -> CaseState:
    if state.status is not TAKES_BACK[EventKind.REOPEN]:
        return replace(state, resolve_pending=False)
    return _withdraw_last(state, turn, EventKind.RESOLVE)


def _on_restore(state: CaseState, turn: Turn) -> CaseState:
    return _withdraw_last(state, turn, EventKind.SPAM) if state.status is TAKES_BACK[EventKind.RESTORE] else state


def _revise(state: CaseState, turn: Turn, withdrawn_key: str, reason: str) -> CaseState:
    """The timeline without the withdrawn event, and the clocks of before brought into agreement with it."""
    withdrawn = state.withdrawn | {withdrawn_key}
    fresh = _replay(turn.past, turn.books, withdrawn=withdrawn, home=turn.home)
    return replace(fresh, clocks=_reconcile(state.clocks, fresh.clocks, turn, reason), alerts=state.alerts)


def _reconcile(old: Sequence[Clock], fresh: Sequence[Clock], turn: Turn, reason: str) -> tuple[Clock, ...]:
    before = {clock.id: clock for clock in old}
    after = {clock.id: clock for clock in fresh}
    return tuple(_agree(before.get(clock_id), after.get(clock_id), turn, reason) for clock_id in {**before, **after})


def _agree(before: Clock | None, after: Clock | None, turn: Turn, reason: str) -> Clock:
    """One clock as it was and as the revised timeline has it: what is finished or breached stays (R9 to R11)."""
    if before is not None and before.outcome in (clocks.Outcome.MET, clocks.Outcome.BREACHED):
        return before if after is None or not after.is_running else _revived(before, after, turn)
    if after is None:
        assert before is not None  # noqa: S101  it is in one of the two
        return clocks.end(before, turn.at, reason, turn.books) if before.is_running else before
    if before is not None and before.is_running and after.is_running and before.due_at == after.due_at:
        return _told_anew(before, after)
    if before is not None and clocks.recorded(before, turn.at).breached_at and not after.is_running:
        return clocks.end(before, turn.at, reason, turn.books)
    return _anew(before, after, turn) if after.is_running else after


def _told_anew(before: Clock, after: Clock) -> Clock:
    """A clock whose due time stays: its pauses may be others, and what is on record of it stays on record."""
    return replace(
        after,
        binding_at=before.binding_at,
        binding_reason=before.binding_reason,
        revealed_at=before.revealed_at,
        generation=before.generation,
        warned=before.warned,
        breached_at=before.breached_at,
        breached_under=before.breached_under,
    )


def _revived(before: Clock, after: Clock, turn: Turn) -> Clock:
    """An ended clock that runs again because what ended it was taken back (R8, R11); its breach stays on record."""
    if before.reason is None and before.metric is not Metric.RES:
        return before
    return _anew(before, after, turn)


def _anew(before: Clock | None, after: Clock, turn: Turn) -> Clock:
    """The clock as the event made it run: pages sent for what it was before do not count for what it is now."""
    clock = clocks.bound_by(after, turn.event)
    if before is None:
        return clock
    before = clocks.recorded(before, turn.at)
    return replace(
        clock,
        generation=max(clock.generation, before.generation + 1),
        warned=before.warned or clock.warned,
        breached_at=before.breached_at or clock.breached_at,
        breached_under=before.breached_under or clock.breached_under,
    )


# What an agent decided about a case says nothing about the one that took it over.
_OF_ONE_CASE = frozenset(
    {
        EventKind.ASSIGN,
        EventKind.WAIT,
        EventKind.HOLD,
        EventKind.OPEN,
        EventKind.RESOLVE,
        EventKind.REOPEN,
        EventKind.SPAM,
        EventKind.RESTORE,
        EventKind.PRIORITY,
        EventKind.TIER,
        EventKind.MERGE,
    }
)


def _on_merge(state: CaseState, turn: Turn) -> CaseState:
    """Two timelines become one where both are at hand: in `follow`."""
    _ = turn.past
    return state


def follow(
    timeline: Sequence[Event], books: Books, *, withdrawn: frozenset[str] = frozenset(), home: str | None = None
) -> Iterator[tuple[Event, tuple[CaseState, ...]]]:
    """
    Each event in order, with the case as it is right after it, and then the cases that have yet to join it.

    Until its merge a case has a timeline of its own: its events are marked
    with their origin. What was heard of only after the merge belongs to the
    case whose message it is about.
    """
    whose = _origins(timeline, home)
    own = _Timeline(home, CaseState(withdrawn=withdrawn))
    lines = {home: own}
    for event in timeline:
        origin = whose[event.key]
        if origin not in lines:
            lines[origin] = _Timeline(origin, CaseState(withdrawn=withdrawn))
        joining = lines.get(event.detail.get("from")) if event.kind is EventKind.MERGE else None
        if joining not in (None, own, lines[origin]):
            lines[origin].take(joining, event, books)
            lines = {case_id: lines[origin] if line is joining else line for case_id, line in lines.items()}
        apart = [line for case_id, line in lines.items() if line is not own and line.home == case_id]
        for line in (own, *apart) if event.kind is EventKind.POLICY else (lines[origin],):
            line.add(event, books)
        own.note(event, frozenset(str(line.home) for line in apart))
        yield event, (own.state, *(line.state for line in apart))


def _origins(timeline: Sequence[Event], home: str | None) -> Mapping[str, str | None]:
    """In which case each event happened, by its key."""
    messages = {event.native_id: event.origin for event in timeline if event.fact and event.origin}
    return {event.key: event.origin or _concerned(event, messages) or home for event in timeline}


def _concerned(event: Event, messages: Mapping[str, str | None]) -> str | None:
    """The case whose message a fact is about."""
    if event.fact is None:
        return None
    return messages.get(event.native_id) or messages.get(event.fact.parent_id or "")


@dataclass(slots=True, eq=False)
class _Timeline:
    """
    One case while its timeline is told: its events so far, and what they make of it.

    `drafts` has a state for each of the first events: the case as it would be
    had all that joined it been one case from the beginning, and had nobody
    written what `left_out` names. A merge tells anew only what stands behind
    the first event of the case that joins, so cases that join one after
    another cost no more than they bring.
    """

    home: str | None
    state: CaseState
    events: list[Event] = field(default_factory=list)
    drafts: list[CaseState] = field(default_factory=list)
    left_out: frozenset[str] = frozenset()

    def add(self, event: Event, books: Books) -> None:
        self.state = _applied(self.state, Turn(event, books, self.events, self.home))
        self.events.append(event)

    def note(self, event: Event, apart: frozenset[str]) -> None:
        """Something happened, if only to one of the cases `apart`."""
        if (self.state.last, self.state.apart) != (event.order, apart):
            self.state = replace(self.state, last=event.order, apart=apart)

    def take(self, joining: "_Timeline", merge: Event, books: Books) -> None:
        """The two timelines become one, and the clocks of both are brought into agreement with it (R10)."""
        before, theirs = self.state, joining.state
        if self.left_out != before.withdrawn:
            self.drafts.clear()
        self.left_out = before.withdrawn | theirs.withdrawn
        self._draft(bisect_left(self.events, joining.events[0].order, key=lambda event: event.order), books)
        self.events = in_order({event.key: event for event in (*self.events, *joining.events)}.values())
        self._draft(len(self.events), books)
        fresh = self.drafts[-1]
        if fresh.opened_at is None:
            fresh = _emptied(fresh, before if before.opened_at else theirs)
        turn = Turn(merge, books, self.events, self.home)
        of_both = _reconcile((*before.clocks, *theirs.clocks), fresh.clocks, turn, "merged")
        self.state = replace(fresh, clocks=of_both, alerts=(*before.alerts, *theirs.alerts))

    def _draft(self, length: int, books: Books) -> None:
        """Drafts for so many of the events, and for no others."""
        del self.drafts[length:]
        state = replace(self.drafts[-1] if self.drafts else CaseState(), withdrawn=self.left_out)
        for event in self.events[len(self.drafts) : length]:
            state = _applied(state, Turn(event, books, self.events, self.home, is_draft=True))
            self.drafts.append(state)


_HANDLERS: Mapping[EventKind, Handler] = {
    EventKind.MENTION: on_mention,
    EventKind.EDIT: on_edit,
    EventKind.ANSWER: on_answer,
    EventKind.DELETE: _on_delete,
    EventKind.ASSIGN: on_assign,
    EventKind.WAIT: on_move,
    EventKind.HOLD: on_move,
    EventKind.OPEN: on_move,
    EventKind.RESOLVE: on_resolve,
    EventKind.REOPEN: _on_reopen,
    EventKind.SPAM: on_spam,
    EventKind.RESTORE: _on_restore,
    EventKind.PRIORITY: on_priority,
    EventKind.TIER: on_tier,
    EventKind.MERGE: _on_merge,
    EventKind.REPLY: on_reply,
    EventKind.REPLY_FAILED: on_reply_failed,
    EventKind.TAKE_BACK: on_take_back,
    EventKind.WARNED: on_warned,
    EventKind.PAGED: on_paged,
    EventKind.NOTICE: on_notice,
    EventKind.PAGE_DROPPED: on_page_dropped,
    EventKind.PAGE_FAILED: on_page_failed,
    EventKind.WINDOW_TOLD: on_window_told,
    EventKind.ACKNOWLEDGED: on_acknowledged,
    EventKind.POLICY: on_policy,
    EventKind.FAULT: on_fault,
}


# What was taken back is left out of a draft from its beginning.
_OF_A_DRAFT: Mapping[EventKind, Handler] = {
    **_HANDLERS,
    EventKind.DELETE: nothing,
    EventKind.REOPEN: lambda state, _: replace(state, resolve_pending=False),
    EventKind.RESTORE: nothing,
    EventKind.MERGE: nothing,
}
