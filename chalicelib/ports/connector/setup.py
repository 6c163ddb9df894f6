"""
What is done at a platform so that it tells us what is written, and how a channel is looked at.

As for answers, a connector does no I/O: it yields calls, is sent what came
back, and returns what it found (`calls.Steps`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from chalicelib.ports.connector.calls import Steps
from chalicelib.ports.connector.parsing import ChannelSettings
from chalicelib.ports.connector.receiving import WebhookSecrets
from chalicelib.ports.connector.replying import SendContext

NO_SECRETS = WebhookSecrets(secrets=())


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupContext(SendContext):
    """
    A channel of ours, as its platform is spoken to about it.

    `account_id` is empty where the channel's settings name none. `verify` are
    the secrets that its webhooks are checked with. `callback_url` is the
    address of its webhook, None on a stage that has none.
    """

    channel: str
    settings: ChannelSettings
    verify: WebhookSecrets = field(default=NO_SECRETS, repr=False)
    callback_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """
    What the platform will tell, and where to.

    `what` is for people, such as "comments and messages of page 900". `url` is
    where it goes, None where the platform does not say. `expires_at` (aware
    UTC) is None for one without an end.
    """

    what: str
    url: str | None = None
    is_active: bool = True
    expires_at: datetime | None = None


class Setup(Protocol):
    """
    `connectors/<platform>/setup.py`: behind `earshot webhooks`.

    Every step may be repeated: to register what is registered changes
    nothing. All raise the errors of `replying`, with sentences for operators.
    """

    def register(self, context: SetupContext) -> Steps[tuple[Subscription, ...]]:
        """Make the platform call `callback_url`, and tell of the account. What is registered then."""
        ...

    def subscriptions(self, context: SetupContext) -> Steps[tuple[Subscription, ...]]:
        """What the platform says is registered; nothing is changed."""
        ...

    def renew(self, context: SetupContext) -> Steps[tuple[Subscription, ...]]:
        """Prolong what ends by itself; elsewhere the same as `register`."""
        ...

    def unregister(self, context: SetupContext) -> Steps[tuple[Subscription, ...]]:
        """Make the platform stop. What is still registered then."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """
    One thing that was looked at on the platform, in a sentence for operators.

    `level` "fail": nothing is heard, or no answer goes out. "warn": something
    is missing, or soon will be. `command` is what mends it, without
    "earshot" before it, such as "webhooks register CHANNEL"; None where it is fine.
    """

    level: Literal["ok", "warn", "fail"]
    text: str
    command: str | None = None


class Health(Protocol):
    """`connectors/<platform>/health.py`: behind `earshot doctor`."""

    def check(self, context: SetupContext) -> Steps[tuple[Seen, ...]]:
        """
        Look at token, permissions and subscriptions of the account; nothing is changed.

        Raises the errors of `replying` for what keeps it from looking at anything.
        """
        ...
