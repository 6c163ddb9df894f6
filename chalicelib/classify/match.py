"""
Finding cues in a passage.

The work is bounded by words times entries per first word; a gap skips at most
four words and nothing is tried twice.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, NamedTuple

from chalicelib.classify.cues import Axis, Cue
from chalicelib.classify.lexicon import EVERY_LANGUAGE, GAP, Index, LexiconEntry, alarms, index, pieces
from chalicelib.classify.tokens import JudgedPart, Word, letters_of, skimmed
from chalicelib.domain.canonical import is_latin

_LONGEST_GAP: Final = 4
_MOST_QUOTES: Final = 8
_MOST_LOOKED_AT: Final = 50
_MOST_ALARMS: Final = 20  # of one kind: who says it twenty times has said it
_AROUND: Final = 30  # words on either side that can make an alarm none


class Hit(NamedTuple):
    """A cue found in the words `first` to `last`, both included; its pattern did not ask for the `skipped` ones."""

    cue: Cue
    first: int
    last: int
    skipped: tuple[int, ...] = ()


class Reading:
    """A passage and what was found in it; every rule reads this and nothing else."""

    def __init__(self, passage: JudgedPart, hits: Iterable[Hit], *, private: bool, rating: int | None) -> None:
        self.passage = passage
        self.private = private
        self.rating = rating
        self._by_cue: dict[Cue, list[Hit]] = {}
        for hit in hits:
            self._by_cue.setdefault(hit.cue, []).append(hit)
        self._found: dict[tuple[Cue, ...], list[Hit]] = {}
        self._ends: dict[tuple[Cue, ...], dict[int, Hit]] = {}
        self._starts: dict[tuple[Cue, ...], dict[int, Hit]] = {}
        self._sentences: dict[tuple[Cue, ...], dict[int, Hit]] = {}

    def hits(self, *cues: Cue) -> list[Hit]:
        """All hits of these cues, in the order of the text."""
        if cues not in self._found:
            found = [hit for cue in cues for hit in self._by_cue.get(cue, ())]
            self._found[cues] = sorted(found, key=lambda hit: (hit.first, hit.last))
        return self._found[cues]

    def every(self) -> list[Hit]:
        """All hits of all cues."""
        return [hit for found in self._by_cue.values() for hit in found]

    def ending(self, at: int, *cues: Cue) -> Hit | None:
        """The hit of one of these cues whose last word is number `at`."""
        if cues not in self._ends:
            self._ends[cues] = {hit.last: hit for hit in self.hits(*cues)}
        return self._ends[cues].get(at)

    def beginning(self, at: int, *cues: Cue) -> Hit | None:
        """The hit of one of these cues whose first word is number `at`."""
        if cues not in self._starts:
            self._starts[cues] = {hit.first: hit for hit in self.hits(*cues)}
        return self._starts[cues].get(at)

    def quote(self, hits: Iterable[Hit]) -> tuple[str, ...]:
        """Their words as they stand in the text, each once, at most eight."""
        quotes = dict.fromkeys(self.passage.quote(hit.first, hit.last) for hit in islice(hits, _MOST_LOOKED_AT))
        return tuple(quotes)[:_MOST_QUOTES]

    def clause(self, hit: Hit) -> int:
        """The number of the clause in which it begins."""
        return self.passage.words[hit.first].clause

    def sentence(self, hit: Hit) -> int:
        """The number of the sentence in which it lies."""
        return self.passage.words[hit.first].sentence

    def forms(self, hit: Hit) -> frozenset[str]:
        """The spellings of its first word."""
        return frozenset(self.passage.words[hit.first].forms)

    def sentences(self, *cues: Cue) -> Mapping[int, Hit]:
        """All sentences with one of these cues, by number, each with the last hit in it."""
        if cues not in self._sentences:
            self._sentences[cues] = {self.sentence(hit): hit for hit in self.hits(*cues)}
        return self._sentences[cues]


def read_cues(passage: JudgedPart, languages: frozenset[str]) -> list[Hit]:
    """Every cue of these languages, where cues of one axis do not overlap."""
    words = passage.words
    hits = _all_hits(words, [index(language) for language in sorted(languages | {EVERY_LANGUAGE})])
    hits.update(_in_other_scripts(passage))
    hidden = _covered(_longest_first(hit for hit in hits if hit.cue.axis is Axis.EVERY))
    by_axis: dict[Axis, list[Hit]] = {}
    for hit in hits:
        if hit.cue.axis is not Axis.EVERY and hidden.isdisjoint(range(hit.first, hit.last + 1)):
            by_axis.setdefault(hit.cue.axis, []).append(hit)
    return [hit for found in by_axis.values() for hit in _without_overlap(found)]


def alarms_left_out(passage: JudgedPart, languages: frozenset[str]) -> Iterator[Reading]:
    """
    For each word of danger in what `passage` left out, a reading of the words around it.

    So nothing in the middle of a long text is passed over, and most of it need not be judged.
    """
    rest = skimmed(passage)
    found = _all_hits(rest.words, [alarms(languages | {EVERY_LANGUAGE})])
    found.update(hit for hit in _in_other_scripts(rest) if hit.cue is Cue.DANGER)
    for hit in sorted(found, key=lambda hit: hit.first)[:_MOST_ALARMS]:
        around = rest._replace(words=rest.words[max(0, hit.first - _AROUND) : hit.last + _AROUND + 1])
        yield Reading(around, read_cues(around, languages), private=False, rating=None)


def _in_other_scripts(passage: JudgedPart) -> Iterator[Hit]:
    """Pieces of text, since not every language puts a space between words."""
    if passage.source.text.isascii() or all(map(is_latin, letters_of(passage))):
        return
    starts = [word.start for word in passage.words]
    text = passage.source.text.replace("\u0130", "i").lower()  # the one letter whose small form is two
    for piece, cue in pieces():
        for at in islice(_places(text, piece, passage.parts), _MOST_ALARMS):
            yield Hit(cue, bisect_right(starts, at) - 1, bisect_right(starts, at + len(piece) - 1) - 1)


def _places(text: str, piece: str, parts: Iterable[tuple[int, int]]) -> Iterator[int]:
    for first, last in parts:
        at = text.find(piece, first, last)
        while at >= 0:
            yield at
            at = text.find(piece, at + len(piece), last)


def _all_hits(words: tuple[Word, ...], indexes: list[Index]) -> set[Hit]:
    return {
        hit
        for first, word in enumerate(words)
        for form in word.forms
        for entries in indexes
        for entry in entries.get(form, ())
        if (hit := _follow(words, first, entry)) is not None
    }


def _follow(words: tuple[Word, ...], first: int, entry: LexiconEntry) -> Hit | None:
    """The hit that begins at word `first`; None where the text does not go on as the entry does."""
    last, reach = first, 1
    skipped: tuple[int, ...] = ()
    for part in entry.rest:
        if part is GAP:
            reach += _LONGEST_GAP
            continue
        found = _next(words, last, reach, part)
        if found is None:
            return None
        skipped += tuple(range(last + 1, found))
        last, reach = found, 1
    return Hit(entry.cue, first, last, skipped)


def _next(words: tuple[Word, ...], after: int, reach: int, wanted: frozenset[str]) -> int | None:
    sentence = words[after].sentence
    for at in range(after + 1, min(after + 1 + reach, len(words))):
        if words[at].sentence != sentence:
            return None
        if not wanted.isdisjoint(words[at].forms):
            return at
    return None


_CUE_ORDER: Final[Mapping[Cue, int]] = {cue: place for place, cue in enumerate(Cue)}


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
