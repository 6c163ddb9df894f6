"""Where signed requests wait that could not be read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.ports.inbound import InboundMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """
    A pointer to one raw request. `reason` is our own words, never the platform's text.

    `body_ref` is the key of the encoded inbound message in the stage's bucket.
    """

    request_id: str
    platform: str
    channel: str
    received_at: datetime
    reason: str
    body_ref: str
    replays: int = 0


class Quarantine(Protocol):
    def keep(self, message: InboundMessage, body: bytes, reason: str) -> None:
        """Keep it for 14 days. The same request again replaces itself."""
        ...

    def waiting(self) -> tuple[Quarantined, ...]:
        """Oldest first."""
        ...

    def message(self, entry: Quarantined) -> InboundMessage:
        """The request as it came, fit for the queue. Raises KeyError when its 14 days are over."""
        ...

    def release(self, entry: Quarantined) -> None:
        """It is back on the queue."""
        ...
