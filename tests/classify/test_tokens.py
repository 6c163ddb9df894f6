"""Words, and where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.classify.tokens import HEAD, MOST_TOKENS, TAIL, fold, read


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Hello World", [("hello",), ("world",)]),
        ("see https://example.com/a?b=c now", [("see",), ("now",)]),
        ("www.example.com pic.twitter.com/abc", []),
        ("@brand_care hi @ana@social.example", [("hi",)]),
        ("#Never_Again", [("neveragain",)]),
        ("sooooo", [("soo", "so")]),
        ("good", [("good",)]),
        ("can\u2019t", [("can't",)]),
        ("l'attente", [("l'attente", "attente")]),
        ("Brightwater's", [("brightwater's", "brightwater")]),
        ("Déçu", [("decu",)]),
        ("De\u0301c\u0327u", [("decu",)]),
        ("STRASSE Straße", [("strasse",), ("strasse",)]),
        ("2hrs", [("2", "#"), ("hrs",)]),
        ("two hours", [("two", "#"), ("hours",)]),
        ("1,250.50", [("1,250.50", "#")]),
        ("👍🏽", [("👍",)]),
        (":-) =( &lt;3", [(":)",), (":(",), ("<3",)]),
        ("fish &amp; chips", [("fish",), ("chips",)]),
        ("", []),
    ],
)
def test_forms(text, forms):
    assert [word.forms for word in read(text).words] == forms


def test_clauses_and_sentences_are_counted():
    words = read("No, thanks. Bye").words
    assert [(word.clause, word.sentence) for word in words] == [(0, 0), (1, 0), (2, 1)]


@pytest.mark.parametrize(("text", "questions"), [("Why? Because. When?!", {0, 2}), ("what\uff1f", {0}), ("no.", set())])
def test_questions_are_known_by_their_sentence(text, questions):
    assert read(text).questions == questions


@given(st.text())
def test_every_word_is_a_piece_of_the_text_in_order(text):
    passage = read(text)
    words = passage.words
    assert all(0 <= word.start < word.end <= len(passage.source.text) for word in words)
    assert all(passage.quote(number, number) in text for number in range(len(words)))
    assert [word.start for word in words] == sorted(word.start for word in words)


def test_a_long_text_is_read_at_head_and_tail_only():
    text = "first " + "middle " * 5000 + "last"
    words = read(text).words
    assert words[0].forms == ("first",)
    assert words[-1].forms == ("last",)
    assert all(word.start < HEAD or word.end > len(text) - TAIL for word in words)


def test_head_and_tail_never_make_one_sentence():
    head, *_, tail = read("a " * 5000).words
    assert head.sentence != tail.sentence


@pytest.mark.parametrize("piece", ["😡", "a ", "1 ", "#a", ":("])
def test_the_number_of_words_is_bounded(piece):
    assert len(read(piece * 25_000).words) <= 2 * MOST_TOKENS


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)
