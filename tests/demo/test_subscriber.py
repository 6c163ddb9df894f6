"""The machine that pages are posted to, as SNS meets it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.demo import subscriber
from infra.demo.subscriber import Subscriber
from infra.operate import webhooks
from infra.problem import Problem
from infra.standins.base import Standin, StandinAnswer, StandinCall

TOPIC = "arn:aws:sns:eu-west-1:000000000000:alerts"


class Sns(Standin):
    """Counts who confirms."""

    def __init__(self) -> None:
        super().__init__()
        self.confirmed: list[str] = []

    def answer(self, call: StandinCall) -> StandinAnswer:
        self.confirmed.append(call.query["Token"])
        return StandinAnswer()


@pytest.fixture
def machine() -> Iterator[Subscriber]:
    with Subscriber(TOPIC) as machine:
        yield machine


def told(machine: Subscriber, kind: str, topic: str = TOPIC, **envelope: Any) -> int:
    body = json.dumps({"Type": kind, "TopicArn": topic, **envelope}).encode()
    headers = {"x-amz-sns-message-type": kind, "Content-Type": "text/plain; charset=UTF-8"}
    return webhooks.post(machine.endpoint, body, headers).status


def test_it_says_that_it_listens(machine: Subscriber) -> None:
    with Sns() as sns:
        assert told(machine, "SubscriptionConfirmation", SubscribeURL=f"{sns.url}/?Token=t1") == 200
        machine.wait_until_confirmed()
        assert sns.confirmed == ["t1"]


def test_it_listens_to_no_other_topic(machine: Subscriber) -> None:
    with Sns() as sns:
        status = told(machine, "SubscriptionConfirmation", topic=f"{TOPIC}-other", SubscribeURL=f"{sns.url}/?Token=t1")
        assert (status, sns.confirmed) == (403, [])


def test_a_page_is_kept_once(machine: Subscriber) -> None:
    for text in ("first", "again"):
        assert told(machine, "Notification", Message=json.dumps({"id": "p1", "text": text})) == 200
    assert json.loads(machine.page("p1")) == {"id": "p1", "text": "first"}


def test_what_it_does_not_know_it_refuses(machine: Subscriber) -> None:
    assert told(machine, "UnsubscribeConfirmation") == 400


def test_it_does_not_wait_for_ever(machine: Subscriber, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber, "PATIENCE_S", 0.01)
    with pytest.raises(Problem, match="never got p2"):
        machine.page("p2")
    with pytest.raises(Problem, match="whether it listens"):
        machine.wait_until_confirmed()
