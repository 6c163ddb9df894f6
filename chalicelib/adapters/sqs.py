"""Queues in SQS (API version 2012-11-05)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chalicelib.ports.dead_letters import DeadLetter, DeadLetters
from chalicelib.ports.queues import Queues

MOST_ENTRIES = 10
MOST_BATCH_BYTES = 1_000_000  # SQS takes 1,048,576 for a batch with everything around the bodies
_TRIES = 3


class SendFailed(Exception):
    """SQS did not take some of the messages."""


class SqsQueues(Queues):
    """`urls` maps the names of `config.QUEUES` and their "-dead" twins to queue URLs."""

    def __init__(self, client: Any, urls: Mapping[str, str]) -> None:
        self._client = client
        self._urls = urls

    def send(self, queue: str, bodies: Sequence[str]) -> None:
        for batch in _batches(bodies):
            if len(batch) == 1:
                self._client.send_message(QueueUrl=self._urls[queue], MessageBody=batch[0])
            else:
                self._send_batch(self._urls[queue], batch)

    def _send_batch(self, url: str, batch: list[str]) -> None:
        """A batch call succeeds even when messages in it fail: those are tried again, and then it is an error."""
        left = {str(number): body for number, body in enumerate(batch)}
        for _ in range(_TRIES):
            entries = [{"Id": number, "MessageBody": body} for number, body in left.items()]
            answer = self._client.send_message_batch(QueueUrl=url, Entries=entries)
            left = {failed["Id"]: left[failed["Id"]] for failed in answer.get("Failed", ())}
            if not left:
                return
        raise SendFailed(f"{len(left)} of {len(batch)} messages were not taken")

    # --- what a worker does with what it received

    def done(self, queue: str, receipts: Sequence[str]) -> None:
        """Delete received messages. One that could not be deleted comes again, which every consumer bears."""
        for begin in range(0, len(receipts), MOST_ENTRIES):
            entries = [
                {"Id": str(number), "ReceiptHandle": receipt}
                for number, receipt in enumerate(receipts[begin : begin + MOST_ENTRIES])
            ]
            self._client.delete_message_batch(QueueUrl=self._urls[queue], Entries=entries)

    def later(self, queue: str, receipt: str, seconds: int) -> None:
        """Let a received message come again after so many seconds."""
        self._client.change_message_visibility(
            QueueUrl=self._urls[queue], ReceiptHandle=receipt, VisibilityTimeout=seconds
        )

    def bury(self, queue: str, body: str, error: str) -> None:
        """Put a message that can never succeed with the dead letters, with the reason."""
        self._client.send_message(
            QueueUrl=self._urls[f"{queue}-dead"],
            MessageBody=body,
            MessageAttributes={"error": {"DataType": "String", "StringValue": error[:256]}},
        )


def _batches(bodies: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for body in bodies:
        length = len(body.encode())
        if batch and (len(batch) == MOST_ENTRIES or size + length > MOST_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(body)
        size += length
    if batch:
        yield batch


class SqsDeadLetters(DeadLetters):
    """The dead letters of the stage's queues. `urls` as for `SqsQueues`."""

    def __init__(self, client: Any, urls: Mapping[str, str]) -> None:
        self._client = client
        self._urls = urls

    def receive(self, queue: str) -> list[DeadLetter]:
        answer = self._client.receive_message(
            QueueUrl=self._urls[f"{queue}-dead"],
            MaxNumberOfMessages=MOST_ENTRIES,
            VisibilityTimeout=120,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["SentTimestamp"],
            MessageAttributeNames=["error"],
        )
        return [_letter(message) for message in answer.get("Messages", ())]

    def remove(self, queue: str, receipt: str) -> None:
        self._client.delete_message(QueueUrl=self._urls[f"{queue}-dead"], ReceiptHandle=receipt)

    def bury(self, queue: str, body: str, error: str) -> None:
        SqsQueues(self._client, self._urls).bury(queue, body, error)

    def put_back(self, queue: str, receipt: str) -> None:
        self._client.change_message_visibility(
            QueueUrl=self._urls[f"{queue}-dead"], ReceiptHandle=receipt, VisibilityTimeout=0
        )


def _letter(message: Mapping[str, Any]) -> DeadLetter:
    sent_ms = int(message.get("Attributes", {}).get("SentTimestamp", 0))
    error = message.get("MessageAttributes", {}).get("error", {}).get("StringValue")
    return DeadLetter(
        body=message["Body"],
        receipt=message["ReceiptHandle"],
        buried_at=datetime.fromtimestamp(sent_ms / 1000, UTC),
        error=error,
    )
