"""The alphabet of text messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alerts import gsm7
from chalicelib.domain.alerts.gsm7 import Measure, cut, fold, measure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Measure(True, 0, 1)),
        ("a" * 160, Measure(True, 160, 1)),
        ("a" * 161, Measure(True, 161, 2)),
        ("a" * 306, Measure(True, 306, 2)),
        ("a" * 307, Measure(True, 307, 3)),
        ("€" * 80, Measure(True, 160, 1)),
        ("€" * 81, Measure(True, 162, 2)),
        ("€" * 153, Measure(True, 306, 3)),  # a part of 153 holds 76 of them: none is split
        ("^{}\\[~]|€\f", Measure(True, 20, 1)),
        ("Ünsere Grüße, ¿señor? Æ Δ", Measure(True, 25, 1)),
        ("SLA ✓", Measure(False, 5, 1)),
        ("a" * 70 + "…", Measure(False, 71, 2)),
        ("🎉" * 35, Measure(False, 70, 1)),
        ("🎉" * 36, Measure(False, 72, 2)),
        ("🎉" * 67, Measure(False, 134, 3)),  # a part of 67 holds 33 of them
    ],
)
def test_what_a_text_costs(text, expected):
    assert measure(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("Größe ñ é à", "Größe ñ é à"),
        ("Łódź, naïve, façade", "Lodz, naive, facade"),
        ("\u201cquoted\u201d \u2013 it\u2019s\u2026 ", '"quoted" - it\'s... '),
        ("a\u00a0b\tc", "a b c"),
        ("où ça coûte 5 €", "où ca coute 5 €"),
        ("my bag 🎉🎉🎉 lost", "my bag ? lost"),
        ("荷物はどこ", "?"),
        ("👩‍👩‍👧‍👦!", "?!"),
        ("☀️ sun", "? sun"),
        ("ﬁne ½", "fine 1/2"),
        ("e\u0301 o\u0323", "é o"),
        ("what?? 🎉", "what?? ?"),
        ("\u202egnp\u202c", "gnp"),
        ("null\x00", "null?"),
        ("\ud800", "?"),
    ],
)
def test_any_text_can_be_said_in_it(text, expected):
    assert fold(text) == expected


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_what_is_folded_is_in_the_alphabet_and_stays_as_it_is(text):
    folded = fold(text)
    assert measure(folded).is_gsm7
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("text", "septets", "expected"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abc.."),
        ("ab€€", 6, "ab€€"),
        ("ab€€", 5, "ab.."),
        ("€€€", 5, "€.."),
        ("abc", 2, ".."),
        ("abc", 1, "."),
        ("abc", 0, ""),
    ],
)
def test_cutting(text, septets, expected):
    assert cut(text, septets) == expected


@given(st.text(alphabet=sorted(gsm7.BASIC | gsm7.EXTENSION)), st.integers(0, 200))
def test_a_cut_text_always_fits(text, septets):
    assert measure(cut(text, septets)).units <= septets
