"""How a connector takes an answer to the platform."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from chalicelib.ports.connector.calls import HttpCall, HttpResult


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
