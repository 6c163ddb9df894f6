"""What is due at a minute, and when to look again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.calendar import always_open
from chalicelib.domain.case.state import CaseState, ClockAlert
from chalicelib.domain.clock import Clock, Metric, Outcome
from chalicelib.domain.policy import Ladder, Policy, PolicyBook, Step, Targets
from chalicelib.domain.watch import Due, PageKind, next_at, pages_before_notice, still_holds, to_send

NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
LADDER = Ladder(
    id="care",
    steps=(Step(group="on-call", delay_s=0), Step(group="lead", delay_s=900), Step(group="manager", delay_s=1800)),
    repeat_after_s=(3600,),
)
VIP = Policy(id="vip", calendar=always_open(), targets=Targets(frt_s=900), ladder=LADDER)
BOOKS = {1: PolicyBook(version=1, policies=(VIP,))}
CLOCK = Clock(
    metric=Metric.FRT,
    message_key="x|100|mention",
    started_at=NOON,
    revealed_at=NOON,
    policy_id="vip",
    book=1,
    target_s=900,
    due_at=NOON + timedelta(minutes=15),
    warn_at=NOON + timedelta(minutes=11, seconds=15),
)
ENDED = replace(CLOCK, outcome=Outcome.BREACHED)
WARNING = Due(kind=PageKind.WARNING, clock_id=CLOCK.id, generation=0, step=0, group="team")


def at(minutes):
    return NOON + timedelta(minutes=minutes)


def page(step, group, generation=0):
    return Due(kind=PageKind.BREACH, clock_id=CLOCK.id, generation=generation, step=step, group=group)


def notice(group, generation=0):
    return Due(kind=PageKind.NOTICE, clock_id=CLOCK.id, generation=generation, step=0, group=group)


def state(clock=CLOCK, *, sent=(), generation=0):
    alerts = (ClockAlert(clock_id=CLOCK.id, generation=generation, sent=sent),) if sent else ()
    return CaseState(clocks=(clock,), alerts=alerts, last=(at(1), 0, 0, 100, 0, "100"))


FIRST, SECOND, THIRD, FOURTH = (1, "on-call"), (2, "lead"), (3, "manager"), (4, "manager")
LATE_CHANGE = replace(CLOCK, binding_at=at(20), revealed_at=at(20))
REVEALED_LATE = replace(CLOCK, revealed_at=at(40))
PAUSED = replace(CLOCK, metric=Metric.RES, due_at=None, warn_at=None, paused_since=at(5))


@pytest.mark.parametrize(
    ("case", "minutes", "expected"),
    [
        (state(), 11, []),
        (state(), 12, [WARNING]),
        (state(), 15, [WARNING]),
        (state(), 16, [page(*FIRST)]),
        (state(replace(CLOCK, warned=True)), 15, []),
        (state(), 31, [page(*FIRST), page(*SECOND)]),
        (state(sent=(FIRST,)), 29, []),
        (state(sent=(FIRST,)), 30, [page(*SECOND)]),
        (state(sent=(FIRST, SECOND, THIRD)), 104, []),
        (state(sent=(FIRST, SECOND, THIRD)), 105, [page(*FOURTH)]),
        (state(sent=(FIRST, SECOND, THIRD, FOURTH)), 1000, []),
        (state(LATE_CHANGE), 20, []),
        (state(LATE_CHANGE), 21, [page(*FIRST)]),
        (state(REVEALED_LATE), 39, []),
        (state(REVEALED_LATE), 40, [page(*FIRST)]),
        (state(PAUSED), 1000, []),
        (state(replace(CLOCK, generation=1), sent=(FIRST,)), 16, [page(*FIRST, generation=1), notice("on-call")]),
        (state(ENDED), 16, []),
        (state(ENDED, sent=(FIRST, THIRD, FOURTH)), 16, [notice("on-call"), notice("manager")]),
    ],
)
def test_what_is_due(case, minutes, expected):
    assert list(to_send(case, at(minutes), BOOKS)) == expected


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (state(), at(11.25)),
        (state(replace(CLOCK, warned=True)), at(15) + timedelta(seconds=1)),
        (state(sent=(FIRST,)), at(30)),  # a warning that never went out is too late now
        (state(sent=(FIRST, SECOND, THIRD, FOURTH)), None),
        (state(REVEALED_LATE), at(11.25)),
        (state(LATE_CHANGE), at(20) + timedelta(seconds=1)),
        (state(PAUSED), None),
        (state(ENDED), None),
        (state(ENDED, sent=(FIRST,)), at(1)),
        (CaseState(), None),
    ],
)
def test_when_to_look_again(case, expected):
    assert next_at(case, BOOKS) == expected


MOMENTS = st.integers(0, 200 * 60).map(lambda seconds: NOON + timedelta(seconds=seconds))
CLOCKS = st.builds(
    lambda begun, target_s, warned, binding_at, revealed_at, generation: replace(
        CLOCK,
        started_at=begun,
        due_at=begun + timedelta(seconds=target_s),
        warn_at=begun + timedelta(seconds=-(-target_s * 3 // 4)),
        warned=warned,
        binding_at=binding_at,
        revealed_at=revealed_at,
        generation=generation,
    ),
    MOMENTS,
    st.integers(1, 3600),
    st.booleans(),
    st.none() | MOMENTS,
    MOMENTS,
    st.integers(0, 1),
)
SENT = st.sets(st.sampled_from([FIRST, SECOND, THIRD, FOURTH])).map(lambda sent: tuple(sorted(sent)))


@given(CLOCKS, SENT)
def test_nothing_is_due_before_the_next_look_and_something_is_at_it(clock, sent):
    case = state(clock, sent=sent)
    following = next_at(case, BOOKS)
    known_at = max(clock.revealed_at, clock.binding_at or NOON, case.last[0])  # nobody looked before
    minutes = [minute for minute in map(at, range(500)) if minute >= known_at]
    due_at = next((minute for minute in minutes if to_send(case, minute, BOOKS)), None)
    looked_at = next((minute for minute in minutes if following is not None and minute >= following), None)
    assert due_at == looked_at


@pytest.mark.parametrize(
    ("due", "clock", "minutes", "holds"),
    [
        (WARNING, CLOCK, 15, True),
        (WARNING, CLOCK, 16, False),
        (WARNING, ENDED, 12, False),
        (WARNING, replace(CLOCK, generation=1), 12, True),
        (WARNING, replace(CLOCK, due_at=None), 12, True),
        (page(*FIRST), CLOCK, 16, True),
        (page(*FIRST), ENDED, 16, False),
        (page(*FIRST), replace(CLOCK, generation=1), 16, False),
        (page(*FIRST), replace(CLOCK, due_at=None), 16, True),
        (notice("on-call"), ENDED, 16, True),
        (notice("on-call"), CLOCK, 16, True),
    ],
)
def test_what_is_still_worth_sending(due, clock, minutes, holds):
    assert still_holds(due, state(clock), at(minutes)) is holds


def test_a_notice_rests_on_the_pages_of_alerts_that_are_over():
    assert pages_before_notice(state(ENDED, sent=(FIRST, SECOND))) == (page(*FIRST), page(*SECOND))
    assert pages_before_notice(state(sent=(FIRST,))) == ()


def test_ids_tell_messages_apart():
    messages = [WARNING, page(*FIRST), page(*FIRST, generation=1), page(*SECOND), page(*THIRD), page(*FOURTH)]
    messages += [notice("on-call"), notice("lead"), notice("on-call", generation=1)]
    assert len({message.page_id for message in messages}) == len(messages)
