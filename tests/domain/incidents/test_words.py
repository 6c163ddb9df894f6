"""What a text is about in a few words, and how much two texts are alike."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.incidents import words


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The app is DOWN again!!", ("app", "down")),
        ("@larkspurair https://example.com/x login broken", ("login", "broken")),
        ("Störung bei der Anmeldung", ("storung", "anmeldung")),
        ("error 503, paid 20 euros, 12345 times", ("error", "503", "paid", "euros", "times")),
        ("sooooo slooooow", ("slow",)),
        ("app app APP", ("app",)),
        ("L'application ne marche plus", ("l'application", "marche")),
        ("", ()),
        ("is it? to be or not", ()),
    ],
)
def test_the_words_that_tell(text, wanted):
    assert words.terms(text) == wanted


@given(st.text(max_size=400))
def test_any_text_has_few_short_words_and_no_address(text):
    found = words.terms(text)
    assert len(found) <= words.MOST_TERMS
    assert len(set(found)) == len(found)
    assert all(len(word) <= words.LONGEST and "@" not in word and "/" not in word for word in found)


COPY = "please everybody tell them to bring back the old seat map at once"


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        (COPY, COPY, 1.0, 1.0),
        (COPY, f"RT {COPY} !!", 0.6, 1.0),
        (COPY, "which gate do I need for the flight to Velden tomorrow", 0.0, 0.1),
        ("same here", "same here", 0.0, 0.0),
        ("", COPY, 0.0, 0.0),
    ],
)
def test_likeness(one, other, least, most):
    found = words.likeness(words.signature(one), words.signature(other))
    assert least <= found <= most


@given(st.lists(st.sampled_from("abcdefgh"), min_size=12, max_size=30), st.integers(0, 10))
def test_the_estimate_is_near_the_truth(letters, changed):
    def pairs(said):
        return set(pairwise(said))

    one = [f"word{letter}" for letter in letters]
    other = [*one[:changed], "another", *one[changed:]]
    share = len(pairs(one) & pairs(other)) / len(pairs(one) | pairs(other))
    assert abs(words.likeness(words.signature(" ".join(one)), words.signature(" ".join(other))) - share) < 0.45


def test_alike_texts_share_a_band():
    one, other = words.signature(COPY), words.signature(f"{COPY} now")
    assert not set(enumerate(words.bands(one))).isdisjoint(enumerate(words.bands(other)))
