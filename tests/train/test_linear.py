"""A training of the tiny tier, small enough for every run: it learns, and what it writes is what is read."""

import numpy as np
import pytest

from bench.classify import HELD_OUT, read
from bench.scores import summary
from chalicelib.classify import features, linear
from chalicelib.classify.normalise import prepare
from chalicelib.domain.canonical import canonical
from train import corpus
from train import linear as trained

HELD = read(HELD_OUT)
TEXTS = [row["text"] for row in HELD]
ROUNDS = 25


@pytest.fixture(scope="module")
def fitted():
    known = trained.table(corpus.invented(), None)
    return {head: trained.fit(known, head, rounds=ROUNDS) for head in ("sentiment", "urgency", "noise")}


@pytest.fixture(scope="module")
def model(fitted, tmp_path_factory):
    file = tmp_path_factory.mktemp("weights") / "linear.bin"
    trained.save(fitted, file, {"engine": "smoke", "temperature": {}})
    return linear.Linear(file.read_bytes())


def seen(text):
    return features.see(prepare(canonical(text)), trained.marks(text))


@pytest.mark.parametrize(("head", "least"), [("sentiment", 60), ("urgency", 45), ("noise", 70)])
def test_it_learns_from_the_invented_texts_alone(model, head, least):
    found = [max(enumerate(model.logits(seen(text))[head]), key=lambda one: one[1])[0] for text in TEXTS]
    wanted = [corpus.HEADS[head].index(row[head]) for row in HELD]
    assert summary(wanted, found)["macro_recall"] >= least


def test_what_is_read_is_what_was_learned_but_for_the_rounding(model, fitted):
    wide, narrow = trained.vectors(TEXTS)
    for head, (weights, bias) in fitted.items():
        exact = (wide if head == linear.WIDE else narrow) @ weights + bias
        read_back = np.array([model.logits(seen(text))[head] for text in TEXTS])
        assert np.abs(exact - read_back).max() < 0.02 * np.abs(exact).max() + 0.05


def test_the_words_shares_add_up_to_what_the_words_decide(model):
    text = "that was the worst delivery of all"
    told = seen(text)
    shares = model.shares(told, "sentiment", 0)
    assert [word for _, word in shares] == text.split()
    logits = model.logits(told)["sentiment"]
    without = [bias for _, bias in model.about["columns"]["sentiment"]]
    own = [logit - bias for logit, bias in zip(logits, without, strict=True)]
    # Words and pieces of words that occur twice count once in the whole, and so do the marks of rules.
    assert abs(sum(share for share, _ in shares) - (own[0] - sum(own) / len(own))) < 1.0


def test_an_annotation_finds_its_text_whatever_the_spacing():
    assert corpus.key("Where is  my BAG?!") == corpus.key("where is my bag")


def test_annotations_are_legal_and_hold_no_text():
    rows = corpus.rows(corpus.HERE / "annotations.csv")
    assert len(rows) > 3000
    assert all(
        set(row) == {"key", "source", "sentiment", "intent", "urgency", "needs_reply", "complaint"} for row in rows
    )
    assert all(corpus.care(row) and len(row["key"]) == 16 for row in rows)
