"""What a connector makes of a body: facts, and a line for everything that is none."""

from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.facts import ChannelTrouble, Fact
from chalicelib.ports.connector.receiving import InboundRequest

DASHBOARD_TEST = "dashboard_test"  # `Ignored.what` of a delivery that the platform's own page sends to try the URL


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
    """
    Everything a request held: nothing is dropped without a line in `ignored` or `unread`.

    `wanted` are ids of what the request only names: the channel's next poll
    shall fetch them.
    """

    facts: tuple[Fact, ...] = ()
    troubles: tuple[ChannelTrouble, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    unread: tuple[Unread, ...] = ()
    wanted: tuple[str, ...] = ()


class Unreadable(Exception):
    """
    A signed request of which we can read nothing. It goes whole to quarantine.

    Next step: mend the connector, then `earshot replay --quarantine`.
    """


class Parse(Protocol):
    """`connectors/<platform>/parse.py`: reads what a webhook delivered and what a poll heard, alike."""

    def parse(self, request: InboundRequest, settings: ChannelSettings) -> Parsed:
        """
        Make facts, each item by itself: one that cannot be read changes nothing for the others (`_kit.items`).

        Raises Unreadable when the body is not what the platform sends, or none of its items can be read.
        """
        ...
