"""
Which adapter fulfils which port, for one process.

Everything is made when first asked for and then kept: a webhook makes a queue
client and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from chalicelib import connectors
from chalicelib.adapters import clock
from chalicelib.adapters.aws import client
from chalicelib.adapters.parameters import Parameters
from chalicelib.adapters.sqs import SqsQueues
from chalicelib.config import Settings
from chalicelib.domain import platforms

if TYPE_CHECKING:
    from chalicelib.adapters.access import TableUsers
    from chalicelib.adapters.cases import TableCaseStore
    from chalicelib.adapters.documents import TableDocuments
    from chalicelib.adapters.dynamo import DynamoTable
    from chalicelib.adapters.http import RequestsHttp
    from chalicelib.adapters.incidents import TableIncidents
    from chalicelib.adapters.policies import TablePolicies
    from chalicelib.adapters.quarantine import TableQuarantine
    from chalicelib.adapters.rollups import TableRollups
    from chalicelib.adapters.s3 import S3Bodies
    from chalicelib.adapters.signals import TableSignals
    from chalicelib.adapters.signs import TableSigns
    from chalicelib.adapters.sns import SnsAlerts, SnsChat
    from chalicelib.adapters.web_keys import HttpWebKeys
    from chalicelib.domain.erasure import Seal
    from chalicelib.domain.facts import Fact
    from chalicelib.ports.connector.calls import HttpCall, HttpResult
    from chalicelib.ports.connector.replying import Reply
    from chalicelib.ports.engines import EngineSettings
    from chalicelib.usecases import (
        acknowledge,
        act,
        answer_all,
        casework,
        causes,
        customer_record,
        deliver,
        erase,
        forward,
        incident_watch,
        listen,
        merging,
        receive,
        refine,
        renew,
        report,
        sla_watch,
        triage,
    )
    from chalicelib.usecases import incidents as handling
    from chalicelib.usecases.alerts import listeners
    from chalicelib.usecases.labelling import Labelling
    from chalicelib.usecases.replies.access import Access

platforms.install(connectors.core)


@cache
def settings() -> Settings:
    return Settings.from_env()


def hosts() -> tuple[str, ...]:
    """Where people open our pages, when it is not where API Gateway answers."""
    address = settings().base_url.partition("://")[2].partition("/")[0].lower()
    return (address,) if address else ()


@cache
def now() -> Callable[[], datetime]:
    """The clock of this stage; in stage local a file may move it."""
    file = settings().clock_file
    return clock.file_clock(file) if file else clock.system_clock


@cache
def parameters() -> Parameters:
    return Parameters(client("ssm"), settings().parameters, clock=clock.monotonic, jitter=clock.jitter)


@dataclass(frozen=True, slots=True)
class Resources:
    """What the infrastructure stack made of this stage."""

    queues: Mapping[str, str]
    bucket: str
    alerts_topic_arn: str

    @property
    def chat_topic_arn(self) -> str:
        return f"{self.alerts_topic_arn.removesuffix('alerts')}chat"


@cache
def resources() -> Resources:
    value = parameters().value("resources")
    if value is None:
        raise RuntimeError(f"parameter {settings().resources_parameter} is missing: run `earshot deploy`")
    return Resources(value["queues"], value["bucket"], value["alerts_topic_arn"])


@cache
def queues() -> SqsQueues:
    return SqsQueues(client("sqs"), resources().queues)


A = TypeVar("A")


class _Lazy:
    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> object:
        return getattr(self._make(), name)


def lazily(make: Callable[[], A]) -> A:
    """The adapter, made when something of it is first used: a webhook makes no S3 client for a small body."""
    return cast("A", _Lazy(make))


@cache
def bodies() -> "S3Bodies":
    from chalicelib.adapters.s3 import S3Bodies

    return S3Bodies(client("s3"), resources().bucket)


@cache
def alerts() -> "SnsAlerts":
    from chalicelib.adapters.sns import SnsAlerts

    return SnsAlerts(client("sns"), resources().alerts_topic_arn)


@cache
def http() -> "RequestsHttp":
    from chalicelib.adapters.http import RequestsHttp

    return RequestsHttp()


@cache
def web_keys() -> "HttpWebKeys":
    from chalicelib.adapters.web_keys import HttpWebKeys

    return HttpWebKeys(http(), clock.monotonic)


@cache
def table() -> "DynamoTable":
    from chalicelib.adapters.dynamo import DynamoTable

    return DynamoTable(client("dynamodb"), settings().table)


@cache
def cases(seal: "Seal | None" = None) -> "TableCaseStore":
    """Whoever puts facts into cases names the `seal`: it tells what was erased."""
    from chalicelib.adapters.cases import TableCaseStore

    return TableCaseStore(table(), seal=seal)


@cache
def policies() -> "TablePolicies":
    from chalicelib.adapters.policies import TablePolicies

    return TablePolicies(table(), clock=clock.monotonic)


@cache
def signals() -> "TableSignals":
    from chalicelib.adapters.signals import TableSignals

    return TableSignals(table())


@cache
def incidents() -> "TableIncidents":
    from chalicelib.adapters.incidents import TableIncidents

    return TableIncidents(table())


@cache
def documents() -> "TableDocuments":
    from chalicelib.adapters.documents import TableDocuments

    return TableDocuments(table())


@cache
def quarantine() -> "TableQuarantine":
    from chalicelib.adapters.quarantine import TableQuarantine

    return TableQuarantine(table(), bodies())


@cache
def users() -> "TableUsers":
    from chalicelib.adapters.access import TableUsers

    return TableUsers(table())


# --- one function for each use case -----------------------------------------------------------------------------


def receive_ports() -> "receive.Ports":
    from chalicelib.usecases import receive

    return receive.Ports(
        secrets=parameters(),
        queues=queues(),
        bodies=lazily(bodies),
        keys=lazily(web_keys),
        http=lazily(http),
    )


def triage_ports() -> "triage.Ports":
    from chalicelib.usecases import triage

    return triage.Ports(
        channels=parameters(),
        queues=queues(),
        bodies=lazily(bodies),
        quarantine=lazily(quarantine),
        labelling=_labelling(),
        report_trouble=_report_trouble,
        tell_tested=_tell_tested,
        wants=lazily(_cursors),
    )


LABELLING_S: Final = 10.0  # for one batch, of the sixty seconds that a worker has
LABELLING_EACH_S: Final = 3.0  # a first text waits for the weights; the others take some milliseconds


def _labelling() -> "Labelling":
    from chalicelib.adapters.interrupt import interrupting
    from chalicelib.usecases.labelling import Labelling, OutOfTime

    return Labelling(
        classify=_classify,
        limit_s=LABELLING_S,
        each_s=LABELLING_EACH_S,
        clock=clock.monotonic,
        interrupting=lambda seconds: interrupting(seconds, OutOfTime),
        tell=_tell_of_labelling,
    )


def _tell_of_labelling(wrong: str) -> None:
    from chalicelib.adapters.logs import log_line

    log_line(level="warning", message="a text goes on unjudged", error=wrong)


def _tell_tested(channel: str) -> None:
    from chalicelib.ports.signs import Sign

    signs().leave(channel, Sign.TESTED, now()())


def _classify(fact: Any) -> Any:
    from chalicelib.classify import classify

    return classify(
        fact.text, lang_hint=fact.lang, private=fact.private, rating=fact.rating, vocabulary=_vocabulary().value()
    )


@cache
def _vocabulary() -> Any:
    from chalicelib.adapters.settings import Kept
    from chalicelib.classify import topics
    from chalicelib.documents.vocabulary import read_toml
    from chalicelib.ports.documents import DocumentKind

    return Kept(
        lambda: documents().current(DocumentKind.VOCABULARY),
        read=lambda toml: topics.matcher(read_toml(toml)),
        without=topics.NOTHING,
        clock=clock.monotonic,
    )


@cache
def _incident_settings() -> Any:
    from chalicelib.adapters.settings import Kept
    from chalicelib.documents.incidents import read_toml
    from chalicelib.domain.incidents.crisis import CrisisSettings
    from chalicelib.ports.documents import DocumentKind

    return Kept(
        lambda: documents().current(DocumentKind.INCIDENTS),
        read=read_toml,
        without=CrisisSettings(),
        clock=clock.monotonic,
    )


def _report_trouble(trouble: Any) -> None:
    from chalicelib.usecases.alerts.channel_alarm import report

    report(trouble, alerts())


def casework_ports(tell_disbelieved: "Callable[[Fact], None] | None" = None) -> "casework.Ports":
    from chalicelib.usecases import casework

    return casework.Ports(
        store=cases(parameters().seal()),
        promises=policies().promises(),
        backoff=clock.back_off,
        now=now()(),
        signals=signals(),
        tell_disbelieved=tell_disbelieved,
    )


@cache
def signs() -> "TableSigns":
    from chalicelib.adapters.signs import TableSigns

    return TableSigns(table())


def refine_ports(*, urgent: bool) -> "refine.Ports":
    """`urgent` is the lane: fewer seconds there."""
    from chalicelib.usecases import refine

    settings = parameters().engine()
    return refine.Ports(
        labelling=_labelling(),
        seats=_seats(settings),
        limit_s=settings.urgent_limit_s if urgent else settings.limit_s,
        clock=clock.monotonic,
        tell=_tell_of_engine,
    )


OWN_LIMIT_S: Final = 2.0  # of our own engine, for ten texts on a third of a processor


@cache
def _seats(settings: "EngineSettings") -> "tuple[refine.EngineSlot, ...]":
    """Ours first, where it is; then the one outside, which refines what ours said."""
    from chalicelib.adapters.engines import builtin
    from chalicelib.adapters.engines.guard import Guarded
    from chalicelib.ports.engines import Choice
    from chalicelib.usecases.refine import EngineSlot

    own = builtin.load() if settings.choice is not Choice.NONE else None
    seats = (EngineSlot(engine=Guarded(own), limit_s=OWN_LIMIT_S, languages=_learned()),) if own else ()
    if not settings.is_outside:
        return seats
    try:
        return (*seats, _outside_seat(settings))
    except Exception as error:  # noqa: BLE001  a client that cannot be made must not stop a mention
        _tell_of_engine(settings.choice.value, type(error).__name__, 0)
        return seats


def _learned() -> frozenset[str]:
    """What our own engine is asked for: it keeps its hands off the rest, and that is no failure."""
    from chalicelib.classify import LEARNED

    return LEARNED


def _outside_seat(settings: "EngineSettings") -> "refine.EngineSlot":
    from chalicelib.adapters.aws import quick_client
    from chalicelib.adapters.engines import outside
    from chalicelib.adapters.engines.allowance import TableAllowance
    from chalicelib.adapters.engines.guard import Guarded
    from chalicelib.usecases.refine import EngineSlot

    engine = outside.make(settings, lambda service: quick_client(service, settings.region, settings.limit_s))
    allowance = TableAllowance(
        table(), settings.choice.value, per_hour=settings.per_hour, per_day=settings.per_day, now=now()
    )
    return EngineSlot(
        engine=Guarded(engine),
        limit_s=settings.limit_s,
        languages=settings.languages,
        private=settings.private,
        allowance=allowance,
    )


def _tell_of_engine(engine: str, wrong: str, texts: int) -> None:
    from chalicelib.adapters.logs import log_line

    log_line(level="warning", message="labels stay as they were", engine=engine, error=wrong, texts=texts)


def sla_watch_ports(has_time: Callable[[], bool] = lambda: True) -> "sla_watch.Ports":
    """`has_time` says whether the sweep may begin with another record."""
    from chalicelib.adapters import codes
    from chalicelib.adapters.alarms import TableAlarms
    from chalicelib.adapters.leases import TableLeases
    from chalicelib.usecases import sla_watch

    return sla_watch.Ports(
        new_code=codes.new_code,
        store=cases(),
        promises=policies().promises(),
        alerts=lazily(alerts),
        backoff=clock.back_off,
        base_url=settings().base_url,
        leases=TableLeases(table()),
        queues=lazily(queues),
        jobs=policies(),
        alarms=TableAlarms(table()),
        has_time=has_time,
    )


def incident_watch_ports(has_time: Callable[[], bool] = lambda: True) -> "incident_watch.Ports":
    """`has_time` says whether another case may be answered."""
    from chalicelib.adapters.leases import TableLeases
    from chalicelib.usecases import answer_all, causes, incident_watch

    def answers(turn: datetime, _signals: Sequence[Any]) -> int:
        return answer_all.go_on(answer_all_ports(has_time), turn)

    def reopened(turn: datetime, known: Sequence[Any]) -> int:
        return causes.watch(causes_ports(), turn, known)

    return incident_watch.Ports(
        signals=signals(),
        incidents=incidents(),
        alerts=lazily(alerts),
        leases=TableLeases(table()),
        promises=policies().promises(),
        settings=_incident_settings().value,
        base_url=settings().base_url,
        also=(("answers", answers), ("reopened", reopened)),
    )


def incidents_ports() -> "handling.Ports":
    from chalicelib.usecases import incidents as handling

    return handling.Ports(incidents=incidents(), store=cases(), backoff=clock.back_off)


def answer_all_ports(has_time: Callable[[], bool] = lambda: True) -> "answer_all.Ports":
    from chalicelib.usecases import answer_all

    return answer_all.Ports(incidents=incidents(), acting=act_ports(), has_time=has_time)


@cache
def rollups() -> "TableRollups":
    from chalicelib.adapters.rollups import TableRollups

    return TableRollups(table())


def causes_ports() -> "causes.Ports":
    from chalicelib.adapters.fixes import TableFixes
    from chalicelib.usecases import causes

    return causes.Ports(
        fixes=TableFixes(table()),
        rollups=rollups(),
        alerts=lazily(alerts),
        promises=policies().promises(),
        backoff=clock.back_off,
    )


def report_ports(has_time: Callable[[], bool] = lambda: True) -> "report.SchedulePorts":
    """`has_time` says whether another case may be read."""
    from chalicelib.adapters.leases import TableLeases
    from chalicelib.usecases import report

    return report.SchedulePorts(
        store=cases(),
        rollups=rollups(),
        promises=policies().promises(),
        leases=TableLeases(table()),
        has_time=has_time,
    )


def erasing_ports(has_time: Callable[[], bool] = lambda: True, *, outside: bool = False) -> "erase.Ports":
    """
    `has_time` says whether another case may go; with `outside` the bucket and the dead letters are cleared, too.

    Raises SealMissing on a stage without the key.
    """
    from chalicelib.adapters.erasure import TableTraces
    from chalicelib.adapters.s3 import S3Ledger
    from chalicelib.adapters.sqs import SqsDeadLetters
    from chalicelib.ports.erasure import SealMissing
    from chalicelib.usecases import erase

    seal = parameters().seal()
    if seal is None:
        raise SealMissing("the key of erasures is missing: run `earshot deploy`")
    return erase.Ports(
        traces=TableTraces(table(), seal),
        store=cases(seal),
        rollups=rollups(),
        promises=policies().promises(),
        backoff=clock.back_off,
        seal=seal,
        ledger=S3Ledger(client("s3"), resources().bucket),
        bodies=bodies() if outside else None,
        letters=SqsDeadLetters(client("sqs"), resources().queues) if outside else None,
        has_time=has_time,
    )


def listeners_ports() -> "listeners.Ports":
    from chalicelib.adapters.subscriptions import SnsSubscriptions
    from chalicelib.usecases.alerts import listeners

    return listeners.Ports(
        promises=policies().promises(),
        subscriptions=SnsSubscriptions(client("sns"), resources().alerts_topic_arn),
        channels=parameters().channels,
    )


def acknowledge_ports() -> "acknowledge.Ports":
    from chalicelib.usecases import acknowledge

    return acknowledge.Ports(store=cases(), promises=policies().promises(), backoff=clock.back_off)


def access() -> "Access":
    from chalicelib.adapters.tokens import TableTokens
    from chalicelib.usecases.replies.access import Access

    return Access(
        tokens=TableTokens(table()),
        renewer=connectors.renewer,
        http=http(),
        clock=now(),
        backoff=clock.back_off,
    )


def deliver_ports() -> "deliver.Ports":
    from chalicelib.adapters.alarms import TableAlarms
    from chalicelib.usecases import deliver

    return deliver.Ports(
        store=cases(parameters().seal()),
        promises=policies().promises(),
        http=http(),
        secrets=parameters(),
        reply_of=connectors.reply,
        access=access(),
        alerts=lazily(alerts),
        alarms=TableAlarms(table()),
        backoff=clock.back_off,
        clock=now(),
        queues=queues(),
    )


def listen_ports(has_time: Callable[[], bool] = lambda: True) -> "listen.Ports":
    """`has_time` says whether another call to a platform may begin."""
    from chalicelib.usecases import listen

    return listen.Ports(
        channels=lambda: _channels_of(connectors.polled()),
        settings=parameters(),
        secrets=parameters(),
        cursors=lazily(_cursors),
        queues=lazily(queues),
        bodies=lazily(bodies),
        perform=_perform,
        poll_of=connectors.poll,
        facts_of=connectors.poll_facts,
        access=lazily(access),
        needs_keys=lambda platform: any(one.use == "send" for one in connectors.manifest(platform).secrets),
        alerts=lazily(alerts),
        alarms=lazily(_alarms),
        clock=now(),
        has_time=has_time,
    )


def renew_ports(has_time: Callable[[], bool] = lambda: True) -> "renew.Ports":
    """`has_time` says whether another webhook may be renewed."""
    from chalicelib.usecases import renew

    return renew.Ports(
        channels=lambda: _channels_of(connectors.renewed()),
        settings=parameters(),
        secrets=parameters(),
        verify=parameters(),
        cursors=lazily(_cursors),
        perform=_perform,
        setup_of=connectors.setup,
        every_of=lambda platform: connectors.manifest(platform).renew_every or timedelta(days=1),
        alerts=lazily(alerts),
        clock=now(),
        has_time=has_time,
    )


def _channels_of(some: frozenset[str]) -> tuple[str, ...]:
    """Those that are set up on some platforms. Costs nothing where there is no such platform."""
    return tuple(name for name in parameters().channels() if name.partition(".")[0] in some) if some else ()


@cache
def _cursors() -> Any:
    from chalicelib.adapters.cursors import TableCursors

    return TableCursors(table())


@cache
def _alarms() -> Any:
    from chalicelib.adapters.alarms import TableAlarms

    return TableAlarms(table())


def _perform(call: "HttpCall") -> "HttpResult":
    return http().perform(call)


@cache
def _chat() -> "SnsChat":
    from chalicelib.adapters.sns import SnsChat

    return SnsChat(client("sns"), resources().chat_topic_arn)


def forward_ports() -> "forward.Ports":
    from chalicelib.adapters.logs import log_line
    from chalicelib.usecases import forward

    def passed_over(schema: str) -> None:
        log_line(level="info", message="nothing to forward", schema=schema)

    return forward.Ports(settings=parameters(), http=http(), chat=lazily(_chat), passed_over=passed_over)


def act_ports() -> "act.Ports":
    from chalicelib.usecases import act

    return act.Ports(
        store=cases(),
        promises=policies().promises(),
        backoff=clock.back_off,
        queues=lazily(queues),
        users=users(),
        replier=_replier,
        has_keys=_has_keys,
    )


def _has_keys(channel: str, account_id: str) -> bool | None:
    try:
        sends = parameters().settings(channel).sends
    except Exception:  # noqa: BLE001  an answer is asked for, whatever Parameter Store says
        return None
    return None if sends is None else account_id in sends


def merging_ports() -> "merging.Ports":
    from chalicelib.usecases import merging

    return merging.Ports(store=cases(), promises=policies().promises(), backoff=clock.back_off)


def remember_ports() -> "customer_record.Ports":
    from chalicelib.usecases import customer_record

    store = cases()
    return customer_record.Ports(
        store=store, promises=policies().promises(), backoff=clock.back_off, tiers=store.weights.tiers
    )


def _replier(platform: str) -> "Reply | None":

    return connectors.reply(platform) if connectors.has(platform, "reply") else None
