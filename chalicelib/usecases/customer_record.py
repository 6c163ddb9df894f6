"""
An agent records something about a customer: a tier, a tag, consent to call, a promise and what became of it.

Each is a change of the profile under the condition that nobody else changed
it meanwhile, kept beside the profile for ever. Another tier is then told to
the customer's cases, whose promises it may change (R9).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Final

from chalicelib.documents.reading import suggestion
from chalicelib.domain.case.state import REOPEN_WINDOW
from chalicelib.domain.case.status import CaseStatus
from chalicelib.domain.customer import ChangeKind, NotPossible, Profile, RecordChange, changed
from chalicelib.domain.events import Event, EventKind, action, whole_second
from chalicelib.ports.cases import CaseRecord, CaseStore
from chalicelib.ports.customers import Customer
from chalicelib.ports.policies import Promises
from chalicelib.ports.waiting import Backoff
from chalicelib.usecases.act import KEY_PATTERN, ActionInvalid, IdempotencyMismatch, clean
from chalicelib.usecases.cases.customer_context import customer_of
from chalicelib.usecases.cases.moving import current_case
from chalicelib.usecases.cases.timeline import at_the_end, commit_for, retrying

MOST_TEXT_CHARS: Final = 500
TAG_PATTERN: Final = r"[a-z0-9][a-z0-9-]{0,39}"
_WITH_TEXT: Final = (ChangeKind.CONSENT, ChangeKind.CONSENT_WITHDRAWN, ChangeKind.PROMISE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRequest:
    """
    One change that one agent wants, while looking at `case_id`.

    `value` is as in `customer.Change`, `due_on` the ISO date of a promise.
    `idempotency_key` counts for this agent and this customer.
    """

    kind: ChangeKind
    actor: str
    idempotency_key: str
    value: str | None = None
    due_on: str | None = None

    @property
    def change_id(self) -> str:
        """Also the id of a promise, hence short."""
        return f"p{sha256(f'{self.actor}:{self.idempotency_key}'.encode()).hexdigest()[:15]}"

    @property
    def digest(self) -> str:
        """What tells a repeat from another request under the same key."""
        return sha256(f"{self.kind}|{self.value}|{self.due_on}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """The change, the first one also for a repeat, and the profile as it stands now."""

    customer: Customer
    change: RecordChange
    profile: Profile
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What is needed from outside. `tiers` are those that the settings of the priority know."""

    store: CaseStore
    promises: Promises
    backoff: Backoff
    tiers: Collection[str]

    @property
    def known_tiers(self) -> frozenset[str]:
        """Those, and the ones that the policies in force name."""
        return frozenset(self.tiers).union(self.promises.books[self.promises.current].tiers)


def remember(case_id: str, request: RecordRequest, *, ports: Ports, now: datetime) -> Remembered:
    """
    Record the change once, however often it is asked for.

    Raises `joining.UnknownCase`, `act.ActionInvalid`, `act.IdempotencyMismatch`
    and `timeline.Overtaken`. When anything else is raised the change may have
    been recorded: the same request again finds out and finishes it.
    """
    case, _ = current_case(case_id, store=ports.store, promises=ports.promises, now=now, backoff=ports.backoff)
    customer = customer_of(case)
    if customer is None:
        raise ActionInvalid("The platform does not say who wrote this: nothing can be recorded about them.")
    return remember_of(customer, case.case_id, request, ports=ports, now=now)


def remember_of(customer: Customer, case_id: str, request: RecordRequest, *, ports: Ports, now: datetime) -> Remembered:
    """As `remember`, of a customer who may have no case yet; `case_id` is where it was recorded, empty for nowhere."""
    change = _change(_checked(request, ports), case_id, now)
    done = retrying(lambda: _record(customer, change, ports.store), ports.backoff)
    if done.change.kind is ChangeKind.TIER:
        _tell_cases(done, ports, now)
    return done


def _change(request: RecordRequest, case_id: str, now: datetime) -> RecordChange:
    return RecordChange(
        kind=request.kind,
        value=request.value,
        due_on=request.due_on,
        id=request.change_id,
        by=request.actor,
        at=whole_second(now),
        case_id=case_id,
        request=request.digest,
    )


def _record(customer: Customer, change: RecordChange, store: CaseStore) -> Remembered:
    before, made = store.profile(customer, change_id=change.id)
    if made is not None:
        if made.request != change.request:
            raise IdempotencyMismatch(
                "This Idempotency-Key was used for another change. Send a fresh key with every new one."
            )
        return Remembered(customer=customer, change=made, profile=before, repeated=True)
    try:
        profile = changed(before, change)
    except NotPossible as error:
        raise ActionInvalid(str(error)) from None
    change = replace(change, made=profile.version)
    store.record(customer, profile, change)
    return Remembered(customer=customer, change=change, profile=profile)


# --- another tier is told to the cases --------------------------------------------------------------------------


def _tell_cases(done: Remembered, ports: Ports, now: datetime) -> None:
    """
    Every case that may still keep a promise hears of it, each once.

    A case that is opened meanwhile rests on the profile as it was read, and
    is opened anew when that has changed.
    """
    for case_id in ports.store.author_cases(done.customer.platform, done.customer.author_key):
        retrying(lambda which=case_id: _tell(which, done, ports, now), ports.backoff)  # type: ignore[misc]


def _tell(case_id: str, done: Remembered, ports: Ports, now: datetime) -> None:
    event = _event(done, ports.promises.current)
    profile, _ = ports.store.profile(done.customer, change_id=done.change.id)
    if profile.tier != done.change.value:  # somebody has changed it since, and tells the cases of that
        return
    case, known = ports.store.case(case_id, event_keys=[event.key])
    if case is None or known or not _may_promise(case, now) or case.state.tier == done.change.value:
        return
    commit = commit_for(case, at_the_end(case.state, [event]), store=ports.store, promises=ports.promises, now=now)
    assert commit is not None  # noqa: S101  the event is not known
    ports.store.commit(commit)


def _event(done: Remembered, book: int) -> Event:
    change = done.change
    return action(
        EventKind.TIER,
        action_id=change.id,
        at=change.at,
        actor=change.by,
        detail={"to": change.value or ""},
        book=book,
    )


def _may_promise(case: CaseRecord, now: datetime) -> bool:
    """Not what another case took over, nor what no message reopens any more."""
    state = case.state
    if case.merged_into is not None or state.opened_at is None:
        return False
    return state.status is not CaseStatus.RESOLVED or (state.resolved_at or now) + REOPEN_WINDOW >= now


# --- what a request may hold ------------------------------------------------------------------------------------


def _checked(request: RecordRequest, ports: Ports) -> RecordRequest:
    """The request with its text as it will be stored. Raises ActionInvalid."""
    if not re.fullmatch(KEY_PATTERN, request.idempotency_key):
        raise ActionInvalid("An idempotency key is 1 to 100 characters, without spaces.")
    if request.kind is ChangeKind.TIER and request.value is not None and request.value not in ports.known_tiers:
        raise ActionInvalid(f"There is no such tier: {suggestion(request.value, ports.known_tiers)}.")
    if request.kind in (ChangeKind.TAG, ChangeKind.UNTAG) and not re.fullmatch(TAG_PATTERN, request.value or ""):
        raise ActionInvalid("A tag is 1 to 40 lower-case letters, digits and hyphens.")
    if request.kind is ChangeKind.PROMISE:
        _require_date(request.due_on)
    if request.kind in _WITH_TEXT:
        return replace(request, value=clean(request.value or "", MOST_TEXT_CHARS))
    return request


def _require_date(text: str | None) -> None:
    try:
        date.fromisoformat(text or "")
    except ValueError:
        raise ActionInvalid("due_on is the day by which it is kept, such as 2026-12-24.") from None
