"""
A policy file as an engineer edits it, and the document that is stored of it.

They differ in one thing: a list of holidays that the file gives by name has
its dates in the document, beside the name and the last day that it covers.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from chalicelib.documents.durations import BadValue, date_of
from chalicelib.documents.policies import (
    HolidayList,
    PolicyInvalid,
    ending_dates,
    holiday_lists,
    read,
    read_toml,
    unreachable,
)
from chalicelib.documents.reading import DocumentInvalid, DocumentProblem, Keys, decoded, parsed
from chalicelib.domain.policy import PolicyBook
from infra.operate.policy.holiday_names import NamedDates, dates_of
from infra.operate.toml_places import TomlPlace, places, with_lines

_WITHOUT_A_PLACE: Final = frozenset({"UTC", "GMT"})  # mean themselves
_INDENT: Final = " " * 4


class PolicyFileInvalid(ValueError):
    """The file makes no policies. Next step: mend every line it names; nothing was saved."""

    def __init__(self, file: str, problems: Sequence[tuple[int, DocumentProblem]]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{file}:{line}: {problem}" for line, problem in self.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDraft:
    """A policy file without a mistake. `toml` is the document to be stored, `notes` what its author should know."""

    book: PolicyBook
    toml: str
    lists: tuple[HolidayList, ...]
    notes: tuple[str, ...]


def read_file(path: Path, *, today: date) -> PolicyDraft:
    """Raises PolicyFileInvalid, which names every problem with its line; OSError."""
    return read_draft(path.read_bytes(), file=str(path), today=today)


def read_draft(content: bytes, *, file: str, today: date) -> PolicyDraft:
    """As `read_file`; `file` is what the problems call it."""
    toml, document = _parsed(content, file)
    lists, problems = _look_up(document, today)
    try:
        book = read(_with(lists, document), today=today)
    except PolicyInvalid as error:
        problems = [*problems, *(problem for problem in error.problems if problem.keys not in _places_of(problems))]
    if problems:
        raise PolicyFileInvalid(file, with_lines(problems, toml))
    found = places(toml)
    saved = _replaced(toml, {found[keys]: _list_toml(one) for keys, one in lists.items()})
    if read_toml(saved, today=None) != book:
        raise AssertionError(f"{file} would be stored as something else than it says")
    return PolicyDraft(
        book=book, toml=saved, lists=holiday_lists(saved), notes=tuple(_notes(document, book, saved, today))
    )


def read_for_trial(content: bytes, *, today: date) -> PolicyBook:
    """
    The book of a file that is only tried out, in whatever year: nobody asks whether its calendars still open.

    Lists of holidays have their dates of the years around `today`. Raises PolicyInvalid.
    """
    try:
        document = parsed(decoded(content))
    except DocumentInvalid as error:
        raise PolicyInvalid(error.problems) from error
    lists, problems = _look_up(document, today)
    if problems:
        raise PolicyInvalid(problems)
    return read(_with(lists, document), today=None)


def _parsed(content: bytes, file: str) -> tuple[str, dict[str, Any]]:
    toml = ""
    try:
        toml = decoded(content)
        return toml, parsed(toml)
    except DocumentInvalid as error:
        raise PolicyFileInvalid(file, with_lines(error.problems, toml)) from error


def _notes(document: Mapping[str, Any], book: PolicyBook, saved: str, today: date) -> Iterator[str]:
    if "version" in document:
        yield "version: is not looked at; each file that is applied gets the next number"
    for calendar_id, last in ending_dates(saved, today=today):
        how = "write those of next year too, or a list by its name (`earshot policy holidays`)"
        yield f"calendars.{calendar_id}.holidays: the last date is {last}; {how}"
    for calendar in book.calendars:
        if "/" not in calendar.zone and calendar.zone not in _WITHOUT_A_PLACE:
            how = "write that of a place, such as America/New_York, which follows the place when its rules change"
            yield f"calendars.{calendar.id}.zone: {calendar.zone} is an old name of a zone; {how}"
    for policy, earlier in unreachable(book.policies):
        yield f"policies.{policy.id}: takes no case, since {earlier.id} above takes them all; put it above that one"


# --- holidays by name -------------------------------------------------------------------------------------------


def _look_up(document: Mapping[str, Any], today: date) -> tuple[dict[Keys, NamedDates], list[DocumentProblem]]:
    """What each name stands for, and the names that stand for nothing."""
    lists: dict[Keys, NamedDates] = {}
    problems = []
    for keys, name in _names(document):
        try:
            lists[keys] = dates_of(name, today=today)
        except BadValue as error:
            calendar_id, place = keys[1], keys[-1]
            path = f"calendars.{calendar_id}.holidays[{place}]"
            problems.append(DocumentProblem(path, error.wrong, error.fix, keys))
    return lists, problems


def _names(document: Mapping[str, Any]) -> Iterator[tuple[Keys, str]]:
    """Also of lists that were looked up before: applied again, a stored document covers the years to come."""
    calendars = document.get("calendars")
    for key, calendar in calendars.items() if isinstance(calendars, Mapping) else ():
        entries = calendar.get("holidays") if isinstance(calendar, Mapping) else None
        for place, entry in enumerate(entries if isinstance(entries, list) else ()):
            name = entry.get("list") if isinstance(entry, Mapping) else entry
            if isinstance(name, str) and not _looks_like_a_date(name):
                yield ("calendars", key, "holidays", place), name


def _looks_like_a_date(text: str) -> bool:
    try:
        date_of(text)
    except BadValue:
        return text[:1].isdecimal()
    return True


def _places_of(problems: Sequence[DocumentProblem]) -> set[Keys]:
    return {problem.keys for problem in problems}


def _with(lists: Mapping[Keys, NamedDates], document: dict[str, Any]) -> dict[str, Any]:
    filled = deepcopy(document)
    for (_, key, _, place), one in lists.items():
        filled["calendars"][key]["holidays"][place] = {"list": one.name, "until": one.until, "dates": list(one.dates)}
    return filled


def _list_toml(one: NamedDates) -> str:
    """One year a line."""
    years = [", ".join(map(str, days)) for _, days in groupby(one.dates, key=lambda day: day.year)]
    lines = ",\n".join(f"{_INDENT}{year}" for year in years)
    return f"{{ list = {_quoted(one.name)}, until = {one.until}, dates = [\n{lines},\n] }}"


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _replaced(toml: str, texts: Mapping[TomlPlace, str]) -> str:
    """From the end to the beginning, so that places stay true."""
    for place, text in sorted(texts.items(), key=lambda entry: entry[0].begin, reverse=True):
        toml = toml[: place.begin] + text + toml[place.end :]
    return toml


def numbered(draft: PolicyDraft, version: int) -> PolicyBook:
    """The book of a draft as the version that it would become."""
    return replace(draft.book, version=version)
