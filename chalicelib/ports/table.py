"""
The one table, as little of it as we need: read items, write several at once or none.

Each method is one call to the store, so that "crashed between any two calls"
can be tested by counting them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Key = tuple[str, str]
Item = Mapping[str, Any]  # "pk" and "sk" and plain values: str, int, bool


class Conflict(Exception):
    """Somebody else was first: a condition did not hold, nothing was written. Read again and decide anew."""


@dataclass(frozen=True, slots=True)
class Put:
    """
    Write a whole item if `expect` holds.

    `expect` maps attributes to the value they must have now; None means that
    the attribute must not be there: `{"pk": None}` is "no such item yet".
    """

    item: Item
    expect: Mapping[str, Any] | None = None

    @property
    def key(self) -> Key:
        return (self.item["pk"], self.item["sk"])


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove an item if it is there and `expect` holds."""

    key: Key
    expect: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Write nothing, but fail the whole write unless `expect` holds."""

    key: Key
    expect: Mapping[str, Any]


Write = Put | Delete | Check
MOST_WRITES = 100  # in one transaction (DynamoDB limit)
MOST_READS = 100  # keys in one read (DynamoDB limit)


@dataclass(frozen=True, slots=True)
class Slice:
    """Some items, and where the rest begins; `more` is None at the end."""

    items: tuple[Item, ...]
    more: str | None = None


class Table(Protocol):
    """Reads of items are consistent; reads of an index may lag by a moment."""

    def get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        """The items that exist among at most MOST_READS keys. Raises ValueError for more."""
        ...

    def query(
        self, pk: str, *, prefix: str = "", limit: int | None = None, more: str | None = None, last_first: bool = False
    ) -> Slice:
        """
        Items of one partition whose sort key begins with `prefix`, in key order or, `last_first`, against it.

        `more` is the sort key behind which to go on; no item needs to have it.
        """
        ...

    def query_index(
        self, index: str, pk: str, *, up_to: str | None = None, limit: int | None = None, more: str | None = None
    ) -> Slice:
        """
        Entries of `index` ("due" or "list") in key order, at most up to and with the sort key `up_to`.

        An entry has the keys of its item and of the index; of "list" also the `summary`. Nothing else.
        """
        ...

    def write(self, writes: Sequence[Write]) -> None:
        """
        All of it or nothing, at most MOST_WRITES, one for an item.

        Raises Conflict; TypeError for values that an item cannot hold.
        """
        ...


class WholeTable(Table, Protocol):
    """For operators: no function may read the whole table."""

    def scan(self, *, more: str | None = None) -> Slice:
        """Some of all items, in no order."""
        ...
