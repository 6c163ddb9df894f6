"""
`due` against a reference that walks the minutes: the same results, and how much faster.

The reference is what a person with a clock on the wall would do. It only ever
asks what the clock shows at an instant, which is never ambiguous.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from statistics import median
from time import process_time_ns
from zoneinfo import ZoneInfo

from bench.report import Table
from chalicelib.domain.calendar import ALL_DAY, DAY_S, Calendar, Window, Windows, due

SEED = 20260302
MINUTE_S = 60
DAY_MINUTES = 24 * 60
TARGETS_S = (60, 4 * 3600)
DAYS_BEFORE, DAYS_AFTER = 2, (3, 30)  # of the start: what the reference walks; more when it must
ONE_MINUTE, ONE_DAY = timedelta(minutes=1), timedelta(days=1)
ODD_DAYS = (  # clocks change, half of all calendars are about them
    ("Europe/London", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/Havana", date(2025, 11, 2)),  # midnight comes twice
    ("Africa/Cairo", date(2026, 4, 24)),  # the day starts at 01:00
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4)),
)
ZONES = ("UTC", "Europe/Paris", "America/Los_Angeles", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney")


class Disagreement(Exception):
    """`due` and the reference say different things. Next step: make a test of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """When a target that begins at `start` is due."""

    calendar: Calendar
    start: datetime
    target_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """CPU nanoseconds that both took for one question: `first` by a calendar never used before, `again` after that."""

    slow: int
    first: int
    again: int


def measure(number: int, say: Callable[[str], None]) -> Table:
    """Raises Disagreement."""
    answered = []
    with _no_collection():
        for turn, question in enumerate(questions(number)):
            if turn % 2_000 == 0:
                say(f"  {turn:,} of {number:,}")
            answered.append(answer(question))
    return table(answered)


@contextmanager
def _no_collection() -> Iterator[None]:
    """What the reference leaves behind would be collected while `due` is timed."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def answer(question: Question) -> Answered:
    """Raises Disagreement."""
    calendar, start, target_s = question.calendar, question.start, question.target_s
    expected, slow = _timed(lambda: slow_due(calendar, start, target_s))
    found, first = _timed(lambda: due(calendar, start, target_s))
    if found != expected:
        raise Disagreement(f"{question}: {found.isoformat()}, by the minutes {expected.isoformat()}")
    _, again = _timed(lambda: due(calendar, start, target_s))
    return Answered(slow=slow, first=first, again=again)


def _timed(action: Callable[[], datetime]) -> tuple[datetime, int]:
    began = process_time_ns()
    found = action()
    return found, process_time_ns() - began


# --- questions -------------------------------------------------------------------------------------------------------


def questions(number: int, seed: int = SEED) -> Iterator[Question]:
    """Random ones, the same for the same seed."""
    draw = Random(seed)
    for n in range(number):
        yield _question(draw, f"random-{n}")


def _question(draw: Random, name: str) -> Question:
    zone, day = draw.choice(ODD_DAYS)
    if draw.random() < 0.5:
        zone, day = draw.choice(ZONES), date(2026, 1, 1) + timedelta(days=draw.randrange(365))
    middle = datetime.combine(day, time(), UTC)
    return Question(
        calendar=_calendar(draw, name, zone, day),
        start=middle + timedelta(seconds=draw.randrange(-DAY_S, DAY_S)),
        target_s=draw.randrange(*TARGETS_S),
    )


def _calendar(draw: Random, name: str, zone: str, day: date) -> Calendar:
    near = [day + timedelta(days=shift) for shift in range(-2, 3)]
    return Calendar(
        id=name,
        zone=zone,
        weekly=tuple(_day(draw) for _ in range(7)),
        holidays=frozenset(draw.sample(near, draw.randrange(2))),
        special=tuple((one, _day(draw)) for one in sorted(draw.sample(near, draw.randrange(2)))),
    )


def _day(draw: Random) -> Windows:
    """Open in one day out of twenty around the clock; else two windows at most, also over midnight and each other."""
    if draw.random() < 0.05:
        return ALL_DAY
    return tuple(_window(draw) for _ in range(draw.choice((0, 1, 1, 2, 2))))


def _window(draw: Random) -> Window:
    opens = draw.randrange(DAY_MINUTES)
    length = draw.randrange(1, DAY_MINUTES)
    return Window(opens * MINUTE_S, (opens + length) * MINUTE_S)


# --- the reference ---------------------------------------------------------------------------------------------------


def slow_due(calendar: Calendar, start: datetime, target_s: int) -> datetime:
    """The same as `due`, minute by minute. Raises LookupError when the days that it looks at do not suffice."""
    for days in DAYS_AFTER:
        at = _reached(open_minutes(calendar, start, days), int(start.timestamp()), target_s)
        if at is not None:
            return datetime.fromtimestamp(at, UTC)
    raise LookupError(f"{calendar.id}: not due within {days} days")


def _reached(minutes: Iterable[int], begin: int, left_s: int) -> int | None:
    for minute in minutes:
        opens = max(begin, minute)
        available_s = max(0, minute + MINUTE_S - opens)
        if 0 < left_s <= available_s:
            return opens + left_s
        left_s -= available_s
    return None


def open_minutes(calendar: Calendar, start: datetime, days: int) -> list[int]:
    """Every minute around `start` in which the calendar is open, as seconds since 1970."""
    wall = clock_on_the_wall(calendar.zone, start.date() - timedelta(days=DAYS_BEFORE), DAYS_BEFORE + days)
    found: set[int] = set()
    for opens, closes in _on_the_wall(calendar, wall.dates):
        found.update(range(wall.first.get(opens, wall.end), wall.last.get(closes, wall.end), MINUTE_S))
    return sorted(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """
    What the clock on the wall shows, minute by minute, as seconds since 1970.

    `first` is the first minute that shows a time or a later one, `last` the
    last that shows it, or the first after it where it is left out.
    """

    first: Mapping[datetime, int]
    last: Mapping[datetime, int]
    end: int
    dates: Sequence[date]


@lru_cache(maxsize=32)
def clock_on_the_wall(zone: str, first_day: date, days: int) -> Wall:
    begin = int(datetime.combine(first_day, time(), UTC).timestamp())
    end = begin + days * DAY_S
    local = ZoneInfo(zone)
    first: dict[datetime, int] = {}
    last: dict[datetime, int] = {}
    awaited = datetime.fromtimestamp(begin, local).replace(tzinfo=None)
    for minute in range(begin, end, MINUTE_S):
        shown = datetime.fromtimestamp(minute, local).replace(tzinfo=None)
        while awaited <= shown:
            first[awaited] = last[awaited] = minute
            awaited += ONE_MINUTE
        last[shown] = minute
    dates = [first_day + shift * ONE_DAY for shift in range(-1, days + 1)]
    return Wall(first=first, last=last, end=end, dates=dates)


def _on_the_wall(calendar: Calendar, days: Sequence[date]) -> Iterator[tuple[datetime, datetime]]:
    """Open hours by the clock on the wall, each cut to the date on which it lies."""
    special = dict(calendar.special)
    for day in days:
        for opened, shift_s in ((day, 0), (day - ONE_DAY, DAY_S)):
            if day in special:
                yield from _cut(day, special.get(opened, ()), shift_s)
            elif day not in calendar.holidays:
                yield from _cut(day, (*special.get(opened, ()), *calendar.weekly[opened.weekday()]), shift_s)


def _cut(day: date, hours: Windows, shift_s: int) -> Iterator[tuple[datetime, datetime]]:
    for window in hours:
        opens, closes = max(0, window.open_s - shift_s), min(DAY_S, window.close_s - shift_s)
        if opens < closes:
            yield _wall(day, opens), _wall(day, closes)


def _wall(day: date, wall_s: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(seconds=wall_s)


# --- as a table ------------------------------------------------------------------------------------------------------


def table(answered: Sequence[Answered]) -> Table:
    columns = {
        "reference, minute by minute": [one.slow for one in answered],
        "due, calendar never used before": [one.first for one in answered],
        "due, the same question again": [one.again for one in answered],
    }
    reference, *_ = columns.values()
    return Table(
        name="calendars",
        title=f"When is it due: {len(answered):,} random calendars, the same answer to the second from both",
        head=("by", "us, median", "us, most", "times faster"),
        rows=tuple(
            (name, median(spent) / 1000, max(spent) / 1000, sum(reference) / sum(spent))
            for name, spent in columns.items()
        ),
        notes=(
            "Half of them around a change of clocks. The bench fails when one answer differs.",
            f"Targets up to {TARGETS_S[1] // 3600} h. Times faster: by the sums. The reference keeps its tables.",
        ),
    )
