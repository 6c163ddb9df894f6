"""
What a message about an incident says: as a text message, as mail, and as data for machines.

The title may hold strangers' words; they were cleaned and cut when it was
made, and decide nothing here.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from chalicelib.domain import gsm7
from chalicelib.domain.incidents.incident import Call, Incident, PageStep
from chalicelib.domain.page_text import MOST_SMS_SEPTETS, MOST_SUBJECT_CHARS

SCHEMA: Final = "earshot.incident/1"  # docs/pages.md
WORD: Final = {PageStep.CRISIS: "CRISIS", PageStep.GROWTH: "CRISIS GROWS", PageStep.OVER: "OVER"}
SEVERITY: Final = {PageStep.CRISIS: "critical", PageStep.GROWTH: "critical", PageStep.OVER: "info"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message about an incident as it stands. `words` are the points that made it a crisis."""

    call: Call
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


def subject(told: Told) -> str:
    """One line of ASCII."""
    line = f"[Earshot] {WORD[told.call.step]}: {told.incident.people} people. {told.incident.title}"
    return gsm7.fold(line).encode("ascii", "ignore").decode()[:MOST_SUBJECT_CHARS]


def sms(told: Told) -> str:
    """At most 140 septets of GSM-7; the title is cut first."""
    where = told.url or f"incident {told.incident.incident_id}"
    before = f"{WORD[told.call.step]}, {told.incident.people} people: "
    after = f". {where}"
    room = MOST_SMS_SEPTETS - gsm7.measure(gsm7.fold(before + after)).units
    return gsm7.cut(
        gsm7.fold(before) + gsm7.cut(gsm7.fold(told.incident.title), max(0, room)) + gsm7.fold(after), MOST_SMS_SEPTETS
    )


def mail(told: Told) -> str:
    """The whole message, for a person who knows nothing yet."""
    sections = [f"{WORD[told.call.step]}: {told.incident.title}.", "\n".join(_particulars(told)), *_why(told)]
    return "\n\n".join([*sections, _next_step(told)]) + f"\n\nMessage {told.call.call_id}\n"


def _particulars(told: Told) -> Iterator[str]:
    incident = told.incident
    yield _line("Incident", incident.incident_id)
    yield _line("People", f"{incident.people}, the first wrote at {_time(incident.first_at)}")
    unknown = f"; of {incident.unknown_reach} nobody knows" if incident.unknown_reach else ""
    yield _line("Visible to", f"{incident.reach:,} followers{unknown}")
    yield _line("Channels", ", ".join(incident.channels) or "none")
    yield _line("Severity", incident.severity.value)
    if told.is_over and incident.closed_at:
        yield _line("Closed", _time(incident.closed_at))
    elif told.words:
        yield _line("Points", told.words)


def _why(told: Told) -> Iterator[str]:
    if not told.is_over:
        yield "What is unusual (in quotes: strangers' words):\n" + "\n".join(f"- {line}" for line in told.incident.why)


def _next_step(told: Told) -> str:
    where = f": {told.url}" if told.url else ""
    if told.is_over:
        return f"Nobody new has come for a while, or somebody closed it. Nothing to do{where}"
    to_do = "What to do: say who is on it, find the cause, answer all who are affected from one place"
    return f"{to_do}{where}\nYou are not called again for this incident unless ten times as many are affected."


def _line(name: str, value: str) -> str:
    return f"{name + ':':<13}{value}"


def body(told: Told) -> str:
    """JSON of a stable schema: every key is always there, null where nothing is known; instants in UTC."""
    incident, call = told.incident, told.call
    return json.dumps(
        {
            "schema": SCHEMA,
            "id": call.call_id,
            "root": incident.incident_id,
            "kind": call.step.value,
            "severity": SEVERITY[call.step],
            "group": call.group,
            "at": _iso(call.claimed_at),
            "incident_id": incident.incident_id,
            "url": told.url,
            "title": incident.title,
            "status": incident.status.value,
            "people": incident.people,
            "reach": incident.reach,
            "incident_severity": incident.severity.value,
            "channels": list(incident.channels),
            "first_at": _iso(incident.first_at),
            "points": told.words or None,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def attributes(told: Told) -> Mapping[str, str]:
    """As of a page: what subscriptions filter by, none ever empty."""
    channels = told.incident.channels
    channel = channels[0] if len(channels) == 1 else "several"
    return {
        "kind": told.call.step.value,
        "severity": SEVERITY[told.call.step],
        "group": told.call.group,
        "team": told.call.group,
        "platform": channel.partition(".")[0] if channels else "unknown",
        "channel": channel,
        "page_id": told.call.call_id,
    }


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%a %d %b %Y %H:%M} UTC"


def _iso(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None
