"""
Our own values as plain JSON and back: queue messages, stored events, stored state.

One codec for every frozen dataclass, driven by its annotations. Fields at
their default are left out, unknown keys are ignored, so that a message
written by the next version still reads.

A type's annotations are looked at once: what reads and what writes it is
put together then, and kept. Looking at every value anew took ten times as
long as `json.loads`, and most of the CPU of a list of cases.
"""

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Read = Callable[[Any], Any]
Write = Callable[[Any], Any]

_ABSENT = object()


def to_plain(value: Any) -> Any:
    """JSON-able form; instants as ISO text in UTC."""
    kind: Any = type(value)
    return _writer(kind)(value)


def from_plain(kind: type[T], plain: Any) -> T:
    """The value again. Raises ValueError, TypeError or KeyError on what `to_plain` cannot have made."""
    return cast("T", _reader(cast("Any", kind))(plain))


def dumps(value: Any) -> str:
    """Compact JSON of `to_plain(value)`, keys in a fixed order so that equal values have equal text."""
    return json.dumps(to_plain(value), separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def loads(kind: type[T], text: str) -> T:
    """Raises ValueError, TypeError or KeyError on what `dumps` cannot have made."""
    return from_plain(kind, json.loads(text))


# --- writing: by the type that a value has -----------------------------------------------------------------------


@cache
def _writer(kind: Any) -> Write:  # noqa: PLR0911  one line for each kind of value
    if hasattr(kind, "to_plain"):
        return lambda value: value.to_plain()
    if is_dataclass(kind):
        return _dataclass_writer(kind)
    if issubclass(kind, Enum):
        return lambda value: value.value
    if issubclass(kind, datetime):
        return lambda value: value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if issubclass(kind, date):
        return lambda value: value.isoformat()
    if issubclass(kind, Mapping):
        return lambda value: {str(key): to_plain(item) for key, item in value.items()}
    if issubclass(kind, frozenset | set):
        return lambda value: sorted(to_plain(item) for item in value)
    if issubclass(kind, tuple | list):
        return lambda value: [to_plain(item) for item in value]
    return lambda value: value


def _dataclass_writer(kind: Any) -> Write:
    defaults = [(f.name, _default(f)) for f in fields(kind)]

    def write(value: Any) -> dict[str, Any]:
        plain = {}
        for name, default in defaults:
            item = getattr(value, name)
            if item is default or (type(item) is type(default) and item == default):
                continue  # of one type: to Python, False equals 0
            plain[name] = to_plain(item)
        return plain

    return write


def _default(field: Field[Any]) -> Any:
    if field.default is not MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not MISSING else _ABSENT


# --- reading: by the type that a field is declared to have --------------------------------------------------------


@cache
def _reader(kind: Any) -> Read:  # noqa: PLR0911  one line for each kind of value
    if kind in (str, int, float, bool):
        return _exactly(kind)
    if (origin := get_origin(kind)) is not None:
        return _generic_reader(origin, get_args(kind))
    if hasattr(kind, "from_plain"):
        return lambda plain: kind.from_plain(_object(plain))
    if kind is datetime:
        return _instant
    if kind is date:
        return date.fromisoformat
    if isinstance(kind, type) and issubclass(kind, Enum):
        return cast("Read", kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass_reader(kind)
    return lambda plain: plain


def _exactly(kind: type[Any]) -> Read:
    """The value itself, of exactly that type: to Python, True is 1. JSON may write a fraction as a whole number."""

    def read(plain: Any) -> Any:
        if type(plain) is kind:
            return plain
        if kind is float and type(plain) is int:
            return float(plain)
        raise TypeError(f"{kind.__name__} expected, not {type(plain).__name__}")

    return read


_object: Read = _exactly(dict)
_list: Read = _exactly(list)


def _instant(plain: Any) -> datetime:
    moment = datetime.fromisoformat(plain)
    if moment.tzinfo is None:
        raise ValueError("an instant without a zone")
    return moment


def _generic_reader(origin: Any, args: tuple[Any, ...]) -> Read:
    if origin in (Union, types.UnionType):
        return _optional_reader(args)
    if origin is tuple:
        return _tuple_reader(args)
    if origin is frozenset:
        return _several_reader(args[0], frozenset)
    if issubclass(origin, Mapping):
        return _mapping_reader(args[1])
    return lambda plain: plain


def _optional_reader(args: tuple[Any, ...]) -> Read:
    inner = [arg for arg in args if arg is not type(None)]
    read = _reader(inner[0]) if len(inner) == 1 else lambda plain: plain
    return lambda plain: None if plain is None else read(plain)


def _tuple_reader(args: tuple[Any, ...]) -> Read:
    if len(args) == 2 and args[1] is Ellipsis:  # noqa: PLR2004
        return _several_reader(args[0], tuple)
    readers = [_reader(arg) for arg in args]
    return lambda plain: tuple(read(item) for read, item in zip(readers, _list(plain), strict=True))


def _several_reader(kind: Any, container: Callable[[Any], Any]) -> Read:
    read = _reader(kind)
    return lambda plain: container([read(item) for item in _list(plain)])


def _mapping_reader(kind: Any) -> Read:
    read = _reader(kind)
    return lambda plain: {key: read(item) for key, item in _object(plain).items()}


def _dataclass_reader(kind: type[Any]) -> Read:
    hints = get_type_hints(kind)
    names = [f.name for f in fields(kind)]
    readers: dict[str, Read] = {}

    def read(plain: Any) -> Any:
        if not readers:  # at the first value, since a type may have itself as a part
            readers.update({name: _reader(hints[name]) for name in names})
        return kind(**{name: readers[name](item) for name, item in _object(plain).items() if name in readers})

    return read
