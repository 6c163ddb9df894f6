"""
An agent says that one case is part of another: what that would do to the promises, and doing it (R10).

Nothing takes a merge back, so it can be looked at before. What goes is marked
first, and its events follow: whoever meets a half-moved case finishes the move.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256

from chalicelib.domain.case.fold import replay
from chalicelib.domain.case.state import CaseState, allowed_actions
from chalicelib.domain.case.status import CaseStatus
from chalicelib.domain.clock import METRIC_WORDS, Clock, Outcome
from chalicelib.domain.events import Event, EventKind, action, message_of
from chalicelib.domain.in_words import due_in_words
from chalicelib.ports.cases import CaseRecord, CaseStore
from chalicelib.ports.policies import Promises
from chalicelib.ports.waiting import Backoff
from chalicelib.usecases.act import ActResult, IdempotencyMismatch, NotAllowed
from chalicelib.usecases.cases.moving import UnknownCase, as_moved, current_case
from chalicelib.usecases.cases.timeline import at_the_end, commit_for, purged, retrying


class MergeRefused(ValueError):
    """These two cases are not to become one; the message says why, `code` is stable."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRequest:
    """
    One agent's wish to have the case `from_id` taken over by another.

    `other_customer` says that the agent knows that two accounts wrote.
    `idempotency_key` counts for this agent and the case that stays.
    """

    from_id: str
    actor: str
    idempotency_key: str
    other_customer: bool = False

    @property
    def action_id(self) -> str:
        return f"{self.actor}:{self.idempotency_key}"

    @property
    def digest(self) -> str:
        return sha256(f"{EventKind.MERGE}{self.from_id}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What a merge needs from outside."""

    store: CaseStore
    promises: Promises
    backoff: Backoff


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChange:
    """
    One promise before and after, and a sentence for it.

    `case_id` is the case that it belongs to today, None for a promise that
    only both together make. `due_at` and `reason` are those after the merge.
    """

    metric: str
    message_id: str
    case_id: str | None
    outcome_now: str | None
    due_at_now: datetime | None
    outcome: str
    due_at: datetime | None
    reason: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePreview:
    """What a merge would come to, if it were made now. `words` are for whoever decides."""

    case_id: str
    from_id: str
    status: str
    words: tuple[str, ...]
    clocks: tuple[ClockChange, ...]


def preview(into: str, from_id: str, *, other_customer: bool = False, ports: Ports, now: datetime) -> MergePreview:
    """What would become of the promises of both. Changes nothing. Raises as `merge`, but for keys and races."""
    find = partial(current_case, store=ports.store, promises=ports.promises, now=now, backoff=ports.backoff)
    (stays, _), goes = find(into), _going(from_id, ports)
    _require_mergeable(stays, goes, from_id, other_customer=other_customer)
    said = action(EventKind.MERGE, action_id="preview", at=now, actor="", book=ports.promises.current)
    [said] = at_the_end(goes.state, [replace(said, detail={"from": goes.case_id})])
    theirs = [as_moved(event, goes.case_id) for event in (*ports.store.events(goes.case_id), said)]
    together = {event.key: event for event in (*ports.store.events(stays.case_id), *theirs)}
    after = replay(purged(together).values(), ports.promises.books)
    return MergePreview(
        case_id=stays.case_id,
        from_id=goes.case_id,
        status=after.status.value,
        words=tuple(_words(stays, goes, after)),
        clocks=tuple(_changes(stays, goes, after, ports.store, now)),
    )


def merge(into: str, request: MergeRequest, *, ports: Ports, now: datetime) -> ActResult:
    """
    Make a case part of another, once, however often it is asked.

    Raises `joining.UnknownCase`, MergeRefused, `act.NotAllowed`,
    `act.IdempotencyMismatch` and `timeline.Overtaken`. When anything else is raised the
    merge may have been made: the same request again finds out.
    """
    find = partial(current_case, store=ports.store, promises=ports.promises, now=now, backoff=ports.backoff)
    event = action(
        EventKind.MERGE,
        action_id=request.action_id,
        at=now,
        actor=request.actor,
        detail={"request": request.digest},
        book=ports.promises.current,
    )

    def mark() -> Event | None:
        """The event of an earlier request; None when this one has made the mark."""
        there, left_there = find(request.from_id, event_keys=[event.key])  # finishes a move that was cut short
        stays, known = find(into, event_keys=[event.key])
        if first := _first(event.key, known, left_there, request):
            return first
        goes = there if there.case_id == request.from_id else _going(request.from_id, ports)
        _require_mergeable(stays, goes, request.from_id, other_customer=request.other_customer)
        [said] = at_the_end(goes.state, [replace(event, detail={**event.detail, "from": goes.case_id})])
        _mark(goes, stays, said, ports, now)
        return None

    first = retrying(mark, ports.backoff)
    find(request.from_id)
    case, known = find(into, event_keys=[event.key])
    return ActResult(
        case_id=case.case_id, event=first or known[event.key], state=case.state, repeated=first is not None
    )


def _first(
    key: str, known: Mapping[str, Event], left_there: Mapping[str, Event], request: MergeRequest
) -> Event | None:
    found = known.get(key) or left_there.get(key)
    if found is not None and found.detail.get("request") != request.digest:
        raise IdempotencyMismatch(
            "This Idempotency-Key was used for another request. Send a fresh key with every new merge."
        )
    return found


def _mark(goes: CaseRecord, stays: CaseRecord, said: Event, ports: Ports, now: datetime) -> None:
    """From here on nothing is added to the case that goes. Raises Conflict when either has changed since."""
    commit = commit_for(goes, [said], store=ports.store, promises=ports.promises, now=now)
    assert commit is not None and commit.case is not None  # noqa: S101, PT018  the event is new
    leaving = replace(commit.case, merged_into=stays.case_id, is_moving=True, next_at=now)
    ports.store.commit(replace(commit, case=leaving, unchanged_case=stays))


# --- what stands against it -------------------------------------------------------------------------------------


def _going(from_id: str, ports: Ports) -> CaseRecord:
    """The case itself, not the one that took it over: whoever names an alias may not know what else is in there."""
    case, _ = ports.store.case(from_id)
    if case is None:
        raise UnknownCase(f"There is no case {from_id}.")
    return case


def _require_mergeable(stays: CaseRecord, goes: CaseRecord, from_id: str, *, other_customer: bool) -> None:
    if stays.case_id == from_id:
        raise MergeRefused(f"{from_id} is the case itself: name another one.", code="same_case")
    if goes.merged_into == stays.case_id:
        raise MergeRefused(f"{from_id} is part of {stays.case_id} already.", code="already_merged")
    if goes.merged_into is not None:
        raise MergeRefused(
            f"{from_id} is part of {goes.merged_into} already: name that one to join all of it.", code="already_merged"
        )
    if EventKind.MERGE not in allowed_actions(stays.state):
        raise NotAllowed(stays.state, EventKind.MERGE)
    if goes.state.status is CaseStatus.SPAM:
        raise NotAllowed(goes.state, EventKind.MERGE)
    if goes.platform != stays.platform:
        raise MergeRefused(
            f"One is on {goes.platform}, the other on {stays.platform}: a case is answered on one platform only. "
            "Leave a note in each that names the other.",
            code="other_platform",
        )
    if goes.author_key != stays.author_key:
        _require_other_customer(stays.state, goes.state, other_customer=other_customer)


def _require_other_customer(stays: CaseState, goes: CaseState, *, other_customer: bool) -> None:
    if stays.private and goes.private:
        raise MergeRefused(
            "Two accounts wrote, each in private: what one of them confided is not shown with the other's case.",
            code="private",
        )
    if not other_customer:
        raise MergeRefused(
            "Two accounts wrote. If they are one customer, or you want both in one case all the same, "
            'send "other_customer": true.',
            code="other_customer",
        )


# --- what would come of it --------------------------------------------------------------------------------------


def _words(stays: CaseRecord, goes: CaseRecord, after: CaseState) -> Iterator[str]:
    yield f"{goes.case_id} becomes part of {stays.case_id}, with all that was said in it. Nothing takes that back."
    if goes.author_key != stays.author_key:
        yield "Two accounts wrote: an answer goes to the author of the message that it answers."
    if goes.state.private != stays.state.private:
        yield "One of them was written in private: do not repeat in public what it says."
    if goes.state.assignee not in (None, stays.state.assignee):
        yield f"{goes.state.assignee} had {goes.case_id}; the case is with {after.assignee or 'nobody'} then."
    if goes.state.is_closed and not after.is_closed:
        yield f"{goes.case_id} was resolved; what nobody has answered in it waits again."


def _changes(
    stays: CaseRecord, goes: CaseRecord, after: CaseState, store: CaseStore, now: datetime
) -> Iterator[ClockChange]:
    """The promises that run in either case or would run then, and those that only both together make."""
    before: dict[str, tuple[str | None, Clock | None]] = {
        clock.id: (case.case_id, clock)
        for case in (stays, goes)
        for clock in (*case.state.running, *store.ended_clocks(case.case_id))
    }
    for clock in sorted(after.clocks, key=lambda clock: (clock.started_at, clock.id)):
        case_id, was = before.get(clock.id, (None, None))
        if was is None or was != clock or clock.is_running:
            yield _change(case_id, was, clock, now)


def _change(case_id: str | None, was: Clock | None, clock: Clock, now: datetime) -> ClockChange:
    return ClockChange(
        metric=clock.metric.value,
        message_id=message_of(clock.message_key),
        case_id=case_id,
        outcome_now=was.outcome.value if was else None,
        due_at_now=was.due_at if was else None,
        outcome=clock.outcome.value,
        due_at=clock.due_at,
        reason=clock.reason,
        text=_sentence(was, clock, now),
    )


def _sentence(was: Clock | None, clock: Clock, now: datetime) -> str:
    name = f"The {METRIC_WORDS[clock.metric]} to message {message_of(clock.message_key)}"
    if not clock.is_running:
        return f"{name} {_ENDED[clock.outcome]}."
    how = "is paused" if clock.paused_since else f"is {due_in_words(clock.due_at, now)}"
    if was is None:
        return f"{name} is promised from then on: it {how}."
    if not was.is_running:
        return f"{name}, which had ended, runs again: it {how}."
    return f"{name} goes on as it is: it {how}." if was.due_at == clock.due_at else f"{name} moves: it {how}."


_ENDED: Mapping[Outcome, str] = {
    Outcome.CANCELLED: "is no promise of its own any more",
    Outcome.BREACHED: "was broken, and stays so",
    Outcome.MET: "was kept",
    Outcome.ERROR: "cannot be reckoned",
}
