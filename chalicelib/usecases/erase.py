"""
Everything that is held of a person goes, and stays away; what was counted stays counted.

First it is written down that they are erased: from then on nothing of theirs
comes back. Then case after case goes, what leads to it before itself, so that
whoever takes up an erasure that was cut short finds what is left. The order
goes last.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain import watch
from chalicelib.domain.case.fold import replay
from chalicelib.domain.erasure import Person, Seal, anonymous, known_as, without
from chalicelib.domain.events import Event
from chalicelib.ports.cases import CaseRecord, CaseStore, Commit
from chalicelib.ports.customers import Customer
from chalicelib.ports.erasure import Conflict, Erasure, Ledger, Order, RawBodies, Trace, Traces
from chalicelib.ports.policies import Promises
from chalicelib.ports.rollups import CaseLines, ListedCase, Rollups
from chalicelib.ports.waiting import Backoff
from chalicelib.usecases import erase_letters, report
from chalicelib.usecases.cases.customer_context import customer_of
from chalicelib.usecases.cases.moving import NOBODY, UnknownCase, current_case
from chalicelib.usecases.cases.timeline import purged, retrying
from chalicelib.usecases.erase_letters import Letters

_TOGETHER = 30  # entries in one transaction: each is written anew, under another key
_A_DAY = timedelta(days=1)


class NobodyKnown(LookupError):
    """Nothing is held of such a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """
    What an erasure needs from outside.

    `has_time` is asked before each case, body and letter; what is left stays
    ordered. Without `bodies` and `letters` the table alone is cleared.
    """

    traces: Traces
    store: CaseStore
    rollups: Rollups
    promises: Promises
    backoff: Backoff
    seal: Seal
    ledger: Ledger
    bodies: RawBodies | None = None
    letters: Letters | None = None
    has_time: Callable[[], bool] = lambda: True
    tell: Callable[[str], None] = lambda _line: None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasurePreview:
    """
    What is held of a person: items by their kind, and cases.

    `shared` are cases that somebody else has a part in; they stay, without
    the person.
    """

    customer: Customer
    items: Mapping[str, int]
    cases: tuple[str, ...]
    shared: tuple[str, ...]


@dataclass(slots=True)
class Erased:
    """What became of it. `is_done` is False when the time ran out: the order stands, and whoever has time goes on."""

    cases: int = 0
    shared: int = 0
    bodies: int = 0
    letters: int = 0
    is_done: bool = False


# --- who ------------------------------------------------------------------------------------------------------


def customer_of_case(case_id: str, store: CaseStore) -> Customer:
    """Who is meant by a case of theirs. Raises `joining.UnknownCase`."""
    case, _ = store.case(case_id)
    if case is None:
        raise UnknownCase(f"There is no case {case_id}.")
    return customer_of(case) or Customer(platform=case.platform, author_key=case.author_key)


def preview(customer: Customer, case_ids: Sequence[str], ports: Ports, now: datetime) -> ErasurePreview:
    """What an erasure would take. Changes nothing. Raises NobodyKnown."""
    found = _every_case(customer, case_ids, ports, now)
    traces = [ports.traces.trace(case_id) for case_id in found]
    shared = [one for one in traces if _is_shared(one, customer)]
    held = ports.traces.held(customer, [one for one in traces if one not in shared])
    if not held and not shared:
        raise NobodyKnown("Nothing is held of such a person.")
    return ErasurePreview(
        customer=customer,
        items={what: len(items) for what, items in sorted(held.items())},
        cases=tuple(one.case_id for one in traces if one not in shared),
        shared=tuple(one.case_id for one in shared),
    )


def _every_case(customer: Customer, case_ids: Sequence[str], ports: Ports, now: datetime) -> tuple[str, ...]:
    """Those of the person, and those that took some of them over; of several, these come first."""
    own = list(dict.fromkeys([*ports.traces.case_ids(customer), *case_ids]))
    taken: list[str] = []
    for case_id in own:
        try:
            case, _ = current_case(case_id, store=ports.store, promises=ports.promises, now=now, backoff=ports.backoff)
        except UnknownCase:
            continue
        if case.case_id != case_id:
            taken.append(case.case_id)
    return tuple(dict.fromkeys([*taken, *own]))


def _is_own(trace: Trace, customer: Customer) -> bool:
    return trace.case is None or trace.case.author_key == customer.author_key


def _is_shared(trace: Trace, customer: Customer) -> bool:
    """Whether somebody else wrote in it: what nobody is known to have written is the author's of the case."""
    if trace.case is not None and trace.case.merged_into is not None:
        return False
    writers = {
        event.fact.author.id for event in trace.events if event.is_customers and event.fact and event.fact.author
    }
    return bool(writers - {customer.author_key}) or not _is_own(trace, customer)


# --- from first to last -----------------------------------------------------------------------------------------


def order(customer: Customer, case_ids: Sequence[str], ports: Ports, now: datetime, *, by: str) -> Order:
    """
    Write down that the person is erased, for good, and what is to be done.

    An earlier order that is not finished knows of cases that are gone by now: what it knows goes on.
    """
    person = ports.seal.person(customer.platform, customer.author_key)
    ports.ledger.keep(Erasure(platform=customer.platform, person=person, erased_at=now, by=by))
    before = next(
        (one for one in ports.traces.orders() if one.customer == customer), Order(customer=customer, erased_at=now)
    )
    every = tuple(dict.fromkeys([*before.case_ids, *case_ids]))
    wanted = replace(before, erased_at=now, case_ids=every)
    ports.traces.save_order(wanted)
    ports.traces.bury(customer, (), now)
    return wanted


def carry_out(wanted: Order, ports: Ports, now: datetime) -> Erased:
    """Do what is left of an order; it may be cut short at any point and be taken up again."""
    done = Erased()
    person = Person(
        platform=wanted.customer.platform,
        author_key=wanted.customer.author_key,
        message_ids=frozenset(wanted.message_ids),
        names=frozenset(wanted.names),
    )
    ports.traces.drop_record(wanted.customer, wanted.erased_at)
    due = _due_cases(wanted, ports, now)
    person = replace(person, case_ids=frozenset(due).intersection(ports.traces.case_ids(wanted.customer)))
    for case_id in due:
        if not ports.has_time():
            return done
        person = _one_case(case_id, person, wanted, ports, now, done)
    ports.traces.drop_waiting(wanted.customer)
    ports.traces.drop_list(wanted.customer, wanted.erased_at)
    if ports.bodies is None or ports.letters is None or not _outside(person, ports, done):
        return done
    ports.traces.close_order(wanted)
    done.is_done = True
    return done


def erase(customer: Customer, case_ids: Sequence[str], ports: Ports, now: datetime, *, by: str) -> Erased:
    """All of it, now. `by` is who does it: that stays on record."""
    return carry_out(order(customer, case_ids, ports, now, by=by), ports, now)


def go_on(ports: Ports, now: datetime) -> int:
    """Take up what was ordered and is not finished; how many orders are left."""
    orders = ports.traces.orders()
    return len(orders) - sum(carry_out(one, ports, now).is_done for one in orders if ports.has_time())


def replay_ledger(ports: Ports, now: datetime) -> Iterator[Erased]:
    """
    Erase again whom the ledger knows, in a table that was restored to a time before.

    Reads the whole table. What somebody wrote after their erasure stays.
    """
    known = {(one.platform, one.person): one for one in ports.ledger.all()}
    for customer in ports.traces.customers():
        entry = known.get((customer.platform, ports.seal.person(customer.platform, customer.author_key)))
        if entry is None:
            continue
        wanted = Order(customer=customer, erased_at=entry.erased_at)
        ports.traces.save_order(wanted)
        ports.traces.bury(customer, (), entry.erased_at)
        yield carry_out(wanted, ports, now)


def _due_cases(wanted: Order, ports: Ports, now: datetime) -> list[str]:
    """Cases that began before the erasure, all that is left of them among them."""
    found = _every_case(wanted.customer, wanted.case_ids, ports, now)
    return [case_id for case_id in found if not _is_later(case_id, wanted, ports)]


def _is_later(case_id: str, wanted: Order, ports: Ports) -> bool:
    case, _ = ports.store.case(case_id)
    return case is not None and case.state.opened_at is not None and case.state.opened_at > wanted.erased_at


# --- one case ---------------------------------------------------------------------------------------------------


def _one_case(case_id: str, person: Person, wanted: Order, ports: Ports, now: datetime, done: Erased) -> Person:
    """The case goes, or the person from it; the person with all that it told of them."""

    def step() -> tuple[Person, bool]:
        trace = ports.traces.trace(case_id)
        shared = _is_shared(trace, wanted.customer)
        told = known_as(person, trace.events) if shared else _told_by_own(person, trace)
        ports.traces.bury(wanted.customer, sorted(told.message_ids - person.message_ids), wanted.erased_at)
        ports.traces.save_order(
            replace(wanted, message_ids=tuple(sorted(told.message_ids)), names=tuple(sorted(told.names)))
        )
        if shared:
            _leave(trace, told, ports, now)
        else:
            drop(trace, told, ports, now)
        return told, shared

    told, is_shared = retrying(step, ports.backoff)
    ports.tell(f"case {case_id}")
    done.shared += is_shared
    done.cases += not is_shared
    return told


def _told_by_own(person: Person, trace: Trace) -> Person:
    """In a case of their own every message is about them, the brand's answers too."""
    told = known_as(person, trace.events)
    every = {i for event in trace.events if (f := event.fact) for i in (f.message_id, *f.alias_ids)}
    state = trace.case.state if trace.case else None
    names = {name for name in (state.author.handle, state.author.name) if name} if state and state.author else set()
    return replace(told, message_ids=told.message_ids | every, names=told.names | names)


def drop(trace: Trace, person: Person, ports: Ports, now: datetime) -> None:
    """A case goes with all that leads to it; its part in the roll-ups stays. Raises Conflict."""
    ports.traces.clear(trace, trace.events)
    ports.traces.unlink(trace.case_id, person)
    customer = Customer(platform=person.platform, author_key=person.author_key)
    ports.traces.drop_case(trace, _lines(trace, ports, now), customer)


def _lines(trace: Trace, ports: Ports, now: datetime) -> CaseLines:
    """What the case has added to any day; nothing where a version of the policies that it needs is gone."""
    nothing = CaseLines(version=0, until=None, lines=())
    if trace.case is None or trace.case.state.opened_at is None:
        return nothing
    listed = ListedCase(
        case_id=trace.case_id, opened_at=trace.case.state.opened_at, last_at=None, is_running=True, version=0
    )
    counts = report.Ports(store=ports.store, rollups=ports.rollups, promises=ports.promises)
    first = listed.opened_at.date() - 2 * _A_DAY
    try:
        return report.counted(listed, first, now.date() + 2 * _A_DAY, counts, now)
    except LookupError:
        return nothing


def _leave(trace: Trace, person: Person, ports: Ports, now: datetime) -> None:
    """
    The case of others stays, without the person; its promises are what they were, until an agent closes it.

    What they wrote goes last: until then it tells what else is theirs.
    """
    case = trace.case
    if case is None:
        return
    own = _is_own(trace, Customer(platform=person.platform, author_key=person.author_key))
    concerned = [event for event in trace.events if _concerns(event, person, own=own)]
    ports.traces.clear(trace, concerned)
    ports.traces.unlink(trace.case_id, person, keeps_case=True)
    written = {event.key: anonymous(event, person, ports.seal, own=own) for event in trace.events}
    changed = sorted(
        (e for e in trace.events if written[e.key] != e), key=lambda e: (person.wrote(e, own=own), e.order)
    )
    home = replace(
        case,
        thread_id=without(case.thread_id, person, ports.seal),
        author_key=f"{NOBODY}{case.case_id}" if own else case.author_key,
    )
    for begin in range(0, max(1, len(changed)), _TOGETHER):
        _rewrite(home, changed[begin : begin + _TOGETHER], written, ports, now)
    ports.traces.leave_conversation(trace, person)


def _concerns(event: Event, person: Person, *, own: bool) -> bool:
    clock = event.detail.get("clock", "")
    return (
        person.wrote(event, own=own)
        or person.was_told(event)
        or any(f"|{message_id}|" in clock for message_id in person.message_ids)
    )


def _rewrite(
    home: CaseRecord, some: Sequence[Event], written: Mapping[str, Event], ports: Ports, now: datetime
) -> None:
    """Entries and the state that they make, in one transaction. Raises Conflict when the case has changed."""
    case, _ = ports.store.case(home.case_id)
    if case is None:
        raise Conflict
    fresh = [written[event.key] for event in some]
    kept = {event.key for event in fresh}
    gone = tuple(event.key for event in some if event.key not in kept)
    timeline = {event.key: event for event in ports.store.events(home.case_id) if event.key not in gone}
    state = replay(purged({**timeline, **{event.key: event for event in fresh}}).values(), ports.promises.books)
    before = {clock.id: clock for clock in ports.store.ended_clocks(home.case_id)}
    ended = {clock.id: clock for clock in state.ended}
    ports.store.commit(
        Commit(
            at=now,
            case=replace(home, version=case.version, state=state, next_at=watch.next_at(state, ports.promises.books)),
            events=tuple(fresh),
            moved_from=home.case_id,
            moved_keys=gone,
            ended_clocks=tuple(clock for clock_id, clock in ended.items() if clock != before.get(clock_id)),
            gone_clocks=tuple(before.keys() - ended.keys()),
        )
    )


# --- outside of the table ---------------------------------------------------------------------------------------


def _outside(person: Person, ports: Ports, done: Erased) -> bool:
    """Bodies in the bucket, then dead letters; False when the time ran out."""
    assert ports.bodies is not None and ports.letters is not None  # noqa: S101, PT018  the caller looked
    ports.tell("raw requests in the bucket")
    for key in ports.bodies.names():
        if not ports.has_time():
            return False
        done.bodies += erase_letters.prune_body(key, person, ports.bodies)
    ports.tell("dead letters")
    for queue in erase_letters.QUEUES:
        if not ports.has_time():
            return False
        done.letters += erase_letters.prune_letters(queue, person, ports.letters)
    return True


# --- export -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """
    All that is held of a person, by kind; what others wrote is left out.

    `in_requests` and `in_letters` count raw requests and dead letters that
    name them, None where nobody looked.
    """

    platform: str
    author_key: str
    exported_at: datetime
    held: Mapping[str, Sequence[object]] = field(default_factory=dict)
    shared: Mapping[str, Sequence[object]] = field(default_factory=dict)
    in_requests: int | None = None


def export(customer: Customer, case_ids: Sequence[str], ports: Ports, now: datetime) -> Export:
    """Raises NobodyKnown."""
    traces = [ports.traces.trace(case_id) for case_id in _every_case(customer, case_ids, ports, now)]
    alone = [one for one in traces if not _is_shared(one, customer)]
    person = Person(platform=customer.platform, author_key=customer.author_key)
    for one in traces:
        person = known_as(person, one.events)
    shared = {
        one.case_id: [e for e in one.events if _concerns(e, person, own=_is_own(one, customer))]
        for one in traces
        if one not in alone
    }
    held = ports.traces.held(customer, alone)
    if not held and not shared:
        raise NobodyKnown("Nothing is held of such a person.")
    in_requests = None
    if ports.bodies is not None:
        in_requests = sum(erase_letters.concerns_body(key, person, ports.bodies) for key in ports.bodies.names())
    return Export(
        platform=customer.platform,
        author_key=customer.author_key,
        exported_at=now,
        held=held,
        shared=shared,
        in_requests=in_requests,
    )
