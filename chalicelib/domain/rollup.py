"""
What a day came to: kept and broken promises, counted so that days can be added up.

A clock counts once, on the day on which it was decided: when it was met,
ended, or broken. A broken promise counts at once and stays on that day when
the answer comes later (R18). Days are those of the wall in the calendar of
the clock's policy, since a day in UTC would cut the office hours of half the
world in two.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import TypeVar

from chalicelib.domain.attainment import Share, is_broken
from chalicelib.domain.calendar import zone_of
from chalicelib.domain.case.state import CaseState
from chalicelib.domain.clock import Books, Clock, Outcome, policy_of
from chalicelib.domain.history import History
from chalicelib.domain.outcome import NOTHING_CAME, Aftermath, Outcomes, counted
from chalicelib.domain.policy import reach_of

UNKNOWN_REACH = "unknown"
AFTER = "after"  # the `metric` of what came of answers, which is no clock
K = TypeVar("K")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RollupPlace:
    """
    What is counted apart.

    `metric` is that of a clock, or AFTER. `policy_id` is the promise that was kept, or the one that was broken, and
    `book` the version that a clock runs under; `reach` the band of how many
    can see its author, or "unknown".
    """

    metric: str
    channel: str
    policy_id: str
    book: int
    reach: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """
    Clocks by how they were decided; tallies can be added.

    `late_…` and `changed_…` are parts of met and breached: mentions that
    reached us late, and clocks that an event moved to another policy or
    calendar. `no_reply` counts first replies that were never given because
    the case was resolved without one; `cancelled` all others that ended with
    nothing to keep, `errors` those that nobody could reckon. The sums of time
    are of the `timed` clocks: decided by met or breached, and stopped.
    `after` counts cases and no clocks.
    """

    met: int = 0
    breached: int = 0
    late_met: int = 0
    late_breached: int = 0
    changed_met: int = 0
    changed_breached: int = 0
    no_reply: int = 0
    cancelled: int = 0
    errors: int = 0
    timed: int = 0
    business_s: int = 0
    elapsed_s: int = 0
    after: Outcomes = NOTHING_CAME

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Tally)})

    @property
    def share(self) -> Share:
        """As the customers lived it."""
        return Share(met=self.met, breached=self.breached)

    @property
    def share_without_late(self) -> Share:
        """What the care team could have done something about (R16)."""
        return Share(met=self.met - self.late_met, breached=self.breached - self.late_breached)

    @property
    def share_without_changed(self) -> Share:
        """Of clocks that kept to one promise from start to end."""
        return Share(met=self.met - self.changed_met, breached=self.breached - self.changed_breached)


@dataclass(frozen=True, slots=True, kw_only=True)
class RollupLine:
    """One place on one day. `day` is local to the calendar of the place's policy."""

    day: date
    place: RollupPlace
    tally: Tally


def lines(past: History, books: Books, now: datetime) -> Iterator[RollupLine]:
    """What one case adds to its days: a line for each of its clocks that is decided at `now`."""
    if not past:
        return
    state, changed = past[-1].state, _changed(past)
    for clock in state.clocks:
        decided_at = _decided_at(clock, now)
        if decided_at is None:
            continue
        place = RollupPlace(
            metric=clock.metric.value,
            channel=state.channel,
            policy_id=clock.breached_under or clock.policy_id,
            book=clock.book,
            reach=_reach(state),
        )
        tally = _tally(clock, now, is_changed=clock.id in changed)
        yield RollupLine(day=_day(clock, decided_at, books), place=place, tally=tally)


def holds_until(past: History, now: datetime) -> datetime | None:
    """When `lines` says something else although nothing has happened: a running promise breaks. None for never."""
    running = past[-1].state.running if past else ()
    return min((c.breach_at for c in running if c.breach_at and not is_broken(c, now)), default=None)


def after_line(past: History, found: Aftermath, books: Books) -> RollupLine:
    """What one case adds to its day by what came of its answer: that on which its seven days were over."""
    state = past[-1].state
    clock = min(state.clocks, key=lambda clock: (clock.started_at, clock.id), default=None)
    place = RollupPlace(
        metric=AFTER,
        channel=state.channel,
        policy_id=state.policy_id or "",
        book=clock.book if clock else 0,
        reach=_reach(state),
    )
    day = _day(clock, found.decided_at, books) if clock else found.decided_at.date()
    return RollupLine(day=day, place=place, tally=Tally(after=counted(found)))


def _reach(state: CaseState) -> str:
    reach = reach_of(state.author.followers) if state.author else None
    return reach.value if reach else UNKNOWN_REACH


def _decided_at(clock: Clock, now: datetime) -> datetime | None:
    if is_broken(clock, now):
        return clock.breached_at or clock.breach_at
    return clock.stopped_at


def _day(clock: Clock, moment: datetime, books: Books) -> date:
    """UTC where the version of the policies is gone."""
    try:
        zone = zone_of(policy_of(clock, books).calendar.zone)
    except LookupError:
        zone = UTC
    return moment.astimezone(zone).date()


def _changed(past: History) -> set[str]:
    """Clocks that were moved to another policy, or with their calendar, at any time."""
    first: dict[str, str] = {}
    changed: set[str] = set()
    for clock in (clock for moment in past for clock in moment.clocks):
        if first.setdefault(clock.id, clock.policy_id) != clock.policy_id or clock.calendar_book is not None:
            changed.add(clock.id)
    return changed


def _tally(clock: Clock, now: datetime, *, is_changed: bool) -> Tally:
    broken, met = is_broken(clock, now), clock.outcome is Outcome.MET
    if not (broken or met):
        return _undecided(clock)
    is_late, is_timed = clock.late_s > 0, clock.business_s is not None
    return Tally(
        met=int(met),
        breached=int(broken),
        late_met=int(met and is_late),
        late_breached=int(broken and is_late),
        changed_met=int(met and is_changed),
        changed_breached=int(broken and is_changed),
        timed=int(is_timed),
        business_s=clock.business_s or 0,
        elapsed_s=(clock.elapsed_s or 0) if is_timed else 0,
    )


def _undecided(clock: Clock) -> Tally:
    if clock.outcome is Outcome.ERROR:
        return Tally(errors=1)
    return Tally(no_reply=1) if clock.reason == "no_reply" else Tally(cancelled=1)


# --- adding up --------------------------------------------------------------------------------------------------


def total(found: Iterable[RollupLine]) -> Tally:
    """All of them together."""
    return sum((line.tally for line in found), Tally())


def grouped(found: Iterable[RollupLine], key: Callable[[RollupLine], K]) -> Mapping[K, Tally]:
    """Tallies by `key`, in the order in which the keys first come."""
    groups: dict[K, list[RollupLine]] = defaultdict(list)
    for line in found:
        groups[key(line)].append(line)
    return {name: total(group) for name, group in groups.items()}


def roll_up(found: Iterable[RollupLine]) -> tuple[RollupLine, ...]:
    """One line for each day and place, in order: the same clocks give the same lines, whatever order they come in."""
    summed = grouped(found, lambda line: (line.day, line.place))
    return tuple(RollupLine(day=day, place=place, tally=summed[day, place]) for day, place in sorted(summed))
