"""Durations, windows and dates as people write them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.documents.durations import (
    BadValue,
    date_of,
    duration_s,
    duration_text,
    positive_duration_s,
    window_of,
    window_text,
)
from chalicelib.domain.calendar import DAY_S, Window


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60 min", 3_600),
        ("2 h", 7_200),
        ("90 s", 90),
        ("1h30m", 5_400),
        ("1 h 30 min 5 s", 5_405),
        (" 4 Hours ", 14_400),
        ("0 min", 0),
        ("8784 h", 366 * DAY_S),
    ],
)
def test_a_duration_is_read(text: str, seconds: int) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("1d", "24 hours to some and one working day to others.*8 h"),
        ("2 days", "24 hours to some"),
        ("1 day 2 h", "24 hours to some"),
        ("1w", "24 hours to some"),
        (60, "with its unit"),
        (None, "with its unit"),
        ("60", "whole numbers with units"),
        ("1.5 h", "whole numbers with units"),
        ("-5 min", "whole numbers with units"),
        ("", "whole numbers with units"),
        ("soon", "whole numbers with units"),
        ("5 fortnights", "unknown unit 'fortnights'"),
        ("30m1h", "out of order"),
        ("1h 2h", "out of order"),
        ("8785 h", "longer than a year"),
        ("99999999999999999999 s", "whole numbers with units"),
    ],
)
def test_what_is_no_duration_is_refused_with_a_fix(value: object, message: str) -> None:
    with pytest.raises(BadValue, match=message):
        duration_s(value)


def test_some_durations_must_be_above_zero() -> None:
    assert positive_duration_s("1 s") == 1
    with pytest.raises(BadValue, match="no time at all"):
        positive_duration_s("0 h 0 min")


@given(st.integers(0, 366 * DAY_S))
def test_a_duration_reads_back(seconds: int) -> None:
    assert duration_s(duration_text(seconds)) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 min"), (45, "45 s"), (90, "90 s"), (5_400, "90 min"), (7_200, "2 h"), (86_400, "24 h")],
)
def test_a_duration_is_written_in_its_largest_whole_unit(seconds: int, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("09:00-17:00", Window(32_400, 61_200)),
        ("9:00 - 17:30:15", Window(32_400, 63_015)),
        ("00:00-24:00", Window(0, DAY_S)),
        ("20:00-24:00", Window(72_000, DAY_S)),
        ("20:00-00:00", Window(72_000, DAY_S)),
        ("22:00-06:00", Window(79_200, 108_000)),
        ("17:00-16:59", Window(61_200, 147_540)),
    ],
)
def test_a_window_is_read(text: str, window: Window) -> None:
    assert window_of(text) == window


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("09:00-09:00", "closes when it opens"),
        ("00:00-00:00", '"00:00-24:00" for a whole day'),
        ("24:00-06:00", "on the next day"),
        ("24:00-24:00", "on the next day"),
        ("09:00-24:01", "'24:01' is not a time of day"),
        ("9-17", "'9' is not a time of day"),
        ("09:60-10:00", "'09:60' is not a time of day"),
        ("25:00-26:00", "'25:00' is not a time of day"),
        ("9 to 5", "is not a window"),
        ("", "is not a window"),
        (9, "is not a window"),
        (["09:00-17:00"], "is not a window"),
    ],
)
def test_what_is_no_window_is_refused_with_a_fix(value: object, message: str) -> None:
    with pytest.raises(BadValue, match=message):
        window_of(value)


@given(st.integers(0, DAY_S - 1), st.integers(1, DAY_S - 1))
def test_a_window_reads_back(opens_s: int, length_s: int) -> None:
    window = Window(opens_s, opens_s + length_s)
    assert window_of(window_text(window)) == window


@pytest.mark.parametrize("value", ["2026-12-25", date(2026, 12, 25)])
def test_a_date_is_read(value: object) -> None:
    assert date_of(value) == date(2026, 12, 25)


@pytest.mark.parametrize(
    "value",
    [
        "25.12.2026",
        "2026-12-5",
        "20261225",
        "2026-W52-5",
        "2026-02-29",
        "Christmas",
        20261225,
        None,
        datetime(2026, 12, 25, tzinfo=UTC),
    ],
)
def test_what_is_no_date_is_refused_with_a_fix(value: object) -> None:
    with pytest.raises(BadValue, match=r"is not a date; write year, month and day, such as 2026-12-25"):
        date_of(value)
