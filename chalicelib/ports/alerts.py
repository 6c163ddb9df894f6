"""Telling people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class AlertUndelivered(Exception):
    """The alert service did not take it; the page stays claimed and the sweep tries again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMessage:
    """
    One message in every form a subscriber may read.

    `sms` fits 140 GSM-7 characters, `subject` is below 100 characters without
    line breaks, `body` is JSON text with a stable schema. `attributes` are
    for filter policies and never empty strings.
    """

    subject: str
    text: str
    sms: str
    body: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class Alerts(Protocol):
    def publish(self, message: AlertMessage) -> None:
        """Raises AlertUndelivered."""
        ...
