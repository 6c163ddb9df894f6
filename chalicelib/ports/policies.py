"""The promises in force, and the work of bringing open cases up to date with them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.domain.clock import Books
from chalicelib.ports.table import Conflict

__all__ = ["Conflict", "PolicyJob", "PolicyJobs", "PolicyStore", "PolicyVersion", "Promises"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """Every version that a clock may still run under; new clocks start under `current`."""

    books: Books

    @property
    def current(self) -> int:
        return max(self.books)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """
    A document as it was applied, in TOML.

    `applied_at` and `actor` are None for the version that ships.
    """

    version: int
    document: str
    applied_at: datetime | None = None
    actor: str | None = None


class PolicyStore(Protocol):
    """Where the books are kept."""

    def promises(self) -> Promises:
        """
        May be a minute old.

        A version that is asked of its books and was applied since is looked up
        then; LookupError for one that does not exist or cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyJob:
    """
    The walk over all open cases after a version was applied.

    It stands in the due index at `next_at` until it is done; whoever works on
    it pushes that out, so that nobody else does. `walk` counts from 1: there is
    a second one for cases that were opened or moved during the first. `more` is
    where the walk goes on, None at its beginning. `seen`, `failures` and
    `failed`, which names some of them, are of this walk, or of the one before
    it until this one begins; `changed` counts the cases in which a clock moved
    to another calendar, in both.
    """

    version: int
    applied_at: datetime
    actor: str
    walk: int = 1
    more: str | None = None
    seen: int = 0
    changed: int = 0
    failures: int = 0
    failed: tuple[str, ...] = ()
    next_at: datetime | None = None
    revision: int = 0

    @property
    def is_done(self) -> bool:
        return self.next_at is None


class PolicyJobs(Protocol):
    """Where the jobs are kept. Each method is one call."""

    def job(self, version: int) -> PolicyJob | None:
        """None for a version that nobody applied."""
        ...

    def save(self, job: PolicyJob) -> None:
        """Raises Conflict when the job was saved since it was read (`revision`)."""
        ...
