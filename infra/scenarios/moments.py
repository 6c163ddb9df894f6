"""Clock times as people write them, and durations, read and written back."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from chalicelib.documents.durations import BadValue

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = rf"(?P<day>[0-9]{{1,2}})\s+(?P<month>{'|'.join(_MONTHS)})(?:\s+(?P<year>[0-9]{{4}}))?"
_WEEKDAY = rf"(?P<weekday>{'|'.join(_DAYS)})"
_TIME = r"(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9]))?(?P<utc>Z)?"
_MOMENT = re.compile(rf"(?:{_WEEKDAY}\s+)?(?:{_DATE}\s+)?{_TIME}")
_WHOLE_DATE = re.compile(rf"(?:{_WEEKDAY}\s+)?{_DATE}")
_HOW = 'write it as "Tue 3 Mar 2026 10:00:30", "10:00" on the day of the scenario, or "2026-03-03T10:00:30Z"'


def read_day(value: object) -> date:
    """ "Tue 3 Mar 2026", or a date of TOML. Raises Malformed, also when the weekday is wrong."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    found = _WHOLE_DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found or not found["year"]:
        raise BadValue(f"{value!r} is not a day", 'write it as "Tue 3 Mar 2026"')
    return _date(found, int(found["year"]))


def read_moment(value: object, zone: tzinfo, day: date | None) -> datetime:
    """
    Aware UTC.

    A time without a date is on `day`; one with only a weekday is on the first
    such day from `day` on; a trailing Z makes it UTC. A wall time that exists
    twice means the first. Raises Malformed.
    """
    if isinstance(value, datetime):
        return _in_utc(value, zone)
    if isinstance(value, str) and re.match(r"[0-9]{4}-", value.strip()):
        return _in_utc(_iso(value), zone)
    found = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        raise BadValue(f"{value!r} is not a time", _HOW)
    at = time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0))
    return _in_utc(datetime.combine(_day_of(found, day), at), UTC if found["utc"] else zone)


def _iso(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        raise BadValue(f"{value!r} is not a time", _HOW) from None


def _in_utc(moment: datetime, zone: tzinfo) -> datetime:
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    in_utc = local.astimezone(UTC)
    if in_utc.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise BadValue(f"{moment:%H:%M:%S} does not exist on that day: clocks go forward", "write it in UTC, with Z")
    return in_utc


def _day_of(found: re.Match[str], day: date | None) -> date:
    if found["day"]:
        year = found["year"] or (day and day.year)
        if not year:
            raise BadValue(f"{found.group()!r} has no year", 'add it, or give the scenario a day = "Tue 3 Mar 2026"')
        return _date(found, int(year))
    if day is None:
        raise BadValue(f"{found.group()!r} has no date", 'add it, or give the scenario a day = "Tue 3 Mar 2026"')
    if not found["weekday"]:
        return day
    return day + timedelta(days=(_DAYS.index(found["weekday"]) - day.weekday()) % 7)


def _date(found: re.Match[str], year: int) -> date:
    try:
        day = date(year, _MONTHS.index(found["month"]) + 1, int(found["day"]))
    except ValueError:
        raise BadValue(f"{found.group()!r} does not exist", "look at a calendar") from None
    if found["weekday"] and _DAYS[day.weekday()] != found["weekday"]:
        raise BadValue(f"{found.group()!r}: that day is a {_DAYS[day.weekday()]}", "mend the weekday or the date")
    return day


def moment_text(moment: datetime | None, zone: tzinfo) -> str:
    """ "Tue 3 Mar 2026 10:00:30 GMT"; "none" for None."""
    if moment is None:
        return "none"
    local = moment.astimezone(zone)
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local:%Y %H:%M:%S %Z}"


def duration_text(seconds: int | None) -> str:
    """ "1 h 27 min 30 s"; "none" for None."""
    if seconds is None:
        return "none"
    hours, rest = divmod(seconds, 3_600)
    parts = [(hours, "h"), (rest // 60, "min"), (rest % 60, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"
