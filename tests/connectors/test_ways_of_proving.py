"""
Every way in which a platform may prove who calls, through the real use case.

The connectors are invented, one for each kind of protection, on the shared kit
as a platform would be. What protects nothing of a request is shown, too: a
change there goes through, and the manifest says so.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.memory.outside import MemoryBodies, MemoryQueues, MemoryWeb
from chalicelib.adapters.web_keys import AGAIN_S, HttpWebKeys
from chalicelib.connectors._kit import forms, pubsub, signature, sns
from chalicelib.connectors._kit.public_keys import check_ed25519
from chalicelib.ports.connector.receiving import (
    Answer,
    BodyRefused,
    HandshakeRefused,
    InboundRequest,
    Protection,
    RequestRefused,
    SignatureInvalid,
    SignatureMissing,
    WebhookFacts,
    WebhookSecrets,
)
from chalicelib.ports.inbound import decode
from chalicelib.ports.secrets import SecretMissing
from chalicelib.usecases.receive import NotConfirmed, Ports, TypeRefused, receive, shake_hands
from tests.connectors.samples import SHARED
from tests.rings import need_samples

NOW = datetime(2026, 3, 2, 9, 0, 5, tzinfo=UTC)
SECRET = "test_secret"
URL = "https://care.larkspur.example/webhooks/invented/main?foo=1"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:larkspur-mail"
CERTIFICATE_URL = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-invented.pem"
ACCOUNT = "push@larkspur.iam.gserviceaccount.com"
AUDIENCE = "https://care.larkspur.example/webhooks/invented/main"


# --- the platforms ----------------------------------------------------------------------------------------------


def with_header(request: InboundRequest, **headers: str) -> InboundRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(request, headers={**request.headers, **named})


class Body:
    """As Discourse, App Store Connect, WordPress: an HMAC over the body. Its ping is a delivery that we answer."""

    FACTS = WebhookFacts(headers=frozenset({"x-signature"}), handshakes=frozenset({"POST"}))
    BODY = b'{"text": "hello"}'

    def verify(self, request: InboundRequest, secrets: WebhookSecrets) -> None:
        signature.check_hmac(request.headers.get("x-signature"), request.body, secrets, prefix="hmacsha256=")

    def sign(self, request: InboundRequest, secrets: WebhookSecrets) -> InboundRequest:
        return with_header(
            request, x_signature=signature.hmac_text(request.body, secrets.secrets[0], prefix="hmacsha256=")
        )

    def handshake(self, request: InboundRequest, secrets: WebhookSecrets) -> Answer | None:  # noqa: ARG002
        return Answer(body="pong") if json.loads(request.body) == {"ping": "OK"} else None


class AddressAndForm:
    """As Twilio: an HMAC over the address and the fields of a form, answered in XML."""

    FACTS = WebhookFacts(
        protection=Protection.REQUEST,
        headers=frozenset({"x-signature"}),
        content_types=frozenset({"application/x-www-form-urlencoded"}),
        accepted=Answer(body="<Response/>", content_type="text/xml"),
    )
    BODY = urlencode({"From": "+15550100", "Body": "my bag is gone"}).encode()

    def verify(self, request: InboundRequest, secrets: WebhookSecrets) -> None:
        given = request.headers.get("x-signature")
        signature.check_hmac(given, self._signed(request), secrets, algorithm="sha1", spelling="base64")

    def sign(self, request: InboundRequest, secrets: WebhookSecrets) -> InboundRequest:
        made = signature.hmac_text(self._signed(request), secrets.secrets[0], algorithm="sha1", spelling="base64")
        return with_header(request, x_signature=made)

    def _signed(self, request: InboundRequest) -> bytes:
        return (request.url + "".join(name + value for name, value in sorted(forms.fields(request.body)))).encode()


class Timed:
    """As Slack and TikTok: an HMAC over the time and the body."""

    FACTS = WebhookFacts(protection=Protection.REQUEST, headers=frozenset({"x-signature", "x-time"}))
    BODY = b'{"event": "message"}'

    def verify(self, request: InboundRequest, secrets: WebhookSecrets) -> None:
        sent_at = request.headers.get("x-time")
        given = request.headers.get("x-signature")
        signature.check_hmac(given, f"v0:{sent_at}:".encode() + request.body, secrets, prefix="v0=")
        signature.check_fresh(sent_at, request)

    def sign(self, request: InboundRequest, secrets: WebhookSecrets) -> InboundRequest:
        sent_at = signature.epoch(request.received_at)
        message = f"v0:{sent_at}:".encode() + request.body
        made = signature.hmac_text(message, secrets.secrets[0], prefix="v0=")
        return with_header(request, x_signature=made, x_time=sent_at)


class Ed25519:
    """As Standard Webhooks "v1a": id, time and body, signed with a private key whose other half we were given."""

    FACTS = WebhookFacts(
        protection=Protection.REQUEST, headers=frozenset({"webhook-id", "webhook-timestamp", "webhook-signature"})
    )
    BODY = b'{"type": "mention"}'

    def verify(self, request: InboundRequest, secrets: WebhookSecrets) -> None:
        given = request.headers.get("webhook-signature", "")
        if not given:
            raise SignatureMissing("No signature.")
        try:
            raw = base64.b64decode(given.removeprefix("v1a,"), validate=True)
            public = base64.b64decode(secrets.values.get("public_key", ""))
        except ValueError:
            raise SignatureInvalid("The signature cannot be read.") from None
        check_ed25519(public, raw, self._signed(request))
        signature.check_fresh(request.headers.get("webhook-timestamp"), request)

    def sign(self, request: InboundRequest, secrets: WebhookSecrets) -> InboundRequest:  # noqa: ARG002
        sent_at = signature.epoch(request.received_at)
        request = with_header(request, webhook_id="msg_1", webhook_timestamp=sent_at)
        made = base64.b64encode(keys().ed25519.sign(self._signed(request))).decode()
        return with_header(request, webhook_signature=f"v1a,{made}")

    def _signed(self, request: InboundRequest) -> bytes:
        names = (request.headers.get(name, "") for name in ("webhook-id", "webhook-timestamp"))
        return ".".join(names).encode(errors="replace") + b"." + request.body


class FixedToken:
    """As Telegram: a secret that comes with everything and signs nothing; its refusals are answered 200."""

    FACTS = WebhookFacts(
        protection=Protection.TOKEN, headers=frozenset({"x-token"}), accepted=Answer(), refused=Answer()
    )
    BODY = b'{"update_id": 1}'

    def verify(self, request: InboundRequest, secrets: WebhookSecrets) -> None:
        signature.check_token(request.headers.get("x-token"), secrets)

    def sign(self, request: InboundRequest, secrets: WebhookSecrets) -> InboundRequest:
        return with_header(request, x_token=secrets.secrets[0])


class TokenInAddress(FixedToken):
    """As listening tools that can do no more: the secret stands in the query."""

    FACTS = WebhookFacts(protection=Protection.TOKEN, content_types=frozenset({"application/json", "text/plain"}))

    def verify(self, request: InboundRequest, secrets: WebhookSecrets) -> None:
        signature.check_token(request.query.get("token"), secrets)

    def sign(self, request: InboundRequest, secrets: WebhookSecrets) -> InboundRequest:
        return replace(request, query={**request.query, "token": secrets.secrets[0]})


class NameAndPassword(FixedToken):
    """As Trustpilot and Yelp: HTTP Basic."""

    FACTS = WebhookFacts(protection=Protection.TOKEN, headers=frozenset({"authorization"}))

    def verify(self, request: InboundRequest, secrets: WebhookSecrets) -> None:
        signature.check_basic(request, secrets)

    def sign(self, request: InboundRequest, secrets: WebhookSecrets) -> InboundRequest:
        pair = base64.b64encode(f"{secrets.values['user']}:{secrets.secrets[0]}".encode()).decode()
        return with_header(request, authorization=f"Basic {pair}")


class Sns:
    """As mail by SES, through SNS: RSA under a certificate that is fetched; it confirms its subscription first."""

    FACTS = WebhookFacts(
        protection=Protection.KEYS,
        headers=sns.HEADERS,
        handshakes=frozenset({"POST"}),
        content_types=sns.CONTENT_TYPES,
    )

    @property
    def BODY(self) -> bytes:  # noqa: N802  as the others'
        return sns_message(Message="a mail has come")

    key_url = staticmethod(sns.key_url)
    verify = staticmethod(sns.check)

    def sign(self, request: InboundRequest, secrets: WebhookSecrets) -> InboundRequest:  # noqa: ARG002
        return request  # its body holds the signature

    handshake = staticmethod(sns.handshake)


class PubSub:
    """As reviews on Google: a token of who sends. The body itself is not signed."""

    FACTS = WebhookFacts(protection=Protection.SENDER, headers=pubsub.HEADERS)
    BODY = json.dumps({"message": {"data": base64.b64encode(b'{"review": "r1"}').decode()}}).encode()

    key_url = staticmethod(pubsub.key_url)
    verify = staticmethod(pubsub.check)

    def sign(self, request: InboundRequest, secrets: WebhookSecrets) -> InboundRequest:  # noqa: ARG002
        return with_header(request, authorization=f"Bearer {token()}")


@dataclass(frozen=True)
class Keys:
    rsa: rsa.RSAPrivateKey
    other: rsa.RSAPrivateKey
    ed25519: ed25519.Ed25519PrivateKey
    certificate: bytes
    jwks: bytes


@cache
def keys() -> Keys:
    ours, other = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.invented")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(ours.public_key())
    made = made.serial_number(1).not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=1))
    shown = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(ours.public_key()))
    return Keys(
        rsa=ours,
        other=other,
        ed25519=ed25519.Ed25519PrivateKey.generate(),
        certificate=made.sign(ours, hashes.SHA256()).public_bytes(Encoding.PEM),
        jwks=json.dumps({"keys": [{**shown, "kid": "k1", "use": "sig", "alg": "RS256"}]}).encode(),
    )


def sns_message(*, key: rsa.RSAPrivateKey | None = None, **changed: Any) -> bytes:
    message = {
        "Type": "Notification",
        "MessageId": "m1",
        "TopicArn": TOPIC,
        "Message": "hello",
        "Timestamp": "2026-03-02T08:59:30.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
        **changed,
    }
    kind = hashes.SHA1() if message["SignatureVersion"] == "1" else hashes.SHA256()  # noqa: S303  as SNS does
    made = (key or keys().rsa).sign(by_the_documentation(message), padding.PKCS1v15(), kind)
    return json.dumps({"Signature": base64.b64encode(made).decode(), **message, **changed}).encode()


def by_the_documentation(message: Mapping[str, Any]) -> bytes:
    """The text that SNS signs, written down apart from the kit."""
    middle = ("Subject", "Timestamp") if message["Type"] == "Notification" else ("SubscribeURL", "Timestamp", "Token")
    names = [name for name in ("Message", "MessageId", *middle, "TopicArn", "Type") if name in message]
    return "".join(f"{name}\n{message[name]}\n" for name in names).encode(errors="surrogatepass")


def token(*, key: Any = None, algorithm: str = "RS256", kid: str = "k1", **changed: Any) -> str:
    claims = {
        "iss": "https://accounts.google.com",
        "aud": AUDIENCE,
        "email": ACCOUNT,
        "email_verified": True,
        "iat": int(NOW.timestamp()) - 60,
        "exp": int(NOW.timestamp()) + 3_540,
        **changed,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key or keys().rsa, algorithm=algorithm, headers={"kid": kid})


# --- the world around them --------------------------------------------------------------------------------------


@cache
def secrets() -> WebhookSecrets:
    public = keys().ed25519.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    values = {
        "user": "larkspur",
        "public_key": base64.b64encode(public).decode(),
        "topic_arn": f"arn:aws:sns:eu-central-1:123456789012:older {TOPIC}",
        "audience": AUDIENCE,
        "service_account": ACCOUNT,
    }
    return WebhookSecrets(secrets=(SECRET, "older_secret"), values=values)


class Known:
    """Satisfies `ports.secrets.VerifySecrets` for one channel."""

    def verify_secrets(self, channel: str, *, fresh: bool = False) -> WebhookSecrets:  # noqa: ARG002
        if channel != "invented.main":
            raise SecretMissing(channel)
        return secrets()


class World:
    def __init__(self) -> None:
        self.queues, self.bodies = MemoryQueues(), MemoryBodies()
        self.web = MemoryWeb({CERTIFICATE_URL: keys().certificate, pubsub.KEYS: keys().jwks})

    def receive(self, way: str, request: InboundRequest) -> Answer:
        ports = Ports(secrets=Known(), queues=self.queues, bodies=self.bodies, keys=self.web, http=self.web)
        return receive(request, WAYS[way], WAYS[way].FACTS, ports)

    @property
    def heard(self) -> list[bytes | None]:
        return [decode(text).body for text in self.queues.sent.get("inbound", ())]


def delivery(way: str, *, channel: str = "invented.main", secret: str = SECRET, **changed: Any) -> InboundRequest:
    """Signed as it is, unless `changed` says otherwise of what is signed."""
    [content_type, *_] = sorted(WAYS[way].FACTS.content_types)
    request = InboundRequest(
        platform="invented",
        channel=channel,
        method="POST",
        url=URL,
        headers={"content-type": content_type},
        query={"foo": "1"},
        body=WAYS[way].BODY,
        received_at=NOW,
        request_id="r1",
    )
    return WAYS[way].sign(replace(request, **changed), replace(secrets(), secrets=(secret,)))


WAYS: Mapping[str, Any] = {
    way.__name__: way()
    for way in (
        Body,
        AddressAndForm,
        Timed,
        Ed25519,
        FixedToken,
        TokenInAddress,
        NameAndPassword,
        Sns,
        PubSub,
    )
}
each_way = pytest.mark.parametrize("way", WAYS)
SHARED_SECRET = [w for w in WAYS if w not in ("Ed25519", "Sns", "PubSub")]
UNSIGNED_BODY = [w for w in WAYS if WAYS[w].FACTS.protection in (Protection.TOKEN, Protection.SENDER)]
SIGNED_BODY = [w for w in WAYS if w not in UNSIGNED_BODY]


# --- what is proven ---------------------------------------------------------------------------------------------


def test_every_protection_is_shown() -> None:
    assert {way.FACTS.protection for way in WAYS.values()} == set(Protection)


@each_way
def test_what_is_proven_is_on_the_queue_byte_for_byte_and_answered_as_the_platform_wants(way: str) -> None:
    world = World()
    answer = world.receive(way, delivery(way))
    assert world.heard == [delivery(way).body] if way != "Sns" else len(world.heard) == 1
    wanted = WAYS[way].FACTS.accepted
    assert answer == (wanted or Answer(body='{"accepted": "r1"}', content_type="application/json"))


@each_way
def test_only_what_the_connector_names_travels(way: str) -> None:
    world, request = World(), delivery(way)
    world.receive(way, with_header(request, cookie="SECRET", x_forwarded_for="192.0.2.1"))
    [text] = world.queues.sent["inbound"]
    message = decode(text)
    assert set(message.headers) <= WAYS[way].FACTS.headers
    assert set(message.query) <= WAYS[way].FACTS.query
    assert "SECRET" not in text


@pytest.mark.parametrize("way", SHARED_SECRET)
@pytest.mark.parametrize("secret", [SECRET, "older_secret"])
def test_every_live_secret_is_good(way: str, secret: str) -> None:
    world = World()
    world.receive(way, delivery(way, secret=secret))
    assert len(world.heard) == 1


@pytest.mark.parametrize("way", SHARED_SECRET)
@pytest.mark.parametrize("secret", ["guessed", "", "nobody's"])
def test_no_other_secret_is(way: str, secret: str) -> None:
    refused(way, delivery(way, secret=secret))


@each_way
def test_a_channel_that_is_not_connected_takes_nothing(way: str) -> None:
    world = World()
    with pytest.raises(SecretMissing):
        world.receive(way, delivery(way, channel="invented.nowhere"))
    with pytest.raises(SecretMissing):
        world.receive(way, delivery(way, channel="invented.nowhere", secret="nobody's"))
    assert world.heard == []


@pytest.mark.parametrize("way", SIGNED_BODY)
def test_a_changed_byte_is_refused(way: str) -> None:
    request = delivery(way)
    places = range(0, len(request.body), 7)
    assert len(places) > 1
    for place in places:
        changed = bytearray(request.body)
        changed[place] ^= 1
        refused(way, replace(request, body=bytes(changed)))


@pytest.mark.parametrize("way", UNSIGNED_BODY)
def test_where_the_body_is_not_signed_the_manifest_says_so(way: str) -> None:
    world = World()
    world.receive(way, replace(delivery(way), body=b'{"another": "body"}'))
    assert world.heard == [b'{"another": "body"}']
    assert WAYS[way].FACTS.protection in (Protection.TOKEN, Protection.SENDER)


@each_way
def test_without_what_proves_it_a_request_is_refused(way: str) -> None:
    request = delivery(way)
    bare = replace(request, headers={"content-type": request.headers["content-type"]}, query={})
    refused(way, replace(bare, body=b"{}") if way == "Sns" else bare)


@each_way
@settings(deadline=None, max_examples=60)
@given(value=st.text())
def test_nonsense_in_its_place_is_refused_and_no_error(way: str, value: str) -> None:
    request = delivery(way)
    own = WAYS[way].FACTS.headers
    for before in ("", "Basic ", "Bearer ", "v1a,"):
        nonsense = replace(
            request,
            headers={**request.headers, **dict.fromkeys(own, before + value)},
            query={**request.query, "token": value},
            body=sns_message(Message=value, Signature=value) if way == "Sns" else request.body,
        )
        refused(way, nonsense)


def refused(way: str, request: InboundRequest) -> None:
    world = World()
    with pytest.raises(RequestRefused):
        world.receive(way, request)
    assert (world.queues.sent, world.bodies.kept) == ({}, {})


def test_another_address_or_another_field_is_refused_where_they_are_signed() -> None:
    request = delivery("AddressAndForm")
    refused("AddressAndForm", replace(request, url=URL.replace("foo=1", "foo=2")))
    refused("AddressAndForm", replace(request, body=request.body + b"&Extra=1"))


@pytest.mark.parametrize("way", ["Timed", "Ed25519", "Sns", "PubSub"])
@pytest.mark.parametrize("late", [timedelta(hours=2), -timedelta(hours=2)])
def test_what_was_kept_and_sent_again_later_is_refused(way: str, late: timedelta) -> None:
    refused(way, replace(delivery(way), received_at=NOW + late))


@each_way
def test_a_type_that_the_platform_does_not_send_is_refused_before_anything(way: str) -> None:
    world = World()
    with pytest.raises(TypeRefused) as raised:
        world.receive(way, with_header(delivery(way), content_type="multipart/form-data"))
    assert raised.value.status == 415
    assert world.web.asked == []


# --- keys that are fetched --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.eu-central-1.amazonaws.com.evil.example/SimpleNotificationService-a.pem",
        "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-a.pem",
        "https://evil.example/SimpleNotificationService-a.pem",
        "https://sns.eu-central-1.amazonaws.com/other.pem",
        "https://sns.eu-central-1.amazonaws.com@evil.example/SimpleNotificationService-a.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-a.pem?next=1",
        "https://s3.eu-central-1.amazonaws.com/SimpleNotificationService-a.pem",
        "https://sns.s3-eu-central-1.amazonaws.com/SimpleNotificationService-a.pem",  # a bucket named "sns"
        "https://sns.s3.amazonaws.com/SimpleNotificationService-a.pem",
        "https://sns.evil.amazonaws.com/SimpleNotificationService-a.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-a.pem",  # honest, and not where the topic is
        "https://sns.eu-central-1.amazonaws.com:444/SimpleNotificationService-a.pem",
        "https://sns.eu-central-1.amazonaws.com/../SimpleNotificationService-a.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-a.pem\n",
        5,
        None,
    ],
)
def test_a_key_is_fetched_from_the_platforms_host_and_nowhere_else(url: object) -> None:
    world = World()
    with pytest.raises(RequestRefused):
        world.receive("Sns", delivery("Sns", body=sns_message(SigningCertURL=url)))
    assert world.web.asked == []


FORGED_MESSAGES: Mapping[str, Callable[[], bytes]] = {
    "of another key": lambda: sns_message(key=keys().other),
    "of another topic": lambda: sns_message(TopicArn=f"{TOPIC}-of-somebody-else"),
    "of an unknown version": lambda: sns_message(SignatureVersion="3"),
    "of a certificate that is not there": lambda: sns_message(
        SigningCertURL=CERTIFICATE_URL.replace("invented", "another")
    ),
    "without a time": lambda: sns_message(Timestamp="yesterday"),
    "no object": lambda: b"[]",
}


@pytest.mark.parametrize("name", FORGED_MESSAGES)
def test_a_forged_message_of_sns_is_refused(name: str) -> None:
    refused("Sns", delivery("Sns", body=FORGED_MESSAGES[name]()))


def test_whoever_does_not_know_the_topic_makes_us_ask_for_no_certificate() -> None:
    world = World()
    with pytest.raises(SignatureInvalid):
        world.receive("Sns", delivery("Sns", body=sns_message(TopicArn=f"{TOPIC}-of-somebody-else")))
    with pytest.raises(SecretMissing):
        world.receive("Sns", delivery("Sns", channel="invented.nowhere"))
    assert world.web.asked == []


def test_no_line_break_makes_a_strangers_text_into_other_fields() -> None:
    """
    AWS signed this for a topic of a stranger, whose text spells out the fields of a message of ours.

    The signed text is written down here by the documentation, not by the kit.
    """
    theirs, sent_at = TOPIC.replace("123456789012", "999999999999"), "2026-03-02T08:59:30.000Z"
    confirm = f"https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={theirs}&Token=t"
    head = f"Message\nforged\nMessageId\n1\nSubscribeURL\n{confirm}\nTimestamp\n{sent_at}\nTopicArn\n{TOPIC}\nType\n"
    tail = f"MessageId\nm1\nTimestamp\n{sent_at}\nTopicArn\n{theirs}\nType\nNotification"
    made = keys().rsa.sign(f"{head}foo\n{tail}\n".encode(), padding.PKCS1v15(), hashes.SHA256())
    proof = {
        "Signature": base64.b64encode(made).decode(),
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
        "Timestamp": sent_at,
    }
    text = head.removeprefix("Message\n") + "foo"
    stranger = {"Type": "Notification", "MessageId": "m1", "TopicArn": theirs, "Message": text, **proof}
    assert by_the_documentation(stranger) == f"{head}foo\n{tail}\n".encode()
    kinds = [f"foo\n{tail}", "SubscriptionConfirmation", "Notification", "foo", None]
    for kind in kinds:
        forged = {"Type": kind, "MessageId": "1", "TopicArn": TOPIC, "Message": "forged", "SubscribeURL": confirm}
        world = World()
        with pytest.raises(SignatureInvalid):
            world.receive("Sns", delivery("Sns", body=json.dumps({**forged, **proof}).encode()))
        assert confirm not in world.web.asked
        assert world.heard == []


@pytest.mark.parametrize("name", ["MessageId", "Timestamp", "SubscribeURL", "Token"])
def test_a_line_break_in_another_field_is_refused_though_it_is_signed(name: str) -> None:
    values = {"SubscribeURL": CONFIRM, "Token": "t", "MessageId": "m1", "Timestamp": "2026-03-02T08:59:30.000Z"}
    values |= {"Type": "SubscriptionConfirmation", "Message": "several\nlines"}
    world = World()
    world.web.pages[CONFIRM] = b"<ok/>"
    world.receive("Sns", delivery("Sns", body=sns_message(**values)))
    refused("Sns", delivery("Sns", body=sns_message(**{**values, name: values[name] + "\nx"})))


def test_a_key_that_was_changed_a_moment_ago_is_asked_for_once_in_half_a_minute() -> None:
    now, web, queues = [1_000.0], MemoryWeb({pubsub.KEYS: b'{"keys": []}'}), MemoryQueues()
    ports = Ports(
        secrets=Known(), queues=queues, bodies=MemoryBodies(), keys=HttpWebKeys(web, lambda: now[0]), http=web
    )

    def arrives() -> bool:
        try:
            receive(delivery("PubSub"), WAYS["PubSub"], PubSub.FACTS, ports)
        except SignatureInvalid:
            return False
        return True

    assert [arrives() for _ in range(3)] == [False] * 3
    web.pages[pubsub.KEYS] = keys().jwks
    now[0] += AGAIN_S - 1
    assert [arrives() for _ in range(3)] == [False] * 3
    assert len(web.asked) == 1
    now[0] += 1
    assert [arrives() for _ in range(3)] == [True] * 3
    assert len(web.asked) == 2
    assert len(queues.sent["inbound"]) == 3


@pytest.mark.parametrize("version", ["1", "2"])
def test_both_versions_of_the_signature_are_read(version: str) -> None:
    world = World()
    world.receive("Sns", delivery("Sns", body=sns_message(SignatureVersion=version, Subject="Mail")))
    assert len(world.heard) == 1


def public_pem() -> bytes:
    return keys().rsa.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def unsigned_token(algorithm: str) -> str:
    """Signed with nothing, or with the public key as if it were a shared secret, which the library refuses to make."""
    from hmac import digest

    good = token().split(".")
    head = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": "k1", "typ": "JWT"}).encode()).rstrip(b"=")
    message = head + b"." + good[1].encode()
    made = b"" if algorithm == "none" else digest(public_pem(), message, sha256)
    return (message + b"." + base64.urlsafe_b64encode(made).rstrip(b"=")).decode()


FORGED_TOKENS: Mapping[str, Callable[[], str]] = {
    "of another key": lambda: token(key=keys().other),
    "of a key that is not shown": lambda: token(kid="k2"),
    "signed with nothing": lambda: unsigned_token("none"),
    "signed with the public key": lambda: unsigned_token("HS256"),
    "for somebody else": lambda: token(aud="https://another.example"),
    "of another account": lambda: token(email="push@another.iam.gserviceaccount.com"),
    "of no account": lambda: token(email=None),
    "not verified": lambda: token(email_verified=False),
    "of another issuer": lambda: token(iss="https://accounts.evil.example"),
    "without an end": lambda: token(exp=None),
    "with an end in words": lambda: token(exp="never"),
    "over": lambda: token(exp=int(NOW.timestamp()) - 3_600, iat=int(NOW.timestamp()) - 7_200),
    "not yet good": lambda: token(iat=int(NOW.timestamp()) + 3_600, exp=int(NOW.timestamp()) + 7_200),
    "no token": lambda: "nonsense",
}


@pytest.mark.parametrize("name", FORGED_TOKENS)
def test_a_forged_token_is_refused(name: str) -> None:
    refused("PubSub", with_header(delivery("PubSub"), authorization=f"Bearer {FORGED_TOKENS[name]()}"))


@pytest.mark.parametrize("header", ["jwk", "jku", "x5u", "x5c"])
def test_a_key_that_a_token_brings_along_is_not_looked_at(header: str) -> None:
    shown = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(keys().other.public_key()))
    brought = {"jwk": shown, "jku": "https://evil.example/", "x5u": "https://evil.example/", "x5c": ["AAAA"]}[header]
    parts = token(key=keys().other).split(".")
    claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    made = jwt.encode(claims, keys().other, algorithm="RS256", headers={"kid": "k1", header: brought})
    world = World()
    with pytest.raises(SignatureInvalid):
        world.receive("PubSub", with_header(delivery("PubSub"), authorization=f"Bearer {made}"))
    assert set(world.web.asked) == {pubsub.KEYS}


def test_a_shared_key_among_those_that_are_shown_proves_nothing() -> None:
    shown = {"kty": "oct", "kid": "k1", "k": base64.urlsafe_b64encode(b"x" * 32).decode().rstrip("="), "alg": "HS256"}
    world = World()
    world.web.pages[pubsub.KEYS] = json.dumps({"keys": [shown]}).encode()
    request = with_header(delivery("PubSub"), authorization=f"Bearer {token(key=b'x' * 32, algorithm='HS256')}")
    with pytest.raises(SignatureInvalid):
        world.receive("PubSub", request)


@pytest.mark.parametrize(
    "document", [b"", b"{", b"{}", b"[]", b"null", b'{"keys": null}', b'{"keys": []}', b'{"keys": [5]}', b"[" * 99_999]
)
@pytest.mark.parametrize("way", ["Sns", "PubSub"])
def test_keys_that_cannot_be_read_take_nothing_and_are_no_error(way: str, document: bytes) -> None:
    world = World()
    world.web.pages |= {pubsub.KEYS: document, CERTIFICATE_URL: document}
    with pytest.raises(SignatureInvalid):
        world.receive(way, delivery(way))
    assert world.heard == []


def test_without_a_configured_audience_account_or_topic_nothing_is_taken() -> None:
    for name, way in (("audience", "PubSub"), ("service_account", "PubSub"), ("topic_arn", "Sns")):
        for values in ({}, {name: ""}):
            kept = {other: value for other, value in secrets().values.items() if other != name}
            known = SimpleNamespace(verify_secrets=lambda *_, **__: replace(secrets(), values=kept | values))  # noqa: B023
            world = World()
            ports = Ports(secrets=known, queues=world.queues, bodies=world.bodies, keys=world.web, http=world.web)
            with pytest.raises(RequestRefused):
                receive(delivery(way), WAYS[way], WAYS[way].FACTS, ports)
            assert world.heard == []


# --- handshakes -------------------------------------------------------------------------------------------------


def test_a_ping_is_answered_and_opens_nothing() -> None:
    world = World()
    assert world.receive("Body", delivery("Body", body=b'{"ping": "OK"}')).body == "pong"
    assert world.heard == []
    refused("Body", replace(delivery("Body", body=b'{"ping": "OK"}'), headers={}))


def confirmation(url: str, **changed: Any) -> bytes:
    return sns_message(Type="SubscriptionConfirmation", SubscribeURL=url, Token="t", **changed)


CONFIRM = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:x&Token=t"


def test_a_subscription_is_confirmed_by_opening_its_address_once_it_is_proven() -> None:
    world = World()
    world.web.pages[CONFIRM] = b"<ok/>"
    world.receive("Sns", delivery("Sns", body=confirmation(CONFIRM)))
    assert world.web.asked == [CERTIFICATE_URL, CONFIRM]
    assert world.heard == []


def test_a_subscription_that_cannot_be_confirmed_is_sent_again() -> None:
    world = World()
    with pytest.raises(NotConfirmed):
        world.receive("Sns", delivery("Sns", body=confirmation(CONFIRM)))


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/?Action=ConfirmSubscription&Token=t", CONFIRM.replace("https", "http"), CONFIRM + "\n"],
)
def test_no_other_address_is_opened(url: str) -> None:
    world = World()
    with pytest.raises((BodyRefused, SignatureInvalid)):
        world.receive("Sns", delivery("Sns", body=confirmation(url)))
    assert set(world.web.asked) == {CERTIFICATE_URL}
    assert world.heard == []


def test_a_forged_confirmation_opens_nothing() -> None:
    world = World()
    with pytest.raises(SignatureInvalid):
        world.receive("Sns", delivery("Sns", body=confirmation(CONFIRM, key=keys().other)))
    assert CONFIRM not in world.web.asked


@each_way
def test_a_platform_that_does_not_test_by_get_is_not_tested_by_get(way: str) -> None:
    with pytest.raises(HandshakeRefused):
        shake_hands(replace(delivery(way), method="GET"), WAYS[way], WAYS[way].FACTS, Known())


# --- the platforms' own examples --------------------------------------------------------------------------------


def test_the_signed_samples_of_sns_are_good_under_their_certificate() -> None:
    folder = need_samples(SHARED / "sns")
    certificate = (folder / "test_signing_cert.pem").read_bytes()
    samples = sorted(folder.glob("constructed_https_*_signed_v*.json"))
    assert len(samples) == 2
    for sample in samples:
        message = json.loads(sample.read_text(encoding="utf-8"))
        request = delivery("Body", body=json.dumps(message).encode())
        request = replace(request, received_at=datetime.fromisoformat(message["Timestamp"]))
        known = WebhookSecrets(secrets=(), values={"topic_arn": message["TopicArn"]}, keys=certificate)
        sns.check(request, known)
        with pytest.raises(SignatureInvalid):
            sns.check(replace(request, body=json.dumps({**message, "Message": "another"}).encode()), known)


def test_a_private_key_is_never_needed_to_verify() -> None:
    """The PEM of a private key in the place of a certificate verifies nothing, and is no error."""
    private = keys().rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(SignatureInvalid):
        sns.check(delivery("Sns"), replace(secrets(), keys=private))
