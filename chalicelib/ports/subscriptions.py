"""Who subscribed to a topic."""

from typing import Protocol

from chalicelib.domain.alerts.audience import AlertSubscription


class Subscriptions(Protocol):
    """One topic's."""

    def all(self) -> tuple[AlertSubscription, ...]:
        """Every one, also those that were never confirmed. One call, and one more for each."""
        ...
