"""What a scenario file holds, once it has been read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Any

from chalicelib.domain.policy import PolicyBook


class Lands(StrEnum):
    """At which point of the sweep at work something reaches us."""

    BEFORE_CLAIM = "before the claim"  # the case has been read, the page not yet taken on
    BEFORE_PAGE = "before the page"  # the page has been taken on and not yet gone out


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """
    One line of a timeline. `values` holds what its verb needs, read and with defaults.

    `at` is when it happened, `received_at` each time we heard of it; both
    aware UTC. `path` is its place in the file.
    """

    at: datetime
    verb: str
    path: str
    received_at: tuple[datetime, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    lands: Lands | None = None

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What goes wrong around us. Minutes, aware UTC; `missed` are spans with both ends included."""

    missed: tuple[tuple[datetime, datetime], ...] = ()
    twice: frozenset[datetime] = frozenset()
    refused: frozenset[datetime] = frozenset()  # publishing fails
    refused_for: str | None = None  # only for this group; None for all
    unheard: frozenset[datetime] = frozenset()  # the first publishing succeeds, and nobody hears of that

    def is_missed(self, minute: datetime) -> bool:
        return any(begin <= minute <= end for begin, end in self.missed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A table of expectations: only what is written is compared. `path` is its place in the file."""

    path: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """
    How things must stand at `at`, aware UTC.

    `clocks` holds for each metric named all of its clocks in the order of
    their start. `alerts` is complete, None where alerts are not looked at.
    """

    at: datetime
    path: str
    clocks: Mapping[str, tuple[Wanted, ...]] = field(default_factory=dict)
    alerts: tuple[Wanted, ...] | None = None
    totals: Mapping[str, Any] = field(default_factory=dict)
    attainment: Mapping[str, Wanted] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A policy document that must not be accepted, and the places that must be named."""

    document: str
    today: date
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """
    One story. `book` is what is promised in it; `refusal` makes it a story of a document that is refused.

    Times are shown in `zone`.
    """

    file: str
    id: str
    title: str
    zone: tzinfo
    book: PolicyBook | None
    channel: str
    timeline: tuple[Happening, ...] = ()
    faults: Faults = field(default_factory=Faults)
    expected: tuple[Expected, ...] = ()
    refusal: Refusal | None = None
