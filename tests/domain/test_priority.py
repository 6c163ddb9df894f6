"""Who is answered first: what counts, that the order stands still, and that nobody waits for ever."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.weights import shipped
from chalicelib.domain.case.state import CaseState, ClockAlert
from chalicelib.domain.case.status import CaseStatus
from chalicelib.domain.clock import Clock, Metric
from chalicelib.domain.facts import Author
from chalicelib.domain.labels import Urgency
from chalicelib.domain.priority import FLOOR, audience, ordinal, reactions_an_hour, score
from tests.domain.test_case import at

WEIGHTS = shipped()


def clock(due: float = 60, *, warned: bool = False) -> Clock:
    return Clock(
        metric=Metric.FRT,
        message_key="x|100|mention",
        started_at=at(0),
        revealed_at=at(0),
        policy_id="standard",
        book=1,
        target_s=3600,
        due_at=at(due),
        warn_at=at(due * 0.75),
        warned=warned,
    )


def waiting(since: float = 0, /, **values) -> CaseState:
    author = Author(id="501", followers=values.pop("followers", None), verified=values.pop("verified", None))
    state = CaseState(
        platform="x",
        channel="x.main",
        author=author,
        opened_at=at(since),
        waiting_since=at(since),
        waiting_key="x|100|mention",
        latest_at=at(since),
        urgency=Urgency.NORMAL,
    )
    return replace(state, **values)


def points(state: CaseState) -> int:
    return score(state, WEIGHTS).points


# --- what counts ------------------------------------------------------------------------------------------------

BROKEN = {"clocks": (clock(),), "alerts": (ClockAlert(clock_id=clock().id, generation=0, sent=((1, "on-call"),)),)}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"urgency": Urgency.HIGH}, "high"),
        ({"priority": Urgency.CRITICAL}, "priority set by hand: critical"),
        ({"sentiment": "negative"}, "displeased"),
        ({"complaint": True}, "a complaint"),
        ({"complaint": True, "complaints_before": 2}, "third complaint this month"),
        ({"followers": 2_140}, "2,140 followers"),
        ({"verified": True}, "verified account"),
        ({"reactions": 90, "counted_at": at(5)}, "180 reactions an hour"),
        ({"tier": "gold"}, "gold customer"),
        ({"places": ("Lisbon",), "places_before": ("Lisbon", "Gate 4")}, "again at Lisbon"),
    ],
)
def test_each_reason_counts_and_says_so(more, reason):
    assert points(waiting(**more)) > points(waiting())
    assert reason in score(waiting(**more), WEIGHTS).reasons


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"clocks": (clock(10),)}, "first reply promised within 10 min"),
        ({"clocks": (clock(warned=True),)}, "first reply breaks soon"),
        (BROKEN, "people were paged: it is broken"),
    ],
)
def test_what_breaks_when_counts(more, words):
    assert points(waiting(**more)) > points(waiting())
    assert words in [part.words for part in score(waiting(**more), WEIGHTS).parts]


def test_what_stands_still_presses_nobody_broken_or_not():
    paused = replace(clock(10), paused_since=at(20))
    assert points(waiting(clocks=(paused,))) == points(waiting())


def test_a_promise_that_is_far_off_counts_for_nothing():
    assert points(waiting(clocks=(clock(8 * 60),))) == points(waiting())


def test_praise_can_wait_also_of_who_had_complained():
    assert points(waiting(sentiment="positive")) < points(waiting())
    pleased = waiting(sentiment="positive", complaint=True, complaints_before=2)
    assert points(pleased) == points(waiting(sentiment="positive"))
    assert audience(pleased, WEIGHTS).told == 42


def test_earlier_complaints_count_with_a_complaint_alone_and_up_to_a_limit():
    assert points(waiting(complaints_before=9)) == points(waiting())
    most = WEIGHTS.complaint + WEIGHTS.earlier_complaints_most
    assert points(waiting(complaint=True, complaints_before=9)) - points(waiting()) == most


def test_in_private_nobody_sees_it():
    seen = {"followers": 5_000_000, "verified": True, "reactions": 1_000, "counted_at": at(1)}
    assert points(waiting(private=True, **seen)) == points(waiting())
    assert audience(waiting(private=True, **seen), WEIGHTS).seen == 0


def test_who_will_hear_of_it():
    loud = audience(waiting(followers=20_000, reactions=10, complaint=True), WEIGHTS)
    assert (loud.seen, loud.told, loud.people, loud.value_cents) == (2_100, 58, 2_158, 1_050)
    assert audience(waiting(sentiment="positive"), WEIGHTS).told == 42
    assert audience(waiting(), WEIGHTS).people == 0


def test_reactions_of_the_first_minutes_are_not_stretched_to_an_hour():
    assert reactions_an_hour(waiting(reactions=5, counted_at=at(0))) == 10
    assert reactions_an_hour(waiting(reactions=5, counted_at=at(120))) == 2
    assert reactions_an_hour(waiting()) == 0


def test_the_sum_is_that_of_its_parts_and_moves_the_case_by_as_much():
    state = waiting(followers=2_140, complaint=True, urgency=Urgency.HIGH, clocks=(clock(10),))
    found = score(state, WEIGHTS)
    assert found.points == sum(part.points for part in found.parts)
    assert found.stands_at == at(0) - timedelta(minutes=found.points)
    assert found.waits


def test_where_nobody_waits_the_case_counts_from_its_opening():
    found = score(waiting(5, waiting_since=None, waiting_key=None, status=CaseStatus.OPEN), WEIGHTS)
    assert (found.waits, found.since) == (False, at(5))
    with pytest.raises(ValueError, match="never opened"):
        score(CaseState(), WEIGHTS)


def test_numbers_as_people_say_them():
    assert [ordinal(n) for n in (1, 3, 10, 11, 20)] == ["first", "third", "tenth", "11th", "20th"]


# --- the floor --------------------------------------------------------------------------------------------------


def test_who_needs_help_at_once_stands_before_any_reach():
    unheard = waiting(30, urgency=Urgency.CRITICAL, followers=3, sentiment="positive")
    loudest = waiting(
        30,
        followers=80_000_000,
        verified=True,
        reactions=10**7,
        counted_at=at(31),
        complaint=True,
        complaints_before=9,
        sentiment="negative",
        tier="gold",
        places=("Lisbon",),
        places_before=("Lisbon",),
    )
    assert points(loudest) == WEIGHTS.most_common
    assert points(unheard) > points(loudest)
    assert FLOOR in [part.name for part in score(unheard, WEIGHTS).parts]


@pytest.mark.parametrize("urgency", [Urgency.HIGH, Urgency.CRITICAL])
def test_a_floor_holds_whatever_else_is_said(urgency):
    low = replace(WEIGHTS, urgency=dict.fromkeys(Urgency, -50), positive=-1_000)
    assert score(waiting(urgency=urgency, sentiment="positive"), low).points == low.floor[urgency.value]


def test_settings_that_let_reach_pass_an_emergency_are_refused():
    with pytest.raises(ValueError, match=r"floor.critical must be above 5195"):
        replace(WEIGHTS, reach_most=5_000)


# --- for any case -----------------------------------------------------------------------------------------------

clocks = st.none() | st.builds(clock, st.integers(0, 5_000), warned=st.booleans())
states = st.builds(
    lambda since, promise, broken, **values: waiting(
        since,
        clocks=(promise,) if promise else (),
        alerts=(ClockAlert(clock_id=promise.id, generation=0, sent=((1, "x"),)),) if promise and broken else (),
        counted_at=at(since + 1),
        **values,
    ),
    st.integers(0, 10_000),
    clocks,
    st.booleans(),
    followers=st.none() | st.integers(0, 10**9),
    verified=st.none() | st.booleans(),
    urgency=st.sampled_from(Urgency),
    priority=st.none() | st.sampled_from(Urgency),
    sentiment=st.sampled_from([None, "negative", "neutral", "positive"]),
    complaint=st.booleans(),
    complaints_before=st.integers(0, 30),
    private=st.booleans(),
    tier=st.sampled_from([None, "gold", "silver", "unheard of"]),
    places=st.sampled_from([(), ("Lisbon",)]),
    places_before=st.sampled_from([(), ("Lisbon",)]),
    reactions=st.none() | st.integers(0, 10**8),
)


@settings(max_examples=100, deadline=None)
@given(states)
def test_points_stay_within_what_the_settings_allow(state):
    assert WEIGHTS.least <= points(state) <= WEIGHTS.most


@settings(max_examples=100, deadline=None)
@given(states, states)
def test_whoever_has_waited_long_enough_passes_anybody_newer(one, other):
    later = other.waiting_since + WEIGHTS.overtaken_after + timedelta(seconds=1)
    newer = replace(one, waiting_since=later, opened_at=later, latest_at=later)
    assert score(other, WEIGHTS).stands_at < score(newer, WEIGHTS).stands_at


@settings(max_examples=100, deadline=None)
@given(states, states, st.integers(0, 100_000))
def test_the_order_of_two_cases_does_not_change_while_they_wait(one, other, minutes):
    """What a score is at a time, points and minutes of waiting, orders them as the stored instant does."""

    def at_time(state):
        found = score(state, WEIGHTS)
        return found.points + (at(20_000 + minutes) - found.since) / timedelta(seconds=WEIGHTS.point_s)

    stands = score(one, WEIGHTS).stands_at, score(other, WEIGHTS).stands_at
    assert (at_time(one) > at_time(other)) == (stands[0] < stands[1])


@settings(max_examples=100, deadline=None)
@given(states, st.integers(0, 10**9))
def test_more_followers_never_count_for_less_and_never_for_more_than_the_most(state, followers):
    fewer, more = (
        replace(state, author=replace(state.author, followers=number)) for number in sorted((followers, followers // 7))
    )
    assert 0 <= points(more) - points(fewer) <= WEIGHTS.reach_most


def test_who_sees_it_is_unknown_where_the_platform_does_not_say_and_never_nobody():
    unknown = audience(waiting(complaint=True), WEIGHTS)
    assert (unknown.seen, unknown.told, unknown.people, unknown.value_cents) == (None, 58, 58, None)
    assert audience(waiting(reactions=10), WEIGHTS).seen == 100
    assert audience(waiting(followers=0), WEIGHTS).seen == 0
