"""
Strangers' text on a terminal: nothing that moves the cursor, hides, turns or forges a line gets through.

Escape sequences: ECMA-48, 5th edition, section 5.
"""

import re
import unicodedata
from collections.abc import Sequence

_SEQUENCES = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, erasing
    "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f]).*?(?:\x07|\x1b\\\\|\x9c)"  # OSC, DCS and their kind: titles, links
    "|\x1b[ -/]*[0-~]",  # all others
    re.DOTALL,
)
_JOINER = "\u200d"  # holds the parts of one emoji together
_UNWANTED = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # control, bidi and other invisible characters


def one_line(text: str | None) -> str:
    """The text with every run of white space as one blank."""
    return " ".join(_printable(text or ""))


def paragraphs(text: str | None) -> list[str]:
    """The text line by line; print each with something before it, so that no line can pass for one of ours."""
    return [" ".join(_printable(line)) for line in (text or "").replace("\r\n", "\n").split("\n")]


def _printable(text: str) -> list[str]:
    bare = _SEQUENCES.sub("", text)
    return "".join(" " if char in "\t\n\r\v\f\u2028\u2029\x85" else _kept(char) for char in bare).split()


def _kept(char: str) -> str:
    return char if char == _JOINER or unicodedata.category(char) not in _UNWANTED else ""


def width(text: str) -> int:
    """Columns on a terminal."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if char == _JOINER or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, columns: int) -> str:
    """At most so many columns; what is missing shows as an ellipsis."""
    if width(text) <= columns:
        return text
    while width(text) > columns - 1:
        text = text[:-1]
    return f"{text}…"


def table(rows: Sequence[Sequence[str]], *, columns: int) -> list[str]:
    """Lines of aligned cells; the last cell gets what is left of the line."""
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)][:-1]
    left = max(20, columns - sum(widths) - 2 * len(widths))
    return [_line(row, widths, left) for row in rows]


def _line(row: Sequence[str], widths: Sequence[int], left: int) -> str:
    cells = [cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=False)]
    return "  ".join([*cells, cut(row[-1], left)]).rstrip()
