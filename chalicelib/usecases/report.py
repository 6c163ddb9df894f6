"""Roll up days from the events of the cases, and read what was rolled up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.domain import causes
from chalicelib.domain.causes import CauseLine
from chalicelib.domain.events import Event
from chalicelib.domain.history import History, history
from chalicelib.domain.outcome import WITHIN, aftermath
from chalicelib.domain.rollup import AFTER, Line, after_line, lines, roll_up
from chalicelib.ports.cases import CaseRecord, CaseStore
from chalicelib.ports.policies import Promises
from chalicelib.ports.rollups import Rollups
from chalicelib.usecases.aftermath import aftermath_of

PAGE = 100  # cases in one read of the index
ZONES = timedelta(days=1)  # no place's day begins or ends further from the day in UTC


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
    lines: tuple[Line, ...]
    missing: tuple[date, ...]


def days(first: date, last: date) -> tuple[date, ...]:
    """Both ends included."""
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))


def rebuild(first: date, last: date, *, ports: Ports, now: datetime) -> Rebuilt:
    """
    Roll up some days anew, from the events of every case that may have a part in them.

    Walks the list of all cases, reads the state of each, and the timeline of
    those that were open at the time. The same events give the same roll-up;
    facts that came late correct it.
    """
    found: list[Line] = []
    complained: list[CauseLine] = []
    unreadable: list[str] = []
    read = 0
    for case in _concerned(first, last, ports):
        read += 1
        try:
            past = history(events := ports.store.events(case.case_id), ports.promises.books)
            found += _lines_of(case, events, past, first, last, ports, now)
            complained += causes.complaints(past, ports.promises.books)
        except LookupError:
            unreadable.append(case.case_id)
    wanted = days(first, last)
    counted = [line for line in found if line.day in set(wanted)]
    clocks = sum(line.place.metric != AFTER for line in counted)
    summed = roll_up(counted)
    for day in wanted:
        ports.rollups.save(day, [line for line in summed if line.day == day])
        ports.rollups.save_causes(day, causes.roll_up(line for line in complained if line.day == day))
    return Rebuilt(days=len(wanted), cases=read, clocks=clocks, unreadable=tuple(unreadable))


def _lines_of(
    case: CaseRecord, events: Sequence[Event], past: History, first: date, last: date, ports: Ports, now: datetime
) -> list[Line]:
    books = ports.promises.books
    found = [*lines(past, books, now)]
    alone = aftermath(events)
    if alone and alone.decided_at <= now and first - ZONES <= alone.decided_at.date() <= last + ZONES:
        came = aftermath_of(case, events, ports.store)
        found += [after_line(past, came, books)] if came else []
    return found


def _concerned(first: date, last: date, ports: Ports) -> Iterator[CaseRecord]:
    """
    Cases that were opened before the days ended, and in which something ran or happened since they began.

    What came of an answer is decided a week after it, when nothing happens.
    """
    for case_id, opened_at in _every_case(ports.rollups):
        if opened_at.date() > last + ZONES:
            continue
        case, _ = ports.store.case(case_id)
        if case is None or case.merged_into is not None:
            continue
        if case.state.running or (case.state.last and case.state.last[0].date() >= first - ZONES - WITHIN):
            yield case


def _every_case(rollups: Rollups) -> Iterator[tuple[str, datetime]]:
    seen: set[str] = set()
    more: str | None = None
    while True:
        page = rollups.cases(limit=PAGE, more=more)
        yield from (case for case in page.cases if case[0] not in seen)
        seen.update(case_id for case_id, _ in page.cases)
        more = page.more
        if more is None:
            return


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
