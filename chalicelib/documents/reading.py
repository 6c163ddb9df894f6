"""
Reading a document that people edit: every problem at once, each with its place and its fix.

A `Spot` is a value together with its path. What cannot be read is noted and a
stand-in returned, so that reading goes on to the next mistake; whoever reads
must throw the result away when `problems` is not empty.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from re import fullmatch
from typing import Any, TypeVar

from chalicelib.documents.durations import BadValue

DEEPEST = 20  # levels of tables and lists; none of our documents has more than five
T = TypeVar("T")
Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class DocumentProblem:
    """
    One mistake. `path` is its place as people name it, such as `policies.vip.targets`.

    `keys` lead to the same place in the document: tables by key, lists by
    position from 0. What is missing has the keys that it would have.
    """

    path: str
    wrong: str
    fix: str
    keys: Keys = ()

    def __str__(self) -> str:
        return f"{self.path}: {self.wrong}; {self.fix}"


class DocumentInvalid(ValueError):
    """The document cannot be used. Next step: mend every one of `problems`; nothing was saved."""

    def __init__(self, problems: Iterable[DocumentProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def decoded(content: bytes) -> str:
    """The text of a file, with the ends of lines that TOML writes. Raises DocumentInvalid, with the line."""
    try:
        toml = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        wrong = f"this is not UTF-8 (at line {line})"
        raise DocumentInvalid([DocumentProblem("document", wrong, "save the file in that encoding")]) from error
    if toml.startswith("\ufeff"):
        wrong = "this begins with a byte order mark (at line 1)"
        raise DocumentInvalid([DocumentProblem("document", wrong, "save the file as UTF-8 without one")])
    return toml


def parsed(toml: str) -> dict[str, Any]:
    """Raises DocumentInvalid, with line and column where it is not TOML at all."""
    import tomllib

    try:
        document = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise DocumentInvalid([DocumentProblem("document", f"this is not TOML: {error}", "mend that line")]) from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:  # a number of thousands of digits
        raise DocumentInvalid([DocumentProblem("document", f"this cannot be read: {error}", "mend it")]) from error
    _check_depth(document)
    return document


def _check_depth(document: Any) -> None:
    """Whatever reads a document may go down into it without a thought for its depth."""
    level, depth = [document], 0
    while level:
        if depth > DEEPEST:
            raise _too_deep()
        inside = (value.values() if isinstance(value, dict) else value for value in level)
        level = [value for values in inside for value in values if isinstance(value, dict | list)]
        depth += 1


def _too_deep() -> DocumentInvalid:
    wrong = f"tables or lists lie in each other more than {DEEPEST} deep"
    return DocumentInvalid([DocumentProblem("document", wrong, "look for brackets or dots that do not belong")])


@dataclass(frozen=True, slots=True)
class Spot:
    """A value in a document, None where it is missing. All spots of a document share one list of problems."""

    value: Any
    path: str = ""
    problems: list[DocumentProblem] = field(default_factory=list)
    keys: Keys = ()

    @property
    def is_missing(self) -> bool:
        return self.value is None

    def refuse(self, wrong: str, fix: str) -> None:
        """Note a problem here."""
        self.problems.append(DocumentProblem(self.path or "document", wrong, fix, self.keys))

    def at(self, key: str, value: Any = None) -> "Spot":
        """A place below this one."""
        return Spot(value, f"{self.path}.{key}" if self.path else key, self.problems, (*self.keys, key))

    def called(self, path: str) -> "Spot":
        """The same place under a name that people find faster."""
        return replace(self, path=path)

    def holding(self, value: Any) -> "Spot":
        """The same place with another value, such as its own key."""
        return replace(self, value=value)

    def required(self, reader: Callable[[Any], T], instead: T) -> T:
        """What the reader makes of the value; the stand-in when it is missing or Malformed, which is noted."""
        if self.is_missing:
            self.refuse("is missing", "add it")
            return instead
        try:
            return reader(self.value)
        except BadValue as error:
            self.refuse(error.wrong, error.fix)
            return instead

    def optional(self, reader: Callable[[Any], T], default: T) -> T:
        """As `required`, but it may be missing."""
        return default if self.is_missing else self.required(reader, default)

    def table(self, *known: str) -> "dict[str, Spot]":
        """A spot for each known key, missing or not; any other key is noted."""
        table = self.required(_table, None)
        if table is None:
            # Noted already: what its keys lack would only repeat that.
            return {key: Spot(None) for key in known}
        for key in sorted(str(key) for key in table.keys() - set(known)):
            self.at(key).refuse("is not known here", suggestion(key, known))
        return {key: self.at(key, table.get(key)) for key in known}

    def entries(self) -> "dict[str, Spot]":
        """All values of a table whose keys are free."""
        table = self.required(_table, None) or {}
        return {str(key): self.at(str(key), value) for key, value in table.items()}

    def items(self) -> "list[Spot]":
        """All values of a list."""
        values: list[Any] = self.required(_list, [])
        return [
            Spot(value, f"{self.path}[{place}]", self.problems, (*self.keys, place))
            for place, value in enumerate(values)
        ]


def text(value: Any) -> str:
    """Any text that says something."""
    if isinstance(value, str) and value.strip():
        return value
    raise BadValue(f"{value!r} is not a text", 'write it in "quotes"')


def name(value: Any) -> str:
    """A text that is safe as an id, in a key and in an address."""
    if fullmatch("[a-z0-9][a-z0-9-]{0,63}", text(value)):
        return text(value)
    raise BadValue(f"{value!r} is not a name", "use lower-case letters, digits and hyphens, 64 at most")


def whole(least: int, most: int) -> Callable[[Any], int]:
    """A reader of whole numbers in that range, both ends included."""

    def read_whole(value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        raise BadValue(f"{value!r} is out of range", f"write a whole number from {least} to {most}")

    return read_whole


def one_of(known: Iterable[str]) -> Callable[[Any], str]:
    """A reader of words from a fixed list."""
    choices = tuple(known)

    def read_choice(value: Any) -> str:
        if text(value) in choices:
            return text(value)
        raise BadValue(f"{value!r} is not known here", suggestion(text(value), choices))

    return read_choice


def suggestion(word: str, known: Iterable[str]) -> str:
    """What may have been meant."""
    choices = sorted(known)
    close = get_close_matches(word, choices, n=1)
    return f"did you mean {close[0]!r}?" if close else f"use one of: {', '.join(choices) or '(none is defined)'}"


def _table(value: Any) -> Mapping[Any, Any] | None:
    if isinstance(value, Mapping):
        return value
    raise BadValue(f"{value!r} is not a table", "write keys with values")


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise BadValue(f"{value!r} is not a list", "put it in [ ]")
