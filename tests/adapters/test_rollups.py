"""Roll-ups as they are kept: a day is replaced as a whole, and the walk meets every case."""

from datetime import date, timedelta
from itertools import count

import pytest

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.rollups import TableRollups
from chalicelib.domain.events import EventKind
from chalicelib.domain.rollup import Line, Place, Tally
from chalicelib.ports.table import Table
from chalicelib.usecases import casework
from chalicelib.usecases.act import Move
from chalicelib.usecases.report import report
from tests.usecases.test_act import Desk
from tests.usecases.world import Labelled, ports, wrote

_days = count(1)


@pytest.fixture(params=["memory", "dynamo"])
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return MemoryTable()
    aws = request.getfixturevalue("aws")
    return DynamoTable(aws.client("dynamodb"), aws.settings.table)


@pytest.fixture
def day() -> date:
    """A day of this test alone: the local AWS has one table for all."""
    return date(2031, 1, 1) + timedelta(days=10 * next(_days))


def line(day: date, channel: str, **tally: int) -> Line:
    place = Place(metric="frt", channel=channel, policy_id="standard", book=1, reach="small")
    return Line(day=day, place=place, tally=Tally(**tally))


def test_what_is_saved_is_read_and_what_is_gone_is_gone(table: Table, day: date) -> None:
    rollups = TableRollups(table)
    both = {line(day, "x.main", met=1), line(day, "x.other", breached=2)}
    rollups.save(day, list(both))
    assert set(rollups.read(day) or ()) == both
    rollups.save(day, [line(day, "x.other", breached=2)])
    assert rollups.read(day) == (line(day, "x.other", breached=2),)


def test_a_day_without_clocks_is_not_a_day_that_nobody_rolled_up(table: Table, day: date) -> None:
    rollups = TableRollups(table)
    rollups.save(day, [])
    assert rollups.read(day) == ()
    next_day = day + timedelta(days=1)
    found = report(day, next_day, rollups=rollups)
    assert (found.lines, found.missing) == ((), (next_day,))


def test_more_channels_than_one_transaction_takes(table: Table, day: date) -> None:
    rollups = TableRollups(table)
    many = [line(day, f"x.{number}", met=1) for number in range(250)]
    rollups.save(day, many)
    assert set(rollups.read(day) or ()) == set(many)
    rollups.save(day, [])
    assert rollups.read(day) == ()


def walked(rollups: TableRollups, limit: int) -> list[str]:
    found: list[str] = []
    more: str | None = None
    while True:
        page = rollups.cases(limit=limit, more=more)
        assert len(page.cases) <= limit
        found += [case_id for case_id, _ in page.cases]
        more = page.more
        if more is None:
            return found


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_the_walk_meets_every_case_once(table: Table, limit: int) -> None:
    cases = TableCaseStore(table)
    threads = [f"77{limit}000{number}" for number in range(20)]
    casework.take([Labelled(fact=wrote(thread, 0, thread_id=thread)) for thread in threads], ports(cases))
    found = [case for case_id in walked(TableRollups(table), limit) if (case := cases.case(case_id)[0])]
    assert sorted(case.thread_id for case in found if case.thread_id in threads) == sorted(threads)


def test_the_walk_meets_closed_cases_too() -> None:
    desk = Desk(wrote("100", 0), wrote("200", 0, who="502"))
    desk.act(Move(kind=EventKind.RESOLVE), minutes=10)
    assert len(walked(TableRollups(desk.table), 10)) == 2
    assert len(desk.cases.list(closed=True, limit=10)) == 1
