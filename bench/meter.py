"""
Counts what is asked of AWS, call by call, from inside the real clients.

Write units are what DynamoDB itself reports. Read units are computed from the
items' sizes, because the local AWS reports the same for every read; the rules
are those of
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html (read 2026-11-23).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

READ_UNIT = 4096
QUEUE_REQUEST = 64 * 1024  # SQS bills every 64 KB of a call as one request
_REPORTS = frozenset({"ReturnConsumedCapacity"})
_PLAN = "bench"  # under which a call's parameters travel through botocore's own context


@dataclass(slots=True)
class Cost:
    """What a stretch of work asked of AWS. `refused` counts calls that ended in an error."""

    calls: Counter[str] = field(default_factory=Counter)
    read_units: float = 0.0
    write_units: float = 0.0
    index_units: float = 0.0  # the part of `write_units` that went into indexes
    queue_requests: float = 0.0
    refused: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.calls + other.calls,
            self.read_units + other.read_units,
            self.write_units + other.write_units,
            self.index_units + other.index_units,
            self.queue_requests + other.queue_requests,
            self.refused + other.refused,
        )

    def operations(self, service: str) -> int:
        return sum(number for call, number in self.calls.items() if call.startswith(f"{service}."))


class Meter:
    """Watches clients; everything they do inside `measuring` is added to one `Cost`. Threads may share the clients."""

    def __init__(self) -> None:
        self._running: Cost | None = None
        self._lock = Lock()

    def watch(self, client: Any) -> None:
        """Count the calls of a botocore client from now on."""
        client.meta.events.register("before-parameter-build", self._before)
        client.meta.events.register("after-call", self._after)

    @contextmanager
    def measuring(self) -> Iterator[Cost]:
        self._running = cost = Cost()
        try:
            yield cost
        finally:
            self._running = None

    def _before(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if model.input_shape is not None and model.input_shape.members.keys() & _REPORTS:
            params["ReturnConsumedCapacity"] = "INDEXES"
        context[_PLAN] = params

    def _after(self, parsed: Mapping[str, Any], model: Any, context: Mapping[str, Any], **_: Any) -> None:
        if self._running is None:
            return
        service = model.service_model.service_name
        with self._lock:
            cost = self._running
            cost.calls[f"{service}.{model.name}"] += 1
            cost.refused += "Error" in parsed
            if service == "sqs":
                cost.queue_requests += queue_requests(context[_PLAN])
            if service == "dynamodb":
                cost.read_units += read_units(model.name, context[_PLAN], parsed)
                _add_writes(cost, model.name, parsed)


_WRITES = frozenset({"PutItem", "DeleteItem", "UpdateItem", "TransactWriteItems", "BatchWriteItem"})


def _add_writes(cost: Cost, operation: str, parsed: Mapping[str, Any]) -> None:
    if operation not in _WRITES:
        return
    reported = parsed.get("ConsumedCapacity", [])
    for capacity in reported if isinstance(reported, list) else [reported]:
        indexes = capacity.get("GlobalSecondaryIndexes", {}).values()
        cost.write_units += capacity["CapacityUnits"]
        cost.index_units += sum(index["CapacityUnits"] for index in indexes)


# --- reads -----------------------------------------------------------------------------------------------------------


def read_units(operation: str, params: Mapping[str, Any], parsed: Mapping[str, Any]) -> float:
    """Of one answer. A missing item costs as much as a small one, and an empty query too."""
    if operation == "GetItem":
        return _each([parsed.get("Item", {})], strong=params.get("ConsistentRead", False))
    if operation == "BatchGetItem":
        return sum(
            _batch(asked, parsed.get("Responses", {}).get(table, ())) for table, asked in params["RequestItems"].items()
        )
    if operation in ("Query", "Scan"):
        return _together(parsed.get("Items", ()), strong=params.get("ConsistentRead", False))
    return 0.0


def _batch(asked: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> float:
    missing: list[Mapping[str, Any]] = [{}] * (len(asked["Keys"]) - len(found))
    return _each([*found, *missing], strong=asked.get("ConsistentRead", False))


def _each(items: Iterable[Mapping[str, Any]], *, strong: bool) -> float:
    return sum(_units(item_bytes(item), strong=strong) for item in items)


def _together(items: Iterable[Mapping[str, Any]], *, strong: bool) -> float:
    return _units(sum(item_bytes(item) for item in items), strong=strong)


def _units(size: int, *, strong: bool) -> float:
    return max(1, -(-size // READ_UNIT)) * (1.0 if strong else 0.5)


def item_bytes(item: Mapping[str, Mapping[str, Any]]) -> int:
    """As DynamoDB counts an item in its wire form: names and values."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    [(kind, inner)] = value.items()
    if kind == "S":
        return len(inner.encode())
    if kind == "N":
        return (len(inner.lstrip("-").replace(".", "")) + 1) // 2 + 1
    if kind in ("BOOL", "NULL"):
        return 1
    raise ValueError(f"the table holds no {kind}")


# --- queues ----------------------------------------------------------------------------------------------------------


def queue_requests(params: Mapping[str, Any]) -> int:
    bodies = [entry.get("MessageBody", "") for entry in params.get("Entries", ())] or [params.get("MessageBody", "")]
    return max(1, -(-sum(len(body.encode()) for body in bodies) // QUEUE_REQUEST))
