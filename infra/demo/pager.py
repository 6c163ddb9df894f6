"""Everybody who is paged: a queue that hears all of it, and the phones and the mailbox of the care team."""

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.config import APP
from infra.demo.player import PageSeen
from infra.target import Target

QUEUE: Final = f"{APP}-demo-pages"
# Numbers that are never given to anybody: https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama
ON_CALL_PHONE: Final = "+447700900114"
TEAM_MAILBOX: Final = "care-team@larkspur.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A page as a person gets it; a text message has no subject."""

    to: str
    subject: str
    text: str


class Pager:
    """Subscribes to the alerts topic of a stage and keeps what comes."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._sqs = target.client("sqs")
        self._url = ""

    def subscribe(self) -> None:
        """Everything into the queue; pages for on-call to a phone; all of them into the mailbox."""
        sns, topic = self._target.client("sns"), self._target.resources().alerts_topic_arn
        self._url = self._sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        arn = self._attribute("QueueArn")
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": _let_in(topic, arn)})
        raw = {"RawMessageDelivery": "true"}
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=raw)
        only = {"FilterPolicy": json.dumps({"group": ["on-call"]})}
        sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint=ON_CALL_PHONE, Attributes=only)
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=TEAM_MAILBOX)

    def fresh(self) -> list[PageSeen]:
        """What came since this was last asked, in the order of the ladder."""
        return list(self._received())

    def _received(self) -> Iterator[PageSeen]:
        while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                yield PageSeen.read(message["Body"])
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])

    def _attribute(self, name: str) -> str:
        found = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])
        return str(found["Attributes"][name])

    def letters(self, to: str) -> list[Letter]:
        """What a phone or a mailbox got, oldest first: the local AWS keeps it instead of sending it."""
        address = f"{self._target.endpoint}/_ministack/sns/sms-messages?{urllib.parse.urlencode({'phoneNumber': to})}"
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - the local AWS
            return [
                Letter(to=to, subject=each.get("Subject") or "", text=each["Message"])
                for each in _records(json.load(answer))
            ]


def _let_in(topic: str, queue: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    only = {"Resource": queue, "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **only}]})


def _records(told: Any) -> Iterator[dict[str, Any]]:
    """The lists of messages, however deep they stand below account, region and number."""
    if isinstance(told, list):
        yield from told
    elif isinstance(told, dict):
        for value in told.values():
            yield from _records(value)
