"""What every engine keeps to, whichever it is, as long as it is asked through the guard."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from chalicelib.adapters.engines import builtin
from chalicelib.adapters.engines.bedrock import Bedrock
from chalicelib.adapters.engines.comprehend import Comprehend
from chalicelib.adapters.engines.guard import LONGEST_WORD, MOST_ASPECTS, MOST_WORDS, Guarded
from chalicelib.classify import ENGINE, classify
from chalicelib.domain.labels import UNLABELLED, Aspect, AspectName, Label, Labels, Noise, Sentiment, Urgency
from chalicelib.ports.engines import EngineError, EngineTooSlow, Passage, Unusable
from infra.deploy.encoder_layer import WEIGHTS
from tests.adapters.engines.attacks import ATTACKS, PLEA
from tests.adapters.engines.stand_ins import FakeBedrock, FakeComprehend, answer, said

LIMIT_S = 300.0  # no test waits for it
SHORT_S = 0.05


class FirstTier:
    """The tiny one that triage uses."""

    name = ENGINE

    def judge(self, passages: Sequence[Passage], *, limit_s: float) -> Sequence[Labels | None]:  # noqa: ARG002
        return [classify(p.text, lang_hint=p.lang_hint, private=p.private, rating=p.rating) for p in passages]


class Slow:
    """Comes back when the test is over."""

    name = "slow"

    def __init__(self, gate: Event) -> None:
        self.gate = gate
        self.asked = 0

    def judge(self, passages: Sequence[Passage], *, limit_s: float) -> Sequence[Labels | None]:  # noqa: ARG002
        self.asked += 1
        self.gate.wait(60)
        return [None] * len(passages)


class Broken:
    """Raises what quotes the text."""

    name = "broken"

    def judge(self, passages: Sequence[Passage], *, limit_s: float) -> Sequence[Labels | None]:  # noqa: ARG002
        raise KeyError(passages[0].text)


class Lying:
    """Answers with labels that no engine may give."""

    name = "lying"

    def judge(self, passages: Sequence[Passage], *, limit_s: float) -> Sequence[Labels | None]:  # noqa: ARG002
        lie: Any = Label("gigantic", 7.0, ("never written", "x" * 5000, *(f"{n}" for n in range(50))))
        aspects = (Aspect(AspectName.FOOD, Label(Sentiment.POSITIVE, float("nan"), ("never written",))),) * 50
        return [replace(UNLABELLED, engine="lying", urgency=lie, sentiment=lie, noise=lie, aspects=aspects)] * len(
            passages
        )


class Miscounting:
    name = "miscounting"

    def judge(self, passages: Sequence[Passage], *, limit_s: float) -> Any:  # noqa: ARG002
        return [UNLABELLED] * (len(passages) + 1)


def bedrock(given: Any) -> Bedrock:
    return Bedrock(FakeBedrock(given), "amazon.nova-micro-v1:0", new_code=lambda: "k" * 16)


WORST = answer(
    sentiment=said("positive", "never written"),
    reason=said("none"),
    urgency=said("low"),
    noise=said("noise", "never written"),
    needs_reply=said("no"),
    complaint=said("no"),
    aspects=[],
)
ENGINES: dict[str, Callable[[Event], Any]] = {
    "the first tier": lambda _gate: FirstTier(),
    "the built-in one": lambda _gate: builtin.load(WEIGHTS),
    "comprehend": lambda _gate: Comprehend(FakeComprehend()),
    "bedrock": lambda _gate: bedrock(answer()),
    "bedrock, talked into something": lambda _gate: bedrock(WORST),
    "bedrock, talking nonsense": lambda _gate: bedrock({"noise": "maybe", "note": "my bag"}),
    "a slow one": Slow,
    "a broken one": lambda _gate: Broken(),
    "a lying one": lambda _gate: Lying(),
    "a miscounting one": lambda _gate: Miscounting(),
}
FAILING = {"bedrock, talking nonsense", "a slow one", "a broken one", "a miscounting one"}


@pytest.fixture
def gate() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


@pytest.fixture(params=ENGINES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def engine(name: str, gate: Event) -> Guarded:
    return Guarded(ENGINES[name](gate))


def limit_s(name: str) -> float:
    return SHORT_S if name == "a slow one" else LIMIT_S


def passage(text: str) -> Passage:
    return Passage(text=text, labels=classify(text), lang_hint="en", rating=1)


TEXTS = [
    "my bag is lost and nobody answers",
    "",
    " \n\t",
    "Thank you, the crew was lovely!",
    "行李丢了,没人回答",
    "\ud800 broken \udfff",
    PLEA,
    *ATTACKS.values(),
]


def outcome(engine: Guarded, passages: Sequence[Passage], limit: float) -> Sequence[Labels | None] | EngineError:
    try:
        return engine.judge(passages, limit_s=limit)
    except EngineError as error:
        return error


def test_it_answers_for_each_text_or_raises_one_of_our_errors(engine: Guarded, name: str) -> None:
    passages = [passage(text) for text in TEXTS]
    found = outcome(engine, passages, limit_s(name))
    assert isinstance(found, EngineError) == (name in FAILING)
    if not isinstance(found, EngineError):
        assert len(found) == len(passages)


def test_labels_are_legal_and_their_words_stand_in_the_text(engine: Guarded, name: str) -> None:
    passages = [passage(text) for text in TEXTS]
    found = outcome(engine, passages, limit_s(name))
    for one, labels in zip(passages, () if isinstance(found, EngineError) else found, strict=False):
        if labels is None:
            continue
        assert Labels.from_plain(json.loads(json.dumps(labels.to_plain()))) == labels
        each = [labels.sentiment, labels.urgency, labels.noise, labels.reason, labels.needs_reply, labels.complaint]
        each += [aspect.sentiment for aspect in labels.aspects]
        assert all(word in one.text and 0 < len(word) <= LONGEST_WORD for label in each for word in label.words)
        assert all(len(label.words) <= MOST_WORDS and 0 <= label.score <= 1 for label in each)
        assert len(labels.aspects) <= MOST_ASPECTS


def test_the_order_is_that_of_the_texts(engine: Guarded, name: str) -> None:
    texts = ["my bag is lost", "the crew was lovely", PLEA]
    alone = [outcome(engine, [passage(text)], limit_s(name)) for text in texts]
    together = outcome(engine, [passage(text) for text in texts], limit_s(name))
    if name in FAILING:
        assert all(isinstance(one, EngineError) for one in [*alone, together])
    else:
        assert list(together) == [one[0] for one in alone]  # type: ignore[arg-type, index]


def test_no_word_of_a_text_is_in_an_error_or_on_the_screen(
    engine: Guarded, name: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="chalicelib")
    found = outcome(engine, [passage("quetzalcoatl lost my bag")] * 3, limit_s(name))
    if isinstance(found, EngineError):
        assert "quetzalcoatl" not in f"{found!r} {found} {found.__cause__!r} {found.args}"
        assert found.__suppress_context__ or found.__context__ is None
    out, err = capfd.readouterr()
    assert "quetzalcoatl" not in out + err + caplog.text


def test_nothing_to_judge_is_judged(engine: Guarded, name: str) -> None:
    if name not in FAILING | {"a lying one"}:
        assert outcome(engine, [], limit_s(name)) == []


def test_its_name_can_stand_in_a_log_line(engine: Guarded) -> None:
    assert engine.name
    assert set(engine.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789.:/-")


# --- what only the guard does -----------------------------------------------------------------------------------


def test_one_that_does_not_come_back_is_asked_nothing_more_until_it_has(gate: Event) -> None:
    slow = Slow(gate)
    engine = Guarded(slow)
    for _ in range(3):
        with pytest.raises(EngineTooSlow):
            engine.judge([passage("x")], limit_s=SHORT_S)
    assert slow.asked == 1
    gate.set()
    assert engine._back.wait(10)
    assert engine.judge([passage("x")], limit_s=LIMIT_S) == [None]


def test_what_a_lie_becomes() -> None:
    [labels] = Guarded(Lying()).judge([passage("1 2 3")], limit_s=LIMIT_S)
    assert labels is not None
    assert (labels.urgency.value, labels.urgency.score) == (Urgency.NORMAL, 0.0)
    assert (labels.noise.value, labels.noise.score) == (Noise.SIGNAL, 0.0)
    assert [aspect.sentiment for aspect in labels.aspects] == [Label(Sentiment.POSITIVE, 0.0)]


def test_the_error_of_an_engine_reaches_whoever_asked() -> None:
    class Refusing:
        name = "refusing"

        def judge(self, passages: Sequence[Passage], *, limit_s: float) -> Any:  # noqa: ARG002
            raise Unusable("ValidationException")

    with pytest.raises(Unusable, match="ValidationException"):
        Guarded(Refusing()).judge([passage("x")], limit_s=LIMIT_S)


def test_an_engine_that_has_answered_can_be_asked_at_once_again() -> None:
    """Its thread lives on for a moment after the answer: that is not being too slow."""
    engine = Guarded(Lying())
    for _ in range(2_000):
        engine.judge([passage("x")], limit_s=LIMIT_S)
