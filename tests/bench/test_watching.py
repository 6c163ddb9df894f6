"""The sweeps that are counted have the cases before them that the table says."""

from collections import Counter
from datetime import timedelta

import pytest

from bench.meter import Cost
from bench.speed import START
from bench.watching import Swept, due_items, open_items, table
from chalicelib.adapters import keys
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.weights import shipped
from chalicelib.domain.priority import score
from chalicelib.ports.table import Put


def stored(items):
    memory = MemoryTable()
    for item in items:
        memory.write([Put(item)])
    return TableCaseStore(memory)


def test_open_cases_are_listed_and_none_is_due_for_a_while():
    store = stored(open_items(30))
    assert store.due(START + timedelta(minutes=30), limit=100) == ()
    assert len(store.due(START + timedelta(days=1), limit=100)) == 30
    assert len(store.list(closed=False, limit=100)) == 30


def test_open_cases_stand_where_the_store_would_put_them():
    for item in open_items(30):
        case_id = item["pk"].removeprefix(keys.CASES)
        case, _ = stored([item]).case(case_id)
        placed = score(case.state, shipped())
        entry = keys.list_entry(case_id, closed=False, waits=placed.waits, stands_at=placed.stands_at)
        assert {name: item[name] for name in entry} == entry


def test_due_cases_are_due_each_by_itself():
    store = stored(due_items(8))
    assert len({entry.id for entry in store.due(START, limit=100)}) == 8


def swept(open_cases, due, calls):
    cost = Cost(calls=Counter({"dynamodb.Query": calls}), read_units=calls / 2, write_units=2.0 * calls)
    return Swept(open_cases=open_cases, due=due, cost=cost)


def test_a_sweep_is_compared_with_as_many_due_and_the_fewest_open():
    rows = table([swept(0, 0, 8), swept(0, 10, 40), swept(100, 0, 8), swept(100, 10, 80)]).rows
    assert [row[-1] for row in rows] == pytest.approx([1.0, 1.0, 1.0, 2.0])
    assert rows[0][5:8] == (None, None, None)
    assert rows[3][5:8] == (8.0, 4.0, 16.0)
