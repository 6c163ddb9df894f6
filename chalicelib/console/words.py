"""Times, names and states as people read them; each is a filter of the templates. Plain text, not yet escaped."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from chalicelib.domain.in_words import due_in_words, sentence
from chalicelib.domain.visible import seen

__all__ = ["due_in_words", "sentence"]  # filters that the domain has already

BARE_ID: Final = 9  # digits: shorter numbers may well be handles
SOON: Final = timedelta(minutes=15)


def visible(text: str) -> str:
    """
    The text without what nobody can see, and without what would turn the direction of the text around it.

    Line breaks stay.
    """
    return "\n".join("".join(seen(line)) for line in text.replace("\r\n", "\n").split("\n"))


def iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def clock_time(moment: datetime, now: datetime) -> str:
    """The time of day in UTC, with the date when it is not today."""
    utc = moment.astimezone(UTC)
    is_today = utc.date() == now.astimezone(UTC).date()
    return f"{utc:%H:%M}" if is_today else f"{utc:%d %b %Y %H:%M}"


def due_tone(due_at: datetime, now: datetime) -> str:
    """Red once it is overdue, amber when it is near: "late", "soon" or "calm"."""
    return "late" if now > due_at else "soon" if due_at - now <= SOON else "calm"


def reach(followers: int | None, *, private: bool = False) -> str:
    """Who can see it. Platforms other than X do not say how many follow."""
    if private:
        return "in private"
    return "in public" if followers is None else f"{followers:,} followers"


def person(name: str) -> str:
    """A name, a handle, or the end of a bare id, which is all that Messenger gives."""
    if not name:
        return "somebody"
    return f"somebody …{name[-4:]}" if name.isdecimal() and len(name) >= BARE_ID else name


def quoted(pieces: Sequence[str]) -> str:
    """What made it so, as it stands in the text."""
    return ", ".join(f"“{piece}”" for piece in pieces)


def status(value: str) -> str:
    return value.replace("_", " ")


def group(number: float) -> str:
    """A number with commas between thousands."""
    return f"{number:,}"


def signed(number: int) -> str:
    """With its sign, such as +45."""
    return f"{number:+,}"
