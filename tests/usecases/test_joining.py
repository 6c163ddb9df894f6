"""An agent joins two cases: whatever interrupts it, one case is left, and it remembers both."""

import pytest

from chalicelib.domain.clock import Outcome
from chalicelib.domain.events import EventKind
from chalicelib.usecases.joining import SameCase, UnknownCase, current_case, merge
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death
from tests.usecases.world import PROMISES, answered, at, no_waiting, outcome, store, take, wrote

MERGED_AT = 60
PUBLIC = wrote("100", 0, thread_id="100")
# More events than move in one transaction, so that a move can be cut in two.
PRIVATE = [wrote(f"{200 + number}", 5 + number, private=True, thread_id="501-900") for number in range(12)]
REPLY = answered("300", 30, None, private=True, thread_id="501-900", customer_id="501")


def prepared():
    table, cases = store()
    take(cases, [PUBLIC, *PRIVATE, REPLY])
    return table, cases


def case_of(cases, message_id):
    return cases.addresses("x", [message_id])[message_id].case_id


def join(cases, going, staying, key="ann:1"):
    return merge(
        going,
        staying,
        actor="ann",
        action_id=key,
        store=cases,
        promises=PROMISES,
        now=at(MERGED_AT),
        backoff=no_waiting,
    )


def found(cases, case_id):
    case, _ = current_case(case_id, store=cases, promises=PROMISES, now=at(MERGED_AT), backoff=no_waiting)
    return case


def test_one_case_is_left_with_the_events_of_both():
    _, cases = prepared()
    going, staying = case_of(cases, "200"), case_of(cases, "100")
    assert join(cases, going, staying) == staying
    events = cases.events(staying)
    assert sum(event.kind is EventKind.MENTION for event in events) == 13
    assert {event.origin for event in events} == {None, going}
    assert not cases.events(going)
    assert found(cases, going).case_id == staying
    ended = {clock.id: (clock.outcome, clock.reason) for clock in cases.ended_clocks(staying)}
    assert ended["frt:x|200|mention"] == (Outcome.MET, None)
    assert ended["res:x|200|mention"] == (Outcome.CANCELLED, "merged")
    assert not cases.ended_clocks(going)


def test_what_comes_later_goes_to_the_case_that_is_left():
    _, cases = prepared()
    going, staying = case_of(cases, "200"), case_of(cases, "100")
    join(cases, going, staying)
    take(cases, [wrote("400", 90, private=True, thread_id="501-900"), answered("401", 95, "100")])
    assert case_of(cases, "400") == staying
    assert found(cases, staying).state.messages == 14


def test_a_repeat_changes_nothing():
    table, cases = prepared()
    going, staying = case_of(cases, "200"), case_of(cases, "100")
    join(cases, going, staying)
    before = table.everything()
    assert join(cases, going, staying) == staying
    assert table.everything() == before


def test_one_case_cannot_join_itself():
    _, cases = prepared()
    going, staying = case_of(cases, "200"), case_of(cases, "100")
    with pytest.raises(SameCase):
        join(cases, staying, staying)
    join(cases, going, staying)
    with pytest.raises(SameCase):
        join(cases, going, staying, key="ann:2")
    with pytest.raises(UnknownCase):
        join(cases, "c0", staying)


def test_killed_anywhere_and_asked_again():
    table, cases = prepared()
    going, staying = case_of(cases, "200"), case_of(cases, "100")
    counter = Counter()
    join(Tripwire(cases, counter), going, staying)
    assert counter.calls > 5
    undisturbed = outcome(table, cases)
    for death in every_death(counter.calls):
        table, cases = prepared()
        with pytest.raises(Killed):
            join(Tripwire(cases, death), going, staying)
        assert join(cases, going, staying) == staying
        assert outcome(table, cases) == undisturbed


def test_killed_anywhere_the_sweep_finishes_the_move():
    table, cases = prepared()
    going, staying = case_of(cases, "200"), case_of(cases, "100")
    counter = Counter()
    join(Tripwire(cases, counter), going, staying)
    undisturbed = outcome(table, cases)
    for death in every_death(counter.calls):
        table, cases = prepared()
        with pytest.raises(Killed):
            join(Tripwire(cases, death), going, staying)
        if found(cases, going).case_id == staying:  # as whoever meets the case does
            assert outcome(table, cases) == undisturbed
        else:
            assert cases.events(going)
