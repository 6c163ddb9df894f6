"""
The tiny tier learns what the encoder says of a hundred thousand texts, and what people say of those that have labels.

A softmax regression over hashed features (`chalicelib/classify/features.py`).
Soft labels of the better model carry more than hard ones: which texts are
close calls, and towards what.
"""

import json
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import optimize, sparse

from chalicelib.classify import features, look, rules
from chalicelib.classify.features import CARE_BITS, CHAR_BITS, WORD_BITS
from chalicelib.classify.linear import WIDE
from chalicelib.classify.normalise import prepare
from chalicelib.domain.canonical import canonical
from train import corpus
from train.corpus import HEADS, Example

if TYPE_CHECKING:  # the tiny tier alone can be trained without torch
    from train.network import Encoder

Floats = np.ndarray[Any, Any]

SHIPPED: Final = ("sentiment", "intent", "urgency", "needs_reply", "complaint", "noise")
SOFTENED: Final = 1.3  # the temperature of what the encoder says
HARD: Final = 0.6  # how much a label by people counts against the encoder's
STRENGTH: Final = {WIDE: 8.0}  # inverse of the penalty on large weights
CARE_STRENGTH: Final = 6.0
# 1: every class counts the same; 0: as often as it comes.
BALANCED: Final = {"sentiment": 0.8, "intent": 0.5, "urgency": 0.6, "noise": 0.6, "complaint": 0.3}
ROUNDS: Final = 80


@dataclass(frozen=True, slots=True)
class Table:
    """Features of texts, and what each should be told: a distribution for each head, or nothing (weight 0)."""

    wide: sparse.csr_matrix
    narrow: sparse.csr_matrix
    targets: Mapping[str, Floats]
    weights: Mapping[str, Floats]


def vectors(texts: Sequence[str]) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """The features of `texts`, at full length and folded for the heads of care; each block has the length 1."""
    blocks: tuple[list[int], list[int]] = ([], [])
    ends: tuple[list[int], list[int]] = ([0], [0])
    for text in texts:
        seen = features.see(prepare(canonical(text)), marks(text))
        for block, end, hashes in zip(blocks, ends, (seen.words, seen.chars), strict=True):
            block.extend(hashes)
            end.append(len(block))
    sizes = (1 << WORD_BITS, 1 << CHAR_BITS)
    wide = [_matrix(block, end, size) for block, end, size in zip(blocks, ends, sizes, strict=True)]
    folded = [[number & ((1 << CARE_BITS) - 1) for number in found] for found in blocks]
    narrow = [_matrix(found, end, 1 << CARE_BITS) for found, end in zip(folded, ends, strict=True)]
    return sparse.hstack(wide).tocsr(), sparse.hstack(narrow).tocsr()


def marks(text: str) -> list[str]:
    """What the rules find, as serving tells the model."""
    seen = look(text, lang_hint=None, private=False, rating=None, addressed=False)
    return rules.marks(seen.reading, seen.rules) if seen else []


def _matrix(found: list[int], ends: list[int], width: int) -> sparse.csr_matrix:
    lengths = np.diff(ends)
    values = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths).astype(np.float32)
    return sparse.csr_matrix((values, found, ends), (len(lengths), width))  # the same number twice adds up


def table(examples: Sequence[Example], teacher: Mapping[str, Floats] | None) -> Table:
    """`teacher` has the encoder's distribution for each head, a row for each example; all 0 where it was not asked."""
    wide, narrow = vectors([one.text for one in examples])
    targets, weights = {}, {}
    for head in SHIPPED:
        target = np.zeros((len(examples), len(HEADS[head])))
        if teacher is not None:
            target += teacher[head]
        for at, one in enumerate(examples):
            if head in one.labels:
                share = HARD if target[at].any() else 1.0
                target[at] *= 1 - share
                target[at, one.labels[head]] += share
        weights[head] = target.sum(1) * (target @ _class_weights(target, BALANCED.get(head, 0.0)))
        targets[head] = target
    return Table(wide, narrow, targets, weights)


def _class_weights(target: Floats, power: float) -> Floats:
    mass = target.sum(0) + 1
    found: Floats = (mass.mean() / mass) ** power
    return found


def fit(known: Table, head: str, rounds: int = ROUNDS) -> tuple[Floats, Floats]:
    """Weights, a column for each class, and biases."""
    rows = known.weights[head] > 0
    x = (known.wide if head == WIDE else known.narrow)[rows]
    target, weight = known.targets[head][rows], known.weights[head][rows]
    shape = (x.shape[1], target.shape[1])
    penalty = 1 / STRENGTH.get(head, CARE_STRENGTH)
    turned = x.T.tocsr()

    def loss(flat: Floats) -> tuple[float, Floats]:
        own, bias = flat[: -shape[1]].reshape(shape), flat[-shape[1] :]
        scores = x @ own + bias
        scores -= scores.max(1, keepdims=True)
        log_sum = np.log(np.exp(scores).sum(1, keepdims=True))
        chance = np.exp(scores - log_sum)
        value = -(weight[:, None] * target * (scores - log_sum)).sum() + penalty / 2 * (own**2).sum()
        slope = weight[:, None] * (chance - target)
        return value, np.concatenate([(turned @ slope + penalty * own).ravel(), slope.sum(0)])

    start = np.zeros(shape[0] * shape[1] + shape[1])
    best = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": rounds})
    return best.x[: -shape[1]].reshape(shape), best.x[-shape[1] :]


def taught(model: "Encoder", texts: Sequence[str], folder: Path) -> dict[str, Floats]:
    """What the encoder says of each text."""
    import torch

    from train import encoder

    rows = encoder.read([Example(text) for text in texts], encoder.words(folder))
    found = encoder.logits(model, rows)
    return {head: torch.softmax(found[head] / SOFTENED, 1).numpy() for head in SHIPPED}


def train(
    model: "Encoder", folder: Path, data: Path, *, leave_out: Sequence[str] = (), say: Callable[[str], None] = print
) -> dict[str, tuple[Floats, Floats]]:
    """Weights and biases for each head."""
    english = _each_once([*corpus.training(data, leave_out), *map(Example, corpus.unlabelled(data))])
    foreign = corpus.languages(data)
    say(f"asking the encoder about {len(english)} texts ...")
    teacher = taught(model, [one.text for one in english], folder)
    empty = {head: np.zeros((len(foreign), len(HEADS[head]))) for head in SHIPPED}
    say("reading features ...")
    known = table([*english, *foreign], {head: np.concatenate([teacher[head], empty[head]]) for head in SHIPPED})
    fitted = {}
    for head in SHIPPED:
        say(f"fitting {head} ...")
        fitted[head] = fit(known, head)
    return fitted


def _each_once(examples: Sequence[Example]) -> list[Example]:
    """A text that several sets have, with the labels of all."""
    found: dict[str, Example] = {}
    for one in examples:
        known = found.get(one.text)
        found[one.text] = Example(one.text, {**known.labels, **one.labels}, known.source) if known else one
    return list(found.values())


def save(fitted: Mapping[str, tuple[Floats, Floats]], file: Path, about: Mapping[str, Any]) -> None:
    """The file that `chalicelib.classify.linear` reads: a line of JSON, then whole numbers of 8 bits."""
    columns, body = {}, []
    for head, (weights, biases) in fitted.items():
        scales = np.maximum(np.abs(weights).max(0), 1e-9) / 127
        whole = np.round(weights / scales).astype(np.int8)
        columns[head] = [[round(float(s), 9), round(float(b), 6)] for s, b in zip(scales, biases, strict=True)]
        body += [array("b", column.tobytes()).tobytes() for column in whole.T]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(json.dumps({**about, "columns": columns}).encode() + b"\n" + b"".join(body))
