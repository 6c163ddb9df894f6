"""What a text is about in a few words, and how much two texts are alike."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.incidents import words
from tests.reached import reached, reaching


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


LONG_WORDS = st.text("bcdfghklmnprstvwz", min_size=words.LONGEST - 4, max_size=words.LONGEST + 6)
TEXTS = st.text(max_size=400) | st.lists(LONG_WORDS, min_size=words.MOST_TERMS - 2, max_size=words.MOST_TERMS + 8).map(
    " ".join
)


@reaching("more words than are kept", "a word longer than is kept")
@given(TEXTS)
def test_any_text_has_few_short_words_and_no_address(text):
    found = words.terms(text)
    reached("more words than are kept", len(set(text.split())) > words.MOST_TERMS)
    reached("a word longer than is kept", any(len(word) > words.LONGEST for word in re.findall("[a-z]+", text)))
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


def test_exactly_the_most_words_are_kept_and_not_one_more():
    names = [f"{first}{second}zq" for first in "bcdfg" for second in "klmnp"]
    assert words.terms(" ".join(names[: words.MOST_TERMS])) == tuple(names[: words.MOST_TERMS])
    assert words.terms(" ".join(names[: words.MOST_TERMS + 1])) == tuple(names[: words.MOST_TERMS])


def test_a_word_is_cut_after_its_longest():
    longest = "bcdfghklmnpqrstvwz" * 2
    assert words.terms(longest[: words.LONGEST]) == words.terms(longest) == (longest[: words.LONGEST],)


def test_a_stored_signature_stays_comparable():
    """Signatures lie in the table: one that is calculated differently would be alike to none of them."""
    assert words.signature(COPY) == (
        "c27b8a6105a15ca5d61517a659907c1973569f9650ab5a7b8957f9733b366757"
        "d4b83b20ab17e31fde825010d0e82b859e438303e972a0ded261e66504baa5be"
    )


def test_alike_texts_share_a_band():
    one, other = words.signature(COPY), words.signature(f"{COPY} now")
    assert not set(enumerate(words.bands(one))).isdisjoint(enumerate(words.bands(other)))
