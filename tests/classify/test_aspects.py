"""What part of the experience a text is about, and how it speaks of each. All texts are invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.aspects import measure
from chalicelib.classify import classify
from chalicelib.domain.labels import AspectName

CASES = [
    ("Great food, 45 minutes for our lunch", {"food": "positive", "waiting": "negative"}),
    ("The waiter was lovely but the room was filthy", {"staff": "positive", "place": "negative"}),
    ("Your app crashes all the time", {"app": "negative"}),
    ("Is the website down?", {"app": "negative"}),
    ("Still waiting for my refund", {"waiting": "negative", "price": "negative"}),
    ("You charged me twice, my card was charged twice", {"price": "negative"}),
    ("You lost my bag", {"delivery": "negative"}),
    ("My parcel never arrived", {"delivery": "negative"}),
    ("I am locked out of my account", {"account": "negative"}),
    ("The battery is defective", {"product": "negative"}),
    ("No information at the gate, nobody tells us anything", {"rules": "negative", "place": "neutral"}),
    ("Delicious pasta and a friendly waiter", {"food": "positive", "staff": "positive"}),
    ("Rude crew, broken seats", {"staff": "negative", "place": "negative"}),
    ("The food was not good", {"food": "negative"}),
    ("Two hours late and no one cares", {"waiting": "negative"}),
    ("Overpriced", {"price": "negative"}),
    ("Which gate?", {"place": "neutral"}),
    ("Hello there", {}),
    ("", {}),
    ("Mein Koffer ist weg", {}),
]


@pytest.mark.parametrize(("text", "wanted"), CASES, ids=[text or "nothing" for text, _ in CASES])
def test_aspects_of_a_text(text, wanted):
    found = {one.name.value: one.sentiment.value.value for one in classify(text).aspects}
    assert found == wanted


def test_the_words_stand_in_the_text():
    text = "Great food, 45 minutes for our lunch"
    for aspect in classify(text).aspects:
        assert aspect.sentiment.words
        assert all(word in text for word in aspect.sentiment.words)


def test_noise_has_no_aspects():
    labels = classify("FREE giveaway! RT and follow to win a free app, click the link in bio, we're hiring")
    assert labels.noise.value.value == "noise"
    assert labels.aspects == ()


@given(st.text(max_size=300))
def test_any_text_has_each_aspect_once(text):
    names = [one.name for one in classify(text).aspects]
    assert len(names) == len(set(names))


def test_the_bench_counts_what_is_found_and_what_is_right():
    table = measure(
        "invented",
        [("Delicious pasta. Rude staff.", {AspectName.FOOD: "positive", AspectName.STAFF: "negative"}), ("Cheap", {})],
    )
    rows = {row[0]: row for row in table.rows}
    assert rows["food"] == ("food", 1, 1, 1.0, 1.0, 1.0, 1.0)
    assert rows["price"][1:4] == (0, 1, 0.0)
