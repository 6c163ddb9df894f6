"""
What a platform folder may offer, and the values that cross between it and us.

A connector does no I/O: it reads an `InboundRequest` and makes facts, or makes
an `HttpCall` and reads an `HttpResult`. Each protocol below is satisfied by a
module, not a class: `connectors/<platform>/webhook.py` and `reply.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from chalicelib.domain.facts import ChannelTrouble, Fact

EMPTY: Mapping[str, Any] = MappingProxyType({})
DASHBOARD_TEST = "dashboard_test"  # `Ignored.what` of a delivery that the platform's own page sends to try the URL


# --- a webhook comes in ----------------------------------------------------------------------------------------


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
class ChannelSettings:
    """
    What is known of a connected channel and is no secret.

    `app_ids`: our own applications, whose echoes are ours. `sends`: the
    accounts that there are keys to answer on; None when nobody has noted that.
    """

    accounts: frozenset[str] = frozenset()
    app_ids: frozenset[str] = frozenset()
    bot_app_ids: frozenset[str] = frozenset()
    sends: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeAnswer:
    """What the platform must hear back when it tests the URL."""

    body: str
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A part of a request that is no fact for us, with the reason in a few of our own words."""

    what: str  # a stable slug such as "like" or "unknown_field"; never text from the platform
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """
    An item that could not be read, beside others that could. The whole body is kept for it.

    `reason` is our own words, never text from the platform. `is_bug` says that the connector failed.
    """

    reason: str
    is_bug: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """Everything a request held: nothing is dropped without a line in `ignored` or `unread`."""

    facts: tuple[Fact, ...] = ()
    troubles: tuple[ChannelTrouble, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    unread: tuple[Unread, ...] = ()


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


class Unreadable(Exception):
    """
    A signed request of which we can read nothing. It goes whole to quarantine.

    Next step: mend the connector, then `earshot replay --quarantine`.
    """


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


# --- an answer goes out ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth1:
    """Sign with OAuth 1.0a, HMAC-SHA1, the token of one user."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token: str = field(repr=False)
    token_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Send `Authorization: Bearer`."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """One request to a platform API, as a value. `json` is None for a call without a body."""

    method: str
    url: str
    auth: OAuth1 | Bearer | None = None
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResult:
    """
    What came back. `headers` has lower-case names.

    `status` 0 means no answer was read: `sent` then tells whether the request
    may have reached the platform (a timeout) or surely did not (no connection).
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SendContext:
    """
    What a reply needs besides its text.

    `credentials` is the channel's secret value for `account_id`, as stored by
    `earshot secrets set`; `api_base` replaces the platform's host when set
    (stand-in servers, proxies). `now` is aware UTC.
    """

    account_id: str
    now: datetime
    credentials: Mapping[str, str] = field(repr=False)
    api_base: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundReply:
    """
    An answer to one customer message.

    `private` sends a direct message in the conversation of `customer_id`
    instead of a public post below `parent_id`. `first_tried_at` is when an
    attempt whose fate is unknown was first made (aware UTC), None before any.
    `needs_person` says that the platform's window for everything has ended,
    and that a person wrote this.
    """

    reply_id: str
    parent_id: str
    customer_id: str | None
    text: str
    private: bool = False
    needs_person: bool = False
    first_tried_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The platform took the answer. `posted_at` is the platform's time, None when it did not say."""

    message_id: str
    posted_at: datetime | None = None


class DeliveryError(Exception):
    """
    An answer did not go out; the type says what to do next.

        DeliveryError
        ├── Throttled        wait `retry_after_s`, then again
        ├── Unavailable      again with back-off: it surely did not arrive
        ├── MaybeSent        it may have arrived: look on the platform before another try
        ├── Refused          never again: a person must choose another way
        └── NotAuthorised    stop this account, re-authorise, then again

    `code` is a stable slug; `str(error)` is a plain sentence for the agent, without secrets or platform text.
    """

    retry_after_s: float | None = None

    def __init__(self, message: str, *, code: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after_s = retry_after_s


class Throttled(DeliveryError):
    """The platform asks us to slow down."""


class Unavailable(DeliveryError):
    """The platform could not take it, and surely did not."""


class MaybeSent(DeliveryError):
    """No trustworthy answer came: the post may exist."""


class Refused(DeliveryError):
    """The platform will never take this one."""


class NotAuthorised(DeliveryError):
    """Keys or token are no longer good."""


class Reply(Protocol):
    """`connectors/<platform>/reply.py`."""

    def check(self, reply: OutboundReply) -> None:
        """Refuse what the platform would refuse (length, empty text) before any call. Raises Refused."""
        ...

    def reply_call(self, reply: OutboundReply, context: SendContext) -> HttpCall:
        """The call that posts the answer. Raises NotAuthorised when the credentials lack a value."""
        ...

    def read_result(self, reply: OutboundReply, result: HttpResult, context: SendContext) -> Receipt:
        """Read the platform's answer. Raises the DeliveryError that says what to do next."""
        ...

    def lookup_call(self, reply: OutboundReply, context: SendContext) -> HttpCall:
        """The call that finds an answer of ours that may have arrived."""
        ...

    def read_lookup(self, reply: OutboundReply, result: HttpResult, context: SendContext) -> Receipt | None:
        """The receipt of the answer found, None when it is not there. Raises DeliveryError when that cannot be told."""
        ...
