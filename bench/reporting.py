"""What an hour of rolling days up costs, by how many cases were ever kept and how many of them changed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bench import local, samples
from bench.meter import Cost, Meter
from bench.prices import usd_per_million
from bench.report import Table
from bench.speed import PROMISES, START
from bench.usecases import write_all
from chalicelib import bootstrap
from chalicelib.adapters import keys
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.leases import TableLeases
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.rollups import TableRollups
from chalicelib.domain.events import EventKind, action
from chalicelib.ports.table import Item
from chalicelib.usecases import casework, report
from chalicelib.usecases.cases.timeline import commit_for

CHANGED = 100
ONE_DAY = timedelta(days=1)
ONE_HOUR = timedelta(hours=1)
YEARS_AGO = timedelta(days=800)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """One run: so many `old` cases, those `changed` since the run before, and the `same` ones of the days before."""

    what: str
    old: int
    changed: int
    same: int
    cost: Cost


def measure(meter: Meter, old: Iterable[int], say: Callable[[str], None]) -> Table:
    """Each number of old cases gets a table of its own."""
    bootstrap.resources()  # read once by each process
    found: list[Hour] = []
    for number in old:
        say(f"  {number:,} cases of long ago")
        found += _hours(meter, number)
    return table(found)


def _hours(meter: Meter, old: int) -> Iterator[Hour]:
    start = START.replace(hour=0)
    name = local.another_table(f"earshot-bench-report-{old}")
    kept = DynamoTable(local.client("dynamodb"), name)
    ports = replace(
        bootstrap.report_ports(),
        store=TableCaseStore(kept),
        rollups=TableRollups(kept),
        leases=TableLeases(kept),
        promises=PROMISES,
    )

    def run(now: datetime) -> Cost:
        with meter.measuring() as cost:
            report.roll_up_ended(ports, now)
        return cost

    write_all(old_items(old, start - YEARS_AGO), name)
    write_all(closed_items(CHANGED, start - ONE_DAY / 2), name)
    run(start)
    yield Hour(what="no day has ended", old=old, changed=0, same=CHANGED, cost=run(start + ONE_HOUR))
    yield Hour(what="a day, nothing changed", old=old, changed=0, same=CHANGED, cost=run(start + ONE_DAY))
    write_all(closed_items(CHANGED, start + ONE_DAY * 1.5), name)
    yield Hour(what="a day like others", old=old, changed=CHANGED, same=CHANGED, cost=run(start + 2 * ONE_DAY))


# --- cases -----------------------------------------------------------------------------------------------------------


def closed_items(number: int, at: datetime) -> list[Item]:
    """All items of so many cases that were written, answered and resolved within the hour."""
    memory = MemoryTable()
    store = TableCaseStore(memory)
    for _ in range(number):
        asked = samples.mention(at)
        answer = samples.answer(asked, at + ONE_HOUR / 4, message_id=samples.SERIAL.next())
        ports = casework.Ports(store=store, promises=PROMISES, backoff=_no_waiting, now=at + ONE_HOUR / 4)
        casework.take([samples.labelled(asked), samples.labelled(answer)], ports)
        _resolve(
            store.addresses(asked.platform, [asked.message_id])[asked.message_id].case_id, store, at + ONE_HOUR / 2
        )
    return list(memory.everything().values())


def _resolve(case_id: str | None, store: TableCaseStore, at: datetime) -> None:
    case, _ = store.case(case_id or "")
    if case is None:
        raise LookupError("the case was not opened")
    event = action(EventKind.RESOLVE, action_id=samples.SERIAL.next(), at=at, actor="vesna", book=PROMISES.current)
    commit = commit_for(case, [event], store=store, promises=PROMISES, now=at)
    if commit:
        store.commit(commit)


def old_items(number: int, at: datetime) -> Iterator[Item]:
    """So many closed cases of long ago: the item of one, under many ids."""
    if not number:
        return
    template = next(item for item in closed_items(1, at) if item["sk"] == "STATE")
    turn, stands, case_id = template["list_sk"].split("#")
    for n in range(number):
        other = f"c{n:015x}"
        listed = {"list_pk": f"LIST#closed#{keys.shard(other)}", "list_sk": f"{turn}#{stands}#{other}"}
        yield {**template, "pk": keys.case(other)[0], **listed, "summary": template["summary"].replace(case_id, other)}


def _no_waiting(attempt: int) -> None:
    """Nobody else is at it."""


# --- as a table ------------------------------------------------------------------------------------------------------


def table(found: Sequence[Hour]) -> Table:
    return Table(
        name="report",
        title="One hour of rolling days up, counted",
        head=("cases of long ago", "what", "changed", "unchanged", "calls", "read u.", "write u.", "$ per million"),
        rows=tuple(
            (
                one.old,
                one.what,
                one.changed,
                one.same,
                one.cost.calls.total(),
                one.cost.read_units,
                one.cost.write_units,
                usd_per_million(one.cost),
            )
            for one in found
        ),
        notes=("Changed: closed since the run before. Unchanged: closed before that within two weeks, and kept.",),
    )
