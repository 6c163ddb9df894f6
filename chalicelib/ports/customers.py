"""What is kept of customers. A customer is a platform and the key of an author on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.domain.customer import Profile, RecordChange
from chalicelib.ports.table import Conflict

__all__ = ["Conflict", "Customer", "Customers", "KnownCustomer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Whose. `author_key` is the platform's id of the author, or stands for somebody it did not name."""

    platform: str
    author_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCustomer:
    """
    What is known of a customer.

    `case_ids` are the newest of their cases, newest first. `erased_at` is
    when all that was known until then was erased.
    """

    customer: Customer
    profile: Profile
    case_ids: tuple[str, ...] = ()
    erased_at: datetime | None = None


class Customers(Protocol):
    """Every method is one call, except where it says otherwise. Reads are consistent."""

    def known(self, customer: Customer, *, most: int) -> KnownCustomer:
        """The profile and at most `most` cases. Two calls where people may be erased."""
        ...

    def profile(self, customer: Customer, *, change_id: str) -> tuple[Profile, RecordChange | None]:
        """The profile, and the change of that id if it was made."""
        ...

    def record(self, customer: Customer, profile: Profile, change: RecordChange) -> None:
        """
        Keep the profile that the change made, and the change, both or neither.

        Raises Conflict when the profile is no longer the version before, or the change was made.
        """
        ...

    def changes(self, customer: Customer) -> tuple[RecordChange, ...]:
        """All of them, oldest first. As many calls as there are pages."""
        ...
