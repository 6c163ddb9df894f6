"""
An agent acts on a case: answers, notes, assigns, or moves it from one status to another.

An action is an event whose id is made of the agent and an idempotency key, so
that a repeat finds the first one and changes nothing. Nothing here talks to
a platform: an answer goes into the outbox, from where `deliver` takes it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from chalicelib.domain import windows
from chalicelib.domain.case.state import CaseState, allowed_actions
from chalicelib.domain.events import Event, EventKind, action, mention_key
from chalicelib.domain.facts import Fact
from chalicelib.domain.labels import Urgency
from chalicelib.domain.visible import is_blank
from chalicelib.ports.access import Users
from chalicelib.ports.cases import CaseRecord, CaseStore, ReplyItem, ReplyStatus
from chalicelib.ports.connector.replying import OutboundReply, Refused, Reply
from chalicelib.ports.json_codec import dumps
from chalicelib.ports.messages import encode_reply
from chalicelib.ports.policies import Promises
from chalicelib.ports.queues import Queues
from chalicelib.ports.waiting import Backoff
from chalicelib.usecases.cases.moving import current_case
from chalicelib.usecases.cases.timeline import at_the_end, commit_for, retrying

MOST_TEXT_CHARS = 10_000
KEY_PATTERN = r"[!-~]{1,100}"  # what may be an idempotency key
REDRIVE_AFTER = timedelta(seconds=60)  # then the sweep takes a queue message for lost
QUEUE = "replies"

MOVES = (
    EventKind.WAIT,
    EventKind.HOLD,
    EventKind.OPEN,
    EventKind.RESOLVE,
    EventKind.REOPEN,
    EventKind.SPAM,
    EventKind.RESTORE,
)
AFTERWARDS = (EventKind.WAIT, EventKind.RESOLVE)  # what may follow an answer in one go
# The order decides which of an action's events stands for it.
_KINDS = (EventKind.REPLY, EventKind.NOTE, EventKind.ASSIGN, EventKind.PRIORITY, EventKind.TAKE_BACK, *MOVES)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


# --- what an agent can ask for ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCustomer:
    """
    An answer to the customer.

    It goes to `to_message_id`, or to the customer's latest message. `private`
    None answers as the customer wrote. `then` is WAIT or RESOLVE; a resolve
    takes effect when the platform has the answer. `automatic` says that no
    person wrote it.
    """

    text: str
    private: bool | None = None
    then: EventKind | None = None
    to_message_id: str | None = None
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A remark that the customer never sees."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """Who cares for the case from now on; None for nobody."""

    to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prioritise:
    """A priority that overrides what the texts say."""

    to: Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCase:
    """Another status: one of `MOVES`."""

    kind: EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """An answer that is not out yet shall not go out any more."""

    reply_id: str


Intent = AnswerCustomer | Note | Assign | Prioritise | MoveCase | TakeBack


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRequest:
    """
    One action of one agent.

    `idempotency_key` counts for this agent and this case: a second request
    with the same key is taken for a repeat of the first.
    """

    intent: Intent
    actor: str
    idempotency_key: str

    @property
    def action_id(self) -> str:
        return f"{self.actor}:{self.idempotency_key}"

    @property
    def digest(self) -> str:
        """What tells a repeat from another request under the same key."""
        return sha256(f"{kind_of(self.intent)}{dumps(self.intent)}".encode()).hexdigest()


def kind_of(intent: Intent) -> EventKind:
    """The event that stands for the intent in the timeline."""
    match intent:
        case AnswerCustomer():
            return EventKind.REPLY
        case Note():
            return EventKind.NOTE
        case Assign():
            return EventKind.ASSIGN
        case Prioritise():
            return EventKind.PRIORITY
        case MoveCase():
            return intent.kind
        case TakeBack():
            return EventKind.TAKE_BACK


# --- what comes of it -------------------------------------------------------------------------------------------


class ActionInvalid(ValueError):
    """The request can never be carried out as it is; the message says what to change."""


class IdempotencyMismatch(Exception):
    """The key belongs to another request. Next step: a fresh key for every action."""


class NotAllowed(Exception):
    """The case's status does not allow the action now."""

    def __init__(self, state: CaseState, kind: EventKind) -> None:
        self.status = state.status
        self.allowed = tuple(sorted(allowed_actions(state)))
        super().__init__(
            f"The case is {state.status.value}: {kind.value} is not possible now. Possible: {', '.join(self.allowed)}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActResult:
    """
    What was done, and the case as it stands now.

    `event` is the first one also for a repeat. `case_id` is not the one asked
    for when another case took that over. `warning` is a sentence for whoever
    asked for an answer that cannot go out for now.
    """

    case_id: str
    event: Event
    state: CaseState
    repeated: bool = False
    warning: str | None = None

    @property
    def reply_id(self) -> str | None:
        """The answer's place in the outbox; None for every other action."""
        return self.event.detail.get("reply_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """
    What acting needs from outside.

    `replier` gives None for a platform that cannot be answered by us.
    `has_keys` says whether there are keys to answer on a channel's account;
    None when nobody knows.
    """

    store: CaseStore
    promises: Promises
    backoff: Backoff
    queues: Queues
    users: Users
    replier: Callable[[str], Reply | None]
    has_keys: Callable[[str, str], bool | None] = lambda channel, account_id: None  # noqa: ARG005


def act(case_id: str, request: ActRequest, *, ports: Ports, now: datetime) -> ActResult:
    """
    Carry out a request once, however often it comes.

    Raises `joining.UnknownCase`, ActionInvalid, IdempotencyMismatch, NotAllowed,
    `connector.Refused` for an answer that the platform would not take, and
    `timeline.Overtaken`. When anything else is raised the action may have
    been done: the same request again finds out.
    """
    request = _checked(request)
    result = retrying(lambda: _step(case_id, request, ports, now), ports.backoff)
    if result.reply_id is not None:  # of an answer taken back: the next in the case need not wait for the sweep
        # Also for a repeat: the first may have died before this line, and `deliver` drops what is done.
        ports.queues.send(QUEUE, [encode_reply(result.reply_id)])
    if isinstance(request.intent, AnswerCustomer):
        return replace(result, warning=_warning(result.state, ports))
    return result


def _warning(state: CaseState, ports: Ports) -> str | None:
    """Whoever writes hears at once that the channel cannot send, as far as that is known."""
    if ports.has_keys(state.channel, state.account_id) is not False:
        return None
    keys = f"`earshot secrets set {state.channel} --use send --account {state.account_id}`"
    return f"The channel has no keys to answer with: the answer waits until {keys} stores them, for a day at most."


def rehearse(case_id: str, request: ActRequest, *, ports: Ports, now: datetime) -> ReplyItem:
    """
    The answer that a request would put into the outbox now. Writes nothing.

    Raises what `act` raises, except for a repeat: there is none.
    """
    request = _checked(request)
    case, _ = _find(case_id, request, ports, now)
    _require_allowed(case.state, request.intent)
    _, [item] = _decide(case, request, ports, now)
    return item


def _step(case_id: str, request: ActRequest, ports: Ports, now: datetime) -> ActResult:
    case, known = _find(case_id, request, ports, now)
    if known:
        first = min(known.values(), key=lambda event: _KINDS.index(event.kind))
        return _repeated(case, first, request)
    _require_allowed(case.state, request.intent)
    events, replies = _decide(case, request, ports, now)
    events = at_the_end(case.state, events)
    commit = commit_for(case, events, store=ports.store, promises=ports.promises, now=now)
    assert commit is not None and commit.case is not None  # noqa: S101, PT018  none of the events is known
    ports.store.commit(replace(commit, replies=replies))
    return ActResult(case_id=case.case_id, event=events[0], state=commit.case.state)


def _find(case_id: str, request: ActRequest, ports: Ports, now: datetime) -> tuple[CaseRecord, Mapping[str, Event]]:
    """The case, and what this request left in it if it came before."""
    keys = [action(kind, action_id=request.action_id, at=now, actor=request.actor).key for kind in _KINDS]
    return current_case(
        case_id,
        store=ports.store,
        promises=ports.promises,
        now=now,
        backoff=ports.backoff,
        event_keys=keys,
    )


def _repeated(case: CaseRecord, first: Event, request: ActRequest) -> ActResult:
    if first.detail.get("request") != request.digest:
        raise IdempotencyMismatch(
            "This Idempotency-Key was used for another request. Send a fresh key with every new action."
        )
    return ActResult(case_id=case.case_id, event=first, state=case.state, repeated=True)


def _require_allowed(state: CaseState, intent: Intent) -> None:
    wanted = [kind_of(intent)]
    if isinstance(intent, AnswerCustomer) and intent.then:
        wanted.append(intent.then)
    for kind in wanted:
        if kind not in allowed_actions(state):
            raise NotAllowed(state, kind)


# --- each kind of action ----------------------------------------------------------------------------------------


def _decide(
    case: CaseRecord, request: ActRequest, ports: Ports, now: datetime
) -> tuple[tuple[Event, ...], tuple[ReplyItem, ...]]:
    """The events of an action, the one that stands for it first, and what goes into the outbox with them."""
    intent = request.intent
    note = _event(request, kind_of(intent), ports, now)
    match intent:
        case AnswerCustomer():
            return _answer(intent, note, case, request, ports, now)
        case Note():
            return (replace(note, text=intent.text),), ()
        case Assign():
            _require_user(intent.to, ports.users)
            return (_detailed(note, to=intent.to or ""),), ()
        case Prioritise():
            return (_detailed(note, to=intent.to.value),), ()
        case MoveCase():
            return (note,), ()
        case TakeBack():
            return (_detailed(note, reply_id=intent.reply_id),), (_taken_back(intent, case, ports.store),)


def _taken_back(intent: TakeBack, case: CaseRecord, store: CaseStore) -> ReplyItem:
    """The item with its end. Whoever is about to post it finds it changed, and does not. Raises Refused."""
    item = store.reply(intent.reply_id) if intent.reply_id in case.state.outbox else None
    if item is None or item.status.is_final:
        raise Refused("This answer does not wait in this case: it is out, or was never asked for.", code="not_waiting")
    if item.may_be_posted:
        raise Refused(
            "This answer may be on the platform already: once it is, it can only be deleted there.",
            code="may_be_posted",
        )
    return replace(item.at_rest, status=ReplyStatus.TAKEN_BACK)


def _event(request: ActRequest, kind: EventKind, ports: Ports, now: datetime) -> Event:
    return action(
        kind,
        action_id=request.action_id,
        at=now,
        actor=request.actor,
        detail={"request": request.digest},
        book=ports.promises.current,
    )


def _detailed(event: Event, **values: str) -> Event:
    return replace(event, detail={**event.detail, **values})


def _require_user(name: str | None, users: Users) -> None:
    if name is None:
        return
    user = users.named(name)
    if user is None or user.disabled:
        raise ActionInvalid(f"There is no user {name}. `earshot users list` shows who there is.")


def _answer(
    intent: AnswerCustomer, event: Event, case: CaseRecord, request: ActRequest, ports: Ports, now: datetime
) -> tuple[tuple[Event, ...], tuple[ReplyItem, ...]]:
    fact = _answered(intent, case, ports.store)
    item = _outbox_item(intent, fact, case, request, now)
    _require_window(item, case, now)
    _require_sendable(item, ports)
    how = {"private": "yes"} if item.private else {}
    event = _detailed(replace(event, text=item.text), reply_id=item.reply_id, message_id=fact.message_id, **how)
    then = (_event(request, intent.then, ports, now),) if intent.then else ()
    return (event, *then), (item,)


def _answered(intent: AnswerCustomer, case: CaseRecord, store: CaseStore) -> Fact:
    """The customer's message that gets the answer. Raises ActionInvalid, Refused."""
    key = mention_key(case.platform, intent.to_message_id) if intent.to_message_id else _latest(case)
    if key in case.state.withdrawn:
        raise Refused("The message was deleted by its author: it cannot be answered any more.", code="deleted")
    # The commit fails if the case has changed since it was read, so two reads are as good as one.
    _, found = store.case(case.case_id, event_keys=[key])
    fact = found[key].fact if key in found else None
    if fact is None:
        raise ActionInvalid("to_message_id is not the id of a message that the customer wrote in this case.")
    return fact


def _latest(case: CaseRecord) -> str:
    if case.state.latest_key is None:
        raise Refused("Everything the customer wrote was deleted: nothing is left to answer.", code="deleted")
    return case.state.latest_key


def _outbox_item(intent: AnswerCustomer, fact: Fact, case: CaseRecord, request: ActRequest, now: datetime) -> ReplyItem:
    if fact.private and intent.private is False:
        raise Refused("The customer wrote in private: answer in private.", code="private")
    return ReplyItem(
        reply_id=_reply_id(case.case_id, request.action_id),
        case_id=case.case_id,
        platform=fact.platform,
        channel=fact.channel,
        account_id=fact.account_id,
        parent_id=fact.message_id,
        customer_id=fact.author.id if fact.author else None,
        text=intent.text,
        private=fact.private if intent.private is None else intent.private,
        actor=request.actor,
        asked_at=now,
        automatic=intent.automatic,
        next_at=now + REDRIVE_AFTER,
        address=fact.address,
    )


def _reply_id(case_id: str, action_id: str) -> str:
    return f"r{sha256(f'{case_id}|{action_id}'.encode()).hexdigest()[:31]}"


def _require_window(item: ReplyItem, case: CaseRecord, now: datetime) -> None:
    """The platform would not take it: whoever writes hears that now, not when it comes back (R17)."""
    objection = windows.objection(case.state.window, now, automatic=item.automatic) if item.private else None
    if objection:
        raise Refused(objection, code="window_closed")


def _require_sendable(item: ReplyItem, ports: Ports) -> None:
    connector = ports.replier(item.platform)
    if connector is None:
        raise Refused(
            f"Earshot cannot answer on {item.platform}: answer there, and the case will follow.", code="no_reply"
        )
    connector.check(
        OutboundReply(
            reply_id=item.reply_id,
            parent_id=item.parent_id,
            customer_id=item.customer_id,
            text=item.text,
            private=item.private,
        )
    )


# --- what a request may hold ------------------------------------------------------------------------------------


def _checked(request: ActRequest) -> ActRequest:
    """The request with its text as it will be stored. Raises ActionInvalid."""
    if not re.fullmatch(KEY_PATTERN, request.idempotency_key):
        raise ActionInvalid("An idempotency key is 1 to 100 characters, without spaces.")
    intent = request.intent
    if isinstance(intent, MoveCase):
        _require_one_of(MOVES, intent.kind)
    if isinstance(intent, AnswerCustomer) and intent.then:
        _require_one_of(AFTERWARDS, intent.then)
    if isinstance(intent, AnswerCustomer | Note):
        return replace(request, intent=replace(intent, text=clean(intent.text)))
    return request


def _require_one_of(kinds: Iterable[EventKind], kind: EventKind) -> None:
    if kind not in kinds:
        raise ActionInvalid(f"{kind.value} is none of {', '.join(kind.value for kind in kinds)}.")


def clean(text: str, most: int = MOST_TEXT_CHARS) -> str:
    """What people typed, as it will be stored; forms send CR LF for a line break. Raises ActionInvalid."""
    text = text.replace("\r\n", "\n")
    if is_blank(text):
        raise ActionInvalid("There is no text.")
    if len(text) > most:
        raise ActionInvalid(f"The text has {len(text)} characters; {most} are allowed.")
    if _UNPRINTABLE.search(text):
        raise ActionInvalid("The text holds control characters: only line breaks and tabs are allowed.")
    return text
