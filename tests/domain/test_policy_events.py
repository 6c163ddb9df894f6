"""Edited calendars and clocks at fault, among everything else that can happen to a case."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.case.fold import apply, replay
from chalicelib.domain.case.state import CaseState
from chalicelib.domain.case.turn import PastNeeded
from chalicelib.domain.clock import Metric, Outcome, edited_calendar, policy_of
from chalicelib.domain.events import Event, EventKind, in_order
from chalicelib.domain.policy import PolicyBook, Targets
from tests.domain.test_case import (
    BOOKS,
    CLOCK_IDS,
    OFFICE,
    STANDARD,
    URGENT,
    at,
    clock_of,
    did,
    events,
    mention,
    minutes,
    stored,
    unique,
)

CLOSED = replace(OFFICE, holidays=frozenset({date(2026, 3, 3), date(2026, 3, 4)}))
LATER = {
    **BOOKS,
    2: PolicyBook(version=2, policies=(URGENT, replace(STANDARD, calendar=CLOSED))),
    3: PolicyBook(version=3, policies=(URGENT, replace(STANDARD, targets=Targets(frt_s=60)))),
}


def applied(minute: float, version: int) -> Event:
    return replace(did(EventKind.POLICY, minute, version=str(version)), book=version)


ours = st.one_of(
    st.builds(applied, minutes, st.sampled_from([2, 3])),
    st.builds(
        lambda m, c: did(EventKind.FAULT, m, clock=c, reason="unknown_policy"), minutes, st.sampled_from(CLOCK_IDS)
    ),
)
timelines = st.lists(st.one_of(events, ours), max_size=20).map(unique)


@settings(max_examples=300, deadline=None)
@given(timelines)
def test_folding_one_by_one_equals_replaying_everything(timeline: list[Event]) -> None:
    state, past = CaseState(), []
    for event in in_order(timeline):
        try:
            state = apply(state, event, LATER)
        except PastNeeded:
            state = replay([*past, event], LATER)
        past.append(event)
        assert stored(state) == stored(replay(past, LATER))
        state = stored(state)


@settings(max_examples=300, deadline=None)
@given(timelines, st.sampled_from([2, 3]))
def test_an_edit_touches_only_what_runs_unbroken(timeline: list[Event], version: int) -> None:
    before = replay(timeline, LATER)
    event = applied(10_000_000, version)
    after = {clock.id: clock for clock in replay([*timeline, event], LATER).clocks}
    for clock in before.clocks:
        moved = after[clock.id]
        if edited_calendar(clock, event, LATER) is None:
            assert moved == clock
        else:
            assert (moved.target_s, moved.policy_id, moved.book) == (clock.target_s, clock.policy_id, clock.book)
            assert policy_of(moved, LATER).calendar == LATER[version].calendar("london")


def test_a_version_without_the_calendar_moves_nothing() -> None:
    books = {**BOOKS, 2: PolicyBook(version=2, policies=(replace(URGENT, match=STANDARD.match),))}
    state = replay([mention("100", 0), applied(5, 2)], books)
    assert clock_of(state, Metric.FRT).calendar_book is None


def test_an_older_version_never_follows_a_newer_one() -> None:
    closed = replay([mention("100", 0), applied(5, 2)], LATER)
    assert clock_of(closed, Metric.FRT).due_at == at(48 * 60)
    reopened = replay([mention("100", 0), applied(5, 2), applied(6, 3), replace(applied(7, 2), native_id="x")], LATER)
    assert clock_of(reopened, Metric.FRT).calendar_book == 3
    assert clock_of(reopened, Metric.FRT).due_at == at(60)


def test_a_clock_at_fault_ends_as_an_error_and_the_others_run_on() -> None:
    fault = did(EventKind.FAULT, 5, clock="frt:x|100|mention", reason="unknown_policy")
    state = replay([mention("100", 0), fault], BOOKS)
    ended = clock_of(state, Metric.FRT)
    assert (ended.outcome, ended.reason, ended.stopped_at) == (Outcome.ERROR, "unknown_policy", at(5))
    assert [clock.metric for clock in state.running] == [Metric.RES]


def test_a_promise_whose_version_is_gone_can_still_be_kept_or_end() -> None:
    state = replay([mention("100", 0)], BOOKS)
    only_new = {2: LATER[2]}
    resolved = apply(state, did(EventKind.RESOLVE, 30), only_new)
    assert {clock.outcome for clock in resolved.clocks} == {Outcome.CANCELLED, Outcome.MET}
    assert {clock.business_s for clock in resolved.clocks} == {None}
