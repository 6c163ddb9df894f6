"""
One message instead of many, when many clocks of one policy reach the same step in one sweep (R15).

A digest is made once there are too many, and cases are claimed into it one by
one; then it is sealed, so that nobody joins what people have read, and goes
out. Each of these is a transaction of its own: whatever is cut short stands in
the due index, and any later sweep takes it up where it stopped.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain import watch
from chalicelib.domain.alerts import digest as digest_alert
from chalicelib.domain.alerts import links, operations
from chalicelib.domain.alerts.case_alert import CaseAlert
from chalicelib.domain.alerts.digest import Digest
from chalicelib.domain.alerts.message import written
from chalicelib.domain.calendar import NoOpenTime
from chalicelib.domain.events import EventKind
from chalicelib.domain.watch import Due, PageKind
from chalicelib.ports.alerts import AlertUndelivered
from chalicelib.ports.cases import (
    AckLink,
    CaseRecord,
    Commit,
    Conflict,
    DigestItem,
    DigestMember,
    DigestStatus,
)
from chalicelib.usecases.alerts import paging
from chalicelib.usecases.alerts.paging import ONE_MINUTE, Ports
from chalicelib.usecases.cases.moving import current_case
from chalicelib.usecases.cases.timeline import commit_for, retrying

MOST_ALONE: Final = 5  # clocks of one policy that reach the same step are told of one by one up to here
ONE_SECOND: Final = timedelta(seconds=1)


@dataclass(slots=True)
class Flood:
    """
    What one sweep has met so far. `open` are the digests that cases may still join.

    `waiting` are cases that cannot be claimed yet, because nobody knows
    whether they belong into a digest; at most `MOST_ALONE` for each key.
    """

    open: dict[str, DigestItem] = field(default_factory=dict)
    waiting: dict[str, frozenset[str]] = field(default_factory=dict)
    _seen: dict[str, dict[Due, CaseRecord]] = field(default_factory=dict)

    def offer(self, case: CaseRecord, ports: Ports, now: datetime) -> Iterator[str]:
        """Ids of the cases that can be claimed now that `case` has been read."""
        keys = self._note(case, ports, now)
        self.waiting[case.case_id] = keys
        for key in keys - self.open.keys():
            if self._is_too_many(key):
                self.open[key] = make(key, self._seen.pop(key), ports, now)
        ready = [case_id for case_id, needed in self.waiting.items() if needed <= self.open.keys()]
        for case_id in ready:
            del self.waiting[case_id]
        yield from ready

    def _note(self, case: CaseRecord, ports: Ports, now: datetime) -> frozenset[str]:
        """The keys of all that is due for a case, each remembered with it."""
        keys = set()
        for due in _due(case, ports, now):
            key = watch.together(due, case.state)
            if key is not None:
                keys.add(key)
                self._seen.setdefault(key, {})[due] = case
        return frozenset(keys)

    def _is_too_many(self, key: str) -> bool:
        seen = self._seen[key]
        return len(seen) > MOST_ALONE or any(watch.digest_of(due, case.state) for due, case in seen.items())


def _due(case: CaseRecord, ports: Ports, now: datetime) -> tuple[Due, ...]:
    try:
        return watch.to_send(case.state, now, ports.promises.books)
    except (LookupError, NoOpenTime):  # whoever claims it sets the clock aside
        return ()


def make(key: str, seen: Mapping[Due, CaseRecord], ports: Ports, now: datetime) -> DigestItem:
    """A digest for what has been seen, open for more."""
    first, case = next(iter(seen.items()))
    digest_id = f"{key}/{now:%Y-%m-%dT%H:%MZ}"
    clock = next(clock for clock in case.state.running if clock.id == first.clock_id)
    indexed = [one.next_at for one in seen.values() if one.next_at]
    code = ports.new_code() if ports.new_code and ports.base_url and first.kind is PageKind.BREACH else None
    item = DigestItem(
        digest_id=digest_id,
        root=watch.digest_of(first, case.state) or digest_id,
        together=key,
        kind=first.kind,
        step=first.step,
        group=first.group,
        policy_id=clock.policy_id,
        base_at=min(watch.base_of(due, one.state) for due, one in seen.items()),
        made_at=now,
        # Before the cases that belong to it: a later sweep must know of it when it meets them.
        next_at=min(indexed, default=now) - ONE_SECOND,
        code=code,
        link=links.hash_of(code) if code else None,
    )
    return _stored(item, first, case, ports, now)


def _stored(item: DigestItem, first: Due, case: CaseRecord, ports: Ports, now: datetime) -> DigestItem:
    links_of = (_link(item, item.code, first, case),) if item.code else ()
    try:
        ports.store.commit(Commit(at=now, digests=(item,), links=links_of))
    except Conflict:  # another sweep of this minute made it
        return ports.store.digest(item.digest_id) or item
    return replace(item, version=1)


def _link(item: DigestItem, code: str, first: Due, case: CaseRecord) -> AckLink:
    return AckLink(
        code_hash=links.hash_of(code),
        case_id=case.case_id,
        due=first,
        expires_at=item.made_at + links.LIFE,
        digest_id=item.digest_id,
    )


# --- sending ----------------------------------------------------------------------------------------------------


def seal(digest_id: str, ports: Ports, now: datetime) -> None:
    """
    Nobody joins from here on. Whatever its state, it is looked at again until it is out.

    It keeps its place in the due index, before the cases that it has left
    behind: should this sweep die, the next one sends it first.
    """
    item = ports.store.digest(digest_id)
    if item and item.status is DigestStatus.OPEN:
        ports.store.commit(Commit(at=now, digests=(replace(item, status=DigestStatus.SEALED, sealed_at=now),)))


def deliver(digest_id: str, ports: Ports, now: datetime) -> DigestStatus | None:
    """
    Send a sealed digest, or the notice that all of a sent one is over; None when there was nothing to do.

    Raises `timeline.Overtaken`.
    """
    return retrying(lambda: _deliver(digest_id, ports, now), ports.backoff)


def _deliver(digest_id: str, ports: Ports, now: datetime) -> DigestStatus | None:
    item = ports.store.digest(digest_id)
    if item is None:
        return None
    if item.status is DigestStatus.SEALED:
        return _publish(item, ports, now)
    if item.next_at is not None and item.status is not DigestStatus.OPEN:
        _close(item, ports, now)
    return None


def _publish(item: DigestItem, ports: Ports, now: datetime) -> DigestStatus:
    if item.attempts == 0 and item.sealed_at and item.sealed_at < now:  # as of a page: it may have ended well
        item = replace(item, may_have_gone=True)
    pages = [page for member in ports.store.digest_members(item.digest_id) if (page := _kept(member, item, ports, now))]
    if not pages:
        return _settle(item, DigestStatus.UNCERTAIN if item.may_have_gone else DigestStatus.DROPPED, ports, now)
    item = replace(item, attempts=item.attempts + 1, count=len(pages))
    try:
        ports.alerts.publish(written(digest_alert.alert(_digest(item, pages, ports, now))))
    except AlertUndelivered as error:
        item = replace(item, may_have_gone=item.may_have_gone or error.may_have_gone)
        if item.attempts >= paging.MOST_SWEEPS and paging.has_successor(pages[0]):
            return _give_up(item, pages[0], ports, now)
        ports.store.commit(Commit(at=now, digests=(replace(item, next_at=now + ONE_MINUTE),)))
        return DigestStatus.SEALED
    return _settle(replace(item, may_have_gone=False, sent_at=now), DigestStatus.SENT, ports, now)


def _settle(item: DigestItem, status: DigestStatus, ports: Ports, now: datetime) -> DigestStatus:
    """How it ended. The root keeps whom it reached, or may have reached: they are told when all is over."""
    item = replace(item, status=status, code=None, next_at=None)
    changed: tuple[DigestItem, ...] = (item,)
    if item.kind is PageKind.BREACH:
        is_root = item.root == item.digest_id
        root = item if is_root else ports.store.digest(item.root)
        if root is not None:
            remembering = _remembering(root, item, now)
            changed = (remembering,) if is_root else (item, remembering)
    ports.store.commit(Commit(at=now, digests=changed))
    return status


def _has_reached(item: DigestItem) -> bool:
    """Whether people may have read it."""
    if item.status is DigestStatus.FAILED:
        return item.may_have_gone
    return item.status is not DigestStatus.DROPPED


def _remembering(root: DigestItem, item: DigestItem, now: datetime) -> DigestItem:
    """The root looks once more in a minute: its last clock may have ended while this went out."""
    groups = tuple(dict.fromkeys((*root.groups, item.group))) if _has_reached(item) else root.groups
    count = max(root.count, item.count)
    return replace(root, groups=groups, count=count, next_at=root.next_at or now + ONE_MINUTE)


def _give_up(item: DigestItem, page: CaseAlert, ports: Ports, now: datetime) -> DigestStatus:
    with suppress(AlertUndelivered):  # the sweep fails all the same, and its alarm rings
        ports.alerts.publish(written(operations.page_undelivered(page, f"{item.digest_id}/undelivered")))
    for member in ports.store.digest_members(item.digest_id):
        _record(EventKind.PAGE_FAILED, member, item, ports, now)
    return _settle(item, DigestStatus.FAILED, ports, now)


def _kept(member: DigestMember, item: DigestItem, ports: Ports, now: datetime) -> CaseAlert | None:
    """What is to be said of a clock; None, and out of the digest, when nobody waits under it any more."""
    case = _case(member, ports, now)
    due = _due_of(member, item)
    if watch.still_holds(due, case.state, now):
        return paging.page_about(due, case, ports, now)
    if not item.may_have_gone:
        retrying(lambda: _record(EventKind.PAGE_DROPPED, member, item, ports, now), ports.backoff)
    return None


def _record(kind: EventKind, member: DigestMember, item: DigestItem, ports: Ports, now: datetime) -> None:
    case = _case(member, ports, now)
    event = paging.event_of(kind, _due_of(member, item), ports, now, may_have_gone=item.may_have_gone)
    commit = commit_for(case, [event], store=ports.store, promises=ports.promises, now=now) or Commit(at=now)
    gone = (member,) if kind is EventKind.PAGE_DROPPED else ()
    ports.store.commit(replace(commit, leaving=gone))


def _case(member: DigestMember, ports: Ports, now: datetime) -> CaseRecord:
    case, _ = current_case(member.case_id, store=ports.store, promises=ports.promises, now=now, backoff=ports.backoff)
    return case


def _due_of(member: DigestMember, item: DigestItem) -> Due:
    return Due(kind=item.kind, clock_id=member.clock_id, generation=member.generation, step=item.step, group=item.group)


def _digest(item: DigestItem, pages: list[CaseAlert], ports: Ports, now: datetime) -> Digest:
    return Digest(
        id=f"digest/{item.digest_id}",
        root=f"digest/{item.root}",
        kind=item.kind,
        step=item.step,
        group=item.group,
        policy_id=item.policy_id,
        count=item.count,
        pages=pages,
        now=now,
        base_url=ports.base_url,
        code=item.code,
    )


# --- the end ----------------------------------------------------------------------------------------------------


def _close(root: DigestItem, ports: Ports, now: datetime) -> None:
    """Tell everybody who was told, once the last clock has ended; each group in a step of its own."""
    if ports.store.digest_members(root.digest_id):
        ports.store.commit(Commit(at=now, digests=(replace(root, next_at=None),)))
        return
    for group in root.groups:
        if group in root.told:
            continue
        try:
            ports.alerts.publish(written(digest_alert.alert(_notice(root, group, ports, now))))
        except AlertUndelivered:
            ports.store.commit(Commit(at=now, digests=(replace(root, next_at=now + ONE_MINUTE),)))
            return
        root = replace(root, told=(*root.told, group))
        ports.store.commit(Commit(at=now, digests=(root,)))
        root = replace(root, version=root.version + 1)
    ports.store.commit(Commit(at=now, digests=(replace(root, next_at=None),)))


def _notice(root: DigestItem, group: str, ports: Ports, now: datetime) -> Digest:
    notice = replace(root, kind=PageKind.NOTICE, step=0, group=group, code=None)
    return replace(_digest(notice, [], ports, now), id=f"digest/{root.digest_id}/notice/{group}")
