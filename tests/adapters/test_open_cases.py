"""Walking over the open cases: every case once, whatever the size of the pages."""

from typing import Any

import pytest

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.ports.cases import CaseRecord
from chalicelib.usecases import casework
from tests.usecases.world import Labelled, ports, wrote


@pytest.fixture(params=["memory", pytest.param("dynamo", marks=pytest.mark.local_aws)])
def cases(request: pytest.FixtureRequest) -> TableCaseStore:
    if request.param == "memory":
        return TableCaseStore(MemoryTable())
    aws = request.getfixturevalue("aws")
    return TableCaseStore(DynamoTable(aws.client("dynamodb"), aws.settings.table))


def walked(cases: TableCaseStore, limit: int) -> list[CaseRecord]:
    found: list[CaseRecord] = []
    more: Any = None
    while True:
        some = cases.open_cases(limit=limit, more=more)
        assert len(some.cases) <= limit
        found += some.cases
        more = some.more
        if more is None:
            return found


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_every_open_case_is_met_once_as_it_stands(cases: TableCaseStore, limit: int) -> None:
    threads = [f"{limit}000{number}" for number in range(25)]
    casework.take([Labelled(fact=wrote(thread, 0, thread_id=thread)) for thread in threads], ports(cases))
    ours = [case for case in walked(cases, limit) if case.thread_id in threads]
    assert sorted(case.thread_id for case in ours) == sorted(threads)
    for case in ours:
        assert case == cases.case(case.case_id)[0]


def test_where_nothing_is_open_the_walk_ends() -> None:
    assert walked(TableCaseStore(MemoryTable()), 10) == []
