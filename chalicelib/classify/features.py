"""
What the linear model sees of a text: numbers of words, pairs of words, pieces of words, and the cues that rules found.

Every feature is hashed, so there is no vocabulary to ship. A word behind a
negation is another word. Pieces of words hold for stretched, misspelt and
compound ones, and for inflection.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple
from zlib import crc32

from chalicelib.domain.folding import normalized

WORD_BITS: Final = 17
CHAR_BITS: Final = 17
CARE_BITS: Final = 15  # of the columns that are learned from few rows: the same hash, folded
MOST_WORDS: Final = 400  # more of one text say nothing new

_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|[!?]+|[.,;:]|[@#]|…")
_STOPS: Final = frozenset(".,;:!?…") | {"!!", "??", "but"}
_NEGATION_WORDS: Final = """
    not no never without hardly barely cannot cant nothing nobody neither nor dont doesnt didnt isnt wasnt arent werent
    couldnt wont wouldnt shouldnt hasnt havent hadnt aint nicht kein keine pas jamais rien sin nunca jamas nao sem non
    mai senza niet geen
"""
_NEGATIONS: Final = frozenset(_NEGATION_WORDS.split())
_REACH: Final = 4  # words behind a negation
_SHORTEST, _LONGEST = 2, 5
_REMEMBERED: Final = 8_000  # words, of which the longest take 10 KB: strangers choose them
_LONGEST_WORD: Final = 24  # beyond it there is no word but an id or a smashed keyboard


class SeenWords(NamedTuple):
    """
    Hashes by block, each once.

    `by_word` has every word in the order of the text, with its own part of
    either block: that tells which words decided.
    """

    words: frozenset[int]
    chars: frozenset[int]
    by_word: tuple[tuple[str, tuple[int, ...], frozenset[int]], ...]


def see(prepared: str, marks: Iterable[str]) -> SeenWords:
    """The features of a text that `plain.prepare` made. `marks` are what rules found, told as names."""
    by_word = tuple(_each(_words(prepared)))
    words = {hashed for _, found, _ in by_word for hashed in found}
    words.update(_hash(f"={mark}", WORD_BITS) for mark in marks)
    return SeenWords(frozenset(words), frozenset().union(*(found for _, _, found in by_word)), by_word)


def _words(prepared: str) -> list[str]:
    return [match[0] for match in _WORD.finditer(prepared)][:MOST_WORDS]


def _each(words: Sequence[str]) -> Iterator[tuple[str, tuple[int, ...], frozenset[int]]]:
    before, negated = "^", 0
    for word in words:
        folded = fold(word)
        is_word = folded[0].isalnum()
        mark = "!" if negated and is_word else ""
        own = (_hash(f"{mark}{folded}", WORD_BITS), _hash(f"{before} {folded}", WORD_BITS))
        yield word, own, chars(folded) if is_word else frozenset()
        before = folded
        if folded in _STOPS:
            negated = 0
        elif folded.replace("'", "") in _NEGATIONS or folded.endswith("n't"):
            negated = _REACH
        elif is_word:
            negated = max(0, negated - 1)


@lru_cache(maxsize=_REMEMBERED)
def chars(folded: str) -> frozenset[int]:
    """Hashes of the pieces of a word; its ends count as letters."""
    whole = f" {folded[:_LONGEST_WORD]} "
    return frozenset(
        _hash(whole[first : first + size], CHAR_BITS)
        for size in range(_SHORTEST, _LONGEST + 1)
        for first in range(len(whole) - size + 1)
    )


@lru_cache(maxsize=_REMEMBERED)
def fold(word: str) -> str:
    """One spelling for every case, accent, apostrophe and figure: what a number is says less than that it is one."""
    word = word.replace("\u2019", "'").lower()
    if not word.isascii():
        word = "".join(char for char in normalized("NFKD", word) if not unicodedata.combining(char))
    return "0" * len(word) if word.isdecimal() else word


def _hash(text: str, bits: int) -> int:
    return crc32(text.encode()) & ((1 << bits) - 1)
