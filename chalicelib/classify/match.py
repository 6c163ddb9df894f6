"""
Finding cues in a passage.

The work is bounded by words times entries per first word; a gap skips at most
four words and nothing is tried twice.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from chalicelib.classify.cues import Axis, Cue
from chalicelib.classify.lexicon import EVERY_LANGUAGE, GAP, INDEX
from chalicelib.classify.tokens import Passage, Word

_LONGEST_GAP: Final = 4
_MOST_QUOTES: Final = 8


class Hit(NamedTuple):
    """A cue found in the words `first` to `last`, both included."""

    cue: Cue
    first: int
    last: int


class Reading:
    """A passage and what was found in it; every rule reads this and nothing else."""

    __slots__ = ("_hits", "addressed", "passage", "private", "rating")

    def __init__(self, passage: Passage, hits: Iterable[Hit], *, private: bool, rating: int | None) -> None:
        self.passage = passage
        self.private = private
        self.rating = rating
        self._hits: dict[Cue, list[Hit]] = {}
        for hit in hits:
            self._hits.setdefault(hit.cue, []).append(hit)

    def hits(self, *cues: Cue) -> list[Hit]:
        """All hits of these cues, in the order of the text."""
        return sorted((hit for cue in cues for hit in self._hits.get(cue, ())), key=lambda hit: (hit.first, hit.last))

    def quote(self, hits: Iterable[Hit]) -> tuple[str, ...]:
        """Their words as they stand in the text, each once, at most eight."""
        quotes = dict.fromkeys(self.passage.quote(hit.first, hit.last) for hit in hits)
        return tuple(quotes)[:_MOST_QUOTES]

    def clause(self, hit: Hit) -> int:
        """The number of the clause in which it begins."""
        return self.passage.words[hit.first].clause

    def sentence(self, hit: Hit) -> int:
        """The number of the sentence in which it lies."""
        return self.passage.words[hit.first].sentence


def read_cues(passage: Passage, languages: frozenset[str]) -> list[Hit]:
    """Every cue of these languages, where cues of one axis do not overlap."""
    hits = _all_hits(passage.words, languages | {EVERY_LANGUAGE})
    hidden = _covered(_longest_first(hit for hit in hits if hit.cue.axis is Axis.EVERY))
    by_axis: dict[Axis, list[Hit]] = {}
    for hit in hits:
        if hit.cue.axis is not Axis.EVERY and hidden.isdisjoint(range(hit.first, hit.last + 1)):
            by_axis.setdefault(hit.cue.axis, []).append(hit)
    return [hit for found in by_axis.values() for hit in _without_overlap(found)]


def _all_hits(words: tuple[Word, ...], languages: frozenset[str]) -> list[Hit]:
    hits = set()
    for first, word in enumerate(words):
        for form in word.forms:
            for entry in INDEX.get(form, ()):
                if entry.language in languages:
                    last = _follow(words, first, entry.rest)
                    if last is not None:
                        hits.add(Hit(entry.cue, first, last))
    return list(hits)


def _follow(words: tuple[Word, ...], first: int, rest: tuple[frozenset[str], ...]) -> int | None:
    """Where a pattern that begins at `first` ends; None where it does not go on."""
    last = first
    reach = 1
    for part in rest:
        if part is GAP:
            reach += _LONGEST_GAP
            continue
        found = _next(words, last, reach, part)
        if found is None:
            return None
        last, reach = found, 1
    return last


def _next(words: tuple[Word, ...], after: int, reach: int, wanted: frozenset[str]) -> int | None:
    sentence = words[after].sentence
    for at in range(after + 1, min(after + 1 + reach, len(words))):
        if words[at].sentence != sentence:
            return None
        if not wanted.isdisjoint(words[at].forms):
            return at
    return None


_Order = Mapping[Cue, int]
_CUE_ORDER: Final[_Order] = {cue: place for place, cue in enumerate(Cue)}


def _longest_first(hits: Iterable[Hit]) -> list[Hit]:
    # The order of cues decides between equals, so that the outcome never depends on how a set iterates.
    return sorted(hits, key=lambda hit: (hit.first - hit.last, hit.first, _CUE_ORDER[hit.cue]))


def _without_overlap(hits: list[Hit]) -> list[Hit]:
    taken: set[int] = set()
    kept = []
    for hit in _longest_first(hits):
        place = range(hit.first, hit.last + 1)
        if taken.isdisjoint(place):
            taken.update(place)
            kept.append(hit)
    return kept


def _covered(hits: Iterable[Hit]) -> set[int]:
    return {at for hit in hits for at in range(hit.first, hit.last + 1)}
