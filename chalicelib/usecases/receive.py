"""
A platform calls: answer its handshake, or check its signature and put the raw request on the queue.

Nothing is parsed and nothing is stored here; what the queue has cannot be
lost by a bug in a parser. Light imports only: this is the webhook's cold
start.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

from chalicelib.ports.connector.receiving import (
    HandshakeAnswer,
    HandshakeRefused,
    InboundRequest,
    RequestRefused,
    SignatureInvalid,
    SignatureMissing,
    Webhook,
    WebhookSecrets,
)
from chalicelib.ports.inbound import Bodies, InboundMessage, encode, large_body_ref
from chalicelib.ports.queues import Queues
from chalicelib.ports.secrets import SecretMissing, VerifySecrets

JSON = "application/json"
MOST_BYTES = 4_000_000  # a Lambda takes 6 MB with everything around the body
NOBODYS = WebhookSecrets(secrets=("nobody's",), verify_token="nobody's")  # noqa: S106  opens nothing


class BodyEmpty(RequestRefused):
    """A delivery without a body."""

    status = 400


class TypeRefused(RequestRefused):
    """A body that does not claim to be JSON."""

    status = 415


class BodyTooLarge(RequestRefused):
    """More than any platform sends."""

    status = 413


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What receiving needs from outside."""

    secrets: VerifySecrets
    queues: Queues
    bodies: Bodies


def shake_hands(request: InboundRequest, connector: Webhook, secrets: VerifySecrets) -> HandshakeAnswer:
    """
    Raises HandshakeRefused, SecretMissing.

    People set a secret and test the URL in the next minute, so an old value will not do.
    """
    try:
        known = secrets.verify_secrets(request.channel, fresh=True)
    except SecretMissing:
        with suppress(HandshakeRefused):
            connector.handshake(request, NOBODYS)
        raise
    return connector.handshake(request, known)


def receive(request: InboundRequest, connector: Webhook, ports: Ports) -> None:
    """
    Accept a delivery: when this returns, it is on the queue.

    Raises RequestRefused with the HTTP status to answer, SecretMissing, and
    whatever the queue raises: then the platform sends again.
    """
    if not _is_json(request.headers.get("content-type", JSON)):
        raise TypeRefused(f"send the body as {JSON}")
    if not request.body:
        raise BodyEmpty("the request has no body")
    if len(request.body) > MOST_BYTES:
        raise BodyTooLarge(f"the body is larger than {MOST_BYTES} bytes")
    _verify(request, connector, ports.secrets)
    ports.queues.send("inbound", [encode(_message(request, connector, ports.bodies))])


def _is_json(content_type: str) -> bool:
    return content_type.split(";", maxsplit=1)[0].strip().lower() == JSON


def _verify(request: InboundRequest, connector: Webhook, secrets: VerifySecrets) -> None:
    """What does not match may be of a secret that was rotated, or a channel that was connected, a moment ago."""
    try:
        _check(request, connector, secrets, fresh=False)
    except (SignatureMissing, SignatureInvalid, SecretMissing):
        _check(request, connector, secrets, fresh=True)


def _check(request: InboundRequest, connector: Webhook, secrets: VerifySecrets, *, fresh: bool) -> None:
    """A channel that is not connected makes as much work as one that is, so that no time tells which."""
    try:
        known = secrets.verify_secrets(request.channel, fresh=fresh)
    except SecretMissing:
        with suppress(RequestRefused):
            connector.verify(request, NOBODYS)
        raise
    connector.verify(request, known)


def _message(request: InboundRequest, connector: Webhook, bodies: Bodies) -> InboundMessage:
    message = InboundMessage(
        platform=request.platform,
        channel=request.channel,
        headers={name: value for name, value in request.headers.items() if name in connector.HEADERS},
        received_at=request.received_at,
        request_id=request.request_id,
        body=request.body,
    )
    body_ref = large_body_ref(message)
    if body_ref is None:
        return message
    bodies.put(body_ref, request.body)
    return replace(message, body=None, body_ref=body_ref)
