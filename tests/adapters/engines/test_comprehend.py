"""Amazon Comprehend, as far as botocore's own stub can tell: what is asked, what is made of the answers."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from chalicelib.adapters.engines.comprehend import LANGUAGES, MOST_BYTES, Comprehend
from chalicelib.domain.labels import UNLABELLED, Label, Sentiment
from chalicelib.ports.engines import EngineRefused, EngineTooSlow, EngineUnavailable, Unusable
from tests.adapters.engines.stand_ins import FIRST, client, felt, passage, scores, spoken, stubbed

SENTIMENT, LANGUAGE = "batch_detect_sentiment", "batch_detect_dominant_language"


def speaking(code: str, score: float = 0.9):
    return replace(FIRST, language=Label(code, score))


def judge(made: Any, *passages: Any):
    return Comprehend(made).judge(passages, limit_s=300.0)


def test_a_known_language_costs_one_call_and_nothing_else_is_judged():
    made, stub = stubbed("comprehend")
    stub.add_response(SENTIMENT, felt(scores(negative=0.97)), {"TextList": ["my bag"], "LanguageCode": "en"})
    [labels] = judge(made, passage("my bag"))
    assert labels == replace(UNLABELLED, engine="comprehend", sentiment=Label(Sentiment.NEGATIVE, 0.97))
    stub.assert_no_pending_responses()


def test_what_nobody_is_sure_of_is_asked_for_first():
    made, stub = stubbed("comprehend")
    stub.add_response(LANGUAGE, spoken("de", "nl"), {"TextList": ["mein Koffer", "mijn koffer"]})
    stub.add_response(SENTIMENT, felt(scores(neutral=0.9)), {"TextList": ["mein Koffer"], "LanguageCode": "de"})
    stub.add_response(SENTIMENT, felt(scores(neutral=0.8)), {"TextList": ["my bag"], "LanguageCode": "en"})
    found = judge(
        made,
        passage("mein Koffer", speaking("en", 0.5)),
        passage("my bag"),
        passage("mijn koffer", speaking("und")),
    )
    assert [one and one.language for one in found] == [Label("de", 0.8), UNLABELLED.language, Label("nl", 0.8)]
    assert [one and one.sentiment.score for one in found] == [0.9, 0.8, 0.0]  # Dutch has no sentiment there
    stub.assert_no_pending_responses()


@pytest.mark.parametrize(("hint", "code"), [("zh-TW", "zh-TW"), ("zh_Hant_HK", "zh-TW"), ("zh-CN", "zh"), (None, "zh")])
def test_written_chinese_is_two_languages_there(hint, code):
    made, stub = stubbed("comprehend")
    stub.add_response(SENTIMENT, felt(scores(negative=0.9)), {"TextList": ["行李"], "LanguageCode": code})
    [labels] = judge(made, passage("行李", speaking("zh"), lang_hint=hint))
    assert labels.sentiment.value is Sentiment.NEGATIVE


def test_every_language_that_is_claimed_is_in_the_model():
    shape = client("comprehend").meta.service_model.operation_model("BatchDetectSentiment").input_shape
    assert {code.partition("-")[0] for code in shape.members["LanguageCode"].enum} == LANGUAGES


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (scores(negative=0.9, positive=0.1), Sentiment.NEGATIVE),
        (scores(neutral=0.6, positive=0.4), Sentiment.NEUTRAL),
        (scores(positive=0.99), Sentiment.POSITIVE),
        (scores(mixed=0.9, negative=0.06, positive=0.04), Sentiment.NEGATIVE),
        (scores(mixed=0.9, negative=0.03, positive=0.07), Sentiment.POSITIVE),
        (scores(mixed=1.0), Sentiment.NEGATIVE),  # somebody should look
        (scores(mixed=0.3, neutral=0.7), Sentiment.NEUTRAL),
    ],
)
def test_mixed_counts_half_for_either_side(given, value):
    made, stub = stubbed("comprehend")
    stub.add_response(SENTIMENT, felt(given))
    [labels] = judge(made, passage())
    assert labels.sentiment.value is value
    assert 0 < labels.sentiment.score <= 1


@pytest.mark.parametrize(
    "text", ["a" * 50_000, "ß" * 4_000, "行" * 3_000, "👍🏽" * 2_000, "x" * 4_999 + "€", "\ud800" * 6_000]
)
def test_a_text_is_cut_to_whole_characters(text):
    made, stub = stubbed("comprehend")
    sent = []
    made.meta.events.register("provide-client-params.comprehend.*", lambda params, **_: sent.append(params))
    stub.add_response(SENTIMENT, felt(scores(neutral=1.0)))
    judge(made, passage(text))
    [cut] = sent[0]["TextList"]
    assert MOST_BYTES - 4 < len(cut.encode()) <= MOST_BYTES
    assert "\ufffd" not in cut


def test_many_texts_go_in_batches_of_twenty_five_and_keep_their_order():
    made, stub = stubbed("comprehend")
    for size in (25, 25, 10):
        stub.add_response(SENTIMENT, felt(*[scores(negative=0.5 + place / 100) for place in range(size)]))
    found = judge(made, *[passage(f"text {number}") for number in range(60)])
    assert [round((one.sentiment.score - 0.5) * 100) for one in found] == [*range(25), *range(25), *range(10)]


def test_a_text_it_could_not_do_and_an_empty_one_get_nothing():
    made, stub = stubbed("comprehend")
    stub.add_response(SENTIMENT, felt(None, scores(negative=0.9)), {"TextList": ["one", "two"], "LanguageCode": "en"})
    found = judge(made, passage("one"), passage(" \n"), passage("two"))
    assert [one is not None for one in found] == [False, False, True]


def test_a_language_that_fails_takes_nothing_from_the_others():
    made, stub = stubbed("comprehend")
    stub.add_client_error(SENTIMENT, "UnsupportedLanguageException")
    stub.add_response(SENTIMENT, felt(scores(negative=0.9)))
    found = judge(made, passage("mein Koffer", speaking("de")), passage("my bag"))
    assert [one is not None for one in found] == [False, True]


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ThrottlingException", 400, EngineUnavailable),
        ("TooManyRequestsException", 429, EngineUnavailable),
        ("InternalServerException", 500, EngineUnavailable),
        ("AccessDeniedException", 400, EngineRefused),
        ("UnrecognizedClientException", 400, EngineRefused),
        ("InvalidRequestException", 400, Unusable),
        ("TextSizeLimitExceededException", 400, Unusable),
    ],
)
def test_errors_of_aws_are_ours_and_quote_nothing(code, status, error):
    made, stub = stubbed("comprehend")
    stub.add_client_error(SENTIMENT, code, "my bag is lost", status)
    with pytest.raises(error) as raised:
        judge(made, passage())
    assert str(raised.value) == code
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


class Failing:
    def __init__(self, error):
        self.error = error

    def batch_detect_sentiment(self, **_request):
        raise self.error


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (ReadTimeoutError(endpoint_url="https://example.invalid"), EngineTooSlow),
        (ConnectTimeoutError(endpoint_url="https://example.invalid"), EngineTooSlow),
        (EndpointConnectionError(endpoint_url="https://example.invalid"), EngineUnavailable),
        (NoCredentialsError(), EngineRefused),
    ],
)
def test_a_network_that_fails_is_one_of_our_errors(error, ours):
    with pytest.raises(ours):
        judge(Failing(error), passage())


@pytest.mark.parametrize("answer", [{}, {"ResultList": [{}]}, {"ResultList": [{"Index": 7, "SentimentScore": {}}]}])
def test_an_answer_that_means_nothing_is_unusable(answer):
    class Odd:
        def batch_detect_sentiment(self, **_request):
            return answer

    with pytest.raises(Unusable):
        judge(Odd(), passage())


def test_with_no_time_left_nobody_is_called():
    made, stub = stubbed("comprehend")
    assert Comprehend(made).judge([passage()], limit_s=0.0) == [None]
    stub.assert_no_pending_responses()
