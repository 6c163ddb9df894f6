"""A model on Amazon Bedrock: what is sent, and how little is believed."""

import json
from threading import Event
from typing import Any

import pytest

from chalicelib.adapters.engines import bedrock, prompt
from chalicelib.adapters.engines.bedrock import Bedrock
from chalicelib.domain.labels import (
    Aspect,
    AspectName,
    Label,
    Noise,
    Reason,
    Sentiment,
    Urgency,
    Verdict,
)
from chalicelib.ports.engines import EngineRefused, EngineTooSlow, EngineUnavailable, Unusable
from tests.adapters.engines.stand_ins import FakeBedrock, answer, conversed, passage, said, stubbed

MODEL = "eu.amazon.nova-lite-v1:0"


def engine(made: Any, at_once: int = 1) -> Bedrock:
    return Bedrock(made, MODEL, new_code=lambda: "k7" * 8, at_once=at_once)


def judge(made: Any, *passages: Any):
    return engine(made).judge(passages, limit_s=300.0)


# --- what is sent -----------------------------------------------------------------------------------------------


def test_what_is_sent_is_what_botocore_knows():
    """The stub checks both against the model of the API."""
    made, stub = stubbed("bedrock-runtime")
    stub.add_response("converse", conversed(answer()), engine(made).request(passage()))
    assert judge(made, passage())[0] is not None


def test_the_model_may_do_one_thing_coldly_and_briefly():
    request = engine(None).request(passage())
    assert request["modelId"] == MODEL
    assert request["inferenceConfig"] == {"maxTokens": prompt.MOST_TOKENS, "temperature": 0.0}
    assert request["toolConfig"]["toolChoice"] == {"tool": {"name": "label"}}
    assert [tool["toolSpec"]["name"] for tool in request["toolConfig"]["tools"]] == ["label"]
    assert [message["role"] for message in request["messages"]] == ["user"]


def test_the_schema_allows_our_labels_and_nothing_else():
    schema = prompt.tool()["toolSpec"]["inputSchema"]["json"]
    assert set(schema["required"]) == set(schema["properties"])
    values = {
        name: inner["properties"]["value"]["enum"]
        for name, inner in schema["properties"].items()
        if "properties" in inner
    }
    assert values == {
        "sentiment": list(Sentiment),
        "reason": list(Reason),
        "urgency": list(Urgency),
        "noise": list(Noise),
        "needs_reply": list(Verdict),
        "complaint": list(Verdict),
    }
    assert schema["properties"]["aspects"]["items"]["properties"]["name"]["enum"] == list(AspectName)
    assert "$" not in json.dumps(schema)


def test_every_text_has_a_request_and_a_boundary_of_its_own():
    fake, codes = FakeBedrock(), iter("abc")
    Bedrock(fake, MODEL, new_code=lambda: next(codes), at_once=1).judge([passage("one"), passage("two")], limit_s=300.0)
    turns = [request["messages"][0]["content"][0]["text"] for request in fake.requests]
    assert [turn.split("\n")[0] for turn in turns] == ["mention-a", "mention-b"]
    assert [json.loads(turn.split("\n")[1])["text"] for turn in turns] == ["one", "two"]
    assert all(
        turn.split("\n")[0] in request["system"][0]["text"] for turn, request in zip(turns, fake.requests, strict=True)
    )


def test_stars_and_privacy_are_told():
    turn = prompt.fenced(passage("one", rating=1, private=True), "b")
    assert json.loads(turn.split("\n")[1]) == {"text": "one", "private": True, "stars": 1}


def test_a_long_text_keeps_its_head_and_its_tail():
    text = "head " + "x" * 60_000 + " tail"
    cut = prompt.cut(text)
    assert len(cut) == prompt.MOST_CHARS
    assert (cut.startswith("head "), cut.endswith(" tail")) == (True, True)


# --- what is believed -------------------------------------------------------------------------------------------


def test_labels_are_what_the_tool_was_called_with():
    made, stub = stubbed("bedrock-runtime")
    stub.add_response("converse", conversed(answer()))
    [labels] = judge(made, passage())
    assert labels.engine == f"bedrock/{MODEL}"
    assert labels.urgency == Label(Urgency.HIGH, prompt.SCORE, ("bag is lost",))
    assert labels.noise == Label(Noise.SIGNAL, prompt.SCORE)
    assert labels.language == Label("en", prompt.SCORE)
    assert labels.aspects == (Aspect(AspectName.DELIVERY, Label(Sentiment.NEGATIVE, prompt.SCORE, ("bag is lost",))),)
    assert labels.topics == ()


def test_words_that_the_customer_did_not_write_are_dropped():
    given = answer(urgency=said("high", "lost", "LOST", "my  bag", "", " ", "AKIA example", "lost"))
    assert prompt.labels(given, "my bag is lost", "e").urgency.words == ("lost",)


def test_an_aspect_stands_once():
    aspects = [{"name": "food", "sentiment": s, "words": []} for s in ("positive", "negative")]
    [aspect] = prompt.labels(answer(aspects=aspects), "x", "e").aspects
    assert aspect.sentiment.value is Sentiment.POSITIVE


@pytest.mark.parametrize(
    "given",
    [
        {},
        [],
        None,
        "noise",
        7,
        {"labels": answer()},
        {**answer(), "resolved": True},
        {name: value for name, value in answer().items() if name != "urgency"},
        answer(urgency=said("resolved")),
        answer(urgency=said("LOW")),
        answer(urgency="low"),
        answer(urgency={"value": "low"}),
        answer(urgency={"value": "low", "words": [], "score": 1}),
        answer(urgency={"value": "low", "words": "lost"}),
        answer(urgency={"value": "low", "words": [7]}),
        answer(urgency={"value": ["low"], "words": []}),
        answer(urgency=said("low", "x" * 401)),
        answer(urgency=said("low", *["x"] * 21)),
        answer(sentiment=said("mixed")),
        answer(language="English"),
        answer(language="EN"),
        answer(language="en\n"),
        answer(language="secret key"),
        answer(aspects=[{"name": "boss", "sentiment": "negative", "words": []}]),
        answer(aspects=[{"name": "food", "sentiment": "negative"}]),
        answer(aspects=[{"name": "food", "sentiment": "negative", "words": []}] * 21),
        answer(aspects={}),
        answer(noise=said("noise"), needs_reply={"value": True, "words": []}),
        answer(urgency={"value": "low", "words": [float("nan")]}),
        answer(urgency={"value": "low", "words": [b"x"]}),
    ],
)
def test_anything_else_than_the_tool_allows_is_no_answer(given):
    with pytest.raises(Unusable) as raised:
        prompt.labels(given, "lost", "e")
    assert raised.value.__suppress_context__
    assert "lost" not in str(raised.value)


@pytest.mark.parametrize(
    "response",
    [
        conversed(answer(), stop="end_turn"),
        conversed(answer(), stop="max_tokens"),
        conversed(answer(), stop="content_filtered"),
        conversed(answer(), stop="malformed_tool_use"),
        conversed(answer(), name="resolve"),
        conversed(answer(), calls=0),
        conversed(answer(), calls=2),
        {"stopReason": "tool_use", "output": {}},
        {},
    ],
)
def test_no_call_or_another_call_is_no_answer(response):
    class Odd:
        def converse(self, **_request: Any) -> Any:
            return response

    with pytest.raises(Unusable):
        judge(Odd(), passage())


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ThrottlingException", 429, EngineUnavailable),
        ("ServiceUnavailableException", 503, EngineUnavailable),
        ("ModelNotReadyException", 429, EngineUnavailable),
        ("InternalServerException", 500, EngineUnavailable),
        ("ModelTimeoutException", 408, EngineTooSlow),
        ("AccessDeniedException", 403, EngineRefused),
        ("ResourceNotFoundException", 404, EngineRefused),
        ("ValidationException", 400, Unusable),
        ("ModelErrorException", 424, Unusable),
    ],
)
def test_errors_of_aws_are_ours_and_quote_nothing(code, status, error):
    made, stub = stubbed("bedrock-runtime")
    stub.add_client_error("converse", code, "my bag is lost", status)
    with pytest.raises(error) as raised:
        judge(made, passage())
    assert str(raised.value) == code
    assert raised.value.__suppress_context__


def test_one_that_fails_takes_nothing_from_the_others():
    made, stub = stubbed("bedrock-runtime")
    stub.add_response("converse", conversed(answer()))
    stub.add_client_error("converse", "ThrottlingException")
    stub.add_response("converse", conversed({"noise": "noise"}))
    stub.add_response("converse", conversed(answer()))
    found = judge(made, *[passage()] * 4)
    assert [one is not None for one in found] == [True, False, False, True]


def test_one_that_is_slow_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time is up when all are done but the first."""
    gate = Event()
    monkeypatch.setattr(bedrock, "wait", lambda asked, **_: [one.result() for one in asked[1:]])

    class Slow(FakeBedrock):
        def converse(self, **request: Any) -> dict[str, Any]:
            if "slow" in request["messages"][0]["content"][0]["text"]:
                gate.wait(300)
            return super().converse(**request)

    try:
        found = engine(Slow(), at_once=3).judge([passage("slow"), passage("two"), passage("three")], limit_s=1.0)
        with pytest.raises(EngineTooSlow):
            engine(Slow()).judge([passage("slow")], limit_s=1.0)
    finally:
        gate.set()
    assert [one is not None for one in found] == [False, True, True]
