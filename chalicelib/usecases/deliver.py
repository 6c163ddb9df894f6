"""
An answer from the outbox reaches the customer once.

The connector says which of its calls posts. That it may have been made is
written before it is, and an attempt whose fate is unknown is never repeated
blindly: look first (ADR 7). The due index brings the answer back, and a crash
between any two calls changes nothing but the time.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from chalicelib.domain import windows
from chalicelib.domain.events import Event, EventKind, mention_key, whole_second
from chalicelib.domain.folding import normalized
from chalicelib.ports.alarms import Alarms
from chalicelib.ports.alerts import Alerts
from chalicelib.ports.cases import CaseStore, Commit, ReplyItem, ReplyStatus
from chalicelib.ports.connector.calls import HttpCall, HttpResult, Later, Steps, T
from chalicelib.ports.connector.replying import (
    DeliveryError,
    Looks,
    MaybeSent,
    NotAuthorised,
    OutboundReply,
    Receipt,
    Refused,
    Reply,
    SendContext,
    Throttled,
    TokenExpired,
)
from chalicelib.ports.http import Http
from chalicelib.ports.messages import encode_reply
from chalicelib.ports.policies import Promises
from chalicelib.ports.queues import Queues
from chalicelib.ports.secrets import SecretMissing, SendingSecrets
from chalicelib.ports.waiting import Backoff
from chalicelib.usecases.act import QUEUE
from chalicelib.usecases.cases.timeline import retrying
from chalicelib.usecases.exchange import run
from chalicelib.usecases.replies import outbox, reauthorise
from chalicelib.usecases.replies.access import Access, with_access
from chalicelib.usecases.replies.outbox import Outbox

LEASE = timedelta(seconds=120)  # longer than the function may run (90 s), so that nobody posts after losing it
SETTLE = timedelta(seconds=60)  # until a platform surely shows what it took
SKEW = timedelta(seconds=60)  # by how much the platform's clock may be behind ours
DELAYS_S = (30, 60, 120, 240, 480, 900)  # the last one repeats
GIVE_UP_AFTER = timedelta(hours=24)
MOST_ATTEMPTS = 150  # more than a day of delays: only what crashes us again and again gets there

NOT_IN_TIME = "The answer could not be sent within a day."
LOOK_YOURSELF = "Nobody knows whether the answer arrived: look on the platform before you write again."
GONE = "The message to answer has been deleted."
NO_KEYS = "The channel has no keys to answer with."
NO_WAY = "Answers to this platform cannot be sent from here."
MOST_MARKS = 5  # times that an answer begins anew within one attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """
    What delivering needs from outside.

    `reply_of` finds a platform's connector and raises LookupError for one
    that cannot be answered. `access` renews tokens. `clock` tells aware UTC:
    an attempt has several instants.
    """

    store: CaseStore
    promises: Promises
    http: Http
    secrets: SendingSecrets
    reply_of: Callable[[str], Reply]
    access: Access
    alerts: Alerts
    alarms: Alarms
    backoff: Backoff
    clock: Callable[[], datetime]
    queues: Queues

    @property
    def outbox(self) -> Outbox:
        """Those of them that the outbox needs."""
        return Outbox(store=self.store, promises=self.promises, backoff=self.backoff, clock=self.clock)


def deliver(reply_id: str, ports: Ports) -> None:
    """
    Make one attempt at an answer, if it is its turn, it is time, and nobody else is at it.

    Answers of one case leave in the order in which they were asked for.
    Raises `timeline.Overtaken` and AlertUndelivered; the answer stays in the due index.
    """
    item = retrying(lambda: _taken(reply_id, ports), ports.backoff)
    if item is None:
        return
    if item.status.is_final:
        outbox.drain(item, ports.outbox)
        _call_next(item, ports)
        return
    if item.attempts > MOST_ATTEMPTS:
        _give_up(item, NOT_IN_TIME, ports)
    else:
        _attempt(item, ports)
    stored = ports.store.reply(reply_id)
    if stored is not None and stored.status.is_final:
        _call_next(stored, ports)


def _call_next(item: ReplyItem, ports: Ports) -> None:
    """Whoever waited for this one need not wait for the sweep."""
    following = outbox.next_up(item, ports.outbox)
    if following is not None:
        ports.queues.send(QUEUE, [encode_reply(following)])


def _taken(reply_id: str, ports: Ports) -> ReplyItem | None:
    """The item under our lease, or as it is when it is done; None when it is not ours to take. Raises Conflict."""
    item = ports.store.reply(reply_id)
    if item is None or not _is_time(item, ports.clock()):
        return None
    if item.status.is_final:
        return item
    if outbox.ahead(item, ports.outbox) is not None:  # whoever ends that one calls this one; the sweep looks as well
        return None
    until = whole_second(ports.clock()) + LEASE
    held = replace(item, status=ReplyStatus.SENDING, attempts=item.attempts + 1, leased_until=until, next_at=until)
    ports.store.commit(Commit(at=ports.clock(), replies=(held,)))
    return replace(held, version=held.version + 1)


def _is_time(item: ReplyItem, now: datetime) -> bool:
    """Not under another worker's lease, and not before its delay is over."""
    not_before = item.leased_until if item.status is ReplyStatus.SENDING else item.retry_at
    return not_before is None or not_before <= now


# --- one attempt ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """How this answer is said to its platform."""

    reply: Reply
    outbound: OutboundReply
    context: SendContext


def _attempt(item: ReplyItem, ports: Ports) -> None:
    """Look if it may be there already, else post it."""
    try:
        reply = ports.reply_of(item.platform)
    except LookupError:
        outbox.end(item, ReplyStatus.FAILED, NO_WAY, ports.outbox)
        return
    try:
        line = _line(item, reply, ports)
        found = _look(item, line, ports) if item.first_tried_at else None
        if found is None and _is_gone(item, ports):
            outbox.end(item, ReplyStatus.DROPPED, GONE, ports.outbox)
            return
    except DeliveryError as error:
        _not_sent(item, error, ports)
        return
    if found:
        _sent(item, found, ports)
    else:
        _post(item, line, ports)


def _line(item: ReplyItem, reply: Reply, ports: Ports) -> _Line:
    """Raises NotAuthorised when there is no secret, Refused when the platform's window has ended meanwhile."""
    outbound = OutboundReply(
        reply_id=item.reply_id,
        parent_id=item.parent_id,
        customer_id=item.customer_id,
        text=item.text,
        private=item.private,
        first_tried_at=item.first_tried_at,
        needs_person=_needs_person(item, ports),
        address=item.address,
        progress=item.progress,
    )
    try:
        # After a failure the keys may be new ones.
        secrets = ports.secrets.send_secrets(item.channel, item.account_id, fresh=item.failure is not None)
    except SecretMissing:
        raise NotAuthorised(NO_KEYS, code="secret_missing") from None
    context = SendContext(
        account_id=item.account_id, now=ports.clock(), credentials=secrets.credentials, api_base=secrets.api_base
    )
    return _Line(reply=reply, outbound=outbound, context=with_access(context, item.channel, ports.access))


def _needs_person(item: ReplyItem, ports: Ports) -> bool:
    """Whether the platform takes it only as a person's. Raises Refused when it takes nothing any more (R17)."""
    if not item.private or not windows.has_window(item.platform):
        return False
    case, _ = outbox.case_of(item, ports.outbox)
    window, now = case.state.window, ports.clock()
    objection = windows.objection(window, now, automatic=item.automatic)
    if objection and item.first_tried_at is None:  # else it may be there already: look first
        raise Refused(objection, code="window_closed")
    return window is not None and window.needs_person(now)


def _is_gone(item: ReplyItem, ports: Ports) -> bool:
    address = ports.store.addresses(item.platform, [item.parent_id])[item.parent_id]
    if address.deleted_at is not None:
        return True
    case, _ = outbox.case_of(item, ports.outbox)
    kept_by = address.original_id or item.parent_id
    return mention_key(item.platform, kept_by) in case.state.withdrawn


def _run(
    item: ReplyItem,
    line: _Line,
    steps: Callable[[OutboundReply, SendContext], Steps[T]],
    perform: Callable[[HttpCall], HttpResult],
    ports: Ports,
) -> T | Later:
    """Run the steps; once more with a new token if the platform takes the old one no longer."""
    try:
        return run(steps(line.outbound, line.context), perform)
    except TokenExpired:
        spent = line.context.credentials.get("access_token")
        context = with_access(line.context, item.channel, ports.access, spent=spent)
        if context is line.context:
            raise
        return run(steps(line.outbound, context), perform)


class _LeaseLost(Exception):
    """Another worker has the answer: nothing is posted and nothing written."""


class _Posting:
    """
    The calls of one attempt. That an answer may arrive is written before the call that posts.

    `item` is the answer as it is stored now.
    """

    def __init__(self, item: ReplyItem, ports: Ports) -> None:
        self.item = item
        self._ports = ports

    def perform(self, call: HttpCall) -> HttpResult:
        if call.posts:
            marked = _mark(self.item, self._ports)
            if marked is None:
                raise _LeaseLost
            self.item = marked
        return self._ports.http.perform(call)


def _post(item: ReplyItem, line: _Line, ports: Ports) -> None:
    """
    Run the connector's steps, anew from each mark that they set on their way.

    Only a clear "no" takes back that the answer may have arrived.
    """
    for _ in range(MOST_MARKS):
        posting = _Posting(item, ports)
        try:
            line.reply.check(line.outbound)
            came = _run(item, line, line.reply.send, posting.perform, ports)
        except _LeaseLost:
            return
        except MaybeSent as error:
            _not_sent(posting.item, error, ports)
            return
        except DeliveryError as error:
            _not_sent(replace(posting.item, posting_at=None, first_tried_at=item.first_tried_at), error, ports)
            return
        if isinstance(came, Receipt):
            _sent(posting.item, came, ports)
            return
        reached = replace(posting.item, progress=came.progress, failure=None)
        if came.after_s > 0:
            _wait(reached, timedelta(seconds=ceil(came.after_s)), ports)
            return
        stored = outbox.save(reached, ports.outbox)
        if stored is None:
            return
        item, line = stored, replace(line, outbound=replace(line.outbound, progress=stored.progress))
    _wait(item, timedelta(seconds=DELAYS_S[0]), ports)


def _mark(item: ReplyItem, ports: Ports) -> ReplyItem | None:
    """Under the lease, or not at all: the next worker counts on our silence after it."""
    now = ports.clock()
    if item.leased_until is None or now >= item.leased_until:
        return None
    return outbox.save(replace(item, posting_at=now, first_tried_at=item.first_tried_at or now), ports.outbox)


# --- an attempt of unknown fate ---------------------------------------------------------------------------------


def _look(item: ReplyItem, line: _Line, ports: Ports) -> Receipt | None:
    """
    The receipt of an earlier attempt; None when there surely is nothing on the platform.

    Raises MaybeSent while that cannot be told.
    """
    echo = _echo(item, ports)
    if echo is not None:
        return Receipt(message_id=echo.native_id, posted_at=echo.fact.occurred_at if echo.fact else None)
    looked_at = ports.clock()
    found = _lookup(item, line, ports)
    last_try = item.posting_at or item.first_tried_at
    if found is None and last_try is not None and looked_at < last_try + SETTLE:
        raise MaybeSent("The platform may not show it yet.", code="unsettled")
    return found


def _lookup(item: ReplyItem, line: _Line, ports: Ports) -> Receipt | None:
    """Whatever a failed look says of itself, it says nothing of the post."""
    if not isinstance(line.reply, Looks):
        raise Refused(LOOK_YOURSELF, code="no_look")
    try:
        found = _run(item, line, line.reply.look, ports.http.perform, ports)
    except (Throttled, NotAuthorised):
        raise
    except DeliveryError as error:
        raise MaybeSent(str(error), code=error.code) from error
    if isinstance(found, Later):
        raise MaybeSent("The platform does not show it yet.", code="look_later", retry_after_s=found.after_s)
    return found


def _echo(item: ReplyItem, ports: Ports) -> Event | None:
    """Our answer as the platform told it before we heard its id: cheaper than a look, and surer."""
    case, _ = outbox.case_of(item, ports.outbox)
    events = ports.store.events(case.case_id)
    return min((event for event in events if _is_echo(event, item)), key=lambda event: event.order, default=None)


def _is_echo(event: Event, item: ReplyItem) -> bool:
    fact, since = event.fact, item.first_tried_at
    if event.kind is not EventKind.ANSWER or fact is None or since is None:
        return False
    is_placed = fact.private if item.private else not fact.private and fact.parent_id == item.parent_id
    is_ours = fact.account_id == item.account_id and not outbox.is_of_another(event, item)
    return is_placed and is_ours and event.at >= since - SKEW and _essence(fact.text) == _essence(item.text)


def _essence(text: str | None) -> str:
    return " ".join(normalized("NFC", text or "").split())


# --- what came of it ------------------------------------------------------------------------------------------


def _sent(item: ReplyItem, receipt: Receipt, ports: Ports) -> None:
    if not outbox.record(item, receipt, ports.outbox):
        _again(item, MaybeSent("The platform shows an answer of the same words.", code="of_another"), ports)


def _not_sent(item: ReplyItem, error: DeliveryError, ports: Ports) -> None:
    """What the type of the error says comes next."""
    if isinstance(error, Refused):
        outbox.end(item, ReplyStatus.FAILED, str(error), ports.outbox)
        return
    _again(item, error, ports)
    if isinstance(error, NotAuthorised):
        reauthorise.ask(item, str(error), alerts=ports.alerts, alarms=ports.alarms, now=ports.clock())


def _again(item: ReplyItem, error: DeliveryError, ports: Ports) -> None:
    """Back into the due index; an answer that would go out a day late is better written anew by a person."""
    retry_at = whole_second(ports.clock()) + _delay(item, error)
    if retry_at > item.asked_at + GIVE_UP_AFTER:
        _give_up(item, f"{NOT_IN_TIME} {error}", ports)
        return
    _wait(replace(item, failure=str(error)), retry_at - whole_second(ports.clock()), ports)


def _wait(item: ReplyItem, delay: timedelta, ports: Ports) -> None:
    retry_at = whole_second(ports.clock()) + delay
    status = ReplyStatus.UNCERTAIN if item.first_tried_at else ReplyStatus.QUEUED
    outbox.save(replace(item, status=status, next_at=retry_at, retry_at=retry_at, leased_until=None), ports.outbox)


def _delay(item: ReplyItem, error: DeliveryError) -> timedelta:
    """The platform's own wish; else longer after every attempt, and longest when people must act first."""
    if error.retry_after_s is not None:
        return timedelta(seconds=max(1, ceil(error.retry_after_s)))
    if isinstance(error, NotAuthorised):
        return timedelta(seconds=DELAYS_S[-1])
    return timedelta(seconds=DELAYS_S[min(item.attempts, len(DELAYS_S)) - 1])


def _give_up(item: ReplyItem, why: str, ports: Ports) -> None:
    outbox.end(item, ReplyStatus.FAILED, LOOK_YOURSELF if item.first_tried_at else why, ports.outbox)
