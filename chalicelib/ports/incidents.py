"""Where incidents are kept, with their cases and the answers to all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.domain.incidents.incident import Incident, Member
from chalicelib.ports.table import Conflict

__all__ = ["Conflict", "IncidentAnswer", "Incidents", "Listed", "UnknownCursor"]


class UnknownCursor(ValueError):
    """`more` is nothing that a list gave. Next step: begin without it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Some incidents, newest first; `more` leads to older ones, None at the end."""

    incidents: tuple[Incident, ...]
    more: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentAnswer:
    """
    One text to all cases of an incident, walked case by case.

    `more` is where the walk goes on, None at its beginning. It answers cases
    that joined until `until`; with `with_late` also those that join later,
    while the incident is open. `skipped` counts reasons. `leased_until` keeps
    two walkers apart; `finished_at` is None until the last case.
    """

    answer_id: str
    incident_id: str
    text: str
    actor: str
    asked_at: datetime
    until: datetime
    since: datetime | None = None
    private: bool | None = None
    then: str | None = None
    with_late: bool = False
    digest: str = ""
    more: str | None = None
    seen: int = 0
    sent: int = 0
    skipped: Mapping[str, int] | None = None
    failed: tuple[str, ...] = ()
    leased_until: datetime | None = None
    finished_at: datetime | None = None
    version: int = 0


class Incidents(Protocol):
    """Records carry the version that was read; a save raises Conflict when it is no longer there."""

    def watched_ids(self) -> tuple[str, ...]:
        """Those that are not settled: open ones, and closed ones for a while. One call."""
        ...

    def listed(self, *, closed: bool, limit: int, more: str | None = None) -> Listed:
        """
        Newest first, at most `limit`, as few as none with more to come. Two calls.

        Raises UnknownCursor.
        """
        ...

    def get(self, incident_id: str) -> Incident | None:
        """One call."""
        ...

    def members(self, incident_id: str) -> tuple[Member, ...]:
        """All of them, by case. As many calls as it has pages."""
        ...

    def some_members(self, incident_id: str, *, limit: int, more: str | None) -> tuple[tuple[Member, ...], str | None]:
        """As `members`, a part at a time."""
        ...

    def save(self, incident: Incident, members: Sequence[Member] = ()) -> Incident:
        """
        The incident and members that are new or changed; as it is now stored.

        More members than one transaction takes are written before: a repeat writes them again.
        """
        ...

    def of_cases(self, case_ids: Sequence[str]) -> Mapping[str, str]:
        """The incident that each case belongs, or last belonged, to. One call for each hundred."""
        ...

    def answer(self, incident_id: str, answer_id: str) -> IncidentAnswer | None: ...

    def save_answer(self, answer: IncidentAnswer) -> IncidentAnswer:
        """It is among `answering` until it is finished."""
        ...

    def answering(self) -> tuple[tuple[str, str], ...]:
        """Incident and answer of all that are not finished. One call."""
        ...
