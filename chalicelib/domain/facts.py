"""
What a platform told us, in one vocabulary.

A connector reads a raw webhook and makes facts; nothing after it knows a
platform's wire format. A fact is about exactly one platform message.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class FactKind(StrEnum):
    """What happened to the message a fact is about."""

    MENTION = "mention"  # a person outside the brand wrote it, in public or in private
    ANSWER = "answer"  # the brand wrote it: an echo from the platform, or the receipt of our own send
    EDIT = "edit"  # its author changed its text
    DELETE = "delete"  # it is gone for good; its text must go too
    HIDE = "hide"  # the brand hid it; it still exists
    UNHIDE = "unhide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote a message. `id` is the platform's, opaque; None elsewhere means the platform did not say."""

    id: str
    handle: str | None = None
    name: str | None = None
    followers: int | None = None
    verified: bool | None = None

    @property
    def called(self) -> str:
        """The shortest name that people know them by; their id where the platform tells no name."""
        return self.handle or self.name or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """Something attached. `url` may expire and is None where the platform gives none (a location, a sticker)."""

    kind: str  # photo, video, gif, audio, file, link, location, sticker, other
    url: str | None = None
    title: str | None = None  # what the platform calls it, such as the headline of a shared page


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """
    One thing that happened to one platform message.

    `occurred_at` is the platform's own time (aware UTC) of what `kind` says;
    None when the platform gave none: then `received_at` stands in.
    `thread_id` is set only when the platform names the conversation itself;
    posts linked by nothing but `parent_id` leave it None.
    `author` is None when the platform withheld it: that is never the brand.
    For an ANSWER in a private conversation `customer_id` names the other side;
    a public ANSWER is addressed by `parent_id`.
    """

    kind: FactKind
    platform: str
    channel: str  # the connected channel that heard it, such as "x.main"
    account_id: str  # the brand's account on the platform that it concerns
    message_id: str
    received_at: datetime
    occurred_at: datetime | None = None
    thread_id: str | None = None
    parent_id: str | None = None
    author: Author | None = None
    customer_id: str | None = None
    text: str | None = None
    lang: str | None = None  # BCP 47; None when unknown
    permalink: str | None = None
    media: tuple[Media, ...] = ()
    private: bool = False
    rating: int | None = None  # stars, 1 to 5
    likes: int | None = None
    shares: int | None = None
    # When they were last counted, of several reports; None when that is `received_at`.
    counted_at: datetime | None = None
    # Place in the edit history: 0 is the original. A MENTION first seen in a later version says which.
    version: int = 0
    # Other platform ids under which the same message is known (X gives every edit a new id).
    alias_ids: tuple[str, ...] = ()
    # The author named us or quoted us in the text itself; None when that cannot be told.
    summoned: bool | None = None
    # The application through which an ANSWER was posted; None when unknown.
    via_app_id: str | None = None
    # False for an ANSWER written by a bot or template rather than a person (R6).
    by_person: bool = True
    # The channel's settings name `account_id` as ours; without that only the delivery itself says so.
    own_account: bool = False
    # Only the beginning of `text` is here: the platform sent no more, or more than is kept.
    cut: bool = False
    # What answering this message needs beside its ids (the root of a thread, a chat): the connector's own words.
    address: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def effective_at(self) -> datetime:
        """`min(occurred_at, received_at)`: nothing can have happened after we heard of it (R1)."""
        if self.occurred_at is None:
            return self.received_at
        return min(self.occurred_at, self.received_at)

    @property
    def reactions(self) -> int | None:
        """Likes and shares together; None when the platform tells of neither."""
        known = [count for count in (self.likes, self.shares) if count is not None]
        return sum(known) if known else None


class TroubleKind(StrEnum):
    """Ways a channel can stop hearing or answering; each raises an alarm."""

    ACCESS_REVOKED = "access_revoked"
    MESSAGING_BLOCKED = "messaging_blocked"
    REPLAY_INCOMPLETE = "replay_incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTrouble:
    """The platform says that a channel no longer works as before. `detail` is our own words, never theirs."""

    kind: TroubleKind
    platform: str
    channel: str
    account_id: str | None
    detail: str
    received_at: datetime
