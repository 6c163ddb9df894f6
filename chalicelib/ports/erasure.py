"""What a person's erasure reads and takes away, and where it is remembered that they were erased."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from chalicelib.domain.erasure import Person
from chalicelib.domain.events import Event
from chalicelib.ports.cases import CaseRecord
from chalicelib.ports.customers import Customer
from chalicelib.ports.rollups import CaseLines
from chalicelib.ports.table import Conflict

__all__ = ["Conflict", "Erasure", "Ledger", "Order", "RawBodies", "SealMissing", "Trace", "Traces"]


class SealMissing(RuntimeError):
    """The stage has no key for erasures. Next step: `earshot deploy`, which makes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """
    That somebody was erased, for good, and who did it.

    `person` is a keyed hash; what they wrote until `erased_at` is covered.
    """

    platform: str
    person: str
    erased_at: datetime
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """
    An erasure that is not finished.

    It holds who is meant, in plain words, as long as that is needed: it goes
    last. `case_ids` are those that it was asked for, for a person whom the
    platform does not name.
    """

    customer: Customer
    erased_at: datetime
    case_ids: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True)
class Trace:
    """A case as far as it is still there. `case` is None when only entries of its timeline are left."""

    case_id: str
    case: CaseRecord | None
    events: tuple[Event, ...] = field(default=())


class Ledger(Protocol):
    """Which people were erased, kept apart from the table: it must outlive whatever the table is restored to."""

    def keep(self, erasure: Erasure) -> None:
        """The last one of a person counts."""
        ...

    def all(self) -> Iterator[Erasure]: ...


class Traces(Protocol):
    """What the table holds of people. Every step can be repeated."""

    def trace(self, case_id: str) -> Trace: ...

    def case_ids(self, customer: Customer) -> tuple[str, ...]:
        """Those that the list of their cases leads to."""
        ...

    def orders(self) -> tuple[Order, ...]: ...

    def save_order(self, order: Order) -> None: ...

    def close_order(self, order: Order) -> None: ...

    def bury(self, customer: Customer, message_ids: Sequence[str], at: datetime) -> None:
        """From here on nothing comes back of what the person wrote until `at`, and of these messages."""
        ...

    def clear(self, trace: Trace, events: Sequence[Event]) -> None:
        """Take away what `events` of the case left elsewhere: pages, links, answers, addresses, signals."""
        ...

    def leave_conversation(self, trace: Trace, person: Person) -> None:
        """A case that stays is not the one any more in which the person goes on."""
        ...

    def drop_waiting(self, customer: Customer) -> None:
        """Facts about the person that wait for a message nobody has reported."""
        ...

    def unlink(self, case_id: str, person: Person, *, keeps_case: bool = False) -> None:
        """
        Incidents and fixes go on counting the case, and no longer know which it was, nor who.

        With `keeps_case`, of others too, they forget the person alone.
        """
        ...

    def drop_case(self, trace: Trace, lines: CaseLines, customer: Customer) -> None:
        """
        Take the case away; its part in the roll-ups stays. Raises Conflict when it has changed since it was read.

        `clear` and `unlink` come before.
        """
        ...

    def drop_record(self, customer: Customer, until: datetime) -> None:
        """What people recorded of the person, unless some of it is younger than `until`."""
        ...

    def drop_list(self, customer: Customer, until: datetime) -> None:
        """The list of the cases that were opened by then. It leads to them, and goes last."""
        ...

    def held(self, customer: Customer, traces: Sequence[Trace]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """All items about the person by what they are, with their content, for whoever exports or counts them."""
        ...

    def customers(self) -> Iterator[Customer]:
        """Everybody with a case or a profile. Reads the whole table."""
        ...


class RawBodies(Protocol):
    """Raw requests in the bucket."""

    def names(self) -> Iterator[str]:
        """Of those that may hold what people wrote."""
        ...

    def get(self, key: str) -> bytes:
        """Raises KeyError when it is gone."""
        ...

    def put(self, key: str, body: bytes) -> None: ...

    def remove(self, key: str) -> None: ...
