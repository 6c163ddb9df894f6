"""Putting messages on the stage's queues."""

from collections.abc import Sequence
from typing import Protocol


class Queues(Protocol):
    """At-least-once queues, named as in `config.QUEUES`."""

    def send(self, queue: str, bodies: Sequence[str]) -> None:
        """
        Put all of `bodies` on the queue; when this returns, all are there. One call for ten.

        May put some twice when it raises: the caller's caller sends again.
        """
        ...
