"""What events do to running clocks beside stopping them: pauses, edited calendars, faults, new promises."""

from dataclasses import replace

from chalicelib.domain import clock as clocks
from chalicelib.domain.case.state import CaseState, ClockAlert
from chalicelib.domain.case.status import CaseStatus
from chalicelib.domain.case.turn import Turn, each_running
from chalicelib.domain.clock import Books, Clock, Metric


def settle_pauses(state: CaseState, turn: Turn) -> CaseState:
    """RES pauses only while we wait for the customer and no message of theirs is unanswered (R7)."""
    paused = state.status is CaseStatus.WAITING_CUSTOMER and state.waiting_key is None

    clock = next((clock for clock in state.running if clock.metric is Metric.RES), None)
    if clock is None or paused == (clock.paused_since is not None):
        return state
    settled = clocks.pause(clock, turn.at) if paused else clocks.resume(clock, turn.at, turn.books)
    state = each_running(state, lambda other: settled if other is clock else other)
    return state if paused else _quiet_longer(state, settled, turn.books)


def _quiet_longer(state: CaseState, resumed: Clock, books: Books) -> CaseState:
    """The clock has run on: what time somebody asked for did not run out during its pause (R14)."""

    def longer(alert: ClockAlert) -> ClockAlert:
        given = alert.acknowledgement
        if given is None or (alert.clock_id, alert.generation) != (resumed.id, resumed.generation):
            return alert
        until = clocks.quiet_until(resumed, given.at, books)
        return replace(alert, acknowledgement=replace(given, until=until))

    return replace(state, alerts=tuple(longer(alert) for alert in state.alerts))


def on_policy(state: CaseState, turn: Turn) -> CaseState:
    """An edited calendar moves the clocks that still run in it; edited targets are for clocks to come (R9)."""

    return each_running(state, lambda clock: clocks.reschedule(clock, turn.event, turn.books))


def on_fault(state: CaseState, turn: Turn) -> CaseState:
    """A sweep could not reckon with a clock; it must not stop the others from being watched."""
    clock_id, reason = turn.event.detail["clock"], turn.event.detail["reason"]
    return each_running(state, lambda clock: clocks.fault(clock, turn.at, reason) if clock.id == clock_id else clock)


def retarget_if_moved(before: CaseState, state: CaseState, turn: Turn) -> CaseState:
    """
    A new priority or tier may be a new promise: running clocks count anew from their start (R9).

    A book that says something else about the same case moves nothing.
    """
    if not state.running:
        return state
    policy = turn.policy(state)
    if policy.id == turn.policy(before).id:
        return state

    def move(clock: Clock) -> Clock:
        if clock.policy_id == policy.id:
            return clock
        return clocks.retarget(clock, turn.event, policy)

    return replace(each_running(state, move), policy_id=policy.id)
