"""A page on its way to PagerDuty and chat, on the deployed stack."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

import pytest

from chalicelib.domain.watch import PageKind
from infra.deploy.target import Target
from infra.operate import forwarding, subscriptions
from tests.deployed.test_road import eventually

KEY = "k" * 32


@pytest.fixture
def pagerduty() -> Iterator[tuple[str, Queue[Any]]]:
    """Address of a stand-in, and what it was sent: path and body. It is busy at the first call."""
    posted: Queue[Any] = Queue()
    answers = iter([429])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.put((self.path, json.loads(body)))
            self.send_response(next(answers, 202))
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", posted
    server.shutdown()
    server.server_close()


@pytest.fixture
def chat(stack: Target) -> Iterator[str]:
    """The URL of a queue that hears what chat would."""
    sqs, sns = stack.client("sqs"), stack.client("sns")
    url = sqs.create_queue(QueueName="forward-chat-listener")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    one = sns.subscribe(TopicArn=forwarding.chat_topic(stack), Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
    yield url
    sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
    sqs.delete_queue(QueueUrl=url)


def test_a_page_reaches_pagerduty_and_chat_and_comes_again_when_refused(
    stack: Target, pagerduty: tuple[str, Queue[Any]], chat: str
) -> None:
    base, posted = pagerduty
    forwarding.change(stack, {forwarding.KEY: KEY, forwarding.CHAT: True, "pagerduty_base": base}, ["forwarded"])
    try:
        subscriptions.send_test(stack, "forwarded", PageKind.BREACH)
        events = [posted.get(timeout=60) for _ in range(2)]
        told = eventually(lambda: stack.client("sqs").receive_message(QueueUrl=chat).get("Messages"), "the chat")
    finally:
        forwarding.change(stack, {forwarding.KEY: None, forwarding.CHAT: None, "pagerduty_base": None})
    assert events[0] == events[1]
    path, event = events[0]
    assert (path, event["routing_key"], event["event_action"]) == ("/v2/enqueue", KEY, "trigger")
    assert event["dedup_key"].startswith("test/")
    notification = json.loads(json.loads(told[0]["Body"])["Message"])
    assert (notification["version"], notification["source"]) == ("1.0", "custom")
