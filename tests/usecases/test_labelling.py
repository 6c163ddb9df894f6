"""Hearing never waits for judging: what there is no time for goes on without labels."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.classify import classify
from chalicelib.domain.facts import Fact, FactKind
from chalicelib.domain.labels import Labels, Urgency
from chalicelib.ports.cases import Labelled
from chalicelib.ports.messages import decode_mention
from chalicelib.usecases import casework, refine, show
from chalicelib.usecases.labelling import Labelling, OutOfTime
from chalicelib.usecases.triage import URGENT
from tests.usecases import world
from tests.usecases.test_triage import Desk, inbound
from tests.usecases.world import answered, fact, wrote


@dataclass
class Slow:
    """Judges a text in as many seconds as it says, unless it is stopped before."""

    now: float = 0.0
    judged: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _until: float = 0.0

    def classify(self, about: Fact) -> Labels:
        text = about.text or ""
        if text == "breaks":
            raise RecursionError(text)
        took = float(text)
        if self.now + took > self._until:
            self.now = self._until
            raise OutOfTime
        self.now += took
        self.judged.append(text)
        return classify("where is my bag")

    @contextmanager
    def interrupting(self, seconds: float) -> Iterator[None]:
        self._until = self.now + seconds
        yield

    def labelling(self, **values: float) -> Labelling:
        return world.labelling(
            self.classify, clock=lambda: self.now, interrupting=self.interrupting, tell=self.wrong.append, **values
        )


def texts(*found: str) -> list[Fact]:
    return [wrote(str(100 + place), place, text=text) for place, text in enumerate(found)]


SECONDS = st.sampled_from(["0.1", "1", "2.9", "3.5", "28", "1000000", "breaks"])


@given(st.lists(SECONDS, max_size=40))
def test_a_batch_is_judged_within_its_time_and_nothing_is_lost(seconds):
    slow, desk = Slow(), Desk()
    desk.take(*(facts := texts(*seconds)), judge=slow.labelling())
    taken = [decode_mention(body) for lane in desk.queues.sent.values() for body in lane]
    assert sorted(item.fact.message_id for item in taken) == sorted(one.message_id for one in facts)
    assert slow.now <= 10.0 + 1e-6
    assert {item.fact.text for item in taken if item.labels} == set(slow.judged)


def test_what_is_not_judged_takes_the_urgent_lane_and_its_neighbours_are_judged():
    slow, desk = Slow(), Desk()
    result = desk.take(*texts("0.1", "28", "0.1", "breaks"), judge=slow.labelling())
    urgent = [decode_mention(body) for body in desk.queues.sent[URGENT]]
    assert [(item.fact.text, item.labels) for item in urgent] == [("28", None), ("breaks", None)]
    assert slow.judged == ["0.1", "0.1"]
    assert (result.urgent, result.ordinary, result.unjudged) == (2, 2, 2)
    assert slow.wrong == ["OutOfTime", "RecursionError"]


def test_the_time_is_that_of_a_batch_and_not_of_each_delivery():
    slow, desk = Slow(), Desk()
    judge = slow.labelling(limit_s=4.0)
    for number in range(4):
        desk.take(*texts("28"), judge=judge, message=inbound(request_id=f"r{number}"))
    assert slow.now == 4.0


@pytest.mark.parametrize("item", [answered("2", 1, "1"), fact(FactKind.HIDE, "1", 2), fact(FactKind.DELETE, "1", 2)])
def test_only_what_customers_wrote_is_judged(item):
    assert Slow().labelling().labels(item) is None


# --- later ------------------------------------------------------------------------------------------------------


def refined(item: Labelled, labelling: Labelling) -> Labelled:
    made = refine.Ports(labelling=labelling, seats=(), limit_s=1.0, clock=lambda: 0.0, tell=lambda *_: None)
    return refine.refine([item], made).items[0]


def test_casework_judges_what_triage_had_no_time_for():
    [waiting] = texts("0.1")
    assert refined(Labelled(fact=waiting), Slow().labelling()).labels == classify("where is my bag")
    assert refined(Labelled(fact=waiting), Slow().labelling(limit_s=0.0)).labels is None


def test_a_case_says_that_nobody_has_judged_it_and_it_is_not_low():
    _, store = world.store()
    casework.take([Labelled(fact=wrote("100", 0))], world.ports(store))
    case_id = store.addresses("x", ["100"])["100"].case_id
    view = show.show(case_id, store=store, now=world.at(5))
    assert view.unjudged
    assert "What the customer wrote last is not judged yet: read it." in view.words
    assert view.priority == Urgency.NORMAL
    [line] = show.show_list(store=store, now=world.at(5))
    assert "not judged yet" in line.reasons
    casework.take([Labelled(fact=wrote("100", 0), labels=classify("thank you"))], world.ports(store))
    assert not show.show(case_id, store=store, now=world.at(6)).unjudged
