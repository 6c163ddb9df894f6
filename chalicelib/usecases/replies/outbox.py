"""
What becomes of an answer in the outbox, written so that nobody else's word is lost.

An outcome that the case must know of is one transaction of outbox and
timeline. Whoever lost the lease in the meantime writes nothing, except a
receipt: that counts whatever has been decided without it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.events import US, Event, EventKind, action, from_fact, whole_second
from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.ports.cases import (
    Address,
    CaseRecord,
    CaseStore,
    Commit,
    Conflict,
    Labelled,
    ReplyItem,
    ReplyStatus,
)
from chalicelib.ports.connector.replying import Receipt
from chalicelib.ports.policies import Promises
from chalicelib.ports.waiting import Backoff
from chalicelib.usecases import casework
from chalicelib.usecases.cases.believing import deleted_at, deletions_waiting, witnessed
from chalicelib.usecases.cases.moving import current_case
from chalicelib.usecases.cases.timeline import at_the_end, commit_for, retrying, without_content


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """The answers and their cases. `clock` tells aware UTC."""

    store: CaseStore
    promises: Promises
    backoff: Backoff
    clock: Callable[[], datetime]


def save(item: ReplyItem, outbox: Outbox) -> ReplyItem | None:
    """The item as it is stored now; None when another worker has it."""
    try:
        outbox.store.commit(Commit(at=outbox.clock(), replies=(item,)))
    except Conflict:
        return None
    return replace(item, version=item.version + 1)


def case_of(item: ReplyItem, outbox: Outbox, event: Event | None = None) -> tuple[CaseRecord, Mapping[str, Event]]:
    """The case that the answer belongs to by now, and the stored event of the same key as `event`."""
    return current_case(
        item.case_id,
        store=outbox.store,
        promises=outbox.promises,
        now=outbox.clock(),
        backoff=outbox.backoff,
        event_keys=(event.key,) if event else (),
    )


def is_of_another(event: Event, item: ReplyItem) -> bool:
    """Whether this answer in the timeline is known to be that of another item."""
    return event.detail.get("reply_id", item.reply_id) != item.reply_id


def _commit(case: CaseRecord, event: Event, known: Mapping[str, Event], outbox: Outbox) -> Commit:
    now = outbox.clock()
    commit = commit_for(case, [event], store=outbox.store, promises=outbox.promises, now=now, known=known)
    return commit or Commit(at=now)


def ahead(item: ReplyItem, outbox: Outbox) -> ReplyItem | None:
    """The first answer that was asked for before this one in its case and is not out yet, one way or the other."""
    case, _ = case_of(item, outbox)
    for reply_id in case.state.outbox:
        if reply_id == item.reply_id:
            break
        before = outbox.store.reply(reply_id)
        if before is not None and not before.status.is_final:
            return before
    return None


def next_up(item: ReplyItem, outbox: Outbox) -> str | None:
    """The answer whose turn it is in the case of `item`, by its id."""
    case, _ = case_of(item, outbox)
    return next(iter(case.state.outbox), None)


# --- it will not go out -----------------------------------------------------------------------------------------


def end(item: ReplyItem, status: ReplyStatus, why: str, outbox: Outbox) -> None:
    """It will not be sent, and the case says so. `why` is a sentence for the agent."""

    def step() -> None:
        stored = outbox.store.reply(item.reply_id)
        if stored is None or stored.version != item.version:
            return
        event = _failed(item, why, outbox)
        case, known = case_of(item, outbox, event)
        [event] = at_the_end(case.state, [event])
        ended = replace(item.at_rest, status=status, failure=why)
        outbox.store.commit(replace(_commit(case, event, known, outbox), replies=(ended,)))

    retrying(step, outbox.backoff)


def _failed(item: ReplyItem, why: str, outbox: Outbox) -> Event:
    return action(
        EventKind.REPLY_FAILED,
        action_id=item.reply_id,
        at=outbox.clock(),
        actor=US,
        text=why,
        detail={"reply_id": item.reply_id},
        book=outbox.promises.current,
    )


# --- it went out ------------------------------------------------------------------------------------------------


def record(item: ReplyItem, receipt: Receipt, outbox: Outbox) -> bool:
    """Write down that the platform has it; False when that message is another item's."""
    sent = retrying(lambda: _record(item, receipt, outbox), outbox.backoff)
    if sent is not None:
        drain(sent, outbox)
    return sent is not None


def _record(item: ReplyItem, receipt: Receipt, outbox: Outbox) -> ReplyItem | None:
    """Outbox, timeline and address in one transaction."""
    stored = outbox.store.reply(item.reply_id) or item
    if stored.status is ReplyStatus.SENT:
        return stored
    addresses = outbox.store.addresses(item.platform, [receipt.message_id, item.parent_id])
    own, parent = addresses[receipt.message_id], addresses[item.parent_id]
    answer = _answer(item, receipt, outbox.clock())
    own = replace(own, deleted_at=_deleted_at(answer, own, outbox))
    event = _event(item, answer, own, outbox)
    case, known = case_of(item, outbox, event)
    if any(is_of_another(stored_event, item) for stored_event in known.values()):
        return None
    sent = _done(stored, receipt, own, outbox)
    claimed = () if own.case_id else (_claimed(own, parent, case, answer),)
    outbox.store.commit(replace(_commit(case, event, known, outbox), replies=(sent,), addresses=claimed))
    return replace(sent, version=sent.version + 1)


def _deleted_at(answer: Fact, own: Address, outbox: Outbox) -> datetime | None:
    waiting = deletions_waiting([own], outbox.store)
    return deleted_at(answer, own, waiting.get(own.message_id, ()))


def _event(item: ReplyItem, answer: Fact, own: Address, outbox: Outbox) -> Event:
    """The entry that the platform's echo will be joined with, or was made by it; bare if it is deleted already."""
    event = from_fact(answer, book=outbox.promises.current)
    event = replace(event, actor=item.actor, detail={"reply_id": item.reply_id})
    return without_content(event) if own.deleted_at else event


def _answer(item: ReplyItem, receipt: Receipt, now: datetime) -> Fact:
    return Fact(
        kind=FactKind.ANSWER,
        platform=item.platform,
        channel=item.channel,
        account_id=item.account_id,
        message_id=receipt.message_id,
        received_at=now,
        occurred_at=receipt.posted_at,
        parent_id=item.parent_id,
        author=Author(id=item.account_id),
        customer_id=item.customer_id,
        text=item.text,
        private=item.private,
        by_person=not item.automatic,
    )


def _done(item: ReplyItem, receipt: Receipt, own: Address, outbox: Outbox) -> ReplyItem:
    return replace(
        item.at_rest,
        status=ReplyStatus.SENT,
        message_id=receipt.message_id,
        next_at=whole_second(outbox.clock()) if own.has_parked else None,
        failure=None,
    )


def _claimed(own: Address, parent: Address, case: CaseRecord, answer: Fact) -> Address:
    thread_id = own.thread_id or parent.thread_id or case.thread_id
    return replace(own, case_id=case.case_id, thread_id=thread_id, testimony=witnessed(own, answer))


def drain(item: ReplyItem, outbox: Outbox) -> None:
    """Set free what waited for the message of a sent answer, if anything still does."""
    if item.status is not ReplyStatus.SENT or item.next_at is None or item.message_id is None:
        return
    now = outbox.clock()
    fact = _answer(item, Receipt(message_id=item.message_id), now)
    casework.take(
        [Labelled(fact=fact)],
        casework.Ports(store=outbox.store, promises=outbox.promises, backoff=outbox.backoff, now=now),
    )
    save(replace(item, next_at=None), outbox)
