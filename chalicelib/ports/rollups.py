"""Where the daily roll-ups are kept, and how all cases are walked to make them anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from chalicelib.domain.causes import CauseLine
from chalicelib.domain.rollup import Line


@dataclass(frozen=True, slots=True)
class ListedCases:
    """Ids of some cases and when each was opened, and where the rest begins; `more` is None at the end."""

    cases: tuple[tuple[str, datetime], ...]
    more: str | None = None


class Rollups(Protocol):
    """Derived from the cases' events: any of it may be lost and rebuilt."""

    def cases(self, *, limit: int, more: str | None = None) -> ListedCases:
        """
        At most `limit` cases, open ones first; as few as none, with more to come. One call.

        A case that is closed meanwhile may come twice; one that is reopened may be missed.
        """
        ...

    def save(self, day: date, lines: Sequence[Line]) -> None:
        """All of a day, in place of what was there. A read and one write for every hundred channels."""
        ...

    def read(self, day: date) -> tuple[Line, ...] | None:
        """None for a day that nobody rolled up, which is not a day without clocks. One call."""
        ...

    def save_causes(self, day: date, lines: Sequence[CauseLine]) -> None:
        """What complaints of a day were about, in place of what was there. One write."""
        ...

    def causes(self, day: date) -> tuple[CauseLine, ...] | None:
        """None for a day that nobody rolled up. One call."""
        ...
