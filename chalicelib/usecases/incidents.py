"""
What people see of incidents, and what they do to them: name, acknowledge, close, take a case out, put one in.

A request is known by its key: a repeat finds what the first one did.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from chalicelib.domain.incidents import incident as states
from chalicelib.domain.incidents.groups import is_about
from chalicelib.domain.incidents.incident import ID_PATTERN, Act, Deed, Incident, Member
from chalicelib.domain.labels import Sentiment
from chalicelib.domain.visible import is_blank, one_line
from chalicelib.ports.cases import CaseRecord, CaseStore
from chalicelib.ports.incidents import IncidentAnswer, Incidents, Listed, UnknownCursor
from chalicelib.ports.waiting import Backoff
from chalicelib.usecases.cases.timeline import retrying

__all__ = ["ID_PATTERN", "UnknownCursor"]

MOST_TITLE_CHARS: Final = states.MOST_TITLE_CHARS
MOST_MEMBERS_SHOWN: Final = 500
T = TypeVar("T")


class UnknownIncident(LookupError):
    """There is no such incident. Next step: look at the list of incidents."""


class RequestInvalid(ValueError):
    """The request can never be carried out as it is; the message says what to change."""


class KeyMismatch(Exception):
    """The key belongs to another request. Next step: a fresh key for every action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What handling incidents needs from outside."""

    incidents: Incidents
    store: CaseStore
    backoff: Backoff


# --- looking ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """A case of an incident, as `incident.Member` has it."""

    case_id: str
    at: datetime
    joined_at: datetime
    channel: str
    by: str
    reach: int | None
    is_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentStep:
    """So many people wrote for the first time in the ten minutes that begin at `at`."""

    at: datetime
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """
    Everything about one incident.

    `causes` are what it is told by, in words. `left_out` counts the latest
    members of one with too many.
    """

    incident: Incident
    causes: tuple[str, ...]
    growth: tuple[IncidentStep, ...]
    members: tuple[MemberView, ...]
    left_out: int
    answers: tuple[IncidentAnswer, ...]


def show_list(ports: Ports, *, closed: bool = False, limit: int = 50, more: str | None = None) -> Listed:
    """Newest first. Raises UnknownCursor."""
    return ports.incidents.listed(closed=closed, limit=limit, more=more)


def among(case_ids: Iterable[str], incidents: Incidents) -> Mapping[str, str]:
    """Which of the cases belong to an incident that is watched now, and to which. A call for each, and one more."""
    wanted = set(case_ids)
    return {
        member.case_id: incident_id
        for incident_id in incidents.watched_ids()
        for member in incidents.members(incident_id)
        if member.case_id in wanted and not member.is_out
    }


def show(incident_id: str, ports: Ports) -> IncidentView:
    """Raises UnknownIncident."""
    found = _found(incident_id, ports)
    members = sorted(ports.incidents.members(incident_id), key=lambda member: (member.at, member.case_id))
    answers = [ports.incidents.answer(incident_id, answer_id) for answer_id in found.answers]
    return IncidentView(
        incident=found,
        causes=tuple(states.name_of(cause.feature) for cause in found.causes if is_about(cause.feature)),
        growth=growth(members),
        members=tuple(_view(member) for member in members[:MOST_MEMBERS_SHOWN]),
        left_out=max(0, len(members) - MOST_MEMBERS_SHOWN),
        answers=tuple(answer for answer in answers if answer),
    )


def _view(member: Member) -> MemberView:
    return MemberView(
        case_id=member.case_id,
        at=member.at,
        joined_at=member.joined_at,
        channel=member.channel,
        by=member.by,
        reach=member.reach,
        is_out=member.is_out,
    )


def growth(members: Sequence[Member]) -> tuple[IncidentStep, ...]:
    """How many joined, ten minutes by ten minutes; quiet ones are left out."""
    steps: dict[datetime, int] = {}
    for member in members:
        if not member.is_out:
            at = member.at.replace(minute=member.at.minute // 10 * 10, second=0, microsecond=0)
            steps[at] = steps.get(at, 0) + 1
    return tuple(IncidentStep(at=at, people=steps[at]) for at in sorted(steps))


def _found(incident_id: str, ports: Ports) -> Incident:
    found = ports.incidents.get(incident_id)
    if found is None:
        raise UnknownIncident(f"There is no incident {incident_id}.")
    return found


# --- acting -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRequest:
    """
    One action of one person. `key` counts for this person and this incident.

    `value` is the new title, or the id of a case.
    """

    act: Act
    actor: str
    key: str
    value: str = ""


def act(incident_id: str, request: IncidentRequest, ports: Ports, now: datetime) -> Incident:
    """
    Carry out a request once, however often it comes; the incident as it stands then.

    Raises UnknownIncident, RequestInvalid, KeyMismatch and `timeline.Overtaken`.
    """
    request = _checked(request)
    return retrying(lambda: _acted(incident_id, request, ports, now), ports.backoff)


def _checked(request: IncidentRequest) -> IncidentRequest:
    if request.act not in _DOING:
        raise RequestInvalid(f"{request.act} is none of {', '.join(_DOING)}.")
    if request.act is Act.RENAMED:
        title = one_line(request.value, MOST_TITLE_CHARS)
        if is_blank(title):
            raise RequestInvalid("A title has at least one character that can be seen.")
        return replace(request, value=title)
    return request


def _acted(incident_id: str, request: IncidentRequest, ports: Ports, now: datetime) -> Incident:
    found = _found(incident_id, ports)
    key = f"{request.actor}:{request.key}"
    before = found.knows(key)
    if before:
        if (before.act, before.detail) != (request.act, request.value):
            raise KeyMismatch("This Idempotency-Key was used for another request. Send a fresh key with every action.")
        return found
    deed = Deed(act=request.act, at=now, actor=request.actor, detail=request.value, key=key)
    incident, members = _DOING[request.act](found, deed, ports)
    return ports.incidents.save(incident, members)


Done = tuple[Incident, tuple[Member, ...]]


def _acknowledge(found: Incident, deed: Deed, ports: Ports) -> Done:  # noqa: ARG001  all deeds have one form
    """The first who says so is on it; others are on record."""
    if found.acknowledged_by is None:
        found = replace(found, acknowledged_by=deed.actor, acknowledged_at=deed.at)
    return states.done(found, deed), ()


def _rename(found: Incident, deed: Deed, ports: Ports) -> Done:  # noqa: ARG001
    return states.done(replace(found, title=deed.detail), deed), ()


def _close(found: Incident, deed: Deed, ports: Ports) -> Done:  # noqa: ARG001
    """The next minute says that it is over, to whoever was called."""
    if not found.is_open:
        raise RequestInvalid("The incident is closed already.")
    return states.closed(found, deed), ()


def _take_out(found: Incident, deed: Deed, ports: Ports) -> Done:
    members = {member.case_id: member for member in ports.incidents.members(found.incident_id)}
    member = members.get(deed.detail)
    if member is None or member.is_out:
        raise RequestInvalid("The case is not in this incident.")
    return _changed(found, deed, members, replace(member, is_out=True))


def _put_in(found: Incident, deed: Deed, ports: Ports) -> Done:
    """One that was taken out comes back as it was; any other case may be put in by hand."""
    members = {member.case_id: member for member in ports.incidents.members(found.incident_id)}
    known = members.get(deed.detail)
    if known and not known.is_out:
        raise RequestInvalid("The case is in this incident already.")
    if known:
        return _changed(found, deed, members, replace(known, is_out=False))
    case, _ = ports.store.case(deed.detail)
    if case is None or case.merged_into or case.state.opened_at is None:
        raise RequestInvalid(f"There is no case {deed.detail}.")
    return _changed(found, deed, members, _member(case, case.state.opened_at, deed))


def _member(case: CaseRecord, opened_at: datetime, deed: Deed) -> Member:
    state = case.state
    return Member(
        case_id=case.case_id,
        at=opened_at,
        joined_at=deed.at,
        channel=state.channel,
        who=case.case_id,
        by=deed.actor,
        reach=state.author.followers if state.author else None,
        urgency=state.effective_priority,
        is_negative=state.sentiment == Sentiment.NEGATIVE,
    )


def _changed(found: Incident, deed: Deed, members: dict[str, Member], member: Member) -> Done:
    everybody = {**members, member.case_id: member}
    return states.done(states.counted(found, everybody.values()), deed), (member,)


_DOING: Final[dict[Act, Callable[[Incident, Deed, Ports], Done]]] = {
    Act.ACKNOWLEDGED: _acknowledge,
    Act.RENAMED: _rename,
    Act.CLOSED: _close,
    Act.TAKEN_OUT: _take_out,
    Act.PUT_IN: _put_in,
}
