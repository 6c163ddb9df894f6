"""What can be seen of a text, and what a stranger's words are made harmless by."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.visible import is_blank, one_line, quoted, unlinked

ANYTHING = st.text(alphabet=st.characters(exclude_categories=()), max_size=400)


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("plain", 10, "plain"),
        ("two\r\n\nlines\tand  more", 30, "two lines and more"),
        ("a\x00b\x1b[31mc\x07", 30, "a b [31mc"),
        ("\u202eevil\u2066\u2069", 10, "evil"),
        ("a\u2028b\u2029c\u00a0d", 10, "a b c d"),
        ("\ud83d lone", 10, "\ufffd lone"),
        ("\U000e0041tag\U000e007f", 10, "tag"),
        ("می\u200cخواهم", 20, "می\u200cخواهم"),  # noqa: RUF001
        ("exactly ten", 11, "exactly ten"),
        ("exactly eleven", 11, "exactly el…"),
        ("cafe\u0301s", 5, "caf…"),  # never between a letter and its accent
        ("ab👩\u200d🚀c", 4, "ab…"),
        ("   ", 5, ""),
        ("a" + "\u0301" * 50, 9, "a" + "\u0301" * 4),  # a pile of marks would cover the lines around
    ],
)
def test_one_line(text, most, expected):
    assert one_line(text, most) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Undo: evil.co/a", "Undo: evil(.)co/a"),
        ("https://evil.co", "https: //evil(.)co"),
        ("a@evil.co.uk", "a@evil(.)co(.)uk"),
        ("1.2.3.4/a", "1(.)2(.)3(.)4/a"),
        ("evil\uff0eco \uff0f", "evil(.)co \uff0f"),
        ("tel:0900", "tel: 0900"),
        ("J.R. Ewing waits. 3.5 stars at 12:30...", "J.R. Ewing waits. 3.5 stars at 12:30..."),
        ("Wo ist er?Hallo. Ende.", "Wo ist er?Hallo. Ende."),
    ],
)
def test_nothing_to_follow(text, expected):
    assert unlinked(text) == expected
    assert unlinked(expected) == expected


@given(ANYTHING)
def test_quotes_cannot_be_closed_within(text):
    inside = quoted(text, 200)[1:-1]
    assert len(inside) <= 200
    assert not {char for char in inside if unicodedata.category(char) in ("Pi", "Pf") or char == '"'}
    assert "''" not in inside


@pytest.mark.parametrize(
    "text",
    ["", " \t\n", "\u200b\u2060", "\u200d", "\u3164\uffa0\u115f", "\u2800", "\ufeff", "\u202e", "\U000e0041", "\u0301",
     "\ufe0f", "\u034f", "\x00", "\u00ad", "\u2028", "\ue000"],
)  # fmt: skip
def test_what_nobody_can_see(text):
    assert is_blank(text)
    assert is_blank(text * 50)
    assert not is_blank(f"{text}a")


@pytest.mark.parametrize("text", ["a", "\u200b.", "👍", "né", "\u0645\u200c\u062e", "7\ufe0f\u20e3", "안", "ー"])
def test_what_somebody_can_see(text):
    assert not is_blank(text)


@given(ANYTHING)
def test_blank_is_what_shows_nothing(text):
    assert is_blank(text) == is_blank(one_line(text, 1000))
