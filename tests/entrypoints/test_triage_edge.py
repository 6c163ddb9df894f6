"""The functions behind the queues, from the event that Lambda hands over to what is logged and counted."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chalicelib import bootstrap, connectors
from chalicelib.classify import classify
from chalicelib.domain.facts import Fact
from chalicelib.entrypoints.casework import casework, casework_urgent
from chalicelib.entrypoints.triage import triage
from chalicelib.entrypoints.worker import SomeFailed
from chalicelib.ports.cases import Labelled
from chalicelib.ports.connector.parsing import ChannelSettings
from chalicelib.ports.inbound import InboundMessage, encode
from chalicelib.ports.messages import encode_mention
from chalicelib.usecases import refine
from tests.connectors.samples import webhook_samples
from tests.usecases import world
from tests.usecases.test_triage import NOW, Desk, Down

MENTION = next(sample for sample in webhook_samples("x") if sample.name == "aaa_mention")
NO_ENGINES = refine.Ports(
    labelling=world.labelling(lambda fact: classify(fact.text)),
    seats=(),
    limit_s=1.0,
    clock=lambda: 0.0,
    tell=lambda *_: None,
)
NUMBERS = ("Urgent", "Ordinary", "Ignored", "Quarantined")


@dataclass
class Deliveries:
    """What was said to SQS."""

    done_with: list[str] = field(default_factory=list)
    buried: list[tuple[str, str]] = field(default_factory=list)
    put_off: list[str] = field(default_factory=list)
    queues: set[str] = field(default_factory=set)

    def done(self, queue: str, receipts: Sequence[str]) -> None:
        self.queues.add(queue)
        self.done_with += receipts

    def later(self, queue: str, receipt: str, seconds: int) -> None:
        self.queues.add(queue)
        assert seconds > 0
        self.put_off.append(receipt)

    def bury(self, queue: str, body: str, error: str) -> None:
        self.queues.add(queue)
        self.buried.append((body, error))


class Picky(Desk):
    """Knows the settings of every channel but one."""

    def settings(self, channel: str) -> ChannelSettings:
        if channel == "x.down":
            raise Down
        return MENTION.settings


@dataclass
class Edge:
    desk: Desk
    deliveries: Deliveries


@pytest.fixture
def edge(monkeypatch: pytest.MonkeyPatch) -> Edge:
    made = Edge(Picky(), Deliveries())
    monkeypatch.setattr(bootstrap, "triage_ports", lambda: made.desk.ports)
    monkeypatch.setattr(bootstrap, "queues", lambda: made.deliveries)
    monkeypatch.setattr(bootstrap, "refine_ports", lambda **_lane: NO_ENGINES)
    return made


def inbound(**values: Any) -> str:
    message = InboundMessage(
        platform="x", channel="x.main", headers={}, received_at=NOW, request_id="good", body=MENTION.body
    )
    return encode(replace(message, **values))


GOOD = inbound()
UNREADABLE = inbound(request_id="unreadable", body=b"no json")
PASSING = inbound(request_id="passing", channel="x.down")
FOREIGN = inbound(platform="nowhere")
GARBAGE = "hello"


def event(*bodies: str) -> dict[str, Any]:
    return {"Records": [{"body": body, "receiptHandle": f"r{n}"} for n, body in enumerate(bodies)]}


def numbers(out: str) -> dict[str, int]:
    [line] = [json.loads(line) for line in out.splitlines() if "_aws" in line]
    return {name: int(sum(line[name]) if isinstance(line[name], list) else line[name]) for name in NUMBERS}


def counted(urgent: int = 0, ordinary: int = 0, ignored: int = 0, quarantined: int = 0) -> dict[str, int]:
    return dict(zip(NUMBERS, (urgent, ordinary, ignored, quarantined), strict=True))


def test_a_mention_goes_on_and_is_counted(edge, capsys):
    triage(event(GOOD), None)
    assert edge.desk.lane("mentions") == [
        replace(fact, received_at=NOW, own_account=True) for fact in MENTION.parse().facts
    ]
    assert numbers(capsys.readouterr().out) == counted(ordinary=1)
    assert edge.deliveries == Deliveries()


def test_quiet_is_counted_too(edge, capsys):
    triage(event(), None)
    assert numbers(capsys.readouterr().out) == counted()


@pytest.mark.parametrize("place", range(3))
def test_one_unreadable_request_does_not_stop_the_others(edge, capsys, place):
    bodies = [GOOD, inbound(request_id="other")]
    bodies.insert(place, UNREADABLE)
    triage(event(*bodies), None)
    assert len(edge.desk.lane("mentions")) == 2
    assert [entry.request_id for entry in edge.desk.quarantine.waiting()] == ["unreadable"]
    assert numbers(capsys.readouterr().out) == counted(ordinary=2, quarantined=1)


@pytest.mark.parametrize(
    ("body", "error"),
    [(FOREIGN, "Malformed: no connector 'nowhere'"), (GARBAGE, "Malformed: not an inbound message: JSONDecodeError")],
)
def test_what_no_connector_can_ever_read_is_buried(edge, capsys, body, error):
    triage(event(GOOD, body), None)
    assert edge.deliveries.buried == [(body, error)]
    assert edge.deliveries.queues == {"inbound"}
    assert len(edge.desk.lane("mentions")) >= 1
    assert numbers(capsys.readouterr().out) == counted(ordinary=1)


@pytest.mark.parametrize("bodies", [(UNREADABLE, PASSING, GOOD), (PASSING, GOOD, UNREADABLE)], ids=["first", "last"])
def test_what_was_quarantined_is_counted_also_when_others_come_again(edge, capsys, bodies):
    with pytest.raises(SomeFailed):
        triage(event(*bodies), None)
    assert edge.deliveries.put_off == [f"r{bodies.index(PASSING)}"]
    assert sorted(edge.deliveries.done_with) == sorted({"r0", "r1", "r2"} - set(edge.deliveries.put_off))
    assert numbers(capsys.readouterr().out) == counted(ordinary=1, quarantined=1)


def test_settings_that_cannot_be_read_quarantine_nothing(edge):
    with pytest.raises(SomeFailed):
        triage(event(PASSING), None)
    assert edge.desk.quarantine.waiting() == ()


def test_no_log_line_shows_what_a_customer_wrote(edge, capsys):
    secret = inbound(body=b'{"SECRET": 1', request_id="s")
    with pytest.raises(SomeFailed):
        triage(event(secret, PASSING, '"SECRET"'), None)
    assert "SECRET" not in capsys.readouterr().out


def test_every_platform_is_found_by_its_name(edge):
    bodies = [inbound(platform=platform, request_id=platform) for platform in sorted(connectors.names())]
    triage(event(*bodies), None)
    assert edge.deliveries.buried == []


# --- casework --------------------------------------------------------------------------------------------------


@pytest.fixture
def cases(monkeypatch: pytest.MonkeyPatch) -> Any:
    table, store = world.store()
    monkeypatch.setattr(bootstrap, "casework_ports", lambda *_: world.ports(store))
    return table


def mention(fact: Fact) -> str:
    return encode_mention(Labelled(fact=fact))


@pytest.mark.parametrize(("function", "queue"), [(casework, "mentions"), (casework_urgent, "mentions-urgent")])
def test_each_lane_makes_cases_and_buries_on_its_own_queue(edge, cases, function, queue):
    facts = [world.wrote("100", 0), world.wrote("101", 1, parent_id="100")]
    function(event(mention(facts[0]), GARBAGE, mention(facts[1])), None)
    assert [body for body, _ in edge.deliveries.buried] == [GARBAGE]
    assert edge.deliveries.queues == {queue}
    assert [sk for _, sk in cases.everything()].count("STATE") == 1


def test_casework_that_is_overtaken_comes_again(edge, monkeypatch):
    from chalicelib.adapters.cases import TableCaseStore
    from chalicelib.ports.table import Conflict

    class Busy(TableCaseStore):
        def commit(self, *_: Any) -> None:
            raise Conflict

    monkeypatch.setattr(bootstrap, "casework_ports", lambda *_: world.ports(Busy(world.MemoryTable())))
    with pytest.raises(SomeFailed, match="Overtaken"):
        casework(event(mention(world.wrote("100", 0))), None)
    assert edge.deliveries.put_off == ["r0"]
