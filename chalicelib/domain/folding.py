"""One spelling for a word, however it was typed."""

import unicodedata
from itertools import groupby
from typing import Final, Literal

_FEW_MARKS: Final = 30  # as many as the Stream-Safe Text Format allows (Unicode Standard Annex 15, section 13)


def fold(word: str) -> str:
    """One spelling for every case, accent and apostrophe."""
    if word.isascii():
        return word.lower()
    bare = "".join(char for char in normalized("NFKD", word) if not unicodedata.combining(char))
    return bare.replace("\u2019", "'").casefold()


def normalized(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """
    As `unicodedata.normalize`, which sorts a run of marks one by one: a stranger's 40,000 take it seconds.

    What it gets here is sorted already, so that the work grows with the length alone.
    """
    if text.isascii():
        return text
    runs = ((is_mark, "".join(run)) for is_mark, run in groupby(text, key=is_combining_mark))
    return unicodedata.normalize(form, "".join(_sorted(run) if is_mark else run for is_mark, run in runs))


def is_combining_mark(char: str) -> bool:
    """Drawn upon or around the character before it."""
    return unicodedata.category(char).startswith("M")


def _sorted(marks: str) -> str:
    """The same in canonical order (the Unicode Standard, section 3.11); a few are left as they are."""
    if len(marks) <= _FEW_MARKS:
        return marks
    decomposed = (part for mark in marks for part in unicodedata.normalize("NFD", mark))
    runs = groupby(decomposed, key=lambda mark: unicodedata.combining(mark) == 0)  # none is moved over one of class 0
    return "".join(mark for _, run in runs for mark in sorted(run, key=unicodedata.combining))
