"""
How people write durations, opening hours and dates in a policy document, read and written back.

Readers take whatever a document holds, and raise Malformed with what is wrong
and what to write instead.
"""

import re
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from chalicelib.domain.calendar import DAY_S, Window

_UNITS: Final = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3_600),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
}
_DAYS: Final = {"d", "day", "days", "w", "wk", "week", "weeks"}
_AMOUNT: Final = re.compile(r"([0-9]{1,9})\s*([a-z]+)\s*")
_DURATION: Final = re.compile(rf"(?:{_AMOUNT.pattern})+")
_LONGEST_S: Final = 366 * DAY_S
_WINDOW: Final = re.compile(r"([0-9:]+)\s*-\s*([0-9:]+)")
_TIME: Final = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])(?::([0-5][0-9]))?")


class BadValue(ValueError):
    """One value cannot be read. Next step: write it as `fix` says."""

    def __init__(self, wrong: str, fix: str) -> None:
        super().__init__(f"{wrong}; {fix}")
        self.wrong = wrong
        self.fix = fix


def duration_s(value: object) -> int:
    """Seconds in "90 s", "60 min", "2 h" or "1h30m"; never days, whose length people disagree about."""
    if not isinstance(value, str):
        raise BadValue(f"{value!r} is not a duration", 'write a text with its unit, such as "60 min"')
    text = value.strip().casefold()
    if not _DURATION.fullmatch(text):
        raise BadValue(f"{value!r} is not a duration", 'write whole numbers with units, such as "90 s" or "1h30m"')
    amounts = _AMOUNT.findall(text)
    _check_units(value, [unit for _, unit in amounts])
    total = sum(int(number) * _UNITS[unit] for number, unit in amounts)
    if total > _LONGEST_S:
        raise BadValue(f"{value!r} is longer than a year", "write at most 8784 h")
    return total


def positive_duration_s(value: object) -> int:
    """As `duration_s`, and above zero."""
    seconds = duration_s(value)
    if seconds == 0:
        raise BadValue(f"{value!r} is no time at all", "write a duration above zero")
    return seconds


def duration_text(seconds: int) -> str:
    """The shortest way to write it in one unit: "2 h", "90 min", "45 s"."""
    if seconds % 3_600 == 0 and seconds:
        return f"{seconds // 3_600} h"
    if seconds % 60 == 0:
        return f"{seconds // 60} min"
    return f"{seconds} s"


def window_of(value: object) -> Window:
    """Opening hours such as "09:00-17:00"; "22:00-06:00" runs past midnight, "00:00-24:00" is the whole day."""
    found = _WINDOW.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        raise BadValue(f"{value!r} is not a window", 'write when it opens and closes, such as "09:00-17:00"')
    opens, closes = (_wall_seconds(part) for part in found.groups())
    if opens == DAY_S:
        raise BadValue(f"{value!r} opens when the date is over", 'write "00:00" on the next day')
    if opens == closes:
        raise BadValue(f"{value!r} closes when it opens", 'write "00:00-24:00" for a whole day, [] for a closed one')
    return Window(opens, closes if closes > opens else closes + DAY_S)


def window_text(window: Window) -> str:
    """As `window_of` reads it; whole days before it are left out."""
    days, opens = divmod(window.open_s, DAY_S)
    closes = window.close_s - days * DAY_S
    return f"{_wall_text(opens)}-{_wall_text(closes if closes <= DAY_S else closes - DAY_S)}"


def date_of(value: object) -> date:
    """A TOML date, or the same as text."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise BadValue(f"{str(value)!r} is not a date", "write year, month and day, such as 2026-12-25")
    return day


def _check_units(value: str, units: list[str]) -> None:
    if not _DAYS.isdisjoint(units):
        raise BadValue(
            f"{value!r} counts in days, and a day is 24 hours to some and one working day to others",
            'write the hours that you mean, such as "8 h" or "24 h"',
        )
    unknown = [unit for unit in units if unit not in _UNITS]
    if unknown:
        raise BadValue(f"{value!r} has an unknown unit {unknown[0]!r}", "use h, min or s")
    if any(_UNITS[larger] <= _UNITS[smaller] for larger, smaller in pairwise(units)):
        raise BadValue(f"{value!r} has its units out of order", 'write hours, then minutes, then seconds: "1h30m"')


def _wall_seconds(text: str) -> int:
    found = _TIME.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (99, 0, 0)
    total = hours * 3_600 + minutes * 60 + seconds
    if total > DAY_S:
        raise BadValue(f"{text!r} is not a time of day", 'write "00:00" to "24:00"')
    return total


def _wall_text(wall_s: int) -> str:
    minutes, seconds = divmod(wall_s, 60)
    clock = f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{clock}:{seconds:02}" if seconds else clock
