"""
What a platform says of itself: everything that the core, the commands and the documents must know of it.

Kept light: a webhook's cold start pays for this module, and the command line
and the documentation read the manifest of every platform.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from chalicelib.domain.platforms import Platform, ReplyWindow
from chalicelib.ports.connector.receiving import WebhookFacts

FREE = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A value an operator must supply. `use` is "verify" (checking webhooks) or "send" (calling the platform)."""

    name: str
    use: Literal["verify", "send"]
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLimit:
    """
    The longest answer of one kind, public or private.

    `unit` says what is counted, such as "characters", "bytes" or "weighted
    characters". `where` says for people which answers, such as "in a direct
    message".
    """

    most: int
    where: str
    private: bool = False
    unit: str = "characters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """
    What the platform takes for one call, in US dollars. None: unknown. 0: free.

    `note` is for people: what the sum depends on.
    """

    read_usd: Decimal | None = None
    reply_usd: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollFacts:
    """
    How often and how much a platform is asked (`poll.py`), for each account.

    `every` is from one poll to the next, a minute at least. One poll makes at
    most `most_calls` in at most `most_s` seconds; what is left is asked for a
    minute later. `fetches`: `parse` may ask for ids to fetch, and a poll with
    such ids does not wait for `every`.
    """

    every: timedelta
    most_calls: int = 10
    most_s: float = 10.0
    fetches: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """
    One platform. `docs/connectors.md` and the table of README.md are made from these.

    `title` heads a section and may tell more, `name` is what alerts, pages and
    commands call the platform. `hears` and `answers` are a few words each for
    the table of README.md; `reads` says in full what becomes a fact, one line
    for each kind. `mention_prefix` stands before the handle of somebody who is
    addressed. `reply_window` None: no end to answering in private.
    `reply_kinds` says which answers can be given. `repeatable`: an answer that
    is sent twice arrives once, so that none of its calls `posts`. `renew_every`
    is how often `setup.renew` must be run so that the webhook does not end.
    `public_keys`: verifying or calling needs public-key cryptography, and the
    package of the functions has a library for it.
    """

    title: str
    name: str
    docs_url: str
    reads: tuple[str, ...]
    hears: str
    answers: str = ""
    secrets: tuple[Secret, ...]
    webhook: WebhookFacts | None = None
    mention_prefix: str = ""
    reply_window: ReplyWindow | None = None
    reply_kinds: frozenset[Literal["public", "private"]] = frozenset({"public", "private"})
    repeatable: bool = False
    public_keys: bool = False
    limits: tuple[TextLimit, ...] = ()
    price: Price = Price()
    poll: PollFacts | None = None
    renew_every: timedelta | None = None
    verified_by: Literal["fixtures", "sandbox", "live"] = "fixtures"
    read_on: str = ""  # date on which the platform's pages were read
    unconfirmed: tuple[str, ...] = ()  # guesses: each is one line to change
    known_limits: tuple[str, ...] = ()

    @property
    def core(self) -> Platform:
        """The part that the domain reads."""
        return Platform(name=self.name, mention_prefix=self.mention_prefix, window=self.reply_window)
