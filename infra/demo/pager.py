"""Everybody who is paged: a queue that hears all of it, a machine, a phone and the mailbox of the care team."""

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Self

from chalicelib.config import APP
from infra.demo.player import PageSeen
from infra.demo.subscriber import Subscriber
from infra.deploy.target import Target

QUEUE: Final = f"{APP}-demo-pages"
# Numbers that are never given to anybody: https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama
ON_CALL_PHONE: Final = "+447700900114"
TEAM_MAILBOX: Final = "care-team@larkspur.example"
LADDER: Final = ("on-call", "care-lead", "duty-manager")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A page as somebody gets it; only mail has a subject."""

    to: str
    subject: str
    text: str


class Pager:
    """Subscribes to the alerts topic of a stage and keeps what comes."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._sqs = target.client("sqs")
        self._url = ""
        self._topic = target.resources().alerts_topic_arn
        self._subscriber = Subscriber(self._topic)

    def __enter__(self) -> Self:
        self._subscriber.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._subscriber.stop()

    def subscribe(self) -> None:
        """Everything into queue and mailbox; what is for the ladder by HTTP; pages for on-call to a phone as well."""
        sns, topic = self._target.client("sns"), self._topic
        self._url = self._sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        arn = self._attribute("QueueArn")
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": _let_in(topic, arn)})
        raw = {"RawMessageDelivery": "true"}
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=raw)
        sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint=ON_CALL_PHONE, Attributes=_only("on-call"))
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=TEAM_MAILBOX)
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=self._subscriber.endpoint, Attributes=_only(*LADDER))
        self._subscriber.wait_until_confirmed()

    def fresh(self) -> list[PageSeen]:
        """
        What came since this was last asked, in the order of the ladder.

        The queue says what there is; what is for the ladder is read where it was posted. Raises Problem.
        """
        return [self._as_posted(page) if page.group in LADDER else page for page in self._received()]

    def posted(self, page: PageSeen) -> Letter:
        """A page for the ladder as JSON. Raises Problem."""
        return Letter(to=self._subscriber.endpoint, subject="", text=self._subscriber.page(page.id))

    def _as_posted(self, page: PageSeen) -> PageSeen:
        return PageSeen.read(self.posted(page).text)

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


def _only(*groups: str) -> dict[str, str]:
    return {"FilterPolicy": json.dumps({"group": groups})}


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
