"""Roll-ups as they are kept: a day is replaced as a whole, and the walk meets every case."""

import json
from datetime import date, timedelta
from itertools import count
from typing import cast

import pytest

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.rollups import TableRollups
from chalicelib.domain.events import EventKind
from chalicelib.domain.rollup import RollupLine, RollupPlace, Tally
from chalicelib.ports.rollups import CaseLines, ListedCase
from chalicelib.ports.table import Put, Table
from chalicelib.usecases import casework
from chalicelib.usecases.act import MoveCase
from chalicelib.usecases.report import report
from tests.usecases.test_act import Desk
from tests.usecases.tripwire import Counter, Tripwire
from tests.usecases.world import Labelled, at, ports, wrote

_days = count(1)


@pytest.fixture(params=["memory", pytest.param("dynamo", marks=pytest.mark.local_aws)])
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return MemoryTable()
    aws = request.getfixturevalue("aws")
    return DynamoTable(aws.client("dynamodb"), aws.settings.table)


@pytest.fixture
def day() -> date:
    """A day of this test alone: the local AWS has one table for all."""
    return date(2031, 1, 1) + timedelta(days=10 * next(_days))


def line(day: date, channel: str, **tally: int) -> RollupLine:
    place = RollupPlace(metric="frt", channel=channel, policy_id="standard", book=1, reach="small")
    return RollupLine(day=day, place=place, tally=Tally(**tally))


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
        found += [case.case_id for case in page.cases]
        more = page.more
        if more is None:
            return found


def test_the_list_says_what_a_walk_asks() -> None:
    desk = Desk(wrote("100", 0))
    [before] = _all(TableRollups(desk.table))
    assert (before.case_id, before.opened_at, before.last_at, before.is_running) == (desk.case_id, at(0), at(0), True)
    desk.act(MoveCase(kind=EventKind.RESOLVE), minutes=10)
    [after] = [one for one in _all(TableRollups(desk.table)) if one.case_id == desk.case_id]
    assert (after.last_at, after.is_running, after.version) == (at(10), False, desk.case.version)
    assert before.version == after.version - 1


def test_a_line_of_the_list_from_before_asks_to_be_looked_at() -> None:
    desk = Desk(wrote("100", 0))
    [item] = [item for (_, sk), item in desk.table.everything().items() if sk == "STATE"]
    old = {k: v for k, v in json.loads(item["summary"]).items() if k not in ("last_at", "is_running", "version")}
    desk.table.write([Put({**item, "summary": json.dumps(old)})])
    [listed] = _all(TableRollups(desk.table))
    assert (listed.last_at, listed.is_running, listed.version) == (None, True, 0)


def _all(rollups: TableRollups) -> list[ListedCase]:
    found: list[ListedCase] = []
    more: str | None = "0:"
    while more:
        page = rollups.cases(limit=100, more=more)
        found, more = [*found, *page.cases], page.more
    return found


def test_a_day_that_is_as_it_was_costs_one_read(table: Table, day: date) -> None:
    rollups, counter = TableRollups(table), Counter()
    lines = [line(day, f"x.{number}", met=1) for number in range(5)]
    rollups.save(day, lines)
    TableRollups(cast("Table", Tripwire(table, counter))).save(day, lines)
    assert counter.calls == 1


def test_what_a_case_adds_is_kept(table: Table, day: date) -> None:
    rollups, names = TableRollups(table), [f"c{day:%j}{number}" for number in range(150)]
    kept = {name: CaseLines(version=n + 1, until=at(n), lines=(line(day, "x", met=n),)) for n, name in enumerate(names)}
    for name, lines in kept.items():
        rollups.keep_lines(name, lines, now=at(0))
    assert rollups.case_lines([*names, "c0"]) == kept
    assert rollups.case_lines([]) == {}


def test_how_far_it_got_is_remembered(table: Table, day: date) -> None:
    rollups = TableRollups(table)
    assert isinstance(table, DynamoTable) or rollups.done() == {}
    done = {"Europe/London": day, "Asia/Kolkata": day + timedelta(days=1)}
    rollups.remember(done)
    assert rollups.done() == done


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_the_walk_meets_every_case_once(table: Table, limit: int) -> None:
    cases = TableCaseStore(table)
    threads = [f"77{limit}000{number}" for number in range(20)]
    casework.take([Labelled(fact=wrote(thread, 0, thread_id=thread)) for thread in threads], ports(cases))
    found = [case for case_id in walked(TableRollups(table), limit) if (case := cases.case(case_id)[0])]
    assert sorted(case.thread_id for case in found if case.thread_id in threads) == sorted(threads)


def test_the_walk_meets_closed_cases_too() -> None:
    desk = Desk(wrote("100", 0), wrote("200", 0, who="502"))
    desk.act(MoveCase(kind=EventKind.RESOLVE), minutes=10)
    assert len(walked(TableRollups(desk.table), 10)) == 2
    assert len(desk.cases.list(closed=True, limit=10)) == 1
