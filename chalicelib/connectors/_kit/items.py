"""
The items of a delivery, each read by itself.

What one item breaks, it breaks alone: the others go on, and the whole body is
kept beside them. Only parsers import this, since pydantic comes with it.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from pydantic import ValidationError

from chalicelib.domain.facts import ChannelTrouble, Fact
from chalicelib.ports.connector.parsing import Ignored, Parsed, Unread, Unreadable

T = TypeVar("T")
Found = Fact | ChannelTrouble | Ignored | Unread
MOST_REASONS = 5


def each(items: Iterable[T], read: Callable[[T], Iterable[Found]]) -> Iterator[Found]:
    """Everything that `read` finds in each item; what cannot be read, whatever the reason, says so in its place."""
    for item in items:
        try:
            found = list(read(item))
        except (Unreadable, ValidationError) as error:
            yield Unread(reason=reason_of(error))
        except Exception as error:  # noqa: BLE001  a bug that one item meets must not lose what others wrote
            yield Unread(reason=f"the connector failed: {type(error).__name__}", is_bug=True)
        else:
            yield from found


def reason_of(error: Unreadable | ValidationError) -> str:
    """In our own words: the error of a validation holds the text that broke it, which must not travel along."""
    if isinstance(error, Unreadable):
        return str(error)
    broken = error.errors(include_input=False, include_url=False, include_context=False)
    places = (f"{'.'.join(map(str, item['loc']))} ({item['type']})" for item in broken[:MOST_REASONS])
    return "Unexpected: " + "; ".join(places)


def objects(value: object, name: str) -> list[object]:
    """The items under a key, of which each is yet to be looked at. Raises Unreadable for what is no list."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unreadable(f"{name} is not a list")
    return value


def an_object(item: object) -> dict[str, object]:
    """Raises Unreadable."""
    if not isinstance(item, dict):
        raise Unreadable("an item is not an object")
    return item


def collected(found: Iterable[Found]) -> Parsed:
    """Everything found, sorted by what it is. Raises Unreadable if nothing of it could be read."""
    items = list(found)
    unread = tuple(item for item in items if isinstance(item, Unread))
    if unread and len(unread) == len(items):
        raise Unreadable("; ".join(dict.fromkeys(one.reason for one in unread[:MOST_REASONS])))
    return Parsed(
        facts=tuple(item for item in items if isinstance(item, Fact)),
        troubles=tuple(item for item in items if isinstance(item, ChannelTrouble)),
        ignored=tuple(item for item in items if isinstance(item, Ignored)),
        unread=unread,
    )
