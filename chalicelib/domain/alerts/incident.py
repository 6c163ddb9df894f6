"""
What an alert about an incident says.

The title may hold strangers' words; they were quoted when it was made.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

from chalicelib.domain.alerts import message
from chalicelib.domain.alerts.message import Alert, Said, iso
from chalicelib.domain.in_words import full
from chalicelib.domain.incidents.incident import Incident, IncidentAlert, PageStep

SCHEMA: Final = "earshot.incident/1"  # docs/pages.md
WORD: Final = {PageStep.CRISIS: "CRISIS", PageStep.GROWTH: "CRISIS GROWS", PageStep.OVER: "OVER"}
SEVERITY: Final = {PageStep.CRISIS: "critical", PageStep.GROWTH: "critical", PageStep.OVER: "info"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldIncident:
    """One message about an incident as it stands. `words` are the points that made it a crisis."""

    call: IncidentAlert
    incident: Incident
    words: str
    base_url: str

    @property
    def url(self) -> str | None:
        """Where people open the incident."""
        return f"{self.base_url.rstrip('/')}/console/incidents/{self.incident.incident_id}" if self.base_url else None

    @property
    def is_over(self) -> bool:
        return self.call.step is PageStep.OVER


def alert(told: ToldIncident) -> Alert:
    """The whole of it, for a person who knows nothing yet."""
    word, incident, title = WORD[told.call.step], told.incident, Said(told.incident.title, is_ours=True)
    return Alert(
        subject=(f"[Earshot] {word}: {incident.people} people. ", title),
        sms=((f"{word}, {incident.people} people: ", title, "."), (f"{word}, {incident.people} people.",), (word,)),
        link=told.url or f"incident {incident.incident_id}",
        sections=(
            f"{word}: {incident.title}.",
            message.particulars(_particulars(told)),
            "" if told.is_over else _why(incident),
            _next_step(told),
        ),
        id=told.call.call_id,
        body=_body(told),
        attributes=_attributes(told),
    )


def _particulars(told: ToldIncident) -> Iterator[tuple[str, str]]:
    incident = told.incident
    yield "Incident", incident.incident_id
    yield "People", f"{incident.people}, the first wrote at {full(incident.first_at, UTC)}"
    yield "Visible to", incident.seen_by
    yield "Channels", ", ".join(incident.channels) or "none"
    yield "Severity", incident.severity.value
    if told.is_over and incident.closed_at:
        yield "Closed", full(incident.closed_at, UTC)
    elif told.words:
        yield "Points", told.words


def _why(incident: Incident) -> str:
    return "\n".join(["What is unusual (in quotes: strangers' words):", *(f"- {line}" for line in incident.why)])


def _next_step(told: ToldIncident) -> str:
    where = f": {told.url}" if told.url else ""
    if told.is_over:
        return f"Nobody new has come for a while, or somebody closed it. Nothing to do{where}"
    to_do = "What to do: say who is on it, find the cause, answer all who are affected from one place"
    return f"{to_do}{where}\nYou are not called again for this incident unless ten times as many are affected."


def _body(told: ToldIncident) -> Mapping[str, Any]:
    """Of a stable schema: every key is always there, None where nothing is known; instants in UTC."""
    incident, call = told.incident, told.call
    return {
        "schema": SCHEMA,
        "id": call.call_id,
        "root": incident.incident_id,
        "kind": call.step.value,
        "severity": SEVERITY[call.step],
        "group": call.group,
        "at": iso(call.claimed_at),
        "incident_id": incident.incident_id,
        "url": told.url,
        "title": incident.title,
        "status": incident.status.value,
        "people": incident.people,
        "reach": incident.reach,
        "incident_severity": incident.severity.value,
        "channels": list(incident.channels),
        "first_at": iso(incident.first_at),
        "points": told.words or None,
    }


def _attributes(told: ToldIncident) -> Mapping[str, str]:
    """As of a page."""
    channels = told.incident.channels
    channel = channels[0] if len(channels) == 1 else "several"
    return message.attributes(
        kind=told.call.step.value,
        severity=SEVERITY[told.call.step],
        group=told.call.group,
        team=told.call.group,
        platform=channel.partition(".")[0] if channels else "unknown",
        channel=channel,
        page_id=told.call.call_id,
    )
