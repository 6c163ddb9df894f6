"""
The sweep: once a minute, everything that has come due.

It reads the due index and never the table. Cases are asked what must be said
to people; pages and answers to customers that did not get through are driven
once more. Whatever is left, because time ran out or something broke, is still
due for the next sweep.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from chalicelib.domain.alerts import operations
from chalicelib.domain.alerts.message import Alert, written
from chalicelib.ports.alarms import Alarms
from chalicelib.ports.alerts import AlertUndelivered
from chalicelib.ports.cases import CaseStore, Commit, Conflict, DigestStatus, DueEntry, DueKind, PageItem, PageStatus
from chalicelib.ports.leases import Lease, Leases
from chalicelib.ports.messages import encode_reply
from chalicelib.ports.policies import PolicyJobs
from chalicelib.ports.queues import Queues
from chalicelib.usecases import apply_policy
from chalicelib.usecases.alerts import clock_faults, digests, paging
from chalicelib.usecases.alerts.clock_faults import SetAside
from chalicelib.usecases.alerts.digests import Flood
from chalicelib.usecases.alerts.paging import ONE_MINUTE
from chalicelib.usecases.cases.moving import finish_move
from chalicelib.usecases.cases.timeline import retrying

LEASE: Final = "sla_watch"
LEASE_S: Final = 55  # a little longer than the function lives: one that was killed holds up no later minute
READ_TOGETHER: Final = 100
TOO_MANY_MISSED: Final = 3  # one minute may be lost to the scheduler's own inaccuracy


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports(paging.Ports):
    """What the sweep needs from outside. `has_time` is asked before each record; the rest waits for the next sweep."""

    leases: Leases
    queues: Queues
    jobs: PolicyJobs
    alarms: Alarms
    has_time: Callable[[], bool] = lambda: True


@dataclass(slots=True)
class Swept:
    """
    What one sweep did, for the log and the metrics.

    `ran` is False when the minute was somebody else's. `missed` counts the
    whole minutes before it that nobody swept to the end. `counts` has one
    number for each kind of thing done; `failed` names kind and error of
    records that are still due because something broke; `set_aside` are clocks
    that nobody can reckon with.
    """

    turn: datetime
    ran: bool = True
    missed: int = 0
    finished: bool = True
    counts: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, str]] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    flood: Flood = field(default_factory=Flood, repr=False)

    @property
    def undelivered(self) -> int:
        """Messages that the alert service did not take: still to be tried, or given up just now."""
        pages = self.counts[f"page_{PageStatus.CLAIMED}"] + self.counts[f"page_{PageStatus.FAILED}"]
        return pages + self.counts[f"digest_{DigestStatus.SEALED}"] + self.counts[f"digest_{DigestStatus.FAILED}"]


def sweep(ports: Ports, now: datetime) -> Swept:
    """Do what has come due by the whole minute of `now` (R13). Safe to run at any time, any number of times."""
    turn = now.replace(second=0, microsecond=0)
    lease = ports.leases.take(LEASE, turn=turn, now=now, for_s=LEASE_S)
    if lease is None:
        return Swept(turn=turn, ran=False)
    swept = Swept(turn=turn, missed=_missed(lease))
    for entry in _due(ports.store, turn):
        if not ports.has_time():
            swept.finished = False
            break
        _look_at(entry, ports, swept)
    _finish_digests(ports, swept)
    _tell_operators(ports, swept)
    ports.leases.done(lease)
    return swept


def _missed(lease: Lease) -> int:
    if lease.done_before is None:
        return 0
    return max(0, (lease.turn - lease.done_before) // ONE_MINUTE - 1)


def _due(store: CaseStore, turn: datetime) -> Iterator[DueEntry]:
    """Everything due, oldest first, each once. The index is read until nothing new is in it."""
    seen: set[tuple[DueKind, str]] = set()
    while True:
        # What was handled and is still there, failed or lagging, must not hide what comes after it.
        found = store.due(turn, limit=READ_TOGETHER + len(seen))
        fresh = [entry for entry in found if (entry.kind, entry.id) not in seen]
        if not fresh:
            return
        seen.update((entry.kind, entry.id) for entry in fresh)
        yield from fresh


def _look_at(entry: DueEntry, ports: Ports, swept: Swept) -> None:
    _safely(entry.kind, entry.id, _HANDLERS[entry.kind], ports, swept)


def _safely(kind: DueKind, record_id: str, handler: "Handler", ports: Ports, swept: Swept) -> None:
    try:
        handler(record_id, ports, swept)
    except Exception as error:  # noqa: BLE001  one broken record must not silence all others; it stays due
        swept.failed.append((kind.value, type(error).__name__))


def _case(case_id: str, ports: Ports, swept: Swept) -> None:
    """Read it, and claim all of which it is known by now whether they belong into a digest."""
    case, _ = ports.store.case(case_id)
    if case is None:
        return
    for ready in [case_id] if case.is_moving else swept.flood.offer(case, ports, swept.turn):
        _safely(DueKind.CASE, ready, _claim, ports, swept)


def _digest(digest_id: str, ports: Ports, swept: Swept) -> None:
    """One that an earlier sweep left open takes in more before it is sent."""
    digest = ports.store.digest(digest_id)
    if digest and digest.status is DigestStatus.OPEN:
        swept.flood.open.setdefault(digest.together, digest)
    else:
        _send_digest(digest_id, ports, swept)


def _send_digest(digest_id: str, ports: Ports, swept: Swept) -> None:
    status = digests.deliver(digest_id, ports, swept.turn)
    if status:
        swept.counts[f"digest_{status}"] += 1
    digest = ports.store.digest(digest_id) if status else None
    if digest and status is DigestStatus.SENT:
        swept.counts[digest.kind.value] += digest.count
    if status is DigestStatus.FAILED:
        for member in ports.store.digest_members(digest_id):
            _case(member.case_id, ports, swept)


def _finish_digests(ports: Ports, swept: Swept) -> None:
    """Claim what was too little for a digest, and send the digests; a step that failed may make others."""
    flood = swept.flood
    while flood.waiting or flood.open:
        while flood.waiting:
            case_id = next(iter(flood.waiting))
            del flood.waiting[case_id]
            _safely(DueKind.CASE, case_id, _claim, ports, swept)
        full, flood.open = flood.open, {}
        for digest in full.values():
            digests.seal(digest.digest_id, ports, swept.turn)
            _safely(DueKind.DIGEST, digest.digest_id, _send_digest, ports, swept)


def _claim(case_id: str, ports: Ports, swept: Swept) -> None:
    pages = retrying(lambda: _claimed(case_id, ports, swept), ports.backoff)
    for page in pages:
        swept.counts[page.due.kind.value] += 1
        _page(page.page_id, ports, swept)


def _claimed(case_id: str, ports: Ports, swept: Swept) -> tuple[PageItem, ...]:
    case, _ = ports.store.case(case_id)
    if case is None:
        return ()
    if case.is_moving:
        finish_move(case, store=ports.store, promises=ports.promises, now=swept.turn, backoff=ports.backoff)
        swept.counts["moved"] += 1
        return ()
    faulty = clock_faults.set_aside(case, store=ports.store, promises=ports.promises, now=swept.turn)
    if faulty:
        swept.set_aside += faulty
        return _claimed(case_id, ports, swept)
    return paging.claim(case, ports, swept.turn, swept.flood.open)


def _page(page_id: str, ports: Ports, swept: Swept) -> None:
    status = paging.deliver(page_id, ports, swept.turn)
    if status:
        swept.counts[f"page_{status}"] += 1
    if status is PageStatus.FAILED:
        _next_step(page_id, ports, swept)


def _next_step(page_id: str, ports: Ports, swept: Swept) -> None:
    """What takes the place of a step that reached nobody goes out in the same sweep (R14)."""
    page = ports.store.page(page_id)
    if page:
        _claim(page.case_id, ports, swept)


def _reply(reply_id: str, ports: Ports, swept: Swept) -> None:
    """An answer whose queue message may be lost gets a new one; deliver knows a repeat when it sees one."""
    reply = ports.store.reply(reply_id)
    if reply is None or reply.next_at is None or reply.next_at > swept.turn:
        return
    ports.queues.send("replies", [encode_reply(reply_id)])
    swept.counts["reply"] += 1
    with suppress(Conflict):  # deliver has taken it on
        ports.store.commit(Commit(at=swept.turn, replies=(replace(reply, next_at=swept.turn + ONE_MINUTE),)))


def _policy_job(version: str, ports: Ports, swept: Swept) -> None:
    """Open cases hear of a new version from whoever applied it, or from here if that died."""
    its_ports = apply_policy.Ports(
        store=ports.store, promises=ports.promises, jobs=ports.jobs, backoff=ports.backoff, has_time=ports.has_time
    )
    job = apply_policy.step(int(version), its_ports, swept.turn)
    if job and job.failures:
        swept.failed.append((DueKind.POLICY_JOB.value, f"{job.failures} cases"))


Handler = Callable[[str, Ports, Swept], None]
_HANDLERS: Mapping[DueKind, Handler] = {
    DueKind.CASE: _case,
    DueKind.PAGE: _page,
    DueKind.DIGEST: _digest,
    DueKind.REPLY: _reply,
    DueKind.POLICY_JOB: _policy_job,
}


def _tell_operators(ports: Ports, swept: Swept) -> None:
    """Before the lease is given back: a sweep cut off here leaves the same minutes missed, and the next one tells."""
    if swept.missed >= TOO_MANY_MISSED:
        _tell(operations.sweeps_missed(swept.missed, swept.turn), ports, swept)
    reasons = clock_faults.to_tell(swept.set_aside, ports.alarms, swept.turn)
    cases = sorted({one.case_id for one in swept.set_aside if one.reason in reasons})
    if reasons and _tell(operations.clocks_set_aside(reasons, cases, swept.turn), ports, swept):
        for reason in reasons:
            ports.alarms.remember(clock_faults.about(reason), swept.turn)


def _tell(alert: Alert, ports: Ports, swept: Swept) -> bool:
    try:
        ports.alerts.publish(written(alert))
    except AlertUndelivered as error:
        swept.failed.append(("operations", type(error).__name__))
        return False
    return True
