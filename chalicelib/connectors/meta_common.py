"""
What the webhooks of every Meta product share: handshake, signature, and how ids, times and texts are written.

Source: developers.facebook.com/docs/graph-api/webhooks/getting-started, read
2026-11-23. A module and not a folder, so that it is not taken for a platform.
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

from chalicelib.ports.connector.receiving import (
    HandshakeAnswer,
    HandshakeRefused,
    InboundRequest,
    SignatureInvalid,
    SignatureMissing,
    WebhookSecrets,
)

SIGNATURE_HEADER = "x-hub-signature-256"
HEADERS = frozenset({SIGNATURE_HEADER})

# --- webhooks --------------------------------------------------------------------------------------------------


def handshake(request: InboundRequest, secrets: WebhookSecrets) -> HandshakeAnswer:
    """
    Echo `hub.challenge` as plain text to whoever knows the verify token.

    Quotes or JSON around the challenge make Meta reject the URL. Raises HandshakeRefused.
    """
    query = request.query
    known = secrets.verify_token
    given = query.get("hub.verify_token", "")
    if not known or not hmac.compare_digest(known.encode(), _bytes(given)):
        raise HandshakeRefused("The verify token is not ours.")
    if query.get("hub.mode") != "subscribe" or not query.get("hub.challenge"):
        raise HandshakeRefused("This is not a subscription handshake.")
    return HandshakeAnswer(body=query["hub.challenge"], content_type="text/plain")


def verify(request: InboundRequest, secrets: WebhookSecrets) -> None:
    """
    Check `X-Hub-Signature-256` over the wire's bytes; any live secret may match.

    Meta signs its own `\\uXXXX` escapes, so a decoded or re-serialised body
    never verifies. The legacy SHA-1 header is not looked at.
    Raises SignatureMissing, SignatureInvalid.
    """
    given = request.headers.get(SIGNATURE_HEADER)
    if not given:
        raise SignatureMissing("No X-Hub-Signature-256 header.")
    # Every secret is compared, so that the time taken does not tell which one matched. An empty one would let
    # anybody sign.
    matches = [
        hmac.compare_digest(_bytes(given), _signature(request.body, secret).encode())
        for secret in secrets.secrets
        if secret
    ]
    if not any(matches):
        raise SignatureInvalid("The signature does not fit the body.")


def sign(body: bytes, secret: str) -> Mapping[str, str]:
    """The header Meta would send with exactly these bytes: escape non-ASCII before, not after."""
    return {SIGNATURE_HEADER: _signature(body, secret)}


def _signature(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")  # compare_digest refuses a str that is not ASCII


# --- values on the wire ----------------------------------------------------------------------------------------

MILLISECONDS_FROM = 1e11  # as seconds this is the year 5138, as milliseconds March 1973
# Test deliveries carry numbers such as 12341; nothing of Meta's is older than its first year.
EARLIEST = datetime(2004, 1, 1, tzinfo=UTC)


def read_time(value: object) -> datetime | None:
    """
    Aware UTC in whole seconds, from seconds, milliseconds, digits in a string, or ISO text (`+0000` too).

    None for anything else and for what is before 2004, which no clock of Meta can mean.
    """
    try:
        moment = _moment(value)
    except (ValueError, OverflowError, OSError):
        return None
    if moment is None or moment < EARLIEST:
        return None
    return moment.replace(microsecond=0)


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        if not value.strip().isdecimal():
            return _iso(value)
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    seconds = value / 1000 if value > MILLISECONDS_FROM else value
    return datetime.fromtimestamp(seconds, UTC)


def _iso(text: str) -> datetime:
    moment = datetime.fromisoformat(text.strip())
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_id(value: object) -> str | None:
    """An id as text, whether it came as a string or a number. None for nothing; never through a float."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return clean(str(value).strip()) or None


def read_text(value: object) -> str | None:
    """Text as written, None when there is none."""
    return clean(value) or None if isinstance(value, str) else None


def clean(text: str) -> str:
    """The same text with U+FFFD for what stores refuse: lone surrogates (no UTF-8 has them) and NUL."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def fold(text: str) -> str:
    """Text for comparing with what a platform stored: one Unicode form, single spaces."""
    from chalicelib.domain.folding import normalized  # a webhook folds nothing

    return " ".join(normalized("NFC", text).split())
