"""Queues: nothing is lost between us and SQS, and what a worker does to a message happens to that message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.sqs import MOST_BATCH_BYTES, MOST_ENTRIES, SendFailed, SqsDeadLetters, SqsQueues
from chalicelib.ports.dead_letters import DeadLetter

URLS = {"inbound": "https://sqs.test/inbound", "inbound-dead": "https://sqs.test/inbound-dead"}


@dataclass
class FakeSqs:
    """Takes what SQS takes. `refusals` says how many of a batch's first messages fail, call by call."""

    refusals: list[int] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    batches: list[list[str]] = field(default_factory=list)

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> Mapping[str, Any]:  # noqa: N803
        assert QueueUrl == URLS["inbound"]
        self.batches.append([MessageBody])
        self.taken.append(MessageBody)
        return {}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> Mapping[str, Any]:  # noqa: N803
        assert QueueUrl == URLS["inbound"]
        assert len({entry["Id"] for entry in Entries}) == len(Entries)
        self.batches.append([entry["MessageBody"] for entry in Entries])
        failed = self.refusals.pop(0) if self.refusals else 0
        self.taken += [entry["MessageBody"] for entry in Entries[failed:]]
        return {"Failed": [{"Id": entry["Id"]} for entry in Entries[:failed]]}


# Sizes that make batches end by number and by bytes.
_bodies = st.lists(st.sampled_from([1, 300, 99_999, 100_001, 500_000, 999_999, 1_000_001]), max_size=35)


@given(_bodies)
def test_every_body_is_sent_once_in_batches_that_sqs_takes(sizes):
    bodies = [f"{number:03}" + "é" * (size // 2) for number, size in enumerate(sizes)]
    sqs = FakeSqs()
    SqsQueues(sqs, URLS).send("inbound", bodies)
    assert sqs.taken == bodies
    for batch in sqs.batches:
        assert len(batch) <= MOST_ENTRIES
        assert len(batch) == 1 or sum(len(body.encode()) for body in batch) <= MOST_BATCH_BYTES


def test_no_more_calls_than_needed():
    sqs = FakeSqs()
    SqsQueues(sqs, URLS).send("inbound", [str(n) for n in range(23)])
    assert [len(batch) for batch in sqs.batches] == [10, 10, 3]


@pytest.mark.parametrize("refusals", [[1], [3, 1], [3, 3], [2, 1, 0]], ids=str)
def test_messages_that_were_not_taken_are_tried_again_and_only_those(refusals):
    sqs = FakeSqs(refusals=list(refusals))
    SqsQueues(sqs, URLS).send("inbound", ["a", "b", "c"])
    assert sorted(sqs.taken) == ["a", "b", "c"]
    assert [len(batch) for batch in sqs.batches][: len(refusals)] == [3, *refusals][: len(refusals)]


@pytest.mark.parametrize("refusals", [[1, 1, 1], [3, 2, 1]], ids=str)
def test_messages_that_are_never_taken_are_an_error_that_shows_no_content(refusals):
    sqs = FakeSqs(refusals=list(refusals))
    with pytest.raises(SendFailed) as raised:
        SqsQueues(sqs, URLS).send("inbound", ["SECRET a", "SECRET b", "SECRET c"])
    assert str(raised.value) == "1 of 3 messages were not taken"
    assert len(sqs.batches) == 3


# --- on the local AWS ------------------------------------------------------------------------------------------


class Line:
    """A queue of this test alone, with its dead letters: the stage's own queues have consumers."""

    def __init__(self, client: Any) -> None:
        self.client = client
        name = f"test-{uuid4().hex}"
        self.urls = {
            key: client.create_queue(QueueName=f"{name}{key}")["QueueUrl"] for key in ("inbound", "inbound-dead")
        }
        self.queues = SqsQueues(client, self.urls)

    def received(self, key: str = "inbound", *, hidden_s: int = 60) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while messages := self._some(key, hidden_s):
            found += messages
        return found

    def _some(self, key: str, hidden_s: int) -> list[dict[str, Any]]:
        answer = self.client.receive_message(
            QueueUrl=self.urls[key],
            MaxNumberOfMessages=10,
            VisibilityTimeout=hidden_s,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        return list(answer.get("Messages", ()))

    def bodies(self, key: str = "inbound") -> list[str]:
        return sorted(message["Body"] for message in self.received(key))


@pytest.fixture
def line(aws: Any) -> Line:
    return Line(aws.client("sqs"))


def test_what_is_sent_arrives_as_it_was(line):
    bodies = sorted(f'{{"n": {n}, "text": "naïve ✈️ \\u0000 <&>"}}' for n in range(23))
    line.queues.send("inbound", bodies)
    assert line.bodies() == bodies


def test_messages_near_the_limit_go_through(line):
    bodies = sorted(f"{n}{'x' * 400_000}" for n in range(5))
    line.queues.send("inbound", bodies)
    assert line.bodies() == bodies


def test_sending_nothing_is_no_call():
    SqsQueues(None, URLS).send("inbound", [])
    SqsQueues(None, URLS).done("inbound", [])


def test_done_removes_those_and_no_others(line):
    line.queues.send("inbound", [f"{n:02}" for n in range(25)])
    messages = sorted(line.received(hidden_s=600), key=lambda message: message["Body"])
    line.queues.done("inbound", [message["ReceiptHandle"] for message in messages[:22]])
    for message in messages[22:]:
        line.queues.later("inbound", message["ReceiptHandle"], 0)
    assert line.bodies() == ["22", "23", "24"]


def test_done_twice_is_no_error(line):
    line.queues.send("inbound", ["a"])
    [message] = line.received()
    line.queues.done("inbound", [message["ReceiptHandle"]])
    line.queues.done("inbound", [message["ReceiptHandle"]])
    assert line.bodies() == []


def test_a_message_for_later_comes_again_and_is_counted(line):
    line.queues.send("inbound", ["a"])
    [first] = line.received(hidden_s=600)
    line.queues.later("inbound", first["ReceiptHandle"], 0)
    [second] = line.received(hidden_s=600)
    assert second["Attributes"]["ApproximateReceiveCount"] == "2"
    line.queues.later("inbound", second["ReceiptHandle"], 30)
    assert line.received() == []


@pytest.mark.parametrize(
    "error", ["Malformed: not a mention", "Malformed: " + "ü" * 400, "Malformed: '\\x00'"], ids=len
)
def test_a_buried_message_keeps_its_body_and_says_why(line, error):
    line.queues.bury("inbound", "naïve", error)
    [letter] = line.received("inbound-dead")
    assert letter["Body"] == "naïve"
    assert letter["MessageAttributes"]["error"]["StringValue"] == error[:256]


# --- dead letters -----------------------------------------------------------------------------------------------


@dataclass
class DeadSqs:
    """One dead letter, as SQS gives it; only what is asked for by name comes with it."""

    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    is_empty: bool = False

    def receive_message(self, **asked: Any) -> Mapping[str, Any]:
        self.calls.append(("receive", asked))
        message: dict[str, Any] = {"Body": "text", "ReceiptHandle": "r1"}
        if "SentTimestamp" in asked["MessageSystemAttributeNames"]:
            message["Attributes"] = {"SentTimestamp": "1772442000500"}
        if "error" in asked["MessageAttributeNames"]:
            message["MessageAttributes"] = {"error": {"StringValue": "Malformed: not ours", "DataType": "String"}}
        return {} if self.is_empty else {"Messages": [message, {"Body": "given up by SQS", "ReceiptHandle": "r2"}]}

    def delete_message(self, **asked: Any) -> None:
        self.calls.append(("delete", asked))

    def change_message_visibility(self, **asked: Any) -> None:
        self.calls.append(("visibility", asked))


def test_a_dead_letter_says_when_and_why_it_was_buried():
    sqs = DeadSqs()
    assert SqsDeadLetters(sqs, URLS).receive("inbound") == [
        DeadLetter(
            body="text",
            receipt="r1",
            buried_at=datetime(2026, 3, 2, 9, 0, 0, 500_000, UTC),
            error="Malformed: not ours",
        ),
        DeadLetter(body="given up by SQS", receipt="r2", buried_at=datetime(1970, 1, 1, tzinfo=UTC), error=None),
    ]
    [(_, asked)] = sqs.calls
    assert (asked["QueueUrl"], asked["MaxNumberOfMessages"]) == (URLS["inbound-dead"], MOST_ENTRIES)
    assert SqsDeadLetters(DeadSqs(is_empty=True), URLS).receive("inbound") == []


def test_a_dead_letter_is_removed_or_put_back_by_its_receipt():
    sqs = DeadSqs()
    letters = SqsDeadLetters(sqs, URLS)
    letters.remove("inbound", "r1")
    letters.put_back("inbound", "r2")
    dead = URLS["inbound-dead"]
    assert sqs.calls == [
        ("delete", {"QueueUrl": dead, "ReceiptHandle": "r1"}),
        ("visibility", {"QueueUrl": dead, "ReceiptHandle": "r2", "VisibilityTimeout": 0}),
    ]
