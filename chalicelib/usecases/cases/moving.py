"""
Two cases that turn out to be one conversation become one; so do two that an agent takes for one (`merging`).

One case becomes an alias of the other: first it is marked, so that no new
fact goes there, then its events move over a handful at a time. Every step can
be repeated; whoever meets a half-moved case finishes the move.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypedDict

from chalicelib.domain.case.state import CaseState
from chalicelib.domain.events import Event, EventKind, in_order, mention_key
from chalicelib.ports.cases import Address, CaseRecord, CaseStore, Commit, Parked
from chalicelib.ports.policies import Promises
from chalicelib.ports.waiting import Backoff
from chalicelib.usecases.cases.timeline import commit_for, retrying


class _Waiting(TypedDict, total=False):
    """The part of a commit that parks a case again."""

    parked: tuple[Parked, ...]
    addresses: tuple[Address, ...]


class UnknownCase(LookupError):
    """There is no such case. Next step: look at the list of cases."""


NOBODY = "?"  # begins the author key of a case whose author the platform did not name
MOVED_TOGETHER = 10  # events in one transaction: each is put, deleted, and has an address


def current_case(
    case_id: str,
    *,
    store: CaseStore,
    promises: Promises,
    now: datetime,
    backoff: Backoff,
    event_keys: Sequence[str] = (),
) -> tuple[CaseRecord, Mapping[str, Event]]:
    """
    The case, or the one that took it over, with those of its events that exist among `event_keys`.

    A move that was cut short is finished first. Raises UnknownCase.
    """

    def finish(alias: CaseRecord) -> None:
        if alias.is_moving:
            finish_move(alias, store=store, promises=promises, now=now, backoff=backoff)

    return followed(case_id, store, event_keys=event_keys, passing=finish)


def followed(
    case_id: str,
    store: CaseStore,
    *,
    event_keys: Sequence[str] = (),
    passing: Callable[[CaseRecord], None] = lambda alias: None,  # noqa: ARG005
) -> tuple[CaseRecord, Mapping[str, Event]]:
    """As `current_case`, but leaves moves as they are; `passing` sees every alias on the way. Raises UnknownCase."""
    passed: set[str] = set()
    while case_id not in passed:  # a case joins only one that is no alias, so no circle can be written
        passed.add(case_id)
        case, known = store.case(case_id, event_keys=event_keys)
        if case is None:
            break
        if case.merged_into is None:
            return case, known
        passing(case)
        case_id = case.merged_into
    raise UnknownCase(f"There is no case {case_id}.")


def join_threads(
    parked: Parked, named_for: Address, *, store: CaseStore, promises: Promises, now: datetime, backoff: Backoff
) -> None:
    """
    The case that waited under `parked` belongs to the thread of `named_for`: rename it, or join it with the one there.

    A case of nobody we knew is given to its author by now.
    While nobody has reported `named_for` itself, the case goes on waiting for that. Raises Conflict when overtaken.
    """
    assert parked.case_id is not None  # noqa: S101  only cases wait for their thread
    message = mention_key(parked.platform, parked.message_id)
    case, known = current_case(
        parked.case_id, store=store, promises=promises, now=now, backoff=backoff, event_keys=[message]
    )
    settle = Commit(at=now, unparked=(parked,), **_waiting_on(parked, named_for))
    home = (named_for.message_id, _author_key(case, known.get(message)))
    _bring_home(case, home, settle, store=store, promises=promises, now=now, backoff=backoff)


def _author_key(case: CaseRecord, message: Event | None) -> str:
    """Whose case it is, as `message` tells by now."""
    author = message.fact.author if message and message.fact else None
    is_theirs = message is not None and case.author_key == f"{NOBODY}{message.native_id}"
    return author.id if author and is_theirs else case.author_key


def _bring_home(
    case: CaseRecord,
    home: tuple[str, str],
    settle: Commit,
    *,
    store: CaseStore,
    promises: Promises,
    now: datetime,
    backoff: Backoff,
) -> None:
    """The case becomes the current one of `home`, a thread and an author, or part of the one that is."""
    find = partial(current_case, store=store, promises=promises, now=now, backoff=backoff)
    there = store.look(platform=case.platform, message_ids=(), conversation=home).conversation
    if there.case_id is None:
        conversation = replace(there, case_id=case.case_id)
        store.commit(replace(_moving_in(settle, case, home), conversation=conversation))
        return
    stays, _ = find(there.case_id)
    if stays.case_id != case.case_id:
        older, younger = sorted((case, stays), key=lambda c: (c.state.opened_at or now, c.case_id))
        leaving = replace(younger, merged_into=older.case_id, is_moving=True, next_at=now)
        store.commit(Commit(at=now, case=leaving, unchanged_case=older))
        stays, _ = find(younger.case_id)
    if (stays.thread_id, stays.author_key) != home:  # named for a message further down, or for nobody
        settle = _moving_in(settle, stays, home)
    store.commit(settle)


def _moving_in(settle: Commit, case: CaseRecord, home: tuple[str, str]) -> Commit:
    thread_id, author_key = home
    history = case.state.author if case.author_key != author_key else None
    return replace(settle, case=replace(case, thread_id=thread_id, author_key=author_key), history=history)


def _waiting_on(parked: Parked, named_for: Address) -> _Waiting:
    if named_for.is_claimed:
        return {}
    return {
        "parked": (replace(parked, message_id=named_for.message_id),),
        "addresses": (replace(named_for, has_parked=True),),
    }


def finish_move(younger: CaseRecord, *, store: CaseStore, promises: Promises, now: datetime, backoff: Backoff) -> None:
    """Move what is left of `younger` into the case that took it over, and leave an empty alias."""

    def step() -> bool:
        found = in_order(store.events(younger.case_id))
        left = found[:MOVED_TOGETHER]
        if left:
            _move(left, younger, store, promises, now, by_hand=_is_by_hand(found, younger))
        else:
            _leave_alias(younger.case_id, store, now)
        return bool(left)

    while retrying(step, backoff):
        pass


def _is_by_hand(found: Sequence[Event], younger: CaseRecord) -> bool:
    """Whether an agent joined the cases. Nothing is added to a marked case, so that event is the last to move."""
    return any(event.kind is EventKind.MERGE and event.detail["from"] == younger.case_id for event in found)


def as_moved(event: Event, from_id: str) -> Event:
    """The event as the other case keeps it when an agent joined the two: it still says where it happened."""
    is_the_merge = event.kind is EventKind.MERGE and event.detail["from"] == from_id
    return event if is_the_merge else replace(event, origin=event.origin or from_id)


def _unlike(event: Event, known: Mapping[str, Event]) -> Event:
    """An agent may have used one idempotency key in both cases: two actions under one name stay two."""
    other = known.get(event.key)
    if other is None or event.fact is not None or other.detail == event.detail:
        return event
    return replace(event, native_id=f"{event.native_id}@{event.origin or event.detail['from']}")


def _move(
    left: list[Event], younger: CaseRecord, store: CaseStore, promises: Promises, now: datetime, *, by_hand: bool
) -> None:
    assert younger.merged_into is not None  # noqa: S101  it is being moved
    older, known = followed(younger.merged_into, store, event_keys=[event.key for event in left])
    moved = [_unlike(as_moved(event, younger.case_id), known) for event in left] if by_hand else left
    commit = commit_for(older, moved, store=store, promises=promises, now=now, known=known) or Commit(at=now)
    store.commit(
        replace(
            commit,
            addresses=_readdressed(left, younger.case_id, older.case_id, store),
            moved_from=younger.case_id,
            moved_keys=tuple(event.key for event in left),
        )
    )


def _readdressed(left: list[Event], from_id: str, to_id: str, store: CaseStore) -> tuple[Address, ...]:
    facts = [event.fact for event in left if event.fact]
    if not facts:
        return ()
    wanted = list(dict.fromkeys(i for fact in facts for i in (fact.message_id, *fact.alias_ids)))
    found = store.addresses(facts[0].platform, wanted)
    return tuple(replace(address, case_id=to_id) for address in found.values() if address.case_id == from_id)


def _leave_alias(case_id: str, store: CaseStore, now: datetime) -> None:
    younger, _ = store.case(case_id)
    if younger is None or not younger.is_moving:
        return
    conversation = store.look(
        platform=younger.platform, message_ids=(), conversation=(younger.thread_id, younger.author_key)
    ).conversation
    clocks = store.ended_clocks(case_id)
    store.commit(
        Commit(
            at=now,
            case=replace(younger, state=CaseState(), is_moving=False, next_at=None),
            gone_clocks=tuple(clock.id for clock in clocks),
            conversation=replace(conversation, case_id=younger.merged_into)
            if conversation.case_id == case_id
            else None,
        )
    )
