"""
When an incident must wake somebody: four questions, each worth up to three points.

The table stands in docs/incidents.md. One message at the threshold; another
only when ten times as many people are affected; one when it is over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.incidents.incident import Act, Deed, Incident, IncidentAlert, Member, PageStep, done
from chalicelib.domain.labels import Urgency
from chalicelib.domain.policy import PolicyBook

SPEED_OVER: Final = timedelta(minutes=15)
VOLUME: Final = (10, 25, 50)
SPEED: Final = (5, 15, 40)
REACH: Final = (10_000, 100_000, 1_000_000)
SEVERITY: Final = {Urgency.LOW: 0, Urgency.NORMAL: 0, Urgency.HIGH: 1, Urgency.CRITICAL: 3}
THRESHOLD: Final = 5
GROWTH: Final = 10
LEAST_VOLUME: Final = 10  # nobody is woken for fewer


@dataclass(frozen=True, slots=True, kw_only=True)
class CrisisSettings:
    """Whom a crisis wakes and from how many points on. `group` None: see `group_of`."""

    group: str | None = None
    threshold: int = THRESHOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressure:
    """The points of an incident, and the figures that they stand for. `reach` is None where nobody knows."""

    people: int
    recent: int
    reach: int | None
    severity: Urgency

    @property
    def points(self) -> tuple[int, int, int, int]:
        """Volume, speed, reach, severity."""
        return (
            _points(self.people, VOLUME),
            _points(self.recent, SPEED),
            _points(self.reach or 0, REACH),
            SEVERITY[self.severity],
        )

    @property
    def total(self) -> int:
        return sum(self.points)

    @property
    def words(self) -> str:
        volume, speed, reach, severity = self.points
        followers = "unknown" if self.reach is None else f"{self.reach:,}"
        return (
            f"{self.people} people ({volume}), {self.recent} of them in the last 15 minutes ({speed}), "
            f"{followers} followers ({reach}), severity {self.severity.value} ({severity}): "
            f"{self.total} points"
        )


def _points(number: int, steps: Sequence[int]) -> int:
    return sum(number >= step for step in steps)


def pressure(incident: Incident, members: Iterable[Member], now: datetime) -> Pressure:
    present = [member for member in members if not member.is_out]
    recent = {member.who for member in present if now - member.at < SPEED_OVER}
    return Pressure(people=incident.people, recent=len(recent), reach=incident.reach, severity=incident.severity)


def group_of(settings: CrisisSettings, book: PolicyBook) -> str:
    """Who is woken: as set, else the second step of the default policy's ladder (who leads), else its only one."""
    steps = book.default.ladder.steps
    return settings.group or steps[min(1, len(steps) - 1)].group


def claimed(incident: Incident, found: Pressure, group: str, settings: CrisisSettings, now: datetime) -> Incident:
    """The incident with what must be said of it now taken on; itself when there is nothing."""
    step = _due(incident, found, settings)
    if step is None:
        return incident
    call = IncidentAlert(
        call_id=f"{incident.incident_id}/{step}/{sum(one.step is step for one in incident.calls)}",
        step=step,
        group=group if step is PageStep.CRISIS else incident.calls[0].group,
        claimed_at=now,
        people=found.people,
    )
    act = Act.TOLD_OVER if step is PageStep.OVER else Act.PAGED
    deed = Deed(act=act, at=now, detail=f"{call.group}: {found.words}" if act is Act.PAGED else call.group)
    return done(replace(incident, calls=(*incident.calls, call)), deed)


def _due(incident: Incident, found: Pressure, settings: CrisisSettings) -> PageStep | None:
    told = incident.calls
    if any(call.step is PageStep.OVER for call in told):
        return None
    if not incident.is_open:
        return PageStep.OVER if told else None
    if not told:
        crosses = found.total >= settings.threshold and found.people >= LEAST_VOLUME
        return PageStep.CRISIS if crosses else None
    return PageStep.GROWTH if found.people >= GROWTH * told[-1].people else None


def delivered(incident: Incident, call_id: str, at: datetime) -> Incident:
    return _with(incident, call_id, sent_at=at)


def tried(incident: Incident, call_id: str) -> Incident:
    """Not out: the next minute tries again."""
    return _with(incident, call_id, sent_at=None)


def _with(incident: Incident, call_id: str, *, sent_at: datetime | None) -> Incident:
    calls = (
        replace(call, attempts=call.attempts + 1, sent_at=sent_at) if call.call_id == call_id else call
        for call in incident.calls
    )
    return replace(incident, calls=tuple(calls))
