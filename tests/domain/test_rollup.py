"""Attainment and its roll-ups: what counts, on which day, and that parts make the whole."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.attainment import Share, attainment
from chalicelib.domain.clock import Clock, Metric, Outcome
from chalicelib.domain.events import EventKind
from chalicelib.domain.facts import FactKind
from chalicelib.domain.history import history
from chalicelib.domain.labels import Urgency
from chalicelib.domain.rollup import Tally, grouped, lines, roll_up, total
from tests.domain.test_case import BOOKS, answer, at, did, events, mention, said, unique

DAY = 24 * 60


def clock(outcome: Outcome, *, late_s: int = 0, due: float = 60, reason: str | None = None) -> Clock:
    return Clock(
        metric=Metric.FRT,
        message_key="x|100|mention",
        started_at=at(0),
        revealed_at=at(0),
        policy_id="standard",
        book=1,
        target_s=3600,
        due_at=at(due),
        warn_at=None,
        late_s=late_s,
        outcome=outcome,
        reason=reason,
        breached_at=at(due) if outcome is Outcome.BREACHED else None,
    )


MET, BREACHED = clock(Outcome.MET), clock(Outcome.BREACHED)
TEN = [*[MET] * 7, *[BREACHED] * 2, clock(Outcome.CANCELLED, reason="no_reply")]  # one of the met was withdrawn to met


@pytest.mark.parametrize(
    ("clocks", "with_late", "met", "decided", "percent"),
    [
        (TEN, True, 7, 9, "77.8"),
        ([*TEN, clock(Outcome.RUNNING, due=90)], True, 7, 9, "77.8"),
        ([*TEN, clock(Outcome.RUNNING, due=79)], True, 7, 10, "70.0"),
        ([*TEN, clock(Outcome.RUNNING, due=80)], True, 7, 9, "77.8"),
        ([*TEN[:8], clock(Outcome.BREACHED, late_s=5000), TEN[9]], True, 7, 9, "77.8"),
        ([*TEN[:8], clock(Outcome.BREACHED, late_s=5000), TEN[9]], False, 7, 8, "87.5"),
    ],
    ids=["81", "81, one runs", "81, one runs past due", "81, one runs at its due instant", "82", "82, without late"],
)
def test_attainment(clocks, with_late, met, decided, percent):
    share = attainment(clocks, at(80), with_late=with_late)
    assert (share.met, share.met + share.breached, f"{share.percent:.1f}") == (met, decided, percent)


def test_of_nothing_there_is_no_share():
    assert (Share().percent, Share().interval) == (None, None)


@pytest.mark.parametrize(
    ("met", "breached", "low", "high"),
    # Of 10 in 10 the lower bound is n / (n + z²); of 5 in 10 it is 23.7 % in every textbook.
    [(5, 5, 23.7, 76.3), (10, 0, 72.2, 100.0), (0, 10, 0.0, 27.8), (7, 2, 45.3, 93.7), (500, 500, 46.9, 53.1)],
)
def test_the_interval_is_wilsons(met, breached, low, high):
    interval = Share(met=met, breached=breached).interval
    assert interval is not None
    assert tuple(round(bound, 1) for bound in interval) == (low, high)


# --- which day --------------------------------------------------------------------------------------------------


def rolled(timeline, *, now):
    return list(lines(history(timeline, BOOKS), BOOKS, at(now)))


def frt(timeline, *, now=60 * DAY):
    [line] = [line for line in rolled(timeline, now=now) if line.place.metric == "frt"]
    return line


TUESDAY, WEDNESDAY = date(2026, 3, 3), date(2026, 3, 4)
LATE_ANSWER = [mention("100", 0), answer("101", DAY)]
COUNTED = {
    "met": ([mention("100", 0), answer("101", 20)], TUESDAY, Tally(met=1, timed=1, business_s=1200, elapsed_s=1200)),
    "broken when it was due, answered the day after": (
        LATE_ANSWER,
        TUESDAY,
        Tally(breached=1, timed=1, business_s=8 * 3600, elapsed_s=24 * 3600),
    ),
    "broken and still running": (LATE_ANSWER[:1], TUESDAY, Tally(breached=1)),
    "resolved without reply": ([mention("100", 0), did(EventKind.RESOLVE, DAY - 60 * 23)], TUESDAY, Tally(no_reply=1)),
    "spam": ([mention("100", 0), did(EventKind.SPAM, 5)], TUESDAY, Tally(cancelled=1)),
    "deleted": ([mention("100", 0), said(FactKind.DELETE, "100", 5)], TUESDAY, Tally(cancelled=1)),
    "moved to another promise and met": (
        [mention("100", 0, urgency=Urgency.CRITICAL), did(EventKind.PRIORITY, 5, to="low"), answer("101", 20)],
        TUESDAY,
        Tally(met=1, changed_met=1, timed=1, business_s=1200, elapsed_s=1200),
    ),
    "written after hours": (
        [mention("100", 8 * 60), answer("101", 23 * 60 + 30)],
        WEDNESDAY,
        Tally(met=1, timed=1, business_s=1800, elapsed_s=15 * 3600 + 1800),
    ),
}


@pytest.mark.parametrize("name", COUNTED)
def test_a_clock_counts_once_on_the_day_it_was_decided(name):
    timeline, day, tally = COUNTED[name]
    line = frt(timeline)
    assert (line.day, line.tally) == (day, tally)


def test_a_clock_that_runs_and_is_not_past_due_is_on_no_day():
    assert rolled([mention("100", 0)], now=60) == []


def test_a_breach_counts_under_the_promise_that_was_broken():
    line = frt([mention("100", 0, urgency=Urgency.CRITICAL), did(EventKind.PRIORITY, 12, to="low"), answer("101", 40)])
    assert (line.place.policy_id, line.tally.breached, line.tally.changed_breached) == ("urgent", 1, 1)


def test_a_day_is_that_of_the_wall():
    """A summer evening in London: half past midnight there, the day before in UTC."""
    offset = int((datetime(2026, 6, 9, 23, 30, tzinfo=UTC) - at(0)).total_seconds()) // 60
    assert frt([mention("100", offset), answer("101", offset + 1)]).day == date(2026, 6, 10)


# --- the whole and its parts ------------------------------------------------------------------------------------

cases = st.lists(st.lists(events, max_size=12).map(unique), max_size=4)


@settings(max_examples=100, deadline=None)
@given(cases, st.randoms())
def test_days_add_up_to_the_whole_and_order_means_nothing(timelines, chance):
    found = [line for timeline in timelines for line in rolled(timeline, now=5 * DAY)]
    shuffled = list(found)
    chance.shuffle(shuffled)
    summed = roll_up(found)
    assert summed == roll_up(shuffled) == roll_up(summed)
    days = grouped(summed, lambda line: line.day)
    assert sum(days.values(), Tally()) == total(found) == total(summed)


@settings(max_examples=200, deadline=None)
@given(st.lists(events, max_size=25).map(unique))
def test_the_roll_up_is_the_attainment_of_the_clocks(timeline):
    now = 5 * DAY
    past = history(timeline, BOOKS)
    clocks = past[-1].state.clocks if past else ()
    tally = total(rolled(timeline, now=now))
    assert tally.share == attainment(clocks, at(now))
    assert tally.share_without_late == attainment(clocks, at(now), with_late=False)
    decided = tally.met + tally.breached + tally.no_reply + tally.cancelled + tally.errors
    assert decided == sum(not c.is_running or attainment([c], at(now)).breached for c in clocks)
