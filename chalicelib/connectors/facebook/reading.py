"""What the readers of feed and Messenger items share: where an item was heard, and the fact made of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.facts import ChannelTrouble, Fact, FactKind, Media, TroubleKind
from chalicelib.ports.connector.parsing import ChannelSettings, Ignored, Unreadable
from chalicelib.ports.connector.receiving import InboundRequest

PLATFORM = "facebook"
MOST_TITLE_CHARS = 500  # of a headline beside a link

Outcome = Fact | ChannelTrouble | Ignored


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryContext:
    """The entry an item stands in. `page` is its id, `sent_at` when Meta sent it: not when the item happened."""

    request: InboundRequest
    settings: ChannelSettings
    page: str
    sent_at: datetime | None

    def is_brand(self, person_id: str | None) -> bool:
        """Whether this Page, or another account of the channel, goes by that id. An unknown person never is."""
        return person_id is not None and (person_id == self.page or person_id in self.settings.accounts)

    def fact(self, kind: FactKind, message_id: str, **known: Any) -> Fact:
        """A fact about a message, as this Page heard it."""
        return Fact(
            kind=kind,
            platform=PLATFORM,
            channel=self.request.channel,
            account_id=self.page,
            message_id=message_id,
            received_at=self.request.received_at,
            **known,
        )

    def trouble(self, kind: TroubleKind, account_id: str | None, detail: str) -> ChannelTrouble:
        """A trouble of this channel."""
        return ChannelTrouble(
            kind=kind,
            platform=PLATFORM,
            channel=self.request.channel,
            account_id=account_id,
            detail=detail,
            received_at=self.request.received_at,
        )


def required(value: str | None, name: str) -> str:
    """The value. Raises Unreadable: an item that cannot be addressed must not be lost in silence."""
    if value is None:
        raise Unreadable(f"an item lacks its {name}")
    return value


def media(kind: str, url: str | None, title: str | None = None) -> Media:
    """An attachment; addresses other than http(s), such as relative paths, are dropped."""
    known = url if url and url.startswith(("https://", "http://")) else None
    return Media(kind=kind, url=known, title=title[:MOST_TITLE_CHARS] if title else None)
