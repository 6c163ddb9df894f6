"""
The words that each language module lists, as one index by first word.

A module holds `ENTRIES`: for each cue a text of entries separated by commas or
line ends. Within an entry `a|b` are alternatives, `...` skips up to four words,
`#` is any number, and `{not}` stands for the negations of that language.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType, ModuleType
from typing import Final, NamedTuple

from chalicelib.classify.cues import Cue
from chalicelib.classify.lexicon import dutch, emoji, english, french, german, italian, portuguese, spanish
from chalicelib.classify.tokens import fold

EVERY_LANGUAGE: Final = "mul"
GAP: Final[frozenset[str]] = frozenset()

_MODULES: Final[Mapping[str, ModuleType]] = {
    EVERY_LANGUAGE: emoji,
    "en": english,
    "de": german,
    "fr": french,
    "es": spanish,
    "pt": portuguese,
    "it": italian,
    "nl": dutch,
}


class Entry(NamedTuple):
    """A pattern: for each place the words that may stand there, or GAP."""

    cue: Cue
    language: str
    rest: tuple[frozenset[str], ...]  # what follows the first word


def _index() -> Mapping[str, tuple[Entry, ...]]:
    index: dict[str, list[Entry]] = {}
    for language, module in _MODULES.items():
        for cue, listing in module.ENTRIES.items():
            for pattern in _patterns(listing, module.NEGATIONS):
                _add(index, pattern, cue, language)
    return MappingProxyType({word: tuple(entries) for word, entries in index.items()})


def _patterns(listing: str, negations: str) -> Iterator[tuple[frozenset[str], ...]]:
    for entry in listing.replace("\n", ",").split(","):
        if entry.strip():
            yield tuple(map(_place, entry.replace("{not}", negations).split()))


def _place(part: str) -> frozenset[str]:
    if part == "...":
        return GAP
    words = {fold(word) for word in part.split("|")}
    return frozenset(words | {word.replace("'", "") for word in words})  # "cant" is how many people write it


def _add(index: dict[str, list[Entry]], pattern: tuple[frozenset[str], ...], cue: Cue, language: str) -> None:
    first, *rest = pattern
    for word in first:
        index.setdefault(word, []).append(Entry(cue, language, tuple(rest)))
    if rest and GAP not in rest:
        for joined in _joined(pattern):
            index.setdefault(joined, []).append(Entry(cue, language, ()))


_MOST_SPELLINGS: Final = 12


def _joined(pattern: tuple[frozenset[str], ...]) -> list[str]:
    """The phrase as a hashtag writes it, without spaces; none where the alternatives would be too many."""
    count = 1
    for part in pattern:
        count *= len(part)
    if count > _MOST_SPELLINGS:
        return []
    return ["".join(words) for words in product(*pattern)]


INDEX: Final = _index()
