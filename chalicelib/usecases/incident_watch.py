"""
Once a minute: who complains about one thing, and whether anybody must be woken for it.

It reads what casework kept of the last two hours, and changes no case. All of
it can be repeated: who joined is written under the id of their case, a message
to people is claimed before it is sent, and an hour that was not counted is
counted by a later minute.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.alerts import incident as incident_alert
from chalicelib.domain.alerts.message import written
from chalicelib.domain.incidents import crisis
from chalicelib.domain.incidents import incident as incidents
from chalicelib.domain.incidents.detect import KnownIncident, detect
from chalicelib.domain.incidents.groups import LONGEST, Cause, IncidentDraft
from chalicelib.domain.incidents.incident import Incident, IncidentAlert, Member
from chalicelib.domain.incidents.signals import Signal
from chalicelib.domain.incidents.usual import HOUR, Usual, comparable, counted, hour_of
from chalicelib.ports.alerts import Alerts, AlertUndelivered
from chalicelib.ports.incidents import Conflict, Incidents
from chalicelib.ports.leases import Leases
from chalicelib.ports.policies import Promises
from chalicelib.ports.signals import Signals

LEASE: Final = "incident_watch"
LEASE_S: Final = 55  # a little longer than the function lives: one that was killed holds up no later minute
_COUNTED_AFTER: Final = timedelta(minutes=10)  # what comes later than that is in no count
_CAUGHT_UP: Final = 24  # hours: signals of older ones may be gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What the watch needs from outside. `also` are other things of the minute, each safe from the others' faults."""

    signals: Signals
    incidents: Incidents
    alerts: Alerts
    leases: Leases
    promises: Promises
    settings: Callable[[], crisis.CrisisSettings] = crisis.CrisisSettings
    base_url: str = ""
    also: tuple[tuple[str, Callable[[datetime, Sequence[Signal]], int]], ...] = ()


@dataclass(slots=True)
class Watched:
    """
    What one minute came to, for the log and the metrics.

    `ran` is False when the minute was somebody else's. `failed` names what
    broke and how; all of it comes again in the next minute.
    """

    turn: datetime
    ran: bool = True
    signals: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, str]] = field(default_factory=list)


def watch(ports: Ports, now: datetime) -> Watched:
    """Look at the two hours before the whole minute of `now`. Safe to run at any time, any number of times."""
    turn = now.replace(second=0, microsecond=0)
    lease = ports.leases.take(LEASE, turn=turn, now=now, for_s=LEASE_S)
    if lease is None:
        return Watched(turn=turn, ran=False)
    watched = Watched(turn=turn)
    signals = ports.signals.between(turn - LONGEST, turn, now=turn)
    watched.signals = len(signals)
    _safely("hours", lambda: _count_hours(ports, turn), watched)
    _safely("incidents", lambda: _look(signals, ports, turn, watched), watched)
    for name, step in ports.also:
        _safely(name, lambda step=step, name=name: watched.counts.update({name: step(turn, signals)}), watched)  # type: ignore[misc]
    ports.leases.done(lease)
    return watched


def _safely(what: str, step: Callable[[], None], watched: Watched) -> None:
    try:
        step()
    except Exception as error:  # noqa: BLE001  one broken part must not keep the others from their minute
        watched.failed.append((what, type(error).__name__))


def _count_hours(ports: Ports, turn: datetime) -> None:
    """Hours that are over and were never counted, at most two in a minute."""
    last = hour_of(turn - _COUNTED_AFTER) - HOUR
    begins = [last - number * HOUR for number in range(_CAUGHT_UP)]
    known = ports.signals.hours(begins, now=turn)
    for begin in [begin for begin in begins if begin not in known][:2]:
        within = ports.signals.between(begin, begin + HOUR, now=turn)
        ports.signals.count(counted(begin, within))


# --- looking ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Held:
    """An incident that is watched, with its cases."""

    incident: Incident
    members: tuple[Member, ...]

    @property
    def known(self) -> KnownIncident:
        return KnownIncident(
            incident_id=self.incident.incident_id,
            causes=self.incident.causes,
            members=frozenset(member.case_id for member in self.members if not member.is_out),
            out=frozenset(member.case_id for member in self.members if member.is_out),
        )


def _look(signals: Sequence[Signal], ports: Ports, turn: datetime, watched: Watched) -> None:
    held = [one for incident_id in ports.incidents.watched_ids() if (one := _held(incident_id, ports))]
    usual = Usual(list(ports.signals.hours(comparable(turn), now=turn).values()), turn)
    found = detect(signals, [one.known for one in held], usual, turn)
    for one in held:
        incident_id = one.incident.incident_id
        joining, causes = found.joining.get(incident_id, ()), found.causes[incident_id]
        _safely("incident", lambda o=one, j=joining, c=causes: _go_on(o, j, c, ports, turn, watched), watched)  # type: ignore[misc]
    for draft in found.opening:
        _safely("opening", lambda draft=draft: _open(draft, ports, turn, watched), watched)  # type: ignore[misc]


def _held(incident_id: str, ports: Ports) -> _Held | None:
    found = ports.incidents.get(incident_id)
    return _Held(found, ports.incidents.members(incident_id)) if found else None


def _open(draft: IncidentDraft, ports: Ports, turn: datetime, watched: Watched) -> None:
    incident, members = incidents.opened(draft, turn)
    with suppress(Conflict):  # opened by this very minute, which was cut short
        incident = _claimed(incident, members, ports, turn)
        incident = ports.incidents.save(incident, members)
        watched.counts["opened"] += 1
        _tell(incident, members, ports, turn, watched)


def _go_on(
    held: _Held, joining: Sequence[Signal], causes: tuple[Cause, ...], ports: Ports, turn: datetime, watched: Watched
) -> None:
    """Take in who is new, see how it stands, and tell who must be told. A person who acts meanwhile comes first."""
    new = tuple(incidents.member_of(signal, turn) for signal in incidents.first_of_each(joining))
    members = (*held.members, *new)
    incident = incidents.counted(replace(held.incident, causes=causes), members)
    incident = incidents.aged(incident, turn)
    incident = _claimed(incident, members, ports, turn)
    if new or incident != held.incident:
        with suppress(Conflict):
            incident = ports.incidents.save(incident, new)
            watched.counts["joined"] += len(new)
            watched.counts["closed"] += held.incident.is_open and not incident.is_open
            _tell(incident, members, ports, turn, watched)
    elif incident.undelivered:
        _tell(incident, members, ports, turn, watched)


# --- telling ----------------------------------------------------------------------------------------------------


def _claimed(incident: Incident, members: Sequence[Member], ports: Ports, turn: datetime) -> Incident:
    settings = ports.settings()
    group = crisis.group_of(settings, ports.promises.books[ports.promises.current])
    return crisis.claimed(incident, crisis.pressure(incident, members, turn), group, settings, turn)


def _tell(incident: Incident, members: Sequence[Member], ports: Ports, turn: datetime, watched: Watched) -> None:
    for call in incident.undelivered:
        words = crisis.pressure(incident, members, turn).words
        incident = _sent(incident, call, words, ports, turn, watched)


def _sent(
    incident: Incident, call: IncidentAlert, words: str, ports: Ports, turn: datetime, watched: Watched
) -> Incident:
    told = incident_alert.ToldIncident(call=call, incident=incident, words=words, base_url=ports.base_url)
    try:
        ports.alerts.publish(written(incident_alert.alert(told)))
    except AlertUndelivered:
        watched.counts["undelivered"] += 1
        return ports.incidents.save(crisis.tried(incident, call.call_id))
    watched.counts[call.step.value] += 1
    return ports.incidents.save(crisis.delivered(incident, call.call_id, turn))
