"""Forwarding as Lambda calls it."""

import pytest

from chalicelib import bootstrap
from chalicelib.entrypoints import forward as entrypoint
from chalicelib.entrypoints.worker import SomeFailed
from tests.domain.alerts.test_forwarded import page
from tests.entrypoints.test_deliver import Deliveries, event
from tests.usecases.test_forward import Outside, envelope


class Queue(Deliveries):
    def __init__(self):
        super().__init__()
        self.again = []

    def later(self, queue, receipt, _):
        self.again.append((queue, receipt))


@pytest.fixture
def queue(monkeypatch):
    made = Queue()
    monkeypatch.setattr(bootstrap, "queues", lambda: made)
    return made


def run(monkeypatch, outside, body):
    monkeypatch.setattr(bootstrap, "forward_ports", lambda: outside.ports)
    entrypoint.forward(event(body), None)


def test_a_page_is_told(monkeypatch, queue):
    outside = Outside()
    run(monkeypatch, outside, envelope(page()))
    assert (len(outside.calls), len(outside.told)) == (1, 1)
    assert (queue.buried, queue.again) == ([], [])


def test_what_can_never_be_told_is_buried(monkeypatch, queue):
    run(monkeypatch, Outside(), "{}")
    assert queue.buried == [("forward", "{}")]


def test_what_may_be_told_later_comes_again(monkeypatch, queue):
    with pytest.raises(SomeFailed):
        run(monkeypatch, Outside(status=503), envelope(page()))
    assert queue.again == [("forward", "receipt 0")]
