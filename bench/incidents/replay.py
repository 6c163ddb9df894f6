"""A day through the real use cases, minute by minute, and what came of it."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bench.incidents.day import Said
from bench.speed import PROMISES
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.incidents import TableIncidents
from chalicelib.adapters.leases import TableLeases
from chalicelib.adapters.memory.alerts import MemoryAlerts
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.signals import TableSignals
from chalicelib.classify import classify
from chalicelib.domain.events import from_fact
from chalicelib.domain.facts import Fact
from chalicelib.domain.incidents.incident import Incident
from chalicelib.domain.incidents.signals import Signal, signal_of
from chalicelib.domain.incidents.usual import Hour, counted, hour_of
from chalicelib.ports.cases import Labelled
from chalicelib.ports.table import Item, Key, Put, Slice, Write
from chalicelib.usecases import casework, incident_watch

MINUTE = timedelta(minutes=1)
_BATCH = 10
_WRITE_UNIT, _READ_UNIT = 1024, 4096


def no_waiting(attempt: int) -> None:
    """Nobody else is there to wait for."""
    del attempt


class CountingTable:
    """A table that counts its calls and the capacity units that DynamoDB would have billed."""

    def __init__(self, inner: MemoryTable) -> None:
        self._inner = inner
        self.calls: Counter[str] = Counter()
        self.read_units = 0
        self.write_units = 0

    def get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        found = self._inner.get(keys)
        self.calls["get"] += 1
        self.read_units += sum(-(-_size(found.get(key, {})) // _READ_UNIT) or 1 for key in keys)
        return found

    def query(
        self, pk: str, *, prefix: str = "", limit: int | None = None, more: str | None = None, last_first: bool = False
    ) -> Slice:
        page = self._inner.query(pk, prefix=prefix, limit=limit, more=more, last_first=last_first)
        self.calls["query"] += 1
        self.read_units += -(-sum(map(_size, page.items)) // _READ_UNIT) or 1
        return page

    def query_index(
        self, index: str, pk: str, *, up_to: str | None = None, limit: int | None = None, more: str | None = None
    ) -> Slice:
        self.calls["query_index"] += 1
        return self._inner.query_index(index, pk, up_to=up_to, limit=limit, more=more)

    def write(self, writes: Sequence[Write]) -> None:
        self._inner.write(writes)
        self.calls["write"] += 1
        times = 1 if len(writes) == 1 else 2  # a transaction costs twice
        sizes = (_size(write.item) if isinstance(write, Put) else 1 for write in writes)
        self.write_units += times * sum(-(-size // _WRITE_UNIT) for size in sizes)


def _size(item: Mapping[str, Any]) -> int:
    return sum(len(str(name)) + len(str(value).encode()) for name, value in item.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An incident of the day, beside what was hidden in it. `at_mention` counts the related ones until it opened."""

    incident: Incident
    about: str | None
    at_mention: int
    after: timedelta
    precision: float
    recall: float
    pages: Counter[str]


@dataclass(slots=True)
class Played:
    """How a day went. `mentions` were taken in; `added` is what signals and watch asked of the table."""

    mentions: int
    outages: tuple[str, ...]
    opened: list[Opened] = field(default_factory=list)
    hours: list[Hour] = field(default_factory=list)
    calls: int = 0
    read_units: int = 0
    write_units: int = 0
    signal_units: int = 0

    @property
    def false(self) -> list[Opened]:
        return [one for one in self.opened if one.about is None]

    def of(self, outage: str) -> list[Opened]:
        return [one for one in self.opened if one.about == outage]


class Stage:
    """One table, and the ports of the two use cases on it."""

    def __init__(self, hours: Sequence[Hour]) -> None:
        table = MemoryTable()
        self.cases = TableCaseStore(table)
        self.counting = CountingTable(table)
        self.alerts = MemoryAlerts()
        self.signal_units = 0
        self.signals = TableSignals(self.counting)
        self.incidents = TableIncidents(self.counting)
        self._ports = incident_watch.Ports(
            signals=self.signals,
            incidents=self.incidents,
            alerts=self.alerts,
            leases=TableLeases(self.counting),
            promises=PROMISES,
        )
        for hour in hours:
            self.signals.count(hour)
        self.counting.write_units, self.counting.calls = 0, Counter()

    def take(self, facts: Sequence[Fact], now: datetime) -> None:
        ports = casework.Ports(store=self.cases, promises=PROMISES, backoff=no_waiting, now=now, signals=self.signals)
        labelled = [Labelled(fact=fact, labels=_labels(fact)) for fact in facts]
        before = self.counting.write_units
        for begin in range(0, len(labelled), _BATCH):
            casework.take(labelled[begin : begin + _BATCH], ports)
        self.signal_units += self.counting.write_units - before

    def watch(self, now: datetime) -> incident_watch.Watched:
        watched = incident_watch.watch(self._ports, now)
        if watched.failed:
            raise RuntimeError(f"the watch of {now} broke: {watched.failed}")
        return watched

    def case_of(self, fact: Fact) -> str:
        case_id = self.cases.addresses(fact.platform, [fact.message_id])[fact.message_id].case_id
        assert case_id is not None  # noqa: S101  casework took it
        return case_id


def _labels(fact: Fact) -> Any:
    return classify(fact.text, lang_hint=fact.lang, private=fact.private, rating=fact.rating)


def hours_of(said: Sequence[Said]) -> tuple[Hour, ...]:
    """The hours of a day as the watch would have counted them."""
    events = (from_fact(one.fact, labels=_labels(one.fact)) for one in said)
    signals = [signal for event in events if (signal := signal_of(event, event.native_id))]
    by_hour: dict[datetime, list[Signal]] = {}
    for signal in signals:
        by_hour.setdefault(hour_of(signal.at), []).append(signal)
    return tuple(counted(hour, by_hour[hour]) for hour in sorted(by_hour))


def play(
    said: Sequence[Said], begin: datetime, *, hours: Sequence[Hour] = (), every: int = 1, until: int = 27
) -> Played:
    """The day, and after it the hours in which everything closes, `until` so many have gone."""
    stage = Stage(hours)
    waiting = deque(said)
    now = begin
    while now <= begin + timedelta(hours=until):
        heard = []
        while waiting and waiting[0].fact.received_at <= now:
            heard.append(waiting.popleft().fact)
        if heard:
            stage.take(heard, now)
        stage.watch(now)
        now += every * MINUTE
    return _judged([one for one in said if one.fact.received_at <= now - every * MINUTE], begin, stage)


def _judged(said: Sequence[Said], begin: datetime, stage: Stage) -> Played:
    outages = tuple(dict.fromkeys(one.about for one in said if one.about))
    played = Played(mentions=len(said), outages=outages)
    cases = {one.fact.message_id: stage.case_of(one.fact) for one in said}
    about = {cases[one.fact.message_id]: one.about for one in said if one.about}
    listed = [*stage.incidents.listed(closed=False, limit=100).incidents]
    listed += stage.incidents.listed(closed=True, limit=100).incidents
    for incident in sorted(listed, key=lambda one: one.opened_at):
        played.opened.append(_opened(incident, said, cases, about, stage))
    counting = stage.counting
    played.calls = counting.calls.total()
    played.read_units, played.write_units = counting.read_units, counting.write_units
    played.signal_units = stage.signal_units
    first = begin.replace(minute=0)
    wanted = [first + timedelta(hours=number) for number in range(24)]
    played.hours = list(stage.signals.hours(wanted, now=first + timedelta(hours=27)).values())
    return played


def _opened(
    incident: Incident, said: Sequence[Said], cases: Mapping[str, str], about: Mapping[str, str], stage: Stage
) -> Opened:
    members = {member.case_id for member in stage.incidents.members(incident.incident_id) if not member.is_out}
    named = Counter(about.get(case_id) for case_id in members)
    [(most, number)] = named.most_common(1)
    outage = most if most and 2 * number >= len(members) else None
    related = [one.fact for one in said if one.about == outage] if outage else []
    of_outage = {cases[fact.message_id] for fact in related}
    before = [fact for fact in related if fact.received_at <= incident.opened_at]
    first = min((fact.received_at for fact in related), default=incident.opened_at)
    right = len(members & of_outage)
    return Opened(
        incident=incident,
        about=outage,
        at_mention=len(before),
        after=incident.opened_at - first,
        precision=right / len(members) if members else 0.0,
        recall=right / len(of_outage) if of_outage else 0.0,
        pages=Counter(call.step.value for call in incident.calls if call.sent_at),
    )
