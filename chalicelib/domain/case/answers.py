"""The brand answers: on its way, arrived, failed, taken back."""

from dataclasses import replace

from chalicelib.domain import clock as clocks
from chalicelib.domain.case.actions import on_resolve
from chalicelib.domain.case.state import CaseState
from chalicelib.domain.case.status import status_after
from chalicelib.domain.case.turn import Turn, each_running, with_waiters, writer_of
from chalicelib.domain.clock import Metric
from chalicelib.domain.events import Event, EventKind


def on_answer(state: CaseState, turn: Turn) -> CaseState:
    state = _left_outbox(state, turn.event)
    state = replace(state, answers=state.answers + 1)
    if not _qualifies(state, turn.event):
        return state
    answered = _answered(state, turn)
    stopped = {waiter.key for waiter in state.waiters if waiter.person in answered}
    state = each_running(
        state,
        lambda c: clocks.stop(c, turn.at, turn.books) if c.metric is not Metric.RES and c.message_key in stopped else c,
    )
    state = with_waiters(state, tuple(waiter for waiter in state.waiters if waiter.person not in answered))
    state = replace(
        state,
        status=status_after(state.status, EventKind.ANSWER),
        answered_at=turn.at,
        failure=None,
    )
    return on_resolve(state, turn) if state.resolve_pending and not state.outbox else state


def _answered(state: CaseState, turn: Turn) -> frozenset[str]:
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
            return frozenset({writer_of(event)})
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


def on_reply(state: CaseState, turn: Turn) -> CaseState:
    status = status_after(state.status, EventKind.REPLY)
    reply_id = turn.event.detail["reply_id"]
    if reply_id in state.settled:
        return replace(state, status=status)
    return replace(state, status=status, outbox=(*state.outbox, reply_id), failure=None)


def on_reply_failed(state: CaseState, turn: Turn) -> CaseState:
    """The case stays open and says so: a resolve that waited for this reply is dropped."""
    state = _left_outbox(state, turn.event)
    return replace(state, failure=turn.event.text, resolve_pending=False)


def on_take_back(state: CaseState, turn: Turn) -> CaseState:
    """As of a reply that failed, but nothing went wrong."""
    return replace(_left_outbox(state, turn.event), resolve_pending=False)
