"""Does anybody hear a page? Asked once an hour, since the alert service takes pages that nobody subscribed to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chalicelib.domain.alerts.audience import Unheard, unheard
from chalicelib.ports.policies import Promises
from chalicelib.ports.subscriptions import Subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """`channels` gives the names of those that are set up."""

    promises: Promises
    subscriptions: Subscriptions
    channels: Callable[[], Iterable[str]]


def silent(ports: Ports) -> tuple[Unheard, ...]:
    """What the ladders in force would send to nobody."""
    book = ports.promises.books[ports.promises.current]
    return unheard(book, ports.subscriptions.all(), ports.channels())
