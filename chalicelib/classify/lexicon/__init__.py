"""
The words that each language module lists, as one index by first word.

A module holds `ENTRIES`: for each cue a text of entries separated by commas or
line ends. Within an entry `a|b` are alternatives, `...` skips up to four words,
`#` is any number, and `{not}` stands for the negations of that language.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Final, NamedTuple

from chalicelib.classify.cues import Cue
from chalicelib.domain.folding import fold

EVERY_LANGUAGE: Final = "mul"
GAP: Final[frozenset[str]] = frozenset()

_MODULES: Final[Mapping[str, str]] = {
    EVERY_LANGUAGE: "emoji",
    "en": "english",
    "de": "german",
    "fr": "french",
    "es": "spanish",
    "pt": "portuguese",
    "it": "italian",
    "nl": "dutch",
}
LANGUAGES: Final = frozenset(_MODULES) - {EVERY_LANGUAGE}


class LexiconEntry(NamedTuple):
    """A pattern without its first word: for each further place the words that may stand there, or GAP."""

    cue: Cue
    rest: tuple[frozenset[str], ...]


Index = Mapping[str, tuple[LexiconEntry, ...]]


@cache
def index(language: str) -> Index:
    """The entries of one language by first word. Made when first asked for: most texts need one or two languages."""
    module = import_module(f"{__name__}.{_MODULES[language]}")
    entries: dict[str, list[LexiconEntry]] = {}
    for cue, listing in module.ENTRIES.items():
        for entry in fold(listing.replace("{not}", module.NEGATIONS)).replace("\n", ",").split(","):
            if entry := entry.strip():
                _add(entries, entry, cue)
    return MappingProxyType({word: tuple(found) for word, found in entries.items()})


def words(language: str) -> frozenset[str]:
    """Every word that stands anywhere in the entries of a language."""
    entries = index(language)
    return frozenset(entries).union(*(part for found in entries.values() for entry in found for part in entry.rest))


@cache
def alarms(languages: frozenset[str]) -> Index:
    """The entries of these languages that speak of danger, by first word, and nothing else."""
    found: dict[str, tuple[LexiconEntry, ...]] = {}
    for language in sorted(languages):
        for word, entries in index(language).items():
            if grave := tuple(entry for entry in entries if entry.cue is Cue.DANGER):
                found[word] = found.get(word, ()) + grave
    return MappingProxyType(found)


@cache
def pieces() -> tuple[tuple[str, Cue], ...]:
    """What to look for anywhere in a text in another script than the Latin one."""
    from chalicelib.classify.lexicon.scripts import PIECES

    return tuple(
        (piece.strip(), cue)
        for cue, listing in PIECES.items()
        for piece in listing.replace("\n", ",").split(",")
        if piece.strip()
    )


def _add(entries: dict[str, list[LexiconEntry]], pattern: str, cue: Cue) -> None:
    first, *rest = map(_place, pattern.split())
    entry = LexiconEntry(cue, tuple(rest))
    for word in first:
        entries.setdefault(word, []).append(entry)
    if rest and pattern.replace(" ", "").isalpha():
        entries.setdefault(pattern.replace(" ", ""), []).append(LexiconEntry(cue, ()))  # as a hashtag writes it


@cache
def _place(part: str) -> frozenset[str]:
    if part == "...":
        return GAP
    words = part.split("|")
    if "'" in part:
        words += part.replace("'", "").split("|")  # "cant" is how many people write it
    return frozenset(words)
