"""
How sure a model may be of itself: one temperature for each head.

Fitted on validation texts, which no model has learned from and no test holds.
"""

from collections.abc import Mapping, Sequence
from math import log
from pathlib import Path
from typing import Final

from chalicelib.classify import decide, encoder, linear, look
from train import corpus
from train.corpus import HEADS, Example

HELD_OUT: Final = Path(__file__).parent.parent / "tests" / "classify" / "held_out.csv"
TEMPERATURES: Final = tuple(round(0.5 + 0.05 * step, 2) for step in range(51))

Logits = Mapping[str, Sequence[float]]


def texts(data: Path) -> list[Example]:
    """Tweets and texts of care, as validation has them, and the invented ones that were held back."""
    held = [Example(row["text"], corpus.care(row), "held out") for row in corpus.rows(HELD_OUT)]
    return [one for found in corpus.validation(data).values() for one in found] + held


def of_linear(file: Path, data: Path) -> dict[str, float]:
    """For the tiny tier."""
    model = linear.Linear(file.read_bytes())
    linear.model.cache_clear()
    known = []
    for one in texts(data):
        seen = look(one.text, lang_hint="en", private=False, rating=None, addressed=False)
        if seen and seen.features:
            known.append((one, model.logits(seen.features)))
    return fitted(known)


def of_encoder(folder: Path, data: Path) -> dict[str, float]:
    """For the better tier, with what it takes of the tiny one."""
    model = encoder.load(folder)
    if model is None:
        raise ValueError(f"there is no encoder in {folder}")
    examples = texts(data)
    found = model.logits([encoder.Text(text=one.text, lang_hint="en", addressed=False) for one in examples])
    return fitted([(one, logits) for one, logits in zip(examples, found, strict=True) if logits])


def fitted(known: Sequence[tuple[Example, Logits]]) -> dict[str, float]:
    """The temperature at which the right answers were least surprising."""
    best = {}
    for head in HEADS:
        rows = [(logits[head], one.labels[head]) for one, logits in known if head in one.labels and head in logits]
        if rows:
            best[head] = min(TEMPERATURES, key=lambda t, rows=rows: _surprise(rows, t))  # type: ignore[misc]
    return best


def _surprise(rows: Sequence[tuple[Sequence[float], int]], temperature: float) -> float:
    return -sum(log(max(decide.softmax([v / temperature for v in values])[at], 1e-9)) for values, at in rows)
