"""Telling people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class AlertUndelivered(Exception):
    """
    The alert service did not take it; the page stays claimed and the sweep tries again.

    `may_have_gone`: the answer got lost, so it may have reached people all the same.
    """

    def __init__(self, message: str, *, may_have_gone: bool = False) -> None:
        super().__init__(message)
        self.may_have_gone = may_have_gone


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMessage:
    """
    One message in every form a subscriber may read.

    `sms` fits 140 GSM-7 septets, `subject` is below 100 characters without
    line breaks, `body` is JSON text with a stable schema. `attributes` are
    for filter policies and never empty strings; so is, under the name
    `assignee`, each of the users who have the cases it is about.
    """

    subject: str
    text: str
    sms: str
    body: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    assignees: tuple[str, ...] = ()


class Alerts(Protocol):
    def publish(self, message: AlertMessage) -> None:
        """Raises AlertUndelivered."""
        ...
