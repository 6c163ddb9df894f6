"""
Finding many phrases in one text: each word looks up only the phrases that begin with it.

The work grows with the text, and with how many phrases share a first word,
not with how many there are.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, NamedTuple, TypeVar

from chalicelib.classify.tokens import JudgedPart, Word, read

V = TypeVar("V")


class FoundPhrase(NamedTuple, Generic[V]):
    """A phrase in the words `first` to `last`, both included, and what it stands for."""

    value: V
    first: int
    last: int


class Phrases(Generic[V]):
    """
    Phrases by their first word. Of two that begin at one word the longer one counts.

    With `any_number` a number in a phrase stands for every number.
    """

    def __init__(self, phrases: Iterable[tuple[str, V]], *, any_number: bool = False) -> None:
        index: dict[str, list[tuple[tuple[str, ...], V]]] = {}
        for phrase, value in phrases:
            words = [word.forms[-1 if any_number and word.kind == "number" else 0] for word in read(phrase).words]
            if words:
                index.setdefault(words[0], []).append((tuple(words[1:]), value))
            if len(words) > 1 and all(word.isalpha() for word in words):
                index.setdefault("".join(words), []).append(((), value))  # as a hashtag writes it
        self._index: Mapping[str, list[tuple[tuple[str, ...], V]]] = {
            word: sorted(found, key=lambda one: -len(one[0])) for word, found in index.items()
        }

    def find(self, passage: JudgedPart) -> Iterator[FoundPhrase[V]]:
        """In the order of the text; none overlaps another."""
        at = 0
        while at < len(passage.words):
            found = self._at(passage.words, at)
            if found:
                yield found
            at = found.last + 1 if found else at + 1

    def _at(self, words: tuple[Word, ...], first: int) -> FoundPhrase[V] | None:
        for form in words[first].forms:
            for rest, value in self._index.get(form, ()):
                last = first + len(rest)
                if last < len(words) and all(part in words[first + 1 + place].forms for place, part in enumerate(rest)):
                    return FoundPhrase(value, first, last)
        return None
