"""Waiting a moment after losing a race, so that the same two do not race again."""

from typing import Protocol


class Backoff(Protocol):
    def __call__(self, attempt: int) -> None:
        """Wait a random moment that grows with `attempt`, counted from 0."""
        ...
