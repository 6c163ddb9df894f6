"""One delivery being read: what every fact in it has in common."""

from dataclasses import dataclass
from typing import Any

from chalicelib.domain.facts import ChannelTrouble, Fact, TroubleKind
from chalicelib.ports.connector.parsing import ChannelSettings
from chalicelib.ports.connector.receiving import InboundRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """
    The request, and the account that its envelope is for (None when it names none).

    `summons` is True while reading an event that says by its name that the author named or quoted us.
    """

    request: InboundRequest
    settings: ChannelSettings
    account_id: str | None = None
    summons: bool = False

    @property
    def brand(self) -> frozenset[str]:
        """Our account ids: those we know of, and the one this envelope is for."""
        return self.settings.accounts | ({self.account_id} if self.account_id else set())

    def fact(self, **about: Any) -> Fact:
        """A fact with what the request already says."""
        return Fact(
            platform=self.request.platform,
            channel=self.request.channel,
            received_at=self.request.received_at,
            **about,
        )

    def trouble(self, kind: TroubleKind, account_id: str | None, detail: str) -> ChannelTrouble:
        """A trouble with what the request already says. `detail` is our own words."""
        return ChannelTrouble(
            kind=kind,
            platform=self.request.platform,
            channel=self.request.channel,
            account_id=account_id,
            detail=detail,
            received_at=self.request.received_at,
        )
