"""
Strangers choose what is read: the work grows with the length of a text and no faster, whatever stands in it.

Work is counted in calls. Where C code does it in one call there is a test of its own: marks must come to it in order,
and no pattern may go over a text more than once.
"""

import ast
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import DictLoader

from bench.classify import LAYER
from chalicelib.classify import classify, encoder, topics
from chalicelib.classify.encoder import Text
from chalicelib.classify.tokens import read
from chalicelib.connectors._kit import values as meta_common
from chalicelib.connectors.x import text as text_of_x
from chalicelib.connectors.x import weighted
from chalicelib.console import rendering
from chalicelib.console.words import visible
from chalicelib.domain import folding
from chalicelib.domain import visible as seeing
from chalicelib.domain.alerts import gsm7
from chalicelib.domain.incidents import words
from chalicelib.domain.labels import Topic, TopicKind
from infra.paths import ROOT
from tests.work import SHAPES, calls, listed, repeated

ENCODER = encoder.load(LAYER)
PLACES = topics.Matcher(
    (f"lost {name}", Topic(TopicKind.PLACE, name)) for name in ("bag", "my bag", "my bag lost", "luggage", "and found")
)
LENGTHS = (500, 1_000, 2_000, 4_000)
LONG = (1_000, 64_000)  # the longest post of a platform has 63,206
MOST_CALLS_EACH = 300  # for a character, of the first 4,000: some 15 microseconds
MOST_CALLS_OF_TIERS = 6_000_000  # for any text whatever: half a second
SOME_MORE = 10_000  # what is read once for every text

VALUE = rendering.environment(DictLoader({"value": "<p>{{ text | stranger }}{{ text }}</p>"})).get_template("value")

READERS: dict[str, Any] = {
    "the tiny tier": classify,
    "the better tier": lambda text: ENCODER.labels([Text(text=text)]),
    "places and products": lambda text: topics.judge(read(text), PLACES),
    "words of incidents": words.terms,
    "likeness of incidents": words.signature,
    "a text on a page": visible,
    "a value in a page": lambda text: VALUE.render(text=text),
    "a quotation in a message": lambda text: seeing.quoted(text, 200),
    "a text message": lambda text: gsm7.cut(gsm7.fold(text), 140),
    "the weighted length of X": weighted.length,
    "two texts of X": lambda text: text_of_x.same(text, text + "."),
    "what X escaped": text_of_x.unescaped,
    "a text of Meta": meta_common.read_text,
    "two texts of Meta": meta_common.fold,
    "one spelling": folding.fold,
}
READS = pytest.mark.parametrize("reader", READERS)


def assert_work_grows_with_length(reader: str, piece: str, lengths: tuple[int, ...] = LENGTHS) -> None:
    before = None
    READERS[reader](repeated(piece, lengths[0]))  # word lists are loaded and kept
    for length in lengths:
        text = repeated(piece, length)
        made = calls(READERS[reader], text)
        assert made <= MOST_CALLS_EACH * length + SOME_MORE, (reader, piece, length)
        assert made <= MOST_CALLS_OF_TIERS or "tier" not in reader, (reader, piece, length)
        if before is not None:
            grown, made_before = length / before[0], before[1]
            assert made <= 1.25 * grown * made_before + SOME_MORE, (reader, piece, length)
        before = (length, made)


@READS
def test_the_work_grows_with_the_length_of_what_is_no_word(reader):
    for piece in SHAPES:
        assert_work_grows_with_length(reader, piece)
    for piece in SHAPES[::7]:
        assert_work_grows_with_length(reader, piece, LONG)


def test_the_work_grows_with_the_length_of_every_listed_word():
    """Every entry of every list at some length; the costliest, and some of all kinds, at every length."""
    short, entries = 200, sorted(set(listed()))
    for entry in entries[::50]:  # each language's lists are loaded and kept
        classify(repeated(entry, short))
    found = sorted(((calls(classify, repeated(entry, short)), entry) for entry in entries), reverse=True)
    assert found[0][0] <= MOST_CALLS_EACH * short + SOME_MORE, found[0]
    for entry in {entry for _, entry in [*found[:15], *found[:: len(found) // 15]]}:
        assert_work_grows_with_length("the tiny tier", entry)
    for _, entry in found[:4]:
        assert_work_grows_with_length("the tiny tier", entry, LONG)


@READS
def test_the_work_grows_with_the_length_of_listed_words_for_every_reader(reader):
    for entry in sorted(set(listed()))[::1500]:
        assert_work_grows_with_length(reader, entry)


# --- Unicode's own work -----------------------------------------------------------------------------------------

MARKS = st.text(st.characters(categories=["Mn", "Mc", "Me"]), max_size=80)
FORMS = st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])


@given(st.lists(MARKS | st.text(max_size=3), max_size=4).map("".join), FORMS)
@example("a" + "\u0316\u0301" * 40, "NFC")
@example("\u0f73" * 40, "NFD")
@example("a\u0323" + "\u0307\u0344\u0f81" * 40 + "b", "NFKC")
def test_a_normal_form_is_the_one_of_unicode(text, form):
    assert folding.normalized(form, text) == unicodedata.normalize(form, text)


@pytest.mark.parametrize("marks", ["\u0316\u0301", "\u0301\u0316", "\u0f73", "\u0344\u0323", "\u0f73\u0344"])
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_marks_are_in_order_before_they_are_sorted_one_by_one(marks, form, monkeypatch):
    """What the standard library is given needs no sorting, but for a few: its sort grows with the square of a run."""
    given_ = []

    def noted(form: str, text: str) -> str:
        given_.append(text)
        return real(form, text)

    real = unicodedata.normalize
    monkeypatch.setattr(unicodedata, "normalize", noted)
    folding.normalized(form, "a" + marks * 2_000 + "b" + marks * 2_000)
    classes = [[unicodedata.combining(part) for part in real("NFD", text)] for text in given_]
    disorder = max(sum(one > other > 0 for one, other in pairwise(each)) for each in classes)
    assert disorder <= 2


def test_no_other_code_normalises():
    """`folding.normalized` is the one that bounds its work."""
    used = {
        str(file.relative_to(ROOT))
        for folder in ("chalicelib", "infra")
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "normalize"
    }
    assert used == {str(Path("chalicelib") / "domain" / "folding.py")}


@given(st.text(alphabet="&amplgt;<>x ", max_size=60))
@example("&" + "amp;" * 500 + "lt;")
def test_escapes_are_undone_as_often_as_it_goes_in_one_pass(text):
    plain = text
    while (again := text_of_x.unescaped(plain)) != plain:
        plain = again
    assert text_of_x._without_escapes(text) == plain
