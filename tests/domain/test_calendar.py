"""Due times and business time to the second: worked examples, laws, and a slow reference that walks the minutes."""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from chalicelib.domain import calendar as calendar_module
from chalicelib.domain.calendar import (
    ALL_DAY,
    DAY_S,
    Calendar,
    NoOpenTime,
    UnknownZone,
    Window,
    always_open,
    business_seconds,
    due,
    open_windows,
    zone_of,
)

MINUTE, HOUR = 60, 3_600
CLOSED = ()


def hours(*windows: tuple[float, float]) -> tuple[Window, ...]:
    return tuple(Window(int(opens * HOUR), int(closes * HOUR)) for opens, closes in windows)


def dates(*texts: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(text) for text in texts)


C1 = Calendar(
    id="london-office",
    zone="Europe/London",
    weekly=(hours((9, 17)),) * 5 + (CLOSED, CLOSED),
    holidays=dates(
        "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-28", "2027-01-01"
    ),
)
C2 = always_open()
C3 = Calendar(
    id="new-york-split",
    zone="America/New_York",
    weekly=(hours((8, 12), (13, 18)),) * 5 + (hours((10, 14)), CLOSED),
    holidays=dates("2026-11-26", "2026-12-25"),
    special=((date(2026, 11, 27), hours((10, 14))), (date(2026, 12, 24), hours((9, 13)))),
)
C4 = Calendar(id="berlin-nights", zone="Europe/Berlin", weekly=(hours((22, 30)),) * 7)
C5 = always_open("berlin-always", "Europe/Berlin")
C6 = Calendar(id="sydney", zone="Australia/Sydney", weekly=(hours((8, 18)),) * 5 + (CLOSED, CLOSED))
C7 = Calendar(id="kolkata", zone="Asia/Kolkata", weekly=(hours((10, 19)),) * 6 + (CLOSED,))
C8 = Calendar(
    id="london-weekend-nights", zone="Europe/London", weekly=(CLOSED,) * 4 + (hours((20, 26)),) * 2 + (CLOSED,)
)
C8_WITH_HOLIDAY = Calendar(id="london-nights-off", zone=C8.zone, weekly=C8.weekly, holidays=dates("2026-06-06"))


def at(text: str) -> datetime:
    """An instant with its offset spelled out, so that no expectation rests on a time zone database."""
    return datetime.fromisoformat(text)


class Example(NamedTuple):
    title: str
    calendar: Calendar
    start: str
    target_s: int
    due: str
    warning: str | None = None  # at three quarters of the target


EXAMPLES = [
    Example("1: inside one day", C1, "2026-03-03T10:00Z", HOUR, "2026-03-03T11:00Z", "2026-03-03T10:45Z"),
    Example("1: over three days", C1, "2026-03-03T10:00Z", 16 * HOUR, "2026-03-05T10:00Z", "2026-03-04T14:00Z"),
    Example("2: before opening", C1, "2026-03-03T07:12:30Z", HOUR, "2026-03-03T10:00Z", "2026-03-03T09:45Z"),
    Example("3: over the weekend", C1, "2026-03-06T16:30Z", HOUR, "2026-03-09T09:30Z", "2026-03-09T09:15Z"),
    Example("5: used up at closing", C1, "2026-03-03T16:00Z", HOUR, "2026-03-03T17:00Z", "2026-03-03T16:45Z"),
    Example("5: second step, next morning", C1, "2026-03-03T17:00Z", 15 * MINUTE, "2026-03-04T09:15Z"),
    Example("5: third step, next morning", C1, "2026-03-03T17:00Z", 30 * MINUTE, "2026-03-04T09:30Z"),
    Example("6: at the closing instant", C1, "2026-03-03T17:00Z", HOUR, "2026-03-04T10:00Z", "2026-03-04T09:45Z"),
    Example("7: at the opening instant", C1, "2026-03-03T09:00Z", HOUR, "2026-03-03T10:00Z", "2026-03-03T09:45Z"),
    Example("8: Easter", C1, "2026-04-02T16:15+01:00", HOUR, "2026-04-07T09:15+01:00", "2026-04-02T17:00+01:00"),
    Example(
        "9: holiday, then special hours",
        C3,
        "2026-11-25T17:30-05:00",
        2 * HOUR,
        "2026-11-27T11:30-05:00",
        "2026-11-27T11:00-05:00",
    ),
    Example(
        "10: over lunch", C3, "2026-03-03T11:30-05:00", 2 * HOUR, "2026-03-03T14:30-05:00", "2026-03-03T14:00-05:00"
    ),
    Example(
        "11: from lunch", C3, "2026-03-03T12:20-05:00", 2 * HOUR, "2026-03-03T15:00-05:00", "2026-03-03T14:30-05:00"
    ),
    Example(
        "12: short day, holiday, Saturday",
        C3,
        "2026-12-24T12:15-05:00",
        2 * HOUR,
        "2026-12-26T11:15-05:00",
        "2026-12-26T10:45-05:00",
    ),
    Example("13: spring, office", C1, "2026-03-27T16:30Z", HOUR, "2026-03-30T09:30+01:00", "2026-03-30T09:15+01:00"),
    Example("14: spring, always", C5, "2026-03-29T00:30+01:00", 3 * HOUR, "2026-03-29T02:30Z", "2026-03-29T01:45Z"),
    Example("15: autumn, always", C5, "2026-10-25T01:30+02:00", 3 * HOUR, "2026-10-25T02:30Z", "2026-10-25T01:45Z"),
    Example("16: autumn night", C4, "2026-10-24T22:00+02:00", 8 * HOUR + 30 * MINUTE, "2026-10-25T05:30+01:00"),
    Example("17: spring night", C4, "2026-03-28T22:00+01:00", 7 * HOUR + 30 * MINUTE, "2026-03-29T22:30+02:00"),
    Example("18: after midnight", C8, "2026-06-06T01:30+01:00", HOUR, "2026-06-06T20:30+01:00"),
    Example("19: a holiday cuts the night", C8_WITH_HOLIDAY, "2026-06-05T23:30+01:00", HOUR, "2026-06-07T00:30+01:00"),
    Example("20: half-hour zone", C7, "2026-03-07T13:00Z", HOUR, "2026-03-09T10:30+05:30"),
    Example("21: another weekday in UTC", C6, "2026-06-14T22:30Z", HOUR, "2026-06-15T09:30+10:00"),
    Example("22: seconds", C1, "2026-03-03T10:00:30Z", HOUR, "2026-03-03T11:00:30Z", "2026-03-03T10:45:30Z"),
    Example("72: warning after the night", C1, "2026-03-03T16:40Z", HOUR, "2026-03-04T09:40Z", "2026-03-04T09:25Z"),
    Example("no target at all, while closed", C1, "2026-03-07T12:00Z", 0, "2026-03-07T12:00Z"),
]


@pytest.mark.parametrize("case", EXAMPLES, ids=lambda case: case.title)
def test_a_target_is_due_to_the_second(case: Example) -> None:
    assert due(case.calendar, at(case.start), case.target_s) == at(case.due)
    if case.warning:
        assert due(case.calendar, at(case.start), case.target_s * 3 // 4) == at(case.warning)


@pytest.mark.parametrize(
    ("title", "calendar", "start", "end", "seconds"),
    [
        ("1: an answer in half an hour", C1, "2026-03-03T10:00Z", "2026-03-03T10:30Z", 30 * MINUTE),
        ("2: answered before opening", C1, "2026-03-03T07:12:30Z", "2026-03-03T08:40Z", 0),
        ("2: the same in plain time", C2, "2026-03-03T07:12:30Z", "2026-03-03T08:40Z", HOUR + 27 * MINUTE + 30),
        ("4: exactly on time", C1, "2026-03-06T16:30Z", "2026-03-09T09:30:00Z", HOUR),
        ("4: a second late", C1, "2026-03-06T16:30Z", "2026-03-09T09:30:01Z", HOUR + 1),
        ("16: a night of nine hours", C4, "2026-10-24T22:00+02:00", "2026-10-25T06:00+01:00", 9 * HOUR),
        ("17: a night of seven hours", C4, "2026-03-28T22:00+01:00", "2026-03-29T06:00+02:00", 7 * HOUR),
        ("37: a pause over night", C1, "2026-03-03T10:30Z", "2026-03-04T11:00Z", 8 * HOUR + 30 * MINUTE),
        ("38: a pause over the weekend", C1, "2026-03-06T15:30Z", "2026-03-09T10:00Z", 2 * HOUR + 30 * MINUTE),
        ("39: a pause while closed", C1, "2026-03-03T18:00Z", "2026-03-04T08:00Z", 0),
        ("40: half a minute", C1, "2026-03-03T10:10:20Z", "2026-03-03T10:10:50Z", 30),
        ("nothing between an instant and itself", C2, "2026-03-03T10:00Z", "2026-03-03T10:00Z", 0),
        ("nothing backwards", C2, "2026-03-03T10:00Z", "2026-03-03T09:00Z", 0),
        ("nothing backwards in the office", C1, "2026-03-03T10:00Z", "2026-03-02T09:00Z", 0),
    ],
    ids=lambda value: value if isinstance(value, str) and ":" in value[:3] else None,
)
def test_business_time_is_counted_to_the_second(
    title: str, calendar: Calendar, start: str, end: str, seconds: int
) -> None:
    assert business_seconds(calendar, at(start), at(end)) == seconds


def one_window(zone: str, opens_s: int, closes_s: int) -> Calendar:
    return Calendar(id="one", zone=zone, weekly=((Window(opens_s, closes_s),),) * 7)


@pytest.mark.parametrize(
    ("title", "calendar", "day", "opens", "closes"),
    [
        ("opens in the gap", one_window("Europe/Berlin", 9_000, 18_000), "2026-03-29", "01:00Z", "03:00Z"),
        ("closes in the gap", one_window("Europe/Berlin", 3_600, 9_000), "2026-03-29", "00:00Z", "01:00Z"),
        ("opens in the fold", one_window("Europe/Berlin", 9_000, 18_000), "2026-10-25", "00:30Z", "04:00Z"),
        ("closes in the fold", one_window("Europe/Berlin", 3_600, 9_000), "2026-10-25", "-1 23:00Z", "01:30Z"),
        (
            "closes at the start of the fold",
            one_window("Europe/Berlin", 3_600, 7_200),
            "2026-10-25",
            "-1 23:00Z",
            "01:00Z",
        ),
        (
            "closes at the end of the fold",
            one_window("Europe/Berlin", 3_600, 10_800),
            "2026-10-25",
            "-1 23:00Z",
            "02:00Z",
        ),
        (
            "a gap of half an hour",
            one_window("Australia/Lord_Howe", 7_500, 14_400),
            "2026-10-04",
            "-1 15:30Z",
            "-1 17:00Z",
        ),
        (
            "a fold of half an hour",
            one_window("Australia/Lord_Howe", 6_300, 14_400),
            "2026-04-05",
            "-1 14:45Z",
            "-1 17:30Z",
        ),
        (
            "a day that starts an hour late",
            one_window("Africa/Cairo", 0, 3_600 * 6),
            "2026-04-24",
            "-1 22:00Z",
            "03:00Z",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else None,
)
def test_wall_times_that_do_not_exist_or_exist_twice(
    title: str, calendar: Calendar, day: str, opens: str, closes: str
) -> None:
    midnight = at(f"{day}T00:00Z")
    found = list(open_windows(calendar, midnight - timedelta(hours=18), midnight + timedelta(hours=18)))
    assert (_from_short(midnight, opens), _from_short(midnight, closes)) in found


def _from_short(midnight: datetime, text: str) -> datetime:
    """ "-1 23:00Z" is 23:00Z on the day before."""
    days, clock = text.split() if " " in text else ("0", text)
    return datetime.combine(midnight.date() + timedelta(days=int(days)), time.fromisoformat(clock))


def test_a_midnight_that_comes_twice_closes_the_evening_the_second_time() -> None:
    """Havana, 2 November 2025: 00:00 to 01:00 is shown at 04:00Z and again at 05:00Z."""
    saturdays = Calendar(id="evening", zone="America/Havana", weekly=(*(CLOSED,) * 5, hours((20, 24)), CLOSED))
    assert due(saturdays, at("2025-11-02T04:30Z"), HOUR // 2) == at("2025-11-02T05:00Z")
    assert business_seconds(saturdays, at("2025-11-01T12:00Z"), at("2025-11-02T12:00Z")) == 5 * HOUR


def test_a_sunday_that_starts_is_broken_off_and_starts_again() -> None:
    """St. John's, 2010: one minute into 7 November, at 02:31Z, clocks went back to 23:01 on the 6th."""
    sundays = Calendar(id="sunday", zone="America/St_Johns", weekly=(*(CLOSED,) * 6, hours((0, 6))))
    assert business_seconds(sundays, at("2010-11-07T02:00Z"), at("2010-11-07T03:00Z")) == HOUR // 2
    assert list(open_windows(sundays, at("2010-11-06T00:00Z"), at("2010-11-08T00:00Z"))) == [
        (at("2010-11-07T02:30Z"), at("2010-11-07T09:30Z"))
    ]


def test_a_date_that_was_skipped_has_no_open_time() -> None:
    apia = one_window("Pacific/Apia", 9 * HOUR, 17 * HOUR)
    found = list(open_windows(apia, at("2011-12-28T12:00Z"), at("2012-01-01T12:00Z")))
    assert [opens.isoformat() for opens, _ in found] == [
        "2011-12-28T19:00:00+00:00",  # 28 December, local
        "2011-12-29T19:00:00+00:00",  # 29 December
        "2011-12-30T19:00:00+00:00",  # 31 December: the island left out the 30th
        "2011-12-31T19:00:00+00:00",
    ]


def test_special_hours_past_midnight_add_to_the_next_date() -> None:
    special = ((date(2026, 3, 3), hours((20, 26))),)
    calendar = Calendar(id="late", zone="UTC", weekly=(hours((9, 17)),) * 7, special=special)
    assert list(open_windows(calendar, at("2026-03-03T00:00Z"), at("2026-03-05T00:00Z"))) == [
        (at("2026-03-03T20:00Z"), at("2026-03-04T02:00Z")),
        (at("2026-03-04T09:00Z"), at("2026-03-04T17:00Z")),
    ]


def test_special_hours_hold_on_a_holiday_and_replace_the_night_before() -> None:
    holiday = date(2026, 6, 6)
    calendar = Calendar(
        id="party",
        zone=C8.zone,
        weekly=C8.weekly,
        holidays=frozenset({holiday}),
        special=((holiday, hours((10, 12))),),
    )
    assert list(open_windows(calendar, at("2026-06-05T12:00Z"), at("2026-06-07T12:00Z"))) == [
        (at("2026-06-05T20:00+01:00"), at("2026-06-06T00:00+01:00")),
        (at("2026-06-06T10:00+01:00"), at("2026-06-06T12:00+01:00")),
        (at("2026-06-07T00:00+01:00"), at("2026-06-07T02:00+01:00")),
    ]


def test_open_windows_join_at_midnight_and_are_cut_at_the_ends() -> None:
    found = open_windows(C4, at("2026-06-01T23:00+02:00"), at("2026-06-03T01:00+02:00"))
    assert list(found) == [
        (at("2026-06-01T23:00+02:00"), at("2026-06-02T06:00+02:00")),
        (at("2026-06-02T22:00+02:00"), at("2026-06-03T01:00+02:00")),
    ]


def test_open_windows_of_a_round_the_clock_calendar_are_one() -> None:
    start, end = at("2026-03-28T12:00Z"), at("2026-03-30T12:00Z")
    assert list(open_windows(C5, start, end)) == [(start, end)]
    assert list(open_windows(C5, end, start)) == []


TWO_SHIFTS = (hours((0, 12), (12, 24)),) * 7
NEW_YEAR = date(2027, 1, 1)


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        (C2, True),
        (C5, True),
        (Calendar(id="shifts", zone="UTC", weekly=TWO_SHIFTS), True),
        (Calendar(id="nights and days", zone="UTC", weekly=(hours((6, 20), (20, 30)),) * 7), True),
        (Calendar(id="worked", zone="UTC", weekly=TWO_SHIFTS, special=((NEW_YEAR, ALL_DAY),)), True),
        (Calendar(id="with a holiday", zone="UTC", weekly=TWO_SHIFTS, holidays=frozenset({NEW_YEAR})), False),
        (Calendar(id="with a short day", zone="UTC", weekly=TWO_SHIFTS, special=((NEW_YEAR, hours((0, 23))),)), False),
        (Calendar(id="a second short", zone="UTC", weekly=((Window(0, DAY_S - 1),),) * 7), False),
        (Calendar(id="no Sunday", zone="UTC", weekly=(*TWO_SHIFTS[:6], CLOSED)), False),
        (C1, False),
    ],
    ids=lambda value: value.id if isinstance(value, Calendar) else None,
)
def test_round_the_clock_means_never_closed(calendar: Calendar, expected: bool) -> None:
    assert calendar.is_round_the_clock is expected


@pytest.mark.parametrize("distance", [1, 200, 365])
def test_a_distant_opening_is_found(distance: int) -> None:
    opening = date(2026, 3, 3) + timedelta(days=distance)
    calendar = Calendar(id="rare", zone="UTC", weekly=(CLOSED,) * 7, special=((opening, hours((9, 10))),))
    expected = datetime.combine(opening, time(9, 30), UTC)
    assert due(calendar, at("2026-03-03T00:00Z"), 30 * MINUTE) == expected


def test_the_search_goes_on_as_long_as_there_is_progress() -> None:
    days = [date(2026, 3, 3) + timedelta(days=360 * turn) for turn in range(1, 5)]
    calendar = Calendar(id="rare", zone="UTC", weekly=(CLOSED,) * 7, special=tuple((day, ALL_DAY) for day in days))
    assert due(calendar, at("2026-03-03T00:00Z"), 4 * DAY_S).date() == days[-1] + timedelta(days=1)
    with pytest.raises(NoOpenTime, match="rare has no open time in the 366 days after 2030-02-11"):
        due(calendar, at("2026-03-03T00:00Z"), 4 * DAY_S + 1)


@pytest.mark.parametrize(
    "calendar",
    [
        Calendar(id="never", zone="Europe/Berlin", weekly=(CLOSED,) * 7),
        Calendar(
            id="only holidays",
            zone="UTC",
            weekly=(hours((9, 17)), *(CLOSED,) * 6),
            holidays=frozenset(date(2026, 3, 2) + timedelta(weeks=week) for week in range(54)),
        ),
    ],
    ids=lambda calendar: calendar.id,
)
def test_no_open_time_is_an_error_and_never_a_loop(calendar: Calendar) -> None:
    with pytest.raises(NoOpenTime, match=calendar.id):
        due(calendar, at("2026-03-03T00:00Z"), 1)
    assert business_seconds(calendar, at("2026-03-03T00:00Z"), at("2026-04-03T00:00Z")) == 0


def test_instants_need_a_zone_and_lose_their_fractions() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        due(C1, datetime(2026, 3, 3, 10), HOUR)  # noqa: DTZ001 - the point of the test
    assert due(C1, at("2026-03-03T10:00:00.999Z"), HOUR) == at("2026-03-03T11:00Z")
    assert due(C2, at("1969-12-31T23:59:58.500Z"), 1) == at("1969-12-31T23:59:59Z")


def test_results_are_utc() -> None:
    assert due(C1, at("2026-06-02T10:00+01:00"), HOUR).tzinfo is UTC
    assert {
        moment.tzinfo
        for window in open_windows(C6, at("2026-06-01T00:00Z"), at("2026-06-05T00:00Z"))
        for moment in window
    } == {UTC}


def test_a_negative_target_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        due(C1, at("2026-03-03T10:00Z"), -1)


@pytest.mark.parametrize(
    "window",
    [(0, 0), (HOUR, HOUR), (2 * HOUR, HOUR), (-1, HOUR), (DAY_S, DAY_S + 1), (HOUR, DAY_S + HOUR), (0, DAY_S + 1)],
)
def test_a_window_must_open_before_it_closes_and_within_a_day(window: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="does not open before it closes"):
        Calendar(id="bad", zone="UTC", weekly=((Window(*window),), *(CLOSED,) * 6))
    with pytest.raises(ValueError, match="does not open before it closes"):
        Calendar(id="bad", zone="UTC", weekly=(CLOSED,) * 7, special=((NEW_YEAR, (Window(*window),)),))


def test_a_week_has_seven_days_and_special_dates_stand_in_order() -> None:
    with pytest.raises(ValueError, match="seven days, not 5"):
        Calendar(id="short", zone="UTC", weekly=(ALL_DAY,) * 5)
    for second in (NEW_YEAR, NEW_YEAR - timedelta(days=1)):
        with pytest.raises(ValueError, match="in order"):
            Calendar(id="twice", zone="UTC", weekly=(ALL_DAY,) * 7, special=((NEW_YEAR, ALL_DAY), (second, ALL_DAY)))


@pytest.mark.parametrize("name", ["Europe/Londn", "Europe", "", "../etc/passwd", "/etc/localtime", "London\0"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone, match="no time zone is called"):
        Calendar(id="lost", zone=name, weekly=(ALL_DAY,) * 7)


def test_a_machine_without_zones_says_so_and_still_knows_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_module, "available_timezones", set)
    zone_of.cache_clear()
    with pytest.raises(UnknownZone, match=r"no time zone database.*tzdata"):
        zone_of("Nowhere/Atall")
    assert zone_of("UTC") is UTC


# The slow reference: what a person with a clock on the wall and a table of minutes would do.

# Places and dates at which clocks do something odd, and two at which they do not.
MOMENTS = [
    ("Europe/London", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Australia/Sydney", date(2026, 4, 5)),
    ("Africa/Cairo", date(2026, 4, 24)),  # the day starts at 01:00
    ("Africa/Cairo", date(2026, 10, 29)),  # 23:00 comes twice
    ("America/Havana", date(2025, 11, 2)),  # midnight comes twice
    ("America/St_Johns", date(2010, 11, 7)),  # at one minute past midnight, back into the day before
    ("Pacific/Apia", date(2011, 12, 30)),  # the date does not exist
    ("Pacific/Kwajalein", date(1993, 8, 21)),  # neither does this one
    ("Asia/Kolkata", date(2026, 6, 1)),
    ("UTC", date(2026, 1, 1)),
]
BEFORE, AFTER = timedelta(days=3), timedelta(days=6)


@cache
def minutes_around(zone: str, day: date) -> list[tuple[int, datetime]]:
    """Each minute with what the clock on the wall shows; only UTC to local, which is never ambiguous."""
    middle = datetime.combine(day, time(), UTC)
    first, last = (int((middle + shift).timestamp()) for shift in (-BEFORE, AFTER))
    local = ZoneInfo(zone)
    return [(now, datetime.fromtimestamp(now, local).replace(tzinfo=None)) for now in range(first, last, MINUTE)]


def pieces_on_the_wall(calendar: Calendar, days: list[date]) -> list[tuple[datetime, datetime]]:
    """Every window cut at midnight, without those that their date does not have."""
    special = dict(calendar.special)
    cut: list[tuple[bool, date, int, int]] = []
    for day in days:
        for is_special, windows in ((False, calendar.weekly[day.weekday()]), (True, special.get(day, ()))):
            for opens, closes in windows:
                cut.append((is_special, day, opens, min(closes, DAY_S)))
                cut.append((is_special, day + timedelta(days=1), 0, closes - DAY_S))

    def holds(is_special: bool, day: date) -> bool:
        return is_special if day in special else day not in calendar.holidays

    return [
        (wall(day, opens), wall(day, closes))
        for is_special, day, opens, closes in cut
        if opens < closes and holds(is_special, day)
    ]


def wall(day: date, wall_s: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(seconds=wall_s)


def open_minutes(calendar: Calendar, day: date) -> list[int]:
    table = minutes_around(calendar.zone, day)
    days = [table[0][1].date() + timedelta(days=shift) for shift in range(-2, (BEFORE + AFTER).days + 3)]
    found: set[int] = set()
    for opens, closes in pieces_on_the_wall(calendar, days):
        past_the_end = table[-1][0] + MINUTE
        first = next((now for now, shown in table if shown >= opens), past_the_end)
        later = next((now for now, shown in table if shown > closes), past_the_end)
        last = max((now for now, shown in table if shown == closes), default=later)
        found.update(range(first, last, MINUTE))
    return sorted(found)


def slow_business_seconds(minutes: list[int], start: int, end: int) -> int:
    return sum(max(0, min(end, minute + MINUTE) - max(start, minute)) for minute in minutes)


def slow_due(minutes: list[int], start: int, remaining_s: int) -> int | None:
    """None when the table ends too early."""
    for minute in minutes:
        opens = max(start, minute)
        available = max(0, minute + MINUTE - opens)
        if 0 < remaining_s <= available:
            return opens + remaining_s
        remaining_s -= available
    return None


def windows_of_minutes(longest: int = 1_439) -> st.SearchStrategy[Window]:
    return st.builds(
        lambda opens, length: Window(opens * MINUTE, (opens + length) * MINUTE),
        st.integers(0, 1_439),
        st.integers(1, longest),
    )


A_DAY = st.lists(windows_of_minutes(), max_size=2).map(tuple) | st.just(ALL_DAY)


@st.composite
def odd_calendars(draw: st.DrawFn) -> tuple[Calendar, date]:
    """Any week, holidays and special hours, overlaps included, around a date at which clocks may change."""
    zone, day = draw(st.sampled_from(MOMENTS))
    near = st.integers(-2, 2).map(lambda shift: day + timedelta(days=shift))
    special = draw(st.dictionaries(near, A_DAY, max_size=2))
    calendar = Calendar(
        id="odd",
        zone=zone,
        weekly=draw(st.tuples(*[A_DAY] * 7)),
        holidays=draw(st.frozensets(near, max_size=2)),
        special=tuple(sorted(special.items())),
    )
    return calendar, day


def instants_near(day: date) -> st.SearchStrategy[datetime]:
    middle = datetime.combine(day, time(), UTC)
    return st.integers(-2 * DAY_S, 2 * DAY_S).map(lambda shift: middle + timedelta(seconds=shift))


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_business_time_agrees_with_the_slow_reference(data: st.DataObject) -> None:
    calendar, day = data.draw(odd_calendars())
    start, end = sorted([data.draw(instants_near(day)), data.draw(instants_near(day))])
    minutes = open_minutes(calendar, day)
    expected = slow_business_seconds(minutes, int(start.timestamp()), int(end.timestamp()))
    assert business_seconds(calendar, start, end) == expected


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_due_agrees_with_the_slow_reference(data: st.DataObject) -> None:
    calendar, day = data.draw(odd_calendars())
    start, target_s = data.draw(instants_near(day)), data.draw(st.integers(1, 2 * DAY_S))
    expected = slow_due(open_minutes(calendar, day), int(start.timestamp()), target_s)
    if expected is None:
        with_all_open = datetime.combine(day, time(), UTC) + AFTER
        assert business_seconds(calendar, start, with_all_open) < target_s
    else:
        assert due(calendar, start, target_s) == datetime.fromtimestamp(expected, UTC)


@settings(deadline=None)
@given(st.data(), st.integers(1, 5 * DAY_S))
def test_due_is_the_first_instant_at_which_the_target_is_used_up(data: st.DataObject, target_s: int) -> None:
    calendar, day = data.draw(odd_calendars())
    assume(any(calendar.weekly))
    start = data.draw(instants_near(day))
    end = due(calendar, start, target_s)
    assert business_seconds(calendar, start, end) == target_s
    assert business_seconds(calendar, start, end - timedelta(seconds=1)) == target_s - 1


@settings(deadline=None)
@given(st.data())
def test_business_time_adds_up(data: st.DataObject) -> None:
    calendar, day = data.draw(odd_calendars())
    start, middle, end = sorted(data.draw(st.tuples(*[instants_near(day)] * 3)))
    whole = business_seconds(calendar, start, end)
    assert whole == business_seconds(calendar, start, middle) + business_seconds(calendar, middle, end)
    assert 0 <= whole <= (end - start).total_seconds()


@settings(deadline=None)
@given(st.data(), st.integers(1, 2 * DAY_S), st.integers(1, 2 * DAY_S))
def test_two_targets_in_a_row_are_one_of_their_sum(data: st.DataObject, first_s: int, second_s: int) -> None:
    calendar, day = data.draw(odd_calendars())
    open_s = sum(window.close_s - window.open_s for windows in calendar.weekly for window in windows)
    assume(first_s + second_s < 500 * open_s)  # what ten years are not enough for has no due time to add to
    start = data.draw(instants_near(day))
    assert due(calendar, due(calendar, start, first_s), second_s) == due(calendar, start, first_s + second_s)


@settings(deadline=None)
@given(st.data(), st.integers(1, 2 * DAY_S), st.integers(0, DAY_S))
def test_a_later_start_or_a_longer_target_is_never_due_earlier(data: st.DataObject, target_s: int, more_s: int) -> None:
    calendar, day = data.draw(odd_calendars())
    assume(any(calendar.weekly))
    earlier, later = sorted(data.draw(st.tuples(*[instants_near(day)] * 2)))
    assert due(calendar, earlier, target_s) <= due(calendar, later, target_s)
    assert due(calendar, earlier, target_s) <= due(calendar, earlier, target_s + more_s)


@settings(deadline=None)
@given(st.data())
def test_open_windows_are_apart_in_order_and_hold_all_business_time(data: st.DataObject) -> None:
    calendar, day = data.draw(odd_calendars())
    start, end = sorted(data.draw(st.tuples(*[instants_near(day)] * 2)))
    found = list(open_windows(calendar, start, end))
    edges = [start, *(edge for window in found for edge in window), end]
    assert edges == sorted(edges)
    assert all(before[1] < after[0] for before, after in pairwise(found))
    assert sum((closes - opens).total_seconds() for opens, closes in found) == business_seconds(calendar, start, end)


@settings(deadline=None)
@given(st.sampled_from(MOMENTS), st.integers(-DAY_S, DAY_S), st.integers(0, 5 * DAY_S))
@example(("Pacific/Apia", date(2011, 12, 30)), 0, DAY_S)
@example(("Africa/Cairo", date(2026, 4, 24)), -4 * HOUR, DAY_S)
def test_round_the_clock_is_plain_time_whatever_the_zone(moment: tuple[str, date], shift_s: int, target_s: int) -> None:
    zone, day = moment
    start = datetime.combine(day, time(), UTC) + timedelta(seconds=shift_s)
    end = start + timedelta(seconds=target_s)
    with_an_old_holiday = Calendar(id="walked", zone=zone, weekly=TWO_SHIFTS, holidays=frozenset({date(1970, 1, 1)}))
    for calendar in (always_open("always", zone), with_an_old_holiday):
        assert due(calendar, start, target_s) == end
        assert business_seconds(calendar, start, end) == target_s


def test_zones_are_those_of_the_pinned_package_and_not_the_machines() -> None:
    """A function and a check on another machine must come to the same due time."""
    assert zoneinfo.TZPATH == ()
    assert available_timezones()
    for name in available_timezones() - {"Factory"}:
        assert zone_of(name)
