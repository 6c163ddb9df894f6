"""Counting the work that a text makes: in calls, which are the same on every machine."""

from collections.abc import Callable, Iterator
from cProfile import Profile

from chalicelib.classify import aspects, features, language, lexicon, tokens
from chalicelib.domain.incidents import words


def calls(read: Callable[[str], object], text: str) -> int:
    """How many functions are called, ours and built in ones; a generator counts each time it goes on."""
    profile = Profile(builtins=True)
    profile.enable()
    try:
        read(text)
    finally:
        profile.disable()
    return sum(entry.callcount for entry in profile.getstats())


def repeated(piece: str, length: int) -> str:
    """`piece` again and again, `length` characters in all."""
    return (piece * (length // len(piece) + 1))[:length]


def listed() -> Iterator[str]:
    """A piece of text for each entry of each list of words in the house; a gap is filled."""
    for name in sorted(lexicon.LANGUAGES | {lexicon.EVERY_LANGUAGE}):
        for first, entries in lexicon.index(name).items():
            for entry in entries:
                yield f"{' '.join([first, *(_one(place) for place in entry.rest)])} "
    for phrase, _ in aspects._listed():
        yield f"{phrase.replace('0', '45')} "
    for word in sorted({*language._SHARED, *features._NEGATIONS, *tokens._NUMBER_WORDS, *words._STOPWORDS}):
        yield f"{word} "


def _one(place: frozenset[str]) -> str:
    return min(place, default="and then it")


# What is no word and yet is read: marks, links, names, entities, emoji, and one letter of every kind.
SHAPES = (
    "\u0316\u0301",
    "a\u0301\u0316",
    "\u0f73",
    "\u200b",
    "\u00ad",
    "\u1100",
    "\ufdfa",
    "\u0915\u094d",
    "\ud800",
    "\0",
    "a",
    "A1",
    "İ",
    "ß",
    "я",
    "жа ",
    "漢",
    "ก็",
    "ع",
    "'",
    "a-",
    "-",
    " - ",
    " ",
    ".",
    "a.",
    "a. ",
    "?",
    "why? ",
    "…",
    "€",
    "1",
    "1.",
    "#a",
    "#aB",
    "@",
    "@a ",
    "@a@",
    "&",
    "&amp;",
    "&lt;",
    "[email]",
    ":)",
    ":'(",
    "http://",
    "http://a.",
    "http://a.com ",
    "https://a.com/",
    "a.a.",
    "ä.de ",
    "😡",
    "❤️",
    "👩‍👩‍👧 ",
    "🆘",
    "🏴\U000e0067\U000e007f",
    "\U0001d422\U0001d427",
    "\uff46",
    "lost my bag ",
    "not good but bad ",
    "great! terrible. ",
)
__all__ = ["SHAPES", "calls", "listed", "repeated"]
