"""
One function, as Lambda starts it: a fresh interpreter, one event, and the modules that were loaded for it.

`python -m tests.entrypoints.fresh FUNCTION [PLATFORM]` prints their names. AWS
is a stand-in that knows one channel of each platform; everything else is real.
"""

import json
import os
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

SECRET = "fresh-secret"
RESOURCES = {"queues": {name: name for name in ("inbound", "mentions", "mentions-urgent", "replies", "forward")}}
PARAMETERS = {
    "verify": {"secrets": [SECRET], "verify_token": SECRET},
    "channels": {"accounts": ["900"]},
    "forward": {},
    "resources": {**RESOURCES, "bucket": "b", "alerts_topic_arn": "t"},
}
FIXTURES = Path(__file__).parents[1] / "fixtures"


def body_of(platform: str) -> bytes:
    """Something the platform sends: the first of its fixtures."""
    return min((FIXTURES / platform / "webhook").glob("*.body.json")).read_bytes()


class Aws:
    """Every client in one: parameters are there, messages are taken."""

    exceptions = SimpleNamespace(ParameterNotFound=KeyError)

    def get_parameter(self, *, Name: str, **_: Any) -> dict[str, Any]:  # noqa: N803  as AWS names it
        return {"Parameter": {"Value": json.dumps(PARAMETERS[Name.split("/")[3]])}}

    def get_parameters_by_path(self, *, Path: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        value = json.dumps(PARAMETERS[Path.split("/")[3]])
        return {"Parameters": [{"Name": f"{Path}/{file.name}.main", "Value": value} for file in FIXTURES.iterdir()]}

    def __getattr__(self, _: str) -> Any:
        return lambda **_: {}


class Context:
    """What Lambda hands over beside the event."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def main(function: str, platform: str = "x") -> None:
    os.environ.setdefault("STAGE", "local")
    handler = import_module("app").app if function == "webhook" else _worker(function)
    _stand_in()
    answer = handler(_event(function, platform), Context())
    assert function != "webhook" or answer["statusCode"] == 200, answer
    sys.stderr.write("\n".join(sorted(sys.modules)))


def _worker(function: str) -> Any:
    module = "casework" if function == "casework_urgent" else function
    return getattr(import_module(f"chalicelib.entrypoints.{module}"), function)


def _stand_in() -> None:
    from chalicelib import bootstrap

    def table() -> Any:
        from chalicelib.adapters.memory.table import MemoryTable

        return _TABLES.setdefault("one", MemoryTable())

    bootstrap.client = lambda _: Aws()  # type: ignore[assignment]
    bootstrap.table = table  # type: ignore[assignment]


_TABLES: dict[str, Any] = {}


def _event(function: str, platform: str) -> dict[str, Any]:
    if function == "webhook":
        return _delivery(platform)
    if function in ("sla_watch", "incident_watch", "listen", "report"):
        names = ("version", "account", "region", "detail-type", "source", "time", "id")
        return {**dict.fromkeys(names, ""), "detail": {}, "resources": []}
    return {"Records": [{"body": _message(function, platform), "receiptHandle": "r"}]}


def _delivery(platform: str) -> dict[str, Any]:
    from chalicelib import connectors
    from chalicelib.ports.connector.receiving import InboundRequest, WebhookSecrets

    body = body_of(platform)
    request = InboundRequest(
        platform=platform,
        channel=f"{platform}.main",
        method="POST",
        headers={},
        query={},
        body=body,
        received_at=datetime.now(UTC),
        request_id="r",
    )
    signed = connectors.webhook(platform).sign(request, WebhookSecrets(secrets=(SECRET,)))
    return {
        "httpMethod": "POST",
        "headers": dict(signed.headers),
        "multiValueQueryStringParameters": None,
        "pathParameters": {"platform": platform, "channel": "main"},
        "requestContext": {"resourcePath": "/webhooks/{platform}/{channel}", "httpMethod": "POST", "path": "/"},
        "stageVariables": None,
        "body": body.decode(),
    }


def _message(function: str, platform: str) -> str:

    from chalicelib.ports.inbound import InboundMessage, encode

    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    if function == "triage":
        about = {"platform": platform, "channel": f"{platform}.main", "headers": {}}
        return encode(InboundMessage(**about, received_at=now, request_id="r1", body=body_of(platform)))  # type: ignore[arg-type]
    if function == "deliver":
        return json.dumps({"v": 1, "reply_id": "r0"})
    if function == "forward":
        return json.dumps({"Type": "Notification", "Message": json.dumps({"schema": "earshot.test/1"})})
    about = {"kind": "mention", "platform": platform, "channel": f"{platform}.main", "account_id": "900"}
    fact = {**about, "message_id": "1", "received_at": now.isoformat(), "text": "hello"}
    return json.dumps({"v": 1, "fact": fact, "labels": {"engine": "linear-1"}})


if __name__ == "__main__":
    main(*sys.argv[1:])
