"""
Signatures that others made, checked by the kit: by the platforms' own examples, and by examples written for us.

The first kind is beside the repository and is read whenever it is there.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.connectors._kit.signature import check_any, check_fresh, check_hmac, hmac_text
from chalicelib.ports.connector.receiving import (
    InboundRequest,
    RequestRefused,
    SignatureInvalid,
    SignatureMissing,
    WebhookSecrets,
)
from tests.connectors.samples import inbound

FILES = ("signature_vectors.json", "signature_vectors_more.json")
SHARED = Path(__file__).parents[4] / "shared" / "fixtures"


def _bytes(vector: Mapping[str, Any]) -> bytes:
    for name in ("body_utf8", "body", "wire_body_ascii"):
        if name in vector:
            body: bytes = vector[name].encode()
            assert "body_hex" not in vector or bytes.fromhex(vector["body_hex"]) == body
            return body
    raise AssertionError(sorted(vector))


def _hmac(key: str, signature: str = "signature", **how: str) -> Callable[[Mapping[str, Any]], None]:
    """A check of an HMAC over the body, in one spelling. The same with a byte more must be refused."""

    def check(vector: Mapping[str, Any]) -> None:
        secrets, body = WebhookSecrets(secrets=("another", vector[key])), _bytes(vector)
        _only_this(vector[signature], body, secrets, **how)

    return check


def _only_this(given: str, message: bytes, secrets: WebhookSecrets, **how: str) -> None:
    check_hmac(given, message, secrets, **how)
    for other in (message + b" ", message[:-1]):
        with pytest.raises(SignatureInvalid):
            check_hmac(given, other, secrets, **how)
    with pytest.raises(SignatureInvalid):
        check_hmac(given, message, WebhookSecrets(secrets=("another",)), **how)
    with pytest.raises(SignatureMissing):
        check_hmac(None, message, secrets, **how)


def _x(vector: Mapping[str, Any]) -> None:
    _hmac("key", spelling="base64", prefix="sha256=")(vector)
    answer = hmac_text(vector["crc_token"].encode(), vector["key"], spelling="base64", prefix="sha256=")
    assert answer == vector["crc_response_token"]


def _meta(vector: Mapping[str, Any]) -> None:
    _hmac("key", prefix="sha256=")(vector)
    secrets = WebhookSecrets(secrets=(vector["key"],))
    for name in ("wrong_signature_if_body_is_decoded_to_utf8", "wrong_signature_if_reserialised_compact"):
        with pytest.raises(SignatureInvalid):
            check_hmac(vector[name], _bytes(vector), secrets, prefix="sha256=")
    _only_this(vector["legacy_signature"], _bytes(vector), secrets, algorithm="sha1", prefix="sha1=")
    proof = vector["appsecret_proof"]
    assert hmac_text(proof["access_token"].encode(), vector["key"]) == proof["proof"]
    signature, payload = vector["signed_request"]["value"].split(".")
    assert json.loads(base64.urlsafe_b64decode(payload + "==")) == vector["signed_request"]["payload"]
    spelled = base64.b64encode(base64.urlsafe_b64decode(signature + "=")).decode()
    _only_this(spelled, payload.encode(), secrets, spelling="base64")


def _linkedin(vector: Mapping[str, Any]) -> None:
    secrets = WebhookSecrets(secrets=(vector["key"],))
    assert hmac_text(vector["challengeCode"].encode(), vector["key"]) == vector["challengeResponse"]
    _only_this(vector["signature"], b"hmacsha256=" + _bytes(vector), secrets)
    assert hmac_text(_bytes(vector), vector["key"]) == vector["wrong_signature_without_prefix"]


def _request(received_at: int) -> InboundRequest:
    return inbound("x", b"", received_at=datetime.fromtimestamp(received_at, UTC))


def _fresh(sent_at: str, most_age_s: int = 300) -> None:
    signed_at = int(sent_at)
    for good in (signed_at, signed_at + most_age_s, signed_at - most_age_s):
        check_fresh(sent_at, _request(good), most_age_s=most_age_s)
    for bad in (signed_at + most_age_s + 1, signed_at - most_age_s - 1):
        with pytest.raises(SignatureInvalid):
            check_fresh(sent_at, _request(bad), most_age_s=most_age_s)


def _tiktok(vector: Mapping[str, Any]) -> None:
    parts = dict(part.split("=", 1) for part in vector["header_value"].split(","))
    assert parts["t"] == vector["timestamp"]
    message = parts["t"].encode() + b"." + _bytes(vector)
    _only_this(parts["s"], message, WebhookSecrets(secrets=(vector["key"],)))
    _fresh(parts["t"])


def _slack(vector: Mapping[str, Any]) -> None:
    message = f"v0:{vector['timestamp']}:".encode() + _bytes(vector)
    assert vector.get("base_string", message.decode()) == message.decode()
    _only_this(vector["signature"], message, WebhookSecrets(secrets=(vector["signing_secret"],)), prefix="v0=")
    _fresh(vector["timestamp"], vector.get("replay_window_s", 300))


def _twilio(vector: Mapping[str, Any]) -> None:
    pairs = sorted({(name, value) for name, values in vector.get("params", {}).items() for value in values})
    message = vector["url"] + "".join(name + value for name, value in pairs)
    assert message == vector["base_string"]
    secrets = WebhookSecrets(secrets=(vector["auth_token"],))
    _only_this(vector["signature"], message.encode(), secrets, algorithm="sha1", spelling="base64")
    if "body_sha256" in vector:
        assert hashlib.sha256(_bytes(vector)).hexdigest() == vector["body_sha256"]


def _standard_webhooks(vector: Mapping[str, Any]) -> None:
    key = base64.b64decode(vector["secret"].removeprefix("whsec_"))
    assert key == bytes.fromhex(vector["key_hex"])
    message = f"{vector['webhook_id']}.{vector['webhook_timestamp']}.".encode() + _bytes(vector)
    assert message.decode() == vector["base_string"]
    good = hmac_text(message, key, spelling="base64", prefix="v1,")
    check_any(vector["signature"], [good])
    with pytest.raises(SignatureInvalid):
        check_any(vector["signature"], [hmac_text(message + b" ", key, spelling="base64", prefix="v1,")])
    _fresh(vector["webhook_timestamp"])


CHECKS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "x": _x,
    "meta": _meta,
    "linkedin": _linkedin,
    "youtube": _hmac("key", algorithm="sha1", prefix="sha1="),
    "tiktok": _tiktok,
    "slack": _slack,
    "slack_url_verification": _slack,
    "discourse": _hmac("secret", prefix="sha256="),
    "mastodon_admin_webhook": _hmac("secret", prefix="sha256="),
    "app_store_connect": _hmac("secret", prefix="hmacsha256="),
    "twilio_form": _twilio,
    "twilio_form_duplicate_keys": _twilio,
    "twilio_json_body": _twilio,
    "standard_webhooks": _standard_webhooks,
}
THERE = {
    name: vector
    for path in (SHARED / file for file in FILES)
    if path.is_file()
    for name, vector in json.loads(path.read_text(encoding="utf-8")).items()
}


@pytest.mark.parametrize("name", sorted(THERE))
def test_what_a_platform_signed_passes_and_a_byte_more_does_not(name: str) -> None:
    CHECKS[name](THERE[name])


def test_each_vector_has_a_check_where_there_are_vectors() -> None:
    assert not SHARED.is_dir() or set(THERE) == set(CHECKS)


# Made with `openssl dgst -sha256 -hmac`, not with the kit: an HMAC of "earshot" under "key" in each spelling.
OURS = [
    ("sha256", "hex", "", "be729ed6fb4ceb538195c5432b1a23642743e0e83b7ec7d7b59b130cf6de533f"),
    ("sha256", "base64", "sha256=", "sha256=vnKe1vtM61OBlcVDKxojZCdD4Og7fsfXtZsTDPbeUz8="),
    ("sha1", "hex", "sha1=", "sha1=0c5f722298e217fa8cb3eab979707d084cf26ee9"),
    ("sha1", "base64", "", "DF9yIpjiF/qMs+q5eXB9CEzybuk="),
    (
        "sha512",
        "hex",
        "",
        "6e4d2546a1678ada2e02a81d5506006979a3a2a26873116c7690ff4009eafe19cf1f8aaaddd01180c08574cde2d9c4987e15d94f8b2a6e0f8910f871968534f7",
    ),
]


@pytest.mark.parametrize(("algorithm", "spelling", "prefix", "given"), OURS)
def test_each_spelling(algorithm: str, spelling: str, prefix: str, given: str) -> None:
    how = {"algorithm": algorithm, "spelling": spelling, "prefix": prefix}
    _only_this(given, b"earshot", WebhookSecrets(secrets=("key",)), **how)


@pytest.mark.parametrize("sent_at", ["", None])
def test_no_time_is_missing(sent_at: str | None) -> None:
    with pytest.raises(SignatureMissing):
        check_fresh(sent_at, _request(1_700_000_000))


@pytest.mark.parametrize(
    "sent_at", ["-1", "1e9", "1.5", "\u0661\u0667", " 1700000000", "9" * 13, "nan", "0x10", "9" * 12]
)
def test_what_is_no_time_is_refused_and_never_an_error(sent_at: str) -> None:
    with pytest.raises(RequestRefused):
        check_fresh(sent_at, _request(1_700_000_000))
