"""
Lists of public holidays by name, from the library `holidays`.

They are looked up when a policy file is applied and never afterwards: what is
stored are dates, so that a later release of the library changes nothing that
was promised. docs: holidays.readthedocs.io, read 2026-11-23.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from re import fullmatch
from typing import Any, Final

from chalicelib.documents.durations import BadValue

YEARS_BEFORE: Final = 1  # clocks that began before the new year keep the hours they began with
YEARS_AFTER: Final = 2
_CODE: Final = r"[A-Z]{2}(-[A-Z0-9]{1,3})?"  # ISO 3166
LONGEST_CODE: Final = 3  # the library has a few regional codes among its names
_HOW_TO_LIST: Final = "`earshot policy holidays` lists all names"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDates:
    """What a name stands for today. `until` is the last day that the list knows about."""

    name: str
    until: date
    dates: tuple[date, ...]


def dates_of(name: str, *, today: date) -> NamedDates:
    """
    The public holidays of last year, this year and the next two.

    A name is a country, a region that no other country has, or the ISO 3166
    code of either. Raises Malformed.
    """
    code = _code(name)
    library = _library(code)
    last_year = min(today.year + YEARS_AFTER, library.end_year)
    if last_year < today.year:
        raise BadValue(f"the list of {name} ends with {last_year}", "write the dates yourself")
    years = range(today.year - YEARS_BEFORE, last_year + 1)
    return NamedDates(name=name, until=date(last_year, 12, 31), dates=tuple(sorted(_made(code, years))))


def names() -> tuple[tuple[str, str], ...]:
    """Every name and its code, in the order of the names."""
    return tuple(sorted((label, code) for code, label in _labels()))


def _code(name: str) -> str:
    if fullmatch(_CODE, name) and _library(name) is not None:
        return name
    codes = _by_name().get(name.casefold(), ())
    if not codes:
        raise BadValue(f"no list of holidays is called {name!r}", _did_you_mean(name))
    if len(codes) > 1:
        raise BadValue(f"{name!r} is the name of several lists", f"write the code of one: {' or '.join(codes)}")
    return codes[0]


def _did_you_mean(name: str) -> str:
    known = {label.casefold(): label for _, label in _labels()}
    close = get_close_matches(name.casefold(), known, n=1, cutoff=0.7)
    return f"did you mean {known[close[0]]!r}? {_HOW_TO_LIST}" if close else _HOW_TO_LIST


@cache
def _by_name() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, label in _labels():
        found[label.casefold()] = (*found.get(label.casefold(), ()), code)
    return found


@cache
def _labels() -> tuple[tuple[str, str], ...]:
    """Code and name of every country and of every region that has one."""
    return tuple(label for key, country in _countries().items() for label in _labels_of(key, country))


def _labels_of(key: str, country: Any) -> Iterator[tuple[str, str]]:
    yield country.country, key.replace("_", " ").title().replace(" And ", " and ")
    for label, region in (getattr(country, "subdivisions_aliases", None) or {}).items():
        if len(label) > LONGEST_CODE:
            yield f"{country.country}-{region}", label


@cache
def _countries() -> dict[str, Any]:
    """The library's class for each country; loading all of them takes a second or two."""
    import holidays
    from holidays.registry import COUNTRIES

    return {key: getattr(holidays, class_name) for key, (class_name, *_) in COUNTRIES.items()}


def _library(code: str) -> Any:
    """The library's list of that code, without any dates yet; None when there is none."""
    try:
        return _made(code, range(0))
    except NotImplementedError:
        return None


def _made(code: str, years: range) -> Any:
    import holidays

    country, _, region = code.partition("-")
    return holidays.country_holidays(country, subdiv=region or None, years=years)
