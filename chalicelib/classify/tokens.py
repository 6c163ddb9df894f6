"""
A text as a bounded list of words that still know where they stand in it.

Links and handles fall away, so that who is addressed and what is linked never
changes a judgement. Letters are folded: case, accents, curly apostrophes, and
"sooo" which is tried as "soo" and as "so". What cannot be seen and what only
looks like other letters is undone before (`domain.canonical`).
"""

import re
from itertools import islice
from typing import Final, NamedTuple

from chalicelib.domain.canonical import Canonical, canonical
from chalicelib.domain.folding import fold

# A stranger's text may have 25,000 characters. Complaints state their matter first and their demand last.
HEAD: Final = 3000
TAIL: Final = 1000
MOST_TOKENS: Final = 1200  # in each of the two; prose needs some 700, a wall of emoji gets no more
MOST_SKIMMED: Final = 70_000  # characters of what lies between and behind: the longest post of a platform has 63,206

# Marks within words: accents, and the vowels of Hebrew, Arabic, of the scripts of India, and of Thai.
_MARKS: Final = r"\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0963\u0970-\u0dff\u0e31-\u0e4e"
_TOKEN: Final = re.compile(
    rf"""
      (?P<link>(?:https?://|www\.|pic\.twitter\.com/)\S+)
    | (?P<handle>@\w+(?:[.-]\w+)*(?:@\w+(?:[.-]\w+)*)?)
    | (?P<hashtag>[#\uFF03]\w+)
    | (?P<emoticon>[:;=]['\u2019]?-?(?:[()\[\]/\\|*]|[dpo](?!\w))|(?:<|&lt;)/?3(?!\w))
    | (?P<entity>&(?:[a-z]{{2,6}}|\#\d{{1,6}});)
    | (?P<number>\d+(?:[.,:]\d+)*)
    | (?P<word>[^\W\d_](?:[^\W\d_]|[{_MARKS}]|['\u2019](?=[^\W\d_]))*)
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
    and `end` are offsets into the whole canonical text.
    """

    start: int
    end: int
    forms: tuple[str, ...]
    kind: str
    clause: int
    sentence: int


class JudgedPart(NamedTuple):
    """
    The part of a text that is judged: the stretches `parts` of the canonical text.

    `questions` are the numbers of sentences that end in a question mark.
    """

    source: Canonical
    words: tuple[Word, ...]
    questions: frozenset[int]
    parts: tuple[tuple[int, int], ...]

    def quote(self, first: int, last: int) -> str:
        """The text from word `first` to word `last`, both included, as its author wrote it."""
        return self.source.quote(self.words[first].start, self.words[last].end)

    @property
    def left_out(self) -> tuple[tuple[int, int], ...]:
        """The stretches between and behind those that were read."""
        ends = [0, *(last for _, last in self.parts)]
        begins = [*(first for first, _ in self.parts), len(self.source.text)]
        return tuple((end, begin) for end, begin in zip(ends, begins, strict=True) if end < begin)


def read(text: str) -> JudgedPart:
    """Find the words of the head and the tail of a text. Linear in the part that is read."""
    source = canonical(text)
    return _read(source, _parts(len(source.text)), MOST_TOKENS)


def skimmed(passage: JudgedPart) -> JudgedPart:
    """What was left out, up to `MOST_SKIMMED` characters: for whoever looks for few things in many words."""
    stretches, room = [], MOST_SKIMMED
    for first, last in passage.left_out:
        stretches.append((first, min(last, first + room)))
        room -= stretches[-1][1] - first
    return _read(passage.source, tuple(stretches), MOST_SKIMMED)


def letters_of(passage: JudgedPart) -> str:
    """Of all its words."""
    return "".join(passage.source.text[word.start : word.end] for word in passage.words if word.kind == "word")


def _read(source: Canonical, stretches: tuple[tuple[int, int], ...], most: int) -> JudgedPart:
    """At most so many words and signs of each stretch."""
    words: list[Word] = []
    questions: set[int] = set()
    parts: list[tuple[int, int]] = []
    clause = sentence = 0
    for first, last in stretches:
        tokens = _TOKEN.finditer(source.text, first, last)
        for match in islice(tokens, most):
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
        after = next(tokens, None)
        parts.append((first, after.start() if after else last))
        sentence += 1
        clause += 1
    return JudgedPart(source, tuple(words), frozenset(questions), tuple(parts))


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
