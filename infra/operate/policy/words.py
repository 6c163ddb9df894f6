"""Promises in words: a whole book, what differs between two, and what an edit would do to open cases."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from itertools import groupby
from typing import Final, TypeVar

from chalicelib.documents.durations import duration_text, window_text
from chalicelib.documents.policies import HolidayList
from chalicelib.domain.calendar import ALL_DAY, Calendar, Windows, zone_of
from chalicelib.domain.policy import Ladder, Match, Policy, PolicyBook
from chalicelib.ports.policies import PolicyJob, PolicyVersion
from chalicelib.usecases.apply_policy import ClockMove, Forecast

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_PROMISES: Final = {"frt_s": "first reply", "nrt_s": "next reply", "res_s": "resolution"}
_CONDITIONS: Final = {
    "channels": "channel",
    "priorities": "priority",
    "tiers": "tier",
    "languages": "language",
    "reach": "reach",
    "visibility": "visibility",
}
_MOST_DATES: Final = 6
T = TypeVar("T")


# --- a book -----------------------------------------------------------------------------------------------------


def book(promised: PolicyBook, lists: Iterable[HolidayList]) -> Iterator[str]:
    """Policies in the order in which they are tried, then their calendars and ladders."""
    for number, policy in enumerate(promised.policies, start=1):
        yield f"{number}. {policy.id}: {condition(policy.match)}"
        yield f"     {_targets(policy)}"
        yield f"     counted in the hours of {policy.calendar.id}; {_warning(policy)}; then ladder {policy.ladder.id}"
    yield "\nCalendars"
    for calendar in promised.calendars:
        yield f"  {calendar.id} ({calendar.zone}): {hours(calendar)}"
        yield from (f"     {line}" for line in _closed(calendar, lists))
    yield "\nLadders"
    for ladder in promised.ladders:
        yield f"  {ladder.id}: {steps(ladder)}"
        yield f"     an acknowledgement keeps it quiet for {duration_text(ladder.ack_s)}"


def title(version: PolicyVersion) -> str:
    if version.applied_at is None:
        return f"Version {version.version}, as it ships."
    return f"Version {version.version}, applied {version.applied_at:%Y-%m-%d %H:%M} UTC by {version.actor}."


def condition(match: Match) -> str:
    """For which cases a policy is."""
    if match.is_everything:
        return "every case that fits none above"
    parts = [(_CONDITIONS[f.name], sorted(getattr(match, f.name))) for f in fields(match) if getattr(match, f.name)]
    return "cases with " + " and ".join(f"{name} {' or '.join(words)}" for name, words in parts)


def _targets(policy: Policy) -> str:
    given = [(name, getattr(policy.targets, field)) for field, name in _PROMISES.items()]
    promised = [f"{name} within {duration_text(target_s)}" for name, target_s in given if target_s is not None]
    return ", ".join(promised) or "no promise"


def _warning(policy: Policy) -> str:
    return f"at {policy.warn_at_percent} % a warning to {policy.ladder.warn_group}"


def hours(calendar: Calendar) -> str:
    """ "Mon to Fri 09:00-17:00, Sat 10:00-14:00"."""
    if all(windows == ALL_DAY for windows in calendar.weekly):
        return "round the clock"
    named = zip(_DAYS, calendar.weekly, strict=True)
    runs = [(windows, [day for day, _ in days]) for windows, days in groupby(named, key=lambda entry: entry[1])]
    return ", ".join(f"{_span(days)} {_windows(windows)}" for windows, days in runs if windows) or "no weekly hours"


def _span(days: Sequence[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _windows(windows: Windows) -> str:
    return " and ".join(window_text(window) for window in windows) or "closed"


def _closed(calendar: Calendar, lists: Iterable[HolidayList]) -> Iterator[str]:
    for one in lists:
        if one.calendar_id == calendar.id:
            yield f"closed on the holidays of {one.name}, known until {_day(one.until)}"
    if calendar.holidays:
        yield f"closed on {_dates(calendar.holidays)}"
    for day, windows in calendar.special:
        yield f"{_day(day)}: {_windows(windows)}"


def _dates(days: Iterable[date]) -> str:
    ordered = sorted(days)
    named = ", ".join(_day(day) for day in ordered[:_MOST_DATES])
    more = len(ordered) - _MOST_DATES
    return f"{named} and {more} more" if more > 0 else named


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def steps(ladder: Ladder) -> str:
    """Who is called when."""
    called = [
        f"{step.group} after {duration_text(step.delay_s)}" if step.delay_s else f"{step.group} at once"
        for step in ladder.steps
    ]
    again = ", ".join(duration_text(after_s) for after_s in ladder.repeat_after_s)
    return ", ".join(called) + (f", and again {again} after that" if again else "")


# --- what differs -----------------------------------------------------------------------------------------------


def difference(before: PolicyBook, after: PolicyBook) -> list[str]:
    """What changes from one book to the other, in words; nothing when both promise the same."""
    return [
        *_changed("tiers", ", ".join(before.tiers) or "none", ", ".join(after.tiers) or "none"),
        *_among("policy", before.policies, after.policies, _policy_changes),
        *_order(before, after),
        *_among("calendar", before.calendars, after.calendars, _calendar_changes),
        *_among("ladder", before.ladders, after.ladders, _ladder_changes),
    ]


Changes = Callable[[T, T], Iterable[str]]


def _among(kind: str, before: Sequence[T], after: Sequence[T], changes: Changes[T]) -> Iterator[str]:
    old, new = _by_id(before), _by_id(after)
    for name, value in new.items():
        if name not in old:
            yield f"{kind} {name} is new"
        else:
            yield from (f"{kind} {name}: {change}" for change in changes(old[name], value))
    yield from (f"{kind} {name} is gone" for name in old if name not in new)


def _by_id(values: Iterable[T]) -> Mapping[str, T]:
    return {value.id: value for value in values}  # type: ignore[attr-defined]


def _order(before: PolicyBook, after: PolicyBook) -> Iterator[str]:
    old, new = ([policy.id for policy in one.policies] for one in (before, after))
    if [name for name in old if name in new] != [name for name in new if name in old]:
        yield f"policies are tried in another order: {', '.join(new)}"


def _policy_changes(old: Policy, new: Policy) -> Iterator[str]:
    for field, name in _PROMISES.items():
        yield from _changed(name, _target(old, field), _target(new, field))
    yield from _changed("is for", condition(old.match), condition(new.match))
    yield from _changed("counts in the hours of", old.calendar.id, new.calendar.id)
    yield from _changed("ladder", old.ladder.id, new.ladder.id)
    yield from _changed("warns at", f"{old.warn_at_percent} %", f"{new.warn_at_percent} %")


def _target(policy: Policy, field: str) -> str:
    target_s = getattr(policy.targets, field)
    return "no promise" if target_s is None else duration_text(target_s)


def _calendar_changes(old: Calendar, new: Calendar) -> Iterator[str]:
    yield from _changed("zone", old.zone, new.zone)
    for day, before, after in zip(_DAYS, old.weekly, new.weekly, strict=True):
        yield from _changed(day, _windows(before), _windows(after))
    if added := new.holidays - old.holidays:
        yield f"also closed on {_dates(added)}"
    if removed := old.holidays - new.holidays:
        yield f"no longer closed on {_dates(removed)}"
    was, now = dict(old.special), dict(new.special)
    for on in sorted(was.keys() | now.keys()):
        yield from _changed(_day(on), _special(was.get(on)), _special(now.get(on)))


def _special(windows: Windows | None) -> str:
    return "as every week" if windows is None else _windows(windows)


def _ladder_changes(old: Ladder, new: Ladder) -> Iterator[str]:
    yield from _changed("calls", steps(old), steps(new))
    yield from _changed("warns", old.warn_group, new.warn_group)
    yield from _changed("is quiet after an acknowledgement for", duration_text(old.ack_s), duration_text(new.ack_s))


def _changed(name: str, before: str, after: str) -> Iterator[str]:
    if before != after:
        yield f"{name} {before} -> {after}"


# --- what it would do -------------------------------------------------------------------------------------------


def forecast(found: Forecast) -> Iterator[str]:
    """What would happen to open cases, the most important first."""
    yield f"{_count(found.cases, 'open case')} looked at."
    yield from _today(found.moves)
    yield from _moves(found.moves)
    if found.kept:
        kept = ", ".join(f"{policy_id} {number}" for policy_id, number in sorted(found.kept.items()))
        clocks = sum(found.kept.values())
        keep = "keeps the target it" if clocks == 1 else "keep the target they"
        yield f"{_count(clocks, 'running clock')} {keep} began with: {kept}."
    if found.rematched:
        whose = "its" if found.rematched == 1 else "their"
        when = f"when {whose} priority or tier next changes"
        yield f"{_count(found.rematched, 'case')} will fall under another policy {when}."
    if found.failed:
        yield f"{_count(len(found.failed), 'case')} cannot be reckoned with: {', '.join(found.failed[:_MOST_DATES])}"


def _today(moves: Sequence[ClockMove]) -> Iterator[str]:
    due = {move.case_id for move in moves if move.becomes_due_today}
    relieved = {move.case_id for move in moves if move.no_longer_due_today}
    if due:
        yield f"{_count(len(due), 'case')} {'becomes' if len(due) == 1 else 'become'} due today."
    if relieved:
        yield f"{_count(len(relieved), 'case')} {'is' if len(relieved) == 1 else 'are'} no longer due today."


def _moves(moves: Sequence[ClockMove]) -> Iterator[str]:
    if not moves:
        yield "No running clock moves."
    ordered = sorted(moves, key=lambda move: move.policy_id)
    for policy_id, each in groupby(ordered, key=lambda move: move.policy_id):
        yield f"  {policy_id}: {_of_policy(list(each))}"


def _of_policy(moves: Sequence[ClockMove]) -> str:
    cases = {move.case_id for move in moves}
    text = f"{_count(len(moves), 'clock')} of {_count(len(cases), 'case')} {'moves' if len(moves) == 1 else 'move'}"
    soonest = min(((move.after, move.zone) for move in moves if move.after), default=None)
    if soonest:
        text += f", the earliest to {_moment(*soonest)}"
    broken = Counter(move.is_broken for move in moves)[True]
    return f"{text}; {broken} would be broken at once" if broken else text


def _moment(at: datetime, zone: str) -> str:
    local = at.astimezone(zone_of(zone))
    return f"{_day(local.date())} {local:%H:%M %Z}"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def told(job: PolicyJob) -> str:
    """What came of the walk over the open cases."""
    text = f"{_count(job.seen, 'open case')} looked at: {job.changed:,} moved to the edited hours."
    if not job.failures:
        return text
    return f"{text}\n{job.failures:,} could not be told and are tried once more: {', '.join(job.failed)}"
