"""Facts on their way through the Lambda into cases, with engines that judge them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.classify import LEARNED, classify
from chalicelib.domain.labels import UNLABELLED, Label, Labels, Urgency
from chalicelib.entrypoints import casework as entrypoint
from chalicelib.entrypoints.worker import SUSPECT_AFTER, SomeFailed
from chalicelib.ports.cases import Labelled
from chalicelib.ports.engines import Choice, EngineSettings, Passage
from chalicelib.ports.messages import encode_mention
from chalicelib.usecases import refine
from tests.usecases import world

FIRST = replace(UNLABELLED, engine="rules-1", urgency=Label(Urgency.NORMAL, 0.6))


@dataclass
class Raising:
    name: str = "raising"
    asked: list[str] = field(default_factory=list)
    error: Exception | None = None

    def judge(self, passages: Sequence[Passage], *, limit_s: float) -> Sequence[Labels | None]:  # noqa: ARG002
        self.asked += [passage.text for passage in passages]
        if self.error:
            raise self.error
        return [replace(UNLABELLED, engine=self.name, urgency=Label(Urgency.HIGH, 0.9))] * len(passages)


class Deliveries:
    """A queue that takes everything."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


@dataclass
class Floor:
    """The casework floor: an engine, and a store that may refuse."""

    engine: Raising = field(default_factory=Raising)
    store: Any = field(default_factory=lambda: world.store()[1])
    lanes: list[bool] = field(default_factory=list)

    def refine_ports(self, *, urgent: bool) -> refine.Ports:
        self.lanes.append(urgent)
        seats = (refine.EngineSlot(engine=self.engine, limit_s=2.0),)
        return refine.Ports(
            labelling=world.labelling(lambda fact: classify(fact.text)),
            seats=seats,
            limit_s=3.0,
            clock=lambda: 0.0,
            tell=lambda *_: None,
        )

    def urgency(self, message_id: str) -> Urgency:
        case_id = self.store.addresses("x", [message_id])[message_id].case_id
        return Urgency(self.store.case(case_id)[0].state.urgency)


@pytest.fixture
def floor(monkeypatch: pytest.MonkeyPatch) -> Floor:
    made = Floor()
    monkeypatch.setattr(bootstrap, "refine_ports", made.refine_ports)
    monkeypatch.setattr(bootstrap, "casework_ports", lambda *_: world.ports(made.store))
    monkeypatch.setattr(bootstrap, "queues", Deliveries)
    return made


def wrote(message_id: str, text: str) -> str:
    return encode_mention(Labelled(fact=world.wrote(message_id, 0, text=text, thread_id=message_id), labels=FIRST))


def event(*bodies: str, received: int = 1) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": str(received)}
    return {"Records": [{"body": b, "receiptHandle": f"r{n}", "attributes": attributes} for n, b in enumerate(bodies)]}


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {name: line[name][0] for line in lines for name in line if name.startswith("Engine")}


@pytest.mark.parametrize(("function", "urgent"), [(entrypoint.casework, False), (entrypoint.casework_urgent, True)])
def test_what_an_engine_says_is_in_the_case(
    floor: Floor, function: Any, urgent: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    function(event(wrote("100", "one"), wrote("101", "two")), None)
    assert floor.lanes == [urgent]
    assert {floor.urgency("100"), floor.urgency("101")} == {Urgency.HIGH}
    assert metrics(capsys) == {"EngineTexts": 2, "EngineFellBack": 0, "EngineFellBackPercent": 0}


def test_an_engine_that_fails_stops_nobody(floor: Floor, capsys: pytest.CaptureFixture[str]) -> None:
    floor.engine.error = RuntimeError("boom")
    entrypoint.casework(event(wrote("100", "one")), None)
    assert floor.urgency("100") is Urgency.NORMAL
    assert metrics(capsys) == {"EngineTexts": 1, "EngineFellBack": 1, "EngineFellBackPercent": 100}


def test_a_batch_that_is_tried_again_one_by_one_pays_once(floor: Floor) -> None:
    class Refusing:
        def __getattr__(self, name: str) -> Any:
            raise OSError(name)

    floor.store = Refusing()
    bodies = [wrote("100", "one"), wrote("101", "two"), wrote("100", "one")]
    with pytest.raises(SomeFailed):
        entrypoint.casework(event(*bodies), None)
    assert floor.engine.asked == ["one", "two"]


def test_one_that_did_not_come_through_twice_goes_without_engines(floor: Floor) -> None:
    entrypoint.casework(event(wrote("100", "one"), received=SUSPECT_AFTER + 1), None)
    assert (floor.engine.asked, floor.urgency("100")) == ([], Urgency.NORMAL)


def test_what_is_no_mention_takes_nothing_from_the_others(floor: Floor) -> None:
    entrypoint.casework(event("{}", wrote("100", "one")), None)
    assert floor.urgency("100") is Urgency.HIGH


# --- who sits where ---------------------------------------------------------------------------------------------


@pytest.fixture
def no_builtin(monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.adapters.engines import builtin

    monkeypatch.setattr(builtin, "load", lambda: None)
    monkeypatch.setattr(bootstrap, "table", lambda: world.store()[0])
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


def names(settings: EngineSettings) -> list[str]:
    return [seat.engine.name for seat in bootstrap._seats.__wrapped__(settings)]


BEDROCK = EngineSettings(choice=Choice.BEDROCK, model="amazon.nova-micro-v1:0")


@pytest.mark.usefixtures("no_builtin")
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (EngineSettings(choice=Choice.NONE), []),
        (EngineSettings(), []),
        (EngineSettings(choice=Choice.COMPREHEND), ["comprehend"]),
        (BEDROCK, ["bedrock/amazon.nova-micro-v1:0"]),
    ],
)
def test_without_the_built_in_engine_only_the_one_outside_is_asked(
    settings: EngineSettings, expected: list[str]
) -> None:
    assert names(settings) == expected


@pytest.mark.usefixtures("no_builtin")
def test_the_built_in_engine_is_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.adapters.engines import builtin

    monkeypatch.setattr(builtin, "load", Raising)
    assert names(EngineSettings(choice=Choice.NONE)) == []
    assert names(EngineSettings()) == ["raising"]
    [seat] = bootstrap._seats.__wrapped__(EngineSettings())
    assert seat.languages == LEARNED
    assert names(BEDROCK) == ["raising", "bedrock/amazon.nova-micro-v1:0"]


@pytest.mark.usefixtures("no_builtin")
def test_what_is_set_is_what_the_engine_outside_is_asked_for() -> None:
    settings = replace(BEDROCK, languages=frozenset({"de"}), private=True, limit_s=2.0, per_hour=1)
    [seat] = bootstrap._seats.__wrapped__(settings)
    assert (seat.languages, seat.private, seat.limit_s) == (frozenset({"de"}), True, 2.0)
    assert seat.allowance is not None
    assert [seat.allowance.take(5), seat.allowance.take(5)] == [1, 0]


@pytest.mark.usefixtures("no_builtin")
def test_a_client_that_cannot_be_made_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.adapters import aws

    def refuse(*_: Any) -> Any:
        raise ValueError("no such service")

    monkeypatch.setattr(aws, "quick_client", refuse)
    assert names(BEDROCK) == []
