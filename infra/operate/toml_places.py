"""
Where each value of a TOML document is written, so that a problem can be shown with its line.

`tomllib` reads values and forgets where they stood. This reads places and
leaves the meaning of values to `tomllib`; it takes only what that accepts.
Grammar: toml.io/en/v1.0.0, read 2026-11-23.
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from chalicelib.documents.reading import DocumentProblem, Keys

_GAP: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_STRING: Final = re.compile(
    r'"""(?:\\[\s\S]|(?!""")[\s\S])*"{3,5}'
    r"|'''(?:(?!''')[\s\S])*'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
)
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9][0-9:.Zz+-]*|[^\s,\]}#]+")


@dataclass(frozen=True, slots=True)
class TomlPlace:
    """A value's text is `[begin, end)` of the document; a table's is its header. `line` counts from 1."""

    line: int
    begin: int
    end: int


def places(toml: str) -> dict[Keys, TomlPlace]:
    """The place of every value and table. Raises `tomllib.TOMLDecodeError`."""
    tomllib.loads(toml)
    reader = _Reader(toml)
    reader.document()
    return reader.found


def line_of(keys: Keys, found: dict[Keys, TomlPlace]) -> int:
    """The line of a value, or of the nearest table that it is missing from; 1 for the document."""
    while keys and keys not in found:
        keys = keys[:-1]
    return found[keys].line if keys else 1


def with_lines(problems: Iterable[DocumentProblem], toml: str) -> list[tuple[int, DocumentProblem]]:
    """Each problem with its line, in the order of the file. One of the whole file may say it itself."""
    try:
        found = places(toml)
    except (ValueError, RecursionError):  # no TOML, and the problem says so
        found = {}
    lines = [(_said_line(problem) or line_of(problem.keys, found), problem) for problem in problems]
    return sorted(lines, key=lambda line: line[0])


def _said_line(problem: DocumentProblem) -> int | None:
    at = re.search(r"\(at line (\d+)", problem.wrong) if not problem.keys else None
    return int(at[1]) if at else None


class _Reader:
    """One pass over a document that is known to be well-formed. `_at` is the next character to be read."""

    def __init__(self, toml: str) -> None:
        self.found: dict[Keys, TomlPlace] = {}
        self._toml = toml
        self._ends = [found.start() for found in re.finditer("\n", toml)]  # of lines
        self._at = 0
        self._table: Keys = ()
        self._lengths: dict[Keys, int] = {}  # of arrays of tables

    def document(self) -> None:
        self._skip(_GAP)
        while self._at < len(self._toml):
            if self._toml[self._at] == "[":
                self._header()
            else:
                self._pair(self._table)
            self._skip(_GAP)

    def _header(self) -> None:
        begin = self._at
        brackets = 2 if self._toml.startswith("[[", begin) else 1
        self._at += brackets
        *parents, last = self._key()
        self._at += brackets
        keys = (*self._inside(parents), last)
        if brackets == 2:
            self._lengths[keys] = self._lengths.get(keys, 0) + 1
            keys = (*keys, self._lengths[keys] - 1)
        self._table = keys
        self._note_from(1, keys, begin)

    def _inside(self, names: list[str]) -> Keys:
        """The keys of a table that is named from the top: an array of tables stands for its last one."""
        keys: Keys = ()
        for name in names:
            keys = (*keys, name)
            if keys in self._lengths:
                keys = (*keys, self._lengths[keys] - 1)
        return keys

    def _pair(self, table: Keys) -> None:
        begin = self._at
        keys = (*table, *self._key())
        self._note_from(len(table) + 1, keys[:-1], begin)
        self._at += 1  # "="
        self._skip(_SPACE)
        self._value(keys)

    def _key(self) -> list[str]:
        """A key with its dots; what follows it is next."""
        names = []
        while True:
            self._skip(_SPACE)
            names.append(self._name())
            self._skip(_SPACE)
            if self._toml[self._at] != ".":
                return names
            self._at += 1

    def _name(self) -> str:
        if self._toml[self._at] not in "\"'":
            return self._take(_BARE_KEY)
        return str(tomllib.loads(f"name = {self._take(_STRING)}")["name"])

    def _value(self, keys: Keys) -> None:
        begin = self._at
        match self._toml[begin]:
            case "[":
                self._array(keys)
            case "{":
                self._inline_table(keys)
            case '"' | "'":
                self._take(_STRING)
            case _:
                self._take(_SCALAR)
        self._note(keys, begin)

    def _array(self, keys: Keys) -> None:
        self._at += 1
        position = 0
        self._skip(_GAP)
        while self._toml[self._at] != "]":
            self._value((*keys, position))
            position += 1
            self._comma()
        self._at += 1

    def _inline_table(self, keys: Keys) -> None:
        self._at += 1
        self._skip(_GAP)
        while self._toml[self._at] != "}":
            self._pair(keys)
            self._comma()
        self._at += 1

    def _comma(self) -> None:
        self._skip(_GAP)
        if self._toml[self._at] == ",":
            self._at += 1
            self._skip(_GAP)

    def _note_from(self, depth: int, keys: Keys, begin: int) -> None:
        """A table, and those around it from a depth on that nobody has named yet."""
        for length in range(depth, len(keys) + 1):
            self._note(keys[:length], begin)

    def _note(self, keys: Keys, begin: int) -> None:
        """The first place counts: a list of tables is where its first one is."""
        self.found.setdefault(keys, TomlPlace(bisect_left(self._ends, begin) + 1, begin, self._at))

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._toml, self._at)
        self._at = found.end() if found else self._at

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._toml, self._at)
        assert found is not None  # noqa: S101  tomllib has accepted the document
        self._at = found.end()
        return found.group()
