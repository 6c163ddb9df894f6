"""
One promise to one customer: a clock, and what can happen to it.

Pure arithmetic on values; the rules are R3 to R9 of the SLA rule set
(docs/sla.md). Which event does what to which clock is `case.py`'s business.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain import calendar
from chalicelib.domain.events import Event
from chalicelib.domain.policy import Policy, PolicyBook

LATE_INGEST_S = 60  # a mention that reached us later than this is reported apart (R16)

Books = Mapping[int, PolicyBook]


class Metric(StrEnum):
    """What a clock measures (R4)."""

    FRT = "frt"  # first reply
    NRT = "nrt"  # next reply
    RES = "res"  # resolution


class Outcome(StrEnum):
    """How a clock stands. A running clock past its due time counts as breached in reports at once (R18)."""

    RUNNING = "running"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """
    A promise made when a customer wrote.

    All instants are aware UTC, durations in seconds. `due_at` and `warn_at`
    are None while a resolution clock is paused. `binding_at` is when a later
    change (priority, restore, deletion) made the due time binding; None when
    it was so from the start. `breached_at` is set once and for ever when a
    breach is on record, even if the clock then goes on to a later due time.
    `generation` counts the new due times that a breached or ended clock was
    given: each has a ladder of its own. `paused_s` is in business time.
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
    generation: int = 0
    warned: bool = False
    paused_s: int = 0
    paused_since: datetime | None = None
    late_s: int = 0
    outcome: Outcome = Outcome.RUNNING
    reason: str | None = None
    breached_at: datetime | None = None
    stopped_at: datetime | None = None
    business_s: int | None = None
    elapsed_s: int | None = None

    @property
    def id(self) -> str:
        """A clock is its metric and the customer message that started it (R4)."""
        return f"{self.metric}:{self.message_key}"

    @property
    def is_running(self) -> bool:
        return self.outcome is Outcome.RUNNING

    @property
    def breach_at(self) -> datetime | None:
        """The instant after which the clock is breached, unless it stops before; None while paused."""
        if self.due_at is None or self.binding_at is None:
            return self.due_at
        return max(self.due_at, self.binding_at)

    def is_past(self, moment: datetime) -> bool:
        """Whether the due time has passed. At the due instant itself it has not (R5)."""
        return self.due_at is not None and moment > self.due_at


def policy_of(clock: Clock, books: Books) -> Policy:
    """The promise as it was when the clock took it on. Raises KeyError for a version that is gone."""
    return books[clock.book].get(clock.policy_id)


def start(metric: Metric, event: Event, policy: Policy) -> Clock | None:
    """A clock for the customer message `event`; None when the policy promises nothing of that kind."""
    target_s = _target(metric, policy)
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


def _target(metric: Metric, policy: Policy) -> int | None:
    targets = policy.targets
    return {Metric.FRT: targets.frt_s, Metric.NRT: targets.nrt_s, Metric.RES: targets.res_s}[metric]


def _timed(clock: Clock, policy: Policy) -> Clock:
    """The clock with its due and warning instants worked out from the start."""
    return replace(
        clock,
        due_at=policy.due_at(clock.started_at, clock.target_s + clock.paused_s),
        warn_at=policy.due_at(clock.started_at, policy.warn_s(clock.target_s) + clock.paused_s),
    )


def stop(clock: Clock, at: datetime, books: Books) -> Clock:
    """The promise was kept, or kept too late."""
    breached_at = clock.breached_at or (clock.breach_at if clock.is_past(at) else None)
    return _ended(clock, at, books, outcome=Outcome.BREACHED if breached_at else Outcome.MET, breached_at=breached_at)


def end(clock: Clock, at: datetime, reason: str, books: Books) -> Clock:
    """
    Nothing is left to keep: cancelled, unless it was breached before.

    A breach stays a breach whatever happened afterwards (R8, R10, R11).
    """
    breached_at = clock.breached_at or (clock.breach_at if clock.is_past(at) else None)
    outcome = Outcome.BREACHED if breached_at else Outcome.CANCELLED
    return _ended(clock, at, books, outcome=outcome, breached_at=breached_at, reason=reason)


def _ended(
    clock: Clock,
    at: datetime,
    books: Books,
    *,
    outcome: Outcome,
    breached_at: datetime | None,
    reason: str | None = None,
) -> Clock:
    clock = resume(clock, at, books) if clock.paused_since else clock
    business_s = calendar.business_seconds(policy_of(clock, books).calendar, clock.started_at, at) - clock.paused_s
    return replace(
        clock,
        outcome=outcome,
        reason=reason,
        breached_at=breached_at,
        stopped_at=at,
        business_s=max(0, business_s),
        elapsed_s=max(0, int((at - clock.started_at).total_seconds())),
    )


def pause(clock: Clock, at: datetime) -> Clock:
    """Stop counting. A breach that has happened already goes on record first."""
    breached_at = clock.breached_at or (clock.breach_at if clock.is_past(at) else None)
    return replace(clock, paused_since=at, due_at=None, warn_at=None, breached_at=breached_at)


def resume(clock: Clock, at: datetime, books: Books) -> Clock:
    """Count again; paused time is measured in the policy's calendar (R7)."""
    if clock.paused_since is None:
        return clock
    policy = policy_of(clock, books)
    paused_s = clock.paused_s + calendar.business_seconds(policy.calendar, clock.paused_since, at)
    return _timed(replace(clock, paused_s=paused_s, paused_since=None), policy)


def retarget(
    clock: Clock,
    event: Event,
    policy: Policy,
    *,
    pauses: tuple[tuple[datetime, datetime], ...] = (),
) -> Clock:
    """
    The same promise under another policy, from its original start (R9).

    `pauses` are the finished pauses of the clock, measured anew in the new
    calendar. The policy no longer promising anything of the kind keeps the
    old promise.
    """
    target_s = _target(clock.metric, policy)
    if target_s is None:
        return clock
    was_breached = clock.is_past(event.at)
    paused_s = sum(calendar.business_seconds(policy.calendar, begin, finish) for begin, finish in pauses)
    moved = replace(
        clock,
        policy_id=policy.id,
        book=event.book,
        target_s=target_s,
        paused_s=paused_s,
        breached_at=clock.breached_at or (clock.breach_at if was_breached else None),
        generation=clock.generation + (1 if was_breached else 0),
    )
    return bound_by(moved if clock.paused_since else _timed(moved, policy), event)


def bound_by(clock: Clock, event: Event) -> Clock:
    """The clock as `event` brought it (back) to life: it cannot have been breached before that (R5)."""
    if clock.due_at is None or clock.due_at > event.at:
        return clock
    return replace(clock, binding_at=event.at, revealed_at=event.received_at)
