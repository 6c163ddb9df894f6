"""What could not be read is kept whole, once, in order, until it is released or its 14 days are over."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.memory.outside import MemoryBodies
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.quarantine import LIFE, TableQuarantine
from chalicelib.adapters.s3 import S3Bodies
from chalicelib.ports.inbound import MOST_INLINE_BYTES, InboundMessage, decode, encode
from chalicelib.ports.quarantine import Quarantined

T0 = datetime(2026, 3, 2, 9, 0, 0, 123_456, tzinfo=UTC)
MOST_QUEUE_BYTES = 1_048_576
BODY = b'{"text": "\\u00e9 \\ud83d\\ude00", "raw": "\xff"}'
_numbers = count()


@dataclass
class World:
    """A quarantine on either pair of stores; tests share the local AWS, so each looks at a channel of its own."""

    quarantine: TableQuarantine
    table: Any
    bodies: Any
    channel: str

    def message(self, request_id: str, **values: Any) -> InboundMessage:
        made = InboundMessage(
            platform="x",
            channel=self.channel,
            headers={"x-sig": "sha256=abc"},
            received_at=T0,
            request_id=f"{self.channel}-{request_id}",
            body=BODY,
        )
        return replace(made, **values)

    def waiting(self) -> list[Quarantined]:
        return [entry for entry in self.quarantine.waiting() if entry.channel == self.channel]


@pytest.fixture(params=["memory", pytest.param("aws", marks=pytest.mark.local_aws)])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "memory":
        table, bodies = MemoryTable(), MemoryBodies()
    else:
        aws = request.getfixturevalue("aws")
        table = DynamoTable(aws.client("dynamodb"), aws.settings.table)
        bodies = S3Bodies(aws.client("s3"), aws.resources().bucket)
    quarantine = TableQuarantine(table, bodies, now=lambda: T0 + timedelta(hours=1))
    return World(quarantine, table, bodies, f"x.test{next(_numbers)}")


def test_what_is_kept_comes_back_as_it_came(world):
    message = world.message("r1", replays=2)
    world.quarantine.keep(message, BODY, "no such field")
    [entry] = world.waiting()
    assert (entry.request_id, entry.received_at, entry.reason, entry.replays) == (
        message.request_id,
        T0,
        "no such field",
        2,
    )
    assert world.quarantine.message(entry) == message


def test_a_body_from_the_bucket_is_kept_with_its_message(world):
    message = world.message("r1", body=None, body_ref="large/2026-03-02/r1")
    world.quarantine.keep(message, BODY, "why")
    [entry] = world.waiting()
    assert world.quarantine.message(entry) == replace(message, body=BODY, body_ref=None)


@pytest.mark.parametrize("size", [MOST_INLINE_BYTES, MOST_INLINE_BYTES + 1, 4_000_000])
def test_what_comes_back_fits_a_queue_however_large_it_was(world, size):
    body = b"\xff" * size
    world.quarantine.keep(world.message("r1", body=None, body_ref="large/gone"), body, "why")
    [entry] = world.waiting()
    text = encode(world.quarantine.message(entry))
    assert len(text) < MOST_QUEUE_BYTES
    message = decode(text)
    found = message.body if message.body_ref is None else world.bodies.get(message.body_ref)
    assert found == body
    assert message.body_ref is None or message.body_ref.startswith("large/")  # what triage may read


def test_the_same_request_again_replaces_itself(world):
    for reason in ("first", "second"):
        world.quarantine.keep(world.message("r1"), BODY, reason)
    [entry] = world.waiting()
    assert entry.reason == "second"


def test_they_wait_in_the_order_they_came(world):
    later = [("e", 60), ("d", 0), ("c", 0.5), ("b", -60), ("a", 0.9)]
    for request_id, seconds in later:
        received_at = T0 + timedelta(seconds=seconds)
        world.quarantine.keep(world.message(request_id, received_at=received_at), BODY, "why")
    assert [entry.request_id[-1] for entry in world.waiting()] == ["b", "d", "c", "a", "e"]


def test_released_is_released_also_twice(world):
    for request_id in ("r1", "r2"):
        world.quarantine.keep(world.message(request_id), BODY, "why")
    first, second = world.waiting()
    world.quarantine.release(first)
    world.quarantine.release(first)
    assert world.waiting() == [second]


def test_a_body_whose_days_are_over_is_a_key_error(world):
    world.quarantine.keep(world.message("r1"), BODY, "why")
    [entry] = world.waiting()
    with pytest.raises(KeyError):
        world.quarantine.message(replace(entry, body_ref=f"{entry.body_ref}-gone"))


@pytest.mark.parametrize("waited", [timedelta(minutes=1), timedelta(days=27)], ids=str)
def test_it_is_kept_for_14_days_from_now_however_long_it_was_under_way(waited):
    table, now = MemoryTable(), T0 + waited
    quarantine = TableQuarantine(table, MemoryBodies(), now=lambda: now)
    message = InboundMessage(platform="x", channel="x.main", headers={}, received_at=T0, request_id="r1", body=BODY)
    quarantine.keep(message, BODY, "why")
    [item] = table.everything().values()
    assert item["expires_at"] == int((now + LIFE).timestamp())


def test_a_crash_leaves_no_pointer_without_a_body():
    class Full(MemoryBodies):
        def put(self, *_: Any) -> None:
            raise OSError

    table = MemoryTable()
    message = InboundMessage(platform="x", channel="x.main", headers={}, received_at=T0, request_id="r1", body=BODY)
    with pytest.raises(OSError):  # noqa: PT011  whatever the store raises
        TableQuarantine(table, Full(), now=lambda: T0).keep(message, BODY, "why")
    assert table.everything() == {}
