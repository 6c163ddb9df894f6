"""Stories told by the clock: facts and agents' actions at their times, a sweep every minute, and what people heard."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from chalicelib.adapters.alarms import TableAlarms
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.leases import TableLeases
from chalicelib.adapters.memory.alerts import MemoryAlerts
from chalicelib.adapters.memory.outside import MemoryQueues
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.policies import TablePolicies
from chalicelib.domain.alerts.message import AlertMessage
from chalicelib.domain.calendar import Calendar, Window, always_open
from chalicelib.domain.events import EventKind, action
from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.domain.policy import Match, Policy, PolicyBook, Targets
from chalicelib.ports.cases import CaseRecord
from chalicelib.ports.policies import Promises
from chalicelib.usecases import acknowledge, casework
from chalicelib.usecases.cases.timeline import commit_for
from chalicelib.usecases.sla_watch import Ports, Swept, sweep
from tests.usecases.world import LADDER, labelled, no_waiting

MINUTE = timedelta(minutes=1)
NO_DIGITS = str.maketrans("0123456789", "abcdefghij")
HOUR_S = 3600
OFFICE = (Window(9 * HOUR_S, 17 * HOUR_S),)
LONDON = Calendar(
    id="london",
    zone="Europe/London",
    weekly=(OFFICE,) * 5 + ((),) * 2,
    holidays=frozenset({date(2026, 4, 3), date(2026, 4, 6)}),
)
P_STD = Policy(
    id="std",
    calendar=LONDON,
    targets=Targets(frt_s=60 * 60, nrt_s=120 * 60, res_s=16 * HOUR_S),
    ladder=LADDER,
)
P_VIP = Policy(
    id="vip", calendar=always_open(), targets=Targets(frt_s=15 * 60, nrt_s=30 * 60, res_s=8 * HOUR_S), ladder=LADDER
)

P_URG = Policy(
    id="urg",
    calendar=always_open(),
    targets=Targets(frt_s=10 * 60, nrt_s=20 * 60, res_s=4 * HOUR_S),
    ladder=LADDER,
    match=Match(priorities=frozenset({"critical"})),
)

# What the schedule sends to the function.
EVENT = {
    "version": "0",
    "id": "e1",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2026-03-07T12:16:00Z",
    "region": "eu-west-1",
    "resources": ["arn:aws:events:eu-west-1:123456789012:rule/every-minute"],
    "detail": {},
}

Heard = tuple[str, str, int, str]
Sweeper = Callable[[Ports, datetime], Swept]


def moment(text: str) -> datetime:
    """ "2026-03-07 12:00:30", UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def mention(message_id: str, at: str, **values: Any) -> Fact:
    return _fact(FactKind.MENTION, message_id, at, author=Author(id="501", handle="ada"), text="my bag", **values)


def reply(message_id: str, at: str, parent_id: str = "100", **values: Any) -> Fact:
    return _fact(FactKind.ANSWER, message_id, at, parent_id=parent_id, author=Author(id="900"), text="on it", **values)


def deletion(message_id: str, at: str, **values: Any) -> Fact:
    return _fact(FactKind.DELETE, message_id, at, **values)


def _fact(kind: FactKind, message_id: str, at: str, *, received: str | None = None, **values: Any) -> Fact:
    return Fact(
        kind=kind,
        platform="x",
        channel="x.main",
        account_id="900",
        message_id=message_id,
        occurred_at=moment(at),
        received_at=moment(received) if received else moment(at) + timedelta(seconds=1),
        **values,
    )


@dataclass(frozen=True)
class Act:
    """What an agent does to the only case there is."""

    kind: EventKind
    at: str
    detail: dict[str, str] = field(default_factory=dict)


class Story:
    """One table, one book, and the things that happen; sweeps bring them about in the order of the clock."""

    def __init__(
        self,
        policy: Policy | tuple[Policy, ...],
        *happenings: Fact | Act,
        trouble: Callable[[AlertMessage], None] | None = None,
    ) -> None:
        self.table = MemoryTable()
        self.cases = TableCaseStore(self.table)
        self.alerts = MemoryAlerts(trouble)
        self.queues = MemoryQueues()
        policies = policy if isinstance(policy, tuple) else (policy,)
        self.promises = Promises(books={1: PolicyBook(version=1, policies=policies)})
        self.swept: list[Swept] = []
        self._codes = count(1)
        self._waiting = sorted(happenings, key=_known_at)

    @property
    def ports(self) -> Ports:
        return Ports(
            store=self.cases,
            promises=self.promises,
            alerts=self.alerts,
            backoff=no_waiting,
            leases=TableLeases(self.table),
            queues=self.queues,
            jobs=TablePolicies(self.table, clock=lambda: 0.0),
            alarms=TableAlarms(self.table),
            base_url="https://care.example",
            new_code=lambda: f"{next(self._codes):016d}".translate(NO_DIGITS),
        )

    def with_time(self, has_time: Callable[[], bool]) -> Ports:
        return replace(self.ports, has_time=has_time)

    @property
    def heard(self) -> list[Heard]:
        """When, what kind, which step, which group, in the order of publishing."""
        said = [json.loads(message.body) for message in self.alerts.published]
        return [(_short(one["at"]), one["kind"], one.get("step", 0), one.get("group", "")) for one in said]

    @property
    def page_ids(self) -> list[str]:
        return [message.attributes["page_id"] for message in self.alerts.published]

    def codes(self) -> list[str]:
        """Of the links that people got, oldest first."""
        urls = [json.loads(message.body).get("ack_url") for message in self.alerts.published]
        return [url.rpartition("/")[2] for url in urls if url]

    def acknowledge(self, at: str, *, code: str | None = None, name: str = "Ada L.") -> acknowledge.AcknowledgeView:
        """By the link of the newest page, or by another."""
        ports = acknowledge.Ports(store=self.cases, promises=self.promises, backoff=no_waiting)
        return acknowledge.acknowledge(code or self.codes()[-1], name, ports, moment(at))

    def case(self) -> CaseRecord:
        [case_id] = self.case_ids()
        case, _ = self.cases.case(case_id)
        assert case is not None
        return case

    def case_ids(self) -> list[str]:
        return sorted(pk.removeprefix("CASE#") for pk, sk in self.table.everything() if sk == "STATE")

    def until(self, begin: str, end: str, *, except_for: Sequence[str] = (), by: Sweeper = sweep) -> "Story":
        """A sweep at every whole minute from `begin` to `end`; each sees what was known at its minute."""
        now, last = moment(begin), moment(end)
        left_out = {moment(text) for text in except_for}
        while now <= last:
            self.happen(now)
            if now not in left_out:
                self.swept.append(by(self.ports, now))
            now += MINUTE
        return self

    def until_everything_is_over(self, begin: str) -> "Story":
        """Every open case is resolved, and the sweeps of some minutes see it."""
        for case_id in self.case_ids():
            case, _ = self.cases.case(case_id)
            if case and not case.state.is_closed:
                self._commit(case, Act(EventKind.RESOLVE, begin))
        return self.until(begin, str(moment(begin) + 5 * MINUTE)[:16])

    def happen(self, now: datetime) -> None:
        while self._waiting and _known_at(self._waiting[0]) <= now:
            self._bring_about(self._waiting.pop(0))

    def _bring_about(self, thing: Fact | Act) -> None:
        at = _known_at(thing)
        if isinstance(thing, Fact):
            ports = casework.Ports(store=self.cases, promises=self.promises, backoff=no_waiting, now=at)
            casework.take([labelled(thing)], ports)
            return
        self._commit(self.case(), thing)

    def _commit(self, case: CaseRecord, act: Act) -> None:
        at = moment(act.at)
        event = action(act.kind, action_id=f"{act.kind}@{act.at}", at=at, actor="ann", detail=act.detail, book=1)
        commit = commit_for(case, [event], store=self.cases, promises=self.promises, now=at)
        assert commit is not None
        self.cases.commit(commit)


def _known_at(thing: Fact | Act) -> datetime:
    return thing.received_at if isinstance(thing, Fact) else moment(thing.at)


def _short(iso: str) -> str:
    return iso.removesuffix(":00Z").replace("T", " ")
