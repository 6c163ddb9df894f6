"""
The policy document: calendars, ladders and policies as people write them, read into a `PolicyBook` and back.

`policies/default.toml` shows the form and explains it line by line. Reading
finds every problem at once; whoever edits promises should not have to save
ten times to learn of ten mistakes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from operator import itemgetter
from typing import Any, Final

from chalicelib.documents.durations import (
    BadValue,
    date_of,
    duration_s,
    duration_text,
    positive_duration_s,
    window_of,
    window_text,
)
from chalicelib.documents.reading import DocumentInvalid, Spot, name, one_of, parsed, text, whole
from chalicelib.domain.calendar import (
    ALL_DAY,
    DAY_S,
    LOOKAHEAD_DAYS,
    Calendar,
    NoOpenTime,
    UnknownZone,
    Window,
    Windows,
    always_open,
    business_seconds,
    due,
    zone_of,
)
from chalicelib.domain.policy import (
    ACK_S,
    PRIORITIES,
    WARN_AT_PERCENT,
    Ladder,
    Match,
    Policy,
    PolicyBook,
    Reach,
    Step,
    Targets,
    Visibility,
)

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ROUND_THE_CLOCK: Final = "24/7"
WEEK_S: Final = 7 * DAY_S
_TARGETS: Final = {"first_reply": "frt_s", "next_reply": "nrt_s", "resolution": "res_s"}
Reader = Callable[[Any], str]
_READERS: Final[Mapping[str, Reader]] = {
    "channels": text,
    "languages": text,
    "reach": one_of(Reach),
    "visibility": one_of(Visibility),
}
_SEPARATORS: Final[Mapping[str, str]] = {"channels": ".", "languages": "-"}
KEPT_WITHIN: Final = timedelta(days=2 * LOOKAHEAD_DAYS)
DATES_LAST: Final = timedelta(days=60)
_CONDITIONS: Final = tuple(field.name for field in fields(Match))
# Stand-ins for what could not be read; a document with problems never becomes a book.
_NO_CALENDAR: Final = always_open()
_NO_LADDER: Final = Ladder(id="none", steps=(Step(group="none", delay_s=0),))


class PolicyInvalid(DocumentInvalid):
    """The document makes no policy book."""


def read_toml(toml: str, *, today: date | None) -> PolicyBook:
    """`read` for a TOML file. Raises PolicyInvalid, which names line and column where it is not TOML at all."""
    try:
        document = parsed(toml)
    except DocumentInvalid as error:
        raise PolicyInvalid(error.problems) from error
    return read(document, today=today)


def read(document: Mapping[str, Any], *, today: date | None) -> PolicyBook:
    """
    The policy book that a document describes. Raises PolicyInvalid.

    With `today`, a calendar that does not open in the next 366 days, and a
    target that is longer than all open time of two years, are refused: pass it
    when a document is saved. Pass None to load what was saved
    before: a calendar that has run out since must not take the others with it,
    nor a tier or a priority that an older release let pass.
    Calendars and ladders that no policy uses are checked and left out. Versions
    are numbered when they are applied; a document that says none is version 1.
    """
    root = Spot(document)
    parts = root.table("version", "tiers", "calendars", "ladders", "policies")
    version = parts["version"].optional(whole(1, 10**9), 1)
    calendars = {key: _calendar(spot, key, today) for key, spot in parts["calendars"].entries().items()}
    ladders = {key: _ladder(spot, key) for key, spot in parts["ladders"].entries().items()}
    spots = list(_by_id(parts["policies"]))
    tiers = () if parts["tiers"].is_missing else _tiers(parts["tiers"])
    tier = text if today is None and not tiers else partial(_tier, tiers)
    priority = text if today is None else one_of(PRIORITIES)
    readers = {**_READERS, "priorities": priority, "tiers": tier}
    policies = [_policy(spot, calendars, ladders, readers) for spot in spots]
    _check_default(parts["policies"], spots, policies)
    if today and not root.problems:
        _check_kept(spots, policies, today)
    if root.problems:
        raise PolicyInvalid(root.problems)
    return PolicyBook(version=version, policies=tuple(policies), tiers=tiers)


def dump(book: PolicyBook) -> dict[str, Any]:
    """The document that reads back as an equal book: plain dicts, lists, texts and whole numbers."""
    return {
        "version": book.version,
        **({"tiers": list(book.tiers)} if book.tiers else {}),
        "calendars": {calendar.id: _calendar_form(calendar) for calendar in book.calendars},
        "ladders": {ladder.id: _ladder_form(ladder) for ladder in book.ladders},
        "policies": [_policy_form(policy) for policy in book.policies],
    }


def _by_id(spot: Spot) -> Iterator[Spot]:
    """The policies, each under its id: a person finds that faster than a position."""
    seen: set[str] = set()
    for item in spot.items():
        key = item.value.get("id") if isinstance(item.value, Mapping) else None
        if isinstance(key, str) and key in seen:
            item.at("id").refuse(f"another policy is called {key!r} already", "give each its own id")
        yield item if not isinstance(key, str) or key in seen else item.called(f"{spot.path}.{key}")
        seen.add(str(key))


def _check_default(spot: Spot, each: list[Spot], policies: list[Policy]) -> None:
    if spot.is_missing or not isinstance(spot.value, list):
        return
    if not policies or not policies[-1].match.is_everything:
        spot.refuse("there is no default policy", "end the list with a policy that has no match")
    for item, policy in list(zip(each, policies, strict=True))[:-1]:
        if policy.match.is_everything:
            item.refuse("it takes every case, and none is left for those after it", "give it a match")


def _check_kept(spots: list[Spot], policies: list[Policy], today: date) -> None:
    """A promise that its calendar cannot keep within two years is none."""
    begin = datetime.combine(today, time(), UTC)
    open_s = {calendar: business_seconds(calendar, begin, begin + KEPT_WITHIN) for calendar in _in_use(policies)}
    for spot, policy in zip(spots, policies, strict=True):
        for key, field in _TARGETS.items():
            target_s, most_s = getattr(policy.targets, field), open_s[policy.calendar]
            if target_s is not None and target_s > most_s:
                wrong = f"{policy.calendar.id} is open for {duration_text(most_s)} in two years from {today}"
                spot.at("targets").at(key).refuse(
                    f"{wrong}, less than {duration_text(target_s)}", "promise less, or open more"
                )


def _in_use(policies: Iterable[Policy]) -> Iterable[Calendar]:
    return {id(policy.calendar): policy.calendar for policy in policies}.values()


def ending_dates(toml: str, *, today: date) -> Iterator[tuple[str, date]]:
    """
    Calendars of a document that reads, whose holidays are dates alone and about to end, with the last of them.

    They do within 60 days, or without any in the next year: somebody once
    wrote them and may not think of it.
    """
    calendars = parsed(toml).get("calendars", {})
    for key, calendar in calendars.items():
        entries = calendar.get("holidays", [])
        days = [date_of(entry) for entry in entries if not isinstance(entry, Mapping) and _is_date(entry)]
        if days and len(days) == len(entries):
            last = max(days)
            if last < today + DATES_LAST or last.year <= today.year:
                yield key, last


def _is_date(value: Any) -> bool:
    try:
        date_of(value)
    except BadValue:
        return False
    return True


def unreachable(policies: Sequence[Policy]) -> Iterator[tuple[Policy, Policy]]:
    """Policies that can never match, each with an earlier one that takes all of its cases."""
    by_word: dict[tuple[str, str], list[int]] = {}
    shapes: dict[frozenset[str], set[int]] = {}
    for place, policy in enumerate(policies):
        wanted = _conditions(policy.match)
        found = _earlier_taker(policies, wanted, by_word, shapes)
        if found is not None:
            yield policy, policies[found]
        shapes.setdefault(frozenset(wanted), set()).add(place)
        for condition, words in wanted.items():
            for word in words:
                by_word.setdefault((condition, word), []).append(place)


def _earlier_taker(
    policies: Sequence[Policy],
    wanted: Mapping[str, frozenset[str]],
    by_word: Mapping[tuple[str, str], list[int]],
    shapes: Mapping[frozenset[str], set[int]],
) -> int | None:
    """Of the earlier policies only those are compared that name the rarest of the words: there may be thousands."""
    for shape, places in shapes.items():
        if not shape or not shape <= wanted.keys():
            continue
        named = [_naming(condition, min(wanted[condition]), by_word) for condition in sorted(shape)]
        for place in min(named, key=len):
            if place in places and _takes(_conditions(policies[place].match), wanted):
                return place
    return None


def _naming(condition: str, word: str, by_word: Mapping[tuple[str, str], list[int]]) -> list[int]:
    return [place for name in _and_parents(condition, word) for place in by_word.get((condition, name), ())]


def _and_parents(condition: str, word: str) -> list[str]:
    """The word and what covers it: "x" covers "x.main"."""
    separator = _SEPARATORS.get(condition)
    parts = word.split(separator) if separator else [word]
    return [(separator or "").join(parts[:length]) for length in range(1, len(parts) + 1)]


def _takes(earlier: Mapping[str, frozenset[str]], later: Mapping[str, frozenset[str]]) -> bool:
    return all(
        not words.isdisjoint(_and_parents(condition, word))
        for condition, words in earlier.items()
        for word in later.get(condition, ())
    )


def _conditions(match: Match) -> dict[str, frozenset[str]]:
    found = {key: getattr(match, key) for key in _CONDITIONS}
    return {
        key: frozenset(word.casefold() for word in words) if key in _SEPARATORS else words
        for key, words in found.items()
        if words
    }


def _tiers(spot: Spot) -> tuple[str, ...]:
    tiers: list[str] = []
    for item in spot.items():
        tier = item.required(name, "")
        if tier in tiers:
            item.refuse(f"{tier!r} is named already", "name each tier once")
        tiers.append(tier)
    return tuple(tiers)


def _policy(
    spot: Spot, calendars: Mapping[str, Calendar], ladders: Mapping[str, Ladder], readers: Mapping[str, Reader]
) -> Policy:
    parts = spot.table("id", "calendar", "ladder", "targets", "warn_at_percent", "match")
    return Policy(
        id=parts["id"].required(name, "none"),
        calendar=calendars.get(parts["calendar"].required(one_of(calendars), ""), _NO_CALENDAR),
        targets=_targets(parts["targets"]),
        ladder=ladders.get(parts["ladder"].required(one_of(ladders), ""), _NO_LADDER),
        warn_at_percent=parts["warn_at_percent"].optional(whole(1, 99), WARN_AT_PERCENT),
        match=_match(parts["match"], readers),
    )


def _targets(spot: Spot) -> Targets:
    parts = spot.table(*_TARGETS)
    return Targets(**{_TARGETS[key]: part.optional(positive_duration_s, None) for key, part in parts.items()})


def _match(spot: Spot, readers: Mapping[str, Reader]) -> Match:
    if spot.is_missing:
        return Match()
    parts = spot.table(*readers)
    return Match(**{key: _words(part, readers[key]) for key, part in parts.items() if not part.is_missing})


def _tier(tiers: tuple[str, ...], value: Any) -> str:
    if not tiers:
        wrong = f"{text(value)!r} is a tier that this document does not name"
        raise BadValue(wrong, f'write tiers = ["{text(value).strip()}"] above the first table')
    return one_of(tiers)(value)


def _words(spot: Spot, reader: Reader) -> frozenset[str]:
    return frozenset(item.required(reader, "") for item in spot.items())


def _ladder(spot: Spot, key: str) -> Ladder:
    before = len(spot.problems)
    spot.holding(key).required(name, "")
    parts = spot.table("warn", "ack", "steps", "repeat")
    warn_group = parts["warn"].required(name, "")
    ack_s = parts["ack"].optional(positive_duration_s, ACK_S)
    steps = tuple(_step(item) for item in parts["steps"].items())
    repeats = () if parts["repeat"].is_missing else _repeats(parts["repeat"])
    if len(spot.problems) == before:
        _check_steps(parts["steps"], steps)
    if len(spot.problems) > before:
        return _NO_LADDER
    return Ladder(id=key, steps=steps, repeat_after_s=repeats, ack_s=ack_s, warn_group=warn_group)


def _step(spot: Spot) -> Step:
    parts = spot.table("group", "after")
    return Step(group=parts["group"].required(name, ""), delay_s=parts["after"].required(duration_s, 0))


def _check_steps(spot: Spot, steps: tuple[Step, ...]) -> None:
    if not steps:
        spot.refuse("there is no step", "name at least one group to page")
    elif steps[0].delay_s:
        spot.refuse("the first step waits, though the promise is broken by then", 'write after = "0 min" for it')
    _check_rising(spot, [step.delay_s for step in steps])


def _repeats(spot: Spot) -> tuple[int, ...]:
    repeats = tuple(item.required(positive_duration_s, 0) for item in spot.items())
    if 0 not in repeats:
        _check_rising(spot, repeats)
    return repeats


def _check_rising(spot: Spot, delays: Iterable[int]) -> None:
    for before, after in pairwise(delays):
        if after <= before:
            wrong = f"{duration_text(after)} comes after {duration_text(before)}"
            spot.refuse(wrong, "make each later than the one before; all count from the same moment")


def _calendar(spot: Spot, key: str, today: date | None) -> Calendar:
    before = len(spot.problems)
    spot.holding(key).required(name, "")
    parts = spot.table("zone", "hours", "holidays", "special")
    zone = parts["zone"].required(_zone, "UTC")
    weekly = _weekly(parts["hours"])
    closed = frozenset() if parts["holidays"].is_missing else _holidays(parts["holidays"])
    special = () if parts["special"].is_missing else _special(parts["special"])
    if len(spot.problems) > before:
        return _NO_CALENDAR
    calendar = Calendar(id=key, zone=zone, weekly=weekly, holidays=closed, special=special)
    _check_opens(spot, calendar, today)
    return calendar


def _holidays(spot: Spot) -> frozenset[date]:
    return frozenset(day for item in spot.items() for day in _closed_on(item))


def _closed_on(spot: Spot) -> Iterable[date]:
    """One date, or those of a list that had a name when the document was saved."""
    if not isinstance(spot.value, Mapping):
        return [spot.required(_date_or_name, date.min)]
    parts = spot.table("list", "until", "dates")
    parts["list"].required(text, "")
    parts["until"].required(date_of, date.min)
    return [item.required(date_of, date.min) for item in parts["dates"].items()]


def _date_or_name(value: Any) -> date:
    """Names belong into a file that people edit: which dates they mean changes with the years."""
    try:
        return date_of(value)
    except BadValue as error:
        fix = f"{error.fix}; the name of a list of holidays becomes dates with `earshot policy apply`"
        raise BadValue(error.wrong, fix) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayList:
    """A list of holidays that a calendar was given by name, and its last day."""

    calendar_id: str
    name: str
    until: date


def holiday_lists(toml: str) -> tuple[HolidayList, ...]:
    """The lists that a saved document names, in its order. Raises what `tomllib` does, KeyError and TypeError."""
    import tomllib

    calendars: Mapping[str, Any] = tomllib.loads(toml).get("calendars", {})
    return tuple(
        HolidayList(calendar_id=key, name=entry["list"], until=date_of(entry["until"]))
        for key, calendar in calendars.items()
        for entry in calendar.get("holidays", ())
        if isinstance(entry, Mapping)
    )


def _zone(value: Any) -> str:
    try:
        zone_of(text(value))
    except UnknownZone as error:
        raise BadValue(str(error), "use a name such as Europe/London") from None
    return text(value)


def _weekly(spot: Spot) -> tuple[Windows, ...]:
    if spot.value == ROUND_THE_CLOCK:
        return (ALL_DAY,) * len(WEEKDAYS)
    days = spot.table(*WEEKDAYS).values()
    weekly = tuple(() if day.is_missing else _windows(day) for day in days)
    placed = [
        (day, _later(window, weekday * DAY_S))
        for weekday, (day, windows) in enumerate(zip(days, weekly, strict=True))
        for window in windows
    ]
    # Sunday night runs into Monday: the week's first window stands once more at its end.
    around = [(day, _later(window, WEEK_S)) for day, window in _in_order(placed)[:1]]
    _check_overlaps([*placed, *around])
    return weekly


def _special(spot: Spot) -> tuple[tuple[date, Windows], ...]:
    dates = [(day.holding(key).required(date_of, date.min), day, _windows(day)) for key, day in spot.entries().items()]
    for _, day, windows in dates:
        _check_overlaps([(day, window) for window in windows])
    return tuple(sorted((on, windows) for on, _, windows in dates))


def _windows(spot: Spot) -> Windows:
    return tuple(window for item in spot.items() if (window := item.required(window_of, None)))


def _check_overlaps(placed: list[tuple[Spot, Window]]) -> None:
    for (_, before), (day, after) in pairwise(_in_order(placed)):
        if after.open_s < before.close_s:
            day.refuse(f"{window_text(after)} overlaps {window_text(before)}", "make one window of both, or part them")


def _in_order(placed: list[tuple[Spot, Window]]) -> list[tuple[Spot, Window]]:
    return sorted(placed, key=itemgetter(1))


def _later(window: Window, seconds: int) -> Window:
    return Window(window.open_s + seconds, window.close_s + seconds)


def _check_opens(spot: Spot, calendar: Calendar, today: date | None) -> None:
    if not any((*calendar.weekly, *(windows for _, windows in calendar.special))):
        spot.at("hours").refuse("there is no open window", 'write hours such as mon = ["09:00-17:00"], or "24/7"')
    elif today and not _opens_after(calendar, today):
        cause = spot.at("holidays" if calendar.holidays else "special")
        cause.refuse(f"nothing is open in the {LOOKAHEAD_DAYS} days from {today}", "leave a date open, at least")


def _opens_after(calendar: Calendar, today: date) -> bool:
    try:
        due(calendar, datetime.combine(today, time(), UTC), 1)
    except NoOpenTime:
        return False
    return True


def _calendar_form(calendar: Calendar) -> dict[str, Any]:
    form = {
        "zone": calendar.zone,
        "hours": _hours_form(calendar.weekly),
        "holidays": sorted(day.isoformat() for day in calendar.holidays),
        "special": {day.isoformat(): _window_texts(windows) for day, windows in calendar.special},
    }
    return {key: value for key, value in form.items() if value or key == "hours"}


def _hours_form(weekly: tuple[Windows, ...]) -> str | dict[str, list[str]]:
    if all(windows == ALL_DAY for windows in weekly):
        return ROUND_THE_CLOCK
    return {day: _window_texts(windows) for day, windows in zip(WEEKDAYS, weekly, strict=True) if windows}


def _window_texts(windows: Windows) -> list[str]:
    return [window_text(window) for window in windows]


def _ladder_form(ladder: Ladder) -> dict[str, Any]:
    return {
        "warn": ladder.warn_group,
        "ack": duration_text(ladder.ack_s),
        "steps": [{"group": step.group, "after": duration_text(step.delay_s)} for step in ladder.steps],
        "repeat": [duration_text(after_s) for after_s in ladder.repeat_after_s],
    }


def _policy_form(policy: Policy) -> dict[str, Any]:
    targets = {key: getattr(policy.targets, field) for key, field in _TARGETS.items()}
    return {
        "id": policy.id,
        "match": {key: sorted(words) for key in _CONDITIONS if (words := getattr(policy.match, key))},
        "calendar": policy.calendar.id,
        "ladder": policy.ladder.id,
        "targets": {key: duration_text(target_s) for key, target_s in targets.items() if target_s is not None},
        "warn_at_percent": policy.warn_at_percent,
    }
