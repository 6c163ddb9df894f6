"""One form of a text for all who read it: what cannot be seen, and what only looks like something else, is undone."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain.canonical import canonical
from chalicelib.domain.incidents import words
from chalicelib.domain.lookalikes import LOOKALIKES

WORDS = ("insulin", "smoke", "fire", "ambulance", "scope", "unconscious")
ANYTHING = st.text(st.characters(codec=None), max_size=60)
UNSEEN = [
    chr(point)
    for point in range(0x110000)
    if unicodedata.category(chr(point)) in ("Cf", "Cc", "Cs") and not chr(point).isspace()
] + ["\u034f", "\u115f", "\u1160", "\u180b", "\u3164", "\ufe0f", "\uffa0", "\U000e0101", "\ue000"]


def reads(text: str) -> str:
    return canonical(text).text


@pytest.mark.parametrize("word", WORDS)
def test_what_nobody_sees_hides_no_word(word):
    hidden = [char for char in UNSEEN if reads(f"my {word[:3]}{char}{word[3:]}") != f"my {word}"]
    assert hidden == []


@given(st.text(st.characters(categories=["Mn", "Me"]), min_size=1, max_size=40), st.sampled_from(WORDS))
def test_marks_piled_upon_letters_hide_no_word(marks, word):
    assert reads("".join(letter + marks for letter in word)) == word


STYLES = [
    "".join(chr(start + place) for place in range(26))
    for start in (0x1D41A, 0x1D44E + 26, 0x1D4B6 + 26, 0x1D5BA, 0x1D68A, 0xFF41, 0x24D0)
]


@pytest.mark.parametrize("letters", STYLES)
@pytest.mark.parametrize("word", WORDS)
def test_letters_in_another_dress_are_those_letters(word, letters):
    assert reads("my " + "".join(letters[ord(letter) - ord("a")] for letter in word)).casefold() == f"my {word}"


@pytest.mark.parametrize("char", sorted(LOOKALIKES), ids=ascii)
def test_a_letter_that_looks_like_another_is_read_as_that_one(char):
    letter = LOOKALIKES[char]
    assert reads(f"we need in{char}ulin now") == f"we need in{letter}ulin now"


def test_a_word_of_nothing_but_look_alikes_is_read_in_a_text_that_is_latin():
    assert reads("no \u0440\u0435\u0430\u0441\u0435 here") == "no peace here"


@pytest.mark.parametrize(
    "text",
    [
        "В самолёте пахнет дымом, помогите!",
        "Спасибо Lufthansa, нет слов",
        "нет",
        "сор вон, тут вам не там",
        "Η πτήση μου καθυστερεί, τι να κάνω",
        "Թռիչքը ուշանում է",
        "ابنتي مريضة",
        "मेरे पिता को दिल का दौरा",
        "機内で母が倒れました",
        "แม่ของฉันหมดสติ",
        "Ça coûte 5 € à Zürich, señor",
        "great 👍🏽 day",
    ],
)
def test_what_is_written_in_its_own_letters_stays(text):
    assert reads(text) == text


@given(ANYTHING)
@example("&shy;&amp;&#1077;")
@example("\ufdfa\u0f73\u0344")
def test_the_form_of_a_form_is_itself_and_every_quote_stands_in_the_text(text):
    found = canonical(text)
    assert found.original == text
    for at in range(len(found.text)):
        quoted = found.quote(at, at + 1)
        assert quoted
        assert quoted in text
    if "&" not in found.text:
        assert canonical(found.text).text == found.text


@given(st.text(st.characters(max_codepoint=0x7E, min_codepoint=0x20, exclude_characters="&")))
def test_plain_text_is_untouched(text):
    assert reads(text) == text


def test_incidents_read_the_same_form():
    plain, hidden = "the terminal lost power again today", "the termi\u00adnal l\u043est p\u200bower ag\u0430in today"
    assert words.terms(hidden) == words.terms(plain)
    assert words.signature(hidden) == words.signature(plain)
