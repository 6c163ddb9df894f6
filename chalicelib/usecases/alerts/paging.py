"""
One message to people, from "it is due" to "it is out".

Claiming is one transaction of case, event and page: from then on the page
stands in the due index by itself. Whoever delivers it looks at the case once
more first. A page goes out at least once, always under the same id.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from chalicelib.domain import watch
from chalicelib.domain.alerts import case_alert, links, operations
from chalicelib.domain.alerts.case_alert import CaseAlert
from chalicelib.domain.alerts.message import written
from chalicelib.domain.clock import Books, Clock
from chalicelib.domain.events import US, Event, EventKind, action
from chalicelib.domain.policy import Policy
from chalicelib.domain.watch import Due, PageKind
from chalicelib.ports.alerts import Alerts, AlertUndelivered
from chalicelib.ports.cases import (
    AckLink,
    CaseRecord,
    CaseStore,
    Commit,
    Conflict,
    DigestItem,
    DigestMember,
    DigestStatus,
    PageItem,
    PageStatus,
)
from chalicelib.ports.policies import Promises
from chalicelib.ports.waiting import Backoff
from chalicelib.usecases.cases.moving import current_case
from chalicelib.usecases.cases.timeline import commit_for, retrying

ONE_MINUTE = timedelta(minutes=1)
NO_DIGESTS: Mapping[str, DigestItem] = MappingProxyType({})
_UNDER_WAY = (DigestStatus.OPEN, DigestStatus.SEALED)  # it is looked at anyway
MOST_SWEEPS = 3  # that may fail to deliver a step (R14)
_EVENT: Mapping[PageKind, EventKind] = {
    PageKind.WARNING: EventKind.WARNED,
    PageKind.BREACH: EventKind.PAGED,
    PageKind.WINDOW: EventKind.WINDOW_TOLD,
    PageKind.NOTICE: EventKind.NOTICE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """
    What paging needs from outside.

    `base_url` is where people open cases; empty when there is no such place.
    `new_code` makes the secret of a link; None makes pages without one.
    """

    store: CaseStore
    promises: Promises
    alerts: Alerts
    backoff: Backoff
    base_url: str = ""
    new_code: Callable[[], str] | None = None


def claim(
    case: CaseRecord, ports: Ports, now: datetime, digests: Mapping[str, DigestItem] = NO_DIGESTS
) -> tuple[PageItem, ...]:
    """
    Take on all that is due for `case` at the whole minute `now`, and index the next instant.

    What belongs into one of the open `digests` joins it and makes no page.
    Raises Conflict when the case has changed since it was read: then nothing
    was taken on.
    """
    case = _settled(case, ports, now)
    due = watch.to_send(case.state, now, ports.promises.books)
    shares = {one: digests.get(watch.together(one, case.state) or "") for one in due}
    events = [event_of(_EVENT[one.kind], one, ports, now, digest=shares[one]) for one in due]
    commit = commit_for(case, events, store=ports.store, promises=ports.promises, now=now)
    if commit is None:
        _index_anew(case, ports, now)
        return ()
    alone = [one for one in due if shares[one] is None and not _is_told_for(one, case)]
    pages = tuple(_taken_on(one, case, ports, now) for one in alone)
    commit = replace(commit, pages=pages, links=tuple(_link(page) for page in pages if page.code))
    ports.store.commit(_joined(_left(commit, case, due, ports.store, now), case, shares))
    return pages


def _is_told_for(due: Due, case: CaseRecord) -> bool:
    """Whether "it is over" will be said by the digest, for all of its clocks."""
    return due.kind is PageKind.NOTICE and watch.digest_of(due, case.state) is not None


def _joined(commit: Commit, case: CaseRecord, shares: Mapping[Due, DigestItem | None]) -> Commit:
    joining = tuple(_member(digest.digest_id, case, due) for due, digest in shares.items() if digest)
    digests = {digest.digest_id: digest for digest in shares.values() if digest}
    return replace(commit, joining=joining, open_digests=tuple(digests.values()))


def _left(commit: Commit, case: CaseRecord, due: Sequence[Due], store: CaseStore, now: datetime) -> Commit:
    """The clocks that have ended leave their digest, which looks whether it was the last."""
    over = {one: watch.digest_of(one, case.state) for one in due if _is_told_for(one, case)}
    leaving = tuple(_member(root, case, one) for one, root in over.items() if root)
    roots = [store.digest(root) for root in dict.fromkeys(filter(None, over.values()))]
    touched = tuple(replace(root, next_at=now) for root in roots if root and root.status not in _UNDER_WAY)
    return replace(commit, leaving=leaving, digests=touched)


def _member(digest_id: str, case: CaseRecord, due: Due) -> DigestMember:
    return DigestMember(digest_id=digest_id, case_id=case.case_id, clock_id=due.clock_id, generation=due.generation)


def _taken_on(due: Due, case: CaseRecord, ports: Ports, now: datetime) -> PageItem:
    code = ports.new_code() if ports.new_code and ports.base_url and due.kind is PageKind.BREACH else None
    page = PageItem(
        page_id=due.page_id,
        case_id=case.case_id,
        due=due,
        claimed_at=now,
        next_at=now,
        code=code,
        link=links.hash_of(code) if code else None,
    )
    if not any(alert.clock_id == due.clock_id and alert.acknowledgement for alert in case.state.alerts):
        return page
    before = ports.store.page(due.page_id)  # dropped when somebody acknowledged it; its turn has come again
    return replace(page, version=before.version) if before else page


def _link(page: PageItem) -> AckLink:
    assert page.code is not None  # noqa: S101  the caller looked
    expires_at = page.claimed_at + links.LIFE
    return AckLink(code_hash=links.hash_of(page.code), case_id=page.case_id, due=page.due, expires_at=expires_at)


def _settled(case: CaseRecord, ports: Ports, now: datetime) -> CaseRecord:
    """The case with every page decided on which a notice would rest: only who was paged hears that it is over."""
    pages = [ports.store.page(due.page_id) for due in watch.pages_before_notice(case.state)]
    undecided = [page for page in pages if page and page.status is PageStatus.CLAIMED]
    for page in undecided:
        deliver(page.page_id, ports, now)
    if not undecided:
        return case
    again, _ = ports.store.case(case.case_id)
    return again or case


def _index_anew(case: CaseRecord, ports: Ports, now: datetime) -> None:
    """Nothing is due: the index was stale, or the case joined another."""
    next_at = watch.next_at(case.state, ports.promises.books)
    if next_at != case.next_at:
        ports.store.commit(Commit(at=now, case=replace(case, next_at=next_at)))


def event_of(
    kind: EventKind,
    due: Due,
    ports: Ports,
    now: datetime,
    *,
    may_have_gone: bool = False,
    digest: DigestItem | None = None,
) -> Event:
    detail = {
        "kind": due.kind.value,
        "clock": due.clock_id,
        "generation": str(due.generation),
        "step": str(due.step),
        "group": due.group,
        **({"may_have_gone": "yes"} if may_have_gone else {}),
        **({"digest": digest.root, "base": digest.base_at.isoformat()} if digest else {}),
        **({"digest_step": digest.digest_id} if digest and digest.digest_id != digest.root else {}),
    }
    return action(kind, action_id=due.page_id, at=now, actor=US, detail=detail, book=ports.promises.current)


def deliver(page_id: str, ports: Ports, now: datetime) -> PageStatus | None:
    """
    Send a claimed page, or drop it when there is no need any more; what became of it, None if it was none of ours.

    Raises `timeline.Overtaken` when others kept changing the case.
    """
    return retrying(lambda: _deliver(page_id, ports, now), ports.backoff)


def _deliver(page_id: str, ports: Ports, now: datetime) -> PageStatus | None:
    page = ports.store.page(page_id)
    if page is None or page.status is not PageStatus.CLAIMED:
        return None
    # Left over by an earlier sweep that never said how its attempt ended: it may have ended well.
    if page.attempts == 0 and page.claimed_at < now:
        page = replace(page, may_have_gone=True)
    case, _ = current_case(page.case_id, store=ports.store, promises=ports.promises, now=now, backoff=ports.backoff)
    if watch.still_holds(page.due, case.state, now):
        return _publish(page, case, ports, now)
    return _drop(page, case, ports, now)


def _publish(page: PageItem, case: CaseRecord, ports: Ports, now: datetime) -> PageStatus:
    about = page_about(page.due, case, ports, now, code=page.code)
    page = replace(page, attempts=page.attempts + 1)
    try:
        ports.alerts.publish(written(case_alert.alert(about)))
    except AlertUndelivered as error:
        page = replace(page, next_at=now + ONE_MINUTE, may_have_gone=page.may_have_gone or error.may_have_gone)
        if page.attempts >= MOST_SWEEPS and has_successor(about):
            return _give_up(page, about, case, ports)
    else:
        page = replace(page, status=PageStatus.SENT, next_at=None, sent_at=now, may_have_gone=False, code=None)
    with suppress(Conflict):  # another sweep sent it as well and has said so
        ports.store.commit(Commit(at=now, pages=(page,)))
    return page.status


def has_successor(page: CaseAlert) -> bool:
    """Whether another step can take its place: the last one is tried until it is out (ADR 16)."""
    is_step = page.due.kind is PageKind.BREACH and page.policy is not None
    return is_step and page.policy is not None and page.due.step < len(page.policy.ladder.rungs)


def _give_up(page: PageItem, about: CaseAlert, case: CaseRecord, ports: Ports) -> PageStatus:
    """Operators are told first: whoever is cut off here tells them again, and nobody is left untold."""
    with suppress(AlertUndelivered):  # the sweep fails all the same, and its alarm rings
        ports.alerts.publish(written(operations.page_undelivered(about, f"{page.page_id}/undelivered")))
    failed = event_of(EventKind.PAGE_FAILED, page.due, ports, about.now, may_have_gone=page.may_have_gone)
    commit = commit_for(case, [failed], store=ports.store, promises=ports.promises, now=about.now)
    commit = commit or Commit(at=about.now)
    given_up = replace(page, status=PageStatus.FAILED, next_at=None, code=None)
    ports.store.commit(replace(commit, pages=(given_up,)))
    return PageStatus.FAILED


def _drop(page: PageItem, case: CaseRecord, ports: Ports, now: datetime) -> PageStatus:
    """Only what surely never went out leaves the timeline; whoever may have been paged is told when it is over."""
    if page.may_have_gone:
        ports.store.commit(Commit(at=now, pages=(replace(page, status=PageStatus.UNCERTAIN, next_at=None, code=None),)))
        return PageStatus.UNCERTAIN
    dropped = event_of(EventKind.PAGE_DROPPED, page.due, ports, now)
    commit = commit_for(case, [dropped], store=ports.store, promises=ports.promises, now=now) or Commit(at=now)
    ports.store.commit(replace(commit, pages=(replace(page, status=PageStatus.DROPPED, next_at=None, code=None),)))
    return PageStatus.DROPPED


# --- what it says -----------------------------------------------------------------------------------------------


def page_about(due: Due, case: CaseRecord, ports: Ports, now: datetime, *, code: str | None = None) -> CaseAlert:
    """What is to be said of a clock as it stands now."""
    clock = _clock(due, case, ports.store)
    return CaseAlert(
        due=due,
        case_id=case.case_id,
        platform=case.platform,
        state=case.state,
        clock=clock,
        policy=_policy(clock, ports.promises.books),
        now=now,
        base_url=ports.base_url,
        code=code,
    )


def _clock(due: Due, case: CaseRecord, store: CaseStore) -> Clock | None:
    """The clock in question as it stands now; ended ones are kept apart."""
    running = next((clock for clock in case.state.running if clock.id == due.clock_id), None)
    if running or due.kind is not PageKind.NOTICE:
        return running
    return next((clock for clock in store.ended_clocks(case.case_id) if clock.id == due.clock_id), None)


def _policy(clock: Clock | None, books: Books) -> Policy | None:
    try:
        return books[clock.book].get(clock.policy_id) if clock else None
    except LookupError:  # a version that is gone: the page goes out all the same
        return None
