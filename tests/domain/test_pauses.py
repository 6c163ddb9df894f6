"""Time that counts and time that does not: told in one way, whatever else happens to the case (R7)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.calendar import open_windows
from chalicelib.domain.case.fold import apply, follow, replay
from chalicelib.domain.case.state import CaseState
from chalicelib.domain.case.turn import PastNeeded
from chalicelib.domain.clock import Clock, Metric, Outcome, policy_of
from chalicelib.domain.events import Event, EventKind, in_order
from chalicelib.domain.facts import FactKind
from chalicelib.domain.labels import Urgency
from chalicelib.domain.policy import PolicyBook, Targets
from chalicelib.domain.watch import PageKind, next_at, to_send
from tests.domain.test_case import (
    GOLD,
    OFFICE,
    STANDARD,
    URGENT,
    answer,
    at,
    clock_of,
    did,
    elsewhere,
    events,
    its_own,
    mention,
    merged,
    said,
    stored,
    unique,
)

VIP = replace(GOLD, targets=Targets(frt_s=900, nrt_s=1800, res_s=8 * 3600))
FAR_AWAY = replace(OFFICE, holidays=frozenset({date(2026, 3, 1), date(2027, 5, 3)}))  # a Sunday, and next year
BOOKS = {
    1: PolicyBook(version=1, policies=(URGENT, VIP, STANDARD)),
    2: PolicyBook(
        version=2,
        policies=(URGENT, VIP, replace(STANDARD, calendar=replace(OFFICE, holidays=frozenset({date(2026, 3, 4)})))),
    ),
    3: PolicyBook(version=3, policies=(URGENT, VIP, replace(STANDARD, calendar=FAR_AWAY))),
}
minutes = st.integers(0, 52).map(lambda halves: 30 * halves)  # few, so that much happens in one pause


def closed_far_away(minute: float) -> Event:
    return replace(did(EventKind.POLICY, minute, version="3"), book=3)


# What ends a pause for a while, and the action that makes it never have been; the first is none.
INTERRUPTIONS = [
    (None, None),
    (lambda m: did(EventKind.RESOLVE, m), lambda m: did(EventKind.REOPEN, m)),
    (lambda m: did(EventKind.SPAM, m), lambda m: did(EventKind.RESTORE, m)),
    (lambda m: mention("102", m), lambda m: said(FactKind.DELETE, "102", m)),
    (lambda m: elsewhere(mention("102", m)), merged),
]


def waits_for_the_customer(asked: int, waits: int, interruption: tuple[Any, Any], begun: int, gap: int) -> list[Event]:
    """An answered case whose pause was, perhaps, interrupted by what was taken back later."""
    timeline = [mention("100", asked), answer("200", asked + 1), did(EventKind.WAIT, waits)]
    away, back = interruption
    return [*timeline, away(waits + begun), back(waits + begun + gap)] if away else timeline


few = st.integers(1, 300)
waiting = st.builds(
    waits_for_the_customer, st.integers(0, 60), st.integers(61, 600), st.sampled_from(INTERRUPTIONS), few, few
)
moves = st.sampled_from([EventKind.WAIT, EventKind.HOLD, EventKind.OPEN, EventKind.RESOLVE, EventKind.REOPEN])
in_pauses = st.one_of(
    st.builds(did, moves, minutes),
    st.builds(lambda m, to: did(EventKind.PRIORITY, m, to=to), minutes, st.sampled_from(["low", "high", "critical"])),
    st.builds(lambda m, to: did(EventKind.TIER, m, to=to), minutes, st.sampled_from(["gold", "silver", ""])),
    st.builds(mention, st.sampled_from(["101", "102"]), minutes),
    st.builds(answer, st.sampled_from(["201", "202"]), minutes),
    st.builds(lambda i, m: said(FactKind.DELETE, i, m), st.sampled_from(["101", "102"]), minutes),
    st.builds(closed_far_away, minutes),
)
of_one_case = st.one_of(
    st.builds(lambda begin, rest: [*begin, *rest], waiting, st.lists(in_pauses, max_size=10)),
    st.lists(its_own, max_size=20),
).map(unique)
joined_cases = st.builds(
    lambda ours, theirs, when, rest: [*ours, *map(elsewhere, theirs), merged(when), *rest],
    of_one_case,
    st.builds(lambda m, rest: [mention("104", m), *rest], minutes, st.lists(its_own, max_size=4)),
    minutes.map(lambda minute: minute + 1),
    st.lists(in_pauses, max_size=4),
).map(unique)
stories = st.one_of(of_one_case, joined_cases, st.lists(events, max_size=20).map(unique))
# Version 3 closes what 1 closes and days far away; after 2 it would open a day again.
stories_of_version_1 = stories.map(lambda timeline: [event for event in timeline if event.book != 2])


def after(timeline: list[Event]) -> float:
    """A minute later than all of a story, in minutes."""
    ends = [(event.at - at(0)) / timedelta(minutes=1) for event in timeline]
    return max(ends, default=0) + 1


def dues(state: CaseState) -> dict[str, tuple[object, ...]]:
    return {c.id: (c.due_at, c.warn_at, c.outcome, c.breached_at, c.generation, c.paused_s) for c in state.clocks}


# --- properties -------------------------------------------------------------------------------------------------


@settings(max_examples=400, deadline=None)
@given(stories)
def test_folding_one_by_one_equals_replaying_everything(timeline):
    state, past = CaseState(), []
    for event in in_order(timeline):
        past.append(event)
        try:
            state = apply(state, event, BOOKS)
        except PastNeeded:
            state = replay(past, BOOKS)
        assert stored(state) == stored(replay(past, BOOKS))
        state = stored(state)


@settings(max_examples=400, deadline=None)
@given(stories_of_version_1, st.sampled_from(["priority", "tier", "closed day", "assignee", "note"]))
def test_an_edit_that_changes_nothing_for_a_clock_leaves_its_due_time_where_it_was(timeline, edit):
    before, late = replay(timeline, BOOKS), after(timeline)
    is_critical = before.effective_priority is Urgency.CRITICAL
    event = {
        "priority": did(EventKind.PRIORITY, late, to="critical" if is_critical else "high"),
        "tier": did(EventKind.TIER, late, to="gold" if before.tier == "gold" else "silver"),
        "closed day": closed_far_away(late),
        "assignee": did(EventKind.ASSIGN, late, to="bo"),
        "note": did(EventKind.NOTE, late),
    }[edit]
    assert dues(replay([*timeline, event], BOOKS)) == dues(before)


@settings(max_examples=400, deadline=None)
@given(stories_of_version_1, minutes)
def test_a_closed_day_far_away_changes_nothing_whenever_it_was_announced(timeline, minute):
    announced = replay([*timeline, replace(closed_far_away(minute + 0.5), native_id="far")], BOOKS)
    assert dues(announced) == dues(replay(timeline, BOOKS))


in_one_pause = st.sampled_from(
    [
        lambda m: did(EventKind.PRIORITY, m, to="critical"),
        lambda m: did(EventKind.PRIORITY, m, to="low"),
        lambda m: did(EventKind.TIER, m, to="gold"),
        lambda m: did(EventKind.TIER, m, to=""),
        lambda m: did(EventKind.ASSIGN, m, to="bo"),
        lambda m: said(FactKind.DELETE, "101", m),
        closed_far_away,
        lambda m: replace(did(EventKind.POLICY, m, version="2"), book=2),
    ]
)
what_then = st.sampled_from(
    [lambda m: mention("300", m), lambda m: did(EventKind.RESOLVE, m), lambda m: did(EventKind.OPEN, m), None]
)


@settings(max_examples=600, deadline=None)
@given(st.data(), st.integers(1, 900), st.integers(1, 300), st.integers(1, 900), what_then)
def test_the_order_of_two_actions_in_one_pause_changes_no_outcome(data, waits, gap, rest, then):
    first, second = 10 + waits, 10 + waits + gap
    begin = [mention("100", 0), mention("101", 1), answer("200", 5), did(EventKind.WAIT, 5 + waits)]
    interruption, back = data.draw(st.sampled_from(INTERRUPTIONS))
    one, other = data.draw(in_one_pause), back or data.draw(in_one_pause)
    if one(0).key.split("-")[0] == other(0).key.split("-")[0]:  # two words on the same thing: the last one counts
        return
    begin += [interruption(7 + waits)] if interruption else []
    end = [then(second + rest)] if then else []
    pair = [replay([*begin, one(first), other(second), *end], BOOKS)]
    pair.append(replay([*begin, other(first), one(second), *end], BOOKS))
    clocks = [next(clock for clock in state.clocks if clock.id == "res:x|100|mention") for state in pair]
    standing = [(c.policy_id, c.target_s, c.due_at, c.warn_at, c.paused_s, c.business_s) for c in clocks]
    assert standing[0] == standing[1]
    # A promise that held in between, or ran, and was broken then, is on record whichever holds now.
    broken_between = any(
        c.breached_at and (c.breached_under != c.policy_id or (interruption and c.breached_at < at(second)))
        for c in clocks
    )
    assert broken_between or clocks[0].outcome is clocks[1].outcome


def walked(clock: Clock, *, is_paused, hours, seconds: int) -> datetime | None:
    """The first whole minute at which so many seconds have counted, minute by minute; None within ten days."""
    minute, counted, horizon = clock.started_at, 0, clock.started_at + timedelta(days=10)
    windows = list(open_windows(hours, minute, horizon))
    while minute < horizon:
        if counted == seconds:
            return minute
        is_open = any(opens <= minute < closes for opens, closes in windows)
        counted += 60 * (is_open and not is_paused(minute))
        minute += timedelta(minutes=1)
    return None


def in_a_pause(clock: Clock):
    spans = [
        *clock.pauses,
        *([(clock.paused_since, datetime.max.replace(tzinfo=at(0).tzinfo))] * bool(clock.paused_since)),
    ]
    return lambda minute: any(begun <= minute < finished for begun, finished in spans)


@settings(max_examples=100, deadline=None)
@given(stories)
def test_due_is_the_first_instant_at_which_the_counted_time_equals_the_target(timeline):
    for clock in replay(timeline, BOOKS).clocks:
        if clock.metric is Metric.RES and clock.outcome is not Outcome.ERROR:
            policy = policy_of(clock, BOOKS)
            walk = {"is_paused": in_a_pause(clock), "hours": policy.calendar}
            assert clock.due_at == walked(clock, seconds=clock.target_s, **walk)
            assert clock.warn_at == walked(clock, seconds=policy.warn_s(clock.target_s), **walk)


@settings(max_examples=100, deadline=None)
@given(of_one_case.filter(lambda timeline: all(event.origin is None for event in timeline)))
def test_it_stands_still_when_the_case_waits_and_at_no_other_time(timeline):
    """As its states tell, one by one, had what was taken back never been."""
    state = replay(timeline, BOOKS)
    lived = list(follow(in_order(timeline), BOOKS, withdrawn=state.withdrawn))
    for clock in state.running:
        if clock.metric is not Metric.RES:
            continue
        moments = [(event.at, next((c for c in told.clocks if c.id == clock.id), None)) for event, (told,) in lived]
        pauses, since = [], None
        for when, there in moments:
            still = there is not None and there.paused_since is not None
            if still and since is None:
                since = when
            elif since and not still:
                pauses += [(since, when)] * (since < when)
                since = None
        assert (clock.pauses, clock.paused_since) == (tuple(pauses), since)


# --- one by one -------------------------------------------------------------------------------------------------

WAITS = [mention("100", 0), answer("200", 5), did(EventKind.WAIT, 300)]  # five hours counted


def test_used_up_before_the_pause_by_a_promise_that_is_made_in_it():
    state = replay([*WAITS, did(EventKind.PRIORITY, 420, to="critical")], BOOKS)
    res = clock_of(state, Metric.RES)
    assert (res.due_at, res.breach_at, res.binding_reason) == (at(240), at(420), "policy_change")
    resolved = clock_of(
        replay([*WAITS, did(EventKind.PRIORITY, 420, to="critical"), did(EventKind.RESOLVE, 480)], BOOKS), Metric.RES
    )
    assert (resolved.outcome, resolved.business_s, resolved.breached_at) == (Outcome.BREACHED, 5 * 3600, at(420))


def test_used_up_exactly_when_the_pause_began_is_due_then_as_at_closing_time():
    waits = [mention("100", 0), answer("200", 5), did(EventKind.WAIT, 240), did(EventKind.PRIORITY, 30, to="critical")]
    res = clock_of(replay(waits, BOOKS), Metric.RES)
    assert (res.due_at, res.breached_at) == (at(240), None)
    assert clock_of(replay([*waits, did(EventKind.RESOLVE, 300)], BOOKS), Metric.RES).breached_at == at(240)


@pytest.mark.parametrize("since", [239, 240])
def test_a_pause_in_time_leaves_what_was_left(since):
    waits = [mention("100", 0, urgency=Urgency.CRITICAL), answer("200", 5), did(EventKind.WAIT, since - 1)]
    res = clock_of(replay([*waits, mention("101", 1000)], BOOKS), Metric.RES)
    assert (res.due_at, res.breached_at) == (at(1000 + 241 - since), None)


def paged(minute: float, step: int, group: str) -> Event:
    detail = {"clock": "res:x|100|mention", "generation": "0", "kind": "breach", "step": str(step), "group": group}
    return did(EventKind.PAGED, minute, **detail)


def pages(state: CaseState, minute: float) -> list[int]:
    return [due.step for due in to_send(state, at(minute), BOOKS) if due.kind is PageKind.BREACH]


def test_the_ladder_stands_still_with_the_clock():
    broken = [mention("100", 0, urgency=Urgency.CRITICAL), answer("200", 5), paged(241, 1, "on-call")]
    waits = replay([*broken, did(EventKind.WAIT, 250)], BOOKS)
    assert (pages(waits, 255), pages(waits, 9_999), next_at(waits, BOOKS)) == ([], [], None)
    again = replay([*broken, did(EventKind.WAIT, 250), did(EventKind.OPEN, 600)], BOOKS)
    assert (pages(again, 604), pages(again, 605)) == ([], [2])  # ten minutes had passed of a quarter of an hour


def test_a_breach_that_nobody_was_paged_for_before_the_pause_waits_until_it_is_over():
    broken = [mention("100", 0, urgency=Urgency.CRITICAL), answer("200", 5), did(EventKind.WAIT, 240.5)]
    waits = replay(broken, BOOKS)
    assert (waits.running[0].breached_at, pages(waits, 241), next_at(waits, BOOKS)) == (at(240), [], None)
    assert pages(replay([*broken, did(EventKind.OPEN, 600)], BOOKS), 601) == [1]


def test_what_a_change_breaks_during_the_pause_is_told_once():
    waits = replay([*WAITS, did(EventKind.PRIORITY, 420, to="critical")], BOOKS)
    assert (pages(waits, 420), pages(waits, 421), pages(waits, 9_999)) == ([], [1], [1])
    told = replay([*WAITS, did(EventKind.PRIORITY, 420, to="critical"), paged(421, 1, "on-call")], BOOKS)
    assert (pages(told, 9_999), next_at(told, BOOKS)) == ([], None)


def test_the_quiet_that_somebody_asked_for_stands_still_with_the_clock():
    page = {"clock": "res:x|100|mention", "generation": "0", "kind": "breach", "step": "1", "group": "on-call"}
    broken = [
        mention("100", 0, urgency=Urgency.CRITICAL),
        answer("200", 5),
        paged(241, 1, "on-call"),
        did(EventKind.ACKNOWLEDGED, 245, name="bo", **page),
        did(EventKind.WAIT, 250),
    ]
    again = replay([*broken, did(EventKind.OPEN, 600)], BOOKS)
    assert (pages(again, 624), pages(again, 625)) == ([], [2])  # half an hour, of which five minutes had passed


def test_no_warning_for_what_waits_for_the_customer():
    soon = [mention("100", 0, urgency=Urgency.CRITICAL), answer("200", 5), did(EventKind.WAIT, 180.5)]
    waits = replay(soon, BOOKS)
    assert (to_send(waits, at(181), BOOKS), next_at(waits, BOOKS)) == ((), None)
    [warning] = to_send(replay([*soon, did(EventKind.OPEN, 300)], BOOKS), at(300), BOOKS)
    assert warning.kind is PageKind.WARNING


def test_a_promise_taken_back_in_time_is_still_warned_of():
    """What a change had overtaken is ahead again (R12)."""
    taken_back = [mention("100", 0), did(EventKind.TIER, 20, to="gold"), did(EventKind.TIER, 20.5, to="")]
    state = replay(taken_back, BOOKS)
    frt = clock_of(state, Metric.FRT)
    assert (frt.due_at, frt.breached_at, frt.binding_at, frt.binding_reason) == (at(60), at(20), None, None)
    assert [due.kind for due in to_send(state, at(45), BOOKS)] == [PageKind.WARNING]
