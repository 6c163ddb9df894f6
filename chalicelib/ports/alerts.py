"""Telling people."""

from typing import Protocol

from chalicelib.domain.alerts.message import AlertMessage


class AlertUndelivered(Exception):
    """
    The alert service did not take it; the page stays claimed and the sweep tries again.

    `may_have_gone`: the answer got lost, so it may have reached people all the same.
    """

    def __init__(self, message: str, *, may_have_gone: bool = False) -> None:
        super().__init__(message)
        self.may_have_gone = may_have_gone


class Alerts(Protocol):
    def publish(self, message: AlertMessage) -> None:
        """Raises AlertUndelivered."""
        ...
