"""
What is kept of cases, and the store that keeps it.

A `Commit` is one transaction: everything in it happens or nothing. The store
refuses it with `Conflict` when anything it rests on has changed since it was
read; the use case then reads again and decides anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from chalicelib.domain.case.state import CaseState
from chalicelib.domain.clock import Clock
from chalicelib.domain.events import Event
from chalicelib.domain.facts import Author, Fact
from chalicelib.domain.labels import Labels
from chalicelib.domain.priority import Weights
from chalicelib.domain.testimony import Testimony
from chalicelib.domain.watch import Due, PageKind
from chalicelib.ports.customers import Customers, KnownCustomer
from chalicelib.ports.table import Conflict

__all__ = ["CaseStore", "Commit", "Conflict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A fact as it travels from triage to casework. `labels` is None for facts without text."""

    fact: Fact
    labels: Labels | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """
    What is known of one platform message.

    `case_id` is None for a post of the brand that no case holds, and for a
    message nobody has reported yet: then only `deleted_at` or `has_parked`
    say why the address exists. `original_id` is the id under which the
    message itself is kept when this is one of its later versions. `part_of`
    is the thread that a child's report has told of, while nobody has reported
    the message. `testimony` says who reported it, None for what was claimed
    before that was kept. While nobody has, `deleted_at` says only that a
    deletion waits: whether it counts is seen when the message comes.
    `version` is 0 when nothing is stored.
    """

    platform: str
    message_id: str
    case_id: str | None = None
    thread_id: str | None = None
    original_id: str | None = None
    part_of: str | None = None
    deleted_at: datetime | None = None
    has_parked: bool = False
    testimony: Testimony | None = None
    version: int = 0

    @property
    def is_claimed(self) -> bool:
        """Somebody has reported the message itself."""
        return self.thread_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """
    A stored case. `version` is 0 for one that is about to be opened.

    `merged_into` names the case that took over; facts for this one go there.
    `is_moving` says that some of its events still have to.
    `next_at` is when the sweep must look at it; None keeps it out of the due
    index.
    """

    case_id: str
    platform: str
    thread_id: str
    author_key: str
    state: CaseState = field(default_factory=CaseState)
    merged_into: str | None = None
    is_moving: bool = False
    next_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Which case is current for one thread and author. `version` is 0 when none is."""

    platform: str
    thread_id: str
    author_key: str
    case_id: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """
    Something that waits under a message.

    Either a fact about it, or a case whose thread it will settle. Most wait
    until somebody reports the message. One that is `disbelieved` contradicts
    what was reported, and waits for a report that agrees with it.
    """

    platform: str
    message_id: str
    item: Labelled | None = None
    case_id: str | None = None
    disbelieved: bool = False

    @property
    def key(self) -> str:
        """What two channels say of one message stands side by side: neither may take the other's place."""
        if self.item is None:
            return f"case|{self.case_id}"
        fact = self.item.fact
        author_id = fact.author.id if fact.author else ""
        witness = sha256("|".join((fact.channel, fact.account_id, author_id)).encode()).hexdigest()[:16]
        return f"{fact.platform}|{fact.message_id}|{fact.kind}.{fact.version}|{witness}"


class ReplyStatus(StrEnum):
    """Where an answer is on its way to the platform."""

    QUEUED = "queued"  # nobody has tried yet, or a try surely failed and another comes
    SENDING = "sending"  # somebody holds the lease
    UNCERTAIN = "uncertain"  # it may have arrived: look before another try
    SENT = "sent"
    FAILED = "failed"  # the platform will not take it, or we gave up
    DROPPED = "dropped"  # what it answers is gone
    TAKEN_BACK = "taken_back"  # an agent does not want it to be sent any more

    @property
    def is_final(self) -> bool:
        """Nothing will be posted any more."""
        return self in (ReplyStatus.SENT, ReplyStatus.FAILED, ReplyStatus.DROPPED, ReplyStatus.TAKEN_BACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyItem:
    """
    One answer in the outbox.

    It stands in the due index at `next_at` until it is done, so that a lost
    queue message is found; the sweep moves that on whenever it sends a new
    one. `retry_at` is before when no other try is wanted, None before the
    first. `leased_until` is when another worker may take it over.
    `posting_at` is set before the platform is called, and `first_tried_at` to
    the first such call whose fate is unknown: while it is there, nobody posts
    without looking first. `failure` says why the last try did not succeed. A
    SENT one with a `next_at` still has to drain what waited for its message.
    `address` and `progress` are the connector's, see `OutboundReply`.
    """

    reply_id: str
    case_id: str
    platform: str
    channel: str
    account_id: str
    parent_id: str
    customer_id: str | None
    text: str
    private: bool
    actor: str
    asked_at: datetime
    automatic: bool = False
    status: ReplyStatus = ReplyStatus.QUEUED
    attempts: int = 0
    next_at: datetime | None = None
    retry_at: datetime | None = None
    leased_until: datetime | None = None
    posting_at: datetime | None = None
    first_tried_at: datetime | None = None
    message_id: str | None = None
    failure: str | None = None
    address: Mapping[str, str] = field(default_factory=dict)
    progress: Mapping[str, str] = field(default_factory=dict)
    version: int = 0

    @property
    def may_be_posted(self) -> bool:
        """Somebody has called the platform, and nobody knows what came of it; also while that call lasts."""
        return self.posting_at is not None or self.first_tried_at is not None

    @property
    def at_rest(self) -> "ReplyItem":
        """No longer due, and nobody's."""
        return replace(self, next_at=None, retry_at=None, leased_until=None, posting_at=None, first_tried_at=None)


class PageStatus(StrEnum):
    """Where a message to people is."""

    CLAIMED = "claimed"  # it must go out; the sweep re-drives it
    SENT = "sent"
    FAILED = "failed"  # sweep after sweep could not deliver it: the next step went out instead
    DROPPED = "dropped"  # there was no need any more, and it surely never went out
    UNCERTAIN = "uncertain"  # there was no need any more, but it may have gone out before


@dataclass(frozen=True, slots=True, kw_only=True)
class PageItem:
    """
    One message to people.

    It stands in the due index at `next_at` until it is out or dropped.
    `attempts` counts those whose end is known; `may_have_gone` says that one
    of them, though it failed, may have reached people. `code` opens its link,
    and is kept until it is out; `link` is the hash under which that is kept.
    """

    page_id: str
    case_id: str
    due: Due
    claimed_at: datetime
    status: PageStatus = PageStatus.CLAIMED
    attempts: int = 0
    may_have_gone: bool = False
    next_at: datetime | None = None
    sent_at: datetime | None = None
    code: str | None = None
    link: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AckLink:
    """
    What the link in a page leads to, found by the hash of its code.

    Whoever has the code may acknowledge the page, once, before `expires_at`.
    `digest_id` names the digest whose clocks it covers; `case_id` and `due`
    are then those of one of them.
    """

    code_hash: str
    case_id: str
    due: Due
    expires_at: datetime
    digest_id: str | None = None


class DigestStatus(StrEnum):
    """Where one message about many clocks is."""

    OPEN = "open"  # cases are being claimed into it
    SEALED = "sealed"  # it must go out; the sweep re-drives it
    SENT = "sent"
    FAILED = "failed"  # as of a page
    DROPPED = "dropped"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestItem:
    """
    One message about many clocks (R15).

    `together` is what they have in common. `root` is the digest of the step
    with which their alerts began, itself for that one; the root remembers
    which `groups` were told and which of them know that it is over (`told`).
    `link` is as of a page.
    `count` is how many clocks were named. `sealed_at` is when the last had joined.
    It stands in the due index at `next_at` while something is to be done.
    """

    digest_id: str
    root: str
    together: str
    kind: PageKind
    step: int
    group: str
    policy_id: str
    base_at: datetime
    made_at: datetime
    status: DigestStatus = DigestStatus.OPEN
    attempts: int = 0
    may_have_gone: bool = False
    next_at: datetime | None = None
    sent_at: datetime | None = None
    code: str | None = None
    link: str | None = None
    count: int = 0
    sealed_at: datetime | None = None
    groups: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestMember:
    """A clock in a digest, and the case that held it then."""

    digest_id: str
    case_id: str
    clock_id: str
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """
    One transaction.

    Records carry the version that was read; the store writes the next one
    and refuses if it is no longer there. `at` is now: what may expire counts
    from it. `open_digests` and `unchanged_case` must not have changed.
    `moved_from` loses the events of `moved_keys` to another case.
    `history` is the entry of the author's case list, written when a case opens;
    what is `known` of the author by then must still be all.
    """

    at: datetime
    case: CaseRecord | None = None
    unchanged_case: CaseRecord | None = None
    events: tuple[Event, ...] = ()
    ended_clocks: tuple[Clock, ...] = ()
    gone_clocks: tuple[str, ...] = ()
    moved_from: str | None = None
    moved_keys: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    unchanged_addresses: tuple[Address, ...] = ()
    conversation: Conversation | None = None
    parked: tuple[Parked, ...] = ()
    unparked: tuple[Parked, ...] = ()
    replies: tuple[ReplyItem, ...] = ()
    pages: tuple[PageItem, ...] = ()
    links: tuple[AckLink, ...] = ()
    digests: tuple[DigestItem, ...] = ()
    open_digests: tuple[DigestItem, ...] = ()
    joining: tuple[DigestMember, ...] = ()
    leaving: tuple[DigestMember, ...] = ()
    history: Author | None = None
    known: KnownCustomer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The answer of one read."""

    addresses: Mapping[str, Address]
    conversation: Conversation


class DueKind(StrEnum):
    """What can stand in the due index."""

    CASE = "case"
    PAGE = "page"
    DIGEST = "digest"
    REPLY = "reply"
    POLICY_JOB = "policy_job"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueEntry:
    """A record that must be looked at, and since when. The index may lag: the record itself knows better."""

    at: datetime
    kind: DueKind
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """
    A line of the case list.

    `due` is the metric of the clock that is due at `due_at`. `reasons`
    say why it stands where it stands, in words of ours.
    `last_at` is the newest event's, `is_running` says that a promise still
    stands, and `version` counts the changes of the case; None, True and 0 in
    a line that was written before these were kept. `unjudged` says that the
    latest text has no labels yet.
    """

    case_id: str
    platform: str
    channel: str
    status: str
    priority: str
    author: str
    followers: int | None = None
    text: str | None = None
    opened_at: datetime
    waiting_since: datetime | None = None
    due_at: datetime | None = None
    breached: bool = False
    assignee: str | None = None
    messages: int
    private: bool = False
    why: tuple[str, ...] = ()
    due: str | None = None
    reasons: tuple[str, ...] = ()
    last_at: datetime | None = None
    is_running: bool = True
    unjudged: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class OpenCases:
    """Some open cases, and where the rest begins; `more` is None at the end."""

    cases: tuple[CaseRecord, ...]
    more: str | None = None


class CaseStore(Customers, Protocol):
    """Every method is one call to the table, except where it says otherwise. Reads are consistent."""

    @property
    def weights(self) -> Weights:
        """What decides where cases stand in the list."""
        ...

    def addresses(self, platform: str, message_ids: Sequence[str]) -> Mapping[str, Address]:
        """One for each id asked, also for those nobody has reported."""
        ...

    def look(self, *, platform: str, message_ids: Sequence[str], conversation: tuple[str, str]) -> Looked:
        """Addresses and the conversation of (thread id, author key) in one read."""
        ...

    def case(self, case_id: str, *, event_keys: Sequence[str] = ()) -> tuple[CaseRecord | None, Mapping[str, Event]]:
        """The case, and those of its events that exist among some keys, in one read."""
        ...

    def cases(self, case_ids: Sequence[str]) -> tuple[CaseRecord, ...]:
        """Those that exist among at most a hundred, in the order asked for."""
        ...

    def events(self, case_id: str) -> tuple[Event, ...]:
        """The whole timeline, unsorted. As many calls as it has pages."""
        ...

    def ended_clocks(self, case_id: str) -> tuple[Clock, ...]:
        """The clocks that are no longer part of the state."""
        ...

    def erased(self, facts: Sequence[Fact]) -> tuple[bool, ...]:
        """
        Whether each belongs to what a person had erased, and must not come back.

        One call for every hundred ids; none where nobody can have been erased.
        """
        ...

    def parked(self, platform: str, message_id: str) -> tuple[Parked, ...]:
        """What waits under a message."""
        ...

    def commit(self, commit: Commit) -> None:
        """All or nothing. Raises Conflict."""
        ...

    def reply(self, reply_id: str) -> ReplyItem | None: ...

    def replies_under_way(self) -> Iterator[str]:
        """Ids of the answers in the due index. As many calls as that has pages. May lag a moment."""
        ...

    def page(self, page_id: str) -> PageItem | None: ...

    def digest(self, digest_id: str) -> DigestItem | None: ...

    def digest_members(self, digest_id: str) -> tuple[DigestMember, ...]:
        """As many calls as it has pages."""
        ...

    def link(self, code_hash: str) -> AckLink | None:
        """None also for one that has expired and was removed since; it may still be found for a while."""
        ...

    def due(self, now: datetime, *, limit: int) -> tuple[DueEntry, ...]:
        """The `limit` oldest of what is due at `now`, oldest first. One call for each shard. May lag a moment."""
        ...

    def list(self, *, closed: bool, limit: int) -> tuple[CaseSummary, ...]:
        """Who waits for us first, the most pressing first (ADR 19). One call for each shard. May lag a moment."""
        ...

    def open_cases(self, *, limit: int, more: str | None = None) -> OpenCases:
        """
        At most `limit` (100) open cases as they stand; as few as none, with more to come.

        Two calls. What is opened, closed or made more urgent meanwhile may be
        missed or come twice.
        """
        ...

    def author_cases(self, platform: str, author_key: str) -> tuple[str, ...]:
        """Ids of the cases that an author ever had, oldest first."""
        ...
