"""What can happen to one clock, one function at a time: the corners that no story of the scenarios turns."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain import clock as clocks
from chalicelib.domain.calendar import (
    ALL_DAY,
    Calendar,
    UnknownZone,
    Window,
    always_open,
    business_seconds,
    due,
    open_windows,
    zone_of,
)
from chalicelib.domain.clock import POLICY_CHANGE, Clock, Metric, Outcome
from chalicelib.domain.events import Event, EventKind
from chalicelib.domain.policy import ACK_S, Ladder, Policy, PolicyBook, Step, Targets

MINUTE, HOUR = 60, 3_600
T0 = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)  # a Tuesday
OFFICE = Calendar(id="office", zone="UTC", weekly=((Window(9 * HOUR, 17 * HOUR),),) * 5 + ((), ()))
SHORTER = replace(OFFICE, weekly=((Window(9 * HOUR, 11 * HOUR),),) * 5 + ((), ()))
NEVER = replace(OFFICE, weekly=((),) * 7)
LADDER = Ladder(
    id="care",
    steps=(Step(group="on-call", delay_s=0), Step(group="lead", delay_s=900)),
    repeat_after_s=(600,),
    ack_s=2 * HOUR,
)
POLICY = Policy(id="p", calendar=OFFICE, targets=Targets(frt_s=HOUR, nrt_s=2 * HOUR, res_s=9 * HOUR), ladder=LADDER)
QUICK = replace(POLICY, id="quick", targets=Targets(frt_s=10 * MINUTE))
UNCHANGED, CLOSED_FOR_EVER = replace(POLICY, ladder=replace(LADDER, id="other")), replace(POLICY, calendar=NEVER)
BOOKS = {
    1: PolicyBook(version=1, policies=(POLICY,)),
    2: PolicyBook(version=2, policies=(replace(POLICY, calendar=SHORTER),)),
    3: PolicyBook(version=3, policies=(replace(POLICY, calendar=always_open("other")),)),
    4: PolicyBook(version=4, policies=(CLOSED_FOR_EVER,)),
    5: PolicyBook(version=5, policies=(UNCHANGED,)),
}
GONE = 99


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def event(kind: EventKind, minutes: float, *, book: int = 1, late_s: int = 0) -> Event:
    received_at = at(minutes) + timedelta(seconds=late_s)
    return Event(kind=kind, platform="x", native_id="7", at=at(minutes), received_at=received_at, book=book)


def started(metric: Metric = Metric.FRT, *, policy: Policy = POLICY, late_s: int = 0) -> Clock:
    clock = clocks.start(metric, event(EventKind.MENTION, 0, late_s=late_s), policy)
    assert clock
    return clock


# --- start ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "due", "warning"),
    [
        (Metric.FRT, "2026-03-03T11:00Z", "2026-03-03T10:45Z"),
        (Metric.NRT, "2026-03-03T12:00Z", "2026-03-03T11:30Z"),
        (Metric.RES, "2026-03-04T11:00Z", "2026-03-03T16:45Z"),
    ],
)
def test_each_metric_has_its_target(metric: Metric, due: str, warning: str) -> None:
    clock = started(metric)
    assert (clock.due_at, clock.warn_at) == (datetime.fromisoformat(due), datetime.fromisoformat(warning))
    assert clock.id == f"{metric}:x|7|mention"
    assert (clock.policy_id, clock.book, clock.started_at) == ("p", 1, T0)


def test_a_target_that_is_not_promised_starts_nothing() -> None:
    assert clocks.start(Metric.NRT, event(EventKind.MENTION, 0), QUICK) is None


@pytest.mark.parametrize(("late_s", "told"), [(0, 0), (59, 0), (60, 60), (61, 61)])
def test_a_minute_late_is_reported_apart(late_s: int, told: int) -> None:
    clock = started(late_s=late_s)
    assert (clock.late_s, clock.revealed_at) == (told, T0 + timedelta(seconds=late_s))


def test_a_calendar_that_never_opens_gives_no_due_time() -> None:
    clock = started(policy=CLOSED_FOR_EVER)
    assert (clock.due_at, clock.warn_at, clock.breach_at) == (None, None, None)
    assert not clock.is_past(at(10_000))


# --- due, broken, over ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "past"), [(-1, False), (0, False), (1, True)])
def test_the_due_instant_itself_is_in_time(seconds: int, past: bool) -> None:
    moment = at(60) + timedelta(seconds=seconds)
    clock = started()
    assert clock.is_past(moment) is past
    assert clocks.recorded(clock, moment).breached_at == (at(60) if past else None)
    assert clocks.stop(clock, moment, BOOKS).outcome is (Outcome.BREACHED if past else Outcome.MET)
    assert clocks.end(clock, moment, "spam", BOOKS).outcome is (Outcome.BREACHED if past else Outcome.CANCELLED)


@pytest.mark.parametrize(("binding", "breach"), [(None, 60), (30, 60), (90, 90)])
def test_nothing_breaks_before_it_was_binding(binding: int | None, breach: int) -> None:
    clock = replace(started(), binding_at=None if binding is None else at(binding))
    assert clock.breach_at == at(breach)


def test_a_breach_is_recorded_once_with_the_policy_it_broke() -> None:
    broken = clocks.recorded(started(), at(61))
    assert (broken.breached_at, broken.breached_under) == (at(60), "p")
    moved = replace(broken, due_at=at(90), policy_id="quick")
    assert clocks.recorded(moved, at(91)) is moved


def test_what_has_ended_is_left_alone() -> None:
    ended = clocks.stop(started(), at(10), BOOKS)
    assert clocks.recorded(ended, at(90)) is ended
    assert clocks.stop(ended, at(90), BOOKS) is ended
    assert clocks.end(ended, at(90), "spam", BOOKS) is ended


def test_the_end_says_when_and_how_long_in_both_times() -> None:
    ended = clocks.end(started(Metric.RES), at(24 * 60), "deleted", BOOKS)
    assert (ended.stopped_at, ended.reason) == (at(24 * 60), "deleted")
    assert (ended.business_s, ended.elapsed_s) == (8 * HOUR, 24 * HOUR)
    assert clocks.stop(started(), at(10), BOOKS).reason is None


def test_an_answer_from_before_took_no_time() -> None:
    ended = clocks.stop(started(), at(-5), BOOKS)
    assert (ended.outcome, ended.business_s, ended.elapsed_s) == (Outcome.MET, 0, 0)


def test_without_its_version_open_time_is_unknown_and_elapsed_time_is_not() -> None:
    ended = clocks.stop(started(), at(10), {})
    assert (ended.outcome, ended.business_s, ended.elapsed_s) == (Outcome.MET, None, 600)


@pytest.mark.parametrize(("breached_at", "outcome"), [(None, Outcome.ERROR), (at(60), Outcome.BREACHED)])
def test_a_fault_ends_a_clock_and_keeps_its_breach(breached_at: datetime | None, outcome: Outcome) -> None:
    faulty = clocks.fault(replace(started(), breached_at=breached_at, paused_since=at(5)), at(70), "no_open_time")
    assert (faulty.outcome, faulty.reason, faulty.stopped_at) == (outcome, "no_open_time", at(70))
    assert faulty.paused_since is None


# --- pause and resume -------------------------------------------------------------------------------------------


def test_a_pause_takes_the_due_times_away_and_resuming_brings_them_later() -> None:
    paused = clocks.pause(started(), at(20))
    assert (paused.due_at, paused.warn_at, paused.paused_since) == (None, None, at(20))
    going = clocks.resume(paused, at(35), BOOKS)
    assert (going.due_at, going.warn_at, going.paused_since, going.paused_s) == (at(75), at(60), None, 15 * MINUTE)
    assert going.pauses == ((at(20), at(35)),)
    again = clocks.resume(clocks.pause(going, at(40)), at(41), BOOKS)
    assert (again.due_at, again.paused_s) == (at(76), 16 * MINUTE)
    assert clocks.stop(again, at(50), BOOKS).business_s == 34 * MINUTE


def test_a_pause_records_the_breach_before_it() -> None:
    assert clocks.pause(started(), at(61)).breached_at == at(60)
    assert clocks.pause(started(), at(60)).breached_at is None


@pytest.mark.parametrize(("since", "due", "warning"), [(45, None, 45), (59, None, 45), (60, 60, 45), (90, 60, 45)])
def test_what_was_used_up_before_a_pause_stays_used_up(since: int, due: int | None, warning: int) -> None:
    paused = clocks.pause(started(), at(since))
    assert (paused.due_at, paused.warn_at) == (None if due is None else at(due), at(warning))
    going = clocks.resume(paused, at(200), BOOKS)
    assert (going.due_at, going.warn_at) == (at(200 + 60 - since) if due is None else at(due), at(warning))


def test_a_pause_of_no_time_is_none() -> None:
    assert clocks.resume(clocks.pause(started(), at(20)), at(20), BOOKS) == started()


def test_what_is_not_paused_is_not_resumed() -> None:
    clock = started()
    assert clocks.resume(clock, at(10), BOOKS) is clock


def test_an_end_during_a_pause_counts_the_pause_to_the_end() -> None:
    ended = clocks.stop(clocks.pause(started(), at(20)), at(35), BOOKS)
    assert (ended.outcome, ended.business_s, ended.paused_s) == (Outcome.MET, 20 * MINUTE, 15 * MINUTE)


def test_resuming_without_its_version_is_a_fault() -> None:
    faulty = clocks.resume(clocks.pause(started(), at(20)), at(35), {})
    assert (faulty.outcome, faulty.reason, faulty.stopped_at) == (Outcome.ERROR, "unknown_policy", at(35))
    assert faulty.message_key == "x|7|mention"


# --- another policy (R9) ----------------------------------------------------------------------------------------


def test_another_policy_counts_from_the_original_start() -> None:
    change = event(EventKind.PRIORITY, 5, book=3)
    moved = clocks.retarget(replace(started(), calendar_book=2), change, QUICK)
    assert (moved.policy_id, moved.book, moved.calendar_book, moved.target_s) == ("quick", 3, None, 10 * MINUTE)
    assert (moved.due_at, moved.binding_at, moved.binding_reason, moved.generation) == (at(10), None, None, 0)


def test_a_due_time_that_has_passed_binds_from_the_change() -> None:
    change = event(EventKind.PRIORITY, 30, late_s=7)
    moved = clocks.retarget(started(), change, QUICK)
    assert (moved.due_at, moved.breach_at) == (at(10), at(30))
    assert (moved.binding_at, moved.binding_reason) == (at(30), POLICY_CHANGE)
    assert moved.revealed_at == change.received_at


def test_a_breached_clock_keeps_its_breach_and_gets_a_new_ladder() -> None:
    moved = clocks.retarget(replace(started(), generation=1), event(EventKind.PRIORITY, 61), QUICK)
    assert (moved.breached_at, moved.breached_under, moved.generation) == (at(60), "p", 2)
    in_time = clocks.retarget(started(), event(EventKind.PRIORITY, 60), QUICK)
    assert (in_time.breached_at, in_time.generation) == (None, 0)


def test_pauses_are_measured_in_the_new_calendar() -> None:
    shorter = replace(QUICK, calendar=SHORTER)
    clock = replace(started(), pauses=((at(2), at(4)), (at(5), at(8))))
    moved = clocks.retarget(clock, event(EventKind.PRIORITY, 9), shorter)
    assert (moved.paused_s, moved.due_at) == (5 * MINUTE, at(15))


def test_a_paused_clock_waits_under_its_new_policy() -> None:
    moved = clocks.retarget(clocks.pause(started(), at(2)), event(EventKind.PRIORITY, 30), QUICK)
    assert (moved.policy_id, moved.due_at, moved.paused_since, moved.binding_at) == ("quick", None, at(2), None)


def test_a_policy_without_such_a_promise_keeps_the_old_one() -> None:
    clock = started(Metric.RES)
    assert clocks.retarget(clock, event(EventKind.PRIORITY, 5), QUICK) is clock


# --- an edited calendar (R9) ------------------------------------------------------------------------------------


def test_an_edited_calendar_moves_the_due_time() -> None:
    moved = clocks.reschedule(started(Metric.NRT), event(EventKind.POLICY, 5, book=2), BOOKS)
    assert (moved.book, moved.calendar_book, moved.due_at) == (1, 2, datetime(2026, 3, 4, 10, tzinfo=UTC))
    assert clocks.policy_of(moved, BOOKS) == replace(POLICY, calendar=SHORTER)
    assert moved.binding_at is None


def test_pauses_are_measured_in_the_edited_calendar() -> None:
    change = event(EventKind.POLICY, 90, book=2)
    clock = replace(started(Metric.RES), pauses=((at(10), at(85)),), paused_s=75 * MINUTE)
    moved = clocks.reschedule(clock, change, BOOKS)
    assert moved.paused_s == 50 * MINUTE  # it closes at 11:00 now


def test_a_paused_clock_waits_under_its_edited_calendar() -> None:
    moved = clocks.reschedule(clocks.pause(started(), at(2)), event(EventKind.POLICY, 5, book=2), BOOKS)
    assert (moved.calendar_book, moved.due_at, moved.warn_at, moved.paused_since) == (2, None, None, at(2))


NRT = started(Metric.NRT)


@pytest.mark.parametrize(
    ("title", "clock", "change"),
    [
        ("it has ended", clocks.stop(NRT, at(1), BOOKS), event(EventKind.POLICY, 5, book=2)),
        ("it is broken", replace(NRT, breached_at=at(1)), event(EventKind.POLICY, 5, book=2)),
        ("it is past due", NRT, event(EventKind.POLICY, 121, book=2)),
        ("the version is its own", replace(NRT, book=2, calendar_book=1), event(EventKind.POLICY, 5, book=1)),
        ("a later one holds already", replace(NRT, calendar_book=3), event(EventKind.POLICY, 5, book=2)),
        ("nothing changed", NRT, event(EventKind.POLICY, 5, book=5)),
        ("nobody uses it any more", NRT, event(EventKind.POLICY, 5, book=3)),
        ("the new version is gone", NRT, event(EventKind.POLICY, 5, book=GONE)),
        ("its own version is gone", replace(NRT, book=GONE), event(EventKind.POLICY, 5, book=2)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_edited_calendar_says_nothing_new(title: str, clock: Clock, change: Event) -> None:
    assert clocks.edited_calendar(clock, change, BOOKS) is None
    assert clocks.reschedule(clock, change, BOOKS) is clock


def test_at_the_due_instant_the_edit_still_counts() -> None:
    assert clocks.edited_calendar(NRT, event(EventKind.POLICY, 120, book=2), BOOKS) == SHORTER


def test_a_calendar_that_no_policy_uses_any_more_is_kept() -> None:
    assert clocks.policy_of(replace(started(), calendar_book=3), BOOKS) == POLICY


def test_the_same_hours_again_say_nothing_new() -> None:
    books = {**BOOKS, 6: replace(BOOKS[2], version=6)}
    assert clocks.edited_calendar(replace(NRT, calendar_book=2), event(EventKind.POLICY, 5, book=6), books) is None


def test_hours_that_never_open_again_leave_no_due_time() -> None:
    moved = clocks.reschedule(started(), event(EventKind.POLICY, 5, book=4), BOOKS)
    assert (moved.due_at, moved.warn_at, moved.is_running) == (None, None, True)


# --- what made a due time binding (R5) --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (EventKind.RESTORE, "restored"),
        (EventKind.REOPEN, "reopened"),
        (EventKind.DELETE, "deleted"),
        (EventKind.MERGE, "merged"),
        (EventKind.POLICY, "calendar_change"),
        (EventKind.PRIORITY, "policy_change"),
    ],
)
def test_the_reason_is_told(kind: EventKind, reason: str) -> None:
    for minutes in (60, 61):
        bound = clocks.bound_by(started(), event(kind, minutes, late_s=3))
        assert (bound.binding_at, bound.binding_reason) == (at(minutes), reason)
        assert bound.revealed_at == at(minutes) + timedelta(seconds=3)


def test_what_is_due_later_or_not_at_all_was_binding_from_the_start() -> None:
    paused = clocks.pause(started(), at(5))
    assert clocks.bound_by(started(), event(EventKind.RESTORE, 59)).binding_at is None
    assert clocks.bound_by(paused, event(EventKind.RESTORE, 90)) is paused
    bound = replace(started(), binding_at=at(20), binding_reason=POLICY_CHANGE)
    again = clocks.bound_by(bound, event(EventKind.PRIORITY, 30))
    assert (again.binding_at, again.binding_reason) == (None, None)


# --- the ladder under a clock -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "clock", "quiet_s"),
    [
        ("in the policy's hours", started(), 18 * HOUR),
        ("no clock: plain time", None, ACK_S),
        ("its version is gone: plain time", replace(started(), book=GONE), ACK_S),
        ("its calendar never opens: plain time", replace(started(), book=4), ACK_S),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_acknowledgement_keeps_quiet_for_its_time(title: str, clock: Clock | None, quiet_s: int) -> None:
    given = at(6 * 60)  # an hour before closing
    assert clocks.quiet_until(clock, given, BOOKS) == given + timedelta(seconds=quiet_s)


@pytest.mark.parametrize(("steps", "climbed"), [((), False), ((1, 2), False), ((1, 2, 3), True), ((1, 2, 3, 4), True)])
def test_a_ladder_is_climbed_when_its_repeats_are_out(steps: tuple[int, ...], climbed: bool) -> None:
    assert clocks.has_climbed(started(), steps, BOOKS) is climbed


@pytest.mark.parametrize("clock", [None, replace(started(), book=GONE)], ids=["no clock", "version gone"])
def test_a_ladder_that_nobody_knows_is_not_climbed(clock: Clock | None) -> None:
    assert clocks.has_climbed(clock, (1, 2, 3), BOOKS) is False


# --- the hours under a clock: corners of the calendar ------------------------------------------------------------


def test_round_the_clock_is_called_always_and_counts_in_utc() -> None:
    assert always_open() == Calendar(id="always", zone="UTC", weekly=(ALL_DAY,) * 7)


def test_no_time_at_all_has_no_open_window() -> None:
    assert list(open_windows(always_open(), T0, T0)) == []


def test_a_midnight_that_comes_twice_opens_nothing_after_a_holiday() -> None:
    evenings = (Window(22 * HOUR, 24 * HOUR),)
    closed = replace(OFFICE, zone="America/Havana", weekly=(evenings,) * 7, holidays=frozenset({date(2025, 11, 1)}))
    from_holiday, to_evening = datetime(2025, 11, 1, 4, tzinfo=UTC), datetime(2025, 11, 3, 3, tzinfo=UTC)
    assert business_seconds(closed, from_holiday, to_evening) == 0


def test_a_window_that_begins_in_a_gap_before_1970() -> None:
    early = replace(OFFICE, zone="Europe/London", weekly=((Window(9_000, 4 * HOUR),),) * 7)  # from 02:30
    day = datetime(1968, 2, 18, tzinfo=UTC)  # 02:00 became 03:00
    assert business_seconds(early, day, day + timedelta(hours=12)) == HOUR


@pytest.fixture
def machine_in_the_far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC-14")  # POSIX counts westwards: 14 hours before Greenwich
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("machine_in_the_far_east")
def test_the_zone_of_the_machine_means_nothing() -> None:
    late = replace(OFFICE, id="far-west", zone="Etc/GMT+12", weekly=((Window(23 * HOUR, 24 * HOUR),),) * 7)
    assert datetime.fromtimestamp(0).hour == 14  # noqa: DTZ006 - that the machine has moved
    begun = datetime(2026, 3, 4, 11, 15, tzinfo=UTC)  # 23:15 there, 01:15 two dates later here
    assert business_seconds(late, begun, begun + timedelta(minutes=30)) == 30 * MINUTE


def test_what_ten_years_are_too_short_for_is_looked_for_no_further() -> None:
    minute_a_week = replace(OFFICE, weekly=((Window(9 * HOUR, 9 * HOUR + MINUTE),), *((),) * 6), holidays=frozenset())
    assert due(minute_a_week, T0, 366 * 24 * HOUR) == T0 + timedelta(days=3_660)


@pytest.mark.parametrize("name", ["localtime", "posixrules", "Factory", "posix/Europe/London", "right/UTC"])
def test_a_file_beside_the_zones_is_no_zone(name: str) -> None:
    with pytest.raises(UnknownZone):
        zone_of(name)
