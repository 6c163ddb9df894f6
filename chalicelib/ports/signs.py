"""Signs that channels leave for operators: nothing that wakes anybody, and nothing that may go unseen."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Sign(StrEnum):
    """What was seen on a channel."""

    DISBELIEVED = "disbelieved"  # a fact contradicted what is known of its message, and was set aside
    TESTED = "tested"  # the platform's own page sent a test delivery, which is nobody's


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSign:
    """How often a channel left it, and when last (aware UTC). It is forgotten thirty days after that."""

    channel: str
    sign: Sign
    count: int
    last_at: datetime


class Signs(Protocol):
    def leave(self, channel: str, sign: Sign, at: datetime) -> None:
        """Count it. Under a flood some are not counted: a count is at least one and never too high."""
        ...

    def left(self) -> tuple[ChannelSign, ...]:
        """By channel."""
        ...
