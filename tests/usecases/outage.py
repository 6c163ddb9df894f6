"""An invented airline whose app breaks: mentions into cases, a watch a minute, and people who act on what it finds."""

from dataclasses import replace

from chalicelib.adapters.access import TableUsers
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.incidents import TableIncidents
from chalicelib.adapters.leases import TableLeases
from chalicelib.adapters.memory.alerts import MemoryAlerts
from chalicelib.adapters.memory.outside import MemoryQueues
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.signals import TableSignals
from chalicelib.domain.facts import Author
from chalicelib.domain.incidents.usual import Hour, comparable
from chalicelib.domain.labels import Labels
from chalicelib.ports.access import Role
from chalicelib.ports.cases import Labelled
from chalicelib.ports.connector.replying import Refused
from chalicelib.usecases import act as acting
from chalicelib.usecases import answer_all, casework, incident_watch, incidents
from tests.usecases.world import PROMISES, at, no_waiting, wrote

BEGAN = 30  # minutes
TEXTS = (
    "the app will not let me sign in",
    "login broken, app shows an error",
    "app down, cannot get my boarding pass",
    "sign in fails with an error on the app",
    "login page of the app just reloads",
)
TROUBLE = Labels.from_plain(
    {
        "sentiment": {"value": "negative", "score": 0.9},
        "complaint": {"value": "yes", "score": 0.9},
        "urgency": {"value": "high", "score": 0.8},
        "aspects": [{"name": "app", "value": "negative", "score": 0.8}],
        "engine": "test",
    }
)


class Replier:
    """A platform that takes answers of up to sixty characters."""

    def check(self, reply):
        if len(reply.text) > 60:
            raise Refused("Too long for this platform.", code="too_long")


class Airline:
    """One table; each part may be replaced by one that dies."""

    def __init__(self, *, trouble=None):
        self.table = MemoryTable()
        self.cases = TableCaseStore(self.table)
        self.signals = TableSignals(self.table)
        self.incidents = TableIncidents(self.table)
        self.alerts = MemoryAlerts(trouble)
        self.queues = MemoryQueues()
        users = TableUsers(self.table)
        for name in ("ann", "bob"):
            users.add(name, Role.AGENT, f"token-of-{name}", at(0))
        self.acting = acting.Ports(
            store=self.cases,
            promises=PROMISES,
            backoff=no_waiting,
            queues=self.queues,
            users=users,
            replier=lambda platform: Replier() if platform == "x" else None,
        )
        for begin in comparable(at(BEGAN)):
            self.signals.count(Hour(begin=begin, people=60, counts={"channel:x.main": 20, "term:app": 1}))

    # --- what happens

    def hear(self, facts, *, labels=TROUBLE, minutes=BEGAN, **replaced):
        ports = casework.Ports(
            store=self.cases, promises=PROMISES, backoff=no_waiting, now=at(minutes), signals=self.signals
        )
        casework.take([Labelled(fact=fact, labels=labels) for fact in facts], replace(ports, **replaced))

    def watch(self, minutes=BEGAN + 1, **replaced):
        return incident_watch.watch(replace(self.ports, **replaced), at(minutes))

    def watch_until(self, last, first=BEGAN + 1):
        for minutes in range(first, last + 1):
            self.watch(minutes)

    @property
    def ports(self):
        return incident_watch.Ports(
            signals=self.signals,
            incidents=self.incidents,
            alerts=self.alerts,
            leases=TableLeases(self.table),
            promises=PROMISES,
            base_url="https://care.example",
            also=(("answers", lambda turn, _signals: answer_all.go_on(self.answering, turn)),),
        )

    @property
    def handling(self):
        return incidents.Ports(incidents=self.incidents, store=self.cases, backoff=no_waiting)

    @property
    def answering(self):
        return answer_all.Ports(incidents=self.incidents, acting=self.acting)

    # --- what came of it

    @property
    def all(self):
        found = [*self.incidents.listed(closed=False, limit=50).incidents]
        return [*found, *self.incidents.listed(closed=True, limit=50).incidents]

    @property
    def one(self):
        [incident] = self.all
        return incident

    @property
    def members(self):
        return self.incidents.members(self.one.incident_id)

    @property
    def calls(self):
        return [message.attributes["kind"] for message in self.alerts.published]

    def case_of(self, message_id):
        return self.cases.addresses("x", [message_id])[message_id].case_id

    def act(self, act, value="", *, minutes=BEGAN + 2, key="k1", actor="ann"):
        request = incidents.IncidentRequest(act=act, actor=actor, key=key, value=value)
        return incidents.act(self.one.incident_id, request, self.handling, at(minutes))


def outage(number=14, *, first=500, minutes=BEGAN, over=10, texts=TEXTS):
    """So many people within some minutes before `minutes`, each in a thread of their own."""
    return [
        wrote(
            f"{first + place}00",
            minutes - over * (number - place) / number,
            text=texts[place % len(texts)],
            author=Author(id=str(first + place), handle=f"h{first + place}", followers=1_500),
        )
        for place in range(number)
    ]
