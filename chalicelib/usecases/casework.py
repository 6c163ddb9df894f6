"""
Facts become cases.

Where a fact belongs is found by the ids of platform messages; what waits for
a message nobody has reported is parked under it and drained by whoever
reports it. Any order of arrival, any duplicate and any crash between two
calls ends in the same cases.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from chalicelib.domain.case.state import REOPEN_WINDOW
from chalicelib.domain.case.status import CaseStatus
from chalicelib.domain.erasure import reaches
from chalicelib.domain.events import Event, from_fact, whole_second
from chalicelib.domain.facts import Fact, FactKind
from chalicelib.domain.testimony import Testimony
from chalicelib.ports.cases import Address, CaseRecord, CaseStore, Commit, Conversation, Labelled, Parked
from chalicelib.ports.customers import KnownCustomer
from chalicelib.ports.policies import Promises
from chalicelib.ports.signals import Signals
from chalicelib.ports.waiting import Backoff
from chalicelib.usecases.cases import incident_signals
from chalicelib.usecases.cases.believing import (
    deleted_at,
    deletions_waiting,
    gives_way,
    is_believed,
    is_deleted,
    witnessed,
)
from chalicelib.usecases.cases.customer_context import introduced, reminded
from chalicelib.usecases.cases.moving import NOBODY, current_case, join_threads
from chalicelib.usecases.cases.timeline import Overtaken, commit_for, retrying, without_content

MOST_STEPS_UP = 200  # from message to message, until a thread's name: each is a read
MOST_TOGETHER = 8  # facts in one transaction: each brings an event and up to a handful of addresses


@dataclass(frozen=True, slots=True)
class _Job:
    """
    A fact to be placed, and where it was parked, if it was.

    `above` has the ids of messages whose parked facts, this one among them, are being placed already.
    """

    item: Labelled
    origin: Parked | None = None
    above: frozenset[str] = frozenset()

    @property
    def fact(self) -> Fact:
        return self.item.fact


# Jobs to be placed together, or what may be unparked now that all that waited below it is placed.
_Step = list[_Job] | Parked


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """
    What casework needs from outside. `now` is aware UTC; without `signals` mentions are not compared.

    `tell_disbelieved` hears of every fact that contradicts what is known of its message; whoever has nobody to
    tell leaves those that had waited where they are.
    """

    store: CaseStore
    promises: Promises
    backoff: Backoff
    now: datetime
    signals: Signals | None = None
    tell_disbelieved: Callable[[Fact], None] | None = None


def take(items: Sequence[Labelled], ports: Ports) -> None:
    """
    Put every fact where it belongs, and whatever had waited for it.

    Facts of one conversation are taken together: one read, one transaction.
    What a person had erased is passed over. Raises `timeline.Overtaken` when
    others kept changing the same case.
    """
    erased = ports.store.erased([item.fact for item in items])
    left = [item for item, is_erased in zip(items, erased, strict=True) if not is_erased]
    steps: deque[_Step] = deque(_grouped(_Job(item) for item in left))
    while steps:
        step = steps.popleft()
        if isinstance(step, Parked):
            ports.store.commit(Commit(at=ports.now, unparked=(step,)))
            continue
        more = retrying(lambda group=step: _take_group(group, ports), ports.backoff)  # type: ignore[misc]
        steps.extendleft(reversed(more))


def author_key(fact: Fact) -> str:
    """Who wrote it; a person whom the platform does not name is a new one for each message."""
    return fact.author.id if fact.author else f"{NOBODY}{fact.message_id}"


def _grouped(jobs: Iterable[_Job]) -> list[list[_Job]]:
    """Jobs that probably concern one case stay together; `_take_group` sees to those that do not."""
    ordered = sorted(jobs, key=_probable_case)
    groups = [list(group) for _, group in groupby(ordered, key=_probable_case)]
    return [group[i : i + MOST_TOGETHER] for group in groups for i in range(0, len(group), MOST_TOGETHER)]


def _probable_case(job: _Job) -> tuple[str, str, str, str]:
    fact = job.fact
    if fact.kind is FactKind.MENTION:
        return (fact.platform, "by author", _likely_thread(fact), author_key(fact))
    return (fact.platform, "by message", _target(fact) or fact.message_id, "")


def _likely_thread(fact: Fact) -> str:
    return fact.thread_id or fact.parent_id or fact.message_id


def _target(fact: Fact) -> str | None:
    """The id of the message whose case this fact belongs to; None for a post of the brand that answers nothing."""
    if fact.kind is not FactKind.ANSWER:
        return fact.message_id
    return fact.thread_id if fact.private else fact.parent_id


# --- one group --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sight:
    """
    What was read for a group: every address by id, and what is likely the conversation of its first mention.

    `deletions` has those that wait for a message nobody has reported, by its id.
    """

    addresses: dict[str, Address]
    conversation: Conversation | None = None
    deletions: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    told: list[Address] = field(default_factory=list)  # unreported messages of which a report told the thread


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a fact goes: into `case_id`, into a case about to be opened (None), under `parked_under`, or nowhere."""

    case_id: str | None = None
    opens: bool = False
    thread_id: str | None = None
    conversation: Conversation | None = None  # of a mention that is new
    parked_under: str | None = None
    awaits: str | None = None  # the message that names the thread, while nobody has reported it
    disbelieved: bool = False

    @property
    def in_case(self) -> bool:
        return self.opens or self.case_id is not None


def _take_group(group: list[_Job], ports: Ports) -> list[_Step]:
    """Place the first job and all that go to the same case; give back the others and what was set free."""
    sight = _look(group, ports.store)
    place = _place(group[0], sight, ports.store)
    if place.in_case:
        # What another channel says is held against what this one says: once that is stored.
        one_channel = [job for job in group if job.fact.channel == group[0].fact.channel]
        together = [job for job in one_channel if job is group[0] or _place(job, sight, ports.store) == place]
        _into_case(together, place, sight, ports)
    else:
        together = group[:1]
        _outside(group[0], place, sight, ports)
    others = [job for job in group if job not in together]
    if place.parked_under is not None:
        return [*_grouped(others)]
    freed = [freed for job in together for freed in _drained(job, sight, ports)]
    return [*_grouped([*others, *freed]), *_origins(job for job in together if _waited_for(job, sight))]


def _look(group: list[_Job], store: CaseStore) -> _Sight:
    first = group[0].fact
    wanted = [message_id for job in group for message_id in _ids(job.fact)]
    if first.kind is not FactKind.MENTION:
        addresses = store.addresses(first.platform, wanted)
        return _Sight(dict(addresses), deletions=deletions_waiting(addresses.values(), store))
    seen = store.look(
        platform=first.platform, message_ids=wanted, conversation=(_likely_thread(first), author_key(first))
    )
    return _Sight(dict(seen.addresses), seen.conversation, deletions_waiting(seen.addresses.values(), store))


def _ids(fact: Fact) -> list[str]:
    """Every message id that decides where the fact goes."""
    ids = [fact.message_id, *fact.alias_ids, fact.parent_id, fact.thread_id if fact.private else None]
    return list(dict.fromkeys(i for i in ids if i))


def _place(job: _Job, sight: _Sight, store: CaseStore) -> _Place:
    fact = job.fact
    own = sight.addresses[fact.message_id]
    if not all(is_believed(fact, address, store) for address in _versions(fact, sight)):
        return _Place(parked_under=fact.message_id, disbelieved=True)
    if fact.kind is FactKind.MENTION:
        known = next((a for a in _versions(fact, sight) if a.case_id), None)
        if known is not None:
            return _Place(case_id=known.case_id, thread_id=known.thread_id)
        return _place_mention(fact, sight, store)
    if fact.kind is FactKind.ANSWER:
        known_as_such = own.is_claimed and not gives_way(own, fact)
        return _Place(case_id=own.case_id, thread_id=own.thread_id) if known_as_such else _place_answer(fact, sight)
    if own.case_id or own.is_claimed:
        return _Place(case_id=own.case_id, thread_id=own.thread_id)
    return _Place(parked_under=fact.message_id)


def _versions(fact: Fact, sight: _Sight) -> list[Address]:
    return [sight.addresses[message_id] for message_id in (fact.message_id, *fact.alias_ids)]


def _place_answer(fact: Fact, sight: _Sight) -> _Place:
    target = _target(fact)
    if target is None:
        return _Place(thread_id=fact.thread_id or fact.message_id)
    address = sight.addresses[target]
    if not address.is_claimed:
        return _Place(parked_under=target)
    if address.testimony and not address.testimony.is_heard_by(fact):
        return _Place(parked_under=target, disbelieved=True)
    return _Place(case_id=address.case_id, thread_id=address.thread_id)


def _place_mention(fact: Fact, sight: _Sight, store: CaseStore) -> _Place:
    thread_id, awaits = _thread(fact, sight, store)
    conversation = _conversation(fact, thread_id, sight, store)
    return _Place(
        case_id=conversation.case_id,
        opens=conversation.case_id is None,
        thread_id=thread_id,
        conversation=conversation,
        awaits=awaits,
    )


def _thread(fact: Fact, sight: _Sight, store: CaseStore) -> tuple[str, str | None]:
    """
    The platform's conversation, and the message it still depends on.

    As the platform says itself, else the parents' as far as they are known. A
    thread is named by its first message, so an unknown parent is taken for
    it; when that turns up and says otherwise, the threads are joined.
    """
    told = fact.thread_id or sight.addresses[fact.message_id].part_of
    if told or fact.parent_id is None:
        return told or fact.message_id, None
    named_for = _named_for(sight.addresses[fact.parent_id], store)
    sight.addresses[named_for.message_id] = named_for
    return named_for.message_id, None if named_for.is_claimed else named_for.message_id


def _named_for(address: Address, store: CaseStore) -> Address:
    """
    The message that names the thread in which `address` stands, as far as it is known: upwards to the first.

    Ids that run in a circle have no first: the least of the circle names it.
    A chain with more than MOST_STEPS_UP above `address` is cut there (ADR 4).
    """
    passed: dict[str, Address] = {}
    while len(passed) < MOST_STEPS_UP:
        passed[address.message_id] = address
        above = address.thread_id or address.part_of
        if above is None or above == address.message_id:
            break
        if above in passed:
            circle = list(passed)[list(passed).index(above) :]
            return passed[min(circle)]
        address = store.addresses(address.platform, [above])[above]
    return address


def _conversation(fact: Fact, thread_id: str, sight: _Sight, store: CaseStore) -> Conversation:
    wanted = (thread_id, author_key(fact))
    seen = sight.conversation
    if seen is not None and (seen.thread_id, seen.author_key) == wanted:
        return seen
    return store.look(platform=fact.platform, message_ids=(), conversation=wanted).conversation


# --- outside of any case ----------------------------------------------------------------------------------------


def _outside(job: _Job, place: _Place, sight: _Sight, ports: Ports) -> None:
    """Park it, or remember a post of the brand that no case holds: people may yet write below it."""
    fact = job.fact
    if place.disbelieved:
        _set_aside(job, place.parked_under or fact.message_id, sight, ports)
        return
    if place.parked_under is not None:
        _park(job, place.parked_under, sight, ports)
        return
    own = sight.addresses[fact.message_id]
    unparked = _origins([] if _waited_for(job, sight) else [job])
    if fact.kind is FactKind.ANSWER and (not own.is_claimed or gives_way(own, fact)):
        own = replace(own, thread_id=place.thread_id, **_reported(fact, own, sight))
        ports.store.commit(Commit(at=ports.now, addresses=(own,), unparked=unparked))
    elif unparked:
        ports.store.commit(Commit(at=ports.now, unparked=unparked))


def _park(job: _Job, under: str, sight: _Sight, ports: Ports) -> None:
    """A deletion leaves its tombstone at once: the text it is about must never be stored."""
    fact, before = job.fact, sight.addresses[under]
    item = _bare(job.item) if _is_deleted(fact, sight) else job.item
    parked = Parked(platform=fact.platform, message_id=under, item=item)
    if fact.kind is FactKind.DELETE:
        _bury_unreported(parked, fact, before, ports)
    else:
        ports.store.commit(_parking(parked, before, replace(before, has_parked=True), ports.now))


def _parking(parked: Parked, before: Address, marked: Address, now: datetime) -> Commit:
    return Commit(
        at=now,
        parked=(parked,),
        addresses=(marked,) if marked != before else (),
        unchanged_addresses=(before,) if marked == before else (),
    )


def _bury_unreported(parked: Parked, deletion: Fact, before: Address, ports: Ports) -> None:
    """
    Leave a tombstone, and take the deleted text from what waits with it.

    A new one always writes the address: whoever is storing the message has read those before it only.
    """
    marked = replace(before, has_parked=True, deleted_at=min(filter(None, (before.deleted_at, deletion.effective_at))))
    waiting = ports.store.parked(before.platform, before.message_id)
    if parked in waiting:
        commit, stored = _parking(parked, before, marked, ports.now), before
    else:
        commit = Commit(at=ports.now, parked=(parked,), addresses=(marked,))
        stored = replace(marked, version=before.version + 1)
    ports.store.commit(commit)
    _bare_waiting(stored, deletion, ports)


def _bare_waiting(address: Address, deletion: Fact, ports: Ports) -> None:
    """Of what waits, only what the deletion may be about; whatever comes from now on meets the tombstone."""
    waiting = ports.store.parked(address.platform, address.message_id)
    bared = [
        replace(parked, item=_bare(parked.item))
        for parked in waiting
        if parked.item and Testimony.of(parked.item.fact).may_be_touched_by(deletion)
    ]
    changed = tuple(parked for parked in bared if parked not in waiting)
    if changed:
        ports.store.commit(Commit(at=ports.now, parked=changed, unchanged_addresses=(address,)))


def _set_aside(job: _Job, under: str, sight: _Sight, ports: Ports) -> None:
    """It waits for a report of the message that agrees with it, and is told of once."""
    parked = Parked(platform=job.fact.platform, message_id=under, item=job.item, disbelieved=True)
    if job.origin == parked or parked in ports.store.parked(parked.platform, under):
        return
    if ports.tell_disbelieved:
        ports.tell_disbelieved(job.fact)
    elif job.origin:
        return
    before = sight.addresses[under]
    elsewhere = _origins([job] if job.origin and job.origin.message_id != under else [])
    commit = _parking(parked, before, replace(before, has_parked=True), ports.now)
    ports.store.commit(replace(commit, unparked=elsewhere))


def _bare(item: Labelled) -> Labelled:
    if item.fact.kind is not FactKind.EDIT:
        return item
    event = without_content(from_fact(item.fact, labels=item.labels))
    return Labelled(fact=event.fact or item.fact, labels=event.labels)


# --- into a case ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """The transaction of one group, while it is put together."""

    addresses: dict[str, Address] = field(default_factory=dict)
    parked: list[Parked] = field(default_factory=list)
    conversation: Conversation | None = None


def _into_case(jobs: list[_Job], place: _Place, sight: _Sight, ports: Ports) -> None:
    events = [_event(job, sight, ports.promises.current) for job in jobs]
    case, known = _case_for(jobs, events, place, sight, ports)
    events, customer = _with_customer(case, events, known, ports.store)
    if customer and customer.erased_at and any(reaches(customer.erased_at, job.fact) for job in jobs):
        raise Overtaken("the author is erased at this moment")  # the message comes again, and is passed over
    commit = commit_for(case, events, store=ports.store, promises=ports.promises, now=ports.now, known=known)
    draft = _draft(jobs, case, place, sight, ports.store)
    unparked = _origins(job for job in jobs if not _waited_for(job, sight))
    if commit is not None or draft.addresses or unparked:
        _commit(commit or Commit(at=ports.now), draft, unparked, case, customer, ports.store)
    if ports.signals:  # also for what was known: the first time may have ended between the two
        incident_signals.tell(events, case.case_id, store=ports.store, signals=ports.signals)
    for parked in draft.parked:  # under a message of this group: it is time already
        sight.addresses[parked.message_id] = replace(sight.addresses[parked.message_id], has_parked=True)


def _commit(
    commit: Commit,
    draft: _Draft,
    unparked: tuple[Parked, ...],
    case: CaseRecord,
    customer: KnownCustomer | None,
    store: CaseStore,
) -> None:
    store.commit(
        replace(
            commit,
            addresses=tuple(draft.addresses.values()),
            parked=tuple(draft.parked),
            unparked=unparked,
            conversation=draft.conversation,
            history=commit.case.state.author if commit.case and case.version == 0 else None,
            known=customer if commit.case else None,
        )
    )


def _case_for(
    jobs: list[_Job], events: list[Event], place: _Place, sight: _Sight, ports: Ports
) -> tuple[CaseRecord, Mapping[str, Event]]:
    """The case as it is stored, with the stored events of the same keys; or one about to be opened."""
    fact = jobs[0].fact
    if place.case_id is not None:
        possible = [event.key for event, job in zip(events, jobs, strict=True) if _may_be_known(job.fact, sight)]
        case, known = current_case(
            place.case_id,
            store=ports.store,
            promises=ports.promises,
            now=ports.now,
            backoff=ports.backoff,
            event_keys=possible,
        )
        if place.conversation is None or not _is_too_late(case, fact):
            return case, known
    return _opened(fact, place), {}


def _with_customer(
    case: CaseRecord, events: list[Event], known: Mapping[str, Event], store: CaseStore
) -> tuple[list[Event], KnownCustomer | None]:
    """What is known of the author goes with what they write: read when a case opens, from the case later on."""
    if case.version == 0:
        return introduced(case, events, store)
    return [event if event.key in known else reminded(case, event) for event in events], None


def _may_be_known(fact: Fact, sight: _Sight) -> bool:
    """A message without an address cannot have an event: that saves looking for it."""
    is_message = fact.kind in (FactKind.MENTION, FactKind.ANSWER)
    return not is_message or sight.addresses[fact.message_id].case_id is not None


def _is_too_late(case: CaseRecord, fact: Fact) -> bool:
    """A message more than seven days after the resolve opens a new case (R8): a decision on record, never redone."""
    resolved_at = case.state.resolved_at
    if case.state.status is not CaseStatus.RESOLVED or resolved_at is None:
        return False
    return whole_second(fact.effective_at) > resolved_at + REOPEN_WINDOW


def _opened(fact: Fact, place: _Place) -> CaseRecord:
    """A case about to be opened. Its id comes from the message that opens it, so that a repeat opens the same one."""
    digest = sha256(f"{fact.platform}|{fact.message_id}".encode()).hexdigest()
    return CaseRecord(
        case_id=f"c{digest[:15]}",
        platform=fact.platform,
        thread_id=place.thread_id or fact.message_id,
        author_key=author_key(fact),
    )


def _event(job: _Job, sight: _Sight, book: int) -> Event:
    """The fact as an entry of the timeline, under the id its message is kept by, and bare if that was deleted."""
    address = sight.addresses[job.fact.message_id]
    fact = replace(job.fact, message_id=address.original_id) if address.original_id else job.fact
    event = from_fact(fact, labels=job.item.labels, book=book)
    return without_content(event) if _is_deleted(job.fact, sight) else event


def _is_deleted(fact: Fact, sight: _Sight) -> bool:
    """Its author deleted it, under any of the ids it has had."""
    return any(is_deleted(fact, a, sight.deletions.get(a.message_id, ())) for a in _versions(fact, sight))


def _draft(jobs: list[_Job], case: CaseRecord, place: _Place, sight: _Sight, store: CaseStore) -> _Draft:
    draft = _Draft()
    for job in jobs:
        _claim(draft, job.fact, case, place, sight)
        if job.fact.kind is FactKind.DELETE:
            _bury(draft, job.fact, sight)
        if _names_author(job.fact, case):
            _await(draft, job.fact.message_id, case, sight)
        if told := _told(job.fact, sight, store):
            sight.told.append(told)
            before = draft.addresses.get(told.message_id) or told
            draft.addresses[told.message_id] = replace(before, part_of=job.fact.thread_id)
    if place.awaits is not None:
        _await(draft, place.awaits, case, sight)
    if place.conversation is not None and place.conversation.case_id != case.case_id:
        draft.conversation = replace(place.conversation, case_id=case.case_id)
    return draft


def _told(fact: Fact, sight: _Sight, store: CaseStore) -> Address | None:
    """The unreported message that names the parent's thread, when this child's report tells which thread that is."""
    if fact.kind is not FactKind.MENTION or not fact.thread_id or fact.parent_id in (None, fact.thread_id):
        return None
    parent = sight.addresses[fact.parent_id]
    if fact.thread_id in (parent.thread_id, parent.part_of):
        return None
    named_for = _named_for(parent, store)
    return None if named_for.is_claimed or named_for.message_id == fact.thread_id else named_for


def _claim(draft: _Draft, fact: Fact, case: CaseRecord, place: _Place, sight: _Sight) -> None:
    """Every id under which the message, or its private conversation, may be referred to leads to the case."""
    if fact.kind in (FactKind.MENTION, FactKind.ANSWER, FactKind.EDIT):
        for message_id in (fact.message_id, *fact.alias_ids):
            if sight.addresses[message_id].case_id is None:
                _lead(draft, message_id, fact, case, place, sight, original_id=fact.message_id)
            elif fact.kind is not FactKind.EDIT:
                _hear(draft, message_id, fact, sight)
    if fact.kind is FactKind.MENTION and fact.private and fact.thread_id and place.conversation is not None:
        _lead(draft, fact.thread_id, fact, case, place, sight, original_id=fact.thread_id)


def _lead(
    draft: _Draft, message_id: str, fact: Fact, case: CaseRecord, place: _Place, sight: _Sight, *, original_id: str
) -> None:
    before = draft.addresses.get(message_id) or sight.addresses[message_id]
    if before.case_id == case.case_id:
        return
    draft.addresses[message_id] = replace(
        before,
        case_id=case.case_id,
        thread_id=before.thread_id or place.thread_id,
        original_id=original_id if original_id != message_id else None,
        **_reported(fact, before, sight),
    )


def _reported(fact: Fact, before: Address, sight: _Sight) -> dict[str, Any]:
    """What changes in an address when its message is reported: who did, and which deletions are about it."""
    of_the_message = sight.addresses[fact.message_id].testimony if fact.kind is FactKind.EDIT else None
    return {
        "testimony": of_the_message or witnessed(before, fact),
        "deleted_at": deleted_at(fact, before, sight.deletions.get(before.message_id, ())),
    }


def _hear(draft: _Draft, message_id: str, fact: Fact, sight: _Sight) -> None:
    before = draft.addresses.get(message_id) or sight.addresses[message_id]
    if (testimony := witnessed(before, fact)) != before.testimony:
        draft.addresses[message_id] = replace(before, testimony=testimony)


def _bury(draft: _Draft, fact: Fact, sight: _Sight) -> None:
    before = draft.addresses.get(fact.message_id) or sight.addresses[fact.message_id]
    if before.deleted_at is None:
        draft.addresses[fact.message_id] = replace(before, deleted_at=fact.effective_at)


def _names_author(fact: Fact, case: CaseRecord) -> bool:
    """A later report of the message may say who wrote it: the case must go to them."""
    nobody = author_key(replace(fact, author=None))
    return fact.kind is FactKind.MENTION and fact.author is not None and case.author_key == nobody


def _await(draft: _Draft, message_id: str, case: CaseRecord, sight: _Sight) -> None:
    """When that message is placed it will say which thread this really is, or whose case."""
    before = draft.addresses.get(message_id) or sight.addresses[message_id]
    if not (before.has_parked and before.is_claimed):  # nobody may claim it meanwhile
        draft.addresses[message_id] = replace(before, has_parked=True)
    parked = Parked(platform=case.platform, message_id=message_id, case_id=case.case_id)
    if parked not in draft.parked:
        draft.parked.append(parked)


# --- what was waiting -------------------------------------------------------------------------------------------


def _waited_for(job: _Job, sight: _Sight) -> list[str]:
    """
    The ids of this message under which something is parked.

    A job that was parked itself stays so until that is placed too: what waits
    below it would be found by nobody else.
    """
    own = [i for i in _ids(job.fact) if i != job.fact.parent_id and i not in job.above]
    return [message_id for message_id in own if sight.addresses[message_id].has_parked]


def _origins(jobs: Iterable[_Job]) -> tuple[Parked, ...]:
    return tuple(dict.fromkeys(job.origin for job in jobs if job.origin))


def _drained(job: _Job, sight: _Sight, ports: Ports) -> list[_Job]:
    """What had waited for this message: facts come back as jobs, cases whose thread it settles are joined now."""
    freed: list[_Job] = []
    for message_id in _waited_for(job, sight):
        for parked in ports.store.parked(job.fact.platform, message_id):
            if parked.item is not None:
                freed.append(_Job(parked.item, parked, job.above | {message_id}))
            else:
                _settle_thread(parked, ports)
    for told in sight.told:
        cases = ports.store.parked(told.platform, told.message_id) if told.has_parked else ()
        for parked in (waiting for waiting in cases if waiting.item is None):
            _settle_thread(parked, ports)
    return freed


def _settle_thread(parked: Parked, ports: Ports) -> None:
    def step() -> None:
        address = ports.store.addresses(parked.platform, [parked.message_id])[parked.message_id]
        if address.thread_id is None and address.part_of is None:
            return
        named_for = _named_for(address, ports.store)
        if named_for.message_id == parked.message_id and not named_for.is_claimed:  # a circle: it waits where it is
            return
        join_threads(
            parked,
            named_for,
            store=ports.store,
            promises=ports.promises,
            now=ports.now,
            backoff=ports.backoff,
        )

    retrying(step, ports.backoff)
