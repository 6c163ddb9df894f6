"""Messages that no worker could do anything with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One received dead letter; it must be removed within the queue's visibility timeout or it shows again."""

    body: str
    receipt: str
    buried_at: datetime
    error: str | None = None


class DeadLetters(Protocol):
    def receive(self, queue: str) -> list[DeadLetter]:
        """Up to ten dead letters of `queue`, hidden from others for a while; empty when there are none."""
        ...

    def remove(self, queue: str, receipt: str) -> None: ...

    def put_back(self, queue: str, receipt: str) -> None:
        """Show it again at once."""
        ...
