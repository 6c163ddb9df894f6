"""
Ids name each other as strangers and platforms please: in a circle, in a chain without end, or themselves.

Whatever they say, every message is in one case, nothing is raised, and the work for a message has a bound.
"""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.case.state import CaseState
from chalicelib.ports.cases import CaseRecord, Commit
from chalicelib.usecases import explain, show
from chalicelib.usecases.cases import moving
from chalicelib.usecases.casework import MOST_STEPS_UP
from tests.usecases import world
from tests.usecases.world import answered, at, deleted, shuffled, store, take, wrote

NODES = 9


def places(table, cases):
    """How many cases have each message; no case waits for a move."""
    found = Counter()
    for pk, sk in table.everything():
        if not (pk.startswith("CASE#") and sk == "STATE"):
            continue
        case, _ = cases.case(pk.removeprefix("CASE#"))
        assert not case.is_moving
        found.update(event.native_id for event in cases.events(case.case_id) if event.is_customers)
    return found


def each_once(facts):
    return Counter({fact.message_id: 1 for fact in facts if fact.kind == "mention"})


@st.composite
def graphs(draw):
    """Messages that name each other, themselves, or what nobody reports, as parent and as thread, in any way."""
    ids = [str(100 + number) for number in range(draw(st.integers(1, NODES)))]
    anything = st.sampled_from([None, *ids, "unreported"])
    facts = []
    for number, message_id in enumerate(ids):
        links = {"parent_id": draw(anything), "thread_id": draw(anything)}
        who = draw(st.sampled_from(["501", "502"]))
        match draw(st.sampled_from(["mention", "mention", "mention", "twice", "answer", "deleted"])):
            case "answer":
                facts.append(answered(message_id, number, links["parent_id"], thread_id=links["thread_id"]))
            case "twice":
                facts.append(wrote(message_id, number, who=who, parent_id=links["parent_id"]))
                facts.append(wrote(message_id, number, who=who, **links))
            case "deleted":
                facts += [wrote(message_id, number, who=who, **links), deleted(message_id, number + 1)]
            case _:
                facts.append(wrote(message_id, number, who=who, **links))
    return facts


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_however_messages_name_each_other_each_is_in_one_case(data):
    facts = data.draw(graphs())
    table, cases = store()
    mixed = data.draw(st.permutations(facts))
    take(cases, [*mixed, *mixed[:3]], batch=data.draw(st.integers(1, 5)))
    assert places(table, cases) == each_once(facts)


def test_a_circle_of_threads_has_one_name_wherever_it_is_entered():
    circle = [wrote("101", 1, thread_id="102"), wrote("102", 2, thread_id="103"), wrote("103", 3, thread_id="101")]
    below = [wrote(f"2{number}", 5, who="504", parent_id=f"10{number}") for number in (1, 2, 3)]
    table, cases = store()
    take(cases, [*circle, *below])
    [threads] = [{case["thread"] for case in world.outcome(table, cases) if case["author"] == "504"}]
    assert threads == {"101"}


class Counting:
    """A table that counts its reads."""

    def __init__(self, table):
        self._table, self.reads = table, 0

    def get(self, keys):
        self.reads += 1
        return self._table.get(keys)

    def __getattr__(self, name):
        return getattr(self._table, name)


LONG = 5_000


def test_a_chain_of_thousands_costs_no_more_than_its_bound():
    """Each message says that the one before it names its thread; then somebody answers the last one."""
    chain = [wrote(str(1000 + n), n / 60, who=f"7{n}", thread_id=str(999 + n)) for n in range(LONG)]
    table, cases = store()
    take(cases, shuffled(chain, 7))
    last, counting = str(1000 + LONG - 1), Counting(table)
    below = [wrote(f"2000{n}", 90, who="501", parent_id=last) for n in range(3)]
    take(type(cases)(counting), below, batch=1)
    assert counting.reads <= len(below) * (MOST_STEPS_UP + 20)
    assert places(table, cases) == each_once([*chain, *below])
    assert [len(case["events"]) for case in world.outcome(table, cases) if case["author"] == "501"] == [3]


def test_a_thread_told_backwards_ends_in_one_case_for_each_of_its_authors():
    """As a platform sends it that begins with the newest: longer than a stack is deep would be slow, not different."""
    thread = [wrote(str(1000 + n), n, who=f"7{n}", parent_id=str(999 + n) if n else None) for n in range(100)]
    table, cases = store()
    take(cases, reversed(thread), batch=3)
    found = world.outcome(table, cases)
    assert {case["thread"] for case in found} == {"1000"}
    assert len(found) == len(thread)
    assert world.parked_left(table) == []


def test_a_case_that_joined_thousands_of_times_is_found_by_its_first_name():
    table, cases = store()
    take(cases, [wrote("100", 0)])
    [home] = [pk.removeprefix("CASE#") for pk, sk in table.everything() if sk == "STATE"]
    names = [*(f"c{number:015x}" for number in range(LONG)), home]
    for name, into in pairwise(names):
        alias = CaseRecord(case_id=name, platform="x", thread_id="t", author_key="a", state=CaseState())
        cases.commit(Commit(at=at(1), case=replace(alias, merged_into=into)))
    case, _ = moving.current_case(names[0], store=cases, promises=world.PROMISES, now=at(2), backoff=world.no_waiting)
    assert case.case_id == home
    assert show.show(names[0], store=cases, now=at(2)).case_id == home
    assert explain.explain(names[0], store=cases, promises=world.PROMISES, now=at(2)).case_id == home
