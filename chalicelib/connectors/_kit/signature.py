"""
What proves a request with a shared secret, in the spellings that platforms have.

Every live secret is compared, in constant time, so that the time taken does
not tell which one matched; an empty one would let anybody in and counts as none.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from chalicelib.ports.connector.receiving import InboundRequest, SignatureInvalid, SignatureMissing, WebhookSecrets

MOST_AGE_S = 300  # what Slack, TikTok and Standard Webhooks ask for
SPELLINGS: Mapping[str, Callable[[bytes], str]] = MappingProxyType(
    {"hex": bytes.hex, "base64": lambda raw: base64.b64encode(raw).decode()}
)


def hmac_text(
    message: bytes, secret: str | bytes, *, algorithm: str = "sha256", spelling: str = "hex", prefix: str = ""
) -> str:
    """The HMAC as it stands in a header, such as "sha256=" and hex. `algorithm` is one of hashlib."""
    key = secret.encode() if isinstance(secret, str) else secret
    return prefix + SPELLINGS[spelling](hmac.new(key, message, getattr(hashlib, algorithm)).digest())


def check_hmac(
    given: str | None,
    message: bytes,
    secrets: WebhookSecrets,
    *,
    algorithm: str = "sha256",
    spelling: str = "hex",
    prefix: str = "",
) -> None:
    """Accept the HMAC of any live secret. Raises SignatureMissing, SignatureInvalid."""
    live = [secret for secret in secrets.secrets if secret]
    expected = [hmac_text(message, s, algorithm=algorithm, spelling=spelling, prefix=prefix) for s in live]
    check_any(given, expected)


def check_any(given: str | None, expected: Iterable[str]) -> None:
    """
    Accept what equals one of the expected texts. Raises SignatureMissing, SignatureInvalid.

    For a header with several signatures, call it for each and accept one.
    """
    found = _bytes(given or "")
    matches = [hmac.compare_digest(_bytes(one), found) for one in expected]
    if not given:
        raise SignatureMissing("Nothing proves who sent this.")
    if not any(matches):
        raise SignatureInvalid("The signature does not fit.")


def check_token(given: str | None, secrets: WebhookSecrets) -> None:
    """Accept a fixed token that equals a live secret. Raises SignatureMissing, SignatureInvalid."""
    check_any(given, [secret for secret in secrets.secrets if secret])


def check_basic(request: InboundRequest, secrets: WebhookSecrets) -> None:
    """
    Accept `Authorization: Basic` with the user of `values["user"]` and a live secret as its password.

    Raises SignatureMissing, SignatureInvalid.
    """
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    user = secrets.values.get("user", "")
    pairs = [f"{user}:{secret}" for secret in secrets.secrets if secret and user]
    try:
        check_any(base64.b64decode(given, validate=True).decode() if kind.lower() == "basic" else None, pairs)
    except ValueError:  # no ASCII, no base64 or no UTF-8
        raise SignatureInvalid("The header Authorization cannot be read.") from None


def check_fresh(sent_at: str | None, request: InboundRequest, *, most_age_s: int = MOST_AGE_S) -> None:
    """
    Refuse what was signed long before it arrived, or after: somebody may have kept it.

    `sent_at` is epoch seconds as text, of the signed part. Raises SignatureMissing, SignatureInvalid.
    """
    if not sent_at:
        raise SignatureMissing("No time of signing.")
    if not (sent_at.isascii() and sent_at.isdecimal() and len(sent_at) <= 11):  # noqa: PLR2004  the year 5138
        raise SignatureInvalid("The time of signing cannot be read.")
    age = request.received_at - datetime.fromtimestamp(int(sent_at), UTC)
    if abs(age) > timedelta(seconds=most_age_s):
        raise SignatureInvalid("The request was signed too long ago.")


def epoch(moment: datetime) -> str:
    """Epoch seconds as text, for signing."""
    return str(int(moment.timestamp()))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")  # compare_digest refuses a str that is not ASCII
