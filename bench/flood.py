"""
How late people hear when many promises break in one minute, also when the sweep is killed.

Everything is in memory and in simulated time: a call to another service takes
as long as it is assumed to take, and the function is ended by its own timeout.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from statistics import median
from typing import Any

from bench import samples
from bench.report import Table
from bench.speed import PROMISES, START
from chalicelib.adapters.alarms import TableAlarms
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.leases import TableLeases
from chalicelib.adapters.memory.alerts import MemoryAlerts
from chalicelib.adapters.memory.outside import MemoryQueues
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.policies import TablePolicies
from chalicelib.domain.alerts.message import AlertMessage
from chalicelib.domain.events import EventKind
from chalicelib.domain.watch import PageKind
from chalicelib.ports.cases import Commit
from chalicelib.usecases import casework
from chalicelib.usecases.sla_watch import Ports, sweep
from infra.paths import CHALICE

ONE_MINUTE = timedelta(minutes=1)
PROMISED = timedelta(hours=1)  # the first reply, by the policies that ship
BROKEN = START + PROMISED + ONE_MINUTE  # the first sweep at which all of the promises are broken
SPARE_S = 15.0  # as the function: what is left when it begins with nothing new
SPREAD = timedelta(seconds=59)
TOO_LONG = timedelta(hours=1)

# Assumed, in seconds, our own CPU on a third of a core included: measure them on AWS before quoting.
CALL_S = {"get": 0.010, "query": 0.010, "query_index": 0.010, "write": 0.025, "publish": 0.050}


class Killed(BaseException):
    """The function is gone, in the middle of what it did. No Exception: nothing in it may survive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """What is wrong: every call takes longer, or the first sweep that has something to tell is killed."""

    name: str
    slower: float = 1.0
    killed_after_claims: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """
    How it went. `waits` are the times from each broken promise to the message that names it.

    `sweeps` counts those that began, `killed` those of them that did not end;
    `messages` are the kinds of what went out.
    """

    sweeps: int
    killed: int
    messages: Counter[str]
    waits: Sequence[timedelta]


def measure(breaches: int, say: Callable[[str], None]) -> Table:
    half = breaches // 2
    mishaps = (
        Mishap(name="nothing goes wrong"),
        Mishap(name="killed after half of its claims", killed_after_claims=half),
        Mishap(name="every call takes four times as long", slower=4.0),
    )
    rows = []
    for mishap in mishaps:
        say(f"  {mishap.name}")
        rows.append((mishap, Flood(breaches, mishap).run()))
    return table(rows, breaches)


class Flood:
    """So many cases whose promises break within one minute, and a sweep a minute until somebody heard of each."""

    def __init__(self, breaches: int, mishap: Mishap) -> None:
        self._mishap = mishap
        self._lifetime = Lifetime(mishap.slower)
        self._table = MemoryTable()
        self._store = TableCaseStore(self._table)
        self._alerts = Recorder(self._store, lambda: self._turn + self._lifetime.passed)
        self._turn = BROKEN
        self._broken_at = dict(_opened(self._store, breaches))
        self._codes = count()

    def run(self) -> Heard:
        """Raises RuntimeError when somebody was told of twice, or of nobody else for an hour."""
        began = killed = 0
        self._until_broken()
        while len(self._alerts.told) < len(self._broken_at):
            if self._turn > BROKEN + TOO_LONG:
                raise RuntimeError(f"told of {len(self._alerts.told)} out of {len(self._broken_at)}")
            try:
                began += self._sweep(self._mishap.killed_after_claims if killed == 0 else None)
            except Killed:
                began, killed = began + 1, killed + 1
            self._turn += ONE_MINUTE
        waits = [at - self._broken_at[case_id] for case_id, at in self._alerts.told.items()]
        return Heard(sweeps=began, killed=killed, messages=self._alerts.messages, waits=waits)

    def _until_broken(self) -> None:
        """Warnings go out in their own minutes, and are no part of this."""
        for minutes in range(20, 0, -1):
            self._turn = BROKEN - minutes * ONE_MINUTE
            self._sweep(None)
        self._turn = BROKEN
        self._alerts.messages.clear()

    def _sweep(self, kill_after: int | None) -> bool:
        self._lifetime.begin()
        return sweep(self._ports(kill_after), self._turn).ran

    def _ports(self, kill_after: int | None) -> Ports:
        table: Any = Slow(self._table, self._lifetime)
        return Ports(
            store=MortalStore(table, kill_after),
            promises=PROMISES,
            alerts=Slow(self._alerts, self._lifetime),
            backoff=_no_waiting,
            leases=TableLeases(table),
            queues=MemoryQueues(),
            jobs=TablePolicies(table, clock=lambda: 0.0),
            alarms=TableAlarms(table),
            has_time=self._lifetime.has_time,
            base_url="https://care.example",
            new_code=lambda: f"{next(self._codes):016d}",
        )


def _opened(store: TableCaseStore, number: int) -> Iterator[tuple[str, datetime]]:
    """Cases that began to wait within one minute: id, and when the promise breaks."""
    for n in range(number):
        at = (START + timedelta(seconds=1) + n * SPREAD / number).replace(microsecond=0)
        ports = casework.Ports(store=store, promises=PROMISES, backoff=_no_waiting, now=at)
        fact = samples.mention(at)
        casework.take([samples.labelled(fact)], ports)
        case_id = store.addresses(fact.platform, [fact.message_id])[fact.message_id].case_id
        if case_id is None:
            raise LookupError(f"no case holds {fact.message_id}")
        yield case_id, at + PROMISED


def _no_waiting(attempt: int) -> None:
    """Nobody else is at it."""


# --- time and death --------------------------------------------------------------------------------------------------


class Lifetime:
    """Simulated time of one call of the function; it ends as Lambda ends it."""

    def __init__(self, slower: float) -> None:
        self._slower = slower
        self._timeout_s = timeout_s("sla_watch")
        self._passed_s = 0.0

    def begin(self) -> None:
        self._passed_s = 0.0

    @property
    def passed(self) -> timedelta:
        return timedelta(seconds=self._passed_s)

    def has_time(self) -> bool:
        return self._timeout_s - self._passed_s > SPARE_S

    def spend(self, seconds: float) -> None:
        """Raises Killed when the function has no time left."""
        self._passed_s += seconds * self._slower
        if self._passed_s > self._timeout_s:
            raise Killed


class Slow:
    """Stands before a table or a topic; each call takes its time before it is carried out."""

    def __init__(self, inner: Any, lifetime: Lifetime) -> None:
        self._inner = inner
        self._lifetime = lifetime

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._inner, name)

        def slow(*args: Any, **kwargs: Any) -> Any:
            self._lifetime.spend(CALL_S[name])
            return call(*args, **kwargs)

        return slow


class MortalStore(TableCaseStore):
    """Dies once so many cases have been claimed."""

    def __init__(self, table: Any, kill_after: int | None) -> None:
        super().__init__(table)
        self._left = kill_after

    def commit(self, commit: Commit) -> None:
        super().commit(commit)
        if self._left is not None and any(event.kind is EventKind.PAGED for event in commit.events):
            self._left -= 1
            if self._left == 0:
                raise Killed


class Recorder(MemoryAlerts):
    """Who was told of, and when. Only the first step of the ladder is heard here."""

    def __init__(self, store: TableCaseStore, clock: Callable[[], datetime]) -> None:
        super().__init__(self._hear)
        self._store = store
        self._clock = clock
        self._ids: set[str] = set()
        self.messages: Counter[str] = Counter()
        self.told: dict[str, datetime] = {}

    def _hear(self, message: AlertMessage) -> None:
        page_id, body = message.attributes["page_id"], json.loads(message.body)
        if page_id in self._ids or (body["kind"], body["step"]) != (PageKind.BREACH, 1):
            return
        self._ids.add(page_id)
        self.messages["digest" if "cases" in body else "page"] += 1
        for case_id in self._cases(page_id, body):
            if case_id in self.told:
                raise RuntimeError(f"case {case_id} is told of twice")
            self.told[case_id] = self._clock()

    def _cases(self, page_id: str, body: Mapping[str, Any]) -> Sequence[str]:
        """A digest lists some of its cases, and means them all."""
        if "cases" not in body:
            return [body["case_id"]]
        members = self._store.digest_members(page_id.removeprefix("digest/"))
        if len(members) != body["count"]:
            raise RuntimeError(f"a digest of {len(members)} says {body['count']}")
        return [member.case_id for member in members]


# --- as a table ------------------------------------------------------------------------------------------------------


def table(found: Sequence[tuple[Mishap, Heard]], breaches: int) -> Table:
    return Table(
        name="flood",
        title=f"{breaches:,} promises broken in one minute: when people hear of them, in simulated time",
        head=(
            "the sweep",
            "sweeps",
            "killed",
            "pages",
            "digests",
            "told once",
            "least min",
            "median",
            "most",
        ),
        rows=tuple(_row(mishap, heard) for mishap, heard in found),
        notes=(
            "Minutes from the broken promise to the message that tells of it; a sweep a minute makes it up to 1.",
            f"The function ends after {timeout_s('sla_watch'):g} s, and begins nothing new in the last {SPARE_S:g}.",
            "Assumed ms of a call, our own CPU included: "
            + ", ".join(f"{name.replace('_', ' ')} {1000 * seconds:g}" for name, seconds in CALL_S.items())
            + ".",
        ),
    )


def _row(mishap: Mishap, heard: Heard) -> tuple[str | int | float, ...]:
    waits = [wait / ONE_MINUTE for wait in heard.waits]
    messages = heard.messages
    told = (len(waits), min(waits), median(waits), max(waits))
    return (mishap.name, heard.sweeps, heard.killed, messages["page"], messages["digest"], *told)


def timeout_s(function: str) -> float:
    config = json.loads((CHALICE / "config.json").read_text())
    return float(config["lambda_functions"][function]["lambda_timeout"])
