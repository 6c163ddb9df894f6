"""
What the webhooks of every Meta product share: handshake and signature.

Source: developers.facebook.com/docs/graph-api/webhooks/getting-started, read
2026-11-23.
"""

import hmac
from dataclasses import replace

from chalicelib.connectors._kit.signature import check_hmac, hmac_text
from chalicelib.ports.connector.receiving import (
    Answer,
    HandshakeRefused,
    InboundRequest,
    WebhookFacts,
    WebhookSecrets,
)

SIGNATURE = "x-hub-signature-256"
FACTS = WebhookFacts(headers=frozenset({SIGNATURE}), handshakes=frozenset({"GET"}))


def handshake(request: InboundRequest, secrets: WebhookSecrets) -> Answer:
    """
    Echo `hub.challenge` as plain text to whoever knows the verify token.

    Quotes or JSON around the challenge make Meta reject the URL. Raises HandshakeRefused.
    """
    query = request.query
    known = secrets.verify_token
    given = query.get("hub.verify_token", "")
    if not known or not hmac.compare_digest(known.encode(), given.encode(errors="replace")):
        raise HandshakeRefused("The verify token is not ours.")
    if query.get("hub.mode") != "subscribe" or not query.get("hub.challenge"):
        raise HandshakeRefused("This is not a subscription handshake.")
    return Answer(body=query["hub.challenge"])


def verify(request: InboundRequest, secrets: WebhookSecrets) -> None:
    """
    Check `X-Hub-Signature-256` over the wire's bytes; any live secret may match.

    Meta signs its own `\\uXXXX` escapes, so a decoded or re-serialised body
    never verifies. The legacy SHA-1 header is not looked at.
    Raises SignatureMissing, SignatureInvalid.
    """
    check_hmac(request.headers.get(SIGNATURE), request.body, secrets, prefix="sha256=")


def sign(request: InboundRequest, secrets: WebhookSecrets) -> InboundRequest:
    """With the header that Meta would send with exactly these bytes: escape non-ASCII before, not after."""
    signature = hmac_text(request.body, secrets.secrets[0], prefix="sha256=")
    return replace(request, headers={**request.headers, SIGNATURE: signature})
