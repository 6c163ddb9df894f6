"""The meter's arithmetic is DynamoDB's and SQS's, and it counts what a real client is asked to do."""

import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from bench.meter import Cost, Meter, item_bytes, queue_requests, read_units
from bench.prices import usd_per_million

TABLE = "cases"
KEY = {"pk": {"S": "CASE#1"}, "sk": {"S": "STATE"}}


def item_of(size: int) -> dict[str, Any]:
    """An item that counts as exactly so many bytes."""
    return {"text": {"S": "x" * (size - len("text"))}}


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({}, 0),
        ({"a": {"S": ""}}, 1),
        ({"name": {"S": "Žižek"}}, 4 + 7),
        ({"n": {"N": "0"}}, 1 + 2),
        ({"n": {"N": "12345"}}, 1 + 4),
        ({"n": {"N": "-12345"}}, 1 + 4),
        ({"b": {"BOOL": True}}, 2),
        (item_of(4096), 4096),
    ],
)
def test_an_item_counts_its_names_and_values_in_bytes(item: dict[str, Any], size: int) -> None:
    assert item_bytes(item) == size


def test_a_value_of_a_kind_we_never_store_is_refused() -> None:
    with pytest.raises(ValueError, match="SS"):
        item_bytes({"tags": {"SS": ["a"]}})


@pytest.mark.parametrize(
    ("sizes", "missing", "strong", "units"),
    [
        ([100], 0, True, 1.0),
        ([4096], 0, True, 1.0),
        ([4097], 0, True, 2.0),
        ([100, 100], 0, True, 2.0),  # each item is rounded up by itself
        ([100], 3, True, 4.0),  # looking for what is not there costs too
        ([4097], 1, False, 1.5),
    ],
)
def test_items_read_by_key_are_rounded_up_one_by_one(
    sizes: list[int], missing: int, strong: bool, units: float
) -> None:
    asked = {"RequestItems": {TABLE: {"Keys": [KEY] * (len(sizes) + missing), "ConsistentRead": strong}}}
    answer = {"Responses": {TABLE: [item_of(size) for size in sizes]}}
    assert read_units("BatchGetItem", asked, answer) == units


@pytest.mark.parametrize(
    ("sizes", "asked", "units"),
    [
        ([], {"ConsistentRead": True}, 1.0),
        ([], {"IndexName": "due"}, 0.5),
        ([100] * 40, {"ConsistentRead": True}, 1.0),  # a query's items are rounded up together
        ([1000] * 40, {"ConsistentRead": True}, 10.0),
        ([1000] * 40, {"IndexName": "list"}, 5.0),
    ],
)
def test_items_of_a_query_are_rounded_up_together(sizes: list[int], asked: dict[str, Any], units: float) -> None:
    assert read_units("Query", asked, {"Items": [item_of(size) for size in sizes]}) == units


def test_a_write_reads_nothing() -> None:
    assert read_units("PutItem", {}, {}) == 0


@pytest.mark.parametrize(
    ("params", "requests"),
    [
        ({"MessageBody": "short"}, 1),
        ({"MessageBody": "x" * 65_536}, 1),
        ({"MessageBody": "x" * 65_537}, 2),
        ({"Entries": [{"MessageBody": "x" * 40_000}] * 10}, 7),
    ],
)
def test_a_queue_bills_every_64_kilobytes(params: dict[str, Any], requests: int) -> None:
    assert queue_requests(params) == requests


# --- on a real client ------------------------------------------------------------------------------------------------


@pytest.fixture
def client() -> Any:
    with_keys = boto3.Session(aws_access_key_id="k", aws_secret_access_key="s", region_name="us-east-1")
    return with_keys.client("dynamodb")


def put_answer(units: float, index: float) -> dict[str, Any]:
    capacity = {"CapacityUnits": units, "GlobalSecondaryIndexes": {"due": {"CapacityUnits": index}}}
    return {"ConsumedCapacity": {"TableName": TABLE, **capacity}}


PUT = {"TableName": TABLE, "Item": KEY}


def test_a_write_is_asked_for_its_units_and_they_are_added_up(client: Any) -> None:
    meter = Meter()
    meter.watch(client)
    sent: list[bytes] = []
    with Stubber(client) as aws, meter.measuring() as cost:
        client.meta.events.register_first("before-call.*.*", lambda params, **_: sent.append(params["body"]))
        for units in (3.0, 2.0):
            aws.add_response("put_item", put_answer(units, 1.0))
            client.put_item(**PUT)
    assert [json.loads(body)["ReturnConsumedCapacity"] for body in sent] == ["INDEXES", "INDEXES"]
    assert cost == Cost(calls=cost.calls, write_units=5.0, index_units=2.0)
    assert cost.calls == {"dynamodb.PutItem": 2}


def test_a_refused_call_is_counted_as_such(client: Any) -> None:
    meter = Meter()
    meter.watch(client)
    with Stubber(client) as aws, meter.measuring() as cost:
        aws.add_client_error("put_item", "ConditionalCheckFailedException")
        with pytest.raises(client.exceptions.ConditionalCheckFailedException):
            client.put_item(**PUT)
    assert (cost.refused, cost.calls["dynamodb.PutItem"]) == (1, 1)


def test_what_happens_outside_of_measuring_is_not_counted(client: Any) -> None:
    meter = Meter()
    meter.watch(client)
    with Stubber(client) as aws:
        aws.add_response("put_item", put_answer(1.0, 0.0))
        with meter.measuring() as cost:
            pass
        client.put_item(**PUT)
    assert cost == Cost()


def test_dollars_follow_the_units() -> None:
    cost = Cost(read_units=2, write_units=4, queue_requests=1)
    assert usd_per_million(cost) == pytest.approx(2 * 0.125 + 4 * 0.625 + 0.40)
