"""
Ids of posts and messages hold their own time.

Since November 2010 the bits above the lowest 22 count milliseconds from the
epoch below. Source: https://docs.x.com/fundamentals/x-ids, read 2026-08-22.
"""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
# Sequential ids ended near 30 billion; below that the bits mean nothing.
FIRST = 30_000_000_000


def created_at(message_id: str) -> datetime | None:
    """When the message was created, aware UTC in whole seconds. None when the id is no snowflake."""
    if not (message_id.isascii() and message_id.isdecimal()) or not FIRST <= int(message_id) < 2**63:
        return None
    return (EPOCH + timedelta(milliseconds=int(message_id) >> 22)).replace(microsecond=0)
