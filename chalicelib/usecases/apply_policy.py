"""
Another version of the promises: what it would do to the open cases, and doing it.

A version is in force from the moment it is stored, for all that happens from
then on. What runs already keeps its targets; only an edited calendar moves it
(R9). The job that tells the cases so is stored with the version, and the sweep
goes on with it whenever nobody else does.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.domain import clock as clocks
from chalicelib.domain.calendar import zone_of
from chalicelib.domain.case.state import CaseState, policy_for
from chalicelib.domain.clock import Books, Clock, Metric
from chalicelib.domain.events import US, Event, EventKind, action
from chalicelib.domain.policy import PolicyBook
from chalicelib.ports.cases import CaseRecord, CaseStore
from chalicelib.ports.policies import Conflict, PolicyJob, PolicyJobs, Promises
from chalicelib.ports.waiting import Backoff
from chalicelib.usecases.cases.timeline import at_the_end, commit_for, retrying

TOGETHER: Final = 50  # cases in one read
MOST: Final = 500  # cases in one step
LEASE: Final = timedelta(seconds=90)
WALKS: Final = 2
# Workers keep what they read of the promises for a minute and may be at work for another.
SECOND_WALK_AFTER: Final = timedelta(minutes=3)
MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What the job needs from outside. `has_time` is asked before each read of some cases."""

    store: CaseStore
    promises: Promises
    jobs: PolicyJobs
    backoff: Backoff
    has_time: Callable[[], bool] = lambda: True


# --- doing it ---------------------------------------------------------------------------------------------------


def step(version: int, ports: Ports, now: datetime, *, most: int = MOST) -> PolicyJob | None:
    """
    Go on with the job of a version, for `most` cases or a little more; how it stands then.

    Nothing is done when it is not time yet or somebody else is at it. None when
    there is no such job. Raises KeyError when the version cannot be read.
    """
    job = ports.jobs.job(version)
    if job is None or job.next_at is None or job.next_at > now:
        return job
    try:
        return _walk(job, ports, now, most)
    except Conflict:  # somebody took over
        return ports.jobs.job(version)


def _walk(job: PolicyJob, ports: Ports, now: datetime, most: int) -> PolicyJob:
    if ports.promises.current > job.version:  # the job of that version tells the cases
        return _saved(replace(job, next_at=None), ports)
    ports.promises.books[job.version]
    job = _saved(replace(_begun(job), next_at=now + LEASE), ports)
    walk, end = job.walk, job.seen + most
    while job.walk == walk and not job.is_done and job.seen < end and ports.has_time():
        job = _saved(_after_some(job, ports, now), ports)
    return _saved(replace(job, next_at=now), ports) if job.walk == walk and not job.is_done else job


def _begun(job: PolicyJob) -> PolicyJob:
    """A walk at its beginning forgets what the one before it counted."""
    return job if job.more else replace(job, seen=0, failures=0, failed=())


def _saved(job: PolicyJob, ports: Ports) -> PolicyJob:
    ports.jobs.save(job)
    return replace(job, revision=job.revision + 1)


def _after_some(job: PolicyJob, ports: Ports, now: datetime) -> PolicyJob:
    found = ports.store.open_cases(limit=TOGETHER, more=job.more)
    for case in found.cases:
        job = _after_one(case, job, ports, now)
    job = replace(job, more=found.more)
    return job if found.more else _after_walk(job)


def _after_walk(job: PolicyJob) -> PolicyJob:
    if job.walk == WALKS:
        return replace(job, next_at=None)
    again_at = job.applied_at + SECOND_WALK_AFTER
    return replace(job, walk=job.walk + 1, next_at=again_at)


def _after_one(case: CaseRecord, job: PolicyJob, ports: Ports, now: datetime) -> PolicyJob:
    job = replace(job, seen=job.seen + 1)
    try:
        return replace(job, changed=job.changed + _told(case, job, ports, now))
    except Exception as error:  # noqa: BLE001  one broken case must not keep the others from the new hours
        named = (*job.failed, f"{case.case_id}: {type(error).__name__}")[:MOST_NAMED]
        return replace(job, failures=job.failures + 1, failed=named)


def _told(case: CaseRecord, job: PolicyJob, ports: Ports, now: datetime) -> bool:
    """Whether the case got, or has, the event of this walk."""
    event = _event(job, now)
    if not _has_news(case, event, ports.promises.books) and not _follows(case, job.version):
        return False
    return retrying(lambda: _add(case.case_id, event, ports, now), ports.backoff)


def _event(job: PolicyJob, now: datetime) -> Event:
    return action(
        EventKind.POLICY,
        action_id=f"{job.version}.{job.walk}",
        at=now,
        actor=job.actor,
        detail={"version": str(job.version)},
        book=job.version,
    )


def _has_news(case: CaseRecord, event: Event, books: Books) -> bool:
    """Whether the version says anything new about a running clock of the case."""
    if case.merged_into is not None:
        return False
    return any(clocks.edited_calendar(clock, event, books) for clock in case.state.running)


def _follows(case: CaseRecord, version: int) -> bool:
    """Told before, perhaps by a walk that was cut short and did not count it."""
    return any(clock.calendar_book == version for clock in case.state.running)


def _add(case_id: str, event: Event, ports: Ports, now: datetime) -> bool:
    case, known = ports.store.case(case_id, event_keys=[event.key])
    if case is None or known:
        return bool(known)
    [event] = at_the_end(case.state, [event])
    if not _has_news(case, event, ports.promises.books):
        return False
    commit = commit_for(case, [event], store=ports.store, promises=ports.promises, now=now)
    assert commit is not None  # noqa: S101  the event is not known
    ports.store.commit(commit)
    return True


# --- what it would do -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockMove:
    """
    A clock that would be due at another time. `before` and `after` are None while it is paused.

    `today`, like the dates of the others, is in the zone of the clock's calendar.
    `is_broken` says that its promise would be broken at once.
    """

    case_id: str
    policy_id: str
    metric: Metric
    before: datetime | None
    after: datetime | None
    today: date
    zone: str
    is_broken: bool

    @property
    def becomes_due_today(self) -> bool:
        return self._on(self.after) == self.today != self._on(self.before)

    @property
    def no_longer_due_today(self) -> bool:
        return self._on(self.before) == self.today != self._on(self.after)

    def _on(self, at: datetime | None) -> date | None:
        return at.astimezone(zone_of(self.zone)).date() if at else None


@dataclass(slots=True)
class Forecast:
    """
    What a version would do to the open cases.

    `cases` is how many there are. `kept` counts by policy the running clocks
    that keep an older target than the version would give them, `rematched` the
    cases that fall under another policy from their next change of priority.
    `failed` names cases that could not be reckoned with.
    """

    cases: int = 0
    moves: list[ClockMove] = field(default_factory=list)
    kept: dict[str, int] = field(default_factory=dict)
    rematched: int = 0
    failed: list[str] = field(default_factory=list)


def forecast(
    book: PolicyBook,
    *,
    store: CaseStore,
    promises: Promises,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> Forecast:
    """What would happen to every open case if `book` came into force at `now`. Writes nothing."""
    job = PolicyJob(version=book.version, applied_at=now, actor=US)
    would_be = Promises(books={**promises.books, book.version: book})
    found = Forecast()
    for case in _open_cases(store):
        found.cases += 1
        try:
            _foresee(case, job, book, found, store, promises, would_be, now)
        except Exception as error:  # noqa: BLE001  counted and named
            found.failed.append(f"{case.case_id}: {type(error).__name__}")
        progress(found.cases)
    return found


def _open_cases(store: CaseStore) -> Iterator[CaseRecord]:
    more: str | None = None
    while True:
        found = store.open_cases(limit=TOGETHER, more=more)
        yield from found.cases
        more = found.more
        if more is None:
            return


def _foresee(
    case: CaseRecord,
    job: PolicyJob,
    book: PolicyBook,
    found: Forecast,
    store: CaseStore,
    promises: Promises,
    would_be: Promises,
    now: datetime,
) -> None:
    for clock in case.state.running:
        if _keeps_target(clock, book):
            found.kept[clock.policy_id] = found.kept.get(clock.policy_id, 0) + 1
    if case.state.running and _is_rematched(case.state, promises.books[promises.current], book):
        found.rematched += 1
    [event] = at_the_end(case.state, [_event(job, now)])
    if not _has_news(case, event, would_be.books):
        return
    commit = commit_for(case, [event], store=store, promises=would_be, now=now)
    assert commit is not None and commit.case is not None  # noqa: S101, PT018  the event is new
    found.moves += _moves(case, commit.case.state, would_be.books, now)


def _keeps_target(clock: Clock, book: PolicyBook) -> bool:
    policy = next((policy for policy in book.policies if policy.id == clock.policy_id), None)
    return policy is not None and clocks.target_of(clock.metric, policy) != clock.target_s


def _is_rematched(state: CaseState, current: PolicyBook, book: PolicyBook) -> bool:
    return policy_for(state, current).id != policy_for(state, book).id


def _moves(case: CaseRecord, after: CaseState, books: Books, now: datetime) -> Iterator[ClockMove]:
    moved: Mapping[str, Clock] = {clock.id: clock for clock in after.clocks}
    for clock in case.state.running:
        other = moved[clock.id]
        if other.due_at != clock.due_at:
            yield _move(case.case_id, clock, other, books, now)


def _move(case_id: str, clock: Clock, other: Clock, books: Books, now: datetime) -> ClockMove:
    zone = clocks.policy_of(other, books).calendar.zone
    return ClockMove(
        case_id=case_id,
        policy_id=clock.policy_id,
        metric=clock.metric,
        before=clock.due_at,
        after=other.due_at,
        today=now.astimezone(zone_of(zone)).date(),
        zone=zone,
        is_broken=other.due_at is not None and other.due_at <= now,
    )
