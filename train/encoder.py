"""
Fine-tune the encoder on all heads at once.

A batch holds texts of similar length, so that little is computed for nothing.
A row counts for the heads that it has labels for. The weights that are kept
are a running mean of the last ones, which generalises better than any single
state; the epoch that is best on validation is kept.
"""

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from bench import scores
from chalicelib.classify.encoder.wordpiece import MOST_PIECES, WordPiece
from chalicelib.classify.normalise import prepare
from chalicelib.domain.canonical import canonical
from train import corpus
from train.corpus import HEADS, Example
from train.network import Encoder, pretrained

BATCH: Final = 32
RATE: Final = 8e-5
DECAY: Final = 0.01
WARM_UP: Final = 0.06
SMOOTHING: Final = 0.05
CLIP: Final = 1.0
WORTH: Final = {"irony": 0.5, "noise": 0.5, "complaint": 0.7}  # how much a head's loss counts; others 1
# Rare classes of care count more, by the root of how rare they are; sentiment keeps the prior of its data.
BALANCED: Final = ("intent", "urgency")
MEAN_EVERY, MEAN_KEEPS = 10, 0.99
NOTHING: Final = -100  # the class of what is not known, which torch passes over


@dataclass(frozen=True, slots=True)
class Row:
    ids: tuple[int, ...]
    labels: dict[str, int]


def words(folder: Path) -> WordPiece:
    """The vocabulary that the weights in `folder` were made with."""
    return WordPiece((folder / "vocab.txt").read_text(encoding="utf-8").splitlines())


def read(examples: Sequence[Example], pieces: WordPiece) -> list[Row]:
    """Prepared as serving does it."""
    return [Row(pieces.pieces(prepare(canonical(one.text))).ids, dict(one.labels)) for one in examples]


def train(
    model_folder: Path,
    data: Path,
    out: Path,
    *,
    epochs: int = 3,
    seed: int = 0,
    most_rows: int | None = None,
    leave_out: Sequence[str] = (),
    say: Callable[[str], None] = print,
) -> Encoder:
    """Returns the best state, and leaves it in `out` after each epoch that was the best so far."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    pieces = words(model_folder)
    rows = read(corpus.training(data, leave_out), pieces)
    rng.shuffle(rows)
    rows = rows[:most_rows]
    held = {name: read(found, pieces) for name, found in corpus.validation(data).items()}
    model = pretrained(model_folder, MOST_PIECES)
    run = _Run(model, rows, epochs, rng, say)
    best = -1.0
    out.mkdir(parents=True, exist_ok=True)
    for epoch in range(epochs):
        run.epoch(epoch)
        measured = {name: evaluate(run.mean, found) for name, found in held.items()}
        worth = measured["tweets"]["sentiment"]["macro_recall"] + scores.mean_f1(measured["care"])
        say(f"epoch {epoch + 1}: {json.dumps(measured)} worth {worth:.2f}")
        if worth > best:
            best = worth
            torch.save(run.mean.state_dict(), out / "encoder.pt")
    run.mean.load_state_dict(torch.load(out / "encoder.pt"))
    return run.mean


class _Run:
    def __init__(
        self, model: Encoder, rows: list[Row], epochs: int, rng: random.Random, say: Callable[[str], None]
    ) -> None:
        self._model, self._rows, self._rng, self._say = model, rows, rng, say
        self.mean = Encoder(model.words.num_embeddings, model.positions.num_embeddings)
        self.mean.load_state_dict(model.state_dict())
        self._steps = epochs * -(-len(rows) // BATCH)
        self._optimizer = torch.optim.AdamW(_groups(model), lr=RATE, weight_decay=DECAY, fused=True)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, self._rate)
        self._weights = {head: _weights(rows, head) for head in BALANCED}
        self._done = 0

    def _rate(self, step: int) -> float:
        warm = max(1, int(WARM_UP * self._steps))
        return min(step / warm, max(0.0, (self._steps - step) / (self._steps - warm)))

    def epoch(self, number: int) -> None:
        self._model.train()
        began, losses = time.monotonic(), []
        for batch in batches(self._rows, self._rng):
            losses.append(self._step(batch))
            if self._done % 200 == 0:
                left = (time.monotonic() - began) / len(losses)
                recent = sum(losses[-200:]) / len(losses[-200:])
                self._say(f"epoch {number + 1} step {self._done}/{self._steps} loss {recent:.3f} {left:.2f} s a step")

    def _step(self, batch: list[Row]) -> float:
        ids, real = filled(batch)
        loss = self._loss(self._model(ids, real), batch)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self._model.parameters(), CLIP)
        self._optimizer.step()
        self._schedule.step()
        self._done += 1
        if self._done % MEAN_EVERY == 0:
            self._average()
        return loss.item()

    def _loss(self, logits: dict[str, Tensor], batch: list[Row]) -> Tensor:
        total = torch.zeros(())
        for head, found in logits.items():
            wanted = torch.tensor([row.labels.get(head, NOTHING) for row in batch])
            share = (wanted != NOTHING).sum() / len(batch)
            if share > 0:
                weight = self._weights.get(head)
                loss = functional.cross_entropy(found, wanted, weight, label_smoothing=SMOOTHING)
                total = total + WORTH.get(head, 1.0) * share * loss
        return total

    @torch.no_grad()
    def _average(self) -> None:
        keeps = min(MEAN_KEEPS, 1 - 10 / (10 + self._done / MEAN_EVERY))
        for mean, now in zip(self.mean.parameters(), self._model.parameters(), strict=True):
            mean.lerp_(now, 1 - keeps)


def _groups(model: Encoder) -> list[dict[str, object]]:
    """Biases and norms do not decay."""
    plain = [one for one in model.parameters() if one.ndim < 2]
    return [{"params": [one for one in model.parameters() if one.ndim > 1]}, {"params": plain, "weight_decay": 0.0}]


def _weights(rows: Sequence[Row], head: str) -> Tensor:
    counts = torch.ones(len(HEADS[head]))
    for row in rows:
        if head in row.labels:
            counts[row.labels[head]] += 1
    weights = (counts.mean() / counts).sqrt().clamp(max=3.0)
    return weights / weights.mean()


def batches(rows: Sequence[Row], rng: random.Random) -> Iterator[list[Row]]:
    """Of similar lengths, in random order."""
    order = sorted(rows, key=lambda row: len(row.ids) + rng.uniform(-3, 3))
    found = [order[first : first + BATCH] for first in range(0, len(order), BATCH)]
    rng.shuffle(found)
    yield from found


def filled(batch: Sequence[Row]) -> tuple[Tensor, Tensor]:
    """Ids, filled up to the longest, and which of them are real."""
    longest = max(len(row.ids) for row in batch)
    ids = torch.tensor([[*row.ids, *[0] * (longest - len(row.ids))] for row in batch])
    real = torch.tensor([[1.0] * len(row.ids) + [0.0] * (longest - len(row.ids)) for row in batch])
    return ids, real


@torch.no_grad()
def logits(model: Encoder, rows: Sequence[Row]) -> dict[str, Tensor]:
    """Of every row, in their order."""
    model.eval()
    order = sorted(range(len(rows)), key=lambda at: len(rows[at].ids))
    found: dict[str, list[Tensor]] = {head: [] for head in HEADS}
    for first in range(0, len(order), 64):
        ids, real = filled([rows[at] for at in order[first : first + 64]])
        for head, value in model(ids, real).items():
            found[head].append(value)
    back = torch.empty(len(rows), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(rows))
    return {head: torch.cat(parts)[back] for head, parts in found.items()}


def evaluate(model: Encoder, rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """For each head that the rows have labels for."""
    found = logits(model, rows)
    measured = {}
    for head, values in found.items():
        known = [at for at, row in enumerate(rows) if head in row.labels]
        if known:
            wanted = [rows[at].labels[head] for at in known]
            measured[head] = scores.summary(wanted, values[known].argmax(1).tolist())
    return measured
