"""Pages on to PagerDuty and chat."""

import json

import pytest

from chalicelib.domain.watch import PageKind
from chalicelib.ports.alerts import AlertUndelivered
from chalicelib.ports.connector.calls import HttpResult
from chalicelib.ports.forwarding import Forwarding
from chalicelib.ports.inbound import Malformed
from chalicelib.usecases.forward import Ports, TryLater, forward
from tests.domain.alerts.test_forwarded import page

KEY = "k" * 32
BOTH = Forwarding(routing_key=KEY, chat=True)


class Outside:
    """PagerDuty and chat in one, with what they were told."""

    def __init__(self, settings=BOTH, status=202, chat_is_down=False):
        self.settings, self.status, self.chat_is_down = settings, status, chat_is_down
        self.calls, self.told, self.passed_over = [], [], []
        self.ports = Ports(settings=self, http=self, chat=self, passed_over=self.passed_over.append)

    def forwarding(self):
        return self.settings

    def perform(self, call):
        self.calls.append(call)
        return HttpResult(status=self.status)

    def publish(self, notification):
        if self.chat_is_down:
            raise AlertUndelivered("down")
        self.told.append(notification)


def envelope(told):
    return json.dumps({"Type": "Notification", "Message": json.dumps(told)})


@pytest.mark.parametrize(
    ("settings", "kind", "calls", "told"),
    [
        (BOTH, "breach", 1, 1),
        (BOTH, "notice", 1, 1),
        (BOTH, "warning", 0, 1),
        (Forwarding(routing_key=KEY), "breach", 1, 0),
        (Forwarding(chat=True), "breach", 0, 1),
        (Forwarding(), "breach", 0, 0),
    ],
)
def test_who_is_told(settings, kind, calls, told):
    outside = Outside(settings)
    forward(envelope(page(PageKind(kind))), outside.ports)
    assert (len(outside.calls), len(outside.told)) == (calls, told)


def test_pagerduty_is_asked_at_its_address():
    outside = Outside()
    forward(envelope(page()), outside.ports)
    [call] = outside.calls
    assert (call.method, call.url) == ("POST", "https://events.pagerduty.com/v2/enqueue")
    assert call.json["routing_key"] == KEY


def test_a_repeat_is_the_same_event_in_the_same_thread():
    outside = Outside()
    for _ in range(2):
        forward(envelope(page()), outside.ports)
    assert outside.calls[0] == outside.calls[1]
    assert outside.told[0] == outside.told[1]


@pytest.mark.parametrize("status", [0, 408, 429, 500, 503, 302])
def test_what_pagerduty_does_not_take_now_comes_again_and_chat_knows(status):
    outside = Outside(status=status)
    with pytest.raises(TryLater):
        forward(envelope(page()), outside.ports)
    assert len(outside.told) == 1


@pytest.mark.parametrize("status", [400, 403, 404])
def test_what_pagerduty_refuses_is_given_up(status):
    outside = Outside(status=status)
    with pytest.raises(Malformed):
        forward(envelope(page()), outside.ports)
    assert len(outside.told) == 1


def test_pagerduty_is_told_when_chat_is_down():
    outside = Outside(chat_is_down=True)
    with pytest.raises(AlertUndelivered):
        forward(envelope(page()), outside.ports)
    assert len(outside.calls) == 1


@pytest.mark.parametrize("schema", ["earshot.channel/1", "earshot.operations/1", "earshot.page/2"])
def test_what_is_no_page_is_passed_over(schema):
    outside = Outside()
    forward(envelope({"schema": schema}), outside.ports)
    assert (outside.calls, outside.told, outside.passed_over) == ([], [], [schema])


@pytest.mark.parametrize(
    "body",
    ["", "{}", "[]", '{"Message": "no json"}', envelope([]), envelope({}), envelope({"schema": "earshot.page/1"})],
)
def test_what_cannot_be_read_is_given_up(body):
    with pytest.raises(Malformed):
        forward(body, Outside().ports)


def test_the_key_is_not_shown():
    assert KEY not in repr(BOTH)
