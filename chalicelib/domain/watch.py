"""
What must be said to people about a case at a given minute: warnings, pages, and "it is over".

Pure: the sweep asks `to_send` what is due now and `next_at` when to look
again; both read only the case's state. Rules R12 to R14.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain import clock as clocks
from chalicelib.domain.calendar import NoOpenTime
from chalicelib.domain.case.state import CaseState, ClockAlert
from chalicelib.domain.clock import Books, Clock, Metric
from chalicelib.domain.policy import Policy
from chalicelib.domain.windows import BEFORE_END

ONE_SECOND = timedelta(seconds=1)


class PageKind(StrEnum):
    """What a message to people says."""

    WARNING = "warning"  # the promise breaks soon
    BREACH = "breach"  # it is broken and the customer still waits
    WINDOW = "window"  # soon the platform will not let everybody, or anybody, answer
    NOTICE = "notice"  # it is over: nobody need do anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """
    One message that must go to one group. `step` counts the rungs of the ladder from 1; 0 is no rung.

    (clock, generation, kind, step, group) is sent at most once.
    """

    kind: PageKind
    clock_id: str
    generation: int
    step: int
    group: str

    @property
    def page_id(self) -> str:
        """The same for every attempt at the same message: subscribers drop repeats by it."""
        return f"{self.clock_id}/{self.generation}/{self.kind}/{self.step}/{self.group}"


def to_send(state: CaseState, now: datetime, books: Books) -> tuple[Due, ...]:
    """All that is due at the whole minute `now` (R13) and has not been sent, oldest first."""
    sound = [clock for clock in state.running if fault_of(clock, books) is None]
    found = [due for clock in sound for due in _of_clock(state, clock, now, books)]
    found += [due for due, at in _windows(state, books) if at <= now]
    found += [notice for alert in state.alerts if _is_over(state, alert) for notice in _notices(alert)]
    return tuple(found)


def fault_of(clock: Clock, books: Books) -> str | None:
    """Why nobody can say what is due for a running clock, as a stable word; None when somebody can."""
    if clock.due_at is None and clock.paused_since is None:
        return "no_open_time"
    try:
        clocks.policy_of(clock, books)
    except LookupError:
        return "unknown_policy"
    return None


def next_at(state: CaseState, books: Books) -> datetime | None:
    """
    The first instant at which `to_send` may find something; None when nothing can become due by itself.

    A clock that is at fault must be looked at as soon as possible.
    """
    instants = [at for clock in state.running for at in _instants(state, clock, books)]
    instants += [at for _, at in _windows(state, books)]
    if state.last is not None and any(_is_over(state, alert) for alert in state.alerts):
        instants.append(state.last[0])
    return min(instants, default=None)


def together(due: Due, state: CaseState) -> str | None:
    """
    What this message may be told of together with, as a key; None for what is always told of alone (R15).

    Clocks of one policy that reach the same step, and from then on those that
    were in the same digest.
    """
    clock = next((clock for clock in state.running if clock.id == due.clock_id), None)
    if clock is None or due.kind is PageKind.NOTICE:
        return None
    whole = digest_of(due, state) or clock.policy_id
    return f"{whole}/{due.kind}/{due.step}/{due.group}"


def digest_of(due: Due, state: CaseState) -> str | None:
    """The digest that began the alert of this message; None when there was none."""
    wanted = (due.clock_id, due.generation)
    alert = next((alert for alert in state.alerts if (alert.clock_id, alert.generation) == wanted), None)
    return alert.digest if alert and due.kind is not PageKind.WARNING else None


def base_of(due: Due, state: CaseState) -> datetime:
    """What the steps of the clock's ladder count from. Raises LookupError for a clock that does not run."""
    for clock in state.running:
        if clock.id == due.clock_id and clock.breach_at:
            alert = _alert_of(state, clock)
            return (alert.base_at if alert else None) or max(clock.breach_at, clock.revealed_at)
    raise LookupError(due.clock_id)


def pages_before_notice(state: CaseState) -> tuple[Due, ...]:
    """The pages of every alert that is over: "it is over" must go to those whom one of these reached, to no others."""
    return tuple(
        Due(kind=PageKind.BREACH, clock_id=alert.clock_id, generation=alert.generation, step=step, group=group)
        for alert in state.alerts
        if _is_over(state, alert)
        for step, group in alert.sent
    )


def still_holds(due: Due, state: CaseState, now: datetime) -> bool:
    """Whether a message that was found due is still worth sending; "it is over" always is."""
    clock = next((clock for clock in state.running if clock.id == due.clock_id), None)
    if due.kind is PageKind.NOTICE:
        return True
    if due.kind is PageKind.WINDOW:
        is_same = state.waiting_key is not None and state.messages == due.generation
        return is_same and state.window is not None and now < state.window.end_of(due.step)
    if clock is None:
        return False
    if due.kind is PageKind.BREACH:
        alert = _alert_of(state, clock)
        is_quiet = (alert and alert.is_quiet(now)) or _is_held_back(clock, due.step)
        return clock.generation == due.generation and not is_quiet
    return clock.due_at is None or now <= clock.due_at


def _of_clock(state: CaseState, clock: Clock, now: datetime, books: Books) -> Iterator[Due]:
    if clock.due_at is None or clock.breach_at is None:
        return
    warning_at = _warning_at(state, clock)
    if warning_at is not None and warning_at <= now <= clock.due_at:
        group = clocks.policy_of(clock, books).ladder.warn_group
        yield Due(kind=PageKind.WARNING, clock_id=clock.id, generation=0, step=0, group=group)
    if now <= clock.breach_at:
        return
    for step, group, at in _unsent_steps(state, clock, books):
        if at <= now:
            yield Due(kind=PageKind.BREACH, clock_id=clock.id, generation=clock.generation, step=step, group=group)


def _instants(state: CaseState, clock: Clock, books: Books) -> Iterator[datetime]:
    if fault_of(clock, books):
        yield clock.started_at
        return
    if clock.breach_at is None:
        return
    warning_at = _warning_at(state, clock)
    if warning_at is not None:
        yield warning_at
    for _, _, at in _unsent_steps(state, clock, books):
        yield max(at, clock.breach_at + ONE_SECOND)
        return


def _windows(state: CaseState, books: Books) -> Iterator[tuple[Due, datetime]]:
    """
    What is still to be said about the platform's reply window while somebody waits, and when (R17).

    `generation` is the number of the customer's messages: each moves the window.
    """
    clock = min(state.running, key=lambda clock: (clock.metric is Metric.RES, clock.started_at), default=None)
    window = state.window
    if clock is None or window is None or state.waiting_key is None:
        return
    group = clocks.policy_of(clock, books).ladder.warn_group
    for step in window.steps:
        if f"{state.messages}/{step}" not in state.windows_told:
            due = Due(kind=PageKind.WINDOW, clock_id=clock.id, generation=state.messages, step=step, group=group)
            yield due, window.end_of(step) - BEFORE_END


def _warning_at(state: CaseState, clock: Clock) -> datetime | None:
    """When the warning falls due; None when it went, came too late, or the promise broke by a late change."""
    is_too_late = clock.binding_at is not None or _alert_of(state, clock) is not None
    return None if clock.warned or is_too_late or clock.paused_since else clock.warn_at


def _alert_of(state: CaseState, clock: Clock) -> ClockAlert | None:
    return next((a for a in state.alerts if (a.clock_id, a.generation) == (clock.id, clock.generation)), None)


def _unsent_steps(state: CaseState, clock: Clock, books: Books) -> Iterator[tuple[int, str, datetime]]:
    """
    The rungs still to be sent: number from 1, group, and when (R14).

    The first is never held back by closed hours; one whose predecessor reached
    nobody goes out at once. Once an acknowledgement has run out, so does the
    next one, and the others follow it at their distance. A pause holds the
    ladder where it is.
    """
    assert clock.breach_at is not None  # noqa: S101  the callers looked
    policy = clocks.policy_of(clock, books)
    alert = _alert_of(state, clock) or ClockAlert(clock_id=clock.id, generation=clock.generation)
    base, waited_s = alert.base_at or max(clock.breach_at, clock.revealed_at), 0
    rungs = policy.ladder.rungs
    given = alert.acknowledgement
    if given is not None:
        base, waited_s = given.until, rungs[min(given.next_step, len(rungs)) - 1].delay_s
    for number, rung in enumerate(rungs, start=1):
        if number in alert.steps or _is_held_back(clock, number):
            continue
        left_s = 0 if number - 1 in alert.failed else max(0, rung.delay_s - waited_s)
        yield number, rung.group, _later(clock, policy, base, left_s)


def _is_held_back(clock: Clock, step: int) -> bool:
    """
    Whether the step waits because the case waits for the customer: nobody can do anything about it.

    That a change made meanwhile has just broken the promise is said all the same, once.
    """
    return clock.paused_since is not None and not (step == 1 and clocks.broke_while_paused(clock))


def _later(clock: Clock, policy: Policy, base: datetime, delay_s: int) -> datetime:
    """In the clock's time; in plain time once its hours have come to their end: somebody must hear of it."""
    try:
        at = clocks.counted_from(clock, policy.calendar, base, delay_s) if delay_s else base
    except NoOpenTime:
        at = None
    return at or base + timedelta(seconds=delay_s)


def _is_over(state: CaseState, alert: ClockAlert) -> bool:
    """Nobody waits under this alert any more: answered, resolved, deleted, or superseded by a new promise."""
    return not any((c.id, c.generation) == (alert.clock_id, alert.generation) for c in state.running)


def _notices(alert: ClockAlert) -> Iterator[Due]:
    groups = ("",) if alert.digest else alert.groups  # a digest tells for all of its clocks, when the last has ended
    for group in groups:
        yield Due(kind=PageKind.NOTICE, clock_id=alert.clock_id, generation=alert.generation, step=0, group=group)
