"""
The table in memory. A lock makes each call one atomic step, as in the real store.

It refuses what DynamoDB refuses and shows no more than DynamoDB shows: a twin
that is more generous hides bugs.
"""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from chalicelib.ports.table import MOST_READS, MOST_WRITES, Check, Conflict, Delete, Item, Key, Put, Slice, Write

_INDEX_KEYS = {"due": ("due_pk", "due_sk"), "list": ("list_pk", "list_sk")}
_COPIED = {"due": (), "list": ("summary",)}  # as in infra/resources.yaml
_MOST_BYTES = {"pk": 2_048, "sk": 1_024, "due_pk": 2_048, "due_sk": 1_024, "list_pk": 2_048, "list_sk": 1_024}


class MemoryTable:
    """Satisfies `ports.table.Table`."""

    def __init__(self) -> None:
        self._items: dict[Key, dict[str, Any]] = {}
        self._partitions: dict[str, set[str]] = {}  # sort keys, so that a query reads no other partition
        self._lock = Lock()

    def get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        wanted = dict.fromkeys(keys)
        if len(wanted) > MOST_READS:
            raise ValueError(f"one read takes {MOST_READS} keys at most, not {len(wanted)}")
        for pk, sk in wanted:
            _require_key(pk=pk, sk=sk)
        with self._lock:
            return {key: dict(self._items[key]) for key in wanted if key in self._items}

    def query(
        self, pk: str, *, prefix: str = "", limit: int | None = None, more: str | None = None, last_first: bool = False
    ) -> Slice:
        _require_key(pk=pk, **({"sk": more} if more else {}))
        with self._lock:
            wanted = sorted((sk for sk in self._partitions.get(pk, ()) if sk.startswith(prefix)), reverse=last_first)
            found = [
                dict(self._items[(pk, sk)]) for sk in wanted if not more or (sk < more if last_first else sk > more)
            ]
        page = _page(found, limit, None)
        return Slice(page.items, page.items[-1]["sk"] if page.more else None)

    def query_index(
        self, index: str, pk: str, *, up_to: str | None = None, limit: int | None = None, more: str | None = None
    ) -> Slice:
        pk_name, sk_name = _INDEX_KEYS[index]
        shown = {"pk", "sk", pk_name, sk_name, *_COPIED[index]}
        with self._lock:
            found = [
                {name: value for name, value in item.items() if name in shown}
                for item in self._items.values()
                if item.get(pk_name) == pk and sk_name in item
            ]
        found = [item for item in found if up_to is None or item[sk_name] <= up_to]
        return _page(sorted(found, key=lambda item: (item[sk_name], item["pk"], item["sk"])), limit, more)

    def scan(self, *, more: str | None = None) -> Slice:
        return _page([*self.everything().values()], 10, more)

    def write(self, writes: Sequence[Write]) -> None:
        if not 1 <= len(writes) <= MOST_WRITES:
            raise ValueError(f"a transaction takes 1 to {MOST_WRITES} writes, not {len(writes)}")
        if len({write.key for write in writes}) != len(writes):
            raise ValueError("a transaction takes one write for an item")
        for write in writes:
            _require_storable(write)
        with self._lock:
            if not all(_holds(self._items.get(write.key), write.expect) for write in writes):
                raise Conflict
            for write in writes:
                self._do(write)

    def _do(self, write: Write) -> None:
        match write:
            case Put():
                self._items[write.key] = {name: value for name, value in write.item.items() if value is not None}
                self._partitions.setdefault(write.key[0], set()).add(write.key[1])
            case Delete():
                self._items.pop(write.key, None)
                self._partitions.get(write.key[0], set()).discard(write.key[1])
            case Check():
                pass

    def everything(self) -> dict[Key, dict[str, Any]]:
        """A copy of all items, for tests that compare whole tables."""
        with self._lock:
            return {key: dict(item) for key, item in self._items.items()}


def _require_key(**attributes: Any) -> None:
    """Raises ValueError, also for what is no text that could be sent."""
    for name, value in attributes.items():
        if not 0 < len(value.encode()) <= _MOST_BYTES[name]:
            raise ValueError(f"{name} takes 1 to {_MOST_BYTES[name]} bytes, not {len(value.encode())}")


def _require_storable(write: Write) -> None:
    item = write.item if isinstance(write, Put) else {}
    indexed = {name: item[name] for name in _MOST_BYTES if item.get(name) is not None}
    _require_key(**{**indexed, "pk": write.key[0], "sk": write.key[1]})
    values = [*(write.item if isinstance(write, Put) else {}).values(), *(write.expect or {}).values()]
    for value in values:
        if not isinstance(value, str | int | None):
            raise TypeError(f"an item holds text, whole numbers and booleans, not {type(value).__name__}")


def _holds(item: Mapping[str, Any] | None, expect: Mapping[str, Any] | None) -> bool:
    found = item or {}
    return all(_same(found.get(name), value) for name, value in (expect or {}).items())


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)  # to Python, True is 1


def _page(found: list[dict[str, Any]], limit: int | None, more: str | None) -> Slice:
    begin = int(more) if more else 0
    end = len(found) if limit is None else min(len(found), begin + limit)
    return Slice(tuple(found[begin:end]), str(end) if end < len(found) else None)
