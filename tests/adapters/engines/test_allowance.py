"""A ceiling for what costs money, held by processes that know nothing of each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.engines.allowance import TableAllowance
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.ports.table import Conflict, Write

T0 = datetime(2026, 3, 3, 10, 30, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = T0

    def __call__(self) -> datetime:
        return self.now


def process(table: Any, clock: Clock, *, per_hour: int = 100, per_day: int = 1000) -> TableAllowance:
    return TableAllowance(table, "comprehend", per_hour=per_hour, per_day=per_day, now=clock)


def spent(table: MemoryTable) -> dict[str, Any]:
    [item] = table.everything().values()
    return item


def test_the_hour_has_a_ceiling_and_the_next_hour_another() -> None:
    clock = Clock()
    one = process(MemoryTable(), clock)
    assert [one.take(40), one.take(40), one.take(40), one.take(40)] == [40, 40, 20, 0]
    clock.now += timedelta(minutes=30)
    assert one.take(40) == 40


def test_the_day_has_a_ceiling_and_the_next_day_another() -> None:
    clock = Clock(T0.replace(hour=21))
    one = process(MemoryTable(), clock, per_day=150)
    assert one.take(100) == 100
    clock.now += timedelta(hours=1)
    assert one.take(100) == 50
    clock.now += timedelta(hours=1)
    assert one.take(100) == 0
    clock.now += timedelta(hours=1)
    assert one.take(100) == 100


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 12), st.integers(0, 20)), max_size=80))
def test_however_many_processes_take_the_ceiling_holds(steps: list[tuple[int, int, int]]) -> None:
    clock, table = Clock(), MemoryTable()
    processes = [process(table, clock, per_hour=60, per_day=100) for _ in range(4)]
    taken: dict[datetime, int] = {}
    for who, wanted, minutes in steps:
        clock.now += timedelta(minutes=minutes)
        hour = clock.now.replace(minute=0)
        got = processes[who].take(wanted)
        assert 0 <= got <= wanted
        taken[hour] = taken.get(hour, 0) + got
    assert all(count <= 60 for count in taken.values())
    days = {hour.date() for hour in taken}
    assert all(sum(n for hour, n in taken.items() if hour.date() == day) <= 100 for day in days)


def test_at_the_same_time_too() -> None:
    table, clock = MemoryTable(), Clock()
    got: list[int] = []

    def work() -> None:
        one = process(table, clock, per_hour=200)
        got.extend(one.take(10) for _ in range(20))

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < sum(got) <= 200
    assert spent(table)["day"] <= 200


def test_a_flood_costs_few_writes_and_at_the_ceiling_hardly_a_read() -> None:
    class Counting(MemoryTable):
        calls = 0

        def get(self, keys: Any) -> Any:
            self.calls += 1
            return super().get(keys)

    table, clock = Counting(), Clock()
    one = process(table, clock, per_hour=1000)
    assert sum(one.take(1) for _ in range(1000)) == 1000
    assert table.calls == 50
    assert sum(one.take(1) for _ in range(1000)) == 0
    assert table.calls == 51
    clock.now += timedelta(seconds=61)
    one.take(1)
    assert table.calls == 52


def test_what_is_counted_is_gone_after_five_weeks() -> None:
    table = MemoryTable()
    process(table, Clock()).take(1)
    assert spent(table)["expires_at"] == int((T0 + timedelta(days=35)).timestamp())


def test_a_ceiling_of_nought_sends_nothing() -> None:
    assert process(MemoryTable(), Clock(), per_hour=0).take(5) == 0


def test_who_cannot_count_sends_nothing() -> None:
    class Down(MemoryTable):
        def get(self, keys: Any) -> Any:
            raise OSError(keys)

    class Contended(MemoryTable):
        def write(self, writes: Sequence[Write]) -> None:
            raise Conflict(writes)

    assert process(Down(), Clock()).take(5) == 0
    assert process(Contended(), Clock()).take(5) == 0
