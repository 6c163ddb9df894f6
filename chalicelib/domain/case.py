"""
A case is what its events make of it: `replay` for the whole timeline, `apply` for one more event at its end.

Both end in the same state, which is why the order of arrival never matters
(R1). Some events change what went before (a deletion, a withdrawn resolve):
they need the past, and `apply` asks for it with `PastNeeded` when it was not
given.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count

from chalicelib.domain import clock as clocks
from chalicelib.domain.clock import Books, Clock, Metric
from chalicelib.domain.events import Event, EventKind, Order, in_order
from chalicelib.domain.facts import Author
from chalicelib.domain.labels import UNDETERMINED, Labels, Noise, TopicKind, Urgency, Verdict
from chalicelib.domain.policy import Policy, PolicyBook, Visibility, reach_of
from chalicelib.domain.windows import Window, window_of

REOPEN_WINDOW = timedelta(days=7)  # R8
PREVIEW_CHARS = 280
MOST_PLACES = 5  # of a case: its item must not grow with every message
ANSWERED_IN_TIME = "answered_in_time"  # why a breach that people were paged for turned out to be none


class CaseStatus(StrEnum):
    """Where a case stands."""

    NEW = "new"
    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    ON_HOLD_INTERNAL = "on_hold_internal"
    RESOLVED = "resolved"
    SPAM = "spam"


CLOSED = frozenset({CaseStatus.RESOLVED, CaseStatus.SPAM})


class PastNeeded(Exception):
    """This event changes what went before: replay the timeline instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
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
    alerts: tuple[Alert, ...] = ()
    withdrawn: frozenset[str] = frozenset()
    outbox: tuple[str, ...] = ()
    settled: frozenset[str] = frozenset()
    windows_told: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()

    @property
    def window(self) -> Window | None:
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


def replay(events: Iterable[Event], books: Books) -> CaseState:
    """The state after the whole timeline, in whatever order `events` come."""
    return _replay(in_order(events), books)


def _replay(
    timeline: Sequence[Event], books: Books, *, withdrawn: frozenset[str] = frozenset(), home: str | None = None
) -> CaseState:
    state = CaseState(withdrawn=withdrawn)
    for _, states in follow(timeline, books, withdrawn=withdrawn, home=home):
        state = states[0]
    return state


def goes_last(state: CaseState, event: Event) -> bool:
    """Whether `event` stands at the end of the timeline, so that `apply` may be used."""
    return state.last is None or event.order > state.last


def apply(state: CaseState, event: Event, books: Books) -> CaseState:
    """
    The state after one more event at the end of the timeline.

    Raises PastNeeded when that depends on earlier events, which a state does not hold.
    """
    is_of_before = state.opened_at is not None and not state.people  # when people and pauses were not kept
    if event.origin is not None or state.apart or is_of_before:
        raise PastNeeded(event.key)
    return _applied(state, _Turn(event, books))


def _applied(state: CaseState, turn: "_Turn") -> CaseState:
    event = turn.event
    if event.origin == turn.home or event.kind not in _OF_ONE_CASE:
        handlers = _OF_A_DRAFT if turn.is_draft else _HANDLERS
        state = handlers.get(event.kind, _nothing)(state, turn)
    return replace(_settle_pauses(state, turn), last=event.order)


@dataclass(frozen=True, slots=True)
class _Turn:
    """
    One event being applied, with what its handler may need.

    `home` is the origin of what happened in this case itself. In a draft it
    is known beforehand what will be taken back.
    """

    event: Event
    books: Books
    known_past: Sequence[Event] | None = None
    home: str | None = None
    is_draft: bool = False

    @property
    def past(self) -> Sequence[Event]:
        if self.known_past is None:
            raise PastNeeded(self.event.key)
        return self.known_past

    @property
    def at(self) -> datetime:
        return self.event.at

    def policy(self, state: CaseState) -> Policy:
        """The promise that this case gets under the book in force at this event."""
        return policy_for(state, self.books[self.event.book])


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


Handler = Callable[[CaseState, _Turn], CaseState]


def _nothing(state: CaseState, turn: _Turn) -> CaseState:  # noqa: ARG001
    return state


# --- the customer writes --------------------------------------------------------------------------------------


def _mention(state: CaseState, turn: _Turn) -> CaseState:
    event = turn.event
    if event.key in state.withdrawn:
        return state
    before, state = state, _remember(state, event)
    state = _retarget_if_moved(before, state, turn)
    if state.status is not CaseStatus.SPAM:
        state = _start_clocks(state, turn, before.people)
    return _wait_for_us(state, event)


def _person(event: Event) -> str:
    """Who wrote a message; somebody whom the platform does not name is another one each time."""
    author = event.fact.author if event.fact else None
    return author.id if author else f"?{event.native_id}"


def _remember(state: CaseState, event: Event) -> CaseState:
    """What the case shows of the message, and what the message says about the case."""
    fact = event.fact
    assert fact is not None  # noqa: S101  a mention without a fact cannot be built
    state = replace(
        state,
        platform=state.platform or fact.platform,
        channel=state.channel or fact.channel,
        account_id=state.account_id or fact.account_id,
        private=state.private or fact.private,
        author=_newer_author(state.author, fact.author),
        people=state.people | {_person(event)},
        opened_at=state.opened_at or event.at,
        messages=state.messages + 1,
        latest_key=event.key,
        latest_at=event.at,
        language=_language(event) or state.language,
        reactions=fact.reactions or None,
        counted_at=fact.counted_at or fact.received_at if fact.reactions else None,
    )
    return _show(_acquaint(state, event), event)


def _acquaint(state: CaseState, event: Event) -> CaseState:
    """What was known of the customer when the message was stored; that of another customer says nothing (R10)."""
    known = event.detail
    if event.origin is not None or not known:
        return state
    return replace(
        state,
        tier=known.get("tier", state.tier),
        complaints_before=int(known.get("complaints", state.complaints_before)),
        places_before=tuple(known["places"].split("\n")) if "places" in known else state.places_before,
    )


def _language(event: Event) -> str | None:
    """What the platform says, else what the text looks like; None when neither knows."""
    if event.fact and event.fact.lang:
        return event.fact.lang
    guess = event.labels.language.value if event.labels else UNDETERMINED
    return None if guess == UNDETERMINED else guess


def _show(state: CaseState, event: Event) -> CaseState:
    """Text and labels of `event` as the case's latest."""
    text = event.fact.text if event.fact else None
    unjudged = bool(text) and event.labels is None
    state = replace(state, latest_text=text[:PREVIEW_CHARS] if text else text, unjudged=unjudged)
    if unjudged:  # what nobody has judged is not low
        return replace(state, urgency=max(state.urgency, Urgency.NORMAL, key=lambda value: value.rank))
    if event.labels is None:
        return state
    labels = event.labels
    urgency = labels.urgency.value if labels.noise.value is not Noise.NOISE else Urgency.LOW
    return replace(
        state,
        sentiment=labels.sentiment.value.value,
        reason=labels.reason.value.value,
        words=_why(labels) if urgency.rank >= state.urgency.rank else state.words,
        complaint=state.complaint or labels.complaint.value is Verdict.YES,
        places=_places(state, labels),
        urgency=max(state.urgency, urgency, key=lambda value: value.rank),
    )


def _places(state: CaseState, labels: Labels) -> tuple[str, ...]:
    named = (topic.name for topic in labels.topics if topic.kind is TopicKind.PLACE)
    return tuple(dict.fromkeys((*state.places, *named)))[:MOST_PLACES]


def _why(labels: Labels) -> tuple[str, ...]:
    return labels.urgency.words or labels.sentiment.words


def _newer_author(known: Author | None, newer: Author | None) -> Author | None:
    """The newest profile, completed from the one before."""
    if known is None or newer is None or known.id != newer.id:
        return newer or known
    return Author(
        id=newer.id,
        handle=newer.handle or known.handle,
        name=newer.name or known.name,
        followers=known.followers if newer.followers is None else newer.followers,
        verified=known.verified if newer.verified is None else newer.verified,
    )


def _start_clocks(state: CaseState, turn: _Turn, people: frozenset[str]) -> CaseState:
    """Somebody's first message: FRT. After an answer to them: NRT. The case's first, and after a resolve: RES (R4)."""
    reopens, person = state.status is CaseStatus.RESOLVED, _person(turn.event)
    wanted: list[Metric] = []
    if person not in people:
        wanted = [Metric.FRT]
    elif reopens or all(waiter.person != person for waiter in state.waiters):
        wanted = [Metric.NRT]
    if reopens or not people:
        wanted.append(Metric.RES)
    if reopens or state.status is CaseStatus.WAITING_CUSTOMER:
        state = replace(state, status=CaseStatus.OPEN, resolved_at=None)
    policy = turn.policy(state)
    begun = [clock for metric in wanted if (clock := clocks.start(metric, turn.event, policy))]
    begun = [_flagged(clock, state.window) for clock in begun]
    return replace(state, policy_id=policy.id, clocks=(*state.clocks, *begun))


def _flagged(clock: Clock, window: Window | None) -> Clock:
    """A reply may be in time by the promise and too late for the platform (R17)."""
    too_late = window is not None and clock.due_at is not None and clock.due_at > window.standard_end
    return replace(clock, window_ends_before_due=True) if too_late and clock.metric is not Metric.RES else clock


def _wait_for_us(state: CaseState, event: Event) -> CaseState:
    person, author = _person(event), event.fact.author if event.fact else None
    if any(waiter.person == person for waiter in state.waiters):
        return state
    waiter = Waiter(person=person, since=event.at, key=event.key, name=author.called if author else "")
    return _waiting(state, (*state.waiters, waiter))


def _waiting(state: CaseState, waiters: tuple[Waiter, ...]) -> CaseState:
    """Those and no others wait. They came in the order of their messages."""
    first = waiters[0] if waiters else None
    return replace(
        state,
        waiters=waiters,
        waiting_since=first.since if first else None,
        waiting_key=first.key if first else None,
    )


def _edit(state: CaseState, turn: _Turn) -> CaseState:
    """An edit changes what is read, never when it was promised (R11)."""
    target = f"{turn.event.platform}|{turn.event.native_id}|{EventKind.MENTION}"
    if target in state.withdrawn or state.latest_key != target:
        return state
    return _retarget_if_moved(state, _show(state, turn.event), turn)


# --- the brand answers ----------------------------------------------------------------------------------------


def _answer(state: CaseState, turn: _Turn) -> CaseState:
    state = _left_outbox(state, turn.event)
    state = replace(state, answers=state.answers + 1)
    if not _qualifies(state, turn.event):
        return state
    answered = _answered(state, turn)
    stopped = {waiter.key for waiter in state.waiters if waiter.person in answered}
    state = _each(
        state,
        lambda c: clocks.stop(c, turn.at, turn.books) if c.metric is not Metric.RES and c.message_key in stopped else c,
    )
    state = _waiting(state, tuple(waiter for waiter in state.waiters if waiter.person not in answered))
    state = replace(
        state,
        status=CaseStatus.OPEN if state.status is CaseStatus.NEW else state.status,
        answered_at=turn.at,
        failure=None,
    )
    return _resolve(state, turn) if state.resolve_pending and not state.outbox else state


def _answered(state: CaseState, turn: _Turn) -> frozenset[str]:
    """
    The people whom an answer is for; nobody while that cannot be told.

    In a case of one person all is for them. Where agents joined the cases of
    several, it is for whoever wrote the message that it stands below.
    """
    fact = turn.event.fact
    if len(state.people) <= 1 or fact is None:
        return state.people
    if fact.customer_id in state.people:
        return frozenset({fact.customer_id})
    above = fact.parent_id
    for event in reversed(turn.past):  # upwards over our own answers
        known = event.fact
        if known is None or above not in (known.message_id, *known.alias_ids):
            continue
        if event.is_customers:
            return frozenset({_person(event)})
        if event.kind is EventKind.ANSWER:
            above = known.parent_id
    return frozenset()


def _qualifies(state: CaseState, event: Event) -> bool:
    """R6: written by a person of the brand, after the customer's first message."""
    return state.opened_at is not None and event.fact is not None and event.fact.by_person


def _left_outbox(state: CaseState, event: Event) -> CaseState:
    reply_id = event.detail.get("reply_id")
    if reply_id is not None and reply_id not in state.outbox:
        return replace(state, settled=state.settled | {reply_id})
    return replace(state, outbox=tuple(waiting for waiting in state.outbox if waiting != reply_id))


def _reply(state: CaseState, turn: _Turn) -> CaseState:
    status = CaseStatus.OPEN if state.status is CaseStatus.NEW else state.status
    reply_id = turn.event.detail["reply_id"]
    if reply_id in state.settled:
        return replace(state, status=status)
    return replace(state, status=status, outbox=(*state.outbox, reply_id), failure=None)


def _reply_failed(state: CaseState, turn: _Turn) -> CaseState:
    """The case stays open and says so: a resolve that waited for this reply is dropped."""
    state = _left_outbox(state, turn.event)
    return replace(state, failure=turn.event.text, resolve_pending=False)


def _take_back(state: CaseState, turn: _Turn) -> CaseState:
    """As of a reply that failed, but nothing went wrong."""
    return replace(_left_outbox(state, turn.event), resolve_pending=False)


# --- agents act -----------------------------------------------------------------------------------------------


def _assign(state: CaseState, turn: _Turn) -> CaseState:
    status = CaseStatus.OPEN if state.status is CaseStatus.NEW else state.status
    return replace(state, assignee=turn.event.detail.get("to") or None, status=status)


def _to(status: CaseStatus) -> Handler:
    def handler(state: CaseState, turn: _Turn) -> CaseState:  # noqa: ARG001
        return state if state.is_closed else replace(state, status=status)

    return handler


def _resolve(state: CaseState, turn: _Turn) -> CaseState:
    if turn.event.key in state.withdrawn or state.is_closed:
        return state
    if state.outbox:
        return replace(state, resolve_pending=True)
    state = _stop(state, turn, {Metric.RES})
    state = _end(state, turn, {Metric.NRT}, "resolved")
    state = _end(state, turn, {Metric.FRT}, "no_reply")
    return replace(
        _waiting(state, ()),
        status=CaseStatus.RESOLVED,
        resolved_at=turn.at,
        resolve_pending=False,
    )


def _reopen(state: CaseState, turn: _Turn) -> CaseState:
    if state.status is not CaseStatus.RESOLVED:
        return replace(state, resolve_pending=False)
    return _withdraw_last(state, turn, EventKind.RESOLVE)


def _spam(state: CaseState, turn: _Turn) -> CaseState:
    if turn.event.key in state.withdrawn or state.status is CaseStatus.SPAM:
        return state
    return replace(_end(state, turn, set(Metric), "spam"), status=CaseStatus.SPAM)


def _restore(state: CaseState, turn: _Turn) -> CaseState:
    return _withdraw_last(state, turn, EventKind.SPAM) if state.status is CaseStatus.SPAM else state


def _priority(state: CaseState, turn: _Turn) -> CaseState:
    return _retarget_if_moved(state, replace(state, priority=Urgency(turn.event.detail["to"])), turn)


def _tier(state: CaseState, turn: _Turn) -> CaseState:
    return _retarget_if_moved(state, replace(state, tier=turn.event.detail["to"] or None), turn)


# --- our own pages --------------------------------------------------------------------------------------------


def _warned(state: CaseState, turn: _Turn) -> CaseState:
    clock_id = turn.event.detail["clock"]
    return _each(state, lambda clock: replace(clock, warned=True) if clock.id == clock_id else clock)


def _paged(state: CaseState, turn: _Turn) -> CaseState:
    page, detail = _rung(turn), turn.event.detail

    def with_page(alert: Alert) -> Alert:
        alert = replace(alert, sent=tuple(sorted({*alert.sent, page})))
        if "digest" not in detail or alert.digest is not None:
            return alert
        return replace(alert, digest=detail["digest"], base_at=datetime.fromisoformat(detail["base"]))

    return _explain_withdrawal(_alerted(state, turn, with_page), turn)


def _page_dropped(state: CaseState, turn: _Turn) -> CaseState:
    """
    Take a step back that was claimed and never went out: its group must not hear that "it is over".

    A dropped warning stays used up: there is one for a clock, ever (R12).
    """
    if turn.event.detail["kind"] != "breach":
        return state
    page = _rung(turn)

    def without(alert: Alert) -> Alert:
        kept = replace(alert, sent=tuple(rung for rung in alert.sent if rung != page))
        given = kept.acknowledgement
        if given is None or given.next_step <= page[0]:
            return kept
        return replace(kept, acknowledgement=replace(given, next_step=page[0]))

    return _explain_withdrawal(_alerted(state, turn, without), turn)


def _explain_withdrawal(state: CaseState, turn: _Turn) -> CaseState:
    """People were paged for a clock that, as we heard only later, an answer had stopped in time (R16)."""
    clock_id = turn.event.detail["clock"]
    if any(clock.id == clock_id for clock in state.running):
        return state
    _ = turn.past  # a state keeps running clocks only: one that has ended is found by a replay
    paged = any(alert.clock_id == clock_id and alert.sent for alert in state.alerts)
    return replace(state, clocks=tuple(_withdrawn(c, paged=paged) if c.id == clock_id else c for c in state.clocks))


def _withdrawn(clock: Clock, *, paged: bool) -> Clock:
    if clock.outcome is not clocks.Outcome.MET or clock.metric is Metric.RES:
        return clock
    return replace(clock, reason=ANSWERED_IN_TIME if paged else None)


def _page_failed(state: CaseState, turn: _Turn) -> CaseState:
    """The step is used up. Whom it may have reached, although we heard otherwise, must hear that it is over."""
    page = _rung(turn)
    stays = turn.event.detail.get("may_have_gone") == "yes"

    def without(alert: Alert) -> Alert:
        sent = tuple(rung for rung in alert.sent if rung != page or stays)
        return replace(alert, sent=sent, failed=tuple(sorted({*alert.failed, page[0]})))

    return _alerted(state, turn, without)


def _acknowledged(state: CaseState, turn: _Turn) -> CaseState:
    """Somebody is on it: nothing is said until their time has run out (R14)."""

    def quiet(alert: Alert) -> Alert:
        until = clocks.quiet_until(_clock_of(state, alert), turn.at, turn.books)
        by = turn.event.detail["name"]
        given = Acknowledgement(by=by, at=turn.at, until=until, next_step=alert.next_step)
        return replace(alert, acknowledgement=given)

    known = _alert_of(state, turn)
    return _alerted(state, turn, quiet) if known and _clock_of(state, known) else state


def _rung(turn: _Turn) -> tuple[int, str]:
    return int(turn.event.detail["step"]), turn.event.detail["group"]


def _alerted(state: CaseState, turn: _Turn, change: Callable[[Alert], Alert]) -> CaseState:
    """The alert of the event's clock changed; without any page there is no alert."""
    before = _alert_of(state, turn)
    detail = turn.event.detail
    alert = change(before or Alert(clock_id=detail["clock"], generation=int(detail["generation"])))
    alert = replace(alert, is_exhausted=clocks.has_climbed(_clock_of(state, alert), alert.steps, turn.books))
    return replace(state, alerts=(*(a for a in state.alerts if a is not before), *([alert] if alert.steps else ())))


def _alert_of(state: CaseState, turn: _Turn) -> Alert | None:
    wanted = (turn.event.detail["clock"], int(turn.event.detail["generation"]))
    return next((alert for alert in state.alerts if (alert.clock_id, alert.generation) == wanted), None)


def _clock_of(state: CaseState, alert: Alert) -> Clock | None:
    """The clock that an alert is about, if it still runs under the promise of that time."""
    running = (clock for clock in state.running if clock.id == alert.clock_id)
    return next((clock for clock in running if clock.generation == alert.generation), None)


def _window_told(state: CaseState, turn: _Turn) -> CaseState:
    detail = turn.event.detail
    return replace(state, windows_told=state.windows_told | {f"{detail['generation']}/{detail['step']}"})


def _notice(state: CaseState, turn: _Turn) -> CaseState:
    over = (turn.event.detail["clock"], int(turn.event.detail["generation"]))
    return replace(state, alerts=tuple(a for a in state.alerts if (a.clock_id, a.generation) != over))


# --- clocks of a case -----------------------------------------------------------------------------------------


def _each(state: CaseState, change: Callable[[Clock], Clock]) -> CaseState:
    """Every running clock changed; ended ones are history."""
    return replace(state, clocks=tuple(change(c) if c.is_running else c for c in state.clocks))


def _stop(state: CaseState, turn: _Turn, metrics: set[Metric]) -> CaseState:
    return _each(state, lambda c: clocks.stop(c, turn.at, turn.books) if c.metric in metrics else c)


def _end(state: CaseState, turn: _Turn, metrics: set[Metric], reason: str) -> CaseState:
    return _each(state, lambda c: clocks.end(c, turn.at, reason, turn.books) if c.metric in metrics else c)


def _settle_pauses(state: CaseState, turn: _Turn) -> CaseState:
    """RES pauses only while we wait for the customer and no message of theirs is unanswered (R7)."""
    paused = state.status is CaseStatus.WAITING_CUSTOMER and state.waiting_key is None

    clock = next((clock for clock in state.running if clock.metric is Metric.RES), None)
    if clock is None or paused == (clock.paused_since is not None):
        return state
    settled = clocks.pause(clock, turn.at) if paused else clocks.resume(clock, turn.at, turn.books)
    state = _each(state, lambda other: settled if other is clock else other)
    return state if paused else _quiet_longer(state, settled, turn.books)


def _quiet_longer(state: CaseState, resumed: Clock, books: Books) -> CaseState:
    """The clock has run on: what time somebody asked for did not run out during its pause (R14)."""

    def longer(alert: Alert) -> Alert:
        given = alert.acknowledgement
        if given is None or (alert.clock_id, alert.generation) != (resumed.id, resumed.generation):
            return alert
        until = clocks.quiet_until(resumed, given.at, books)
        return replace(alert, acknowledgement=replace(given, until=until))

    return replace(state, alerts=tuple(longer(alert) for alert in state.alerts))


def _policy(state: CaseState, turn: _Turn) -> CaseState:
    """An edited calendar moves the clocks that still run in it; edited targets are for clocks to come (R9)."""

    return _each(state, lambda clock: clocks.reschedule(clock, turn.event, turn.books))


def _fault(state: CaseState, turn: _Turn) -> CaseState:
    """A sweep could not reckon with a clock; it must not stop the others from being watched."""
    clock_id, reason = turn.event.detail["clock"], turn.event.detail["reason"]
    return _each(state, lambda clock: clocks.fault(clock, turn.at, reason) if clock.id == clock_id else clock)


def _retarget_if_moved(before: CaseState, state: CaseState, turn: _Turn) -> CaseState:
    """
    A new priority or tier may be a new promise: running clocks count anew from their start (R9).

    A book that says something else about the same case moves nothing.
    """
    if not state.running:
        return state
    policy = turn.policy(state)
    if policy.id == turn.policy(before).id:
        return state

    def move(clock: Clock) -> Clock:
        if clock.policy_id == policy.id:
            return clock
        return clocks.retarget(clock, turn.event, policy)

    return replace(_each(state, move), policy_id=policy.id)


# --- events that take others back -----------------------------------------------------------------------------


def _delete(state: CaseState, turn: _Turn) -> CaseState:
    """A customer's message leaves the timeline (R11). The brand's own post being deleted changes no clock."""
    event = turn.event
    target = f"{event.platform}|{event.native_id}|{EventKind.MENTION}"
    if target in state.withdrawn:
        return state
    if not any(earlier.key == target for earlier in turn.past):
        return replace(state, withdrawn=state.withdrawn | {target})
    revised = _revise(state, turn, target, "deleted")
    return revised if revised.opened_at is not None else _emptied(revised, state)


def _emptied(revised: CaseState, before: CaseState) -> CaseState:
    """Nothing the customer wrote is left. Where it was still decides who hears that it is over."""
    return replace(
        _waiting(revised, ()),
        status=revised.status if revised.is_closed else CaseStatus.RESOLVED,
        platform=before.platform,
        channel=before.channel,
        account_id=before.account_id,
        private=before.private,
        opened_at=before.opened_at,
    )


def _withdraw_last(state: CaseState, turn: _Turn, kind: EventKind) -> CaseState:
    mark = next((e for e in reversed(turn.past) if e.kind is kind and e.key not in state.withdrawn), None)
    if mark is None:  # closed because every message was deleted: nobody marked it
        return replace(state, status=CaseStatus.OPEN, resolved_at=None)
    return _revise(state, turn, mark.key, kind.value)


def _revise(state: CaseState, turn: _Turn, withdrawn_key: str, reason: str) -> CaseState:
    """The timeline without the withdrawn event, and the clocks of before brought into agreement with it."""
    withdrawn = state.withdrawn | {withdrawn_key}
    fresh = _replay(turn.past, turn.books, withdrawn=withdrawn, home=turn.home)
    return replace(fresh, clocks=_reconcile(state.clocks, fresh.clocks, turn, reason), alerts=state.alerts)


def _reconcile(old: Sequence[Clock], fresh: Sequence[Clock], turn: _Turn, reason: str) -> tuple[Clock, ...]:
    before = {clock.id: clock for clock in old}
    after = {clock.id: clock for clock in fresh}
    return tuple(_agree(before.get(clock_id), after.get(clock_id), turn, reason) for clock_id in {**before, **after})


def _agree(before: Clock | None, after: Clock | None, turn: _Turn, reason: str) -> Clock:
    """One clock as it was and as the revised timeline has it: what is finished or breached stays (R9 to R11)."""
    if before is not None and before.outcome in (clocks.Outcome.MET, clocks.Outcome.BREACHED):
        return before if after is None or not after.is_running else _revived(before, after, turn)
    if after is None:
        assert before is not None  # noqa: S101  it is in one of the two
        return clocks.end(before, turn.at, reason, turn.books) if before.is_running else before
    if before is not None and before.is_running and after.is_running and before.due_at == after.due_at:
        return _told_anew(before, after)
    if before is not None and clocks.recorded(before, turn.at).breached_at and not after.is_running:
        return clocks.end(before, turn.at, reason, turn.books)
    return _anew(before, after, turn) if after.is_running else after


def _told_anew(before: Clock, after: Clock) -> Clock:
    """A clock whose due time stays: its pauses may be others, and what is on record of it stays on record."""
    return replace(
        after,
        binding_at=before.binding_at,
        binding_reason=before.binding_reason,
        revealed_at=before.revealed_at,
        generation=before.generation,
        warned=before.warned,
        breached_at=before.breached_at,
        breached_under=before.breached_under,
    )


def _revived(before: Clock, after: Clock, turn: _Turn) -> Clock:
    """An ended clock that runs again because what ended it was taken back (R8, R11); its breach stays on record."""
    if before.reason is None and before.metric is not Metric.RES:
        return before
    return _anew(before, after, turn)


def _anew(before: Clock | None, after: Clock, turn: _Turn) -> Clock:
    """The clock as the event made it run: pages sent for what it was before do not count for what it is now."""
    clock = clocks.bound_by(after, turn.event)
    if before is None:
        return clock
    before = clocks.recorded(before, turn.at)
    return replace(
        clock,
        generation=max(clock.generation, before.generation + 1),
        warned=before.warned or clock.warned,
        breached_at=before.breached_at or clock.breached_at,
        breached_under=before.breached_under or clock.breached_under,
    )


# --- another case becomes part of this one --------------------------------------------------------------------

# What an agent decided about a case says nothing about the one that took it over.
_OF_ONE_CASE = frozenset(
    {
        EventKind.ASSIGN,
        EventKind.WAIT,
        EventKind.HOLD,
        EventKind.OPEN,
        EventKind.RESOLVE,
        EventKind.REOPEN,
        EventKind.SPAM,
        EventKind.RESTORE,
        EventKind.PRIORITY,
        EventKind.TIER,
        EventKind.MERGE,
    }
)


def _merge(state: CaseState, turn: _Turn) -> CaseState:
    """Two timelines become one where both are at hand: in `follow`."""
    _ = turn.past
    return state


def follow(
    timeline: Sequence[Event], books: Books, *, withdrawn: frozenset[str] = frozenset(), home: str | None = None
) -> Iterator[tuple[Event, tuple[CaseState, ...]]]:
    """
    Each event in order, with the case as it is right after it, and then the cases that have yet to join it.

    Until its merge a case has a timeline of its own: its events are marked
    with their origin. What was heard of only after the merge belongs to the
    case whose message it is about.
    """
    whose = _origins(timeline, home)
    own = _Line(home, CaseState(withdrawn=withdrawn))
    lines = {home: own}
    for event in timeline:
        origin = whose[event.key]
        if origin not in lines:
            lines[origin] = _Line(origin, CaseState(withdrawn=withdrawn))
        joining = lines.get(event.detail.get("from")) if event.kind is EventKind.MERGE else None
        if joining not in (None, own, lines[origin]):
            lines[origin].take(joining, event, books)
            lines = {case_id: lines[origin] if line is joining else line for case_id, line in lines.items()}
        apart = [line for case_id, line in lines.items() if line is not own and line.home == case_id]
        for line in (own, *apart) if event.kind is EventKind.POLICY else (lines[origin],):
            line.add(event, books)
        own.note(event, frozenset(str(line.home) for line in apart))
        yield event, (own.state, *(line.state for line in apart))


def _origins(timeline: Sequence[Event], home: str | None) -> Mapping[str, str | None]:
    """In which case each event happened, by its key."""
    messages = {event.native_id: event.origin for event in timeline if event.fact and event.origin}
    return {event.key: event.origin or _concerned(event, messages) or home for event in timeline}


def _concerned(event: Event, messages: Mapping[str, str | None]) -> str | None:
    """The case whose message a fact is about."""
    if event.fact is None:
        return None
    return messages.get(event.native_id) or messages.get(event.fact.parent_id or "")


@dataclass(slots=True, eq=False)
class _Line:
    """
    One case while its timeline is told: its events so far, and what they make of it.

    `drafts` has a state for each of the first events: the case as it would be
    had all that joined it been one case from the beginning, and had nobody
    written what `left_out` names. A merge tells anew only what stands behind
    the first event of the case that joins, so cases that join one after
    another cost no more than they bring.
    """

    home: str | None
    state: CaseState
    events: list[Event] = field(default_factory=list)
    drafts: list[CaseState] = field(default_factory=list)
    left_out: frozenset[str] = frozenset()

    def add(self, event: Event, books: Books) -> None:
        self.state = _applied(self.state, _Turn(event, books, self.events, self.home))
        self.events.append(event)

    def note(self, event: Event, apart: frozenset[str]) -> None:
        """Something happened, if only to one of the cases `apart`."""
        if (self.state.last, self.state.apart) != (event.order, apart):
            self.state = replace(self.state, last=event.order, apart=apart)

    def take(self, joining: "_Line", merge: Event, books: Books) -> None:
        """The two timelines become one, and the clocks of both are brought into agreement with it (R10)."""
        before, theirs = self.state, joining.state
        if self.left_out != before.withdrawn:
            self.drafts.clear()
        self.left_out = before.withdrawn | theirs.withdrawn
        self._draft(bisect_left(self.events, joining.events[0].order, key=lambda event: event.order), books)
        self.events = in_order({event.key: event for event in (*self.events, *joining.events)}.values())
        self._draft(len(self.events), books)
        fresh = self.drafts[-1]
        if fresh.opened_at is None:
            fresh = _emptied(fresh, before if before.opened_at else theirs)
        turn = _Turn(merge, books, self.events, self.home)
        of_both = _reconcile((*before.clocks, *theirs.clocks), fresh.clocks, turn, "merged")
        self.state = replace(fresh, clocks=of_both, alerts=(*before.alerts, *theirs.alerts))

    def _draft(self, length: int, books: Books) -> None:
        """Drafts for so many of the events, and for no others."""
        del self.drafts[length:]
        state = replace(self.drafts[-1] if self.drafts else CaseState(), withdrawn=self.left_out)
        for event in self.events[len(self.drafts) : length]:
            state = _applied(state, _Turn(event, books, self.events, self.home, is_draft=True))
            self.drafts.append(state)


_HANDLERS: Mapping[EventKind, Handler] = {
    EventKind.MENTION: _mention,
    EventKind.EDIT: _edit,
    EventKind.ANSWER: _answer,
    EventKind.DELETE: _delete,
    EventKind.ASSIGN: _assign,
    EventKind.WAIT: _to(CaseStatus.WAITING_CUSTOMER),
    EventKind.HOLD: _to(CaseStatus.ON_HOLD_INTERNAL),
    EventKind.OPEN: _to(CaseStatus.OPEN),
    EventKind.RESOLVE: _resolve,
    EventKind.REOPEN: _reopen,
    EventKind.SPAM: _spam,
    EventKind.RESTORE: _restore,
    EventKind.PRIORITY: _priority,
    EventKind.TIER: _tier,
    EventKind.MERGE: _merge,
    EventKind.REPLY: _reply,
    EventKind.REPLY_FAILED: _reply_failed,
    EventKind.TAKE_BACK: _take_back,
    EventKind.WARNED: _warned,
    EventKind.PAGED: _paged,
    EventKind.NOTICE: _notice,
    EventKind.PAGE_DROPPED: _page_dropped,
    EventKind.PAGE_FAILED: _page_failed,
    EventKind.WINDOW_TOLD: _window_told,
    EventKind.ACKNOWLEDGED: _acknowledged,
    EventKind.POLICY: _policy,
    EventKind.FAULT: _fault,
}

# What was taken back is left out of a draft from its beginning.
_OF_A_DRAFT: Mapping[EventKind, Handler] = {
    **_HANDLERS,
    EventKind.DELETE: _nothing,
    EventKind.REOPEN: lambda state, _: replace(state, resolve_pending=False),
    EventKind.RESTORE: _nothing,
    EventKind.MERGE: _nothing,
}


def allowed_actions(state: CaseState) -> frozenset[EventKind]:
    """What an agent may do now; the console draws its buttons from this."""
    return _ALLOWED[state.status] | ({EventKind.TAKE_BACK} if state.outbox else set())


_ANYTIME = {EventKind.NOTE, EventKind.ASSIGN, EventKind.PRIORITY}
_OPEN_CASE = {
    *_ANYTIME,
    EventKind.REPLY,
    EventKind.WAIT,
    EventKind.HOLD,
    EventKind.RESOLVE,
    EventKind.SPAM,
    EventKind.MERGE,  # another case joins this one
}
_ALLOWED: Mapping[CaseStatus, frozenset[EventKind]] = {
    CaseStatus.NEW: frozenset(_OPEN_CASE),
    CaseStatus.OPEN: frozenset(_OPEN_CASE),
    CaseStatus.WAITING_CUSTOMER: frozenset({*_OPEN_CASE, EventKind.OPEN}),
    CaseStatus.ON_HOLD_INTERNAL: frozenset({*_OPEN_CASE, EventKind.OPEN}),
    CaseStatus.RESOLVED: frozenset({*_ANYTIME, EventKind.REPLY, EventKind.REOPEN, EventKind.SPAM}),
    CaseStatus.SPAM: frozenset({EventKind.NOTE, EventKind.RESTORE}),
}
