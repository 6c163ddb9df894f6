"""What platforms and strangers hear from `/webhooks/<platform>/<channel>`, and what is stored of it: mostly nothing."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from app import app
from chalicelib import bootstrap, connectors
from chalicelib.adapters.memory.outside import MemoryBodies, MemoryQueues, MemoryWeb
from chalicelib.ports.connector.receiving import WebhookSecrets
from chalicelib.ports.inbound import MOST_INLINE_BYTES, InboundMessage, decode
from chalicelib.ports.secrets import SecretMissing
from chalicelib.usecases import receive
from chalicelib.usecases.triage import Sorted, triage
from tests.connectors.samples import handshake_samples, signature, webhook_samples
from tests.usecases.test_triage import Desk

NOW = datetime(2026, 3, 2, 9, 0, 5, 250_000, tzinfo=UTC)
SECRETS = {
    "x.main": WebhookSecrets(secrets=("new-secret", "old-secret")),
    "facebook.main": WebhookSecrets(secrets=("fb-secret",), verify_token="let-me-in"),
}
BODY = b'{"for_user_id": "900", "tweet_create_events": [], "note": "\\u00e9 \\ud83d\\ude00 \\/ na\xc3\xafve <&>"}'


class Down(Exception):
    """A service that does not answer; its message must not reach anybody."""


@dataclass
class Secrets:
    """As many as there are channels; `fresh` ones are seen only by who asks for them."""

    known: dict[str, WebhookSecrets] = field(default_factory=lambda: dict(SECRETS))
    fresh: dict[str, WebhookSecrets] = field(default_factory=dict)
    down: bool = False

    def verify_secrets(self, channel: str, *, fresh: bool = False) -> WebhookSecrets:
        if self.down:
            raise Down("SECRET address")
        if fresh and channel in self.fresh:
            return self.fresh[channel]
        if channel not in self.known:
            raise SecretMissing(channel)
        return self.known[channel]


class Queues(MemoryQueues):
    down = False

    def send(self, queue: str, bodies: Any) -> None:
        if self.down:
            raise Down("SECRET address")
        super().send(queue, bodies)


class Bodies(MemoryBodies):
    down = False

    def put(self, key: str, body: bytes) -> None:
        if self.down:
            raise Down("SECRET address")
        super().put(key, body)


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Api:
    """The API with everything behind it in memory."""

    secrets: Secrets = field(default_factory=Secrets)
    queues: Queues = field(default_factory=Queues)
    bodies: Bodies = field(default_factory=Bodies)

    @property
    def ports(self) -> receive.Ports:
        return receive.Ports(
            secrets=self.secrets, queues=self.queues, bodies=self.bodies, keys=MemoryWeb(), http=MemoryWeb()
        )

    @property
    def messages(self) -> list[InboundMessage]:
        return [decode(body) for body in self.queues.sent.get("inbound", ())]

    def call(self, method: str, path: str = "x/main", **given: Any) -> Answer:
        answer = app(event(method, path, **given), None)
        return Answer(answer["statusCode"], answer["body"], answer["headers"])

    def post(self, path: str = "x/main", body: bytes = BODY, **given: Any) -> Answer:
        return self.call("POST", path, body=body, **given)


def event(
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    as_base64: bool = False,
) -> dict[str, Any]:
    """What API Gateway hands to the function: text, unless the type is a binary one."""
    platform, _, channel = path.partition("/")
    text = None if body is None else base64.b64encode(body).decode() if as_base64 else body.decode()
    return {
        "httpMethod": method,
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()} or None,
        "pathParameters": {"platform": platform, "channel": channel},
        "requestContext": {"resourcePath": "/webhooks/{platform}/{channel}", "httpMethod": method, "path": "/"},
        "stageVariables": None,
        "isBase64Encoded": as_base64,
        "body": text,
    }


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    made = Api()
    monkeypatch.setattr(bootstrap, "parameters", lambda: made.secrets)
    monkeypatch.setattr(bootstrap, "receive_ports", lambda: made.ports)
    monkeypatch.setattr(bootstrap, "now", lambda: lambda: NOW)
    return made


NEWEST = SECRETS["x.main"].secrets[0]


def signed(body: bytes, secret: str = NEWEST, platform: str = "x") -> dict[str, str]:
    return signature(platform, body, secret)


# --- what is accepted ------------------------------------------------------------------------------------------

ACCEPTED: dict[str, dict[str, Any]] = {
    "signed with the newest secret": {"headers": signed(BODY)},
    "signed with the one before": {"headers": signed(BODY, "old-secret")},
    "header names in capitals": {"headers": {name.upper(): value for name, value in signed(BODY).items()}},
    "a type with a charset": {"headers": {**signed(BODY), "Content-Type": "Application/JSON; charset=utf-8"}},
    "base64 from API Gateway": {"headers": signed(BODY), "as_base64": True},
    "another platform": {"path": "facebook/main", "headers": signed(BODY, "fb-secret", "facebook")},
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_signed_delivery_is_on_the_queue_byte_for_byte(api, name):
    answer = api.post(**ACCEPTED[name])
    assert answer.status == 200
    [message] = api.messages
    assert answer.json == {"accepted": message.request_id}
    assert message.body == BODY
    assert message.received_at == NOW
    assert message.channel == ACCEPTED[name].get("path", "x/main").replace("/", ".")
    assert api.bodies.kept == {}


def test_only_the_headers_that_the_connector_names_travel_along(api):
    api.post(headers={**signed(BODY), "Authorization": "Bearer SECRET", "Cookie": "SECRET", "User-Agent": "x"})
    [message] = api.messages
    assert set(message.headers) == set(connectors.webhook_facts("x").headers)


def test_a_delivery_without_a_type_is_taken_for_json(api):
    made = event("POST", "x/main", body=BODY, headers=signed(BODY))
    del made["headers"]["Content-Type"]
    assert app(made, None)["statusCode"] == 200


@pytest.mark.parametrize("size", [MOST_INLINE_BYTES, MOST_INLINE_BYTES + 1, receive.MOST_BYTES])
def test_a_large_body_goes_to_the_bucket(api, size):
    body = b'{"text": "' + b"x" * (size - 12) + b'"}'
    assert api.post(body=body, headers=signed(body)).status == 200
    [message] = api.messages
    if size > MOST_INLINE_BYTES:
        assert message.body is None
        assert message.body_ref == f"large/2026-03-02/{message.request_id}"
        assert api.bodies.kept == {message.body_ref: body}
    else:
        assert (message.body, message.body_ref) == (body, None)
        assert api.bodies.kept == {}


def test_a_secret_that_was_rotated_a_moment_ago(api):
    api.secrets.fresh["x.main"] = WebhookSecrets(secrets=("newest",))
    assert api.post(headers=signed(BODY, "newest")).status == 200
    assert api.post(headers=signed(BODY, "guessed")).status == 404
    assert len(api.messages) == 1


GARBAGE = [b"not json at all", b'"text"', b"[" * 50_000, b'{"entry": 5}', b"\x00\x01", "\ud7ff{".encode()]


@pytest.mark.parametrize(
    ("platform", "body"), [("x", b'{"entry": 5}'), *(("facebook", body) for body in GARBAGE)], ids=str
)
def test_signed_garbage_is_accepted_and_quarantined_whole(api, platform, body):
    secret = SECRETS[f"{platform}.main"].secrets[0]
    assert api.post(f"{platform}/main", body, headers=signed(body, secret, platform)).status == 200
    [message] = api.messages
    desk = Desk()
    result = triage(message, connectors.webhook(platform), desk.ports)
    assert isinstance(result, Sorted)
    assert result.quarantined
    [entry] = desk.quarantine.waiting()
    assert desk.quarantine.message(entry).body == body
    assert desk.queues.sent == {}


# --- what is refused -------------------------------------------------------------------------------------------


def with_body(body: bytes, **headers: str) -> dict[str, Any]:
    return {"body": body, "headers": {**signed(body), **headers}}


def _sha1(body: bytes) -> str:
    return "sha1=" + hmac.new(b"fb-secret", body, hashlib.sha1).hexdigest()


REFUSED: dict[str, tuple[int, dict[str, Any]]] = {
    "forged": (404, {"headers": signed(BODY, "guessed")}),
    "signed by another platform's secret": (404, {"headers": signed(BODY, "fb-secret")}),
    "signed with nothing": (404, {"headers": signed(BODY, "")}),
    "a body changed by one byte": (404, {"body": BODY + b" ", "headers": signed(BODY)}),
    "escapes written out": (
        404,
        {"body": json.dumps(json.loads(BODY), ensure_ascii=False).encode(), "headers": signed(BODY)},
    ),
    "a signature that is no text of ours": (404, {"headers": {"X-Twitter-Webhooks-Signature": "sha256=ü✈️"}}),
    "an empty signature": (404, {"headers": {"X-Twitter-Webhooks-Signature": ""}}),
    "unsigned": (404, {}),
    "unsigned, and no JSON": (404, {"body": b"hello"}),
    "only the legacy signature": (404, {"path": "facebook/main", "headers": {"X-Hub-Signature": _sha1(BODY)}}),
    "empty": (400, with_body(b"")),
    "signed, but a challenge's answer could be that signature": (400, with_body(b"123")),
    "oversized": (413, with_body(b"x" * (receive.MOST_BYTES + 1))),
    "oversized and unsigned": (413, {"body": b"x" * (receive.MOST_BYTES + 1)}),
    "plain text": (415, with_body(BODY, **{"Content-Type": "text/plain"})),
    "a form": (415, with_body(BODY, **{"Content-Type": "application/x-www-form-urlencoded"})),
    "an empty type": (415, with_body(BODY, **{"Content-Type": ""})),
    "a type that only begins like JSON": (415, with_body(BODY, **{"Content-Type": "application/jsonp"})),
    "unknown platform": (404, {"path": "nowhere/main", "headers": signed(BODY)}),
    "a platform that is a module of ours": (404, {"path": "_kit/main", "headers": signed(BODY)}),
    "a platform that is a path": (404, {"path": "../main", "headers": signed(BODY)}),
    "unknown channel": (404, {"path": "x/other", "headers": signed(BODY)}),
    "a channel that is no name": (404, {"path": "x/MAIN", "headers": signed(BODY)}),
    "a channel that is a path": (404, {"path": "x/../../resources", "headers": signed(BODY)}),
    "a channel of another platform": (404, {"path": "facebook/x.main", "headers": signed(BODY)}),
    "a channel with a line break": (404, {"path": "x/main\n", "headers": signed(BODY)}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_hears_why_and_leaves_nothing(api, name):
    status, given = REFUSED[name]
    answer = api.post(**given)
    assert answer.status == status
    assert_plain_error(answer)
    assert_nothing_stored(api)


def test_an_address_that_is_not_connected_is_one_answer_whatever_is_wrong_with_it(api):
    answers = {api.post(path).body for path in ("x/other", "nowhere/main", "x/MAIN", "_kit/main", "x/main")}
    assert len(answers) == 1


@pytest.mark.parametrize("broken", ["secrets", "queues", "bodies"])
def test_when_a_service_is_down_the_platform_is_asked_to_send_again(api, broken, capsys):
    getattr(api, broken).down = True
    body = b'{"text": "' + b"x" * MOST_INLINE_BYTES + b'"}'
    answer = api.post(**with_body(body))
    assert answer.status == 503
    assert_plain_error(answer)
    assert "SECRET" not in answer.body + capsys.readouterr().out
    assert api.queues.sent == {}


def test_a_bug_of_ours_is_no_stack_trace(api, monkeypatch):
    def broken(*_: Any) -> None:
        raise RuntimeError("SECRET")

    monkeypatch.setattr(receive, "receive", broken)
    answer = api.post(headers=signed(BODY))
    assert answer.status == 503
    assert_plain_error(answer)
    assert "SECRET" not in answer.body


def assert_plain_error(answer: Answer) -> None:
    assert set(answer.json) == {"error", "message"}
    assert all(isinstance(value, str) and value for value in answer.json.values())
    assert answer.headers["Content-Type"] == "application/json"


def assert_nothing_stored(api: Api) -> None:
    assert api.queues.sent == {}
    assert api.bodies.kept == {}


# --- handshakes ------------------------------------------------------------------------------------------------

META = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "let-me-in"}


def test_x_hears_its_token_signed_with_the_newest_secret(api):
    answer = api.call("GET", query={"crc_token": "abc"})
    digest = hmac.new(b"new-secret", b"abc", hashlib.sha256).digest()
    assert answer.status == 200
    assert answer.json == {"response_token": "sha256=" + base64.b64encode(digest).decode()}
    assert answer.headers["Content-Type"] == "application/json"


def test_meta_hears_its_challenge_and_nothing_else(api):
    answer = api.call("GET", "facebook/main", query=META)
    assert (answer.status, answer.body) == (200, "1158201444")
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("platform", ["x", "facebook"])
def test_a_secret_that_was_set_a_moment_ago_already_shakes_hands(api, platform):
    channel = f"{platform}.main"
    api.secrets.fresh[channel] = WebhookSecrets(secrets=("newest",), verify_token="newest")
    answer = api.call("GET", f"{platform}/main", query={**META, "hub.verify_token": "newest", "crc_token": "abc"})
    newest = base64.b64encode(hmac.new(b"newest", b"abc", hashlib.sha256).digest()).decode()
    assert answer.status == 200
    assert newest in answer.body or answer.body == META["hub.challenge"]


@pytest.mark.parametrize("platform", [name for name in sorted(connectors.names()) if connectors.has(name, "webhook")])
def test_a_forger_with_the_address_alone_gets_nothing(api, platform):
    """Whatever the handshake is asked, and however its answers are used: no delivery of theirs is taken."""
    api.secrets.known[f"{platform}.main"] = WebhookSecrets(secrets=("not known",), verify_token="nor this")
    headers = connectors.webhook_facts(platform).headers
    for sample in webhook_samples(platform):
        text = sample.body.decode(errors="surrogateescape")
        heard = {"", "sha256=", *(word for answer in _asked(api, platform, text) for word in _words(answer))}
        forged = [{}, signed(sample.body, "", platform), signed(sample.body, platform, platform)]
        forged += [dict.fromkeys(headers, word) for word in heard]
        for given in forged:
            answer = api.call("POST", f"{platform}/main", body=sample.body, headers=given, as_base64=True)
            assert answer.status in (400, 404)
        assert_nothing_stored(api)


def _asked(api: Api, platform: str, text: str) -> Iterator[str]:
    """What the platform's handshake answers a stranger who puts `text` where it takes something."""
    for sample in handshake_samples(platform):
        for name in sample.request.query:
            answer = api.call("GET", f"{platform}/main", query={**sample.request.query, name: text})
            yield answer.body
            yield from answer.headers.values()


def _words(answer: str) -> set[str]:
    found = {answer, *re.split(r'[\s"{},:]+', answer)}
    return {kind + word for word in found for kind in ("", "sha256=")}


HANDSHAKES: dict[str, tuple[int, dict[str, Any]]] = {
    "no token": (404, {}),
    "an empty token": (404, {"query": {"crc_token": ""}}),
    "a delivery for a token": (404, {"query": {"crc_token": BODY.decode()}}),
    "a wrong token": (404, {"path": "facebook/main", "query": {**META, "hub.verify_token": "guessed"}}),
    "another mode": (404, {"path": "facebook/main", "query": {**META, "hub.mode": "unsubscribe"}}),
    "no channel": (404, {"path": "x/other", "query": {"crc_token": "abc"}}),
    "no platform": (404, {"path": "nowhere/main", "query": {"crc_token": "abc"}}),
}


@pytest.mark.parametrize("name", HANDSHAKES)
def test_a_handshake_that_is_refused_hears_why(api, name):
    status, given = HANDSHAKES[name]
    answer = api.call("GET", **given)
    assert answer.status == status
    assert_plain_error(answer)
    assert_nothing_stored(api)


def test_a_handshake_may_name_any_type(api):
    answer = api.call("GET", query={"crc_token": "abc"}, headers={"Content-Type": "text/html"})
    assert answer.status == 200


# --- the log ---------------------------------------------------------------------------------------------------

STRANGE = "SECRET-stranger"
STRANGERS: dict[str, Callable[[Api], Answer]] = {
    "in the body": lambda api: api.post(body=STRANGE.encode()),
    "in the signature": lambda api: api.post(headers={"X-Twitter-Webhooks-Signature": STRANGE}),
    "in the platform": lambda api: api.post(f"{STRANGE}/main"),
    "in the channel": lambda api: api.post(f"x/{STRANGE}"),
    "in the query": lambda api: api.call("GET", query={"token": STRANGE}),
    "in the type": lambda api: api.post(headers={"Content-Type": STRANGE}),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_nothing_that_a_stranger_wrote_is_logged_or_answered(api, name, capsys):
    answer = STRANGERS[name](api)
    out = capsys.readouterr().out
    assert json.loads(out.splitlines()[-1])["message"] == "refused"
    assert STRANGE not in out + answer.body


def test_every_request_writes_a_line(api, capsys):
    api.post(headers=signed(BODY))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [accepted] = [line for line in lines if line["message"] == "accepted"]
    assert accepted["channel"] == "x.main"
    assert accepted["request_id"] == api.messages[0].request_id
