"""
A raw request on its way from the webhook to triage, and the places it can be kept.

Kept light on purpose: the webhook's cold start pays for this module.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from chalicelib.ports.connector.receiving import InboundRequest

MOST_INLINE_BYTES = 700_000  # base64 makes a third more of it; a queue message takes 1,048,576 bytes


class Malformed(ValueError):
    """A message that is none of ours. It can never be read: it goes to the dead letters at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """
    A verified request as it waits for triage. Either `body` or `body_ref` (a key in the stage's bucket) is set.

    `replays` counts how often it was taken out of quarantine.
    """

    platform: str
    channel: str
    headers: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    received_at: datetime
    request_id: str
    body: bytes | None = field(default=None, repr=False)
    body_ref: str | None = None
    replays: int = 0

    def request(self, body: bytes) -> InboundRequest:
        """The request as the connector reads it."""
        return InboundRequest(
            platform=self.platform,
            channel=self.channel,
            method="POST",
            headers=self.headers,
            query=self.query,
            body=body,
            received_at=self.received_at,
            request_id=self.request_id,
        )


def large_body_ref(message: InboundMessage) -> str | None:
    """The bucket's key for a body that no queue takes; None for one that can travel in the message."""
    if message.body is None or len(message.body) <= MOST_INLINE_BYTES:
        return None
    return f"large/{message.received_at:%Y-%m-%d}/{message.request_id}"


class Bodies(Protocol):
    """Where what is too large for a queue, or cannot be read, is kept for 14 days."""

    def put(self, key: str, body: bytes) -> None: ...

    def get(self, key: str) -> bytes:
        """Raises KeyError when it is gone."""
        ...


def encode(message: InboundMessage) -> str:
    """Plain ASCII, whatever the platform sent: a queue takes no control characters."""
    plain: dict[str, Any] = {
        "v": 1,
        "platform": message.platform,
        "channel": message.channel,
        "headers": dict(message.headers),
        "query": dict(message.query) or None,
        "received_at": message.received_at.astimezone(UTC).isoformat(),
        "request_id": message.request_id,
        "body_ref": message.body_ref,
        "body": None if message.body is None else base64.b64encode(message.body).decode("ascii"),
        "replays": message.replays,
    }
    return json.dumps({key: value for key, value in plain.items() if value is not None}, separators=(",", ":"))


def decode(text: str) -> InboundMessage:
    """Raises Malformed."""
    try:
        return _read(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Malformed(f"not an inbound message: {type(error).__name__}") from error


def _read(plain: Any) -> InboundMessage:
    body, body_ref, replays = plain.get("body"), plain.get("body_ref"), plain.get("replays", 0)
    received_at = datetime.fromisoformat(plain["received_at"])
    if (body is None) == (body_ref is None) or received_at.tzinfo is None or not isinstance(replays, int):
        raise ValueError
    return InboundMessage(
        platform=_text(plain["platform"]),
        channel=_text(plain["channel"]),
        headers={name: _text(value) for name, value in plain["headers"].items()},
        query={name: _text(value) for name, value in plain.get("query", {}).items()},
        received_at=received_at,
        request_id=_text(plain["request_id"]),
        body=None if body is None else base64.b64decode(_text(body), validate=True),
        body_ref=None if body_ref is None else _text(body_ref),
        replays=replays,
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
