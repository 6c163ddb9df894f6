"""Where listening stands: what was heard of each account, when to ask again, and which ids to fetch."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPlace:
    """
    How far one account of a channel is heard. All times are aware UTC.

    `account_id` is empty for a channel without accounts. `cursor` is the JSON
    text of the connector's object, None before the first slice. `next_at` is when to
    ask again, None at once. `leased_until`: somebody asks right now, until
    then at the latest. `failures` counts the tries since one went well,
    `failing_since` is the first of them and `failure` the last one's slug.
    `callback_url` is the address that the platform was told, and `renew_at`
    when to tell it again; None for a webhook that has no end. `version` is
    that of the stored item, 0 before there is one.
    """

    channel: str
    account_id: str = ""
    cursor: str | None = None
    next_at: datetime | None = None
    leased_until: datetime | None = None
    heard_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    failure: str = ""
    callback_url: str | None = None
    renew_at: datetime | None = None
    version: int = 0

    @property
    def platform(self) -> str:
        return self.channel.partition(".")[0]


class Cursors(Protocol):
    """One place for each account that is asked for."""

    def places(self) -> tuple[PollPlace, ...]:
        """All that are stored: one read, however many channels there are."""
        ...

    def save(self, place: PollPlace) -> PollPlace:
        """Store it over the version that it was read at; the new one. Raises `ports.table.Conflict`."""
        ...

    def wanted(self, channel: str, most: int) -> tuple[str, ...]:
        """Ids to fetch on the channel, at most so many."""
        ...

    def settled(self, channel: str, ids: Iterable[str]) -> None:
        """They need not be fetched any more."""
        ...


class Wants(Protocol):
    """What triage leaves for the next poll."""

    def want(self, channel: str, ids: Iterable[str], now: datetime) -> None:
        """Fetch these at the next poll of the channel; after a week nobody does. `now` is aware UTC."""
        ...
