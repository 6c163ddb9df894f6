"""
How long platforms let a brand answer in private (R17).

The windows run in plain time from every message of the customer, whatever the
calendar says. How long one is stands in the platform's manifest.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.in_words import span
from chalicelib.domain.platforms import ReplyWindow, platform_of

BEFORE_END: Final = timedelta(hours=2)  # when the team hears that a window closes on somebody who waits
_DAY: Final = timedelta(days=1)
_NUMBERS: Final = ("a day", "two days", "three days", "four days", "five days", "six days", "seven days")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWindow:
    """
    Until `standard_end` anything may be sent, until `human_end` only what a person wrote; both are still inside.

    `lengths` is the platform's rule that made it.
    """

    standard_end: datetime
    human_end: datetime
    lengths: ReplyWindow

    def needs_person(self, now: datetime) -> bool:
        return self.standard_end < now <= self.human_end

    def is_closed(self, now: datetime) -> bool:
        return now > self.human_end

    def end_of(self, step: int) -> datetime:
        """Of the first notice, and of the second."""
        return self.standard_end if step == 1 else self.human_end

    @property
    def steps(self) -> tuple[int, ...]:
        """The notices that are due: one end has one notice."""
        return (1, 2) if self.standard_end < self.human_end else (2,)


def has_window(platform: str) -> bool:
    return platform_of(platform).window is not None


def objection(window: OpenWindow | None, now: datetime, *, automatic: bool) -> str | None:
    """Why an answer in private cannot be sent at `now`, for people; None when it can."""
    if window is None:
        return None
    if window.is_closed(now):
        after = _in_words(window.lengths.by_person)
        return f"The platform lets nobody answer in private more than {after} after the customer's last message."
    if automatic and window.needs_person(now):
        after = _in_words(window.lengths.standard)
        return f"More than {after} after the customer's last message the platform takes only what a person wrote."
    return None


def _in_words(length: timedelta) -> str:
    """ "a day", "seven days"; "1 d 12 h" for what is no small number of days."""
    days, rest = divmod(length, _DAY)
    return _NUMBERS[days - 1] if 1 <= days <= len(_NUMBERS) and not rest else span(length)


def window_of(platform: str, *, private: bool, written_at: datetime | None) -> OpenWindow | None:
    """The window that the customer's last message opened; None where the platform has none."""
    lengths = platform_of(platform).window
    if lengths is None or not private or written_at is None:
        return None
    return OpenWindow(
        standard_end=written_at + lengths.standard, human_end=written_at + lengths.by_person, lengths=lengths
    )
