"""What a connector does with a request to our webhook, before anything of it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from chalicelib.ports.connector.calls import HttpCall


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRequest:
    """
    One HTTP request from a platform, untouched; or a slice of a poll, which has a body and its headers alone.

    `url` is our public address as the platform called it, with the query.
    `headers` has lower-case names. `body` is the wire's bytes: signatures are
    checked over them. `received_at` is stamped once at the edge and kept
    through every replay.
    """

    platform: str
    channel: str  # "<platform>.<name>", the connected channel that the URL names
    method: str
    url: str = ""
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    received_at: datetime
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecrets:
    """
    What verifying needs. Every live secret is tried, so that one can be rotated without a gap; the first is ours.

    `secrets` sign requests, or are the fixed tokens that come with them;
    `verify_token` answers Meta's handshake; `values` are the other values that
    the manifest names for verifying (an audience, an account, a topic).
    `keys` is the document at `key_url`, as its host gave it.
    """

    secrets: tuple[str, ...] = field(repr=False)
    verify_token: str | None = field(default=None, repr=False)
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    keys: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    What the platform must hear back.

    `call` is one that we must make before (a confirmation): only ever to a
    host that the connector names itself.
    """

    body: str = ""
    content_type: str = "text/plain"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    call: HttpCall | None = None


class Protection(StrEnum):
    """What proves that a request is the platform's; whatever is not protected may have been changed on the way."""

    BODY = "body"  # a shared secret signs the body
    REQUEST = "request"  # a shared secret signs the body with more: the address, a form, the time
    KEYS = "keys"  # the platform's private key signs it
    TOKEN = "token"  # a fixed secret comes with it: nothing is signed  # noqa: S105
    SENDER = "sender"  # the platform's private key signs who sends: the body is not signed


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFacts:
    """
    What the core must know of a platform's webhook; a part of the manifest.

    `headers` (lower case) and `query` name what `verify` or `parse` reads, and
    alone travels with the body. `handshakes` are the methods by which the
    platform tests the URL. `accepted` answers a delivery, None: in our own
    words. `refused` is for platforms that must not hear of a refusal, None: 404
    as where there is no such channel. `batches`: one delivery may tell of
    several things.
    """

    protection: Protection = Protection.BODY
    headers: frozenset[str] = frozenset()
    query: frozenset[str] = frozenset()
    handshakes: frozenset[Literal["GET", "POST"]] = frozenset()
    content_types: frozenset[str] = frozenset({"application/json"})
    accepted: Answer | None = None
    refused: Answer | None = None
    batches: bool = True


class RequestRefused(Exception):
    """
    This cannot be a delivery from that platform. `status` is the HTTP answer, the message is safe to show.
    """

    status = 400


class SignatureMissing(RequestRefused):
    """Nothing that proves anything. A missing configured secret refuses too: see `SecretMissing`."""

    status = 404  # as where there is no such channel: who proves nothing learns nothing


class SignatureInvalid(RequestRefused):
    """What should prove it does not: not these bytes, not this address, too old, another's, or of no live secret."""

    status = 404  # as where there is no such channel: who proves nothing learns nothing


class BodyRefused(RequestRefused):
    """Signed, but nothing that the platform would deliver."""

    status = 400


class HandshakeRefused(RequestRefused):
    """A handshake with a wrong or missing token."""

    status = 404  # as where there is no such channel: who proves nothing learns nothing


class Webhook(Protocol):
    """`connectors/<platform>/webhook.py`. A platform with handshakes satisfies `Handshakes`, too."""

    def verify(self, request: InboundRequest, secrets: WebhookSecrets) -> None:
        """
        Check what proves that the request is the platform's; secrets are compared in constant time, each of them.

        Raises SignatureMissing, SignatureInvalid, and BodyRefused where a challenge is answered with a signature.
        """
        ...

    def sign(self, request: InboundRequest, secrets: WebhookSecrets) -> InboundRequest:
        """
        The same request as the platform would send it at `received_at`: for `earshot send` and the tests.

        Where the platform signs with a private key, the first secret is taken for one (PEM).
        """
        ...


class Handshakes(Protocol):
    """A webhook that the platform tests, by the methods that the manifest names."""

    def handshake(self, request: InboundRequest, secrets: WebhookSecrets) -> Answer | None:
        """
        Answer a GET, or raise HandshakeRefused. A POST has been verified before; None says that it is a delivery.

        Anybody may ask by GET: the answer must never be what `sign` makes of a text that `verify` would take.
        """
        ...


class WithKeys(Protocol):
    """A webhook that is verified with the platform's public keys."""

    def key_url(self, request: InboundRequest, secrets: WebhookSecrets) -> str:
        """
        Where the keys are, on a host that the connector names itself; asked before anything is verified.

        What a stranger cannot know (a topic) is compared here already, so that strangers cause no calls.

        Raises SignatureMissing, SignatureInvalid for a request that names another place.
        """
        ...
