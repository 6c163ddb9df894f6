"""The use cases of every Lambda on memory twins, as a stage: no AWS, no waiting."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from chalicelib import connectors
from chalicelib.adapters.access import TableUsers
from chalicelib.adapters.alarms import TableAlarms
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.http import RequestsHttp
from chalicelib.adapters.leases import TableLeases
from chalicelib.adapters.memory.alerts import MemoryAlerts
from chalicelib.adapters.memory.outside import MemoryBodies, MemoryQueues, MemoryWeb
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.policies import TablePolicies
from chalicelib.adapters.quarantine import TableQuarantine
from chalicelib.adapters.tokens import TableTokens
from chalicelib.classify import classify
from chalicelib.console import acknowledge as drawing
from chalicelib.documents.policies import read_toml
from chalicelib.domain.events import EventKind
from chalicelib.domain.labels import Labels
from chalicelib.policies import default_toml
from chalicelib.ports.access import Role
from chalicelib.ports.connector.parsing import ChannelSettings
from chalicelib.ports.connector.receiving import InboundRequest, RequestRefused, WebhookSecrets
from chalicelib.ports.inbound import decode
from chalicelib.ports.messages import decode_mention, decode_reply
from chalicelib.ports.policies import Promises
from chalicelib.ports.secrets import SendSecrets
from chalicelib.usecases import acknowledge as acknowledging
from chalicelib.usecases import act as acting
from chalicelib.usecases import casework, deliver, receive, sla_watch, triage
from chalicelib.usecases.replies.access import Access
from infra.demo import airline as a
from infra.demo import story
from infra.demo.platforms import Platforms
from infra.demo.player import PageSeen, platform_of
from infra.demo.script import AgentAct, Delivery, SignedWith
from tests.connectors.samples import signature
from tests.usecases.world import labelling

ACCOUNTS = {a.X: a.AIRLINE_ON_X.id, a.FACEBOOK: a.AIRLINE_ON_FACEBOOK.id}
URL = "https://care.larkspur.example"
KEYS = {a.X: a.X_KEYS, a.FACEBOOK: a.FACEBOOK_KEYS}

DIGITS = str.maketrans("01", "ab")  # a code has neither


class Parameters:
    """Secrets and settings of the airline's channels."""

    def __init__(self, platforms: Platforms) -> None:
        self._platforms = platforms

    def verify_secrets(self, channel: str, *, fresh: bool = False) -> WebhookSecrets:  # noqa: ARG002 - the port's
        return WebhookSecrets(secrets=(a.VERIFY[channel],))

    def settings(self, channel: str) -> ChannelSettings:
        return ChannelSettings(accounts=frozenset({ACCOUNTS[channel]}))

    def send_secrets(self, channel: str, account_id: str, *, fresh: bool = False) -> SendSecrets:  # noqa: ARG002
        assert account_id == ACCOUNTS[channel]
        return SendSecrets(credentials=KEYS[channel], api_base=self._platforms.addresses[channel])


class MemoryStage:
    """Satisfies `player.Stage`."""

    def __init__(self) -> None:
        self.now = story.BEGINS
        self.platforms = Platforms(lambda: self.now)
        self.parameters = Parameters(self.platforms)
        self.table = table = MemoryTable()
        self.store = TableCaseStore(table)
        self.users = TableUsers(table)
        self.users.add(story.AGENT, Role.AGENT, "a token that nobody asks for", self.now)
        self.alerts = MemoryAlerts()
        self.queues = MemoryQueues()
        self.bodies = MemoryBodies()
        self.quarantine = TableQuarantine(table, self.bodies)
        self.leases, self.alarms = TableLeases(table), TableAlarms(table)
        book = read_toml(default_toml(), today=None)
        self.promises = Promises(books={book.version: book})
        self._requests = 0
        self._pages_seen = 0
        self._codes = (f"{number:016}".translate(DIGITS) for number in count())

    # --- what the player asks for

    def set_clock(self, moment: datetime) -> None:
        self.now = moment

    def post(self, delivery: Delivery) -> int:
        platform = platform_of(delivery.channel)
        connector, facts = connectors.webhook(platform), connectors.webhook_facts(platform)
        headers = signature(platform, delivery.body, _key(delivery)) if delivery.seal is not SignedWith.NONE else {}
        ports = receive.Ports(
            secrets=self.parameters, queues=self.queues, bodies=self.bodies, keys=MemoryWeb(), http=MemoryWeb()
        )
        try:
            receive.receive(self._request(delivery, headers), connector, facts, ports)
        except RequestRefused as error:
            return error.status
        return 200

    def act(self, act: AgentAct) -> None:
        platform = platform_of(act.channel)
        case_id = self.store.addresses(platform, [act.message_id])[act.message_id].case_id
        assert case_id is not None
        request = acting.ActRequest(intent=_intent(act.action), actor=story.AGENT, idempotency_key=act.at.isoformat())
        acting.act(case_id, request, ports=self._act_ports(), now=self.now)

    def look(self, link: str) -> str:
        return self._drawn(acknowledging.look(_code(link), self._acknowledge_ports(), self.now))

    def acknowledge(self, link: str, name: str) -> str:
        return self._drawn(acknowledging.acknowledge(_code(link), name, self._acknowledge_ports(), self.now))

    def _drawn(self, view: acknowledging.AcknowledgeView) -> str:
        return drawing.draw(view, now=self.now)

    def settle(self) -> None:
        while waiting := [name for name, bodies in self.queues.sent.items() if bodies]:
            for name in waiting:
                self._work(name, self.queues.sent.pop(name))
        self.platforms.raise_trouble()

    def sweep(self) -> None:
        swept = sla_watch.sweep(
            sla_watch.Ports(
                store=self.store,
                promises=self.promises,
                alerts=self.alerts,
                backoff=_at_once,
                leases=self.leases,
                queues=self.queues,
                jobs=TablePolicies(self.table, clock=lambda: 0.0),
                alarms=self.alarms,
                base_url=URL,
                new_code=lambda: next(self._codes),
            ),
            self.now,
        )
        assert swept.ran
        assert not swept.failed

    def pages(self) -> Sequence[PageSeen]:
        fresh = self.alerts.published[self._pages_seen :]
        self._pages_seen += len(fresh)
        return [PageSeen.read(message.body) for message in fresh]

    # --- the workers

    def _work(self, queue: str, bodies: list[str]) -> None:
        for body in bodies:
            if queue == "inbound":
                message = decode(body)
                triage.triage(message, connectors.parser(message.platform), self._triage_ports())
            elif queue == "replies":
                deliver.deliver(decode_reply(body), self._deliver_ports())
            else:
                casework.take([decode_mention(body)], self._casework_ports())

    def _request(self, delivery: Delivery, headers: dict[str, str]) -> InboundRequest:
        self._requests += 1
        return InboundRequest(
            platform=platform_of(delivery.channel),
            channel=delivery.channel,
            method="POST",
            headers=headers,
            query={},
            body=delivery.body,
            received_at=self.now,
            request_id=f"request-{self._requests}",
        )

    def _triage_ports(self) -> triage.Ports:
        return triage.Ports(
            channels=self.parameters,
            queues=self.queues,
            bodies=self.bodies,
            quarantine=self.quarantine,
            labelling=labelling(_labels),
            report_trouble=_no_trouble,
        )

    def _casework_ports(self) -> casework.Ports:
        return casework.Ports(store=self.store, promises=self.promises, backoff=_at_once, now=self.now)

    def _act_ports(self) -> acting.Ports:
        return acting.Ports(
            store=self.store,
            promises=self.promises,
            backoff=_at_once,
            queues=self.queues,
            users=self.users,
            replier=connectors.reply,
        )

    def _acknowledge_ports(self) -> acknowledging.Ports:
        return acknowledging.Ports(store=self.store, promises=self.promises, backoff=_at_once)

    def _deliver_ports(self) -> deliver.Ports:
        return deliver.Ports(
            store=self.store,
            promises=self.promises,
            http=RequestsHttp(),
            secrets=self.parameters,
            reply_of=connectors.reply,
            access=Access(
                tokens=TableTokens(self.table),
                renewer=connectors.renewer,
                http=RequestsHttp(),
                clock=lambda: self.now,
                backoff=_at_once,
            ),
            alerts=self.alerts,
            alarms=self.alarms,
            backoff=_at_once,
            clock=lambda: self.now,
            queues=self.queues,
        )


def _intent(action: Mapping[str, Any]) -> acting.Intent:
    match action["action"]:
        case "reply":
            return acting.AnswerCustomer(text=action["text"])
        case "note":
            return acting.Note(text=action["text"])
        case "assign":
            return acting.Assign(to=action["to"])
    return acting.MoveCase(kind=EventKind(action["action"]))


def _code(link: str) -> str:
    return link.removeprefix(f"{URL}/a/")


def _key(delivery: Delivery) -> str:
    return "somebody else's" if delivery.seal is SignedWith.FORGED else a.VERIFY[delivery.channel]


def _labels(fact: Any) -> Labels:
    return classify(fact.text, lang_hint=fact.lang, private=fact.private, rating=fact.rating)


def _no_trouble(trouble: Any) -> None:
    raise AssertionError(f"no channel breaks in this story: {trouble}")


def _at_once(attempt: int) -> None:
    """Nobody else is there to wait for."""
