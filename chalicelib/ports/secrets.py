"""Secrets and settings of the connected channels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.ports.connector.parsing import ChannelSettings
from chalicelib.ports.connector.receiving import WebhookSecrets


class SecretMissing(Exception):
    """
    A channel has no value of the wanted kind: everything is refused until it has.

    Next step: `earshot secrets set <channel>`.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class SendSecrets:
    """What answering on one account of a channel needs. `api_base` replaces the platform's host when set."""

    credentials: Mapping[str, str] = field(repr=False)
    api_base: str | None = None


class VerifySecrets(Protocol):
    """What checking a webhook needs."""

    def verify_secrets(self, channel: str, *, fresh: bool = False) -> WebhookSecrets:
        """
        A few minutes old at most; `fresh` asks again, for what did not match, but not every time.

        The channel may be a stranger's text: none costs a call of its own. Raises SecretMissing.
        """
        ...


class Channels(Protocol):
    """What is known of channels and no secret."""

    def settings(self, channel: str) -> ChannelSettings:
        """Empty settings for a channel that nobody has described."""
        ...


class SendingSecrets(Protocol):
    """What answering needs."""

    def send_secrets(self, channel: str, account_id: str, *, fresh: bool = False) -> SendSecrets:
        """
        What is set for the account and for the app; for the empty account the app's alone, which may be nothing.

        `fresh` asks for what may have changed a moment ago. Raises SecretMissing.
        """
        ...
