"""Alerts in memory."""

from collections.abc import Callable

from chalicelib.domain.alerts.message import AlertMessage


class MemoryAlerts:
    """Satisfies `ports.alerts.Alerts`: keeps what was published. `trouble` is asked first and may raise."""

    def __init__(self, trouble: Callable[[AlertMessage], None] | None = None) -> None:
        self.published: list[AlertMessage] = []
        self._trouble = trouble

    def publish(self, message: AlertMessage) -> None:
        if self._trouble:
            self._trouble(message)
        self.published.append(message)
