"""How a connector takes an answer to the platform."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from chalicelib.ports.connector.calls import Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class SendContext:
    """
    What a reply needs besides its text.

    `credentials` is the channel's secret value for `account_id`, as stored by
    `earshot secrets set`, with a live `access_token` where the platform's
    folder has a `token.py`; `api_base` replaces the platform's host when set (stand-in
    servers, proxies). `now` is aware UTC.
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
    instead of a public post below `parent_id`. `address` is what the connector
    stored with that message for this moment (`Fact.address`): the root of a
    thread, a chat, a handle. `first_tried_at` is when an attempt whose fate is
    unknown was first made (aware UTC), None before any. `needs_person` says
    that the platform's window for everything has ended, and that a person
    wrote this. `progress` is that of the last `Later`, empty before any.
    """

    reply_id: str
    parent_id: str
    customer_id: str | None
    text: str
    private: bool = False
    needs_person: bool = False
    first_tried_at: datetime | None = None
    address: Mapping[str, str] = field(default_factory=dict)
    progress: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The platform took the answer. `posted_at` is the platform's time, None when it did not say."""

    message_id: str
    posted_at: datetime | None = None


class DeliveryError(Exception):
    """
    An answer did not go out; the type says what to do next.

        DeliveryError
        ├── Throttled          wait `retry_after_s`, then again
        ├── Unavailable        again with back-off: it surely did not arrive, or may arrive twice without harm
        ├── MaybeSent          it may have arrived: look on the platform before another try
        ├── Refused            never again: a person must choose another way
        └── NotAuthorised      stop this account, re-authorise, then again
            └── TokenExpired   refresh the token and try again, before a person is bothered

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
    """The platform could not take it, and surely did not, or taking it twice does no harm."""


class MaybeSent(DeliveryError):
    """No trustworthy answer came: the post may exist."""


class Refused(DeliveryError):
    """The platform will never take this one."""


class NotAuthorised(DeliveryError):
    """Keys or token are no longer good."""


class TokenExpired(NotAuthorised):
    """An access token is no longer good, but the keys may be: it surely did not arrive."""


class Reply(Protocol):
    """`connectors/<platform>/reply.py`."""

    def check(self, reply: OutboundReply) -> None:
        """Refuse what the platform would refuse (length, empty text) before any call. Raises Refused."""
        ...

    def send(self, reply: OutboundReply, context: SendContext) -> Steps[Receipt]:
        """
        The calls that post the answer, in order.

        Only the one that must not be made twice has `posts`. Before it every
        error but MaybeSent is allowed; after it the steps make no call that
        could fail the answer. Raises the DeliveryError that says what to do
        next; NotAuthorised when the credentials lack a value.
        """
        ...


@runtime_checkable
class Looks(Protocol):
    """A `Reply` that can find an answer which may have arrived. Without it a person must look."""

    def look(self, reply: OutboundReply, context: SendContext) -> Steps[Receipt | None]:
        """
        The calls that look for it, none of which changes anything.

        Returns its receipt, None only when it is surely not there. Raises
        DeliveryError when that cannot be told.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """
    What a platform gives for a while. `refresh_token` is None when the old one stays good.

    `expires_at` is aware UTC, None for a token that says no end.
    """

    access_token: str = field(repr=False)
    expires_at: datetime | None = None
    refresh_token: str | None = field(default=None, repr=False)


class Renew(Protocol):
    """`connectors/<platform>/token.py`, for platforms whose access tokens expire."""

    def renew(self, context: SendContext) -> Steps[Tokens]:
        """
        The calls that get a new access token for `context.credentials`.

        `refresh_token` there is the newest that is known. Raises NotAuthorised
        when a person must connect the account anew, Unavailable when another
        try may do.
        """
        ...
