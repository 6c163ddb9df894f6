"""Labels on their way to a case: engines that do well, badly, slowly, and not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.labels import UNLABELLED, Label, Labels, Noise, Sentiment, Urgency
from chalicelib.ports.cases import Labelled
from chalicelib.ports.engines import EngineRefused, EngineTooSlow, EngineUnavailable, Passage
from chalicelib.usecases import casework
from chalicelib.usecases.refine import FAILURES, LONG_REST_S, REST_S, EngineSlot, Ports, refine
from tests.usecases import world

FIRST = replace(UNLABELLED, engine="rules-1", sentiment=Label(Sentiment.NEUTRAL, 0.6), language=Label("en", 0.9, ()))
BETTER = replace(UNLABELLED, engine="better", sentiment=Label(Sentiment.NEGATIVE, 0.9))


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Engine:
    """Answers, or raises, as it is told; takes its time."""

    answer: Any = BETTER
    clock: Clock = field(default_factory=Clock)
    takes_s: float = 0.0
    name: str = "better"
    asked: list[tuple[list[str], float]] = field(default_factory=list)

    def judge(self, passages: Sequence[Passage], *, limit_s: float) -> Sequence[Labels | None]:
        self.asked.append(([passage.text for passage in passages], limit_s))
        self.clock.now += self.takes_s
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer(passages) if callable(self.answer) else [self.answer] * len(passages)


@dataclass
class Purse:
    left: int

    def take(self, wanted: int) -> int:
        taken = min(wanted, self.left)
        self.left -= taken
        return taken


@dataclass
class Told:
    lines: list[tuple[str, str, int]] = field(default_factory=list)

    def __call__(self, engine: str, wrong: str, texts: int) -> None:
        self.lines.append((engine, wrong, texts))


def seat(engine: Engine, **values: Any) -> EngineSlot:
    return EngineSlot(engine=engine, **{"limit_s": 2.0, **values})


def ports(*seats: EngineSlot, clock: Clock | None = None, told: Told | None = None, limit_s: float = 3.0) -> Ports:
    return Ports(
        labelling=world.labelling(lambda _: FIRST, limit_s=0.0),
        seats=seats,
        limit_s=limit_s,
        clock=clock or Clock(),
        tell=told or Told(),
    )


def mention(number: int = 100, labels: Labels | None = FIRST, **values: Any) -> Labelled:
    return Labelled(fact=world.wrote(str(number), 0, **values), labels=labels)


def sentiments(items: Sequence[Labelled]) -> list[str]:
    return [item.labels.sentiment.value.value if item.labels else "-" for item in items]


# --- who is asked for what --------------------------------------------------------------------------------------


def test_mentions_and_edits_are_refined_and_everything_keeps_its_place() -> None:
    items = [
        mention(100),
        Labelled(fact=world.answered("101", 1, "100")),
        Labelled(fact=world.edited("100", 2, "my bags"), labels=FIRST),
        Labelled(fact=world.deleted("100", 3)),
        mention(104, text="  "),
        mention(105, labels=None),
    ]
    engine = Engine()
    done = refine(items, ports(seat(engine)))
    assert engine.asked[0][0] == ["my bag is lost", "my bags"]
    assert [item.fact for item in done.items] == [item.fact for item in items]
    assert sentiments(done.items) == ["negative", "-", "negative", "-", "neutral", "-"]
    assert (done.asked, done.fell_back) == (2, 0)
    assert done.items[0].labels is not None
    assert done.items[0].labels.engine == "better+rules-1"


def test_a_batch_without_a_text_asks_nobody() -> None:
    engine = Engine()
    done = refine([Labelled(fact=world.deleted("100", 3))], ports(seat(engine)))
    assert (engine.asked, done.asked) == ([], 0)


@pytest.mark.parametrize(("language", "heard"), [("en", True), ("de", False), ("und", True)])
def test_only_languages_that_are_set_and_those_that_nobody_knows_are_asked_for(language: str, heard: bool) -> None:
    engine = Engine()
    item = mention(labels=replace(FIRST, language=Label(language, 0.9)))
    refine([item], ports(seat(engine, languages=frozenset({"en"}))))
    assert bool(engine.asked) is heard


def test_private_messages_stay_inside_unless_somebody_wants_otherwise() -> None:
    engine = Engine()
    item = mention(private=True, thread_id="t")
    assert refine([item], ports(seat(engine, private=False))).items == (item,)
    assert engine.asked == []
    assert refine([item], ports(seat(engine, private=True))).items != (item,)


def test_the_second_engine_refines_what_the_first_one_said() -> None:
    heard: list[Labels] = []

    def outside(passages: Sequence[Passage]) -> list[Labels]:
        heard.extend(passage.labels for passage in passages)
        return [replace(UNLABELLED, engine="outside", urgency=Label(Urgency.HIGH, 0.8, ("lost",)))] * len(passages)

    done = refine([mention()], ports(seat(Engine()), seat(Engine(answer=outside, name="outside"))))
    assert [labels.engine for labels in heard] == ["better+rules-1"]
    [item] = done.items
    assert item.labels is not None
    assert item.labels.engine == "outside+better+rules-1"
    assert (item.labels.urgency.value, item.labels.sentiment.value) == (Urgency.HIGH, Sentiment.NEGATIVE)


# --- what fails -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        EngineUnavailable("ThrottlingException"),
        EngineTooSlow("2 s"),
        EngineRefused("AccessDeniedException"),
        KeyError("my bag is lost"),
        lambda passages: [BETTER] * (len(passages) + 1),
        lambda passages: ["my bag is lost"] * len(passages),
        lambda _passages: None,
    ],
)
def test_whatever_an_engine_does_the_mentions_go_on(answer: Any) -> None:
    told = Told()
    items = [mention(100), mention(101)]
    done = refine(items, ports(seat(Engine(answer=answer)), told=told))
    assert done.items == tuple(items)
    assert (done.asked, done.fell_back) == (2, 2)
    [(engine, wrong, texts)] = told.lines
    assert (engine, texts) == ("better", 2)
    assert "bag" not in wrong


def test_what_fails_leaves_what_another_engine_said() -> None:
    done = refine([mention()], ports(seat(Engine()), seat(Engine(answer=EngineTooSlow("late"), name="outside"))))
    assert sentiments(done.items) == ["negative"]
    assert (done.asked, done.fell_back) == (2, 1)


def test_of_a_batch_some_may_get_nothing() -> None:
    done = refine([mention(100), mention(101)], ports(seat(Engine(answer=lambda _: [None, BETTER]))))
    assert sentiments(done.items) == ["neutral", "negative"]
    assert done.fell_back == 1


def test_an_engine_gets_its_limit_and_what_is_left_of_the_whole() -> None:
    clock = Clock()
    slow = Engine(answer=EngineTooSlow("late"), clock=clock, takes_s=2.0)
    second, third = Engine(clock=clock, takes_s=1.0), Engine(clock=clock)
    refine([mention()], ports(seat(slow), seat(second), seat(third), clock=clock, limit_s=3.0))
    assert [limit_s for _, limit_s in slow.asked + second.asked] == [2.0, 1.0]
    assert third.asked == []


# --- the breaker ------------------------------------------------------------------------------------------------


def test_after_some_failures_in_a_row_an_engine_rests_and_then_gets_one_try() -> None:
    clock = Clock()
    engine = Engine(answer=EngineUnavailable("down"), clock=clock)
    one = seat(engine)

    def deliver() -> int:
        refine([mention()], ports(one, clock=clock))
        return len(engine.asked)

    assert [deliver() for _ in range(FAILURES + 2)] == [1, 2, 3, 3, 3]
    clock.now += REST_S
    assert [deliver(), deliver()] == [4, 4]  # still down: another rest
    clock.now += REST_S
    engine.answer = BETTER
    assert [deliver(), deliver()] == [5, 6]  # well again
    engine.answer = EngineUnavailable("down")
    assert [deliver() for _ in range(FAILURES + 1)] == [7, 8, 9, 9]  # counted from nought


def test_who_is_refused_rests_at_once_and_longer() -> None:
    clock = Clock()
    engine = Engine(answer=EngineRefused("AccessDeniedException"), clock=clock)
    one = seat(engine)
    for wait_s in (0.0, 0.0, REST_S + 1, LONG_REST_S - REST_S):
        clock.now += wait_s
        refine([mention()], ports(one, clock=clock))
    assert len(engine.asked) == 2


# --- the ceiling ------------------------------------------------------------------------------------------------


def test_over_the_ceiling_the_most_urgent_are_sent_first_and_noise_last() -> None:
    def of(number: int, urgency: Urgency, noise: Noise = Noise.SIGNAL) -> Labelled:
        labels = replace(FIRST, urgency=Label(urgency, 0.8), noise=Label(noise, 0.8))
        return mention(number, labels, text=f"text {number}")

    items = [
        of(100, Urgency.LOW, Noise.NOISE),
        of(101, Urgency.NORMAL),
        of(102, Urgency.CRITICAL),
        of(103, Urgency.LOW),
    ]
    engine, told = Engine(), Told()
    done = refine(items, ports(seat(engine, allowance=Purse(2)), told=told))
    assert engine.asked[0][0] == ["text 102", "text 101"]
    assert sentiments(done.items) == ["neutral", "negative", "negative", "neutral"]
    assert told.lines == [("better", "over its ceiling", 2)]
    assert (done.asked, done.fell_back) == (4, 2)


def test_an_empty_purse_asks_nobody_and_is_no_failure_of_the_engine() -> None:
    engine = Engine()
    one = seat(engine, allowance=Purse(0))
    for _ in range(FAILURES + 1):
        refine([mention()], ports(one))
    assert (engine.asked, one.failures) == ([], 0)


def test_who_rests_spends_nothing() -> None:
    purse = Purse(10)
    one = seat(Engine(answer=EngineRefused("no")), allowance=purse)
    for _ in range(3):
        refine([mention()], ports(one))
    assert purse.left == 9


# --- what becomes of the case -----------------------------------------------------------------------------------

raising = replace(UNLABELLED, engine="raising", urgency=Label(Urgency.HIGH, 0.8, ("lost",)))
deliveries = st.lists(
    st.sampled_from([BETTER, raising, replace(BETTER, noise=Label(Noise.NOISE, 0.9)), EngineTooSlow("late")]),
    min_size=1,
    max_size=4,
)


def story(answers: Sequence[Any]) -> Any:
    """One mention and its follow-up, delivered again and again, judged differently each time."""
    table, cases = world.store()
    for answer in answers:
        items = [mention(100, thread_id="100"), mention(101, thread_id="100", parent_id="100")]
        done = refine(items, ports(seat(Engine(answer=answer))))
        casework.take(done.items, world.ports(cases))
    return world.outcome(table, cases)


@settings(max_examples=60, deadline=None)
@given(deliveries.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_deliveries_judged_apart_end_in_one_case_whatever_their_order(both: Any) -> None:
    answers, mixed = both
    assert story(answers) == story(mixed) == story([*answers, *mixed])


def test_a_later_delivery_without_the_engine_takes_nothing_back() -> None:
    assert story([raising]) == story([raising, EngineTooSlow("late")]) == story([EngineTooSlow("late"), raising])
    assert '"urgency":"high"' in str(story([raising, EngineTooSlow("late")]))
