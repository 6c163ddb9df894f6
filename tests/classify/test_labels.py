"""The form in which labels are kept: it must outlive the version that wrote it."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.labels import (
    UNLABELLED,
    Aspect,
    AspectName,
    Label,
    Labels,
    Noise,
    Reason,
    Sentiment,
    Topic,
    TopicKind,
    Urgency,
    Verdict,
)

WORDS = st.lists(st.text(max_size=12), max_size=4).map(tuple)
SCORES = st.floats(0, 1)


def label_of(values):
    return st.builds(Label, value=values, score=SCORES, words=WORDS)


LABELS = st.builds(
    Labels,
    sentiment=label_of(st.sampled_from(Sentiment)),
    reason=label_of(st.sampled_from(Reason)),
    urgency=label_of(st.sampled_from(Urgency)),
    language=label_of(st.sampled_from(["en", "de", "und", "ckb"])),
    noise=label_of(st.sampled_from(Noise)),
    needs_reply=label_of(st.sampled_from(Verdict)),
    complaint=label_of(st.sampled_from(Verdict)),
    engine=st.text(max_size=10),
    aspects=st.lists(
        st.builds(Aspect, st.sampled_from(AspectName), label_of(st.sampled_from(Sentiment))),
        max_size=3,
        unique_by=lambda aspect: aspect.name,
    ).map(tuple),
    topics=st.lists(
        st.builds(Topic, st.sampled_from(TopicKind), st.text(min_size=1, max_size=8)), max_size=3, unique=True
    ).map(tuple),
)


@given(LABELS)
def test_what_is_written_reads_back_equal(labels):
    assert Labels.from_plain(labels.to_plain()) == labels


@given(LABELS)
def test_what_is_written_survives_json(labels):
    assert Labels.from_plain(json.loads(json.dumps(labels.to_plain()))) == labels


def test_an_empty_dict_claims_nothing():
    labels = Labels.from_plain({})
    assert labels.engine == "unknown"
    assert {name: labels.to_plain()[name]["value"] for name in labels.to_plain() if name != "engine"} == {
        "sentiment": "neutral",
        "reason": "none",
        "urgency": "normal",
        "language": "und",
        "noise": "signal",
        "needs_reply": "unsure",
        "complaint": "unsure",
    }


@pytest.mark.parametrize("name", ["sentiment", "reason", "urgency", "noise", "needs_reply", "complaint"])
def test_a_value_of_a_later_version_falls_back_and_keeps_no_score(name):
    plain = UNLABELLED.to_plain() | {name: {"value": "bewildered", "score": 0.9, "words": ["hm"]}}
    assert getattr(Labels.from_plain(plain), name) == getattr(UNLABELLED, name)


BROKEN = [None, 3, "negative", [], {}, {"value": None}, {"value": ["negative"]}, {"value": {"a": 1}}]


@pytest.mark.parametrize("raw", BROKEN, ids=repr)
@pytest.mark.parametrize("name", ["sentiment", "language", "urgency"])
def test_a_broken_label_is_as_good_as_none(name, raw):
    assert getattr(Labels.from_plain({name: raw}), name) == getattr(UNLABELLED, name)


@pytest.mark.parametrize(
    ("raw", "score"),
    [
        (Decimal("0.75"), 0.75),
        (1, 1.0),
        (7, 1.0),
        (-2, 0.0),
        (None, 0.0),
        ("0.5", 0.0),
        (float("nan"), 0.0),
        (float("inf"), 0.0),
        (Decimal("NaN"), 0.0),
    ],
)
def test_scores_are_read_as_floats_between_0_and_1(raw, score):
    read = Labels.from_plain({"sentiment": {"value": "positive", "score": raw}})
    assert read.sentiment == Label(Sentiment.POSITIVE, score)


def test_keys_that_a_later_version_adds_are_passed_over():
    assert Labels.from_plain(UNLABELLED.to_plain() | {"moods": [{"food": "good"}]}) == UNLABELLED


@pytest.mark.parametrize(
    "raw", [None, 3, "food", {"name": "food"}, [3], [None], [{}], [{"name": "moon"}], [{"name": []}]]
)
@pytest.mark.parametrize("name", ["aspects", "topics"])
def test_a_broken_aspect_or_topic_is_left_out(name, raw):
    assert Labels.from_plain(UNLABELLED.to_plain() | {name: raw}) == UNLABELLED


@given(LABELS)
def test_without_words_nothing_of_the_text_is_left(labels):
    plain = labels.without_words().to_plain()
    assert all(
        not one.get("words") for one in [*plain.get("aspects", []), *(v for v in plain.values() if isinstance(v, dict))]
    )


def test_urgencies_are_ordered_by_rank():
    ranks = {each: each.rank for each in Urgency}
    assert ranks == {"low": 0, "normal": 1, "high": 2, "critical": 3}
