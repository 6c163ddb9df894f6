"""
One text to everybody who is affected, each in the thread in which they wrote.

Each answer is an agent's reply like any other (`act`), so every rule about
replies holds, and the key of the job makes it one reply for each case,
however often the walk is cut short. Nobody is answered who was answered since
the incident began.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from chalicelib.domain.case.state import CaseState
from chalicelib.domain.events import EventKind, action
from chalicelib.domain.facts import Author
from chalicelib.domain.incidents.incident import Act, Deed, Incident, Member, done
from chalicelib.domain.platforms import platform_of
from chalicelib.domain.visible import is_blank, one_line
from chalicelib.ports.cases import CaseRecord
from chalicelib.ports.connector.replying import Refused
from chalicelib.ports.incidents import Conflict, IncidentAnswer, Incidents
from chalicelib.ports.json_codec import dumps
from chalicelib.usecases import act as acting
from chalicelib.usecases.cases.moving import UnknownCase, current_case
from chalicelib.usecases.cases.timeline import retrying
from chalicelib.usecases.incidents import KeyMismatch, RequestInvalid, UnknownIncident

TOGETHER: Final = 25  # members in one read
MOST_AT_ONCE: Final = 25  # cases in the request that asks; the watch does the rest
MOST_A_MINUTE: Final = 200
LEASE: Final = timedelta(seconds=90)
MOST_PREVIEWED: Final = 500
_MOST_NAMED: Final = 20
_SLOT: Final = re.compile(r"\{([a-z_]*)\}")
_SLOTS: Final = ("name", "handle")
# A name may be a stranger's trap: what goes into our own posts are letters, and no address or call to others.
_PLAIN_NAME: Final = re.compile(r"[^\W\d_]+(?:[ '’.-]{1,2}[^\W\d_]+)*\.?")  # noqa: RUF001
_PLAIN_HANDLE: Final = re.compile(r"[A-Za-z0-9_]{1,30}")
_MOST_NAME_CHARS: Final = 40

ANSWERED, UNDER_WAY, CLOSED, NO_NAME, GONE, OUT = (
    "answered_since",
    "answer_under_way",
    "resolved",
    "no_name",
    "gone",
    "taken_out",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What answering everybody needs from outside."""

    incidents: Incidents
    acting: acting.Ports
    has_time: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAnswer:
    """What is asked for: an answer as of `act.Answer`; `with_late` also to those who join later."""

    text: str
    actor: str
    key: str
    private: bool | None = None
    then: EventKind | None = None
    with_late: bool = False

    @property
    def digest(self) -> str:
        """What tells a repeat from another request under the same key."""
        content = {"text": self.text, "private": self.private, "then": self.then, "with_late": self.with_late}
        return sha256(dumps(content).encode()).hexdigest()[:32]

    def answer_id(self, incident_id: str) -> str:
        return f"a{sha256(f'{incident_id}|{self.actor}|{self.key}'.encode()).hexdigest()[:15]}"


# --- what would be sent -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """
    What would become of one case.

    `text` is what would be sent; `skipped` a stable word, and `why` a
    sentence, when nothing would. `cost_usd` is None: no platform tells.
    """

    case_id: str
    author: str
    platform: str
    private: bool
    text: str | None = None
    skipped: str | None = None
    why: str | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAllPreview:
    """All cases of the incident as an answer would find them now. `left_out` counts those that are too many to show."""

    cases: tuple[Planned, ...]
    left_out: int

    @property
    def to_send(self) -> int:
        return sum(one.skipped is None for one in self.cases)


def preview(incident_id: str, wanted: WantedAnswer, ports: Ports, now: datetime) -> AnswerAllPreview:
    """Writes nothing. Raises UnknownIncident, RequestInvalid."""
    _require_slots(wanted.text)
    incident = _incident(incident_id, ports)
    members = sorted(ports.incidents.members(incident_id), key=lambda member: (member.at, member.case_id))
    shown = members[:MOST_PREVIEWED]
    cases = tuple(_planned(member, incident, wanted, ports, now) for member in shown)
    return AnswerAllPreview(cases=cases, left_out=len(members) - len(shown))


def _planned(member: Member, incident: Incident, wanted: WantedAnswer, ports: Ports, now: datetime) -> Planned:
    plan = Planned(case_id=member.case_id, author="", platform="", private=False)
    answer_id = wanted.answer_id(incident.incident_id)
    try:
        case, _ = _case(member, wanted.actor, answer_id, ports, now)
        plan = replace(plan, case_id=case.case_id, platform=case.platform, author=_shown(case.state.author))
        _require_unanswered(case.state, incident)
        text = filled(wanted.text, case.state.author, case.platform)
        item = acting.rehearse(case.case_id, _request(wanted, text, answer_id), ports=ports.acting, now=now)
    except _Skipped as skipped:
        return replace(plan, skipped=skipped.reason, why=str(skipped))
    except _UNSENDABLE as error:
        return replace(plan, skipped=_reason(error), why=str(error))
    return replace(plan, text=item.text, private=item.private)


class _Skipped(Exception):
    """Nothing is sent in this case."""

    def __init__(self, reason: str, why: str) -> None:
        super().__init__(why)
        self.reason = reason


_UNSENDABLE: Final = (acting.ActionInvalid, acting.NotAllowed, Refused)


def _reason(error: Exception) -> str:
    """A stable word for what `act` raised."""
    return str(getattr(error, "code", "")) or ("not_allowed" if isinstance(error, acting.NotAllowed) else "invalid")


def _case(member: Member, actor: str, answer_id: str, ports: Ports, now: datetime) -> tuple[CaseRecord, bool]:
    """The case, or the one that took it over; and whether this very answer is in it. Raises _Skipped."""
    if member.is_out:
        raise _Skipped(OUT, "Somebody took this case out of the incident.")
    key = action(EventKind.REPLY, action_id=f"{actor}:{answer_id}", at=now, actor=actor).key
    try:
        case, known = current_case(
            member.case_id,
            store=ports.acting.store,
            promises=ports.acting.promises,
            now=now,
            backoff=ports.acting.backoff,
            event_keys=[key],
        )
    except UnknownCase:
        raise _Skipped(GONE, "The case is not there any more.") from None
    return case, key in known


def _require_unanswered(state: CaseState, incident: Incident) -> None:
    if state.is_closed:
        raise _Skipped(CLOSED, f"The case is {state.status.value}.")
    if state.outbox:
        raise _Skipped(UNDER_WAY, "An answer is on its way already.")
    if state.answered_at and state.answered_at >= incident.first_at:
        raise _Skipped(ANSWERED, "The customer was answered since the incident began.")


def _request(wanted: WantedAnswer, text: str, answer_id: str) -> acting.ActRequest:
    intent = acting.AnswerCustomer(text=text, private=wanted.private, then=wanted.then)
    return acting.ActRequest(intent=intent, actor=wanted.actor, idempotency_key=answer_id)


# --- the text for each ------------------------------------------------------------------------------------------


def filled(text: str, author: Author | None, platform: str) -> str:
    """The text with name and handle put in. Raises _Skipped when it needs one that cannot be used."""
    values = {"name": _name(author), "handle": _handle(author, platform)}

    def value(slot: re.Match[str]) -> str:
        found = values[slot[1]]
        if found is None:
            raise _Skipped(NO_NAME, f"There is no {slot[1]} that can go into an answer.")
        return found

    return _SLOT.sub(value, text)


def _require_slots(text: str) -> None:
    for slot in _SLOT.findall(text):
        if slot not in _SLOTS:
            raise RequestInvalid(f"{{{slot}}} is not known; there are {{name}} and {{handle}}.")


def _name(author: Author | None) -> str | None:
    """The name as the platform shows it, else the handle; None for what is no plain name."""
    name = one_line((author.name if author else None) or "", _MOST_NAME_CHARS + 1)
    if _PLAIN_NAME.fullmatch(name) and len(name) <= _MOST_NAME_CHARS:
        return name
    return _plain_handle(author)


def _handle(author: Author | None, platform: str) -> str | None:
    handle = _plain_handle(author)
    return f"{platform_of(platform).mention_prefix}{handle}" if handle else None


def _plain_handle(author: Author | None) -> str | None:
    handle = author.handle if author else None
    return handle if handle and _PLAIN_HANDLE.fullmatch(handle) else None


def _shown(author: Author | None) -> str:
    return one_line(author.called if author else "", _MOST_NAME_CHARS)


# --- sending ----------------------------------------------------------------------------------------------------


def ask(incident_id: str, wanted: WantedAnswer, ports: Ports, now: datetime) -> IncidentAnswer:
    """
    Begin to answer everybody, or find the job that was begun under this key; how it stands.

    A first part is done at once, the watch of incidents does the rest. Raises
    UnknownIncident, RequestInvalid, KeyMismatch and `timeline.Overtaken`.
    """
    _require_slots(wanted.text)
    if is_blank(wanted.text):
        raise RequestInvalid("There is no text.")
    job = retrying(lambda: _begun(incident_id, wanted, ports, now), ports.acting.backoff)
    return _walked(job, ports, now, MOST_AT_ONCE)


def _begun(incident_id: str, wanted: WantedAnswer, ports: Ports, now: datetime) -> IncidentAnswer:
    incident = _incident(incident_id, ports)
    answer_id = wanted.answer_id(incident_id)
    known = ports.incidents.answer(incident_id, answer_id)
    if known is None:
        known = ports.incidents.save_answer(_job(incident_id, answer_id, wanted, now))
    if known.digest != wanted.digest:
        raise KeyMismatch("This Idempotency-Key was used for another request. Send a fresh key with every action.")
    if answer_id not in incident.answers:
        deed = Deed(act=Act.ANSWERED, at=now, actor=wanted.actor, detail=answer_id)
        ports.incidents.save(done(replace(incident, answers=(*incident.answers, answer_id)), deed))
    return known


def _job(incident_id: str, answer_id: str, wanted: WantedAnswer, now: datetime) -> IncidentAnswer:
    return IncidentAnswer(
        answer_id=answer_id,
        incident_id=incident_id,
        text=wanted.text,
        actor=wanted.actor,
        asked_at=now,
        until=now,
        private=wanted.private,
        then=wanted.then.value if wanted.then else None,
        with_late=wanted.with_late,
        digest=wanted.digest,
    )


def _incident(incident_id: str, ports: Ports) -> Incident:
    found = ports.incidents.get(incident_id)
    if found is None:
        raise UnknownIncident(f"There is no incident {incident_id}.")
    return found


def go_on(ports: Ports, now: datetime) -> int:
    """Go on with every job that is not finished, as far as time allows; how many answers were sent."""
    sent = 0
    for incident_id, answer_id in ports.incidents.answering():
        job = ports.incidents.answer(incident_id, answer_id)
        if job and ports.has_time():
            sent += _walked(job, ports, now, MOST_A_MINUTE).sent - job.sent
    return sent


def _walked(job: IncidentAnswer, ports: Ports, now: datetime, most: int) -> IncidentAnswer:
    if job.finished_at or (job.leased_until and job.leased_until > now):
        return job
    try:
        job = ports.incidents.save_answer(replace(job, leased_until=now + LEASE))
        return _walk(job, ports, now, most)
    except Conflict:  # somebody took over
        return ports.incidents.answer(job.incident_id, job.answer_id) or job


def _walk(job: IncidentAnswer, ports: Ports, now: datetime, most: int) -> IncidentAnswer:
    incident = _incident(job.incident_id, ports)
    end = job.seen + most
    while job.seen < end and ports.has_time():
        members, more = ports.incidents.some_members(job.incident_id, limit=TOGETHER, more=job.more)
        for member in members:
            if _is_in_turn(member, job):
                job = _answered(member, incident, job, ports, now)
        if more is None:  # in one write with what was counted: a walk that begins anew would count it again
            return _after_walk(job, incident, ports, now)
        job = ports.incidents.save_answer(replace(job, more=more))
    return ports.incidents.save_answer(replace(job, leased_until=None))


def _is_in_turn(member: Member, job: IncidentAnswer) -> bool:
    return member.joined_at <= job.until and (job.since is None or member.joined_at > job.since)


def _after_walk(job: IncidentAnswer, incident: Incident, ports: Ports, now: datetime) -> IncidentAnswer:
    """Finished; or, while late ones are wanted and may come, ready for those who join from now on."""
    if job.with_late and incident.is_open:
        return ports.incidents.save_answer(replace(job, since=job.until, until=now, more=None, leased_until=None))
    return ports.incidents.save_answer(replace(job, finished_at=now, more=None, leased_until=None))


def _answered(member: Member, incident: Incident, job: IncidentAnswer, ports: Ports, now: datetime) -> IncidentAnswer:
    job = replace(job, seen=job.seen + 1)
    try:
        case, is_repeat = _case(member, job.actor, job.answer_id, ports, now)
        if not is_repeat:  # else a walk that was cut short had come so far
            _require_unanswered(case.state, incident)
        then = EventKind(job.then) if job.then else None
        wanted = WantedAnswer(text=job.text, actor=job.actor, key="", private=job.private, then=then)
        request = _request(wanted, filled(job.text, case.state.author, case.platform), job.answer_id)
        acting.act(case.case_id, request, ports=ports.acting, now=now)
    except _Skipped as skipped:
        return _with_skipped(job, skipped.reason)
    except _UNSENDABLE as error:
        return _with_skipped(job, _reason(error))
    except Exception as error:  # noqa: BLE001  one broken case must not keep the others from their answer
        named = (*job.failed, f"{member.case_id}: {type(error).__name__}")[:_MOST_NAMED]
        return replace(job, failed=named)
    return replace(job, sent=job.sent + 1)


def _with_skipped(job: IncidentAnswer, reason: str) -> IncidentAnswer:
    counts = Counter(dict(job.skipped or {}))
    counts[reason] += 1
    return replace(job, skipped=dict(sorted(counts.items())))


def reasons(job: IncidentAnswer) -> Iterator[str]:
    """Why cases were skipped, in words with numbers."""
    yield from (f"{count} {reason.replace('_', ' ')}" for reason, count in (job.skipped or {}).items())
