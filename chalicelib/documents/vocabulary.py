"""
The vocabulary as people write it: TOML with a list of places and a list of products.

    [[products]]
    name = "Larkspur App"
    words = ["the app", "mobile app"]

Every problem is found at once, with its place and its fix.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from chalicelib.documents.durations import BadValue
from chalicelib.documents.reading import DocumentInvalid, Spot, parsed, text
from chalicelib.domain.folding import fold
from chalicelib.domain.labels import Topic, TopicKind
from chalicelib.domain.vocabulary import Named, Vocabulary

MOST_NAMES: Final = 2_000
MOST_WORDS: Final = 50
MOST_CHARS: Final = 60
MOST_BYTES: Final = 200_000  # a version is one item of the table, which takes 400 KB
_LISTS: Final = {"places": TopicKind.PLACE, "products": TopicKind.PRODUCT}


def read_toml(toml: str) -> Vocabulary:
    """Raises DocumentInvalid."""
    return read(parsed(toml))


def read(document: Mapping[str, Any]) -> Vocabulary:
    """The vocabulary that a document describes. Raises DocumentInvalid, which names every problem."""
    root = Spot(document)
    parts = root.table(*_LISTS)
    found = [named for key, kind in _LISTS.items() for named in _names(parts[key], kind)]
    _check_words(found)
    if len(found) > MOST_NAMES:
        root.refuse(f"{len(found):,} names are too many", f"keep it to {MOST_NAMES:,} places and products together")
    if root.problems:
        raise DocumentInvalid(root.problems)
    return Vocabulary(names=tuple(named for _, named in found))


def _names(spot: Spot, kind: TopicKind) -> Iterator[tuple[Spot, Named]]:
    for item in () if spot.is_missing else spot.items():
        parts = item.table("name", "words")
        name = parts["name"].required(_phrase, "?")
        words = () if parts["words"].is_missing else tuple(w.required(_phrase, "?") for w in parts["words"].items())
        if len(words) > MOST_WORDS:
            parts["words"].refuse(f"{len(words)} words for one name", f"keep the {MOST_WORDS} that people use")
        yield item, Named(topic=Topic(kind, name), words=words)


def _phrase(value: Any) -> str:
    """Words that a text can hold: something to read, in one line, not endless."""
    said = " ".join(text(value).split())
    if len(said) > MOST_CHARS or not said.isprintable():
        raise BadValue(f"{said[:20]!r}… is no name", f"use at most {MOST_CHARS} characters that can be printed")
    if not any(char.isalnum() for char in said):
        raise BadValue(f"{said!r} has no letter or digit", "write the word that people use")
    return said


def _check_words(found: Iterable[tuple[Spot, Named]]) -> None:
    """A word that means two things would always mean the first."""
    owners: dict[str, str] = {}
    for spot, named in found:
        for phrase in dict.fromkeys(fold(one) for one in (named.topic.name, *named.words)):
            owner = owners.setdefault(phrase, named.topic.name)
            if owner != named.topic.name:
                spot.refuse(f"{phrase!r} stands for {owner} already", "give it to one of the two")
