"""
One promise to one customer: a clock, and what can happen to it.

Pure arithmetic on values; the rules are R3 to R9 of the SLA rule set
(docs/sla.md). Which event does what to which clock is `case.py`'s business.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain import calendar
from chalicelib.domain.calendar import Calendar, NoOpenTime
from chalicelib.domain.events import Event, EventKind
from chalicelib.domain.policy import ACK_S, Policy, PolicyBook

LATE_INGEST_S = 60  # a mention that reached us later than this is reported apart (R16)

Books = Mapping[int, PolicyBook]
Pauses = tuple[tuple[datetime, datetime], ...]  # begun and finished

# What made a due time binding later than at the start; a new priority is the commonest.
POLICY_CHANGE = "policy_change"
_BINDING: Mapping[EventKind, str] = {
    EventKind.RESTORE: "restored",
    EventKind.REOPEN: "reopened",
    EventKind.DELETE: "deleted",
    EventKind.MERGE: "merged",
    EventKind.POLICY: "calendar_change",
}


class Metric(StrEnum):
    """What a clock measures (R4)."""

    FRT = "frt"  # first reply
    NRT = "nrt"  # next reply
    RES = "res"  # resolution


METRIC_WORDS = {Metric.FRT: "first reply", Metric.NRT: "next reply", Metric.RES: "resolution"}


class Outcome(StrEnum):
    """How a clock stands. A running clock past its due time counts as breached in reports at once (R18)."""

    RUNNING = "running"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"
    ERROR = "error"  # nobody can say when it is due; operators are told, and reports leave it out


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """
    A promise made when a customer wrote.

    All instants are aware UTC, durations in seconds. `due_at` is the first
    instant at which the time that counts equals the target. It and `warn_at`
    are None while a resolution clock is paused before that, and until a sweep
    sets a clock aside whose calendar does not open (outcome ERROR). `binding_at`
    is when a later change (priority, restore, deletion) made a due time that had
    passed by then binding, and `binding_reason` which; else None. `breached_at`
    and the policy it was `breached_under` are set once and for ever when a
    breach is on record, even if the clock then goes on to a later due time.
    `generation` counts the new due times that a breached or ended clock was
    given: each has a ladder of its own. `pauses` are the finished ones, in
    order; `paused_s` is what they come to in business time.
    `book` is the version of the promise; `calendar_book` that of its calendar
    once a later one moved it (R9), None until then.
    """

    metric: Metric
    message_key: str
    started_at: datetime
    revealed_at: datetime
    policy_id: str
    book: int
    target_s: int
    due_at: datetime | None
    warn_at: datetime | None
    binding_at: datetime | None = None
    binding_reason: str | None = None
    generation: int = 0
    warned: bool = False
    pauses: Pauses = ()
    paused_s: int = 0
    paused_since: datetime | None = None
    late_s: int = 0
    outcome: Outcome = Outcome.RUNNING
    reason: str | None = None
    breached_at: datetime | None = None
    breached_under: str | None = None
    stopped_at: datetime | None = None
    business_s: int | None = None
    elapsed_s: int | None = None
    calendar_book: int | None = None
    window_ends_before_due: bool = False  # the platform's reply window closes while there is still time (R17)

    @property
    def id(self) -> str:
        """A clock is its metric and the customer message that started it (R4)."""
        return f"{self.metric}:{self.message_key}"

    @property
    def is_running(self) -> bool:
        return self.outcome is Outcome.RUNNING

    @property
    def breach_at(self) -> datetime | None:
        """The instant after which the clock is breached, unless it stops before; None while `due_at` is."""
        if self.due_at is None or self.binding_at is None:
            return self.due_at
        return max(self.due_at, self.binding_at)

    def is_past(self, moment: datetime) -> bool:
        """Whether the due time has passed. At the due instant itself it has not (R5)."""
        return self.due_at is not None and moment > self.due_at


def policy_of(clock: Clock, books: Books) -> Policy:
    """
    The promise as it was when the clock took it on, with the calendar as it was last edited for it.

    Raises LookupError for a version that is gone.
    """
    policy = books[clock.book].get(clock.policy_id)
    if clock.calendar_book is None:
        return policy
    moved = books[clock.calendar_book].calendar(policy.calendar.id)
    return replace(policy, calendar=moved) if moved else policy


def counted_from(clock: Clock, hours: Calendar, start: datetime, seconds: int) -> datetime | None:
    """
    The first instant at which so many seconds have counted since `start`: open, and in no pause of the clock.

    None when it is paused before that. Raises NoOpenTime.
    """
    pauses = [*clock.pauses, (clock.paused_since, None)] if clock.paused_since else clock.pauses
    for begun, finished in pauses:
        if start < begun:
            counted_s = calendar.business_seconds(hours, start, begun)
            if seconds <= counted_s:
                break
            seconds -= counted_s
        if finished is None:
            return None
        start = max(start, finished)
    return calendar.due(hours, start, seconds)


def quiet_until(clock: Clock | None, at: datetime, books: Books) -> datetime:
    """
    Until when an acknowledgement given at `at` keeps the clock's ladder quiet (R14).

    In its policy's hours, without its finished pauses: those of one that is
    under way are known when it is over.
    """
    try:
        if clock is not None:
            policy = policy_of(clock, books)
            until = counted_from(replace(clock, paused_since=None), policy.calendar, at, policy.ladder.ack_s)
            if until is not None:
                return until
    except (LookupError, NoOpenTime):  # nobody can say what was promised: the least surprising is plain time
        pass
    return at + timedelta(seconds=ACK_S)


def has_climbed(clock: Clock | None, steps: Collection[int], books: Books) -> bool:
    """Whether the clock's ladder has no step left besides `steps`."""
    try:
        return clock is not None and len(policy_of(clock, books).ladder.rungs) <= len(steps)
    except LookupError:
        return False


def start(metric: Metric, event: Event, policy: Policy) -> Clock | None:
    """A clock for the customer message `event`; None when the policy promises nothing of that kind."""
    target_s = target_of(metric, policy)
    if target_s is None:
        return None
    late_s = int((event.received_at - event.at).total_seconds())
    clock = Clock(
        metric=metric,
        message_key=event.key,
        started_at=event.at,
        revealed_at=event.received_at,
        policy_id=policy.id,
        book=event.book,
        target_s=target_s,
        due_at=None,
        warn_at=None,
        late_s=late_s if late_s >= LATE_INGEST_S else 0,
    )
    return _timed(clock, policy)


def target_of(metric: Metric, policy: Policy) -> int | None:
    """Business seconds that the policy promises; None when it promises nothing of the kind."""
    targets = policy.targets
    return {Metric.FRT: targets.frt_s, Metric.NRT: targets.nrt_s, Metric.RES: targets.res_s}[metric]


def _timed(clock: Clock, policy: Policy) -> Clock:
    """The clock with all that follows from its start, its pauses and the policy; no instants if that never opens."""
    hours = policy.calendar
    paused_s = sum(calendar.business_seconds(hours, begun, finished) for begun, finished in clock.pauses)
    try:
        due_at = counted_from(clock, hours, clock.started_at, clock.target_s)
        warn_at = counted_from(clock, hours, clock.started_at, policy.warn_s(clock.target_s))
    except NoOpenTime:
        due_at = warn_at = None
    return replace(clock, paused_s=paused_s, due_at=due_at, warn_at=warn_at)


def recorded(clock: Clock, at: datetime) -> Clock:
    """The clock with its breach on record, if it is broken at `at`; a breach is recorded once."""
    if not clock.is_running or clock.breached_at is not None or not clock.is_past(at):
        return clock
    return replace(clock, breached_at=clock.breach_at, breached_under=clock.policy_id)


def stop(clock: Clock, at: datetime, books: Books) -> Clock:
    """The promise was kept, or kept too late."""
    clock = recorded(clock, at)
    return _ended(clock, at, books, outcome=Outcome.BREACHED if clock.breached_at else Outcome.MET)


def end(clock: Clock, at: datetime, reason: str, books: Books) -> Clock:
    """
    Nothing is left to keep: cancelled, unless it was breached before.

    A breach stays a breach whatever happened afterwards (R8, R10, R11).
    """
    clock = recorded(clock, at)
    outcome = Outcome.BREACHED if clock.breached_at else Outcome.CANCELLED
    return _ended(clock, at, books, outcome=outcome, reason=reason)


def _ended(clock: Clock, at: datetime, books: Books, *, outcome: Outcome, reason: str | None = None) -> Clock:
    clock = resume(clock, at, books) if clock.paused_since else clock
    if not clock.is_running:
        return clock
    return replace(
        clock,
        outcome=outcome,
        reason=reason,
        stopped_at=at,
        business_s=_business_s(clock, at, books),
        elapsed_s=max(0, int((at - clock.started_at).total_seconds())),
    )


def _business_s(clock: Clock, at: datetime, books: Books) -> int | None:
    """Open time from the start to `at`, without pauses; None when its version of the policies is gone."""
    try:
        hours = policy_of(clock, books).calendar
    except LookupError:
        return None
    return max(0, calendar.business_seconds(hours, clock.started_at, at) - clock.paused_s)


def fault(clock: Clock, at: datetime, reason: str) -> Clock:
    """The clock as one that cannot be reckoned: it holds nobody up, and what it broke before stays on record."""
    outcome = Outcome.BREACHED if clock.breached_at else Outcome.ERROR
    return replace(clock, outcome=outcome, reason=reason, stopped_at=at, paused_since=None)


def pause(clock: Clock, at: datetime) -> Clock:
    """Stop counting. What was used up by then was so; a breach that has happened already goes on record."""
    clock = recorded(clock, at)
    due_at, warn_at = (moment if moment and moment <= at else None for moment in (clock.due_at, clock.warn_at))
    return replace(clock, paused_since=at, due_at=due_at, warn_at=warn_at)


def resume(clock: Clock, at: datetime, books: Books) -> Clock:
    """Count again; paused time is measured in the policy's calendar (R7)."""
    since = clock.paused_since
    if since is None:
        return clock
    try:
        policy = policy_of(clock, books)
    except LookupError:
        return fault(clock, at, "unknown_policy")
    pauses = (*clock.pauses, (since, at)) if since < at else clock.pauses
    return _timed(replace(clock, pauses=pauses, paused_since=None), policy)


def retarget(clock: Clock, event: Event, policy: Policy) -> Clock:
    """
    The same promise under another policy, from its original start and with the pauses that it had (R9).

    The policy no longer promising anything of the kind keeps the old promise.
    """
    target_s = target_of(clock.metric, policy)
    if target_s is None:
        return clock
    moved = replace(
        recorded(clock, event.at),
        policy_id=policy.id,
        book=event.book,
        calendar_book=None,
        target_s=target_s,
        generation=clock.generation + (1 if clock.is_past(event.at) else 0),
    )
    return bound_by(_timed(moved, policy), event)


def edited_calendar(clock: Clock, event: Event, books: Books) -> Calendar | None:
    """
    The calendar of a clock as version `event.book` has it; None when that says nothing new about the clock.

    It does not when the clock has ended or broken its promise by then (R9), and
    when it follows that version, or a later one, already.
    """
    if not clock.is_running or clock.breached_at is not None or clock.is_past(event.at):
        return None
    try:
        now = policy_of(clock, books).calendar
        edited = books[event.book].calendar(now.id)
    except LookupError:
        return None
    is_newer = event.book > (clock.calendar_book or clock.book)
    return edited if is_newer and edited != now else None


def reschedule(clock: Clock, event: Event, books: Books) -> Clock:
    """
    The same promise in the hours that its calendar has since `event`, as for `retarget` (R9).

    Unchanged when `edited_calendar` is None.
    """
    if edited_calendar(clock, event, books) is None:
        return clock
    moved = replace(clock, calendar_book=event.book)
    return bound_by(_timed(moved, policy_of(moved, books)), event)


def bound_by(clock: Clock, event: Event) -> Clock:
    """The clock as `event` brought it (back) to life: it cannot have been breached before that (R5)."""
    if clock.due_at is None or clock.due_at > event.at:
        return replace(clock, binding_at=None, binding_reason=None) if clock.binding_at else clock
    reason = _BINDING.get(event.kind, POLICY_CHANGE)
    return replace(clock, binding_at=event.at, binding_reason=reason, revealed_at=event.received_at)


def broke_while_paused(clock: Clock) -> bool:
    """Whether a change made during the pause under way broke the promise, which had been whole."""
    since, bound = clock.paused_since, clock.binding_at
    return clock.breached_at is None and since is not None and bound is not None and bound >= since
