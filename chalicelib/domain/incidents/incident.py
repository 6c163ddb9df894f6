"""
An incident: many cases with one cause. A list beside the cases, which stay what they are.

It opens by itself, takes in who comes later, and closes once it has been
quiet. What people do to it is on record with their names.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from chalicelib.domain.incidents.chance import one_in
from chalicelib.domain.incidents.groups import Cause, Evidence, IncidentDraft, is_about, rank_of
from chalicelib.domain.incidents.signals import ASPECT, CHANNEL, Signal, kind_of, value_of
from chalicelib.domain.labels import Urgency
from chalicelib.domain.visible import one_line, quoted

WATCHED_AFTER: Final = timedelta(minutes=30)  # without anybody new
CLOSED_AFTER: Final = timedelta(hours=2)
COOLS_FOR: Final = timedelta(hours=2)  # after closing: what still comes of the same cause is no new incident
MOST_TITLE_CHARS: Final = 100
_MOST_NAMED: Final = 4
_MOST_WORD_CHARS: Final = 24
_MOST_HISTORY: Final = 200
ID_PATTERN: Final = r"i[0-9a-f]{15}"
US: Final = "earshot"


class IncidentStatus(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    WATCHING = "watching"  # nobody new for half an hour
    CLOSED = "closed"


class Act(StrEnum):
    """What can happen to an incident."""

    OPENED = "opened"
    PAGED = "paged"
    ACKNOWLEDGED = "acknowledged"
    RENAMED = "renamed"
    TAKEN_OUT = "taken_out"
    PUT_IN = "put_in"
    ANSWERED = "answered"
    QUIET = "quiet"
    BACK = "back"
    CLOSED = "closed"
    TOLD_OVER = "told_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Who did what and when. `actor` is a user's name or "earshot"; `key` tells a repeat of a request."""

    act: Act
    at: datetime
    actor: str = US
    detail: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """
    A case in an incident.

    `at` is when its mention was written, `joined_at` when it was found, by
    `by`. One that a person took out stays on the list with `is_out`, so that
    it is not found again.
    """

    case_id: str
    at: datetime
    joined_at: datetime
    channel: str
    who: str
    by: str = US
    reach: int | None = None
    urgency: Urgency = Urgency.NORMAL
    is_negative: bool = False
    is_out: bool = False


class PageStep(StrEnum):
    """Why people are told of an incident."""

    CRISIS = "crisis"
    GROWTH = "crisis_growth"  # ten times as many as when they were told
    OVER = "crisis_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentAlert:
    """A message to people that must go out. `sent_at` is None until it is; `people` is how many it was about."""

    call_id: str
    step: PageStep
    group: str
    claimed_at: datetime
    people: int
    sent_at: datetime | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """
    One cause and how it stands.

    `title` is made of words of the causes until a person renames it. `why` says
    in sentences what was unusual. `people` and `reach` are sums over the members
    that are not taken out; `unknown_reach` counts those of whom the platform
    does not say, and `reach` is None where it says it of nobody. `calls` are
    the messages to people. Instants are aware UTC.
    """

    incident_id: str
    title: str
    opened_at: datetime
    first_at: datetime
    last_at: datetime
    causes: tuple[Cause, ...]
    why: tuple[str, ...]
    status: IncidentStatus = IncidentStatus.OPEN
    channels: tuple[str, ...] = ()
    people: int = 0
    reach: int | None = 0
    unknown_reach: int = 0
    severity: Urgency = Urgency.NORMAL
    calls: tuple[IncidentAlert, ...] = ()
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    closed_at: datetime | None = None
    is_settled: bool = False  # closed, told, and nobody looks for late ones any more
    history: tuple[Deed, ...] = ()
    answers: tuple[str, ...] = ()  # jobs that answer all of its cases
    version: int = 0

    @property
    def is_open(self) -> bool:
        return self.status is not IncidentStatus.CLOSED

    @property
    def seen_by(self) -> str:
        """How many follow those who wrote; what nobody knows is said to be unknown, and never none."""
        if self.reach is None:
            return "unknown: the platform does not say"
        unknown = f", of {self.unknown_reach:,} nobody knows" if self.unknown_reach else ""
        return f"{self.reach:,} followers{unknown}"

    @property
    def undelivered(self) -> tuple[IncidentAlert, ...]:
        return tuple(call for call in self.calls if call.sent_at is None)

    def knows(self, key: str) -> Deed | None:
        """What was done under this key before."""
        return next((deed for deed in self.history if key and deed.key == key), None)


# --- from first to last -----------------------------------------------------------------------------------------


def opened(draft: IncidentDraft, now: datetime) -> tuple[Incident, tuple[Member, ...]]:
    """A new incident with its first members. Its id follows from what it is about and when it was found."""
    told_by = "|".join(sorted(cause.feature for cause in draft.causes[:8]))
    digest = sha256(f"{now:%Y-%m-%dT%H:%M}|{told_by}".encode()).hexdigest()
    members = tuple(member_of(signal, now) for signal in first_of_each(draft.signals))
    why = tuple(in_words(one) for one in draft.evidence if is_about(one.feature))[:_MOST_NAMED]
    incident = Incident(
        incident_id=f"i{digest[:15]}",
        title=title_of(draft.causes),
        opened_at=now,
        first_at=now,
        last_at=now,
        causes=draft.causes,
        why=why or ("Many people wrote the same, or joined in one conversation.",),
        history=(Deed(act=Act.OPENED, at=now),),
    )
    return counted(incident, members), members


def first_of_each(signals: Iterable[Signal]) -> list[Signal]:
    """One mention for each case: its first."""
    first: dict[str, Signal] = {}
    for signal in sorted(signals, key=lambda s: (s.at, s.key)):
        first.setdefault(signal.case_id, signal)
    return list(first.values())


def member_of(signal: Signal, now: datetime) -> Member:
    return Member(
        case_id=signal.case_id,
        at=signal.at,
        joined_at=now,
        channel=signal.channel,
        who=signal.who,
        reach=signal.reach,
        urgency=signal.urgency,
        is_negative=signal.is_negative,
    )


def counted(incident: Incident, members: Iterable[Member]) -> Incident:
    """The incident with the sums of its members."""
    present = [member for member in members if not member.is_out]
    if not present:
        return replace(incident, people=0, reach=0, unknown_reach=0)
    followers = {member.who: member.reach for member in present}
    known = [count for count in followers.values() if count is not None]
    return replace(
        incident,
        first_at=min(member.at for member in present),
        last_at=max(member.at for member in present),
        channels=tuple(sorted({member.channel for member in present})),
        people=len(followers),
        reach=sum(known) if known or not followers else None,
        unknown_reach=sum(count is None for count in followers.values()),
        severity=severity_of(present),
    )


_SERIOUS_PART: Final = 0.25
_CRITICAL_PEOPLE: Final = 3


def severity_of(members: Sequence[Member]) -> Urgency:
    """
    Critical when three people or more are in danger; high when a quarter of them is blocked, or most complain.

    Otherwise normal: one frightened word must not wake people at night.
    """
    people = {m.who: m for m in sorted(members, key=lambda m: m.urgency.rank)}.values()
    if sum(m.urgency is Urgency.CRITICAL for m in people) >= _CRITICAL_PEOPLE:
        return Urgency.CRITICAL
    serious = sum(m.urgency.rank >= Urgency.HIGH.rank for m in people)
    negative = sum(m.is_negative for m in people)
    if serious >= _SERIOUS_PART * len(people) or 2 * negative > len(people):
        return Urgency.HIGH
    return Urgency.NORMAL


def aged(incident: Incident, now: datetime) -> Incident:
    """
    Watched or closed once nobody new has come for long enough; open again when somebody has.

    One that a person closed stays so, whoever comes.
    """
    if incident.closed_at:
        told = all(call.sent_at for call in incident.calls)
        return replace(incident, is_settled=told and now - incident.closed_at >= COOLS_FOR)
    quiet = now - incident.last_at
    if quiet >= CLOSED_AFTER:
        return closed(incident, Deed(act=Act.CLOSED, at=now, detail="nobody new for two hours"))
    if quiet >= WATCHED_AFTER and incident.status is IncidentStatus.OPEN:
        return done(replace(incident, status=IncidentStatus.WATCHING), Deed(act=Act.QUIET, at=now))
    if quiet < WATCHED_AFTER and incident.status is IncidentStatus.WATCHING:
        return done(replace(incident, status=IncidentStatus.OPEN), Deed(act=Act.BACK, at=now))
    return incident


def closed(incident: Incident, deed: Deed) -> Incident:
    return done(replace(incident, status=IncidentStatus.CLOSED, closed_at=deed.at), deed)


def done(incident: Incident, deed: Deed) -> Incident:
    """With one more line of its history; the oldest but the first give way."""
    history = (*incident.history, deed)
    if len(history) > _MOST_HISTORY:
        history = (history[0], *history[-_MOST_HISTORY + 1 :])
    return replace(incident, history=history)


# --- in words ---------------------------------------------------------------------------------------------------

_ASPECT_WORDS: Final = {
    "staff": "the staff",
    "waiting": "waiting",
    "price": "what it costs",
    "product": "the product",
    "app": "site or app",
    "delivery": "delivery",
    "account": "their account",
    "food": "the food",
    "place": "the place",
    "rules": "rules and information",
}


def name_of(feature: str) -> str:
    """A cause as people say it. Strangers' words are cleaned, cut and quoted."""
    kind, value = kind_of(feature), value_of(feature)
    if kind == ASPECT:
        return _ASPECT_WORDS.get(value, value)
    if kind == CHANNEL:
        return f"complaints on {value}"
    return one_line(value, _MOST_WORD_CHARS) if kind in ("place", "product") else quoted(value, _MOST_WORD_CHARS)


def title_of(causes: Iterable[Cause]) -> str:
    """What it is about, in a handful of words: topics as they are called, then words that people used."""
    telling = [cause.feature for cause in causes if is_about(cause.feature)]
    chosen = sorted(dict.fromkeys(telling).keys(), key=lambda f: (rank_of(f) == 0, telling.index(f)))[:_MOST_NAMED]
    if not chosen:
        return "Many write the same"
    title = "Many write about " + name_of(chosen[0])
    for feature in chosen[1:]:
        longer = f"{title}, {name_of(feature)}"
        title = longer if len(longer) <= MOST_TITLE_CHARS else title  # a quotation that was cut would not be closed
    return title


def in_words(evidence: Evidence) -> str:
    """How unusual something is, with the figures behind it."""
    expected, minutes = evidence.expected, int(evidence.span.total_seconds() // 60)
    if expected.is_floor:
        return (
            f"{name_of(evidence.feature)}: {evidence.people} people in {minutes} minutes. What is usual here is not "
            f"known yet: up to {_few(expected.mean)} are taken for that."
        )
    rest = "this weekday and hour" if expected.is_weekly else "the hours before"
    return (
        f"{name_of(evidence.feature)}: {evidence.people} people in {minutes} minutes, "
        f"where {_few(expected.mean)} would be usual by {rest}. By chance that happens {one_in(evidence.zeros)}."
    )


def _few(mean: float) -> str:
    return f"{mean:.0f}" if mean >= 10 else f"{mean:.1f}"  # noqa: PLR2004
