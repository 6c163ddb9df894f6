"""Killed before or after any call to the outside, and asked again: the same table, and one answer on its way."""

from dataclasses import replace

import pytest

from chalicelib.domain.events import EventKind
from chalicelib.domain.labels import Urgency
from chalicelib.ports.messages import decode_reply
from chalicelib.usecases.act import ActRequest, AnswerCustomer, Assign, MoveCase, Note, Prioritise, TakeBack, act
from tests.usecases.test_act import Desk
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death
from tests.usecases.world import at, wrote

TAKE_BACK = TakeBack(reply_id="of the answer that was there before")

# What was there before, and the request that is interrupted.
STORIES = {
    "note": ([], Note(text="called the desk")),
    "assign": ([], Assign(to="bob")),
    "priority, with a clock that was paused": ([MoveCase(kind=EventKind.WAIT)], Prioritise(to=Urgency.HIGH)),
    "hold": ([], MoveCase(kind=EventKind.HOLD)),
    "resolve": ([], MoveCase(kind=EventKind.RESOLVE)),
    "reopen, which replays": ([MoveCase(kind=EventKind.RESOLVE)], MoveCase(kind=EventKind.REOPEN)),
    "restore, which replays": ([MoveCase(kind=EventKind.SPAM)], MoveCase(kind=EventKind.RESTORE)),
    "answer": ([], AnswerCustomer(text="we are on it")),
    "answer to the first message": ([], AnswerCustomer(text="we are on it", to_message_id="100")),
    "answer and wait": ([], AnswerCustomer(text="which flight?", then=EventKind.WAIT)),
    "an answer taken back": ([AnswerCustomer(text="we are on it")], TAKE_BACK),
    "an answer and its resolve taken back": ([AnswerCustomer(text="here it is", then=EventKind.RESOLVE)], TAKE_BACK),
    "answer and resolve": ([], AnswerCustomer(text="here it is", then=EventKind.RESOLVE)),
}


def prepared(before):
    desk = Desk(wrote("100", 0), wrote("101", 1, parent_id="100"))
    for number, intent in enumerate(before):
        desk.act(intent, minutes=5 + number, key=f"before{number}")
    return desk


def ask(desk, intent, counter):
    """One request, every call counted."""
    ports = replace(
        desk.ports,
        store=Tripwire(desk.cases, counter),
        queues=Tripwire(desk.queues, counter),
        users=Tripwire(desk.ports.users, counter),
        backoff=Tripwire(desk.ports.backoff, counter),
    )
    if intent is TAKE_BACK:
        [before] = desk.events(EventKind.REPLY)
        intent = TakeBack(reply_id=before.detail["reply_id"])
    request = ActRequest(intent=intent, actor="ann", idempotency_key="k")
    return act(desk.case_id, request, ports=ports, now=at(10))


@pytest.mark.parametrize("story", STORIES)
def test_killed_anywhere_and_asked_again(story):
    before, intent = STORIES[story]
    undisturbed, counter = prepared(before), Counter()
    result = ask(undisturbed, intent, counter)
    assert counter.calls >= 2
    for death in every_death(counter.calls):
        desk = prepared(before)
        with pytest.raises(Killed):
            ask(desk, intent, death)
        again = ask(desk, intent, Counter())
        assert desk.table.everything() == undisturbed.table.everything(), death
        assert again.event == result.event
        sent = {decode_reply(body) for body in desk.queues.sent.get("replies", ())}
        assert sent == ({result.reply_id} if result.reply_id else set()), death
