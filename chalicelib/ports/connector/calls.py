"""Calls to a platform as values, and what came back: a connector makes and reads them, an adapter performs them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth1:
    """Sign with OAuth 1.0a, HMAC-SHA1, the token of one user."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token: str = field(repr=False)
    token_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Send `Authorization: Bearer`."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """One request to a platform API, as a value. `json` is None for a call without a body."""

    method: str
    url: str
    auth: OAuth1 | Bearer | None = None
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResult:
    """
    What came back. `headers` has lower-case names.

    `status` 0 means no answer was read: `sent` then tells whether the request
    may have reached the platform (a timeout) or surely did not (no connection).
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: bool = True
