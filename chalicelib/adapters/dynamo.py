"""The table in DynamoDB (boto3 client; API version 2012-08-10)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.ports.table import MOST_READS, MOST_WRITES, Check, Conflict, Delete, Item, Key, Put, Slice, Write

_INDEX_KEYS = {"due": ("due_pk", "due_sk"), "list": ("list_pk", "list_sk")}
_LOST_RACE = {"ConditionalCheckFailed", "TransactionConflict"}
_MOST_ROUNDS = 10  # an answer holds 16 MB and an item 400 KB: a hundred items take three at most


class ReadIncomplete(Exception):
    """DynamoDB kept holding items back. Nothing is lost: whoever asked asks again later."""


class DynamoTable:
    """Satisfies `ports.table.Table`. `client` is a boto3 DynamoDB client."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        wanted: Sequence[Mapping[str, Any]] = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in dict.fromkeys(keys)]
        if len(wanted) > MOST_READS:
            raise ValueError(f"one read takes {MOST_READS} keys at most, not {len(wanted)}")
        found: dict[Key, Item] = {}
        for _ in range(_MOST_ROUNDS):
            if not wanted:
                break
            wanted = self._get_some(wanted, found)
        if wanted:
            raise ReadIncomplete(f"{len(wanted)} items were not read")
        return found

    def _get_some(self, wanted: Sequence[Mapping[str, Any]], found: dict[Key, Item]) -> Sequence[Mapping[str, Any]]:
        """Add what one call finds, and give back the keys that it left for another."""
        answer = self._client.batch_get_item(RequestItems={self._name: {"Keys": wanted, "ConsistentRead": True}})
        for raw in answer["Responses"].get(self._name, ()):
            item = _from_wire(raw)
            found[(item["pk"], item["sk"])] = item
        left: Sequence[Mapping[str, Any]] = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", ())
        return left

    def query(
        self, pk: str, *, prefix: str = "", limit: int | None = None, more: str | None = None, last_first: bool = False
    ) -> Slice:
        if more and more.startswith("{"):  # a walk that an earlier version began and left in the table
            more = json.loads(more)["sk"]["S"]
        page = self._page(
            {
                "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)" if prefix else "pk = :pk",
                "ExpressionAttributeValues": _to_wire({":pk": pk, **({":prefix": prefix} if prefix else {})}),
                "ConsistentRead": True,
                **({"ScanIndexForward": False} if last_first else {}),
            },
            limit,
            json.dumps({"pk": {"S": pk}, "sk": {"S": more}}) if more else None,
        )
        return Slice(page.items, json.loads(page.more)["sk"]["S"] if page.more else None)

    def query_index(
        self, index: str, pk: str, *, up_to: str | None = None, limit: int | None = None, more: str | None = None
    ) -> Slice:
        pk_name, sk_name = _INDEX_KEYS[index]
        bound = f" AND {sk_name} <= :up_to" if up_to is not None else ""
        values = {":pk": pk, **({":up_to": up_to} if up_to is not None else {})}
        return self._page(
            {
                "IndexName": index,
                "KeyConditionExpression": f"{pk_name} = :pk{bound}",
                "ExpressionAttributeValues": _to_wire(values),
            },
            limit,
            more,
        )

    def _page(self, query: dict[str, Any], limit: int | None, more: str | None) -> Slice:
        """One page as wanted; without a limit, all pages: an item must not be missed because a page was full."""
        items: list[Item] = []
        while True:
            answer = self._client.query(
                TableName=self._name,
                **query,
                **({"Limit": limit} if limit else {}),
                **({"ExclusiveStartKey": json.loads(more)} if more else {}),
            )
            items += [_from_wire(raw) for raw in answer["Items"]]
            last = answer.get("LastEvaluatedKey")
            more = json.dumps(last) if last else None
            if limit or not more:
                return Slice(tuple(items), more)

    def scan(self, *, more: str | None = None) -> Slice:
        answer = self._client.scan(
            TableName=self._name, ConsistentRead=True, **({"ExclusiveStartKey": json.loads(more)} if more else {})
        )
        last = answer.get("LastEvaluatedKey")
        return Slice(tuple(_from_wire(raw) for raw in answer["Items"]), json.dumps(last) if last else None)

    def write(self, writes: Sequence[Write]) -> None:
        if not 1 <= len(writes) <= MOST_WRITES:
            raise ValueError(f"a transaction takes 1 to {MOST_WRITES} writes, not {len(writes)}")
        if len({write.key for write in writes}) != len(writes):
            raise ValueError("a transaction takes one write for an item")
        try:
            if len(writes) == 1 and not isinstance(writes[0], Check):
                self._write_one(writes[0])
            else:
                self._client.transact_write_items(TransactItems=[self._operation(write) for write in writes])
        except (
            self._client.exceptions.ConditionalCheckFailedException,
            self._client.exceptions.TransactionConflictException,  # a single write while a transaction holds the item
        ) as error:
            raise Conflict from error
        except self._client.exceptions.TransactionCanceledException as error:
            codes = {reason.get("Code") for reason in error.response.get("CancellationReasons", ())}
            if codes & _LOST_RACE:
                raise Conflict from error
            raise

    def _write_one(self, write: Put | Delete) -> None:
        """A plain write costs half of a transaction."""
        [(verb, request)] = self._operation(write).items()
        (self._client.put_item if verb == "Put" else self._client.delete_item)(**request)

    def _operation(self, write: Write) -> dict[str, Any]:
        common = {"TableName": self._name, **_condition(write.expect)}
        if isinstance(write, Put):
            return {"Put": {"Item": _to_wire(write.item), **common}}
        key = _to_wire({"pk": write.key[0], "sk": write.key[1]})
        return {"Delete" if isinstance(write, Delete) else "ConditionCheck": {"Key": key, **common}}


def _condition(expect: Mapping[str, Any] | None) -> dict[str, Any]:
    if not expect:
        return {}
    names = {f"#n{i}": name for i, name in enumerate(expect)}
    values = {f":v{i}": value for i, value in enumerate(expect.values()) if value is not None}
    parts = [
        f"#n{i} = :v{i}" if value is not None else f"attribute_not_exists(#n{i})"
        for i, value in enumerate(expect.values())
    ]
    return {
        "ConditionExpression": " AND ".join(parts),
        "ExpressionAttributeNames": names,
        **({"ExpressionAttributeValues": _to_wire(values)} if values else {}),
    }


def _to_wire(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value_to_wire(value) for name, value in item.items() if value is not None}


def _value_to_wire(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, str):
        return {"S": value}
    raise TypeError(f"an item holds text, whole numbers and booleans, not {type(value).__name__}")


def _from_wire(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value_from_wire(value) for name, value in raw.items()}


def _value_from_wire(value: Mapping[str, Any]) -> Any:
    [(kind, inner)] = value.items()
    return int(inner) if kind == "N" else inner
