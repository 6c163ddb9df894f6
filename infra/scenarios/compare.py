"""What a scenario expects against what came of it, in sentences that name both, to the second."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from chalicelib.domain.attainment import Share, attainment
from chalicelib.domain.clock import Clock, Outcome
from chalicelib.domain.events import message_of
from infra.scenarios.model import Expected, Scenario, Wanted
from infra.scenarios.moments import duration_text, moment_text
from infra.scenarios.world import SeenAlert, SeenCase, World


def compare(expected: Expected, world: World, scenario: Scenario, *, refused: Sequence[str]) -> Iterator[str]:
    """Every difference at the time of `expected`."""
    cases = world.cases()
    zone = scenario.zone
    for metric, wanted in expected.clocks.items():
        clocks = [clock for case in cases for clock in case.clocks if clock.metric.value == metric]
        yield from _clocks(metric, wanted, clocks, expected.at, zone)
    if expected.alerts is not None:
        yield from _alerts(expected.alerts, world.alerts(), zone)
    for name, value in expected.totals.items():
        got = _TOTALS[name](cases, world, value, refused)
        if got != value:
            yield f"{expected.path}.{name}: expected {_text(value, zone)}; got {_text(got, zone)}"
    yield from _attainment(expected, cases)


# --- clocks -----------------------------------------------------------------------------------------------------


def _clocks(
    metric: str, wanted: Sequence[Wanted], clocks: Sequence[Clock], now: datetime, zone: tzinfo
) -> Iterator[str]:
    """By the message that started it where the file names one, else in the order of their start."""
    left = sorted(clocks, key=lambda clock: (clock.started_at, clock.message_key))
    for want in sorted(wanted, key=lambda one: "of" not in one.values):
        clock = next((c for c in left if want.values.get("of") in (None, _message_id(c))), None)
        if clock is None:
            yield f"{want.path}: expected a clock {metric} {_of(want)}; there is none"
            continue
        left.remove(clock)
        yield from _clock(want, clock, now, zone)
    for clock in left:
        yield f"{metric}: a clock of message {_message_id(clock)} is there and none is expected ({clock.outcome})"


def _of(want: Wanted) -> str:
    return f"of message {want.values['of']}" if "of" in want.values else "(another one)"


def _clock(want: Wanted, clock: Clock, now: datetime, zone: tzinfo) -> Iterator[str]:
    for name, value in want.values.items():
        got = _CLOCK[name](clock, now)
        if got != value:
            yield f"{want.path}.{name}: expected {_text(value, zone, name)}; got {_text(got, zone, name)}"


def _message_id(clock: Clock) -> str:
    return message_of(clock.message_key)


def _breach_at(clock: Clock, now: datetime) -> datetime | None:
    """When it broke: as recorded, or as it will be once it ends."""
    if clock.breached_at or not clock.is_running or clock.breach_at is None:
        return clock.breached_at
    return clock.breach_at if now > clock.breach_at else None


def _flags(clock: Clock) -> frozenset[str]:
    raised = {"late_ingest": bool(clock.late_s), "window_ends_before_due": clock.window_ends_before_due}
    return frozenset(name for name, is_raised in raised.items() if is_raised)


_CLOCK: Final[Mapping[str, Callable[[Clock, datetime], Any]]] = {
    "of": lambda clock, _: _message_id(clock),
    "started": lambda clock, _: clock.started_at,
    "due": lambda clock, _: clock.due_at,
    "warn": lambda clock, _: clock.warn_at,
    "breach": _breach_at,
    "stopped": lambda clock, _: clock.stopped_at,
    "business": lambda clock, _: clock.business_s,
    "elapsed": lambda clock, _: clock.elapsed_s,
    "late": lambda clock, _: clock.late_s,
    "paused": lambda clock, _: clock.paused_s,
    "target": lambda clock, _: clock.target_s,
    "outcome": lambda clock, _: clock.outcome.value,
    "reason": lambda clock, _: clock.reason,
    "because": lambda clock, _: getattr(clock, "binding_reason", None),
    "policy": lambda clock, _: clock.policy_id,
    "breached_under": lambda clock, _: getattr(clock, "breached_under", None),
    "version": lambda clock, _: clock.book,
    "flags": lambda clock, _: _flags(clock),
}
_DURATIONS: Final = frozenset({"business", "elapsed", "late", "paused", "target"})


# --- alerts -----------------------------------------------------------------------------------------------------


def _alerts(wanted: Sequence[Wanted], sent: Sequence[SeenAlert], zone: tzinfo) -> Iterator[str]:
    """Every message that is expected, and no other."""
    left = list(sent)
    for want in wanted:
        alert = next((one for one in left if _fits(want, one)), None)
        if alert is None:
            yield f"{want.path}: expected {_wanted_alert(want, zone)}; it did not go out"
        else:
            left.remove(alert)
    for alert in left:
        yield f"alerts: nobody expected {alert_text(alert, zone)}"


def _fits(want: Wanted, alert: SeenAlert) -> bool:
    return all(_ALERT[name](alert) == value for name, value in want.values.items())


_ALERT: Final[Mapping[str, Callable[[SeenAlert], Any]]] = {
    "at": lambda alert: alert.at,
    "kind": lambda alert: alert.kind,
    "to": lambda alert: alert.to,
    "step": lambda alert: alert.step,
    "count": lambda alert: alert.count,
    "clock": lambda alert: alert.clock_id.partition(":")[0] if alert.clock_id else None,
    "of": lambda alert: message_of(alert.clock_id) if alert.clock_id else None,
    "assignee": lambda alert: alert.assignee,
    "tells": lambda alert: alert.assignees,
    "why": lambda alert: alert.why,
}


def alert_text(alert: SeenAlert, zone: tzinfo) -> str:
    """Such as "Tue 3 Mar 2026 11:01:00 GMT: breach, step 1, to on-call (frt)"."""
    step = f", step {alert.step}" if alert.step else ""
    several = f", {alert.count} cases" if alert.count > 1 else ""
    clock = f" ({_ALERT['clock'](alert)} of {_ALERT['of'](alert)})" if alert.clock_id else ""
    return f"{moment_text(alert.at, zone)}: {alert.kind}{step}{several}, to {alert.to}{clock}"


def _wanted_alert(want: Wanted, zone: tzinfo) -> str:
    return ", ".join(f"{name} {_text(value, zone)}" for name, value in want.values.items())


# --- cases ------------------------------------------------------------------------------------------------------

Total = Callable[[Sequence[SeenCase], World, Any, Sequence[str]], Any]
_TOTALS: Final[Mapping[str, Total]] = {
    "cases": lambda cases, _w, _v, _r: len(cases),
    "status": lambda cases, _w, _v, _r: tuple(case.state.status.value for case in cases),
    "messages": lambda cases, _w, _v, _r: sum(case.state.messages for case in cases),
    "answers": lambda cases, _w, _v, _r: sum(case.state.answers for case in cases),
    "assignee": lambda cases, _w, _v, _r: ", ".join(sorted({case.state.assignee or "nobody" for case in cases})),
    "failure": lambda cases, _w, _v, _r: next((case.state.failure for case in cases if case.state.failure), None),
    "resolved_without_reply": lambda cases, _w, _v, _r: sum(_is_unanswered(case) for case in cases),
    "forgotten": lambda _c, world, texts, _r: tuple(text for text in texts if not world.remembers(text)),
    "exhausted": lambda cases, _w, _v, _r: tuple(
        f"{clock.metric.value} of {_message_id(clock)}" for case in cases for clock in case.exhausted
    ),
    "window": lambda cases, _w, _v, _r: cases[0].window if cases else None,
    "refused": lambda _c, _w, _v, refused: tuple(refused),
}


def _is_unanswered(case: SeenCase) -> bool:
    return any(clock.outcome is Outcome.CANCELLED and clock.reason == "no_reply" for clock in case.clocks)


def _attainment(expected: Expected, cases: Sequence[SeenCase]) -> Iterator[str]:
    for name, wanted in expected.attainment.items():
        metric, _, without = name.partition("_")
        clocks = [clock for case in cases for clock in case.clocks if clock.metric.value == metric]
        share = attainment(clocks, expected.at, with_late=not without)
        for key, value in wanted.values.items():
            if _share(share, key) != value:
                yield f"{wanted.path}.{key}: expected {value}; got {_share(share, key)}"


def _share(share: Share, key: str) -> Any:
    if key != "percent":
        return getattr(share, key)
    return "none" if share.percent is None else f"{share.percent:.1f}"


def _text(value: Any, zone: tzinfo, name: str = "") -> str:
    if isinstance(value, datetime):
        return moment_text(value, zone)
    if name in _DURATIONS:
        return duration_text(value)
    if isinstance(value, tuple) and value and isinstance(value[0], datetime):
        return " and ".join(moment_text(moment, zone) for moment in value)
    if isinstance(value, tuple | frozenset):
        return ", ".join(sorted(map(str, value)) if isinstance(value, frozenset) else map(str, value)) or "none"
    return "none" if value is None else str(value)
