"""
How long platforms let a brand answer in private (R17).

The windows run in plain time from every message of the customer, whatever the
calendar says. Facebook: developers.facebook.com/docs/messenger-platform/policy/policy-overview
and …/send-messages/message-tags (HUMAN_AGENT), read 2026-11-23. X has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

BEFORE_END: Final = timedelta(hours=2)  # when the team hears that a window closes on somebody who waits
_LENGTHS: Final[Mapping[str, tuple[timedelta, timedelta]]] = {"facebook": (timedelta(hours=24), timedelta(days=7))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Until `standard_end` anything may be sent, until `human_end` only what a person wrote; both are still inside."""

    standard_end: datetime
    human_end: datetime

    def needs_person(self, now: datetime) -> bool:
        return self.standard_end < now <= self.human_end

    def is_closed(self, now: datetime) -> bool:
        return now > self.human_end

    def end_of(self, step: int) -> datetime:
        """Of the first notice, and of the second."""
        return self.standard_end if step == 1 else self.human_end


def has_window(platform: str) -> bool:
    return platform in _LENGTHS


def objection(window: Window | None, now: datetime, *, automatic: bool) -> str | None:
    """Why an answer in private cannot be sent at `now`, for people; None when it can."""
    if window is None:
        return None
    if window.is_closed(now):
        return "The platform lets nobody answer in private more than seven days after the customer's last message."
    if automatic and window.needs_person(now):
        return "More than a day after the customer's last message the platform takes only what a person wrote."
    return None


def window_of(platform: str, *, private: bool, written_at: datetime | None) -> Window | None:
    """The window that the customer's last message opened; None where the platform has none."""
    lengths = _LENGTHS.get(platform)
    if lengths is None or not private or written_at is None:
        return None
    standard, human = lengths
    return Window(standard_end=written_at + standard, human_end=written_at + human)
