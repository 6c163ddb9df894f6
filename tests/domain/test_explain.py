"""A clock in words: what is said, and that it adds up."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import calendar
from chalicelib.domain.case import replay
from chalicelib.domain.clock import Metric, Outcome, policy_of
from chalicelib.domain.events import EventKind, in_order
from chalicelib.domain.explain import MOST_PIECES, StepKind, explain
from chalicelib.domain.facts import FactKind
from chalicelib.domain.history import history
from chalicelib.domain.labels import Urgency
from chalicelib.domain.policy import PolicyBook
from tests.domain.test_case import BOOKS, STANDARD, answer, at, did, events, mention, said, unique

DAY = 24 * 60


def told(timeline, metric=Metric.FRT, *, now=0.0, books=BOOKS, which=0):
    past = history(timeline, books)
    clocks = [clock for clock in past[-1].state.clocks if clock.metric is metric]
    return explain(clocks[which], past, books, at(now))


def lines(*args, **kwargs):
    return [step.text for step in told(*args, **kwargs)]


# --- it adds up -------------------------------------------------------------------------------------------------


def counted(steps, *, until=None):
    return sum(s.seconds for s in steps if s.kind is StepKind.COUNTED and (until is None or s.until <= until))


@settings(max_examples=400, deadline=None)
@given(st.lists(events, max_size=25).map(unique), st.integers(0, 5 * DAY))
def test_what_is_told_adds_up_to_what_the_clock_says(timeline, minutes):
    now = max([at(minutes), *(event.at for event in timeline)])
    past = history(timeline, BOOKS)
    for clock in past[-1].state.clocks if past else ():
        steps = explain(clock, past, BOOKS, now)
        used = counted([step for step in steps if not step.is_ahead])
        assert used == clock.business_s or clock.is_running
        if clock.due_at:
            whole = calendar.business_seconds(policy_of(clock, BOOKS).calendar, clock.started_at, clock.due_at)
            assert counted(steps) >= clock.target_s == whole - clock.paused_s
            if used <= clock.target_s:
                assert counted(steps) == clock.target_s
        paused = sum(step.seconds for step in steps if step.kind is StepKind.PAUSED)
        if not clock.paused_since:
            assert paused == clock.paused_s


@settings(max_examples=200, deadline=None)
@given(st.lists(events, max_size=25).map(unique), st.randoms())
def test_the_order_of_arrival_changes_no_word(timeline, chance):
    shuffled = list(timeline)
    chance.shuffle(shuffled)
    past, other = history(timeline, BOOKS), history(shuffled, BOOKS)
    for clock in past[-1].state.clocks if past else ():
        assert explain(clock, past, BOOKS, at(5 * DAY)) == explain(clock, other, BOOKS, at(5 * DAY))


@settings(max_examples=200, deadline=None)
@given(st.lists(events, max_size=25).map(unique))
def test_a_history_ends_where_a_replay_does(timeline):
    past = history(timeline, BOOKS)
    assert [moment.event for moment in past] == in_order(timeline)
    assert not past or past[-1].state == replay(timeline, BOOKS)
