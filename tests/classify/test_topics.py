"""The brand's own places and products are found by whole words, at a cost that is the text's alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.classify import classify, topics
from chalicelib.classify.phrases import Phrases
from chalicelib.classify.tokens import read
from chalicelib.documents.vocabulary import read_toml
from chalicelib.domain.labels import Topic, TopicKind

HARWICK, APP, LOUNGE = (
    Topic(TopicKind.PLACE, "Harwick"),
    Topic(TopicKind.PRODUCT, "Larkspur App"),
    Topic(TopicKind.PLACE, "Gate 7 Lounge"),
)
VOCABULARY = topics.matcher(
    read_toml(
        """
        [[places]]
        name = "Harwick"
        words = ["HWK", "Harwick airport", "Bad Härwick"]
        [[places]]
        name = "Gate 7 Lounge"
        [[products]]
        name = "Larkspur App"
        words = ["the app"]
        """
    )
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Stuck in HARWICK again", (HARWICK,)),
        ("stuck at harwick airport, the app is down", (HARWICK, APP)),
        ("the app, The App and larkspur app", (APP,)),
        ("bad harwick / BAD HÄRWICK", (HARWICK,)),
        ("harwickshire is lovely", ()),
        ("#LarkspurApp crashes", (APP,)),
        ("gate 7 lounge closed", (LOUNGE,)),
        ("gate 8 lounge closed", ()),
        ("the application", ()),
        ("@harwick https://example.com/harwick", ()),
        ("", ()),
    ],
)
def test_topics_of_a_text(text, found):
    assert classify(text, vocabulary=VOCABULARY).topics == found


def test_without_a_vocabulary_there_are_none():
    assert classify("stuck in Harwick").topics == ()


def test_the_longer_name_wins():
    both = Phrases([("air", "short"), ("air shuttle", "long")])
    assert [one.value for one in both.find(read("the air shuttle and the air"))] == ["long", "short"]


def test_a_list_of_all_places_is_no_complaint_about_each():
    many = Phrases((f"shop{chr(97 + n)}", Topic(TopicKind.PLACE, f"Shop {n}")) for n in range(26))
    text = " ".join(f"shop{chr(97 + n)}" for n in range(26))
    assert len(topics.judge(read(text), many)) == topics.MOST_TOPICS


class Counting(dict):
    """Counts how often it is asked."""

    asked = 0

    def get(self, key, default=None):
        type(self).asked += 1
        return super().get(key, default)


@pytest.mark.parametrize("size", [10, 10_000])
def test_the_work_does_not_grow_with_the_vocabulary(size):
    found = Phrases((f"place{number} hall", number) for number in range(size))
    counting = type("Counting", (Counting,), {"asked": 0})
    found._index = counting(found._index)
    list(found.find(read("we wait in place3 hall and in place4 hall")))
    assert counting.asked <= 12


@given(st.text(max_size=200))
def test_any_text_gets_only_names_of_the_vocabulary(text):
    assert set(classify(text, vocabulary=VOCABULARY).topics) <= {HARWICK, APP, LOUNGE}
