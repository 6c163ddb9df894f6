"""What agents decide about a case."""

from dataclasses import replace

from chalicelib.domain.case.clocks import retarget_if_moved
from chalicelib.domain.case.state import CaseState
from chalicelib.domain.case.status import CaseStatus, status_after
from chalicelib.domain.case.turn import Turn, end_clocks, stop_clocks, with_waiters
from chalicelib.domain.clock import Metric
from chalicelib.domain.events import EventKind
from chalicelib.domain.labels import Urgency


def on_assign(state: CaseState, turn: Turn) -> CaseState:
    status = status_after(state.status, EventKind.ASSIGN)
    return replace(state, assignee=turn.event.detail.get("to") or None, status=status)


def on_move(state: CaseState, turn: Turn) -> CaseState:
    """Waiting for the customer, on hold, or open again: the status alone."""
    return replace(state, status=status_after(state.status, turn.event.kind))


def on_resolve(state: CaseState, turn: Turn) -> CaseState:
    if turn.event.key in state.withdrawn or state.is_closed:
        return state
    if state.outbox:
        return replace(state, resolve_pending=True)
    state = stop_clocks(state, turn, {Metric.RES})
    state = end_clocks(state, turn, {Metric.NRT}, "resolved")
    state = end_clocks(state, turn, {Metric.FRT}, "no_reply")
    return replace(
        with_waiters(state, ()),
        status=status_after(state.status, EventKind.RESOLVE),
        resolved_at=turn.at,
        resolve_pending=False,
    )


def on_spam(state: CaseState, turn: Turn) -> CaseState:
    if turn.event.key in state.withdrawn or state.status is CaseStatus.SPAM:
        return state
    return replace(end_clocks(state, turn, set(Metric), "spam"), status=status_after(state.status, EventKind.SPAM))


def on_priority(state: CaseState, turn: Turn) -> CaseState:
    return retarget_if_moved(state, replace(state, priority=Urgency(turn.event.detail["to"])), turn)


def on_tier(state: CaseState, turn: Turn) -> CaseState:
    return retarget_if_moved(state, replace(state, tier=turn.event.detail["to"] or None), turn)
