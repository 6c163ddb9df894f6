"""
The tiny tier: weighted sums over hashed features, in the standard library.

Its weights are whole numbers of 8 bits. `python -m train linear` makes the
file; docs/model-card.md says from what, and how good it is.

Python adds large numbers as fast as small ones: the weights of a feature for
all classes lie side by side in one, so a text is two sums, whatever it is
asked.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import accumulate
from math import sqrt
from pathlib import Path
from typing import Any, Final

from chalicelib.classify.features import CARE_BITS, CHAR_BITS, WORD_BITS, SeenWords

FILE: Final = Path(__file__).parent / "weights" / "linear.bin"
WIDE: Final = "sentiment"  # the head with enough rows for columns of full length
_CARE: Final = (1 << CARE_BITS) - 1
_LANE: Final = 4  # bytes for the sum of one class: room for millions of features
_ZERO: Final = 128  # added to each weight, so that none is below 0 and lanes do not touch each other

Logits = Mapping[str, tuple[float, ...]]


class Linear:
    """Loaded once for each process. What its methods answer never changes; features that were met are kept packed."""

    def __init__(self, raw: bytes) -> None:
        head, _, body = raw.partition(b"\n")
        self.about: Mapping[str, Any] = json.loads(head)
        self._scales = {name: tuple(map(tuple, columns)) for name, columns in self.about["columns"].items()}
        ends = accumulate(len(columns) for columns in self._scales.values())
        self._first = dict(zip(self._scales, [0, *ends], strict=False))
        self._words, self._chars = _blocks(self._scales, body)

    def logits(self, seen: SeenWords) -> Logits:
        """For each head a number for each class; their softmax is the probability."""
        words, chars = self._words.sums(seen.words), self._chars.sums(seen.chars)
        by_word, by_char = _worth(seen.words), _worth(seen.chars)
        sums = [by_word * word + by_char * char for word, char in zip(words, chars, strict=True)]
        found, at = {}, 0
        for name, columns in self._scales.items():
            own = sums[at : at + len(columns)]
            found[name] = tuple(scale * value + bias for value, (scale, bias) in zip(own, columns, strict=True))
            at += len(columns)
        return found

    def shares(self, seen: SeenWords, head: str, value: int) -> list[tuple[float, str]]:
        """What each word adds to a class against the mean of all, in the order of the text."""
        by_word, by_char = _worth(seen.words), _worth(seen.chars)
        first = self._first[head]
        scales = [scale for scale, _ in self._scales[head]]
        found = []
        for word, own_words, own_chars in seen.by_word:
            words, chars = self._words.sums(own_words), self._chars.sums(own_chars)
            each = [
                scale * (by_word * words[first + at] + by_char * chars[first + at]) for at, scale in enumerate(scales)
            ]
            found.append((each[value] - sum(each) / len(each), word))
        return found


class _Block:
    """The weights of words, or of pieces of words: a column of bytes for each class."""

    def __init__(self, columns: Sequence[bytes]) -> None:
        self._columns = columns
        self._packed: dict[int, int] = {}

    def sums(self, features: Collection[int]) -> list[int]:
        """For each class the sum of the weights of `features`."""
        packed = self._packed
        for feature in features:
            if feature not in packed:
                packed[feature] = self._pack(feature)
        total = sum(map(packed.__getitem__, features))
        raw = total.to_bytes(_LANE * len(self._columns), "little")
        zero = _ZERO * len(features)
        return [number - zero for number in memoryview(raw).cast("I")]

    def _pack(self, feature: int) -> int:
        """Weights of a short column are found by the same hash, folded."""
        weights = (column[feature & (len(column) - 1)] for column in self._columns)
        return int.from_bytes(b"".join(bytes(((weight + _ZERO) & 0xFF, 0, 0, 0)) for weight in weights), "little")


def _blocks(scales: Mapping[str, Sequence[Any]], body: bytes) -> tuple[_Block, _Block]:
    """In the file the columns of each head follow each other, that of words before that of pieces."""
    words, chars, at = [], [], 0
    for name, columns in scales.items():
        sizes = (1 << WORD_BITS, 1 << CHAR_BITS) if name == WIDE else (_CARE + 1, _CARE + 1)
        for _ in columns:
            words.append(body[at : at + sizes[0]])
            chars.append(body[at + sizes[0] : at + sum(sizes)])
            at += sum(sizes)
    return _Block(words), _Block(chars)


def _worth(features: Collection[int]) -> float:
    """The length of a text must not decide: its features together have the length 1."""
    return 1 / sqrt(len(features)) if features else 0.0


@cache
def model() -> Linear | None:
    """The one that ships; None in a checkout that has none yet: then rules alone judge."""
    return Linear(FILE.read_bytes()) if FILE.is_file() else None
