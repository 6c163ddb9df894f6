"""
Our own values as plain JSON and back: queue messages, stored events, stored state.

One codec for every frozen dataclass, driven by its annotations. Fields at
their default are left out, unknown keys are ignored, so that a message
written by the next version still reads.
"""

import json
import types
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
_SCALARS = (str, int, float, bool)  # most of all values, hence looked for first


def to_plain(value: Any) -> Any:  # noqa: PLR0911  one line for each kind of value
    """JSON-able form; instants as ISO text in UTC."""
    if value is None or type(value) in _SCALARS:
        return value
    if hasattr(value, "to_plain"):
        return value.to_plain()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(item) for f in fields(value) if not _is_default(f, item := getattr(value, f.name))}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(to_plain(item) for item in value)
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    return value


def from_plain(kind: type[T], plain: Any) -> T:
    """The value again. Raises ValueError, TypeError or KeyError on what `to_plain` cannot have made."""
    return cast("T", _read(kind, plain))


def dumps(value: Any) -> str:
    """Compact JSON of `to_plain(value)`, keys in a fixed order so that equal values have equal text."""
    return json.dumps(to_plain(value), separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def loads(kind: type[T], text: str) -> T:
    """Raises ValueError, TypeError or KeyError on what `dumps` cannot have made."""
    return from_plain(kind, json.loads(text))


def _is_default(field: Field[Any], value: Any) -> bool:
    if field.default is not MISSING:
        return bool(value == field.default and type(value) is type(field.default))
    if field.default_factory is not MISSING:
        return bool(value == field.default_factory())
    return False


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, plain: Any) -> Any:  # noqa: PLR0911  one line for each kind of value
    if kind in _SCALARS:
        return _of(kind, plain)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read_optional(kind, plain)
    if origin is tuple:
        return _read_tuple(get_args(kind), _of(list, plain))
    if origin is frozenset:
        return frozenset(_read(get_args(kind)[0], item) for item in _of(list, plain))
    if origin is not None and issubclass(origin, Mapping):
        return {key: _read(get_args(kind)[1], item) for key, item in _of(dict, plain).items()}
    if hasattr(kind, "from_plain"):
        return kind.from_plain(_of(dict, plain))
    if kind in (datetime, date):
        return _read_instant(plain) if kind is datetime else date.fromisoformat(plain)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(plain)
    if is_dataclass(kind) and isinstance(kind, type):
        return _read_dataclass(kind, _of(dict, plain))
    return plain


def _of(kind: type[T], plain: Any) -> T:
    """The value itself, of exactly that type: to Python, True is 1. JSON may write a fraction as a whole number."""
    if type(plain) is not kind and not (kind is float and type(plain) is int):
        raise TypeError(f"{kind.__name__} expected, not {type(plain).__name__}")
    return kind(plain)  # type: ignore[call-arg]


def _read_instant(plain: Any) -> datetime:
    moment = datetime.fromisoformat(plain)
    if moment.tzinfo is None:
        raise ValueError("an instant without a zone")
    return moment


def _read_optional(kind: Any, plain: Any) -> Any:
    if plain is None:
        return None
    inner = [arg for arg in get_args(kind) if arg is not type(None)]
    return _read(inner[0], plain) if len(inner) == 1 else plain


def _read_tuple(args: tuple[Any, ...], plain: list[Any]) -> tuple[Any, ...]:
    if len(args) == 2 and args[1] is Ellipsis:  # noqa: PLR2004
        return tuple(_read(args[0], item) for item in plain)
    return tuple(_read(arg, item) for arg, item in zip(args, plain, strict=True))


def _read_dataclass(kind: type[Any], plain: Mapping[str, Any]) -> Any:
    hints = _hints(cast("Hashable", kind))
    return kind(**{f.name: _read(hints[f.name], plain[f.name]) for f in fields(kind) if f.name in plain})
