"""What people see of a customer, and of why a case stands where it stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.case.state import CaseState
from chalicelib.domain.case.status import CLOSED
from chalicelib.domain.clock import METRIC_WORDS, Metric
from chalicelib.domain.customer import Consent, Profile, RecordChange
from chalicelib.domain.in_words import due_in_words, span
from chalicelib.domain.outcome import After, Aftermath
from chalicelib.domain.priority import Weights, audience
from chalicelib.domain.priority import score as score_of
from chalicelib.ports.cases import CaseRecord, CaseStore, CaseSummary
from chalicelib.usecases.cases.customer_context import MONTH, MOST_EARLIER, customer_of

AFTER_WORDS = {
    After.THANKED: "thanked us, or was pleased otherwise",
    After.DELETED: "deleted what had been answered",
    After.EDITED: "edited what had been answered",
    After.REPEATED: "complained again",
    After.ESCALATED: "complained more urgently, or on another channel",
    After.REPLIED: "wrote, neither pleased nor displeased",
    After.SILENT: "said nothing",
}


# --- the customer -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseView:
    """Our word that somebody gave them, and nobody has marked as kept or broken. `due_on` is an ISO date."""

    id: str
    text: str
    due_on: str
    is_late: bool
    by: str
    at: datetime
    case_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """One change of what is recorded of a customer."""

    at: datetime
    by: str
    kind: str
    value: str | None
    due_on: str | None
    case_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCase:
    """Another case of the same author. `sentiment` is that of the latest message."""

    case_id: str
    status: str
    opened_at: datetime
    text: str | None
    sentiment: str | None
    is_complaint: bool
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView:
    """
    What is known of a case's customer.

    `is_named` is False for one whom the platform does not name: nothing can be
    recorded of them. `complaints` counts cases of the last 30 days with a
    complaint, this one included; at most the twenty newest cases are looked
    at. `changes` are listed only where they are asked for.
    """

    is_named: bool
    tier: str | None
    tags: tuple[str, ...]
    consent: Consent | None
    promises: tuple[PromiseView, ...]
    complaints: int
    changes: tuple[ChangeView, ...] = ()


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What was read of a case's customer. `others` are their other cases, newest first."""

    profile: Profile
    others: tuple[CaseRecord, ...]
    is_named: bool


def acquaintance(case: CaseRecord, store: CaseStore) -> Acquaintance:
    """Two calls; one for a customer without another case, none for one without a name."""
    customer = customer_of(case)
    if customer is None:
        return Acquaintance(Profile(), (), is_named=False)
    known = store.known(customer, most=MOST_EARLIER + 1)
    ids = [case_id for case_id in known.case_ids if case_id != case.case_id]
    others = (other for other in (store.cases(ids) if ids else ()) if other.merged_into is None)
    return Acquaintance(known.profile, tuple(others), is_named=True)


def customer_view(case: CaseRecord, known: Acquaintance, now: datetime) -> CustomerView:
    states = [case.state, *(other.state for other in known.others)]
    recent = [state for state in states if state.opened_at is not None and state.opened_at >= now - MONTH]
    return CustomerView(
        is_named=known.is_named,
        tier=known.profile.tier,
        tags=known.profile.tags,
        consent=known.profile.consent,
        promises=promises_of(known.profile, now),
        complaints=sum(state.complaint for state in recent),
    )


def change_view(change: RecordChange) -> ChangeView:
    return ChangeView(
        at=change.at,
        by=change.by,
        kind=change.kind.value,
        value=change.value,
        due_on=change.due_on,
        case_id=change.case_id,
    )


def promises_of(profile: Profile, now: datetime) -> tuple[PromiseView, ...]:
    """The first to be kept first."""
    today = now.date()
    return tuple(
        PromiseView(
            id=given.id,
            text=given.text,
            due_on=given.due_on,
            is_late=given.is_late(today),
            by=given.by,
            at=given.at,
            case_id=given.case_id,
        )
        for given in sorted(profile.promises, key=lambda given: (given.due_on, given.id))
    )


def others_of(known: Acquaintance, most: int) -> Iterator[OtherCase]:
    """The newest first."""
    opened = [other for other in known.others if other.state.opened_at is not None]
    for other in opened[:most]:
        state = other.state
        assert state.opened_at is not None  # noqa: S101  looked above
        yield OtherCase(
            case_id=other.case_id,
            status=state.status.value,
            opened_at=state.opened_at,
            text=state.latest_text,
            sentiment=state.sentiment,
            is_complaint=state.complaint,
            places=state.places,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterView:
    """What came of the answer. Until `decided_at` it is what it looks like so far."""

    outcome: str
    words: str
    decided_at: datetime
    is_final: bool


def after_view(found: Aftermath | None, now: datetime) -> AfterView | None:
    if found is None:
        return None
    return AfterView(
        outcome=found.after.value,
        words=AFTER_WORDS[found.after],
        decided_at=found.decided_at,
        is_final=found.decided_at <= now,
    )


# --- where it stands --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """One summand of a score."""

    name: str
    points: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreView:
    """
    Why a case stands where it stands: its points, and the time for which its customer has waited.

    A point is worth `point_s` of waiting, so `total` is both together. `people`
    will hear of it by an estimate: `seen` see the post, its author tells
    `told`. `value_cents` is what as many impressions would cost. `seen`
    and that are None where the platform says nothing of it.
    """

    parts: tuple[PartView, ...]
    points: int
    point_s: int
    waited: int
    total: int
    people: int
    seen: int | None
    told: int
    value_cents: int | None


def score_view(state: CaseState, weights: Weights, now: datetime) -> ScoreView | None:
    """None for a case that is closed: it stands nowhere."""
    if state.is_closed or state.opened_at is None:
        return None
    score, hears = score_of(state, weights), audience(state, weights)
    waited = max(0, int((now - score.since).total_seconds())) // weights.point_s if score.waits else 0
    return ScoreView(
        parts=tuple(PartView(name=part.name, points=part.points, words=part.words) for part in score.parts),
        points=score.points,
        point_s=weights.point_s,
        waited=waited,
        total=score.points + waited,
        people=hears.people,
        seen=hears.seen,
        told=hears.told,
        value_cents=hears.value_cents,
    )


def reasons(case: CaseSummary, now: datetime) -> tuple[str, ...]:
    """Why it stands there, as a line of the list says it: what speaks for it, how long they wait, what breaks when."""
    found = list(case.reasons)
    if case.status in CLOSED:
        return tuple(found)
    if case.unjudged:
        found.append("not judged yet")
    if case.waiting_since:
        found.append(f"waiting {span(now - case.waiting_since)}")
    if case.due_at and case.due and case.waiting_since:
        found.append(f"{METRIC_WORDS[Metric(case.due)]} {due_in_words(case.due_at, now)}")
    return tuple(found)
