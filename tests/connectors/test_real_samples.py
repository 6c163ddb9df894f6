"""
Real payloads of each platform, where the shared folder lies beside the repository: each becomes what its table says.

The table is `tests/fixtures/<platform>/real_samples.json`:

    {"accounts": [...], "now": "...", "files": {"<file>": ENTRY}}

ENTRY is a list of outcomes for a webhook body ("MENTION", "ignored:like",
"trouble:access_revoked"), or an object with one of
`expect` (the same list; with `wrap`, an envelope whose "$" stands for the file, or `accounts` of its own),
`receipt` / `error` with `status` and `step` (an API answer read by `reply.py`), or
`no_payload` (why this file is neither). The samples themselves never enter the repository.

The folder grows without us: a sample without a row is parsed all the same and must not break anything, and the end of
the test run lists it, as it does rows whose sample is gone.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest

from chalicelib import connectors
from chalicelib.ports.connector.calls import HttpResult
from chalicelib.ports.connector.parsing import Unreadable
from chalicelib.ports.connector.receiving import RequestRefused, SignatureInvalid, WebhookSecrets
from chalicelib.ports.connector.replying import DeliveryError, Looks, Receipt
from tests.connectors.conftest import ROW, UNMATCHED
from tests.connectors.samples import (
    SHARED,
    always,
    channel_settings,
    inbound,
    outbound,
    outcomes,
    send_context,
)
from tests.more_platforms import fixtures
from tests.rings import need_samples

PLATFORMS = sorted(connectors.names())
NOW = datetime(2026, 9, 1, tzinfo=UTC)

Record = Callable[[str, object], None]


def _table(platform: str) -> Mapping[str, Any]:
    path = fixtures(platform) / "real_samples.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"files": {}}


def _cases() -> Iterator[tuple[str, str]]:
    for platform in PLATFORMS:
        for path in sorted((SHARED / platform).glob("*.json")):
            yield platform, path.name


@pytest.mark.parametrize("platform", PLATFORMS)
def test_rows_and_samples_that_do_not_meet_are_listed(platform: str, record_property: Record) -> None:
    samples = {path.name for path in need_samples(SHARED / platform).glob("*.json")}
    rows = set(_table(platform)["files"])
    assert samples & rows
    for name in sorted(samples ^ rows):
        record_property(
            UNMATCHED, f"{platform}/{name}: {'no row yet' if name in samples else 'a row without a sample'}"
        )


@pytest.mark.parametrize(("platform", "name"), list(_cases()))
def test_a_real_sample_becomes_what_the_platform_notes_say(platform: str, name: str, record_property: Record) -> None:
    table, body = _table(platform), (SHARED / platform / name).read_bytes()
    entry = table["files"].get(name)
    if entry is None:
        record_property(ROW, (f"{platform}/{name}", f"{_read_without_a_row(platform, body)} (no row yet)"))
        return
    became, expected = _became(platform, body, entry, table)
    record_property(ROW, (f"{platform}/{name}", ", ".join(became) or "nothing"))
    assert became == expected


def _read_without_a_row(platform: str, body: bytes) -> str:
    """It may be any payload of the platform: as a delivery it is read or refused, and nothing else happens."""
    try:
        return ", ".join(_parsed(platform, body, {}, {})) or "nothing"
    except Unreadable:
        return "unreadable"


def _became(platform: str, body: bytes, entry: Any, table: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    if isinstance(entry, list):
        entry = {"expect": entry}
    if "no_payload" in entry:
        return [entry["no_payload"]], [entry["no_payload"]]
    if "expect" in entry:
        return _parsed(platform, _wrapped(body, entry.get("wrap")), entry, table), entry["expect"]
    expected = f"receipt:{entry['receipt']}" if "receipt" in entry else entry["error"]
    return [_read(platform, body, entry)], [expected]


def _parsed(platform: str, body: bytes, entry: Mapping[str, Any], table: Mapping[str, Any]) -> list[str]:
    accounts = entry.get("accounts", table.get("accounts", []))
    request = inbound(platform, body, received_at=NOW)
    return outcomes(connectors.parser(platform).parse(request, channel_settings({"accounts": accounts})))


def _wrapped(body: bytes, envelope: Any) -> bytes:
    return json.dumps(envelope).replace('"$"', body.decode()).encode() if envelope else body


def _read(platform: str, body: bytes, entry: Mapping[str, Any]) -> str:
    reply = connectors.reply(platform)
    looks = entry.get("step") == "look"
    tried = NOW if entry.get("tried") or looks else None
    about = outbound(private=entry.get("private", False), first_tried_at=tried)
    try:
        steps = (reply.look if looks and isinstance(reply, Looks) else reply.send)(
            about, send_context(platform, now=NOW)
        )
        receipt = always(steps, HttpResult(status=entry["status"], body=body))
    except DeliveryError as error:
        return f"{type(error).__name__}:{error.code}"
    return f"receipt:{receipt.message_id if isinstance(receipt, Receipt) else None}"


# --- signatures of the vendors' own examples -------------------------------------------------------------------------


def _vectors() -> Mapping[str, Any]:
    return json.loads(need_samples(SHARED / "signature_vectors.json").read_text(encoding="utf-8"))


def test_the_signature_vector_of_x_verifies() -> None:
    vector = _vectors()["x"]
    webhook, secrets = connectors.webhook("x"), WebhookSecrets(secrets=(vector["key"],))
    body = bytes.fromhex(vector["body_hex"])
    assert body == vector["body_utf8"].encode()
    webhook.verify(inbound("x", body, headers={vector["header"]: vector["signature"]}), secrets)
    answer = webhook.handshake(inbound("x", b"", method="GET", query={"crc_token": vector["crc_token"]}), secrets)
    assert json.loads(answer.body) == {"response_token": vector["crc_response_token"]}


def test_the_challenges_of_x_are_answered_or_refused_as_its_notes_say() -> None:
    path = need_samples(SHARED / "x" / "constructed_crc_vectors.json")
    vectors = json.loads(path.read_text(encoding="utf-8"))
    webhook, secrets = connectors.webhook("x"), WebhookSecrets(secrets=(vectors["consumer_secret"],))
    for vector in vectors["answer"]:
        request = inbound("x", b"", method="GET", query=dict(parse_qsl(vector["query"])))
        assert json.loads(webhook.handshake(request, secrets).body) == {"response_token": vector["response_token"]}
    for vector in vectors["refuse"]:
        if vector["why"] != "repeated":  # one of them is signed, which harms nobody
            request = inbound("x", b"", method="GET", query=dict(parse_qsl(vector["query"])))
            with pytest.raises(RequestRefused):
                webhook.handshake(request, secrets)
    for vector in vectors["refuse_post_bodies"]:
        headers = {"x-twitter-webhooks-signature": vector["signature"]}
        with pytest.raises(RequestRefused) as refused:
            webhook.verify(inbound("x", vector["body"].encode(), headers=headers), secrets)
        assert not isinstance(refused.value, SignatureInvalid)


@pytest.mark.parametrize("platform", [name for name in PLATFORMS if name in {"facebook", "instagram", "whatsapp"}])
def test_the_signature_vector_of_meta_verifies(platform: str) -> None:
    vector = _vectors()["meta"]
    webhook, secrets = connectors.webhook(platform), WebhookSecrets(secrets=(vector["key"],))
    header, body = vector["header"].lower(), vector["wire_body_ascii"].encode()
    webhook.verify(inbound(platform, body, headers={header: vector["signature"]}), secrets)
    wrong = ["wrong_signature_if_body_is_decoded_to_utf8", "wrong_signature_if_reserialised_compact"]
    refused = [{header: vector[name]} for name in wrong]
    for headers in [*refused, {vector["legacy_header"].lower(): vector["legacy_signature"]}]:
        with pytest.raises(RequestRefused):
            webhook.verify(inbound(platform, body, headers=headers), secrets)
