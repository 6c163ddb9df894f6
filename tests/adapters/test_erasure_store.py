"""An erasure in the real table, bucket and dead letters of the local AWS."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.s3 import S3Bodies, S3Ledger
from chalicelib.adapters.sqs import SqsDeadLetters
from chalicelib.ports.table import MOST_WRITES, Put
from chalicelib.usecases import erase
from infra.deploy.target import Target
from tests.usecases.life import CUSTOMER, ERASED_AT, MARK, Life, erasing_over, unfolded
from tests.usecases.world import at


def moved(aws: Target, lived: Life) -> tuple[DynamoTable, S3Bodies, SqsDeadLetters]:
    """What she lived in memory, brought into the local AWS piece by piece."""
    table, resources = DynamoTable(aws.client("dynamodb"), aws.settings.table), aws.resources()
    items = [item for item in lived.table.everything().values() if item["pk"] != "HOUR"]
    for begin in range(0, len(items), MOST_WRITES):
        table.write([Put(item) for item in items[begin : begin + MOST_WRITES]])
    bucket, letters = S3Bodies(aws.client("s3"), resources.bucket), SqsDeadLetters(aws.client("sqs"), resources.queues)
    for key, body in lived.bucket.kept.items():
        bucket.put(key, body)
    for queue, bodies in lived.letters.queues.items():
        for body in bodies.values():
            letters.bury(queue, body, "late")
    return table, bucket, letters


def everything(table: DynamoTable, bucket: S3Bodies, letters: SqsDeadLetters) -> Iterator[str]:
    more = None
    while True:
        page = table.scan(more=more)
        yield from (json.dumps(dict(item), ensure_ascii=False) for item in page.items)
        more = page.more
        if more is None:
            break
    yield from (bucket.get(key).decode("utf-8", "replace") for key in bucket.names())
    for queue in ("inbound", "mentions", "pages"):
        while batch := letters.receive(queue):
            for letter in batch:
                letters.remove(queue, letter.receipt)  # other tests find the queues as they were
                yield letter.body


@contextmanager
def as_it_was(aws: Target) -> Iterator[None]:
    """Other tests share the local AWS: what was not there before is taken away again."""
    table, s3 = aws.client("dynamodb"), aws.client("s3")
    name, bucket = aws.settings.table, aws.resources().bucket

    def items() -> dict[tuple[str, str], Any]:
        pages = table.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
        return {(item["pk"]["S"], item["sk"]["S"]): item for page in pages for item in page["Items"]}

    def files() -> set[str]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {file["Key"] for page in pages for file in page.get("Contents", ())}

    items_before, files_before = items(), files()
    try:
        yield
    finally:
        for (pk, sk), item in items().items():
            if item != items_before.get((pk, sk)):
                table.delete_item(TableName=name, Key={"pk": {"S": pk}, "sk": {"S": sk}})
        for item in items_before.values():
            table.put_item(TableName=name, Item=item)
        for key in files() - files_before:
            s3.delete_object(Bucket=bucket, Key=key)


@pytest.fixture(autouse=True)
def _left_as_it_was(aws: Target) -> Iterator[None]:
    with as_it_was(aws):
        yield


def test_nothing_of_her_is_left(aws: Target) -> None:
    lived = Life().live()
    table, bucket, letters = moved(aws, lived)
    ledger = S3Ledger(aws.client("s3"), aws.resources().bucket)
    ports = erasing_over(table, bucket, letters, ledger)
    assert erase.erase(CUSTOMER, (), ports, at(ERASED_AT), by="lea").is_done
    left = [*everything(table, bucket, letters)]
    assert [text for text in left if MARK in unfolded(text)] == []
    assert any("with my friend" in text for text in left)
    assert [entry.by for entry in ledger.all()] == ["lea"]
