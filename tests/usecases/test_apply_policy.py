"""Another version of the promises: what the forecast says is what the job does, whatever interrupts it."""

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.policies import TablePolicies
from chalicelib.domain.clock import Clock, Metric, Outcome
from chalicelib.domain.events import EventKind, action
from chalicelib.domain.facts import Fact
from chalicelib.domain.policy import Match, PolicyBook, Targets
from chalicelib.policies import default_toml
from chalicelib.ports.cases import CaseRecord, Commit
from chalicelib.ports.policies import Conflict, PolicyJob, Promises
from chalicelib.usecases import apply_policy, casework
from chalicelib.usecases.apply_policy import SECOND_WALK_AFTER, Forecast, Ports, forecast, step
from chalicelib.usecases.cases.timeline import commit_for
from tests.usecases.sweeps import P_STD, mention, moment, reply
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death
from tests.usecases.world import labelled, no_waiting

MONDAY, TUESDAY, WEDNESDAY = "2026-03-02", "2026-03-03", "2026-03-04"
CLOSED = date(2026, 3, 3)
APPLIED_AT = moment(f"{MONDAY} 20:00")
LONDON = P_STD.calendar
EDITED = replace(LONDON, holidays=LONDON.holidays | {CLOSED})
FIRST = PolicyBook(version=1, policies=(P_STD,))
CLOSURE = PolicyBook(version=2, policies=(replace(P_STD, calendar=EDITED),))
FASTER = PolicyBook(version=2, policies=(replace(P_STD, targets=Targets(frt_s=1_800, nrt_s=3_600, res_s=16 * 3_600)),))
LONGER_HOURS = PolicyBook(
    version=2, policies=(replace(P_STD, calendar=replace(LONDON, weekly=((*LONDON.weekly[1],),) * 7)),)
)


class Jobs:
    """The jobs alone: books are given to the use case as values."""

    def __init__(self, table: MemoryTable) -> None:
        self._policies = TablePolicies(table, clock=lambda: 0.0)

    def job(self, version: int) -> PolicyJob | None:
        return self._policies.job(version)

    def save(self, job: PolicyJob) -> None:
        self._policies.save(job)


@dataclass
class Desk:
    """A care team's table under the first version, and what is needed to bring another into force."""

    table: MemoryTable = field(default_factory=MemoryTable)
    promises: Promises = field(default_factory=lambda: Promises(books={1: FIRST}))

    @property
    def store(self) -> TableCaseStore:
        return TableCaseStore(self.table)

    def hear(self, *facts: Fact) -> "Desk":
        for fact in facts:
            ports = casework.Ports(store=self.store, promises=self.promises, backoff=no_waiting, now=fact.received_at)
            casework.take([labelled(fact)], ports)
        return self

    def act(self, thread_id: str, kind: EventKind, at: datetime, **detail: str) -> None:
        event = action(kind, action_id=f"{kind}@{at}", at=at, actor="ann", detail=detail, book=self.promises.current)
        commit = commit_for(self.case(thread_id), [event], store=self.store, promises=self.promises, now=at)
        assert commit is not None
        self.store.commit(commit)

    def apply(self, book: PolicyBook, at: datetime = APPLIED_AT) -> "Desk":
        """The version is in force, and its job is there; nobody has begun with it."""
        job = PolicyJob(version=book.version, applied_at=at, actor="lea", next_at=at)
        Jobs(self.table).save(job)
        self.promises = Promises(books={**self.promises.books, book.version: book})
        return self

    def ports(self, **others: Any) -> Ports:
        return replace(
            Ports(store=self.store, promises=self.promises, jobs=Jobs(self.table), backoff=no_waiting), **others
        )

    def job(self, version: int = 2) -> PolicyJob:
        job = Jobs(self.table).job(version)
        assert job is not None
        return job

    def run(self, now: datetime = APPLIED_AT, *, most: int = apply_policy.MOST) -> PolicyJob:
        """One walk to its end, as the minutes go by."""
        walk = self.job().walk
        while self.job().walk == walk and not self.job().is_done:
            step(2, self.ports(), now, most=most)
            now += timedelta(minutes=1)
        return self.job()

    def run_to_the_end(self) -> PolicyJob:
        self.run()
        return self.run(APPLIED_AT + SECOND_WALK_AFTER)

    def cases(self) -> dict[str, CaseRecord]:
        """By thread."""
        ids = [pk.removeprefix("CASE#") for pk, sk in self.table.everything() if sk == "STATE"]
        found = (self.store.case(case_id)[0] for case_id in ids)
        return {case.thread_id: case for case in found if case}

    def case(self, thread_id: str) -> CaseRecord:
        return self.cases()[thread_id]

    def clock(self, thread_id: str, metric: Metric = Metric.FRT) -> Clock:
        case = self.case(thread_id)
        clocks = (*case.state.running, *self.store.ended_clocks(case.case_id))
        return next(clock for clock in clocks if clock.metric is metric)

    def forecast(self, book: PolicyBook, now: datetime = APPLIED_AT) -> Forecast:
        return forecast(book, store=self.store, promises=self.promises, now=now)


def wrote(thread: str, at: str, **values: Any) -> Fact:
    return mention(thread, at, **{"thread_id": thread, **values})


def desk_on_monday() -> Desk:
    """Three that wait over the evening, one that was broken, one that was answered and one that was resolved."""
    desk = Desk().hear(
        wrote("1", f"{MONDAY} 16:30"),
        wrote("2", f"{MONDAY} 16:45"),
        wrote("3", f"{MONDAY} 16:59"),
        wrote("40", f"{MONDAY} 15:30"),
        wrote("50", f"{MONDAY} 16:00"),
        reply("51", f"{MONDAY} 16:20", parent_id="50"),
        wrote("60", f"{MONDAY} 16:10"),
    )
    desk.act("60", EventKind.RESOLVE, moment(f"{MONDAY} 16:50"))
    return desk


# --- what an edit does ------------------------------------------------------------------------------------------


def test_case_53_a_closure_moves_what_runs_and_is_unbroken_and_nothing_else():
    desk = desk_on_monday().apply(CLOSURE)
    before = {thread: desk.clock(thread) for thread in ("40", "50", "60")}
    job = desk.run()
    assert (job.seen, job.changed, job.failures) == (5, 5, 0)
    clock = desk.clock("1")
    assert (clock.due_at, clock.warn_at) == (moment(f"{WEDNESDAY} 09:30"), moment(f"{WEDNESDAY} 09:15"))
    assert (clock.book, clock.calendar_book, clock.target_s) == (1, 2, 3_600)
    assert {thread: desk.clock(thread) for thread in ("40", "50", "60")} == before
    assert desk.case("1").next_at == moment(f"{WEDNESDAY} 09:15")


def test_a_resolution_moves_also_where_the_first_reply_is_over():
    desk = desk_on_monday()
    before = desk.clock("50", Metric.RES).due_at
    desk.apply(CLOSURE).run()
    after = desk.clock("50", Metric.RES).due_at
    assert before is not None
    assert after == before + timedelta(days=1)


def test_the_timeline_says_who_brought_which_version():
    desk = desk_on_monday().apply(CLOSURE)
    desk.run()
    [event] = [e for e in desk.store.events(desk.case("1").case_id) if e.kind is EventKind.POLICY]
    assert (event.actor, event.detail["version"], event.book) == ("lea", "2", 2)


def test_edited_targets_are_for_clocks_to_come():
    desk = desk_on_monday()
    before = desk.table.everything()
    desk.apply(FASTER)
    assert desk.run().changed == 0
    after = desk.table.everything()
    assert {key: item for key, item in after.items() if not key[0].startswith("POLICY")} == before
    desk.hear(wrote("70", f"{TUESDAY} 10:16"))
    assert desk.clock("70").due_at == moment(f"{TUESDAY} 10:46")


def test_another_match_moves_a_case_with_its_next_priority_and_not_before():
    quick = replace(P_STD, id="quick", targets=Targets(frt_s=600), match=Match(channels=frozenset({"x"})))
    urgent = replace(P_STD, id="urgent", targets=Targets(frt_s=300), match=Match(priorities=frozenset({"critical"})))
    desk = Desk().hear(wrote("1", f"{TUESDAY} 10:00"))
    desk.apply(PolicyBook(version=2, policies=(urgent, quick, P_STD))).run()
    desk.hear(wrote("2", f"{TUESDAY} 10:10", thread_id="1"))
    assert desk.clock("1").policy_id == "std"
    desk.act("1", EventKind.PRIORITY, moment(f"{TUESDAY} 10:20"), to="critical")
    assert desk.clock("1").policy_id == "urgent"


def test_pauses_are_measured_in_the_edited_calendar():
    desk = Desk().hear(wrote("1", f"{MONDAY} 15:00"), reply("2", f"{MONDAY} 15:30", parent_id="1"))
    desk.act("1", EventKind.WAIT, moment(f"{MONDAY} 15:30:01"))
    desk.hear(wrote("3", f"{WEDNESDAY} 10:00", thread_id="1"))
    paused_s = desk.clock("1", Metric.RES).paused_s
    desk.apply(CLOSURE, moment(f"{WEDNESDAY} 10:30"))
    desk.run(moment(f"{WEDNESDAY} 10:30"))
    clock = desk.clock("1", Metric.RES)
    assert clock.paused_s == paused_s - 8 * 3_600
    assert clock.calendar_book == 2


def test_a_paused_clock_counts_on_in_the_edited_calendar():
    desk = Desk().hear(wrote("1", f"{MONDAY} 15:00"), reply("2", f"{MONDAY} 15:30", parent_id="1"))
    desk.act("1", EventKind.WAIT, moment(f"{MONDAY} 15:30:01"))
    desk.apply(CLOSURE).run()
    assert desk.clock("1", Metric.RES).due_at is None
    desk.hear(wrote("3", f"{WEDNESDAY} 10:00", thread_id="1"))
    # 1 h 29 min 59 s of Monday and an hour of Wednesday: Tuesday is no time at all.
    assert desk.clock("1", Metric.RES).paused_s == 3_600 + 89 * 60 + 59


def test_hours_that_are_added_may_break_a_promise_at_once_but_never_before_they_were_added():
    desk = Desk().hear(wrote("1", "2026-03-06 16:30"))  # a Friday, due on Monday at half past nine
    saturday = moment("2026-03-07 15:00")
    [move] = desk.forecast(LONGER_HOURS, saturday).moves[:1]
    assert (move.before, move.after) == (moment("2026-03-09 09:30"), moment("2026-03-07 09:30"))
    assert move.is_broken
    desk.apply(LONGER_HOURS, saturday).run(saturday)
    assert desk.clock("1").breach_at == saturday


def test_an_older_version_never_takes_the_place_of_a_newer_one():
    third = PolicyBook(version=3, policies=CLOSURE.policies)
    desk = desk_on_monday().apply(LONGER_HOURS).apply(third)
    assert desk.run().is_done
    assert desk.clock("1").calendar_book is None
    step(3, desk.ports(), APPLIED_AT)
    assert desk.clock("1").calendar_book == 3


# --- what it would do -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("book", [CLOSURE, FASTER, LONGER_HOURS], ids=["closure", "targets", "hours"])
def test_the_forecast_is_what_happens_and_changes_nothing(book: PolicyBook):
    desk = desk_on_monday()
    before = desk.table.everything()
    found = desk.forecast(book)
    assert desk.table.everything() == before
    desk.apply(book).run()
    expected = {(case.case_id, metric): after for case, metric, after in _moved(desk, before)}
    assert {(move.case_id, move.metric): move.after for move in found.moves} == expected
    assert found.cases == 5
    assert found.failed == []


def _moved(desk: Desk, before: Any) -> list[Any]:
    old = Desk(table=MemoryTable())
    old.table._items = before
    return [
        (case, clock.metric, clock.due_at)
        for thread, case in desk.cases().items()
        for clock in case.state.running
        if clock.due_at != next(c for c in old.case(thread).state.running if c.id == clock.id).due_at
    ]


def test_the_forecast_says_what_becomes_due_today_where_the_calendar_is():
    desk = desk_on_monday()
    tuesday_morning = moment(f"{TUESDAY} 08:00")
    found = desk.forecast(CLOSURE, tuesday_morning)
    replies = [move for move in found.moves if move.metric is Metric.FRT]
    assert [move.no_longer_due_today for move in replies] == [True] * 3
    opened_again = PolicyBook(version=3, policies=FIRST.policies)
    desk.apply(CLOSURE).run()
    back = [move for move in desk.forecast(opened_again, tuesday_morning).moves if move.metric is Metric.FRT]
    assert [move.becomes_due_today for move in back] == [True] * 3


def test_the_forecast_counts_what_keeps_its_target_and_what_matches_another_policy():
    special = replace(P_STD, id="special", match=Match(channels=frozenset({"x"})))
    book = PolicyBook(version=2, policies=(special, *FASTER.policies))
    seen: list[int] = []
    desk = desk_on_monday()
    found = forecast(book, store=desk.store, promises=desk.promises, now=APPLIED_AT, progress=seen.append)
    assert found.kept == {"std": 4}
    assert found.rematched == 5
    assert seen == [1, 2, 3, 4, 5]


def test_a_case_that_cannot_be_reckoned_with_is_named_in_the_forecast():
    desk = desk_on_monday()
    case = desk.case("50")
    state = replace(case.state, apart=frozenset({"elsewhere"}))  # of what joins it later it must read the events
    desk.store.commit(Commit(at=APPLIED_AT, case=replace(case, state=state)))
    store = _Broken(desk.store, case.case_id)
    found = forecast(CLOSURE, store=store, promises=desk.promises, now=APPLIED_AT)
    assert found.failed == [f"{case.case_id}: OSError"]
    assert found.cases == 5


# --- how it gets through ----------------------------------------------------------------------------------------


class _Broken:
    """A store that cannot read or write one case by itself."""

    def __init__(self, store: TableCaseStore, case_id: str) -> None:
        self._store = store
        self._case_id = case_id

    def case(self, case_id: str, **values: Any) -> Any:
        return self._require(case_id) or self._store.case(case_id, **values)

    def events(self, case_id: str) -> Any:
        return self._require(case_id) or self._store.events(case_id)

    def _require(self, case_id: str) -> None:
        if case_id == self._case_id:
            raise OSError

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_a_broken_case_stops_no_other_and_is_tried_again_by_the_second_walk():
    desk = desk_on_monday().apply(CLOSURE)
    broken = desk.case("2").case_id
    walked = step(2, desk.ports(store=_Broken(desk.store, broken)), APPLIED_AT)
    assert walked is not None
    assert (walked.walk, walked.failures, walked.failed) == (2, 1, (f"{broken}: OSError",))
    assert desk.clock("2").calendar_book is None
    assert desk.clock("3").calendar_book == 2
    job = desk.run(APPLIED_AT + SECOND_WALK_AFTER)
    assert (job.is_done, job.failures, job.changed) == (True, 0, 5)
    assert desk.clock("2").calendar_book == 2


def test_it_goes_on_where_it_stopped(monkeypatch):
    monkeypatch.setattr(apply_policy, "TOGETHER", 1)
    desk = desk_on_monday().apply(CLOSURE)
    first = step(2, desk.ports(), APPLIED_AT, most=2)
    assert first is not None
    assert (first.seen, first.walk, first.next_at) == (2, 1, APPLIED_AT)
    assert desk.run(most=1).changed == 5


def test_it_stops_when_time_is_up():
    desk = desk_on_monday().apply(CLOSURE)
    job = step(2, desk.ports(has_time=lambda: False), APPLIED_AT)
    assert job is not None
    assert (job.seen, job.changed, job.next_at) == (0, 0, APPLIED_AT)


def test_a_case_that_a_worker_opened_under_the_version_before_is_found_by_the_second_walk():
    desk = desk_on_monday()
    stale = desk.promises
    desk.apply(CLOSURE).run()
    late = Desk(table=desk.table, promises=stale)
    late.hear(wrote("80", f"{MONDAY} 20:00:40"))
    assert desk.clock("80").due_at == moment(f"{TUESDAY} 10:00")
    assert desk.run(APPLIED_AT + SECOND_WALK_AFTER).is_done
    assert desk.clock("80").due_at == moment(f"{WEDNESDAY} 10:00")


def test_the_second_walk_waits_until_every_worker_knows_the_version():
    desk = desk_on_monday().apply(CLOSURE)
    waiting = desk.run()
    assert waiting.next_at == APPLIED_AT + SECOND_WALK_AFTER
    assert step(2, desk.ports(), APPLIED_AT + timedelta(minutes=1)) == waiting


def test_who_is_at_work_keeps_others_away_for_a_while():
    desk = desk_on_monday().apply(CLOSURE)
    job = desk.job()
    desk.ports().jobs.save(replace(job, next_at=APPLIED_AT + apply_policy.LEASE))
    held = desk.job()
    assert step(2, desk.ports(), APPLIED_AT) == held
    assert step(2, desk.ports(), APPLIED_AT + apply_policy.LEASE) != held


def test_who_was_overtaken_leaves_the_job_to_the_other():
    desk = desk_on_monday().apply(CLOSURE)

    class Overtaken(Jobs):
        def save(self, job: PolicyJob) -> None:
            super().save(replace(job, revision=0))  # as if somebody had saved it since

    assert step(2, desk.ports(jobs=Overtaken(desk.table)), APPLIED_AT) == desk.job()
    assert desk.job().seen == 0


def test_a_case_that_changes_meanwhile_is_read_anew():
    desk = desk_on_monday().apply(CLOSURE)

    class Busy(TableCaseStore):
        lost = 0

        def commit(self, commit: Commit) -> None:
            if self.lost < 3:
                self.lost += 1
                raise Conflict
            super().commit(commit)

    step(2, desk.ports(store=Busy(desk.table)), APPLIED_AT)
    assert desk.job().changed == 5


def test_no_job_no_work():
    assert step(7, desk_on_monday().ports(), APPLIED_AT) is None


def test_a_version_that_cannot_be_read_is_no_reason_to_be_done():
    desk = desk_on_monday().apply(CLOSURE)
    ports = desk.ports(promises=Promises(books={1: FIRST}))
    with pytest.raises(KeyError):
        step(2, ports, APPLIED_AT)
    assert not desk.job().is_done


def outcome(desk: Desk) -> dict[Any, Any]:
    """
    All but what tells when it was done: who dies holds the job for a while.

    The time of the event itself does, too.
    """
    found = {}
    for key, item in desk.table.everything().items():
        if not key[0].startswith("POLICY"):
            found[key] = {name: value for name, value in item.items() if name not in ("body", "state", "version")}
        if "summary" in item:
            listed = json.loads(item["summary"])
            found[key]["summary"] = {name: listed[name] for name in listed.keys() - {"version", "last_at"}}
    clocks = {
        thread: [replace(clock, revealed_at=APPLIED_AT) for clock in case.state.running]
        for thread, case in desk.cases().items()
    }
    return {**found, "clocks": clocks}


def calls() -> int:
    counter = Counter()
    desk = desk_on_monday().apply(CLOSURE)
    step(2, killable(desk, counter), APPLIED_AT)
    return counter.calls


def killable(desk: Desk, counter: Counter) -> Ports:
    table = Tripwire(desk.table, counter)
    return desk.ports(store=TableCaseStore(table), jobs=Jobs(table))


UNDISTURBED = desk_on_monday().apply(CLOSURE)
UNDISTURBED.run_to_the_end()


@pytest.mark.parametrize(
    "counter", list(every_death(calls())), ids=lambda c: f"{c.kill_at}{'after' if c.after else ''}"
)
def test_killed_at_any_call_it_ends_the_same(counter: Counter):
    desk = desk_on_monday().apply(CLOSURE)
    with pytest.raises(Killed):
        step(2, killable(desk, counter), APPLIED_AT)
    job = desk.run(APPLIED_AT + apply_policy.LEASE)
    assert job.changed == 5
    assert desk.run(APPLIED_AT + SECOND_WALK_AFTER).is_done
    assert outcome(desk) == outcome(UNDISTURBED)


def test_an_answer_in_time_is_met_in_the_edited_hours():
    desk = desk_on_monday().apply(CLOSURE)
    desk.run()
    desk.hear(reply("9", f"{WEDNESDAY} 09:20", parent_id="1"))
    clock = desk.clock("1")
    assert (clock.outcome, clock.business_s) == (Outcome.MET, 50 * 60)


def test_a_worker_that_has_not_heard_of_the_version_reads_it_when_it_meets_it():
    table = MemoryTable()
    shipped = TablePolicies(table, clock=lambda: 0.0)
    stale = Desk(table=table, promises=shipped.promises()).hear(wrote("1", f"{MONDAY} 16:30"))
    closed = default_toml().replace('hours = "24/7"', f'hours = "24/7"\nholidays = [{MONDAY}, {CLOSED}]')
    policies = TablePolicies(table, clock=lambda: 0.0)
    policies.apply(2, closed, at=APPLIED_AT - timedelta(hours=3), actor="lea")
    told = Desk(table=table, promises=policies.promises())
    step(2, told.ports(jobs=policies), APPLIED_AT - timedelta(hours=3))
    assert told.clock("1").calendar_book == 2
    stale.hear(reply("2", f"{WEDNESDAY} 00:59", parent_id="1"))
    clock = stale.clock("1")
    assert (clock.outcome, clock.business_s) == (Outcome.MET, 59 * 60)
