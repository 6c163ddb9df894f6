"""A delivery is on the queue when `receive` returns, and nothing is anywhere when it raises."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import connectors
from chalicelib.adapters.memory.outside import MemoryBodies, MemoryQueues, MemoryWeb
from chalicelib.connectors._kit.meta_webhook import FACTS
from chalicelib.connectors.facebook import webhook as facebook
from chalicelib.connectors.x import webhook as x
from chalicelib.ports.connector.receiving import InboundRequest, RequestRefused, SignatureInvalid, WebhookSecrets
from chalicelib.ports.inbound import MOST_INLINE_BYTES, decode
from chalicelib.ports.secrets import SecretMissing
from chalicelib.usecases.receive import MOST_BYTES, BodyEmpty, BodyTooLarge, Ports, TypeRefused, receive, shake_hands
from tests.connectors.samples import signature
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death

NOW = datetime(2026, 3, 2, 9, 0, 5, 250_000, tzinfo=UTC)


@dataclass
class Secrets:
    """Old values, and the newest for who asks for them; `asked` remembers which."""

    old: tuple[str, ...] = ("old",)
    fresh: tuple[str, ...] = ("old",)
    asked: list[bool] = field(default_factory=list)

    def verify_secrets(self, channel: str, *, fresh: bool = False) -> WebhookSecrets:
        self.asked.append(fresh)
        found = self.fresh if fresh else self.old
        if not found:
            raise SecretMissing(channel)
        return WebhookSecrets(secrets=found, verify_token=found[0])


@dataclass
class Desk:
    """Everything receiving needs, in memory."""

    secrets: Secrets = field(default_factory=Secrets)
    queues: MemoryQueues = field(default_factory=MemoryQueues)
    bodies: MemoryBodies = field(default_factory=MemoryBodies)
    web: MemoryWeb = field(default_factory=MemoryWeb)

    @property
    def ports(self) -> Ports:
        return Ports(secrets=self.secrets, queues=self.queues, bodies=self.bodies, keys=self.web, http=self.web)


OLD = "old"
X_FACTS = connectors.webhook_facts("x")


def delivery(body: bytes = b"{}", secret: str = OLD, **headers: str) -> InboundRequest:
    return InboundRequest(
        platform="x",
        channel="x.main",
        method="POST",
        headers={**signature("x", body, secret), **headers},
        query={},
        body=body,
        received_at=NOW,
        request_id="r1",
    )


@given(st.dictionaries(st.text(), st.text() | st.integers()), st.booleans(), st.sampled_from(["", " ", "\r\n"]))
def test_what_is_on_the_queue_is_what_came(fields, is_ascii, around):
    text = around + json.dumps(fields, ensure_ascii=is_ascii) + around
    body = text.encode(errors="surrogatepass" if is_ascii else "replace")
    desk = Desk()
    receive(delivery(body), x, X_FACTS, desk.ports)
    [text] = desk.queues.sent["inbound"]
    message = decode(text)
    assert (message.body, message.received_at, message.request_id) == (body, NOW, "r1")
    assert text.isascii()
    assert text.isprintable()


def test_a_matching_signature_asks_once():
    desk = Desk()
    receive(delivery(), x, X_FACTS, desk.ports)
    assert desk.secrets.asked == [False]


@pytest.mark.parametrize("secret", ["old", "new"])
def test_while_a_secret_is_rotated_both_are_good(secret):
    desk = Desk(Secrets(old=("old",), fresh=("new", "old")))
    receive(delivery(secret=secret), x, X_FACTS, desk.ports)
    assert len(desk.queues.sent["inbound"]) == 1


REFUSALS: dict[str, tuple[InboundRequest, type[Exception]]] = {
    "forged": (delivery(secret="guessed"), SignatureInvalid),
    "empty": (delivery(b""), BodyEmpty),
    "oversized": (delivery(b"x" * (MOST_BYTES + 1)), BodyTooLarge),
    "another type": (delivery(**{"content-type": "text/xml"}), TypeRefused),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused_leaves_nothing(name):
    request, error = REFUSALS[name]
    desk = Desk()
    with pytest.raises(error) as raised:
        receive(request, x, X_FACTS, desk.ports)
    assert isinstance(raised.value, RequestRefused)
    assert (desk.queues.sent, desk.bodies.kept) == ({}, {})


def test_without_a_secret_nothing_is_accepted():
    desk = Desk(Secrets(old=(), fresh=()))
    with pytest.raises(SecretMissing):
        receive(delivery(secret=""), x, X_FACTS, desk.ports)
    assert desk.queues.sent == {}


@pytest.mark.parametrize("size", [10, MOST_INLINE_BYTES + 1])
def test_killed_anywhere_and_sent_again_it_is_on_the_queue(size):
    request = delivery(b"{" + b" " * (size - 2) + b"}")
    whole, counter = Desk(), Counter()
    receive(request, x, X_FACTS, watched(whole, counter))
    for death in every_death(counter.calls):
        desk = Desk()
        with pytest.raises(Killed):
            receive(request, x, X_FACTS, watched(desk, death))
        receive(replace(request), x, X_FACTS, desk.ports)
        assert set(desk.queues.sent["inbound"]) == set(whole.queues.sent["inbound"])
        assert desk.bodies.kept == whole.bodies.kept


def watched(desk: Desk, counter: Counter) -> Ports:
    return Ports(
        secrets=Tripwire(desk.secrets, counter),
        queues=Tripwire(desk.queues, counter),
        bodies=Tripwire(desk.bodies, counter),
        keys=desk.ports.keys,
        http=desk.ports.http,
    )


def test_a_handshake_is_answered_with_what_was_set_last():
    secrets = Secrets(old=("old",), fresh=("new",))
    query = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": "new"}
    assert shake_hands(replace(delivery(), query=query), facebook, FACTS, secrets).body == "42"
    assert secrets.asked == [True]
