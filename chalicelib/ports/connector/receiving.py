"""What a connector does with a request to our webhook, before anything of it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from chalicelib.ports.connector.parsing import ChannelSettings, Parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRequest:
    """
    One HTTP request from a platform, untouched.

    `headers` has lower-case names. `body` is the wire's bytes: signatures are
    checked over them. `received_at` is stamped once at the edge and kept
    through every replay.
    """

    platform: str
    channel: str  # "<platform>.<name>", the connected channel that the URL names
    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    received_at: datetime
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecrets:
    """
    What verifying needs. Every live secret is tried, so that one can be rotated without a gap; the first is ours.

    `secrets` sign requests; `verify_token` answers Meta's handshake.
    """

    secrets: tuple[str, ...] = field(repr=False)
    verify_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeAnswer:
    """What the platform must hear back when it tests the URL."""

    body: str
    content_type: str


class RequestRefused(Exception):
    """
    This cannot be a delivery from that platform. `status` is the HTTP answer, the message is safe to show.
    """

    status = 400


class SignatureMissing(RequestRefused):
    """No signature header. A missing configured secret refuses too: see `SecretMissing`."""

    status = 404  # as where there is no such channel: who proves nothing learns nothing


class SignatureInvalid(RequestRefused):
    """The signature is not that of these bytes under any live secret."""

    status = 404  # as where there is no such channel: who proves nothing learns nothing


class BodyRefused(RequestRefused):
    """Signed, but nothing that the platform would deliver."""

    status = 400


class HandshakeRefused(RequestRefused):
    """A handshake with a wrong or missing token."""

    status = 404  # as where there is no such channel: who proves nothing learns nothing


class Parse(Protocol):
    """`connectors/<platform>/parse.py`: reads bodies from a webhook and slices from a poll alike."""

    def parse(self, request: InboundRequest, settings: ChannelSettings) -> Parsed:
        """
        Make facts, each item by itself: one that cannot be read changes nothing for the others (`connectors.items`).

        Raises Unreadable when the body is not what the platform sends, or none of its items can be read.
        """
        ...


class Webhook(Protocol):
    """`connectors/<platform>/webhook.py`."""

    HEADERS: frozenset[str]  # lower-case header names that travel with the raw body

    def handshake(self, request: InboundRequest, secrets: WebhookSecrets) -> HandshakeAnswer:
        """
        Answer a GET. Raises HandshakeRefused.

        Anybody may ask: the answer must never be what `sign` makes of a text that `verify` would take.
        """
        ...

    def verify(self, request: InboundRequest, secrets: WebhookSecrets) -> None:
        """
        Check the signature over the raw bytes in constant time.

        Raises SignatureMissing, SignatureInvalid, and BodyRefused where a challenge is answered with a signature.
        """
        ...

    def sign(self, body: bytes, secret: str) -> Mapping[str, str]:
        """The headers the platform would send with this body: for `earshot send` and the tests."""
        ...

    def parse(self, request: InboundRequest, settings: ChannelSettings) -> Parsed:
        """
        Make facts, each item by itself: one that cannot be read changes nothing for the others (`connectors.items`).

        Raises Unreadable when the body is not what the platform sends, or none of its items can be read.
        """
        ...
