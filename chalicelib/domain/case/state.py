"""A case as its events leave it: the value that everything else reads."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from chalicelib.domain.case.status import CLOSED, CaseStatus, actions_in
from chalicelib.domain.clock import Clock
from chalicelib.domain.events import EventKind, Order
from chalicelib.domain.facts import Author
from chalicelib.domain.labels import Urgency
from chalicelib.domain.policy import Policy, PolicyBook, Visibility, reach_of
from chalicelib.domain.windows import OpenWindow, window_of

REOPEN_WINDOW = timedelta(days=7)  # R8


ANSWERED_IN_TIME = "answered_in_time"  # why a breach that people were paged for turned out to be none


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockAlert:
    """
    Pages that went out for one clock and were not yet followed by "it is over".

    `sent` has step and group of each; `failed` the steps that nobody could be
    reached by. `acknowledgement` is the last one. `is_exhausted` says that no
    step is left. `digest` names the message in which others were told of
    together with this one, and `base_at` what the steps of all of them count
    from (R15).
    """

    clock_id: str
    generation: int
    sent: tuple[tuple[int, str], ...] = ()
    failed: tuple[int, ...] = ()
    acknowledgement: "Acknowledgement | None" = None
    is_exhausted: bool = False
    digest: str | None = None
    base_at: datetime | None = None

    @property
    def steps(self) -> frozenset[int]:
        """Those that are used up, whether they reached anybody or not."""
        return frozenset(step for step, _ in self.sent).union(self.failed)

    @property
    def next_step(self) -> int:
        """The lowest that is not used up."""
        return next(step for step in count(1) if step not in self.steps)

    def is_quiet(self, now: datetime) -> bool:
        """Whether somebody has said that they are on it, and still has time."""
        return self.acknowledgement is not None and now < self.acknowledgement.until

    @property
    def groups(self) -> tuple[str, ...]:
        """Each once, in the order in which they were first called."""
        return tuple(dict.fromkeys(group for _, group in self.sent))


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Who is on it since when, and until when that keeps the ladder quiet. `next_step` then goes out at once (R14)."""

    by: str
    at: datetime
    until: datetime
    next_step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiter:
    """
    Somebody whom nobody has answered. `key` is the earliest of their messages without an answer.

    `person` is an id of the platform, or stands for one whom the platform did not name.
    """

    person: str
    since: datetime
    key: str
    name: str = ""  # what to call them; empty when the platform withheld it


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseState:
    """
    A case as its events leave it. The same events give the same value, whatever order they came in.

    `clocks` holds every clock after a replay; a stored state keeps the
    running ones only, and the ended ones have items of their own.
    `withdrawn` names events that later events took back. `outbox` holds
    replies under way; `settled` those whose end stands before their beginning
    in the timeline, because the platform's clock and ours differ. `people`
    are all who wrote; there are several when agents joined cases. `apart`
    names cases whose events are in the timeline while the merge that joins
    them with this one still has to come: they count for nothing until then.
    Instants are aware UTC.
    """

    platform: str = ""
    channel: str = ""
    account_id: str = ""
    private: bool = False
    author: Author | None = None
    status: CaseStatus = CaseStatus.NEW
    urgency: Urgency = Urgency.LOW  # the highest among the customer's messages
    priority: Urgency | None = None  # set by an agent: it overrides
    language: str | None = None
    assignee: str | None = None
    tier: str | None = None  # of the customer
    complaint: bool = False  # one of the messages is one
    places: tuple[str, ...] = ()  # of the brand that the messages name, each once
    complaints_before: int = 0  # cases of the customer with a complaint, in the month before this one was opened
    places_before: tuple[str, ...] = ()  # that earlier cases of the customer named
    reactions: int | None = None  # likes and shares of the latest message if any, as counted at `counted_at`
    counted_at: datetime | None = None
    policy_id: str | None = None
    opened_at: datetime | None = None
    last: Order | None = None
    messages: int = 0
    answers: int = 0
    latest_key: str | None = None
    latest_text: str | None = None
    latest_at: datetime | None = None
    sentiment: str | None = None
    reason: str | None = None
    unjudged: bool = False  # nobody has judged the latest text yet: it came when there was no time
    words: tuple[str, ...] = ()  # what made the most urgent message so
    waiting_since: datetime | None = None  # the earliest customer message nobody answered
    waiting_key: str | None = None
    waiters: tuple[Waiter, ...] = ()  # who waits, the longest first: the two above are of that one
    people: frozenset[str] = frozenset()
    answered_at: datetime | None = None
    resolved_at: datetime | None = None
    resolve_pending: bool = False
    failure: str | None = None  # why the last reply did not go out
    clocks: tuple[Clock, ...] = ()
    alerts: tuple[ClockAlert, ...] = ()
    withdrawn: frozenset[str] = frozenset()
    outbox: tuple[str, ...] = ()
    settled: frozenset[str] = frozenset()
    windows_told: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()

    @property
    def window(self) -> OpenWindow | None:
        """The platform's reply window, as the customer's last message left it."""
        return window_of(self.platform, private=self.private, written_at=self.latest_at)

    @property
    def running(self) -> tuple[Clock, ...]:
        return tuple(clock for clock in self.clocks if clock.is_running)

    @property
    def ended(self) -> tuple[Clock, ...]:
        return tuple(clock for clock in self.clocks if not clock.is_running)

    @property
    def effective_priority(self) -> Urgency:
        """What an agent set, else the most urgent thing the customer wrote."""
        return self.priority or self.urgency

    @property
    def is_closed(self) -> bool:
        return self.status in CLOSED


def policy_for(state: CaseState, book: PolicyBook) -> Policy:
    """The policy of `book` that the case falls under as it stands."""
    author = state.author
    return book.match(
        channel=state.channel,
        priority=state.effective_priority.value,
        tier=state.tier,
        language=state.language,
        reach=reach_of(author.followers) if author else None,
        visibility=Visibility.PRIVATE if state.private else Visibility.PUBLIC,
    )


def allowed_actions(state: CaseState) -> frozenset[EventKind]:
    """What an agent may do now."""
    return actions_in(state.status) | ({EventKind.TAKE_BACK} if state.outbox else frozenset())
