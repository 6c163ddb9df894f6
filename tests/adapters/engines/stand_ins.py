"""Clients of AWS whose answers are known, and what a model says."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import botocore.session
from botocore.stub import Stubber

from chalicelib.adapters.engines import prompt
from chalicelib.domain.labels import UNLABELLED, Label, Labels, Sentiment
from chalicelib.ports.engines import Passage

TEXT: Final = "my bag is lost, and nobody answers"
FIRST: Final = replace(UNLABELLED, engine="rules-1", sentiment=Label(Sentiment.NEUTRAL, 0.6), language=Label("en", 0.9))


def client(service: str) -> Any:
    """A real one, which never reaches further than its stubber."""
    session = botocore.session.get_session()
    return session.create_client(
        service, region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


def stubbed(service: str) -> tuple[Any, Stubber]:
    made = client(service)
    stubber = Stubber(made)
    stubber.activate()
    return made, stubber


def passage(text: str = TEXT, labels: Labels = FIRST, **values: Any) -> Passage:
    return Passage(text=text, labels=labels, **values)


def said(value: str, *words: str) -> dict[str, Any]:
    return {"value": value, "words": list(words)}


def answer(**labels: Any) -> dict[str, Any]:
    """What a model calls the tool with."""
    return {
        "sentiment": said("negative", "lost"),
        "reason": said("assistance", "nobody answers"),
        "urgency": said("high", "bag is lost"),
        "noise": said("signal"),
        "needs_reply": said("yes", "nobody answers"),
        "complaint": said("yes", "lost"),
        "language": "en",
        "aspects": [{"name": "delivery", "sentiment": "negative", "words": ["bag is lost"]}],
        **labels,
    }


def conversed(given: Any, *, stop: str = "tool_use", name: str = prompt.TOOL, calls: int = 1) -> dict[str, Any]:
    """An answer of Converse."""
    call = {"toolUse": {"toolUseId": "t1", "name": name, "input": given}}
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": "So be it."}, *[call] * calls]}},
        "stopReason": stop,
        "usage": {"inputTokens": 900, "outputTokens": 300, "totalTokens": 1200},
        "metrics": {"latencyMs": 700},
    }


def scores(negative: float = 0.0, neutral: float = 0.0, positive: float = 0.0, mixed: float = 0.0) -> dict[str, float]:
    return {"Negative": negative, "Neutral": neutral, "Positive": positive, "Mixed": mixed}


def felt(*each: dict[str, float] | None) -> dict[str, Any]:
    """An answer of BatchDetectSentiment; None is a text that it could not do."""
    results = [{"Index": place, "Sentiment": "NEUTRAL", "SentimentScore": one} for place, one in enumerate(each) if one]
    failed = [
        {"Index": place, "ErrorCode": "INTERNAL_SERVER_ERROR", "ErrorMessage": "no"}
        for place, one in enumerate(each)
        if one is None
    ]
    return {"ResultList": results, "ErrorList": failed}


def spoken(*codes: str | None) -> dict[str, Any]:
    """An answer of BatchDetectDominantLanguage."""
    results = [
        {"Index": place, "Languages": [{"LanguageCode": "xx", "Score": 0.1}, {"LanguageCode": code, "Score": 0.8}]}
        if code
        else {"Index": place, "Languages": []}
        for place, code in enumerate(codes)
    ]
    return {"ResultList": results, "ErrorList": []}


class FakeComprehend:
    """For as many calls as anybody likes: everything is English and rather bad."""

    def batch_detect_dominant_language(self, *, TextList: Sequence[str]) -> dict[str, Any]:  # noqa: N803  AWS's name
        return spoken(*["en"] * len(TextList))

    def batch_detect_sentiment(self, *, TextList: Sequence[str], LanguageCode: str) -> dict[str, Any]:  # noqa: N803, ARG002
        return felt(*[scores(negative=0.9, neutral=0.1)] * len(TextList))


class FakeBedrock:
    """As many calls as anybody likes, each with the same answer."""

    def __init__(self, given: Any = None) -> None:
        self.given = answer() if given is None else given
        self.requests: list[dict[str, Any]] = []

    def converse(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        return conversed(self.given)
