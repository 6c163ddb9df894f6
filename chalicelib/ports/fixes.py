"""Where causes that were called fixed are kept, and who has complained since."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.domain.fixes import Fix, FixSeen
from chalicelib.ports.table import Conflict

__all__ = ["Conflict", "Fixes"]


class Fixes(Protocol):
    """Few: all of them are read in one call."""

    def all(self) -> tuple[Fix, ...]: ...

    def get(self, fix_id: str) -> Fix | None: ...

    def save(self, fix: Fix) -> Fix:
        """As it is now stored. Raises Conflict when it was saved since it was read."""
        ...

    def note(self, fix_id: str, seen: Sequence[FixSeen]) -> None:
        """Remember complaints for a month; a repeat is one. A write for each."""
        ...

    def seen(self, fix_id: str, since: datetime) -> tuple[FixSeen, ...]:
        """One call."""
        ...
