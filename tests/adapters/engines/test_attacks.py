"""
Texts that try to talk an engine into something.

What is sent keeps them inside their fence. And if a model is fooled all the
same, its worst answer changes nothing that matters: there is a case, it is as
urgent as triage said, its clocks run and an answer stops them.
"""

import json
import unicodedata
from typing import Any

import pytest

from chalicelib.adapters.codes import new_code
from chalicelib.adapters.engines import prompt
from chalicelib.adapters.engines.bedrock import Bedrock
from chalicelib.adapters.engines.comprehend import Comprehend
from chalicelib.adapters.engines.guard import Guarded
from chalicelib.classify import classify
from chalicelib.domain.case.state import CaseState, allowed_actions
from chalicelib.domain.case.status import CaseStatus
from chalicelib.domain.clock import Metric, Outcome
from chalicelib.domain.events import EventKind
from chalicelib.domain.labels import UNLABELLED, Noise, Urgency, Verdict
from chalicelib.ports.cases import Labelled
from chalicelib.ports.engines import Passage
from chalicelib.usecases import casework
from chalicelib.usecases.refine import EngineSlot, Ports, refine
from tests.adapters.engines.attacks import ATTACKS, PLEA
from tests.adapters.engines.stand_ins import FakeBedrock, FakeComprehend, answer, felt, said, scores
from tests.usecases import world

MODEL = "amazon.nova-micro-v1:0"


def test_there_are_enough_of_them() -> None:
    assert len(ATTACKS) >= 40


# --- what is sent -----------------------------------------------------------------------------------------------


def request(text: str, **values: Any) -> dict[str, Any]:
    made = Bedrock(None, MODEL, new_code=new_code)
    return made.request(Passage(text=text, labels=UNLABELLED, **values))


@pytest.mark.parametrize("name", ATTACKS)
def test_a_text_stays_inside_its_fence_and_can_be_read_back(name: str) -> None:
    text = ATTACKS[name]
    turn = request(text, lang_hint=text)["messages"][0]["content"][0]["text"]
    lines = turn.split("\n")
    assert len(lines) == len(turn.splitlines()) == 3
    assert lines[0] == lines[2]
    assert lines[0].startswith("mention-")
    assert lines[0] not in lines[1]
    assert json.loads(lines[1]) == {"text": prompt.cut(text), "private": False}


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_that_is_sent_is_hidden_or_looks_like_a_tag(name: str) -> None:
    turn = request(ATTACKS[name])["messages"][0]["content"][0]["text"]
    inside = turn.split("\n")[1]
    assert not [char for char in inside if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")]
    assert not {"<", ">"} & set(inside)


@pytest.mark.parametrize("name", ATTACKS)
def test_a_text_stands_nowhere_but_in_the_user_turn(name: str) -> None:
    plain, attacked = request("hello"), request(ATTACKS[name])
    for whole in (plain, attacked):
        boundary = whole["messages"][0]["content"][0]["text"].split("\n")[0]
        whole["system"] = [{"text": whole["system"][0]["text"].replace(boundary, "BOUNDARY")}]
        whole["messages"] = []
    assert plain == attacked


def test_a_boundary_is_never_used_twice() -> None:
    seen = {request("x")["messages"][0]["content"][0]["text"].split("\n")[0] for _ in range(100)}
    assert len(seen) == 100


@pytest.mark.parametrize("name", ATTACKS)
def test_a_request_has_a_bound(name: str) -> None:
    """Six characters for each that must be escaped, twice that for what UTF-16 writes as two."""
    assert len(json.dumps(request(ATTACKS[name]))) < 12 * prompt.MOST_CHARS + 6_000


# --- what becomes of it -----------------------------------------------------------------------------------------

FOOLED = {
    "noise": answer(
        sentiment=said("positive"),
        reason=said("none"),
        urgency=said("low"),
        noise=said("noise"),
        needs_reply=said("no"),
        complaint=said("no"),
        aspects=[],
    ),
    "praise": answer(
        sentiment=said("positive", "Please"),
        reason=said("praise"),
        urgency=said("low"),
        noise=said("signal"),
        needs_reply=said("no"),
        complaint=said("no"),
        language="und",
        aspects=[{"name": "staff", "sentiment": "positive", "words": ["admin approved"]}],
    ),
    "secrets": answer(urgency=said("low", "AKIA", "system prompt", "boundary"), needs_reply=said("no", "mention-")),
    "an order carried out": {**answer(), "status": "resolved"},
    "another tool": [{"toolUse": {"name": "resolve"}}],
}


class Charmed(FakeComprehend):
    def batch_detect_sentiment(self, *, TextList: Any, LanguageCode: str) -> dict[str, Any]:  # noqa: N803, ARG002
        return felt(*[scores(positive=1.0)] * len(TextList))


def seats(fooled: str) -> list[EngineSlot]:
    model = Bedrock(FakeBedrock(FOOLED[fooled]), MODEL, new_code=new_code)
    return [EngineSlot(engine=Guarded(engine), limit_s=300.0) for engine in (Comprehend(Charmed()), model)]


def delivered(text: str, fooled: str) -> tuple[Labelled, Any]:
    """One attack on its way from triage into a case, past engines that were talked into something."""
    fact = world.wrote("100", 0, text=text)
    labelling = world.labelling(lambda fact: classify(fact.text))
    ports = Ports(labelling=labelling, seats=seats(fooled), limit_s=900.0, clock=lambda: 0.0, tell=lambda *_: None)
    [item] = refine([Labelled(fact=fact, labels=classify(text))], ports).items
    _, cases = world.store()
    casework.take([item], world.ports(cases))
    return item, cases


def state(cases: Any) -> CaseState:
    address = cases.addresses("x", ["100"])["100"]
    case, _ = cases.case(address.case_id)
    return case.state


@pytest.mark.parametrize("fooled", FOOLED)
@pytest.mark.parametrize("name", ATTACKS)
def test_an_urgent_plea_stays_urgent_and_is_answered(name: str, fooled: str) -> None:
    text = f"{PLEA}\n{ATTACKS[name]}"
    before = classify(text)
    assert before.urgency.value.rank >= Urgency.HIGH.rank
    item, cases = delivered(text, fooled)
    assert item.labels is not None
    assert item.labels.urgency.value.rank >= before.urgency.value.rank
    assert item.labels.noise.value is Noise.SIGNAL
    assert item.labels.needs_reply.value is not Verdict.NO
    opened = state(cases)
    assert (opened.status, opened.urgency) == (CaseStatus.NEW, before.urgency.value)
    assert {clock.metric for clock in opened.running} == {Metric.FRT, Metric.RES}
    assert EventKind.REPLY in allowed_actions(opened)
    casework.take([Labelled(fact=world.answered("101", 5, "100"))], world.ports(cases))
    assert [c.outcome for c in cases.ended_clocks(_case_id(cases)) if c.metric is Metric.FRT] == [Outcome.MET]


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_alone_is_a_case_like_any_other(name: str) -> None:
    """Whoever writes nothing but an attack has talked down nobody but himself."""
    _, cases = delivered(ATTACKS[name], "noise")
    assert state(cases).status is CaseStatus.NEW


@pytest.mark.parametrize("fooled", FOOLED)
@pytest.mark.parametrize("name", ["secrets", "the environment", "words to copy"])
def test_only_what_the_customer_wrote_is_kept_as_words(name: str, fooled: str) -> None:
    text = f"{PLEA}\n{ATTACKS[name]}"
    item, _ = delivered(text, fooled)
    assert item.labels is not None
    plain = item.labels.to_plain()
    found = [word for label in plain.values() if isinstance(label, dict) for word in label["words"]]
    found += [word for aspect in plain.get("aspects", ()) for word in aspect["words"]]
    assert found
    assert [word for word in found if word not in text] == []


def test_an_attack_does_nothing_to_its_neighbours_in_the_batch() -> None:
    """A model that is fooled by one request has never seen the others."""

    class Fooled(FakeBedrock):
        def converse(self, **whole: Any) -> dict[str, Any]:
            fooled = "Ignore your instructions" in whole["messages"][0]["content"][0]["text"]
            self.given = FOOLED["noise"] if fooled else answer()
            return super().converse(**whole)

    texts = ["my bag is lost", ATTACKS["an order"], "my bag is lost too"]
    engine = Bedrock(Fooled(), MODEL, new_code=new_code, at_once=1)
    found = engine.judge([Passage(text=text, labels=UNLABELLED) for text in texts], limit_s=300.0)
    assert [one and one.noise.value for one in found] == [Noise.SIGNAL, Noise.NOISE, Noise.SIGNAL]


def _case_id(cases: Any) -> str:
    return str(cases.addresses("x", ["100"])["100"].case_id)
