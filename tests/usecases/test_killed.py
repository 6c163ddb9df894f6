"""
Triage and casework killed before or after any call to the outside, and run again: the same table and the same queues.

A message that was not deleted comes again whole, so the second run begins at the beginning.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.events import EventKind, action
from chalicelib.domain.facts import Fact
from chalicelib.ports.connector.parsing import Unreadable
from chalicelib.usecases import casework
from chalicelib.usecases.cases.timeline import commit_for
from chalicelib.usecases.triage import ORDINARY, URGENT, triage
from tests.usecases import world
from tests.usecases.test_casework import IN_ORDER
from tests.usecases.test_triage import Desk, Told, inbound, trouble
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death
from tests.usecases.world import MORNING, answered, at, deleted, edited, wrote

# --- triage ----------------------------------------------------------------------------------------------------

REQUESTS = {
    "both lanes": (inbound(), (wrote("1", 0), answered("2", 1, "1"), wrote("3", 2))),
    "trouble": (inbound(), (wrote("1", 0), trouble(), trouble())),
    "unreadable": (inbound(), (Unreadable("no such field"),)),
    "a bug": (inbound(replays=1), (KeyError("oops"),)),
    "too large for a queue": (inbound(body=None, body_ref="large/1"), (wrote("1", 0), answered("2", 1, "1"))),
    "too large and unreadable": (inbound(body=None, body_ref="large/1"), (Unreadable("no such field"),)),
    "nothing for us": (inbound(), ()),
}


def sort_out(desk: Desk, name: str, counter: Counter) -> None:
    """One request, every call counted."""
    message, found = REQUESTS[name]
    ports = replace(
        desk.ports,
        channels=Tripwire(desk, counter),
        queues=Tripwire(desk.queues, counter),
        bodies=Tripwire(desk.bodies, counter),
        quarantine=Tripwire(desk.quarantine, counter),
        report_trouble=Tripwire(desk.troubles.append, counter),
    )
    triage(message, Told(*found), ports)


def desk_with_body() -> Desk:
    desk = Desk()
    desk.bodies.put("large/1", b"{}")
    return desk


@pytest.mark.parametrize("name", REQUESTS)
def test_triage_killed_anywhere(name):
    undisturbed, counter = desk_with_body(), Counter()
    sort_out(undisturbed, name, counter)
    assert counter.calls >= 1
    for death in every_death(counter.calls):
        desk = desk_with_body()
        with pytest.raises(Killed):
            sort_out(desk, name, death)
        sort_out(desk, name, Counter())
        assert desk.table.everything() == undisturbed.table.everything(), death
        assert desk.bodies.kept == undisturbed.bodies.kept, death
        assert set(desk.troubles) == set(undisturbed.troubles), death
        for lane in (URGENT, ORDINARY):
            # Twice is harmless, and nothing else may be there.
            assert set(desk.queues.sent.get(lane, ())) == set(undisturbed.queues.sent.get(lane, ())), death


# --- casework --------------------------------------------------------------------------------------------------

# What was there before, one delivery after the other, and the delivery that is interrupted.
STORIES: dict[str, tuple[Sequence[Fact], Sequence[Fact]]] = {
    "a new case": ([], [wrote("100", 0)]),
    "a follow-up": ([wrote("100", 0)], [wrote("101", 5, parent_id="100")]),
    "a duplicate": ([wrote("100", 0)], [wrote("100", 0)]),
    "a duplicate that says more": ([wrote("100", 0, text="cut…")], [wrote("100", 0, text="cut and then the rest")]),
    "two people in one delivery": ([], [wrote("100", 0), wrote("101", 1, who="502", parent_id="100")]),
    "an answer": ([wrote("100", 0)], [answered("101", 5, "100")]),
    "an answer without what it answers": ([], [answered("101", 5, "100")]),
    "what two answers and an edit had waited for": (
        [answered("101", 5, "100"), edited("100", 3, "my bags"), answered("102", 6, "101")],
        [wrote("100", 0)],
    ),
    "a post of the brand that people wait under": ([wrote("101", 5, parent_id="90")], [answered("90", 0, None)]),
    "a chain below a post of the brand": (
        [wrote("101", 5, parent_id="92"), answered("92", 4, "91"), answered("91", 3, "90")],
        [answered("90", 0, None)],
    ),
    "threads that turn out to be one": (
        [wrote("100", 0), wrote("103", 9, parent_id="102"), wrote("104", 10, parent_id="103")],
        [answered("102", 8, "100")],
    ),
    "threads that turn out to be one, deeper": (
        [wrote("104", 10, parent_id="103"), wrote("102", 5, parent_id="101"), wrote("100", 0)],
        [wrote("103", 9, parent_id="102"), answered("101", 4, "100")],
    ),
    "a deletion": ([wrote("100", 0), edited("100", 1, "my bags")], [deleted("100", 5)]),
    "a deletion of what nobody reported": ([], [deleted("100", 5)]),
    "a deletion of what only an edit tells of": ([edited("100", 1, "SECRET")], [deleted("100", 5)]),
    "a text that was deleted before it came": ([deleted("100", 5)], [wrote("100", 0, text="SECRET")]),
    "a deletion by another channel": ([wrote("100", 0)], [deleted("100", 5, channel="x.other")]),
    "a message that another channel deleted before it came": (
        [deleted("100", 5, channel="x.other"), deleted("100", 6)],
        [wrote("100", 0, text="SECRET")],
    ),
    "a message that two channels heard": ([wrote("100", 0)], [wrote("100", 0, channel="x.other")]),
    "a private message": ([], [wrote("121", 31, who="505", private=True, thread_id="505-900")]),
    "a private answer first": (
        [answered("120", 30, None, private=True, thread_id="505-900", customer_id="505")],
        [wrote("121", 31, who="505", private=True, thread_id="505-900")],
    ),
    "a person named late": (
        [replace(wrote("100", 1, thread_id="t"), author=None)],
        [wrote("100", 1, thread_id="t")],
    ),
    "a person named late who has a case": (
        [replace(wrote("100", 1, thread_id="t"), author=None), wrote("101", 0, thread_id="t")],
        [wrote("100", 1, thread_id="t")],
    ),
    "a message with several ids": ([answered("9", 5, "101")], [wrote("100", 0, alias_ids=("101", "102"))]),
    "the whole morning": ([], MORNING),
    "the whole morning backwards": ([], MORNING[::-1]),
}


def take(cases, facts: Sequence[Fact], counter: Counter, minutes: float = 200) -> None:
    """One delivery, every call counted."""
    ports = world.ports(Tripwire(cases, counter), minutes)
    casework.take([world.labelled(fact) for fact in facts], ports)


def prepared(before: Sequence[Fact]):
    table, cases = world.store()
    for fact in before:
        world.take(cases, [fact])
    return table, cases


@pytest.mark.parametrize("name", STORIES)
def test_casework_killed_anywhere(name):
    before, facts = STORIES[name]
    table, cases = prepared(before)
    counter = Counter()
    take(cases, facts, counter)
    assert counter.calls >= 1
    undisturbed = world.outcome(table, cases)
    for death in every_death(counter.calls):
        table, cases = prepared(before)
        with pytest.raises(Killed):
            take(cases, facts, death)
        take(cases, facts, Counter())
        assert world.outcome(table, cases) == undisturbed, death
        assert world.items_with(table, "SECRET") == [], death


@pytest.mark.parametrize("name", [name for name in STORIES if len(STORIES[name][1]) == 1])
def test_the_table_is_the_same_item_for_item(name):
    """Where one fact came, not even a version number tells that it came twice."""
    before, facts = STORIES[name]
    table, cases = prepared(before)
    counter = Counter()
    take(cases, facts, counter)
    undisturbed = table.everything()
    for death in every_death(counter.calls):
        table, cases = prepared(before)
        with pytest.raises(Killed):
            take(cases, facts, death)
        take(cases, facts, Counter())
        assert table.everything() == undisturbed, death


def test_killed_more_than_once():
    """Every second life dies one call later than the first."""
    table, cases = world.store()
    counter = Counter()
    take(cases, MORNING, counter)
    undisturbed = world.outcome(table, cases)
    table, cases = world.store()
    for number in range(1, counter.calls + 1):
        with suppress(Killed):  # what earlier lives did need not be done again: a late one may come through
            take(cases, MORNING, Counter(kill_at=number, after=number % 2 == 0))
    take(cases, MORNING, Counter())
    assert world.outcome(table, cases) == undisturbed
    assert world.parked_left(table) == []


def test_a_case_opened_after_the_seven_days_is_opened_once():
    def resolved():
        table, cases = prepared([wrote("100", 0, thread_id="t")])
        [case_id] = [pk.removeprefix("CASE#") for pk, sk in table.everything() if sk == "STATE"]
        case, _ = cases.case(case_id)
        assert case is not None
        resolve = action(EventKind.RESOLVE, action_id="r1", at=at(60), actor="ann", book=1)
        commit = commit_for(case, [resolve], store=cases, promises=world.PROMISES, now=at(60))
        assert commit is not None
        cases.commit(commit)
        return table, cases

    late = at(60) + timedelta(days=7, seconds=1)
    fact = wrote("101", 0, thread_id="t", occurred_at=late, received_at=late)
    table, cases = resolved()
    counter = Counter()
    take(cases, [fact], counter)
    undisturbed = table.everything()
    assert [sk for _, sk in undisturbed].count("STATE") == 2
    for death in every_death(counter.calls):
        table, cases = resolved()
        with pytest.raises(Killed):
            take(cases, [fact], death)
        take(cases, [fact], Counter())
        assert table.everything() == undisturbed, death


class Failing(Tripwire):
    """Raises an ordinary error, which code on the way may catch, instead of ending the process."""

    def _wrapped(self, function):
        call = super()._wrapped(function)

        def failing(*args, **kwargs):
            try:
                return call(*args, **kwargs)
            except Killed as killed:
                raise OSError from killed

        return failing


@pytest.mark.parametrize("name", [name for name in STORIES if len(STORIES[name][1]) < len(MORNING)])
def test_casework_whose_calls_fail_leaves_the_rest_to_the_next_delivery(name):
    before, facts = STORIES[name]
    table, cases = prepared(before)
    counter = Counter()
    take(cases, facts, counter)
    undisturbed = world.outcome(table, cases)
    for death in every_death(counter.calls):
        table, cases = prepared(before)
        with pytest.raises(OSError):  # noqa: PT011  it has no message
            casework.take([world.labelled(fact) for fact in facts], world.ports(Failing(cases, death)))
        take(cases, facts, Counter())
        assert world.outcome(table, cases) == undisturbed, death


@settings(max_examples=40, deadline=None)
@given(st.permutations(MORNING), st.integers(1, 6), st.data())
def test_any_order_with_a_death_in_every_delivery(facts, batch, data):
    table, cases = world.store()
    for begin in range(0, len(facts), batch):
        delivery = facts[begin : begin + batch]
        with suppress(Killed):
            take(cases, delivery, Counter(kill_at=data.draw(st.integers(1, 25)), after=data.draw(st.booleans())))
        take(cases, delivery, Counter())
    assert world.outcome(table, cases) == IN_ORDER
    assert world.parked_left(table) == []
