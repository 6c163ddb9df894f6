"""
The encoder in numpy: BERT's layers over small texts, for a Lambda that can hold neither torch nor its like.

Weights are whole numbers of 8 bits with a scale for each row. Those of the
layers are unfolded when they are loaded; those of the words when a text asks
for them, which saves half of the memory and most of the loading.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LAYERS: Final = 6
ATTENTION_HEADS: Final = 12
EPSILON: Final = 1e-12
_GELU: Final = float(np.sqrt(2 / np.pi))


@dataclass(frozen=True, slots=True)
class EncoderAnswer:
    """
    What one text came to. `logits` has an array for each head, in the order of its classes.

    `shares` says what each piece added to each class: their sum and the head's
    bias are the logits, exactly.
    """

    logits: Mapping[str, Floats]
    shares: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class _Layer:
    attention: Floats
    attention_bias: Floats
    mixed: Floats
    mixed_bias: Floats
    attention_norm: tuple[Floats, Floats]
    inner: Floats
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats
    outer_norm: tuple[Floats, Floats]


class Network:
    """Loaded once for each process; `answer` changes nothing."""

    def __init__(self, file: Path) -> None:
        with np.load(file, allow_pickle=False) as raw:
            kept = {name: raw[name] for name in raw.files}
        self._words, self._words_scale = kept["words.weight"], kept["words.weight.scale"]
        self._positions = _unfolded(kept, "positions.weight")
        self._norm = (kept["norm.weight"], kept["norm.bias"])
        self._layers = [_layer(kept, f"layers.{number}.") for number in range(LAYERS)]
        self._heads = {
            name: (_unfolded(kept, f"heads.{name}.weight"), kept[f"heads.{name}.bias"]) for name in _heads(kept)
        }

    def answer(self, texts: Sequence[Sequence[int]]) -> list[EncoderAnswer]:
        """One for each text of piece ids. All pieces go through a layer at once; attention keeps the texts apart."""
        bounds = np.cumsum([0, *(len(text) for text in texts)])
        x = self._embedded([piece for text in texts for piece in text], bounds)
        for layer in self._layers:
            x = _through(layer, x, bounds)
        return [self._judged(x[first:last]) for first, last in _pairs(bounds)]

    def _embedded(self, pieces: list[int], bounds: NDArray[Any]) -> Floats:
        ids = np.array(pieces)
        places = np.concatenate([np.arange(last - first) for first, last in _pairs(bounds)])
        words = self._words[ids] * self._words_scale[ids, None]
        return _normalised(words + self._positions[places], *self._norm)

    def _judged(self, x: Floats) -> EncoderAnswer:
        logits, shares = {}, {}
        for name, (weight, bias) in self._heads.items():
            shares[name] = x @ weight / np.float32(len(x))
            logits[name] = shares[name].sum(axis=0) + bias
        return EncoderAnswer(logits, shares)


def _through(layer: _Layer, x: Floats, bounds: NDArray[Any]) -> Floats:
    attended = _attended(x @ layer.attention + layer.attention_bias, bounds)
    x = _normalised(x + attended @ layer.mixed + layer.mixed_bias, *layer.attention_norm)
    inner = _gelu(x @ layer.inner + layer.inner_bias)
    return _normalised(x + inner @ layer.outer + layer.outer_bias, *layer.outer_norm)


def _attended(projected: Floats, bounds: NDArray[Any]) -> Floats:
    width = projected.shape[1] // 3
    mixed = np.empty((len(projected), width), dtype=np.float32)
    scale = np.float32(1 / np.sqrt(width // ATTENTION_HEADS))
    for first, last in _pairs(bounds):
        split = projected[first:last].reshape(last - first, 3, ATTENTION_HEADS, width // ATTENTION_HEADS)
        query, key, value = split.transpose(1, 2, 0, 3)
        weights = _softmax((query * scale) @ key.transpose(0, 2, 1))  # one matrix for each head
        mixed[first:last] = (weights @ value).transpose(1, 0, 2).reshape(last - first, width)
    return mixed


def _softmax(x: NDArray[Any]) -> NDArray[Any]:
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    x /= x.sum(axis=-1, keepdims=True)
    return x


def _gelu(x: Floats) -> Floats:
    """By the hyperbolic tangent, as it was trained: numpy has no error function."""
    inner = x * x
    inner *= np.float32(0.044715 * _GELU)
    inner += np.float32(_GELU)
    inner *= x
    np.tanh(inner, out=inner)
    inner += np.float32(1)
    inner *= x
    inner *= np.float32(0.5)
    return inner


def _normalised(x: Floats, weight: Floats, bias: Floats) -> Floats:
    x = x - x.mean(axis=-1, keepdims=True)
    x *= weight / np.sqrt((x * x).mean(axis=-1, keepdims=True) + EPSILON)
    x += bias
    return x


def _pairs(bounds: NDArray[Any]) -> Iterator[tuple[int, int]]:
    return zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)


# --- reading -------------------------------------------------------------------------------------------------------


def _layer(kept: Mapping[str, Any], prefix: str) -> _Layer:
    def weight(name: str) -> Floats:
        return _unfolded(kept, f"{prefix}{name}.weight")

    def bias(name: str) -> Floats:
        return np.asarray(kept[f"{prefix}{name}.bias"])

    def norm(name: str) -> tuple[Floats, Floats]:
        return kept[f"{prefix}{name}.weight"], bias(name)

    return _Layer(
        attention=weight("attention"),
        attention_bias=bias("attention"),
        mixed=weight("mixed"),
        mixed_bias=bias("mixed"),
        attention_norm=norm("attention_norm"),
        inner=weight("inner"),
        inner_bias=bias("inner"),
        outer=weight("outer"),
        outer_bias=bias("outer"),
        outer_norm=norm("outer_norm"),
    )


def _unfolded(kept: Mapping[str, Any], name: str) -> Floats:
    """As a plain array, its rows the inputs, so that `x @ weight` needs no turning; embeddings keep their rows."""
    rows = kept[name] * kept[f"{name}.scale"][:, None]
    return rows if name.startswith(("words", "positions")) else np.ascontiguousarray(rows.T)


def _heads(kept: Mapping[str, Any]) -> list[str]:
    return [name.split(".")[1] for name in kept if name.startswith("heads.") and name.endswith(".bias")]
