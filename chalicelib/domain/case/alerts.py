"""What people were told of a case's clocks, and what they said to it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.domain import clock as clocks
from chalicelib.domain.case.state import ANSWERED_IN_TIME, Acknowledgement, CaseState, ClockAlert
from chalicelib.domain.case.turn import Turn, each_running
from chalicelib.domain.clock import Clock, Metric


def on_warned(state: CaseState, turn: Turn) -> CaseState:
    clock_id = turn.event.detail["clock"]
    return each_running(state, lambda clock: replace(clock, warned=True) if clock.id == clock_id else clock)


def on_paged(state: CaseState, turn: Turn) -> CaseState:
    page, detail = _rung(turn), turn.event.detail

    def with_page(alert: ClockAlert) -> ClockAlert:
        alert = replace(alert, sent=tuple(sorted({*alert.sent, page})))
        if "digest" not in detail or alert.digest is not None:
            return alert
        return replace(alert, digest=detail["digest"], base_at=datetime.fromisoformat(detail["base"]))

    return _explain_withdrawal(_alerted(state, turn, with_page), turn)


def on_page_dropped(state: CaseState, turn: Turn) -> CaseState:
    """
    Take a step back that was claimed and never went out: its group must not hear that "it is over".

    A dropped warning stays used up: there is one for a clock, ever (R12).
    """
    if turn.event.detail["kind"] != "breach":
        return state
    page = _rung(turn)

    def without(alert: ClockAlert) -> ClockAlert:
        kept = replace(alert, sent=tuple(rung for rung in alert.sent if rung != page))
        given = kept.acknowledgement
        if given is None or given.next_step <= page[0]:
            return kept
        return replace(kept, acknowledgement=replace(given, next_step=page[0]))

    return _explain_withdrawal(_alerted(state, turn, without), turn)


def _explain_withdrawal(state: CaseState, turn: Turn) -> CaseState:
    """People were paged for a clock that, as we heard only later, an answer had stopped in time (R16)."""
    clock_id = turn.event.detail["clock"]
    if any(clock.id == clock_id for clock in state.running):
        return state
    _ = turn.past  # a state keeps running clocks only: one that has ended is found by a replay
    paged = any(alert.clock_id == clock_id and alert.sent for alert in state.alerts)
    return replace(state, clocks=tuple(_withdrawn(c, paged=paged) if c.id == clock_id else c for c in state.clocks))


def _withdrawn(clock: Clock, *, paged: bool) -> Clock:
    if clock.outcome is not clocks.Outcome.MET or clock.metric is Metric.RES:
        return clock
    return replace(clock, reason=ANSWERED_IN_TIME if paged else None)


def on_page_failed(state: CaseState, turn: Turn) -> CaseState:
    """The step is used up. Whom it may have reached, although we heard otherwise, must hear that it is over."""
    page = _rung(turn)
    stays = turn.event.detail.get("may_have_gone") == "yes"

    def without(alert: ClockAlert) -> ClockAlert:
        sent = tuple(rung for rung in alert.sent if rung != page or stays)
        return replace(alert, sent=sent, failed=tuple(sorted({*alert.failed, page[0]})))

    return _alerted(state, turn, without)


def on_acknowledged(state: CaseState, turn: Turn) -> CaseState:
    """Somebody is on it: nothing is said until their time has run out (R14)."""

    def quiet(alert: ClockAlert) -> ClockAlert:
        until = clocks.quiet_until(_clock_of(state, alert), turn.at, turn.books)
        by = turn.event.detail["name"]
        given = Acknowledgement(by=by, at=turn.at, until=until, next_step=alert.next_step)
        return replace(alert, acknowledgement=given)

    known = _alert_of(state, turn)
    return _alerted(state, turn, quiet) if known and _clock_of(state, known) else state


def _rung(turn: Turn) -> tuple[int, str]:
    return int(turn.event.detail["step"]), turn.event.detail["group"]


def _alerted(state: CaseState, turn: Turn, change: Callable[[ClockAlert], ClockAlert]) -> CaseState:
    """The alert of the event's clock changed; without any page there is no alert."""
    before = _alert_of(state, turn)
    detail = turn.event.detail
    alert = change(before or ClockAlert(clock_id=detail["clock"], generation=int(detail["generation"])))
    alert = replace(alert, is_exhausted=clocks.has_climbed(_clock_of(state, alert), alert.steps, turn.books))
    return replace(state, alerts=(*(a for a in state.alerts if a is not before), *([alert] if alert.steps else ())))


def _alert_of(state: CaseState, turn: Turn) -> ClockAlert | None:
    wanted = (turn.event.detail["clock"], int(turn.event.detail["generation"]))
    return next((alert for alert in state.alerts if (alert.clock_id, alert.generation) == wanted), None)


def _clock_of(state: CaseState, alert: ClockAlert) -> Clock | None:
    """The clock that an alert is about, if it still runs under the promise of that time."""
    running = (clock for clock in state.running if clock.id == alert.clock_id)
    return next((clock for clock in running if clock.generation == alert.generation), None)


def on_window_told(state: CaseState, turn: Turn) -> CaseState:
    detail = turn.event.detail
    return replace(state, windows_told=state.windows_told | {f"{detail['generation']}/{detail['step']}"})


def on_notice(state: CaseState, turn: Turn) -> CaseState:
    over = (turn.event.detail["clock"], int(turn.event.detail["generation"]))
    return replace(state, alerts=tuple(a for a in state.alerts if (a.clock_id, a.generation) != over))
