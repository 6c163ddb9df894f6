"""
The fixture folders as values: every platform's test data has one layout, so that the test is the folder.

    tests/fixtures/<platform>/
      webhook/<name>.body.json      the wire's bytes, exactly; .body.form, .body.xml or another for what is no JSON
      webhook/<name>.request.json   what (one sentence), source, read_on, settings, optional received_at;
                                    reads: which lines of `MANIFEST.reads` it shows
      webhook/<name>.golden.json    the Parsed it must become, see `plain`
      reply/<name>.json             what, reply, optional first_tried_at, step ("send" or "look"), result (or
                                    results, one for each call in their order), expect
      bare_statuses.json            optional: which error a status without a body is, where it is not the usual
      handshake/<name>.json         what, query (GET) or body (POST), secrets, verify_token, expect: body and
                                    content_type, refused (a status), or delivery for a POST that is none
      poll/<name>.json              what, cursor, wanted, settings, answers (one for each call in their order), expect:
                                    calls ("GET https://..."), heard (bodies), cursors, and after_s, or error and code
      setup/<name>.json             what, deed, settings, verify_token, answers, expect: subscriptions, or error, code
      health/<name>.json            what, settings, answers, expect: seen (level and text), or error and code
      real_samples.json             what each file of the shared sample folder must become

`python -m tests.connectors.samples --write-golden PLATFORM` writes the
goldens that are missing, for a person to review; it never changes one.
"""

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from chalicelib import connectors
from chalicelib.ports.connector.calls import HttpCall, HttpResult, Later, Steps, T
from chalicelib.ports.connector.parsing import ChannelSettings, Parsed
from chalicelib.ports.connector.polling import PollContext
from chalicelib.ports.connector.receiving import InboundRequest, WebhookSecrets
from chalicelib.ports.connector.replying import Looks, OutboundReply, Receipt, SendContext
from chalicelib.ports.connector.setup import SetupContext
from chalicelib.usecases.exchange import run
from tests.more_platforms import fixtures

# Real payloads lie beside a checkout, never in it.
SHARED = Path(__file__).parents[3] / "shared" / "fixtures"
STEPS = ("reply", "handshake", "poll", "setup", "health")
TEST_SECRET = "test_secret"
RECEIVED_AT = datetime(2026, 3, 2, 9, 0, 5, tzinfo=UTC)
# These equal the request's in every fact and trouble; the contract suite checks that once for all.
FROM_REQUEST = frozenset({"platform", "channel", "received_at"})


@dataclass(frozen=True, kw_only=True)
class WebhookSample:
    """One delivery and what it must become. `golden` is None until someone has written and reviewed it."""

    platform: str
    name: str
    body: bytes
    is_json: bool = True
    about: Mapping[str, Any]
    golden: Mapping[str, Any] | None

    def __str__(self) -> str:
        return f"{self.platform}-{self.name}"

    @property
    def settings(self) -> ChannelSettings:
        return channel_settings(self.about.get("settings", {}))

    @property
    def request(self) -> InboundRequest:
        """The delivery, signed with the test secret."""
        received_at = datetime.fromisoformat(self.about.get("received_at", RECEIVED_AT.isoformat()))
        return signed(inbound(self.platform, self.body, received_at=received_at))

    def parse(self) -> Parsed:
        return connectors.parser(self.platform).parse(self.request, self.settings)


@dataclass(frozen=True, kw_only=True)
class ReplySample:
    """One answer of the platform's API and what the connector must make of it."""

    platform: str
    name: str
    about: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.platform}-{self.name}"

    @property
    def reply(self) -> OutboundReply:
        tried = self.about.get("first_tried_at")
        return outbound(first_tried_at=datetime.fromisoformat(tried) if tried else None, **self.about["reply"])

    @property
    def results(self) -> list[HttpResult]:
        """One for each call, in their order."""
        return [_result(given) for given in self.about.get("results") or [self.about["result"]]]

    def run(self, perform: Callable[[int, HttpCall], HttpResult] | None = None) -> Receipt | Later | None:
        """Run the steps with `perform` (the number of the call, from 0, and the call), else with the file's results."""
        connector, results, calls = connectors.reply(self.platform), self.results, count()
        steps: Steps[Any] = connector.send(self.reply, self.context)
        if self.about.get("step") == "look":
            assert isinstance(connector, Looks)
            steps = connector.look(self.reply, self.context)
        answer = perform or (lambda number, _: results[number])
        came: Receipt | Later | None = run(steps, lambda call: answer(next(calls), call))
        return came

    @property
    def context(self) -> SendContext:
        now = datetime.fromisoformat(self.about.get("now", RECEIVED_AT.isoformat()))
        return send_context(self.platform, account_id=self.about.get("account_id", "1"), now=now)


@dataclass(frozen=True, kw_only=True)
class HandshakeSample:
    """One GET, or with a `body` one POST, with which the platform tests our URL."""

    platform: str
    name: str
    about: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.platform}-{self.name}"

    @property
    def request(self) -> InboundRequest:
        if "body" in self.about:
            return signed(inbound(self.platform, json.dumps(self.about["body"]).encode()))
        return inbound(self.platform, b"", method="GET", query=self.about["query"])

    @property
    def secrets(self) -> WebhookSecrets:
        given = self.about.get("secrets", [TEST_SECRET])
        return WebhookSecrets(secrets=tuple(given), verify_token=self.about.get("verify_token"))


def _result(given: Mapping[str, Any]) -> HttpResult:
    body = given.get("body", "")
    return HttpResult(**{**given, "body": (body if isinstance(body, str) else json.dumps(body)).encode()})


def first_call(steps: Steps[Any]) -> HttpCall:
    """The first call that the steps make; they go no further."""
    call = next(steps)
    steps.close()
    assert isinstance(call, HttpCall)
    return call


def signed(request: InboundRequest, secret: str = TEST_SECRET) -> InboundRequest:
    return connectors.webhook(request.platform).sign(request, WebhookSecrets(secrets=(secret,)))


def signature(platform: str, body: bytes, secret: str = TEST_SECRET) -> dict[str, str]:
    """The headers that prove such a body."""
    return dict(signed(inbound(platform, body), secret).headers)


def always(steps: Steps[T], result: HttpResult) -> T | Later:
    """What the steps come to when every call has this result."""
    return run(steps, lambda _: result)


def inbound(
    platform: str,
    body: bytes,
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    method: str = "POST",
    received_at: datetime = RECEIVED_AT,
) -> InboundRequest:
    return InboundRequest(
        platform=platform,
        channel=f"{platform}.main",
        method=method,
        url=f"https://hooks.example/webhooks/{platform}/main",
        headers=headers or {},
        query=query or {},
        body=body,
        received_at=received_at,
        request_id="req-1",
    )


def outbound(
    *,
    parent_id: str = "1001",
    text: str = "We are on it.",
    reply_id: str = "reply-1",
    customer_id: str | None = "2002",
    private: bool = False,
    first_tried_at: datetime | None = None,
) -> OutboundReply:
    return OutboundReply(
        reply_id=reply_id,
        parent_id=parent_id,
        customer_id=customer_id,
        text=text,
        private=private,
        first_tried_at=first_tried_at,
    )


def send_context(
    platform: str, *, account_id: str = "1", now: datetime = RECEIVED_AT, api_base: str | None = None
) -> SendContext:
    """Credentials are made up from the manifest, so that a new secret there is at once part of every test."""
    return SendContext(account_id=account_id, now=now, credentials=credentials(platform), api_base=api_base)


def credentials(platform: str) -> dict[str, str]:
    wanted = [secret.name for secret in connectors.manifest(platform).secrets if secret.use == "send"]
    return {name: f"hush-{name}" for name in wanted}


def channel_settings(given: Mapping[str, Any]) -> ChannelSettings:
    return ChannelSettings(**{name: frozenset(values) for name, values in given.items()})


def webhook_samples(platform: str) -> list[WebhookSample]:
    folder = fixtures(platform) / "webhook"
    return [_webhook_sample(platform, path) for path in sorted(folder.glob("*.body.*"))]


def _webhook_sample(platform: str, body: Path) -> WebhookSample:
    name = body.name.removesuffix(body.suffix).removesuffix(".body")
    golden = body.with_name(f"{name}.golden.json")
    return WebhookSample(
        platform=platform,
        name=name,
        body=body.read_bytes(),
        is_json=body.suffix == ".json",
        about=_load(body.with_name(f"{name}.request.json")),
        golden=_load(golden) if golden.exists() else None,
    )


def reply_samples(platform: str) -> list[ReplySample]:
    paths = sorted((fixtures(platform) / "reply").glob("*.json"))
    return [ReplySample(platform=platform, name=path.stem, about=_load(path)) for path in paths]


def bare_statuses(platform: str) -> dict[str, Any]:
    """Where the platform's statuses mean something else than the usual: {status: {"error": type, "why": sentence}}."""
    path = fixtures(platform) / "bare_statuses.json"
    given: dict[str, Any] = _load(path) if path.exists() else {}
    return given


def handshake_samples(platform: str) -> list[HandshakeSample]:
    paths = sorted((fixtures(platform) / "handshake").glob("*.json"))
    return [HandshakeSample(platform=platform, name=path.stem, about=_load(path)) for path in paths]


@dataclass(frozen=True, kw_only=True)
class StepsSample:
    """A poll, a deed of setup, or a look at health: what the platform answers, and what must come of it."""

    platform: str
    name: str
    about: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.platform}-{self.name}"

    @property
    def answers(self) -> list[HttpResult]:
        return [_result(given) for given in self.about.get("answers", ())]

    @property
    def settings(self) -> ChannelSettings:
        return channel_settings(self.about.get("settings", {}))

    @property
    def poll_context(self) -> PollContext:
        return PollContext(
            channel=f"{self.platform}.main",
            account_id=self.about.get("account_id", "1"),
            settings=self.settings,
            cursor=self.about.get("cursor"),
            wanted=tuple(self.about.get("wanted", ())),
            now=datetime.fromisoformat(self.about.get("now", RECEIVED_AT.isoformat())),
            credentials=credentials(self.platform),
        )

    @property
    def setup_context(self) -> SetupContext:
        return SetupContext(
            channel=f"{self.platform}.main",
            account_id=self.about.get("account_id", "1"),
            settings=self.settings,
            now=datetime.fromisoformat(self.about.get("now", RECEIVED_AT.isoformat())),
            credentials=credentials(self.platform),
            verify=WebhookSecrets(secrets=(TEST_SECRET,), verify_token=self.about.get("verify_token")),
            callback_url=f"https://hooks.example/webhooks/{self.platform}/main",
        )


def steps_samples(platform: str, ability: str) -> list[StepsSample]:
    """Those of "poll", "setup" or "health"."""
    paths = sorted((fixtures(platform) / ability).glob("*.json"))
    return [StepsSample(platform=platform, name=path.stem, about=_load(path)) for path in paths]


def stray_files(platform: str) -> list[str]:
    """Files that no test would read: an orphan sibling or a misspelt suffix."""
    folder = fixtures(platform)
    wanted = {"real_samples.json", "bare_statuses.json"}
    for path in folder.glob("webhook/*.body.*"):
        name = path.name.removesuffix(path.suffix).removesuffix(".body")
        wanted |= {f"webhook/{path.name}", *(f"webhook/{name}.{part}.json" for part in ("request", "golden"))}
    wanted |= {f"{part}/{path.name}" for part in STEPS for path in folder.glob(f"{part}/*.json")}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return sorted(found - wanted)


def plain(parsed: Parsed) -> dict[str, Any]:
    """
    What a golden file holds: fields that differ from their default, and the slugs of what was ignored.

    Our own sentence beside each slug may be improved without touching a golden.
    """
    return {
        "facts": [_plain(fact) for fact in parsed.facts],
        "troubles": [_plain(trouble) for trouble in parsed.troubles],
        "ignored": [ignored.what for ignored in parsed.ignored],
        **({"unread": len(parsed.unread)} if parsed.unread else {}),
    }


def outcomes(parsed: Parsed) -> list[str]:
    """The same in a few words: "MENTION", "trouble:access_revoked", "ignored:like"."""
    told = [fact.kind.name for fact in parsed.facts]
    told += [f"trouble:{trouble.kind}" for trouble in parsed.troubles]
    told += [f"ignored:{ignored.what}" for ignored in parsed.ignored]
    return told + ["unread"] * len(parsed.unread)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if not hasattr(value, "__dataclass_fields__"):
        return value
    shown = [field for field in fields(value) if field.name not in FROM_REQUEST]
    pairs = [(field, getattr(value, field.name)) for field in shown]
    return {field.name: _plain(found) for field, found in pairs if found != _default(field)}


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def write_missing_goldens(platform: str) -> list[Path]:
    written = []
    for sample in webhook_samples(platform):
        path = fixtures(platform) / "webhook" / f"{sample.name}.golden.json"
        if sample.golden is None:
            path.write_text(json.dumps(plain(sample.parse()), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            written.append(path)
    return written


def _main() -> None:
    parser = argparse.ArgumentParser(description="Write the golden files that are missing, for review.")
    parser.add_argument("--write-golden", metavar="PLATFORM", required=True)
    for path in write_missing_goldens(parser.parse_args().write_golden):
        print(path)  # noqa: T201 - a command-line helper


if __name__ == "__main__":
    _main()
