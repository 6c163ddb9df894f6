"""Times, platforms and states as people read them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from chalicelib.console.markup import Html, html
from chalicelib.domain.in_words import due_in_words, span

BARE_ID: Final = 9  # digits: shorter numbers may well be handles
SOON: Final = timedelta(minutes=15)


def instant(moment: datetime, now: datetime) -> Html:
    """The time of day in UTC, with the date when it is not today."""
    utc = moment.astimezone(UTC)
    is_today = utc.date() == now.astimezone(UTC).date()
    text = f"{utc:%H:%M}" if is_today else f"{utc:%d %b %Y %H:%M}"
    return html('<time datetime="{iso}">{text}</time>', iso=f"{utc:%Y-%m-%dT%H:%M:%SZ}", text=text)


def since(moment: datetime, now: datetime) -> Html:
    return html("{span}, since {at}", span=span(now - moment), at=instant(moment, now))


def due(due_at: datetime, now: datetime, *, what: str = "") -> Html:
    """A badge: red once it is overdue, amber when it is near. `what` is due."""
    how = "late" if now > due_at else "soon" if due_at - now <= SOON else "calm"
    return html('<span class="due {how}">{text}</span>', how=how, text=f"{what} {due_in_words(due_at, now)}".strip())


def reach(followers: int | None, *, private: bool) -> str:
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
