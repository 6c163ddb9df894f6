"""
WordPiece as BERT's uncased vocabulary wants it: whole words where it has them, else their longest known pieces.

Pieces keep their place in the prepared text, so that what the network found
can be shown as the words that a person wrote. The algorithm is that of Wu et
al. (2016) and Devlin et al. (2018).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from chalicelib.domain.folding import normalized

MOST_PIECES: Final = 80  # with the two marks; the network has seen no more
_TAIL_PIECES: Final = 26  # of a longer text: complaints state their matter first and their demand last
_LONGEST_WORD: Final = 100
_Span = tuple[int, int]
_Piece = tuple[int, _Span]
_PART: Final = re.compile(r"[^\W_]+|[^\w\s]|_")


class Pieces(NamedTuple):
    """Ids for the network, and the span of `text` that each stands for; the marks at both ends have none."""

    text: str
    ids: tuple[int, ...]
    spans: tuple[tuple[int, int] | None, ...]


class WordPiece:
    """Built once for each process; `pieces` changes nothing."""

    def __init__(self, words: Sequence[str]) -> None:
        self._ids: Mapping[str, int] = {word: number for number, word in enumerate(words)}
        self._unknown, self._begin, self._end = (self._ids[mark] for mark in ("[UNK]", "[CLS]", "[SEP]"))

    def pieces(self, text: str) -> Pieces:
        """At most `MOST_PIECES`; of a longer text the head and the tail."""
        most = MOST_PIECES - 2
        words = [match.span() for match in _PART.finditer(text)]
        found = self._first(text, words, most)
        if len(found) > most:
            found = [*found[: most - _TAIL_PIECES], *self._last(text, words)]
        ids = (self._begin, *(number for number, _ in found), self._end)
        return Pieces(text, ids, (None, *(span for _, span in found), None))

    def _first(self, text: str, words: Sequence[_Span], most: int) -> list[_Piece]:
        """The pieces of the first words, until there are more than `most`."""
        found: list[_Piece] = []
        for start, end in words:
            found += self._of_word(text[start:end], start, end)
            if len(found) > most:
                break
        return found

    def _last(self, text: str, words: Sequence[_Span]) -> list[_Piece]:
        found: list[_Piece] = []
        for start, end in reversed(words):
            found = [*self._of_word(text[start:end], start, end), *found]
            if len(found) >= _TAIL_PIECES:
                break
        return found[-_TAIL_PIECES:]

    def _of_word(self, word: str, start: int, end: int) -> list[_Piece]:
        folded = _fold(word)
        if len(folded) > _LONGEST_WORD:
            return [(self._unknown, (start, end))]
        ids = self._split(folded)
        # Folding may change lengths, so all pieces of a word share its span.
        return [(number, (start, end)) for number in ids]

    def _split(self, word: str) -> list[int]:
        ids: list[int] = []
        first = 0
        while first < len(word):
            for last in range(len(word), first, -1):
                number = self._ids.get(("##" if first else "") + word[first:last])
                if number is not None:
                    ids.append(number)
                    first = last
                    break
            else:
                return [self._unknown]
        return ids


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    decomposed = normalized("NFD", word.lower())
    return "".join(char for char in decomposed if unicodedata.category(char) != "Mn")
