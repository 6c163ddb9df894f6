"""
The tiny tier: weighted sums over hashed features, in the standard library.

Its weights are whole numbers of 8 bits. `python -m train linear` makes the
file; docs/model-card.md says from what, and how good it is.
"""

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Any, Final

from chalicelib.classify.features import CARE_BITS, CHAR_BITS, WORD_BITS, Seen

FILE: Final = Path(__file__).parent / "weights" / "linear.bin"
WIDE: Final = "sentiment"  # the head with enough rows for columns of full length
_CARE: Final = (1 << CARE_BITS) - 1

Logits = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class _Column:
    """The weights of one class."""

    words: "array[int]"
    chars: "array[int]"
    scale: float
    bias: float


class Linear:
    """Loaded once for each process; its methods change nothing."""

    def __init__(self, raw: bytes) -> None:
        head, _, body = raw.partition(b"\n")
        self.about: Mapping[str, Any] = json.loads(head)
        self._heads: dict[str, tuple[_Column, ...]] = {}
        at = 0
        for name, columns in self.about["columns"].items():
            sizes = (1 << WORD_BITS, 1 << CHAR_BITS) if name == WIDE else (_CARE + 1, _CARE + 1)
            found = []
            for scale, bias in columns:
                words, chars = (array("b", body[first : first + size]) for first, size in _places(at, sizes))
                found.append(_Column(words, chars, scale, bias))
                at += sum(sizes)
            self._heads[name] = tuple(found)

    def logits(self, seen: Seen) -> Logits:
        """For each head a number for each class; their softmax is the probability."""
        wide, narrow = (list(seen.words), list(seen.chars)), _folded(seen.words, seen.chars)
        by_word, by_char = _worth(wide[0]), _worth(wide[1])
        found = {}
        for name, columns in self._heads.items():
            words, chars = wide if name == WIDE else narrow
            found[name] = tuple(
                column.bias
                + column.scale
                * (
                    by_word * sum(map(column.words.__getitem__, words))
                    + by_char * sum(map(column.chars.__getitem__, chars))
                )
                for column in columns
            )
        return found

    def shares(self, seen: Seen, head: str, value: int) -> list[tuple[float, str]]:
        """What each word adds to a class against the mean of all, in the order of the text."""
        by_word, by_char = _worth(seen.words), _worth(seen.chars)
        columns = self._heads[head]
        found = []
        for word, own_words, own_chars in seen.by_word:
            words, chars = (own_words, own_chars) if head == WIDE else _folded(own_words, own_chars)
            each = [
                column.scale
                * (
                    by_word * sum(map(column.words.__getitem__, words))
                    + by_char * sum(map(column.chars.__getitem__, chars))
                )
                for column in columns
            ]
            found.append((each[value] - sum(each) / len(each), word))
        return found


def _places(first: int, sizes: Sequence[int]) -> Iterable[tuple[int, int]]:
    for size in sizes:
        yield first, size
        first += size


def _folded(words: Iterable[int], chars: Iterable[int]) -> tuple[list[int], list[int]]:
    return [number & _CARE for number in words], [number & _CARE for number in chars]


def _worth(features: Sequence[int] | frozenset[int]) -> float:
    """The length of a text must not decide: its features together have the length 1."""
    return 1 / sqrt(len(features)) if features else 0.0


@cache
def model() -> Linear | None:
    """The one that ships; None in a checkout that has none yet: then rules alone judge."""
    return Linear(FILE.read_bytes()) if FILE.is_file() else None
