"""Instants, durations and events as they are said aloud. Nothing that a stranger wrote is quoted."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from chalicelib.domain.calendar import Calendar, zone_of
from chalicelib.domain.events import US, Event, EventKind

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")  # strftime would speak the machine's language
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def duration(seconds: int) -> str:
    """All of it, in hours, minutes and seconds: "1 h 27 min 30 s". Never days: nobody knows how long those are."""
    minutes, rest = divmod(max(0, seconds), 60)
    parts = [(minutes // 60, "h"), (minutes % 60, "min"), (rest, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "no time"


def sentence(text: str) -> str:
    """As it begins a sentence."""
    return text[:1].upper() + text[1:]


def due_in_words(due_at: datetime | None, now: datetime) -> str:
    """Such as "due in 12 min" or "overdue by 2 h 5 min"; at the due instant nothing is overdue yet (R5)."""
    if due_at is None:
        return "not due"
    return f"due in {span(due_at - now)}" if now <= due_at else f"overdue by {span(now - due_at)}"


def span(duration: timedelta) -> str:
    """A duration as people say it: its two largest units; seconds only below a minute, nothing below zero."""
    seconds = max(0, int(duration.total_seconds()))
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds} s"
    days, rest = divmod(seconds // 60, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    largest = next(i for i, (number, _) in enumerate(parts) if number)
    return " ".join(f"{number} {unit}" for number, unit in parts[largest : largest + 2] if number)


def tries(count: int) -> str:
    """How often something was tried."""
    return "1 try" if count == 1 else f"{count} tries"


def full(moment: datetime, zone: tzinfo) -> str:
    """ "Tue 3 Mar 2026, 10:00 GMT" in a zone; seconds where there are any."""
    local = moment.astimezone(zone)
    return f"{_date(local)} {local.year}, {_time(local)} {local.tzname()}"


def full_and_utc(moment: datetime, zone: tzinfo) -> str:
    """ "Tue 3 Mar 2026, 11:00 CET (10:00 UTC)"; the date is said again where it is another one in UTC."""
    local, utc = moment.astimezone(zone), moment.astimezone(UTC)
    if local.utcoffset() == utc.utcoffset():
        return full(moment, UTC)
    beside = f"{_time(utc)} UTC" if local.date() == utc.date() else full(moment, UTC)
    return f"{full(moment, zone)} ({beside})"


def time_of_day(moment: datetime, zone: tzinfo, now: datetime) -> str:
    """ "10:00 GMT" in a zone, with the day of the week if it is not today's."""
    local = moment.astimezone(zone)
    day = "" if local.date() == now.astimezone(zone).date() else f"{_DAYS[local.weekday()]} "
    return f"{day}{_time(local)} {local.tzname()}"


@dataclass(frozen=True, slots=True)
class Wall:
    """Says instants as the clock on the wall of a calendar's zone shows them."""

    calendar: Calendar

    def full(self, moment: datetime) -> str:
        """As `full`, in the calendar's zone."""
        return full(moment, zone_of(self.calendar.zone))

    def short(self, moment: datetime) -> str:
        """ "Tue 3 Mar, 10:00"; with the zone where that time comes twice."""
        local = moment.astimezone(zone_of(self.calendar.zone))
        return f"{_date(local)}, {_time(local)}{f' {local.tzname()}' if _comes_twice(local) else ''}"

    def stretch(self, begun: datetime, finished: datetime) -> str:
        """
        "Tue 3 Mar, 10:00 to 11:00", the second date only where it is another.

        A midnight that ends the day is 24:00. Where the clocks change in
        between, both times are said with their zone, so that the difference
        is what was counted.
        """
        zone = zone_of(self.calendar.zone)
        start, end = begun.astimezone(zone), finished.astimezone(zone)
        days = (end.date() - start.date()).days
        at_night = days == 1 and _time(end) == "00:00"
        until = "24:00" if at_night else _time(end) if days == 0 else f"{_date(end)}, {_time(end)}"
        is_plain = start.utcoffset() == end.utcoffset() and not _comes_twice(start) and not _comes_twice(end)
        names = ("", "") if is_plain else (f" {start.tzname()}", f" {end.tzname()}")
        return f"{_date(start)}, {_time(start)}{names[0]} to {until}{names[1]}"


def _comes_twice(local: datetime) -> bool:
    """Whether the clock on the wall shows this time twice; spring only skips some, and no instant has one of those."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _date(local: datetime) -> str:
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"


def _time(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


_DEEDS = {
    EventKind.WAIT: "set the case to wait for the customer",
    EventKind.HOLD: "put the case on hold",
    EventKind.OPEN: "took the case up again",
    EventKind.RESOLVE: "resolved the case",
    EventKind.REOPEN: "took the resolve back",
    EventKind.SPAM: "marked the case as spam",
    EventKind.RESTORE: "took the spam mark back",
    EventKind.REPLY: "asked to answer",
    EventKind.REPLY_FAILED: "could not send the answer",
    EventKind.TAKE_BACK: "took an answer back before it went out",
    EventKind.FAULT: "could not reckon with the clock",
}


def deed(event: Event) -> str:  # noqa: PLR0911  one line for each kind of event
    """Who did what: "ann resolved the case"."""
    match event.kind:
        case EventKind.MENTION:
            return f"the customer wrote (message {event.native_id})"
        case EventKind.ANSWER:
            return f"{event.actor or 'the brand'} answered (message {event.native_id})"
        case EventKind.DELETE:
            return f"message {event.native_id} was deleted"
        case EventKind.EDIT:
            return f"message {event.native_id} was edited"
        case EventKind.PRIORITY:
            return f"{_who(event)} set the priority to {event.detail['to']}"
        case EventKind.TIER:
            return f"{_who(event)} set the customer's tier to {event.detail['to'] or 'none'}"
        case EventKind.POLICY:
            return f"version {event.book} of the policies came into force"
        case EventKind.MERGE:
            return f"{_who(event)} joined case {event.detail['from']} to {event.origin or 'this one'}"
    return f"{_who(event)} {_DEEDS.get(event.kind, 'did: ' + event.kind.value.replace('_', ' '))}"


def _who(event: Event) -> str:
    return "Earshot" if event.actor in (None, US) else str(event.actor)
