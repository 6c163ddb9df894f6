"""Ids, times and texts as platforms write them, read into one form."""

from datetime import UTC, datetime

MILLISECONDS_FROM = 1e11  # as seconds this is the year 5138, as milliseconds March 1973
# Test deliveries carry numbers such as 12341; nothing of Meta's is older than its first year.
EARLIEST = datetime(2004, 1, 1, tzinfo=UTC)


def read_time(value: object) -> datetime | None:
    """
    Aware UTC in whole seconds, from seconds, milliseconds, digits in a string, or ISO text (`+0000` too).

    None for anything else and for what is before 2004, which no clock of Meta can mean.
    """
    try:
        moment = _moment(value)
    except (ValueError, OverflowError, OSError):
        return None
    if moment is None or moment < EARLIEST:
        return None
    return moment.replace(microsecond=0)


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        if not value.strip().isdecimal():
            return _iso(value)
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    seconds = value / 1000 if value > MILLISECONDS_FROM else value
    return datetime.fromtimestamp(seconds, UTC)


def _iso(text: str) -> datetime:
    moment = datetime.fromisoformat(text.strip())
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_id(value: object) -> str | None:
    """An id as text, whether it came as a string or a number. None for nothing; never through a float."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return clean(str(value).strip()) or None


def read_text(value: object) -> str | None:
    """Text as written, None when there is none."""
    return clean(value) or None if isinstance(value, str) else None


def clean(text: str) -> str:
    """The same text with U+FFFD for what stores refuse: lone surrogates (no UTF-8 has them) and NUL."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def fold(text: str) -> str:
    """Text for comparing with what a platform stored: one Unicode form, single spaces."""
    from chalicelib.domain.folding import normalized  # a webhook folds nothing

    return " ".join(normalized("NFC", text).split())
