"""Texts as the encoder reads them: told in plain words, cut into pieces it knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.classify import LAYER
from chalicelib.classify.encoder.wordpiece import MOST_PIECES, WordPiece
from chalicelib.classify.normalise import MOST_CHARS, prepare
from chalicelib.domain.canonical import canonical

VOCABULARY = (LAYER / "vocab.txt").read_text(encoding="utf-8").splitlines()
PIECES = WordPiece(VOCABULARY)
ANYTHING = st.text(st.characters(codec=None), max_size=300)


def spelt(text):
    return [VOCABULARY[number] for number in PIECES.pieces(text).ids]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Where is my bag?", ["where", "is", "my", "bag", "?"]),
        ("unbelievably slow", ["un", "##bel", "##ie", "##va", "##bly", "slow"]),
        ("Señor Müller", ["sen", "##or", "muller"]),
        ("don't", ["don", "'", "t"]),
        ("3-2", ["3", "-", "2"]),
        ("\u4e2d\U00020000", ["[UNK]"]),
        ("x" * 101, ["[UNK]"]),
        ("", []),
    ],
)
def test_pieces_are_those_of_the_vocabulary(text, pieces):
    assert spelt(text) == ["[CLS]", *pieces, "[SEP]"]


@given(ANYTHING)
def test_no_text_raises_and_every_piece_has_a_place(text):
    found = PIECES.pieces(prepare(canonical(text)))
    assert len(found.ids) == len(found.spans) <= MOST_PIECES
    assert all(found.text[first:last].strip() for first, last in filter(None, found.spans))


def test_a_long_text_keeps_its_head_and_its_tail():
    text = "first " + "middle " * 200 + "last"
    pieces = spelt(text)
    assert len(pieces) == MOST_PIECES
    assert (pieces[1], pieces[-2]) == ("first", "last")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("@larkspurair late again https://t.example/x?y=1", "@user late again http"),
        ("#DeltaFail #lost_bag #LK207", "# Delta Fail # lost bag # LK 207"),
        ("soooo slooow!!!!!", "soo sloow!!"),
        ("bag &amp; coat &lt;3", "bag & coat heart"),
        ("great 😂😡", "great face with tears of joy pouting face"),
        ("ok :) or :-( hm", "ok smiling face or frowning face hm"),
        ("re:admission 8:30)", "re:admission 8:30)"),
        ("you\u200bhave\u202eno\ufeffidea", "youhavenoidea"),
        ("call [number] or [email]", "call number or email"),
        ("a@b.example is no handle", "a@b.example is no handle"),
    ],
)
def test_what_people_draw_and_stretch_is_told_in_words(text, plain):
    assert prepare(canonical(text)) == plain


@given(ANYTHING)
def test_preparing_is_bounded_and_leaves_one_line(text):
    prepared = prepare(canonical(text))
    assert "\n" not in prepared
    assert prepared == prepared.strip()


def test_a_wall_of_text_is_cut_before_it_is_read():
    assert len(prepare(canonical("word " * 100_000))) <= MOST_CHARS + len(" … ")
