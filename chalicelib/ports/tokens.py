"""Where access tokens that expire are kept, for whoever calls a platform."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTokens:
    """
    The tokens of one account as they are now. All instants are aware UTC.

    `origin` is a hash of the keys that the operator set: other keys make these
    tokens worthless. `access_token` is None before the first renewal.
    `renewed_until` is while somebody else is renewing them, None when nobody is.
    `version` counts writes.
    """

    origin: str
    access_token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    renewed_until: datetime | None = None
    version: int = 0


class TokenStore(Protocol):
    """One item for each account of a channel."""

    def tokens(self, channel: str, account_id: str) -> StoredTokens | None:
        """None before the first renewal."""
        ...

    def store(self, channel: str, account_id: str, tokens: StoredTokens) -> StoredTokens:
        """
        Write them onto the version that they were read at; returned with the new version.

        Raises `table.Conflict` when somebody else has written since.
        """
        ...
