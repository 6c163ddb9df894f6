"""
X webhooks: the challenge (CRC) and the signature.

One URL receives Account Activity, X Activity and Filtered Stream deliveries;
all are signed alike. Rules: https://docs.x.com/x-api/webhooks/introduction,
read 2026-08-22.
"""

import json
import re
from dataclasses import replace

from chalicelib.connectors._kit.signature import check_hmac, hmac_text
from chalicelib.ports.connector.receiving import (
    Answer,
    BodyRefused,
    HandshakeRefused,
    InboundRequest,
    WebhookSecrets,
)

SIGNATURE = "x-twitter-webhooks-signature"
# X does not say what its tokens are made of. Those recorded are base64, the documented examples letters and "_".
TOKEN = re.compile(r"[A-Za-z0-9_+/=.-]{1,128}")


def handshake(request: InboundRequest, secrets: WebhookSecrets) -> Answer:
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
    response = hmac_text(token.encode(), secret, spelling="base64", prefix="sha256=")
    return Answer(body=json.dumps({"response_token": response}), content_type="application/json")


def verify(request: InboundRequest, secrets: WebhookSecrets) -> None:
    """
    Accept the signature of any live secret, over a JSON object: `handshake` signs other texts for anybody.

    X signs no timestamp: a repeated delivery verifies again. Raises
    SignatureMissing, SignatureInvalid, BodyRefused.
    """
    check_hmac(request.headers.get(SIGNATURE), request.body, secrets, spelling="base64", prefix="sha256=")
    try:
        is_object = isinstance(json.loads(request.body), dict)
    except (ValueError, RecursionError):
        is_object = False
    if not is_object:
        raise BodyRefused("The body is not a JSON object.")


def sign(request: InboundRequest, secrets: WebhookSecrets) -> InboundRequest:
    """With the header that X would send."""
    signature = hmac_text(request.body, secrets.secrets[0], spelling="base64", prefix="sha256=")
    return replace(request, headers={**request.headers, SIGNATURE: signature})
