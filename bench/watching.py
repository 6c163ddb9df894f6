"""What one minute of watching costs, by how many cases are open and how many of them are due."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bench import local, samples
from bench.meter import Cost, Meter
from bench.prices import usd_per_million
from bench.report import Table
from bench.speed import PROMISES, START
from bench.usecases import write_all
from chalicelib import bootstrap
from chalicelib.adapters import keys
from chalicelib.adapters.alarms import TableAlarms
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.leases import TableLeases
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.domain.facts import Fact
from chalicelib.ports.table import Item
from chalicelib.usecases import casework, sla_watch

ONE_MINUTE = timedelta(minutes=1)
OVERDUE = timedelta(minutes=63)  # an hour was promised
BASE_URL = "https://care.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """One sweep. `due` cases of it had to be told of, each for the first time since its promise broke."""

    open_cases: int
    due: int
    cost: Cost


def measure(meter: Meter, open_cases: Iterable[int], due: Iterable[int], say: Callable[[str], None]) -> Table:
    """Each number of open cases gets a table of its own."""
    bootstrap.resources()  # read once by each process
    due_cases = {number: due_items(number) for number in due}
    found: list[Swept] = []
    for number in open_cases:
        say(f"  {number:,} open cases")
        found += _sweeps(Watch(meter, f"earshot-bench-{number}"), number, due_cases)
    return table(found)


def _sweeps(watch: "Watch", open_cases: int, due_cases: Mapping[int, Sequence[Item]]) -> Iterator[Swept]:
    watch.add(open_items(open_cases))
    for number, items in due_cases.items():
        watch.add(items)
        yield Swept(open_cases=open_cases, due=number, cost=watch.sweep())
        watch.sweep()  # a digest is looked at once more a minute later


class Watch:
    """An empty table of its own beside the stage's, swept minute by minute."""

    def __init__(self, meter: Meter, name: str) -> None:
        self._meter = meter
        self._name = local.another_table(name)
        table = DynamoTable(local.client("dynamodb"), self._name)
        self._ports = replace(
            bootstrap.sla_watch_ports(),
            store=TableCaseStore(table),
            promises=PROMISES,
            leases=TableLeases(table),
            alarms=TableAlarms(table),
            base_url=BASE_URL,
        )
        self._now = START
        self.sweep()  # the first one ever finds no lease to read

    def add(self, items: Iterable[Item]) -> None:
        write_all(items, self._name)

    def sweep(self) -> Cost:
        self._now += ONE_MINUTE
        with self._meter.measuring() as cost:
            swept = sla_watch.sweep(self._ports, self._now)
        if swept.failed or swept.missed or not swept.ran:
            raise RuntimeError(f"not what a sweep costs: {swept}")
        return cost


# --- cases -----------------------------------------------------------------------------------------------------------


def due_items(number: int) -> list[Item]:
    """All items of so many cases whose promise broke a few minutes ago."""
    return _taken([samples.mention(START - OVERDUE) for _ in range(number)])


def open_items(number: int) -> Iterator[Item]:
    """So many open cases that are not due: the item of one, under many ids."""
    template = next(item for item in _taken([samples.mention(START)]) if item["sk"] == "STATE")
    due_at = keys.due_at(template["due_sk"])
    turn, stands, _ = template["list_sk"].split("#")
    for n in range(number):
        case_id = f"c{n:015x}"
        pk, _ = keys.case(case_id)
        listed = {"list_pk": f"LIST#open#{keys.shard(case_id)}", "list_sk": f"{turn}#{stands}#{case_id}"}
        yield {**template, "pk": pk, **keys.due_entry(due_at, pk), **listed}


def _taken(facts: list[Fact]) -> list[Item]:
    """What casework writes, caught in memory."""
    table = MemoryTable()
    ports = casework.Ports(store=TableCaseStore(table), promises=PROMISES, backoff=_no_waiting, now=START)
    for fact in facts:
        casework.take([samples.labelled(fact)], ports)
    return list(table.everything().values())


def _no_waiting(attempt: int) -> None:
    """Nobody else is at it."""


# --- as a table ------------------------------------------------------------------------------------------------------


def table(found: Sequence[Swept]) -> Table:
    return Table(
        name="sweep",
        title="One sweep, counted: what is open costs nothing, what is due costs once",
        head=(
            "open cases",
            "due",
            "calls",
            "read u.",
            "write u.",
            "calls each",
            "read u. each",
            "write u. each",
            "$ per million",
            "ratio",
        ),
        rows=tuple(_row(one, _with_fewest_open(found, one.due)) for one in found),
        notes=(
            "Each: for every case that is due. Ratio: to as many due with the fewest open; above 1 is a fault.",
            "Due: a first reply was promised within the hour, the first step of the ladder goes out, as one digest.",
        ),
    )


def _with_fewest_open(found: Iterable[Swept], due: int) -> Swept:
    return min((one for one in found if one.due == due), key=lambda one: one.open_cases)


def _row(one: Swept, base: Swept) -> tuple[str | int | float | None, ...]:
    cost = one.cost
    return (
        one.open_cases,
        one.due,
        cost.calls.total(),
        cost.read_units,
        cost.write_units,
        *_each(one),
        usd_per_million(cost),
        usd_per_million(cost) / usd_per_million(base.cost),
    )


def _each(one: Swept) -> tuple[float | None, ...]:
    amounts = (one.cost.calls.total(), one.cost.read_units, one.cost.write_units)
    return tuple(amount / one.due if one.due else None for amount in amounts)
