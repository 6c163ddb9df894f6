"""A world in this process: the use cases of production on the memory twins, and time that is passed in."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Thread
from typing import Any

from chalicelib.adapters.alarms import TableAlarms
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.leases import TableLeases
from chalicelib.adapters.memory.alerts import MemoryAlerts
from chalicelib.adapters.memory.outside import MemoryQueues
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.policies import TablePolicies
from chalicelib.adapters.tokens import TableTokens
from chalicelib.domain.alerts.message import AlertMessage
from chalicelib.domain.customer import ChangeKind
from chalicelib.domain.policy import PolicyBook
from chalicelib.ports.access import Role, User
from chalicelib.ports.alerts import AlertUndelivered
from chalicelib.ports.cases import CaseRecord, Commit, Labelled, PageItem
from chalicelib.ports.customers import Customer
from chalicelib.ports.messages import decode_reply
from chalicelib.ports.policies import PolicyJob, Promises
from chalicelib.usecases import acknowledge, act, apply_policy, casework, customer_record, deliver, merging, sla_watch
from chalicelib.usecases.replies.access import Access
from infra.scenarios.model import Faults, Lands
from infra.scenarios.platform import Plan, ScriptedPlatform
from infra.scenarios.world import NotYet, SeenAlert, SeenCase

ONE_MINUTE = timedelta(minutes=1)
_NO_DIGITS = str.maketrans("0123456789", "abcdefghij")
FAR_AWAY = datetime(9999, 1, 1, tzinfo=UTC)


class MemoryWorld:
    """Satisfies `world.World`. `platform` is the name of the one that every case is on."""

    def __init__(self, book: PolicyBook, platform: str) -> None:
        self._books: dict[int, PolicyBook] = {book.version: book}
        self._name = platform
        self._now = datetime.min.replace(tzinfo=UTC)
        self._table = MemoryTable()
        self._store = TableCaseStore(self._table)
        self._jobs = TablePolicies(self._table, clock=lambda: 0.0)
        self._queues = MemoryQueues()
        self._alerts = _Alerts(lambda: self._now)
        self._platform = ScriptedPlatform(lambda: self._now)
        self._codes = count(1)

    def _new_code(self) -> str:
        return f"{next(self._codes):016d}".translate(_NO_DIGITS)

    @property
    def books(self) -> Mapping[int, PolicyBook]:
        return self._books

    @property
    def _promises(self) -> Promises:
        return Promises(books=dict(self._books))

    # --- what happens

    def hear(self, item: Labelled, at: datetime, *, workers: int = 1) -> None:
        self._now = at
        ports = casework.Ports(store=self._store, promises=self._promises, backoff=_at_once, now=at)
        _together([lambda: casework.take([item], ports)] * workers)

    def act(self, message_id: str, intent: act.Intent, *, actor: str, key: str, at: datetime) -> None:
        self._now = at
        ports = act.Ports(
            store=self._store,
            promises=self._promises,
            backoff=_at_once,
            queues=self._queues,
            users=_Everybody(),
            replier=lambda _: self._platform,
        )
        request = act.ActRequest(intent=intent, actor=actor, idempotency_key=key)
        act.act(self._case_of(message_id), request, ports=ports, now=at)
        self._deliver()

    def plan(self, text: str, plan: Plan) -> None:
        self._platform.plan(text, plan)

    def merge(self, message_id: str, into: str, *, actor: str, key: str, at: datetime) -> None:
        self._now = at
        ports = merging.Ports(store=self._store, promises=self._promises, backoff=_at_once)
        request = merging.MergeRequest(from_id=self._case_of(message_id), actor=actor, idempotency_key=key)
        merging.merge(self._case_of(into), request, ports=ports, now=at)

    def tier(self, who: str, to: str | None, *, actor: str, key: str, at: datetime) -> None:
        self._now = at
        ports = customer_record.Ports(store=self._store, promises=self._promises, backoff=_at_once, tiers=self._tiers)
        request = customer_record.RecordRequest(kind=ChangeKind.TIER, value=to, actor=actor, idempotency_key=key)
        customer = Customer(platform=self._name, author_key=who)
        customer_record.remember_of(customer, "", request, ports=ports, now=at)

    @property
    def _tiers(self) -> frozenset[str]:
        """Also those that the policies ask for without naming them first, as an older document may."""
        asked = (policy.match.tiers for book in self._books.values() for policy in book.policies)
        return frozenset(self._store.weights.tiers).union(*asked)

    def acknowledge(self, message_id: str, *, actor: str, at: datetime) -> None:
        """By the link in the newest page about the case, as people do."""
        self._now = at
        case_id = self._case_of(message_id)
        bodies = [json.loads(message.body) for _, message in self._alerts.heard]
        urls = [body["ack_url"] for body in bodies if body.get("ack_url") and case_id in _cases_of(body)]
        if not urls:
            raise NotYet("nobody has been paged by then")
        code = urls[-1].rpartition("/")[2]
        ports = acknowledge.Ports(store=self._store, promises=self._promises, backoff=_at_once)
        acknowledge.acknowledge(code, actor, ports, at)

    def promise(self, book: PolicyBook, at: datetime) -> None:
        """As `earshot policy apply` does: the version is in force, and its job begins at once."""
        self._now = at
        self._books[book.version] = book
        self._jobs.save(PolicyJob(version=book.version, applied_at=at, actor="lead", next_at=at))
        ports = apply_policy.Ports(store=self._store, promises=self._promises, jobs=self._jobs, backoff=_at_once)
        apply_policy.step(book.version, ports, at)

    def _case_of(self, message_id: str) -> str:
        address = self._store.addresses(self._name, [message_id])[message_id]
        if address.case_id is None:
            raise NotYet(f"no case holds message {message_id} at that time")
        return address.case_id

    def _deliver(self) -> None:
        """What is on the queue of answers goes out now, as its worker would."""
        ports = deliver.Ports(
            store=self._store,
            promises=self._promises,
            http=self._platform,
            secrets=self._platform,
            reply_of=lambda _: self._platform,
            access=Access(
                tokens=TableTokens(self._table),
                renewer=lambda _: None,
                http=self._platform,
                clock=lambda: self._now,
                backoff=_at_once,
            ),
            alerts=self._alerts,
            alarms=TableAlarms(self._table),
            backoff=_at_once,
            clock=lambda: self._now,
            queues=self._queues,
        )
        while bodies := self._queues.sent.pop(act.QUEUE, []):
            for body in bodies:
                deliver.deliver(decode_reply(body), ports)

    # --- the sweep

    def sweep(self, now: datetime, *, during: Mapping[Lands, Callable[[], None]], times: int = 1) -> None:
        self._now = now
        ports = sla_watch.Ports(
            store=_Interrupted(self._store, during) if during else self._store,
            promises=self._promises,
            alerts=self._alerts,
            backoff=_at_once,
            leases=TableLeases(self._table),
            queues=self._queues,
            jobs=self._jobs,
            alarms=TableAlarms(self._table),
            base_url="https://care.example",
            new_code=self._new_code,
        )
        _together([lambda: _sweep(ports, now)] * times)
        self._deliver()

    def rest(self, now: datetime) -> None:
        leases = TableLeases(self._table)
        lease = leases.take(sla_watch.LEASE, turn=now, now=now, for_s=sla_watch.LEASE_S)
        if lease:
            leases.done(lease)

    def next_due(self) -> datetime | None:
        return next((entry.at for entry in self._store.due(FAR_AWAY, limit=1)), None)

    def break_alerts(self, faults: Faults) -> None:
        self._alerts.faults, self._alerts.unheard = faults, set(faults.unheard)

    # --- what came of it

    def cases(self) -> tuple[SeenCase, ...]:
        found = [self._seen(case) for case in self._records() if case.merged_into is None]
        return tuple(sorted(found, key=lambda case: (case.state.opened_at or FAR_AWAY, case.case_id)))

    def _records(self) -> Iterator[CaseRecord]:
        for pk, sk in self._table.everything():
            if sk == "STATE":
                case, _ = self._store.case(pk.removeprefix("CASE#"))
                if case:
                    yield case

    def _seen(self, case: CaseRecord) -> SeenCase:
        ended = self._store.ended_clocks(case.case_id)
        clocks = sorted((*case.state.running, *ended), key=lambda clock: (clock.started_at, clock.id))
        climbed = {alert.clock_id for alert in case.state.alerts if alert.is_exhausted}
        exhausted = tuple(clock for clock in clocks if clock.id in climbed)
        window = case.state.window
        ends = (window.standard_end, window.human_end) if window else None
        return SeenCase(case_id=case.case_id, state=case.state, clocks=tuple(clocks), exhausted=exhausted, window=ends)

    def alerts(self) -> tuple[SeenAlert, ...]:
        seen: dict[str, SeenAlert] = {}
        for number, (at, message) in enumerate(self._alerts.heard):
            seen.setdefault(message.attributes.get("page_id", f"#{number}"), _seen_alert(at, message))
        return tuple(seen.values())

    def page_ids(self) -> list[str]:
        """Of every message that was published, repeats included."""
        return [message.attributes["page_id"] for _, message in self._alerts.heard if "page_id" in message.attributes]

    def remembers(self, text: str) -> bool:
        return any(text in str(item) for item in self._table.everything().values())


def _sweep(ports: sla_watch.Ports, now: datetime) -> None:
    """Raises whatever broke one of its records: production would only count it."""
    swept = sla_watch.sweep(ports, now)
    broken = [error for _, error in swept.failed if error != AlertUndelivered.__name__]
    if broken:
        raise AssertionError(f"the sweep of {now:%H:%M}Z met {', '.join(broken)}")


def _cases_of(body: Mapping[str, Any]) -> list[str]:
    """The cases that a page is about: one, or those of a digest."""
    return [body["case_id"]] if body.get("case_id") else [case["case_id"] for case in body.get("cases", ())]


def _seen_alert(at: datetime, message: AlertMessage) -> SeenAlert:
    body: dict[str, Any] = json.loads(message.body)
    page_id = message.attributes.get("page_id")
    return SeenAlert(
        at=at,
        kind=message.attributes["kind"],
        to=message.attributes["group"],
        step=body.get("step") or None,
        clock_id=page_id.partition("/")[0] if page_id and "|" in page_id and "cases" not in body else None,
        count=body.get("count", 1),
        assignee=body.get("assignee"),
        assignees=message.assignees,
        why=body.get("ended"),
        page_id=page_id,
    )


def _at_once(attempt: int) -> None:
    """Races in one process are short: no need to wait."""


def _together(jobs: Sequence[Callable[[], None]]) -> None:
    """All at the same time, each in its own thread; the first error is raised."""
    if len(jobs) == 1:
        jobs[0]()
        return
    errors: list[Exception] = []

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        except Exception as error:  # noqa: BLE001  raised below, in the thread that waits
            errors.append(error)

    threads = [Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


class _Everybody:
    """Satisfies `ports.access.Users` where only names matter: whoever a scenario names is an agent."""

    def named(self, name: str) -> User | None:
        long_ago = datetime(2000, 1, 1, tzinfo=UTC)
        return User(name=name, role=Role.AGENT, created_at=long_ago, token_at=long_ago, token_end="none")  # noqa: S106

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(f"a scenario has no use for {name}")


class _Alerts(MemoryAlerts):
    """Alerts with the minute in which each went out, and with the faults of a scenario."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._clock = clock
        self.heard: list[tuple[datetime, AlertMessage]] = []
        self.faults = Faults()
        self.unheard: set[datetime] = set()

    def publish(self, message: AlertMessage) -> None:
        now = self._clock()
        minute = now.replace(second=0, microsecond=0)
        if minute in self.faults.refused and self.faults.refused_for in (None, message.attributes["group"]):
            raise AlertUndelivered("the scenario says so")
        self.heard.append((now, message))
        if minute in self.unheard:
            self.unheard.discard(minute)
            raise AlertUndelivered("the scenario says so", may_have_gone=True)


class _Interrupted:
    """The store, with something that happens while the sweep works."""

    def __init__(self, store: TableCaseStore, during: Mapping[Lands, Callable[[], None]]) -> None:
        self._store = store
        self._during = dict(during)

    def _let(self, when: Lands) -> None:
        self._during.pop(when, lambda: None)()

    def commit(self, commit: Commit) -> None:
        if commit.pages and commit.case:
            self._let(Lands.BEFORE_CLAIM)
        self._store.commit(commit)

    def page(self, page_id: str) -> PageItem | None:
        self._let(Lands.BEFORE_PAGE)
        return self._store.page(page_id)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
