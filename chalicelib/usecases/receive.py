"""
A platform calls: answer its handshake, or check what proves the request and put it raw on the queue.

Nothing is parsed and nothing is stored here; what the queue has cannot be
lost by a bug in a parser. Light imports only: this is the webhook's cold
start.
"""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import cast

from chalicelib.ports.connector.receiving import (
    Answer,
    HandshakeRefused,
    Handshakes,
    InboundRequest,
    Protection,
    RequestRefused,
    SignatureInvalid,
    SignatureMissing,
    Webhook,
    WebhookFacts,
    WebhookSecrets,
    WithKeys,
)
from chalicelib.ports.http import Http
from chalicelib.ports.inbound import Bodies, InboundMessage, encode, large_body_ref
from chalicelib.ports.queues import Queues
from chalicelib.ports.secrets import SecretMissing, VerifySecrets
from chalicelib.ports.web_keys import WebKeys

JSON = "application/json"
MOST_BYTES = 4_000_000  # a Lambda takes 6 MB with everything around the body
NOBODYS = WebhookSecrets(secrets=("nobody's",), verify_token="nobody's")  # noqa: S106  opens nothing
WITH_KEYS = frozenset({Protection.KEYS, Protection.SENDER})


class BodyEmpty(RequestRefused):
    """A delivery without a body."""

    status = 400


class TypeRefused(RequestRefused):
    """A body of a type that the platform does not send."""

    status = 415


class BodyTooLarge(RequestRefused):
    """More than any platform sends."""

    status = 413


class NotConfirmed(Exception):
    """The platform did not take our confirmation: it may ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What receiving needs from outside."""

    secrets: VerifySecrets
    queues: Queues
    bodies: Bodies
    keys: WebKeys
    http: Http


def shake_hands(request: InboundRequest, connector: Webhook, facts: WebhookFacts, secrets: VerifySecrets) -> Answer:
    """
    Answer a GET. Raises HandshakeRefused, SecretMissing.

    People set a secret and test the URL in the next minute, so an old value will not do.
    """
    if "GET" not in facts.handshakes:
        raise HandshakeRefused("The platform does not test its URL in this way.")
    handshakes = cast("Handshakes", connector)
    try:
        known = secrets.verify_secrets(request.channel, fresh=True)
    except SecretMissing:
        with suppress(HandshakeRefused):
            handshakes.handshake(request, NOBODYS)
        raise
    answer = handshakes.handshake(request, known)
    if answer is None:
        raise HandshakeRefused("This is no test of the URL.")
    return answer


def receive(request: InboundRequest, connector: Webhook, facts: WebhookFacts, ports: Ports) -> Answer:
    """
    Accept a delivery: when this returns, it is on the queue, or it was a handshake and has been answered.

    Raises RequestRefused with the HTTP status to answer, SecretMissing,
    KeysUnavailable and NotConfirmed, and whatever the queue raises: then the
    platform sends again.
    """
    given = request.headers.get("content-type")  # whoever names none is taken at their word
    if given is not None and given.split(";", maxsplit=1)[0].strip().lower() not in facts.content_types:
        raise TypeRefused(f"send the body as {' or '.join(sorted(facts.content_types))}")
    if not request.body:
        raise BodyEmpty("the request has no body")
    if len(request.body) > MOST_BYTES:
        raise BodyTooLarge(f"the body is larger than {MOST_BYTES} bytes")
    secrets = _verified(request, connector, facts, ports)
    if "POST" in facts.handshakes:
        answer = cast("Handshakes", connector).handshake(request, secrets)
        if answer is not None:
            _confirm(answer, ports.http)
            return answer
    ports.queues.send("inbound", [encode(_message(request, facts, ports.bodies))])
    return facts.accepted or Answer(body=json.dumps({"accepted": request.request_id}), content_type=JSON)


def _confirm(answer: Answer, http: Http) -> None:
    if answer.call is not None and not 200 <= http.perform(answer.call).status < 300:  # noqa: PLR2004  any success
        raise NotConfirmed


def _verified(request: InboundRequest, connector: Webhook, facts: WebhookFacts, ports: Ports) -> WebhookSecrets:
    """What does not match may be of a secret that was rotated, or a channel that was connected, a moment ago."""
    try:
        return _check(request, connector, facts, ports, fresh=False)
    except (SignatureMissing, SignatureInvalid, SecretMissing):
        return _check(request, connector, facts, ports, fresh=True)


def _check(
    request: InboundRequest, connector: Webhook, facts: WebhookFacts, ports: Ports, *, fresh: bool
) -> WebhookSecrets:
    """A channel that is not connected makes as much work as one that is, so that no time tells which."""
    try:
        known = ports.secrets.verify_secrets(request.channel, fresh=fresh)
    except SecretMissing:
        with suppress(RequestRefused):
            _prove(request, connector, facts, NOBODYS, ports.keys, fresh=fresh)
        raise
    return _prove(request, connector, facts, known, ports.keys, fresh=fresh)


def _prove(
    request: InboundRequest,
    connector: Webhook,
    facts: WebhookFacts,
    secrets: WebhookSecrets,
    keys: WebKeys,
    *,
    fresh: bool,
) -> WebhookSecrets:
    """The secrets with the keys that were fetched. Raises what `verify` and `key_url` raise, and KeysUnavailable."""
    if facts.protection in WITH_KEYS:
        url = cast("WithKeys", connector).key_url(request, secrets)
        secrets = replace(secrets, keys=keys.document(url, fresh=fresh))
    connector.verify(request, secrets)
    return secrets


def _message(request: InboundRequest, facts: WebhookFacts, bodies: Bodies) -> InboundMessage:
    message = InboundMessage(
        platform=request.platform,
        channel=request.channel,
        headers={name: value for name, value in request.headers.items() if name in facts.headers},
        query={name: value for name, value in request.query.items() if name in facts.query},
        received_at=request.received_at,
        request_id=request.request_id,
        body=request.body,
    )
    body_ref = large_body_ref(message)
    if body_ref is None:
        return message
    bodies.put(body_ref, request.body)
    return replace(message, body=None, body_ref=body_ref)
