"""`earshot send`: the file's bytes as they are, signed as the platform signs."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from chalicelib import connectors
from chalicelib.ports.connector.receiving import InboundRequest, WebhookSecrets
from infra.deploy import target
from infra.deploy.target import Target
from infra.operate import channels, freshen
from infra.paths import ROOT
from tests.infra.test_cli import run

BODY = '{"kept" :  "byte for byte", "é": "\\u00e9"}\r\n'.encode()
Received = list[tuple[str, dict[str, str], bytes]]


class Api(HTTPServer):
    """Keeps what it is sent and answers `answer`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: Received = []
        self.answer = 200


class Handler(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.answer)
        self.end_headers()
        self.wfile.write(b'{"ok":true}')

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def stage(api: Api, aws: Target, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    monkeypatch.setattr(target, "for_stage", lambda _stage: aws)
    monkeypatch.setattr(Target, "api_url", lambda _self: f"http://127.0.0.1:{api.server_port}/local")
    yield aws
    for one in channels.held(aws):
        aws.client("ssm").delete_parameter(Name=channels.parameter_name(aws, one.kind, one.channel))


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "payload.json"
    path.write_bytes(BODY)
    return str(path)


@pytest.mark.parametrize("platform", sorted(connectors.names()))
def test_a_payload_arrives_untouched_with_a_signature_that_verifies(platform: str, api: Api, file: str) -> None:
    channels.set_verify(target.for_stage("local"), f"{platform}.eu", {"secrets": "hush"})
    code, text = run("send", platform, file, "--channel", "eu", "--times", "2")
    assert code == 0
    assert text.count('200 {"ok":true}') == 2
    assert len(api.received) == 2
    path, headers, body = api.received[0]
    assert path == f"/local/webhooks/{platform}/eu"
    assert body == BODY
    connectors.webhook(platform).verify(inbound(platform, headers, body), WebhookSecrets(secrets=("hush",)))


def inbound(platform: str, headers: dict[str, str], body: bytes) -> InboundRequest:
    return InboundRequest(
        platform=platform,
        channel=f"{platform}.eu",
        method="POST",
        headers=headers,
        query={},
        body=body,
        received_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        request_id="1",
    )


def test_a_local_channel_without_secret_gets_one_and_says_so(stage: Target, file: str) -> None:
    code, text = run("send", "x", file)
    assert code == 0
    assert "a random one is set" in text
    assert "earshot channels set x.main" in text
    assert channels.read(stage, "verify", "x.main")["secrets"]


SAMPLE = ROOT / "tests" / "fixtures" / "x" / "webhook" / "aaa_mention.body.json"


def test_on_local_a_sample_is_sent_as_of_now_and_its_account_becomes_known(stage: Target, api: Api) -> None:
    for _ in range(2):
        code, text = run("send", "x", str(SAMPLE))
        assert code == 0
        assert "Sent as written now" in text
    first, second = [freshen.parse(body, "x", datetime.now(UTC)).facts[0] for _, _, body in api.received]
    assert first.message_id != second.message_id
    assert first.occurred_at
    assert abs(datetime.now(UTC) - first.occurred_at) < timedelta(minutes=1)
    assert channels.read(stage, "channels", "x.main")["accounts"] == [first.account_id]


def test_as_it_is_means_byte_for_byte(stage: Target, api: Api) -> None:
    assert run("send", "x", str(SAMPLE), "--as-it-is")[0] == 0
    assert api.received[0][2] == SAMPLE.read_bytes()


@pytest.mark.parametrize("option", [[], ["--now"]])
def test_another_stage_is_warned_and_gets_the_bytes_unless_asked(stage: Target, api: Api, option: list[str]) -> None:
    channels.set_verify(stage, "x.main", {"secrets": "hush"})
    code, text = run("send", "x", str(SAMPLE), "--stage", "dev", *option)
    assert code == 0
    assert "opens cases there, and may call people" in text
    assert (api.received[0][2] == SAMPLE.read_bytes()) == (option == [])
    assert "channels" not in {one.kind for one in channels.held(stage)}


def test_another_stage_never_gets_an_invented_secret(stage: Target, api: Api, file: str) -> None:
    code, text = run("send", "x", file, "--stage", "dev")
    assert code == 1
    assert "no secret" in text
    assert api.received == []
    assert channels.held(stage) == []


def test_a_refusal_ends_with_1(api: Api, file: str) -> None:
    api.answer = 403
    code, text = run("send", "x", file)
    assert code == 1
    assert "403" in text
