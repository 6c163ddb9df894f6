"""
The one form in which a stranger's text is read: by both tiers, by word lists, and by what finds incidents.

What cannot be seen is gone, whatever hides a word from a reader of lists is undone (letters that look alike, letters
in a circle, stacked marks, written entities), and what is quoted is what stands in the text.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple

from chalicelib.domain.folding import is_combining_mark, normalized
from chalicelib.domain.visible import BLANKS, MOST_MARKS

_LAST_LATIN: Final = "\u02af"
_LATIN_BLOCKS: Final = (("\u1e00", "\u1eff"), ("\u1d00", "\u1dbf"), ("\u2c60", "\u2c7f"), ("\ua720", "\ua7ff"))
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co"})
# Marks that are drawn by nobody: Default_Ignorable_Code_Point in DerivedCoreProperties.txt of Unicode 15.
_IGNORED_MARKS: Final = frozenset("\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f")
_SELECTORS: Final = (("\ufe00", "\ufe0f"), ("\U000e0100", "\U000e01ef"))
_FEW_WORDS: Final = 2  # in Latin letters beside words that could be
_DRESSED: Final = frozenset({"<circle>", "<square>"})

_READ_AS_IT_IS: Final = re.compile(r"[\t\n\r -%'-~]*")
_PIECE: Final = re.compile(
    r"(?P<plain>[\t\n\r -%'-~]+)|(?P<entity>&(?:[a-zA-Z]{2,8}|\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6});)|(?P<other>.)",
    re.DOTALL,
)
_WORD: Final = re.compile(r"[^\W\d_]+")


class Canonical(NamedTuple):
    """
    `text` in canonical form, made from `original`.

    `begins` and `ends` say for each character where in the original it comes
    from; both are empty where the two texts are the same.
    """

    text: str
    original: str
    begins: Sequence[int] = ()
    ends: Sequence[int] = ()

    def quote(self, first: int, last: int) -> str:
        """The part of the original that reads as `text[first:last]`."""
        return self.original[self.begins[first] : self.ends[last - 1]] if self.ends else self.text[first:last]


def canonical(text: str) -> Canonical:
    """Never raises on any string. The form of an original stays as it is."""
    if _READ_AS_IT_IS.fullmatch(text):
        return Canonical(text, text)
    chars: list[str] = []
    begins: list[int] = []
    ends: list[int] = []
    for piece, begin, end in _seen(text):
        chars.append(piece)
        begins += range(begin, end) if len(piece) == end - begin else [begin] * len(piece)
        ends += range(begin + 1, end + 1) if len(piece) == end - begin else [end] * len(piece)
    return Canonical(_unmasked("".join(chars)), text, begins, ends)


def _is_unseen(char: str) -> bool:
    """Nobody sees it, or sees nothing but what it does to its neighbours; white space is seen."""
    if char.isspace():
        return False
    return unicodedata.category(char) in _UNSEEN or char in BLANKS or char in _IGNORED_MARKS or _is_in(char, _SELECTORS)


def is_latin(letter: str) -> bool:
    return letter <= _LAST_LATIN or _is_in(letter, _LATIN_BLOCKS)


def _is_in(char: str, ranges: Sequence[tuple[str, str]]) -> bool:
    return any(first <= char <= last for first, last in ranges)


# --- one character after the other ------------------------------------------------------------------------------


def _seen(text: str) -> Iterator[tuple[str, int, int]]:
    """What is seen of a text, piece by piece, each with the place in the text that it comes from."""
    before, marks = "", 0
    for match in _PIECE.finditer(text):
        if match.lastgroup == "plain":
            before, marks = match[0][-1], 0
            yield match[0], match.start(), match.end()
            continue
        for char in html.unescape(match[0]) if match.lastgroup == "entity" else match[0]:
            plain = _plain(char)
            if plain is None:
                marks += 1
                if marks <= MOST_MARKS and not is_latin(before) and not _is_unseen(char):
                    yield char, match.start(), match.end()
            elif plain:
                before, marks = plain[-1], 0
                yield plain, match.start(), match.end()


@lru_cache(maxsize=4_096)
def _plain(char: str) -> str | None:
    """What is read for it; empty for what nobody sees, None for a mark."""
    if is_combining_mark(char):
        return None
    if char.isascii() and char.isprintable():
        return char
    if char.isspace():
        return char if char in "\t\n\r" else " "
    if _is_unseen(char):
        return ""
    kind = unicodedata.decomposition(char).partition(" ")[0]
    if kind.startswith("<") and (char.isalnum() or kind in _DRESSED):
        plain = normalized("NFKC", char)
        # A Greek letter for a Greek sign says nothing more.
        return plain if plain.isalnum() and (kind != "<compat>" or plain.isascii()) else char
    return char


# --- letters that look like others ------------------------------------------------------------------------------


def _unmasked(text: str) -> str:
    """
    Letters that only look Latin are taken for what they look like, where that is what they are there for.

    Odd Latin letters always; letters of another script in a word that has Latin ones, or in a text that is Latin but
    for words of nothing but such letters.
    """
    words = [match.span() for match in _WORD.finditer(text) if not match[0].isascii()]
    if not words:
        return text
    from chalicelib.domain.lookalikes import LOOKALIKES  # most texts need none of it

    foreign = [word for word in (text[first:last] for first, last in words) if not any(map(is_latin, word))]
    masks = all(letter in LOOKALIKES for letter in chain.from_iterable(foreign))
    masks = masks and len(foreign) + _FEW_WORDS <= sum(1 for _ in _WORD.finditer(text))
    parts, at = [], 0
    for first, last in words:
        parts += [text[at:first], _unmasked_word(text[first:last], LOOKALIKES, masks=masks)]
        at = last
    return "".join([*parts, text[at:]])


def _unmasked_word(word: str, lookalikes: Mapping[str, str], *, masks: bool) -> str:
    others = [letter for letter in word if not is_latin(letter)]
    is_masked = all(letter in lookalikes for letter in others) and (masks or len(others) < len(word))
    return "".join(lookalikes.get(letter, letter) if is_masked or is_latin(letter) else letter for letter in word)
