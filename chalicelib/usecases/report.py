"""Roll up days from the events of the cases, when asked to and by the clock, and read what was rolled up."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.domain import causes
from chalicelib.domain.calendar import zone_of
from chalicelib.domain.causes import CauseLine
from chalicelib.domain.history import history
from chalicelib.domain.outcome import WITHIN, aftermath
from chalicelib.domain.rollup import AFTER, RollupLine, after_line, holds_until, lines, roll_up
from chalicelib.ports.cases import CaseStore
from chalicelib.ports.leases import Leases
from chalicelib.ports.policies import Promises
from chalicelib.ports.rollups import CaseLines, ListedCase, Rollups
from chalicelib.usecases.cases.answer_outcome import aftermath_of

PAGE: Final = 1000  # cases in one read of the index: it ends at 1 MB, which is about as many
ONE_DAY: Final = timedelta(days=1)
ZONES: Final = ONE_DAY  # no place's day begins or ends further from the day in UTC
LEASE: Final = "report"
LEASE_S: Final = 330  # longer than the function lives
REACH: Final = timedelta(days=14)  # dead letters and quarantine may be replayed for so long
MOST_BEHIND: Final = timedelta(days=366)  # after a longer silence, `earshot report rebuild`


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What the reports read and write."""

    store: CaseStore
    rollups: Rollups
    promises: Promises


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """
    What a rebuild came to. `unreadable` names cases that need a version of the policies that is gone.

    `cases` counts those whose events were read.
    """

    days: int
    cases: int
    clocks: int
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The lines of some days; `missing` are days among them that nobody rolled up."""

    first: date
    last: date
    lines: tuple[RollupLine, ...]
    missing: tuple[date, ...]


def days(first: date, last: date) -> tuple[date, ...]:
    """Both ends included."""
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))


def rebuild(first: date, last: date, *, ports: Ports, now: datetime) -> Rebuilt:
    """
    Roll up some days anew, from the events of every case that may have a part in them.

    Walks the list of all cases, and reads the timelines of those that were
    open or touched at the time. The same events give the same roll-up; facts
    that came late correct it.
    """
    found: list[RollupLine] = []
    complained: list[CauseLine] = []
    unreadable: list[str] = []
    read = 0
    for page in every_case(ports.rollups):
        for case in (case for case in page if _is_concerned(case, first, last)):
            read += 1
            try:
                one = counted(case, first, last, ports, now)
            except LookupError:
                unreadable.append(case.case_id)
                continue
            found += one.lines
            complained += one.causes
    clocks = save(first, last, found, complained, ports.rollups)
    return Rebuilt(days=len(days(first, last)), cases=read, clocks=clocks, unreadable=tuple(unreadable))


def counted(case: ListedCase, first: date, last: date, ports: Ports, now: datetime) -> CaseLines:
    """What a case adds to these days, from its events. Raises LookupError when it needs policies that are gone."""
    events, books = ports.store.events(case.case_id), ports.promises.books
    past = history(events, books)
    found, changes = [*lines(past, books, now)], [holds_until(past, now)]
    alone = aftermath(events)
    if alone and alone.decided_at > now:
        changes.append(alone.decided_at)
    elif alone and first - ZONES <= alone.decided_at.date() <= last + ZONES:
        record, _ = ports.store.case(case.case_id)
        came = aftermath_of(record, events, ports.store) if record else None
        found += [after_line(past, came, books)] if came else []
    return CaseLines(
        version=case.version,
        until=min(filter(None, changes), default=None),
        lines=tuple(found),
        causes=tuple(causes.complaints(past, books)),
    )


def save(
    first: date, last: date, found: Iterable[RollupLine], complained: Iterable[CauseLine], rollups: Rollups
) -> int:
    """Put what was found in place of the days' roll-ups; the number of clocks that are in them."""
    wanted = days(first, last)
    gone = [rollups.gone(day) for day in wanted]
    kept = [line for line in found if first <= line.day <= last]
    kept += [line for lines_, _ in gone for line in lines_]
    blamed = [line for line in complained if first <= line.day <= last]
    blamed += [line for _, causes_ in gone for line in causes_]
    summed, caused = roll_up(kept), causes.roll_up(blamed)
    for day in wanted:
        rollups.save_causes(day, [line for line in caused if line.day == day])
        rollups.save(day, [line for line in summed if line.day == day])  # last: it has the mark that the day is done
    return sum(line.place.metric != AFTER for line in kept)


def _is_concerned(case: ListedCase, first: date, last: date) -> bool:
    """
    Whether it was opened before the days ended, and something ran or happened in it since they began.

    What came of an answer is decided a week after it, when nothing happens.
    """
    if case.opened_at.date() > last + ZONES:
        return False
    return case.is_running or case.last_at is None or case.last_at.date() >= first - ZONES - WITHIN


def every_case(rollups: Rollups) -> Iterator[list[ListedCase]]:
    """In pages, each case once."""
    seen: set[str] = set()
    more: str | None = None
    while True:
        page = rollups.cases(limit=PAGE, more=more)
        fresh = [case for case in page.cases if case.case_id not in seen]
        seen.update(case.case_id for case in fresh)
        yield fresh
        more = page.more
        if more is None:
            return


# --- by itself --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePorts(Ports):
    """What rolling up by the clock needs besides. `has_time` is asked before each case; the rest waits for the next."""

    leases: Leases
    has_time: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledUp:
    """
    What one run came to.

    `days` is how many were rolled up, 0 when none had ended since. `read`
    counts cases whose events were read, `kept` those that had not changed.
    `behind` is the number of ended days that still wait, when time ran out
    or another run is at it.
    """

    days: int = 0
    read: int = 0
    kept: int = 0
    behind: int = 0
    unreadable: tuple[str, ...] = ()


def roll_up_ended(ports: SchedulePorts, now: datetime) -> RolledUp:
    """
    Roll up the days that have ended, and the `REACH` before them; safe to run at any time, any number of times.

    A day ends when it has ended in the time zone of a policy that is in
    force, and all of the span is rolled up each time that happens. What was read of a case is kept: a run that ends
    early is gone on with by the next.
    """
    ended = _ended(ports.promises, now)
    done = ports.rollups.done()
    if done == ended:
        return RolledUp()
    behind = max((ended[zone] - done.get(zone, ended[zone] - ONE_DAY)).days for zone in ended)
    lease = ports.leases.take(LEASE, turn=now.replace(minute=0, second=0, microsecond=0), now=now, for_s=LEASE_S)
    if lease is None:
        return RolledUp(behind=behind)
    since = max(min(ended.values()) - MOST_BEHIND, min(done.get(zone, day) for zone, day in ended.items()))
    first, last = since - REACH, max(ended.values())
    tally = _Walk(first, last)
    if not tally.all(ports, now):
        ports.leases.done(lease)
        return RolledUp(read=tally.read, kept=tally.kept, behind=behind, unreadable=tuple(tally.unreadable))
    save(first, last, tally.found, tally.complained, ports.rollups)
    ports.rollups.remember(ended)
    ports.leases.done(lease)
    return RolledUp(days=len(days(first, last)), read=tally.read, kept=tally.kept, unreadable=tuple(tally.unreadable))


def _ended(promises: Promises, now: datetime) -> dict[str, date]:
    """The last day that is over, for each time zone in which something is promised."""
    zones = {policy.calendar.zone for policy in promises.books[promises.current].policies}
    return {zone: now.astimezone(zone_of(zone)).date() - ONE_DAY for zone in zones}


@dataclass(slots=True)
class _Walk:
    """What a walk over all cases for some days has met so far."""

    first: date
    last: date
    found: list[RollupLine] = field(default_factory=list)
    complained: list[CauseLine] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    read: int = 0
    kept: int = 0

    def all(self, ports: SchedulePorts, now: datetime) -> bool:
        """Meet every case that has a part in the days; False when the time ran out before."""
        for page in every_case(ports.rollups):
            wanted = [case for case in page if _is_concerned(case, self.first, self.last)]
            known = ports.rollups.case_lines([case.case_id for case in wanted]) if wanted else {}
            for case in wanted:
                if not ports.has_time():
                    return False
                self._meet(case, known.get(case.case_id), ports, now)
        return True

    def _meet(self, case: ListedCase, known: CaseLines | None, ports: SchedulePorts, now: datetime) -> None:
        if known and case.version == known.version > 0 and (known.until is None or now < known.until):
            self.kept += 1
            self._add(known)
            return
        self.read += 1
        try:
            fresh = counted(case, self.first, self.last, ports, now)
        except LookupError:
            self.unreadable.append(case.case_id)
            return
        self._add(fresh)
        ports.rollups.keep_lines(case.case_id, fresh, now=now)

    def _add(self, one: CaseLines) -> None:
        self.found += one.lines
        self.complained += one.causes


# --- reading ----------------------------------------------------------------------------------------------------


def report(first: date, last: date, *, rollups: Rollups) -> Report:
    """What is kept of the days. One call for each."""
    kept = {day: rollups.read(day) for day in days(first, last)}
    return Report(
        first=first,
        last=last,
        lines=tuple(line for found in kept.values() for line in found or ()),
        missing=tuple(day for day, found in kept.items() if found is None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseReport:
    """What complaints of some days were about; `missing` are days among them that nobody rolled up."""

    first: date
    last: date
    lines: tuple[CauseLine, ...]
    missing: tuple[date, ...]


def report_causes(first: date, last: date, *, rollups: Rollups) -> CauseReport:
    """What is kept of the days. One call for each."""
    kept = {day: rollups.causes(day) for day in days(first, last)}
    return CauseReport(
        first=first,
        last=last,
        lines=tuple(line for found in kept.values() for line in found or ()),
        missing=tuple(day for day, found in kept.items() if found is None),
    )
