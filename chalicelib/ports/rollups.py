"""Where the daily roll-ups are kept, and how all cases are walked to make them anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from chalicelib.domain.causes import CauseLine
from chalicelib.domain.rollup import RollupLine


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCase:
    """
    A case as the list has it.

    `last_at` is its newest event's, None when the list does not know;
    `is_running` says that a promise of it still stands. `version` is 0 when
    the list does not know.
    """

    case_id: str
    opened_at: datetime
    last_at: datetime | None
    is_running: bool
    version: int
    channel: str = ""
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class ListedCases:
    """Some cases, and where the rest begins; `more` is None at the end."""

    cases: tuple[ListedCase, ...]
    more: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLines:
    """
    What a case adds to its days, as its `version` has it.

    From `until` on time alone may have changed that; None for never.
    """

    version: int
    until: datetime | None
    lines: tuple[RollupLine, ...]
    causes: tuple[CauseLine, ...] = ()


class Rollups(Protocol):
    """Derived from the cases' events: any of it may be lost and rebuilt."""

    def cases(self, *, limit: int, more: str | None = None) -> ListedCases:
        """
        At most `limit` cases, open ones first; as few as none, with more to come. One call. May lag a moment.

        A case that is closed meanwhile may come twice; one that is reopened may be missed.
        """
        ...

    def case_lines(self, case_ids: Sequence[str]) -> Mapping[str, CaseLines]:
        """What was kept of cases. One call for every hundred."""
        ...

    def keep_lines(self, case_id: str, lines: CaseLines, *, now: datetime) -> None:
        """For some weeks. One call."""
        ...

    def save(self, day: date, lines: Sequence[RollupLine]) -> None:
        """All of a day, in place of what was there. A read, and a write for every hundred channels that differ."""
        ...

    def read(self, day: date) -> tuple[RollupLine, ...] | None:
        """The lines of a day; None when it was never rolled up. One call."""
        ...

    def done(self) -> Mapping[str, date]:
        """The last day that was rolled up once it had ended, for each time zone. One call."""
        ...

    def remember(self, done: Mapping[str, date]) -> None:
        """As `done` gives it. One call."""
        ...

    def save_causes(self, day: date, lines: Sequence[CauseLine]) -> None:
        """What complaints of a day were about, in place of what was there. One write."""
        ...

    def causes(self, day: date) -> tuple[CauseLine, ...] | None:
        """None for a day that nobody rolled up. One call."""
        ...

    def gone(self, day: date) -> tuple[tuple[RollupLine, ...], tuple[CauseLine, ...]]:
        """What cases that are gone by now had added to a day. One call."""
        ...
