"""
Whether those who judge here can know what a text says: where they cannot, finding nothing is not a finding.

English has been learned, six languages have word lists. A text in another
language, in signs alone, or read in part may hold anything.
"""

from dataclasses import replace
from functools import cache
from typing import Final, NamedTuple

from chalicelib.classify import lexicon
from chalicelib.classify.language import small_words
from chalicelib.classify.match import Reading
from chalicelib.classify.tokens import JudgedPart, letters_of
from chalicelib.domain.canonical import is_latin
from chalicelib.domain.labels import UNDETERMINED, Label, Labels, Noise, Reason, Urgency, Verdict

LEARNED: Final = frozenset({"en"})  # what the models know; other languages are judged by their word lists
# Of a text that is in English, so many words at least are in its lists; of 2,794 tweets to airlines 1 in 150 has fewer.
_KNOWN_PART: Final = 0.25
_ASKED_PART: Final = 0.1  # with fewer, names and headlines apart, it is another language, and no model is asked
_FOREIGN_PART: Final = 0.1  # of the letters, or so many, from which something may be said in them
_FOREIGN_LETTERS: Final = 12
_FEW_WORDS: Final = 3
_WORDS: Final = frozenset({"word", "hashtag"})
_QUIET: Final = frozenset({Reason.NONE, Reason.SHARE})


class Coverage(NamedTuple):
    """
    What the judges of a text can know.

    `is_learned`: it is in a language that models know. `is_whole`: what they
    do not find is not there. `is_foreign`: it is in a language, or partly in
    letters, of which nobody here knows anything.
    """

    is_learned: bool
    is_whole: bool
    is_foreign: bool


def cover(reading: Reading, spoken: Label[str], rules: Labels) -> Coverage:
    """`rules` are what the word lists found."""
    passage = reading.passage
    language = spoken.value
    maybe_english = language in LEARNED or language == UNDETERMINED
    known = _known_part(passage) if maybe_english else 0.0
    is_known = known >= _KNOWN_PART
    # Of a few words nobody can tell: a model is asked, and what it does not find is not believed.
    is_short = maybe_english and _is_short(passage)
    is_learned = language in LEARNED or is_short or known >= _ASKED_PART
    foreign = _in_other_letters(passage) or (language not in lexicon.LANGUAGES and not (is_known or is_short))
    told = is_known if maybe_english else rules.reason.value not in _QUIET
    has_words = any(word.kind in _WORDS for word in passage.words)
    signs_alone = not has_words and not (reading.rating and not passage.words)  # stars say enough
    is_whole = told and not (foreign or signs_alone or passage.left_out)
    return Coverage(is_learned=is_learned, is_whole=is_whole, is_foreign=foreign)


def doubted(labels: Labels, coverage: Coverage) -> Labels:
    """The same, where nothing that was not found is said not to be there: a person looks."""
    if labels.urgency.value is Urgency.CRITICAL:
        labels = replace(labels, needs_reply=_unsure(labels.needs_reply))
    if coverage.is_whole or (labels.noise.value is Noise.NOISE and not coverage.is_foreign):
        return labels
    quiet = labels.urgency.value is Urgency.LOW
    return replace(
        labels,
        urgency=Label(Urgency.NORMAL, 0.5) if quiet else labels.urgency,
        noise=Label(Noise.SIGNAL, 0.5) if coverage.is_foreign else labels.noise,
        needs_reply=_unsure(labels.needs_reply),
        complaint=_unsure(labels.complaint),
    )


def _unsure(label: Label[Verdict]) -> Label[Verdict]:
    return Label(Verdict.UNSURE, round(1 - label.score, 3)) if label.value is Verdict.NO else label


def _known_part(passage: JudgedPart) -> float:
    """How much of it is in the lists of English; all where there are no words."""
    words = [word for word in passage.words if word.kind in _WORDS]
    known = _english()
    return sum(not known.isdisjoint(word.forms) for word in words) / len(words) if words else 1.0


def _is_short(passage: JudgedPart) -> bool:
    return sum(word.kind == "word" for word in passage.words) < _FEW_WORDS


def _in_other_letters(passage: JudgedPart) -> bool:
    letters = letters_of(passage)
    if letters.isascii():
        return False
    foreign = sum(not is_latin(letter) for letter in letters)
    return foreign >= _FOREIGN_LETTERS or foreign > _FOREIGN_PART * len(letters)


@cache
def _english() -> frozenset[str]:
    return small_words("en") | lexicon.words("en")
