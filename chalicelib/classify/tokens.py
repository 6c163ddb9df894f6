"""
A text as a bounded list of words that still know where they stand in it.

Links and handles fall away, so that who is addressed and what is linked never
changes a judgement. Letters are folded: case, accents, curly apostrophes, and
"sooo" which is tried as "soo" and as "so".
"""

import re
from itertools import islice
from typing import Final, NamedTuple

from chalicelib.domain.folding import fold

# A stranger's text may have 25,000 characters. Complaints state their matter first and their demand last.
HEAD: Final = 3000
TAIL: Final = 1000
MOST_TOKENS: Final = 1200  # in each of the two; prose needs some 700, a wall of emoji gets no more

_TOKEN: Final = re.compile(
    r"""
      (?P<link>(?:https?://|www\.|pic\.twitter\.com/)\S+)
    | (?P<handle>@\w+(?:[.-]\w+)*(?:@\w+(?:[.-]\w+)*)?)
    | (?P<hashtag>[#\uFF03]\w+)
    | (?P<emoticon>[:;=]['\u2019]?-?(?:[()\[\]/\\|*]|[dpo](?!\w))|(?:<|&lt;)/?3(?!\w))
    | (?P<entity>&(?:[a-z]{2,6}|\#\d{1,6});)
    | (?P<number>\d+(?:[.,:]\d+)*)
    | (?P<word>[^\W\d_](?:[^\W\d_]|[\u0300-\u036f]|['\u2019](?=[^\W\d_]))*)
    | (?P<emoji>[\U0001F198\U0001F300-\U0001F3FA\U0001F400-\U0001FAFF\u2600-\u263F\u2643-\u27BF\u2B50])
    | (?P<stop>[.!?…。\uFF01\uFF1F؟]+)
    | (?P<pause>[,;:()\u2013\u2014、\uFF0C]|(?<=\s)-(?=\s))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ELONGATED: Final = re.compile(r"([^\W\d_])\1{2,}")
_QUESTION_MARKS: Final = frozenset("?\uff1f؟")
_NUMBER_NAMES: Final = """
    two three four five six seven eight nine ten eleven twelve twenty thirty forty several many
    zwei drei vier funf deux trois quatre cinq dos tres cuatro cinco dois due tre quattro twee drie
"""
_NUMBER_WORDS: Final = frozenset(_NUMBER_NAMES.split())
NUMBER: Final = "#"  # the form that every number has besides its own


class Word(NamedTuple):
    """
    Something that can carry meaning: a word, number, hashtag, emoji or emoticon.

    `forms` are the folded spellings to look up, most literal first. `start`
    and `end` are offsets into the whole text.
    """

    start: int
    end: int
    forms: tuple[str, ...]
    kind: str
    clause: int
    sentence: int


class Passage(NamedTuple):
    """The part of a text that is judged. `questions` are the numbers of sentences that end in a question mark."""

    text: str
    words: tuple[Word, ...]
    questions: frozenset[int]

    def quote(self, first: int, last: int) -> str:
        """The text from word `first` to word `last`, both included, as it stands."""
        return self.text[self.words[first].start : self.words[last].end]


def read(text: str) -> Passage:
    """Find the words of the head and the tail of a text. Linear in the part that is read."""
    words: list[Word] = []
    questions: set[int] = set()
    clause = sentence = 0
    for first, last in _parts(len(text)):
        for match in islice(_TOKEN.finditer(text, first, last), MOST_TOKENS):
            kind = match.lastgroup or ""
            if kind == "stop":
                if not _QUESTION_MARKS.isdisjoint(match[0]):
                    questions.add(sentence)
                sentence += 1
                clause += 1
            elif kind == "pause":
                clause += 1
            elif kind not in {"link", "handle", "entity"}:
                words.append(Word(match.start(), match.end(), _forms(kind, match[0]), kind, clause, sentence))
        sentence += 1
        clause += 1
    return Passage(text, tuple(words), frozenset(questions))


def _parts(length: int) -> tuple[tuple[int, int], ...]:
    if length <= HEAD + TAIL:
        return ((0, length),)
    return ((0, HEAD), (length - TAIL, length))


def _forms(kind: str, raw: str) -> tuple[str, ...]:
    if kind == "number":
        return (raw, NUMBER)
    if kind == "hashtag":
        return _spellings(fold(raw[1:].replace("_", "")))
    if kind == "emoticon":
        return (fold(raw).replace("&lt;", "<").replace("-", "").replace("=", ":"),)
    return _spellings(fold(raw))


def _spellings(word: str) -> tuple[str, ...]:
    if "'" in word:
        return (word, *_apart(word))
    if word in _NUMBER_WORDS:
        return (word, NUMBER)
    if _ELONGATED.search(word):
        return (_ELONGATED.sub(r"\1\1", word), _ELONGATED.sub(r"\1", word))
    return (word,)


def _apart(word: str) -> tuple[str, ...]:
    """`l'attente` is also `attente`, and `airline's` also `airline`; `can't` stays whole."""
    head, _, tail = word.partition("'")
    if tail == "s":
        return (head,)
    return (tail,) if len(tail) > 2 else ()  # noqa: PLR2004  `t`, `re`, `ll`, `ve`, `m`, `d`
