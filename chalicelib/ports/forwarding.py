"""Where pages go beside SNS's own subscribers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

PAGERDUTY = "https://events.pagerduty.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarding:
    """`routing_key` is None where PagerDuty is not used; `pagerduty_base` is another host for stand-ins and proxies."""

    routing_key: str | None = field(default=None, repr=False)
    pagerduty_base: str = PAGERDUTY
    chat: bool = False


class ForwardingSettings(Protocol):
    def forwarding(self) -> Forwarding:
        """What somebody set, a few minutes old at most; nothing is forwarded where nobody did."""
        ...


class ChatTopic(Protocol):
    def publish(self, notification: Mapping[str, object]) -> None:
        """Raises AlertUndelivered."""
        ...
