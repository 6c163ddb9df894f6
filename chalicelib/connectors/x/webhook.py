"""
X webhooks: the challenge (CRC), the signature, and the way to the facts.

One URL receives Account Activity, X Activity and Filtered Stream deliveries;
all are signed alike. Rules: https://docs.x.com/x-api/webhooks/introduction,
read 2026-08-22.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping

from chalicelib.ports.connector.parsing import ChannelSettings, Parsed
from chalicelib.ports.connector.receiving import (
    BodyRefused,
    HandshakeAnswer,
    HandshakeRefused,
    InboundRequest,
    SignatureInvalid,
    SignatureMissing,
    WebhookSecrets,
)

SIGNATURE = "x-twitter-webhooks-signature"
HEADERS = frozenset({SIGNATURE})
# X does not say what its tokens are made of. Those recorded are base64, the documented examples letters and "_".
TOKEN = re.compile(r"[A-Za-z0-9_+/=.-]{1,128}")


def handshake(request: InboundRequest, secrets: WebhookSecrets) -> HandshakeAnswer:
    """
    Answer a challenge with our newest secret.

    A wrong token sent with a 2xx makes X stop delivering at once, a 4xx does
    not: so refuse whenever the right one is not known.

    The answer is the signature of the token, made with the secret that signs
    deliveries, and anybody may ask. So no token may be a text that `verify`
    takes: tokens have no brace, bodies begin with one.
    """
    token = request.query.get("crc_token", "")
    secret = next(iter(secrets.secrets), "")
    if not TOKEN.fullmatch(token) or not secret:
        raise HandshakeRefused("No crc_token of X's form, or no secret is configured for this channel.")
    return HandshakeAnswer(
        body=json.dumps({"response_token": _digest(token.encode(), secret)}), content_type="application/json"
    )


def verify(request: InboundRequest, secrets: WebhookSecrets) -> None:
    """
    Accept the signature of any live secret, over a JSON object: `handshake` signs other texts for anybody.

    X signs no timestamp: a repeated delivery verifies again. Raises
    SignatureMissing, SignatureInvalid, BodyRefused.
    """
    given = request.headers.get(SIGNATURE)
    if given is None:
        raise SignatureMissing(f"No {SIGNATURE} header.")
    digests = [_digest(request.body, secret) for secret in secrets.secrets if secret]
    matches = [hmac.compare_digest(digest.encode(), given.encode(errors="replace")) for digest in digests]
    if not any(matches):
        raise SignatureInvalid("The signature is not that of this body.")
    if not _is_object(request.body):
        raise BodyRefused("The body is not a JSON object.")


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False


def sign(body: bytes, secret: str) -> Mapping[str, str]:
    """The header X would send with this body."""
    return {SIGNATURE: _digest(body, secret)}


def parse(request: InboundRequest, settings: ChannelSettings) -> Parsed:
    """Make facts of whichever envelope this is. Raises Unreadable."""
    from chalicelib.connectors.x import envelopes  # pydantic comes with it, and verifying must not pay for that

    return envelopes.read(request, settings)


def _digest(message: bytes, secret: str) -> str:
    mac = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(mac).decode()
