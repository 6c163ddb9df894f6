"""
What can be seen of a text, and how a stranger's words are shown beside ours.

What strangers write (names, handles, messages) is shown on one line, without
what hides or turns text, without anything that a phone or a mail program would
make a link of, and in quotes that it cannot close: so it never passes for a
sentence of ours.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

MOST_MARKS: Final = 4  # upon one letter, as many as any language needs: a pile of them covers the lines around
_ELLIPSIS: Final = "…"
_JOINERS: Final = "\u200c\u200d"  # they hold letters and emoji together; the other format characters reorder or hide
BLANKS: Final = "\u115f\u1160\u2800\u3164\uffa0"  # letters and a symbol by category, with nothing to see
_QUOTES_BY_NAME: Final = ("QUOTATION MARK", "DOUBLE PRIME", "DOUBLE ACUTE", "DOUBLE APOSTROPHE", "DITTO", "GERSHAYIM")
_PARTS_WORDS: Final = r"[\s.,;:!?()\[\]{}<>\"'“”]"
# A dot between two labels of a host. Initials ("J.R.") and decimals stay: no top-level domain is one letter, or digits.
_DOT: Final = re.compile(
    rf"(?<!{_PARTS_WORDS})(?:(?<!\d)[.\u2024\ufe52\uff0e]|[.\u2024\ufe52\uff0e](?!\d))"
    rf"(?!{_PARTS_WORDS}|$)(?!\w(?:{_PARTS_WORDS}|$))"
)
_ADDRESS: Final = re.compile(r"\d+\.\d+\.\d+\.\d+|(?i:www)\.|//\w+\.")
_SCHEME: Final = re.compile(r"(?:(?<=[^\W\d_])[0-9+.\u200c\u200d-]*[:\uff1a](?=\S)|[:\uff1a](?=//))")
_APOSTROPHES: Final = re.compile("['`\u00b4]{2,}")


def seen(text: str) -> Iterator[str]:
    """What can be seen of each character: a space for what only parts words, nothing for what hides or turns text."""
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if marks <= MOST_MARKS:
            yield _seen(char)


def _seen(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Cc", "Zl", "Zp", "Zs") or char in BLANKS:
        return " "
    if category == "Cs":
        return "\ufffd"
    return "" if category in ("Cf", "Co", "Cn") and char not in _JOINERS else char


def is_blank(text: str) -> bool:
    """Whether nobody would see anything of it: white space, format and control characters, marks upon nothing."""
    return not any(_seen(char).strip(_JOINERS + " ") and unicodedata.category(char)[0] != "M" for char in text)


def one_line(text: str, most: int) -> str:
    """
    A text on one line, at most `most` characters, with "…" where something is missing.

    Without control and direction characters; white space is collapsed. It may
    still hold what programs make links of: see `unlinked`.
    """
    line = " ".join("".join(seen(text)).split())
    if len(line) <= most:
        return line
    end = most - len(_ELLIPSIS)
    while end and _continues(line[end]):
        end -= 1
    return line[:end].rstrip() + _ELLIPSIS


def _continues(char: str) -> bool:
    """Whether the character belongs to the one before it, so that no cut may fall between."""
    return char in _JOINERS or unicodedata.category(char) in ("Mn", "Me", "Mc", "Sk")


def unlinked(text: str) -> str:
    """The text with nothing that a program would make a link of: "evil(.)co/a", "https: //evil(.)co"."""
    text = _ADDRESS.sub(lambda found: found[0].replace(".", "(.)"), text)
    return _DOT.sub("(.)", _SCHEME.sub(lambda found: f"{found[0][:-1]}: ", text))


def as_said(text: str, most: int) -> str:
    """What a stranger wrote as a value of its own: one line without links, at most `most` characters."""
    return one_line(unlinked(one_line(text, most)), most)


def quoted(text: str, most: int) -> str:
    """What a stranger wrote within a sentence of ours: “as said”, the only quotes in it around it."""
    return f"“{unclosed(as_said(text, most))}”"


def unclosed(text: str) -> str:
    """With an apostrophe for each quotation mark, so that quotes around the text cannot be closed within it."""
    return _APOSTROPHES.sub("'", "".join("'" if _is_quote(char) else char for char in text))


def _is_quote(char: str) -> bool:
    category = unicodedata.category(char)
    if category in ("Pi", "Pf"):
        return True
    return category[0] in "PSL" and any(part in unicodedata.name(char, "") for part in _QUOTES_BY_NAME)
