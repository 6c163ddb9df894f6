"""A case in which several people wrote, because agents joined theirs: an answer is for those whom it answers."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.case.fold import apply, replay
from chalicelib.domain.case.state import CaseState
from chalicelib.domain.case.status import CaseStatus
from chalicelib.domain.case.turn import PastNeeded
from chalicelib.domain.clock import Metric, Outcome
from chalicelib.domain.events import EventKind, from_fact, in_order
from chalicelib.domain.facts import Author, FactKind
from chalicelib.ports.json_codec import dumps, loads
from tests.domain.test_case import BOOKS, answer, at, did, elsewhere, mention, merged, said, stored


def by(person, message_id, minutes, **values):
    event = mention(message_id, minutes, **values)
    return from_fact(replace(event.fact, author=Author(id=person, handle=f"h{person}")), labels=event.labels, book=1)


def waits(state):
    return [waiter.person for waiter in state.waiters]


def running(state, *metrics):
    return {(clock.metric, clock.message_key) for clock in state.running if clock.metric in metrics}


TOVA, ULF = by("501", "100", 0), elsewhere(by("502", "101", 1))
JOINED = [TOVA, ULF, merged(5)]


def test_an_answer_to_one_leaves_the_promise_to_the_other_running():
    before = replay(JOINED, BOOKS)
    assert waits(before) == ["501", "502"]
    state = replay([*JOINED, answer("200", 10, parent_id="100")], BOOKS)
    assert waits(state) == ["502"]
    assert (state.waiting_since, state.waiting_key) == (ULF.at, ULF.key)
    outcomes = {(c.metric, c.message_key): c.outcome for c in state.clocks}
    assert outcomes == {
        (Metric.FRT, TOVA.key): Outcome.MET,
        (Metric.FRT, ULF.key): Outcome.RUNNING,
        (Metric.RES, TOVA.key): Outcome.RUNNING,
        (Metric.RES, ULF.key): Outcome.CANCELLED,
    }
    both = replay([*JOINED, answer("200", 10, parent_id="100"), answer("201", 11, parent_id="101")], BOOKS)
    assert waits(both) == []
    assert running(both, Metric.FRT, Metric.NRT) == set()


def test_a_case_does_not_wait_for_its_customers_while_one_of_them_waits_for_us():
    parked = [*JOINED, did(EventKind.WAIT, 6), answer("200", 10, parent_id="100")]
    [res] = [clock for clock in replay(parked, BOOKS).running if clock.metric is Metric.RES]
    assert res.paused_since is None
    [res] = [c for c in replay([*parked, answer("201", 12, parent_id="101")], BOOKS).running if c.metric is Metric.RES]
    assert res.paused_since == at(12)


def test_a_resolve_is_for_all_of_them():
    state = replay([*JOINED, answer("200", 10, parent_id="100"), did(EventKind.RESOLVE, 11)], BOOKS)
    assert (waits(state), state.status) == ([], CaseStatus.RESOLVED)
    assert state.running == ()


ADDRESSED = {
    "below their message": {"parent_id": "101"},
    "below a later version of it": {"parent_id": "101b"},
    "below our answer to them": {"parent_id": "150"},
    "in private, to them": {"private": True, "customer_id": "502", "thread_id": "t"},
    "to them by name, wherever it stands": {"customer_id": "502", "parent_id": "unknown"},
}


@pytest.mark.parametrize("how", ADDRESSED)
def test_whom_an_answer_is_for(how):
    ulf = replace(ULF, fact=replace(ULF.fact, alias_ids=("101b",)))
    story = [TOVA, ulf, merged(2), answer("150", 3, parent_id="101"), by("502", "102", 4)]
    assert waits(replay([*story, answer("200", 10, **ADDRESSED[how])], BOOKS)) == ["501"]


def test_an_answer_to_nobody_known_clears_nobody():
    state = replay([*JOINED, answer("200", 10, parent_id="unknown")], BOOKS)
    assert waits(state) == ["501", "502"]


# --- any story ---------------------------------------------------------------------------------------------------

PEOPLE = ("501", "502", "503")
minutes = st.integers(0, 40)
wrote = st.builds(by, st.sampled_from(PEOPLE), st.integers(100, 112).map(str), minutes)
parents = st.integers(100, 112).map(str) | st.integers(200, 212).map(str) | st.none()
answers = st.builds(lambda i, m, parent: answer(str(i), m, parent_id=parent), st.integers(200, 212), minutes, parents)
others = st.builds(did, st.sampled_from([EventKind.NOTE, EventKind.WAIT, EventKind.OPEN]), minutes)
more = st.builds(
    did, st.sampled_from([EventKind.RESOLVE, EventKind.REOPEN, EventKind.SPAM, EventKind.RESTORE]), minutes
) | st.builds(lambda i, m: said(FactKind.DELETE, i, m), st.integers(100, 112).map(str), minutes)


def once(events):
    """Each id once, as one person's, whatever was drawn."""
    return list({event.native_id: event for event in events}.values())


def expected(timeline):
    """Who waits: those of whom the earliest message without a later answer to them, in the order of those."""
    whose, waiting, people = {}, {}, set()
    for event in in_order(timeline):
        if event.is_customers:
            people.add(event.fact.author.id)
            whose[event.native_id] = event.fact.author.id
            waiting.setdefault(event.fact.author.id, event.key)
        elif event.kind is EventKind.ANSWER:
            found = whose.get(event.fact.parent_id)
            whose[event.native_id] = found
            for person in people if len(people) == 1 else {found}:
                waiting.pop(person, None)
    return waiting


@settings(max_examples=300, deadline=None)
@given(st.lists(wrote | answers | others, max_size=18).map(once))
def test_who_waits_and_what_is_promised_to_each(timeline):
    state, waiting = replay(timeline, BOOKS), expected(timeline)
    assert {waiter.person: waiter.key for waiter in state.waiters} == waiting
    assert state.waiting_key == next(iter(state.waiters)).key if waiting else state.waiting_key is None
    assert {key for _, key in running(state, Metric.FRT, Metric.NRT)} == set(waiting.values())
    firsts = {}
    for event in in_order(timeline):
        if event.is_customers:
            firsts.setdefault(event.fact.author.id, event.key)
    assert {c.message_key for c in state.clocks if c.metric is Metric.FRT} == set(firsts.values())


@settings(max_examples=300, deadline=None)
@given(st.lists(wrote | answers | others | more, max_size=18).map(once))
def test_folding_one_by_one_equals_replaying_everything(timeline):
    state, past = CaseState(), []
    for event in in_order(timeline):
        try:
            state = apply(state, event, BOOKS)
        except PastNeeded:
            state = replay([*past, event], BOOKS)
        past.append(event)
        assert stored(state) == stored(replay(past, BOOKS))
        assert {waiter.key for waiter in state.waiters} >= {c[1] for c in running(state, Metric.FRT, Metric.NRT)}
        state = stored(state)


def as_stored_before(state):
    """A state as it was written before people were kept apart."""
    plain = json.loads(dumps(stored(state)))
    del plain["waiters"], plain["people"]
    return loads(CaseState, json.dumps(plain))


@pytest.mark.parametrize(
    "event",
    [
        by("501", "103", 20),
        by("502", "103", 20),
        answer("200", 20, parent_id="100"),
        answer("200", 20, parent_id="101"),
    ],
    ids=["the first writes", "the second writes", "an answer to the first", "an answer to the second"],
)
def test_a_state_stored_before_people_were_kept_is_told_anew(event):
    old = as_stored_before(replay(JOINED, BOOKS))
    assert old.waiting_key == TOVA.key
    with pytest.raises(PastNeeded):
        apply(old, event, BOOKS)


def test_somebody_whom_the_platform_does_not_name_is_another_one_each_time():
    nameless = [from_fact(replace(mention(str(n), n).fact, author=None), book=1) for n in (101, 102)]
    state = replay([*nameless, answer("200", 103, parent_id="102")], BOOKS)
    assert [waiter.key for waiter in state.waiters] == [nameless[0].key]
    assert state.waiters[0].since == at(101)
    assert timedelta(0) < at(103) - state.waiters[0].since
