"""Delivering as Lambda calls it."""

import json
import os
import subprocess
import sys

import pytest

from chalicelib import bootstrap
from chalicelib.entrypoints import deliver as entrypoint
from chalicelib.ports.cases import ReplyStatus
from chalicelib.ports.messages import encode_reply
from infra.paths import ROOT
from tests.usecases.platform import Desk


def event(*bodies):
    records = [
        {
            "body": body,
            "receiptHandle": f"receipt {number}",
            "attributes": {"ApproximateReceiveCount": "1"},
            "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:earshot-local-replies",
        }
        for number, body in enumerate(bodies)
    ]
    return {"Records": records}


class Deliveries:
    """What became of the queue's messages."""

    def __init__(self):
        self.buried = []

    def bury(self, queue, body, _):
        self.buried.append((queue, body))


@pytest.fixture
def desk(monkeypatch):
    made = Desk()
    monkeypatch.setattr(bootstrap, "deliver_ports", lambda: made.ports)
    return made


def test_an_answer_goes_out(desk):
    entrypoint.deliver(event(encode_reply("r1")), None)
    assert (desk.item.status, len(desk.platform.posts)) == (ReplyStatus.SENT, 1)


def test_a_message_that_comes_again_does_nothing(desk):
    for _ in range(2):
        entrypoint.deliver(event(encode_reply("r1")), None)
    assert len(desk.platform.posts) == 1


def test_what_is_no_answer_is_buried(desk, monkeypatch):
    deliveries = Deliveries()
    monkeypatch.setattr(bootstrap, "queues", lambda: deliveries)
    entrypoint.deliver(event("{}"), None)
    assert deliveries.buried == [("replies", "{}")]


def test_the_real_ports_fit(monkeypatch):
    """Everything is made, nothing is called."""
    monkeypatch.setattr(bootstrap, "cases", lambda sealed: object())
    monkeypatch.setattr(bootstrap, "queues", object)
    monkeypatch.setattr(bootstrap, "table", object)
    monkeypatch.setattr(bootstrap, "parameters", type("Parameters", (), {"seal": lambda self: None}))
    monkeypatch.setattr(bootstrap, "policies", type("Policies", (), {"promises": lambda self: None}))
    ports = bootstrap.deliver_ports()
    assert ports.reply_of("x").__name__ == "chalicelib.connectors.x.reply"
    with pytest.raises(LookupError):
        ports.reply_of("nowhere")


def test_it_loads_no_routes_and_no_platform_before_there_is_an_answer():
    program = (
        "import sys, json; import chalicelib.entrypoints.deliver;"
        "names = ['app', 'pydantic', 'requests', 'requests_oauthlib', 'chalicelib.connectors.x',"
        " 'chalicelib.connectors.facebook'];"
        "print(json.dumps([name for name in names if name in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "STAGE": "local"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout) == []
