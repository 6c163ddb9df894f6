"""The promises in force: every version of the policy book that a clock may still run under."""

from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.clock import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """All known versions; new clocks start under `current`."""

    books: Books

    @property
    def current(self) -> int:
        return max(self.books)


class PolicyStore(Protocol):
    """Where the books are kept."""

    def promises(self) -> Promises:
        """May be a minute old."""
        ...
