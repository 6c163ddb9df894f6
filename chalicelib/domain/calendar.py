"""
Open hours, and business time measured inside them.

Business time is real seconds inside open windows, so daylight saving never
stretches or shrinks a target: only wall-clock windows move. Where a date has
special hours they replace its weekly pattern, holiday or not; a holiday closes
what lies on that local date and nothing else, so an evening window that
starts on a holiday is still open after its midnight.

Every instant is aware; fractions of a second are dropped. Results are UTC.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import chain, pairwise
from math import floor
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones, reset_tzpath

# The zones of the pinned package, before those of the machine: functions and checks must agree on every due time.
if find_spec("tzdata"):
    reset_tzpath(to=())

DAY_S = 86_400
LOOKAHEAD_DAYS = 366
FARTHEST_S = 10 * LOOKAHEAD_DAYS * DAY_S  # no due time is looked for beyond that
ONE_DAY = timedelta(days=1)

Span = tuple[int, int]  # half-open: epoch seconds, or seconds of the wall clock


class UnknownZone(ValueError):
    """The zone is not in the time zone database. Next step: use an IANA name such as Europe/London."""


class NoOpenTime(Exception):
    """A calendar has no open time in the next 366 days. Next step: give it open hours."""


class Window(NamedTuple):
    """
    Open hours as they are written: seconds of the local wall clock, half-open.

    A `close_s` beyond 24:00 runs on into the next date.
    """

    open_s: int
    close_s: int


Windows = tuple[Window, ...]
ALL_DAY: Windows = (Window(0, DAY_S),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """
    When somebody is there to answer.

    `weekly` has seven entries, Monday first; an empty one is a closed day.
    `special` pairs a date with the hours that hold on it, in order of date.
    Raises UnknownZone, and ValueError for dates out of order and for a window
    that is empty or longer than a day.
    """

    id: str
    zone: str
    weekly: tuple[Windows, ...]
    holidays: frozenset[date] = frozenset()
    special: tuple[tuple[date, Windows], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not be resolved later."""
        zone_of(self.zone)
        if len(self.weekly) != 7:  # noqa: PLR2004 - days in a week
            raise ValueError(f"calendar {self.id}: a week has seven days, not {len(self.weekly)}")
        if any(before >= after for (before, _), (after, _) in pairwise(self.special)):
            raise ValueError(f"calendar {self.id}: special dates must be in order, each once")
        for window in chain(*self.weekly, *(windows for _, windows in self.special)):
            _check_window(window)

    @property
    def is_round_the_clock(self) -> bool:
        """Never closed: business time is then plain time."""
        return _agenda(self).never_closes


def always_open(calendar_id: str = "always", zone: str = "UTC") -> Calendar:
    """Around the clock, every day of the year."""
    return Calendar(id=calendar_id, zone=zone, weekly=(ALL_DAY,) * 7)


def due(calendar: Calendar, start: datetime, target_s: int) -> datetime:
    """
    The first instant at which `target_s` seconds of business time have passed since `start`.

    A target that is used up exactly at closing is due at that closing instant.
    Ten years ahead when they are not enough: promises that nobody could keep
    are refused when they are saved. Raises NoOpenTime when 366 days in a row
    bring no open time.
    """
    if target_s < 0:
        raise ValueError(f"a target cannot be negative: {target_s} s")
    begun = _epoch(start)
    agenda = _agenda(calendar)
    if agenda.never_closes or target_s == 0:
        return _utc(begun + target_s)
    return _utc(_due(agenda, begun, target_s))


def business_seconds(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Open seconds in `[start, end)`; 0 when `end` is not after `start`."""
    begun, ended = _epoch(start), _epoch(end)
    agenda = _agenda(calendar)
    if agenda.never_closes:
        return max(0, ended - begun)
    return sum(closes - opens for opens, closes in _pieces(agenda, begun, ended))


def open_windows(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The open time in `[start, end)` as (opens, closes) in UTC, in order, with adjacent pieces joined."""
    begun, ended = _epoch(start), _epoch(end)
    agenda = _agenda(calendar)
    pieces = ((begun, ended),) if agenda.never_closes and begun < ended else _pieces(agenda, begun, ended)
    for opens, closes in _joined(pieces):
        yield _utc(opens), _utc(closes)


_NO_ZONES = frozenset({"localtime", "posixrules", "Factory"})  # files beside the zones, other on each machine


@cache
def zone_of(name: str) -> tzinfo:
    """
    The zone of that IANA name; UTC works without a time zone database.

    Raises UnknownZone, which says so when the machine has no database at all.
    """
    if name == "UTC":
        return UTC
    if name in _NO_ZONES or name.startswith(("posix/", "right/")):
        raise UnknownZone(f"no time zone is called {name!r}")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: the name of a folder, such as "Europe"
        raise UnknownZone(_why_unknown(name)) from error


def _why_unknown(name: str) -> str:
    if available_timezones():
        return f"no time zone is called {name!r}"
    return f"cannot look up {name!r}: this machine has no time zone database (install the Python package tzdata)"


def _check_window(window: Window) -> None:
    opens, closes = window
    whole_day = (opens, closes) == (0, DAY_S)
    if not (whole_day or (0 <= opens < DAY_S and opens < closes < opens + DAY_S)):
        raise ValueError(f"{window} does not open before it closes, within a day")


class _Agenda:
    """A calendar with its zone and pattern worked out, and its open spans by date, each resolved once."""

    def __init__(self, calendar: Calendar) -> None:
        self.name = calendar.id
        self._zone = zone_of(calendar.zone)
        self._weekly = calendar.weekly
        self._holidays = calendar.holidays
        self._special = dict(calendar.special)
        self.spans = lru_cache(maxsize=1024)(self._resolve)
        self.never_closes = self._never_closes()

    def day_of(self, instant: int) -> int:
        """Ordinal of the local date."""
        return datetime.fromtimestamp(instant, self._zone).toordinal()

    def _resolve(self, day: int) -> tuple[Span, ...]:
        """The open spans of a local date in epoch seconds, ordered and disjoint; one that lies in a gap is empty."""
        midnight = datetime.combine(date.fromordinal(day), time())
        return tuple(_joined(sorted(self._instants(midnight, window) for window in self._wall(midnight.date()))))

    def _instants(self, midnight: datetime, window: Window) -> Span:
        opens, closes = (midnight + timedelta(seconds=wall_s) for wall_s in window)
        return _first_instant(self._zone, opens), _last_instant(self._zone, closes)

    def _wall(self, day: date) -> list[Window]:
        """What is open on a date: windows cut at midnight, so that each piece belongs to the date it lies on."""
        if day in self._holidays and day not in self._special:
            return []
        ours = _before_midnight(self._special[day]) if day in self._special else self._pattern(day.weekday())
        return [*ours, *_after_midnight(self._special.get(day - ONE_DAY, ()))]

    def _pattern(self, weekday: int) -> list[Window]:
        return [*_before_midnight(self._weekly[weekday]), *_after_midnight(self._weekly[weekday - 1])]

    def _never_closes(self) -> bool:
        everyday = (self._pattern(weekday) for weekday in range(7))
        exceptions = (self._wall(day) for day in self._holidays | self._special.keys())
        return all(tuple(_joined(sorted(windows))) == ALL_DAY for windows in chain(everyday, exceptions))


# Hashing a calendar walks all its dates, so this is done once a call and the days are kept under plain integers.
_agenda = lru_cache(maxsize=256)(_Agenda)


def _before_midnight(windows: Windows) -> list[Window]:
    return [Window(opens, min(closes, DAY_S)) for opens, closes in windows]


def _after_midnight(windows: Windows) -> list[Window]:
    return [Window(0, closes - DAY_S) for _, closes in windows if closes > DAY_S]


def _first_instant(zone: tzinfo, wall: datetime) -> int:
    """When a clock on the wall first shows this time; if it never does, the first instant after the gap."""
    return min(_occurrences(zone, wall))


def _last_instant(zone: tzinfo, wall: datetime) -> int:
    """When a clock on the wall last shows this time; if it never does, the first instant after the gap."""
    return max(_occurrences(zone, wall))


def _occurrences(zone: tzinfo, wall: datetime) -> Span:
    early, late = (_epoch(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if early <= late:
        return early, late
    # Only in a gap does fold=0 lie later than fold=1 (PEP 495); they enclose the change of offset.
    instants = range(late, early + 1)
    after_gap = instants[bisect_left(instants, wall, key=lambda instant: _wall_clock(zone, instant))]
    return after_gap, after_gap


def _wall_clock(zone: tzinfo, instant: int) -> datetime:
    return datetime.fromtimestamp(instant, zone).replace(tzinfo=None)


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans that touch or overlap become one; they must come ordered."""
    current: Span | None = None
    for opens, closes in spans:
        if current and opens <= current[1]:
            current = current[0], max(current[1], closes)
            continue
        if current:
            yield current
        current = opens, closes
    if current:
        yield current


def _pieces(agenda: _Agenda, start: int, end: int) -> Iterator[Span]:
    """The open spans in `[start, end)`, ordered and disjoint, adjacent ones apart."""
    # A day more on either side: where clocks go back at midnight, a window may reach into the next date.
    for day in range(agenda.day_of(start) - 1, agenda.day_of(end) + 2):
        for opens, closes in agenda.spans(day):
            piece = max(opens, start), min(closes, end)
            if piece[0] < piece[1]:
                yield piece
                start = piece[1]


def _due(agenda: _Agenda, start: int, remaining_s: int) -> int:
    farthest = start + FARTHEST_S
    while start < farthest:
        opens, closes = _next_piece(agenda, start)
        if remaining_s <= closes - opens:
            return opens + remaining_s
        remaining_s -= closes - opens
        start = closes
    return farthest


def _next_piece(agenda: _Agenda, start: int) -> Span:
    piece = next(_pieces(agenda, start, start + LOOKAHEAD_DAYS * DAY_S), None)
    if piece is None:
        after = _utc(start).isoformat()
        raise NoOpenTime(f"calendar {agenda.name} has no open time in the {LOOKAHEAD_DAYS} days after {after}")
    return piece


def _epoch(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone")
    return floor(instant.timestamp())


def _utc(epoch_s: int) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)
