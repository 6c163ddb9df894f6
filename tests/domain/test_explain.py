"""A clock in words: what is said, and that it adds up."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import calendar
from chalicelib.domain.calendar import always_open
from chalicelib.domain.case.fold import replay
from chalicelib.domain.clock import Metric, Outcome
from chalicelib.domain.events import EventKind, in_order
from chalicelib.domain.explain import MOST_PIECES, StepKind, explain
from chalicelib.domain.facts import FactKind
from chalicelib.domain.history import history
from chalicelib.domain.in_words import Wall
from chalicelib.domain.labels import Urgency
from chalicelib.domain.policy import PolicyBook, Targets
from tests.domain.test_case import BOOKS, STANDARD, answer, at, did, elsewhere, events, mention, merged, said, unique
from tests.domain.test_pauses import BOOKS as STORY_BOOKS
from tests.domain.test_pauses import stories

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


def only(steps, kind):
    return [step for step in steps if step.kind is kind]


@settings(max_examples=500, deadline=None)
@given(stories, st.integers(0, 5 * DAY))
def test_what_is_told_adds_up_to_what_the_clock_says(timeline, minutes):
    now = max([at(minutes), *(event.at for event in timeline)])
    past = history(timeline, STORY_BOOKS)
    for clock in past[-1].state.clocks if past else ():
        steps = explain(clock, past, STORY_BOOKS, now)
        used = counted([step for step in steps if not step.is_ahead])
        assert clock.business_s in (None, used)
        assert not clock.is_running or only(steps, StepKind.END)[0].seconds == used
        if clock.due_at:
            assert counted(steps, until=clock.due_at) == clock.target_s
        if clock.paused_since is None and clock.outcome is not Outcome.ERROR:
            assert sum(step.seconds for step in only(steps, StepKind.PAUSED)) == clock.paused_s


@settings(max_examples=500, deadline=None)
@given(stories, st.integers(0, 5 * DAY))
def test_no_step_says_what_another_denies(timeline, minutes):
    now = max([at(minutes), *(event.at for event in timeline)])
    past = history(timeline, STORY_BOOKS)
    for clock in past[-1].state.clocks if past else ():
        steps = explain(clock, past, STORY_BOOKS, now)
        end = only(steps, StepKind.END)[0].text
        assert end.startswith("Broken on") is (clock.breached_at is not None)
        for due in only(steps, StepKind.DUE):
            only_later = clock.binding_at is not None and clock.breached_at in (None, clock.binding_at)
            assert ("broken only from" in due.text) is only_later
        for warning in only(steps, StepKind.WARNING):
            sent = [
                m.event.at for m in past if m.event.kind is EventKind.WARNED and m.event.detail["clock"] == clock.id
            ]
            assert sent or not clock.warned
            assert not clock.warned or "the warning went out" in warning.text
            if clock.warned and max(sent) < clock.warn_at:
                assert "under the promise that held then" in warning.text


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


def test_many_windows_are_told_as_one_and_still_add_up():
    steps = told([mention("100", 0)], Metric.RES, now=60 * DAY)
    pieces = [step for step in steps if step.kind is StepKind.COUNTED]
    assert len(pieces) == MOST_PIECES + 1
    assert pieces[MOST_PIECES // 2].text.startswith("And 33 more stretches like these")
    assert counted(steps) == calendar.business_seconds(STANDARD.calendar, at(0), at(60 * DAY))


# --- what is said -----------------------------------------------------------------------------------------------

LONDON = "the open hours of london, Europe/London time (policy standard, version 1)"
STORIES = {
    "kept over a weekend": (
        [mention("100", 3 * DAY + 390), answer("102", 6 * DAY - 55)],
        Metric.FRT,
        7 * DAY,
        [
            "The clock for the first reply started on Fri 6 Mar 2026, 16:30 GMT, "
            "when the customer wrote (message 100).",
            f"Promised: 1 h, in {LONDON}.",
            "Counted: Fri 6 Mar, 16:30 to 17:00, 30 min.",
            "Counted: Mon 9 Mar, 09:00 to 09:05, 5 min, 35 min in all.",
            "Would count: Mon 9 Mar, 09:05 to 09:30, 25 min, 1 h in all.",
            "So it was due on Mon 9 Mar 2026, 09:30 GMT.",
            "75 % of the target would have been used up on Mon 9 Mar, 09:15.",
            "Kept. On Mon 9 Mar, 09:05 the brand answered (message 102), after 35 min that counted "
            "(64 h 35 min by the wall clock).",
        ],
    ),
    "a pause over a weekend, and then too late": (
        [
            mention("100", 3 * DAY + 300),
            answer("101", 3 * DAY + 330),
            did(EventKind.WAIT, 3 * DAY + 330),
            mention("103", 6 * DAY),
            did(EventKind.RESOLVE, 8 * DAY),
        ],
        Metric.RES,
        9 * DAY,
        [
            "The clock for the resolution started on Fri 6 Mar 2026, 15:00 GMT, when the customer wrote (message 100).",
            f"Promised: 16 h, in {LONDON}.",
            "Counted: Fri 6 Mar, 15:00 to 15:30, 30 min.",
            "Not counted: Fri 6 Mar, 15:30 to Mon 9 Mar, 10:00, 2 h 30 min of open time, "
            "because ann set the case to wait for the customer.",
            "Counted: Mon 9 Mar, 10:00 to 17:00, 7 h, 7 h 30 min in all.",
            "Counted: Tue 10 Mar, 09:00 to 17:00, 8 h, 15 h 30 min in all.",
            "Counted: Wed 11 Mar, 09:00 to 09:30, 30 min, 16 h in all.",
            "Counted past due: Wed 11 Mar, 09:30 to 10:00, 30 min, 16 h 30 min in all.",
            "So it was due on Wed 11 Mar 2026, 09:30 GMT.",
            "75 % of the target was used up on Tue 10 Mar, 13:30; no warning went out.",
            "Broken on Wed 11 Mar, 09:30. On Wed 11 Mar, 10:00 ann resolved the case, after 16 h 30 min that counted "
            "(115 h by the wall clock).",
        ],
    ),
    "more urgent, and due in the past": (
        [mention("100", 0), did(EventKind.PRIORITY, 20, to="critical")],
        Metric.FRT,
        25,
        [
            "The clock for the first reply started on Tue 3 Mar 2026, 10:00 UTC, "
            "when the customer wrote (message 100).",
            f"Promised: 1 h, in {LONDON}.",
            "On Tue 3 Mar, 10:20, ann set the priority to critical. Counted anew from the start: 10 min, around the "
            "clock (policy urgent, version 1), due Tue 3 Mar 2026, 10:10 UTC.",
            "Counted: Tue 3 Mar, 10:00 to 10:10, 10 min.",
            "Counted past due: Tue 3 Mar, 10:10 to 10:25, 15 min, 25 min in all.",
            "So it was due on Tue 3 Mar 2026, 10:10 UTC. That had passed when ann set the priority to critical, "
            "so it counts as broken only from Tue 3 Mar, 10:20.",
            "75 % of the target was used up on Tue 3 Mar, 10:07:30; no warning went out.",
            "It is overdue: 25 min used, 15 min more than promised.",
        ],
    ),
    "spam, and back": (
        [mention("100", 0), did(EventKind.SPAM, 1), did(EventKind.RESTORE, 30)],
        Metric.FRT,
        50,
        [
            "The clock for the first reply started on Tue 3 Mar 2026, 10:00 GMT, "
            "when the customer wrote (message 100).",
            f"Promised: 1 h, in {LONDON}.",
            "On Tue 3 Mar, 10:30, ann took the spam mark back. The clock, which had ended, ran again from its original "
            "start, due Tue 3 Mar 2026, 11:00 GMT.",
            "Counted: Tue 3 Mar, 10:00 to 10:50, 50 min.",
            "Will count: Tue 3 Mar, 10:50 to 11:00, 10 min, 1 h in all.",
            "So it is due on Tue 3 Mar 2026, 11:00 GMT.",
            "75 % of the target was used up on Tue 3 Mar, 10:45; no warning went out.",
            "It runs: 50 min used, 10 min left.",
        ],
    ),
    "standing still": (
        [mention("100", 0), answer("101", 30), did(EventKind.WAIT, 30)],
        Metric.RES,
        40,
        [
            "The clock for the resolution started on Tue 3 Mar 2026, 10:00 GMT, when the customer wrote (message 100).",
            f"Promised: 16 h, in {LONDON}.",
            "Counted: Tue 3 Mar, 10:00 to 10:30, 30 min.",
            "Not counted: Tue 3 Mar, 10:30 to 10:40, 10 min of open time, "
            "because ann set the case to wait for the customer.",
            "It has stood still since Tue 3 Mar, 10:30: 30 min used, 15 h 30 min left.",
        ],
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_a_clock_in_words(name):
    timeline, metric, now, expected = STORIES[name]
    assert lines(timeline, metric, now=now) == expected


ENDS = {
    "nobody answered": (
        [mention("100", 0), did(EventKind.RESOLVE, 40)],
        "Ended without a verdict. On Tue 3 Mar, 10:40 ann resolved the case without an answer to the customer, "
        "after 40 min.",
    ),
    "deleted": (
        [mention("100", 0), said(FactKind.DELETE, "100", 30)],
        "Ended without a verdict. On Tue 3 Mar, 10:30 message 100 was deleted, after 30 min.",
    ),
    "broken under an earlier promise": (
        [mention("100", 0, urgency=Urgency.CRITICAL), did(EventKind.PRIORITY, 12, to="low"), answer("101", 40)],
        "Broken on Tue 3 Mar, 10:10, under the promise that held then. "
        "On Tue 3 Mar, 10:40 the brand answered (message 101), after 40 min.",
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_how_it_ended(name):
    timeline, expected = ENDS[name]
    assert lines(timeline, now=60)[-1] == expected


URGENT_AT_FIRST = [mention("100", 0, urgency=Urgency.CRITICAL), did(EventKind.WARNED, 8, clock="frt:x|100|mention")]
RECORDS = {
    "broken, resolved and reopened": (
        [mention("100", 0), did(EventKind.RESOLVE, 60.5), did(EventKind.REOPEN, 63)],
        [
            "So it was due on Tue 3 Mar 2026, 11:00 GMT. That had passed when ann took the resolve back; "
            "it was on record as broken by then.",
            "75 % of the target was used up on Tue 3 Mar, 10:45; no warning went out.",
            "Broken on Tue 3 Mar, 11:00. It is overdue: 1 h 20 min used, 20 min more than promised.",
        ],
    ),
    "the same promise twice, with another in between": (
        [
            *URGENT_AT_FIRST,
            did(EventKind.PRIORITY, 12, to="normal"),
            did(EventKind.PRIORITY, 30, to="critical"),
            answer("101", 46),
        ],
        [
            "So it was due on Tue 3 Mar 2026, 10:10 UTC. That had passed when ann set the priority to critical; "
            "it was on record as broken by then.",
            "75 % of the target was used up on Tue 3 Mar, 10:07:30; the warning went out on Tue 3 Mar, 10:08.",
            "Broken on Tue 3 Mar, 10:10. On Tue 3 Mar, 10:46 the brand answered (message 101), after 46 min.",
        ],
    ),
    "two promises, and both broken": (
        [*URGENT_AT_FIRST, did(EventKind.PRIORITY, 12, to="normal"), answer("101", 76)],
        [
            "So it was due on Tue 3 Mar 2026, 11:00 GMT.",
            "75 % of the target was used up on Tue 3 Mar, 10:45; the warning went out on Tue 3 Mar, 10:08, "
            "under the promise that held then.",
            "Broken on Tue 3 Mar, 10:10, under the promise that held then; what was promised last was broken on "
            "Tue 3 Mar, 11:00 as well. On Tue 3 Mar, 11:16 the brand answered (message 101), after 1 h 16 min.",
        ],
    ),
    "warned of, and then there is more time": (
        [*URGENT_AT_FIRST, did(EventKind.PRIORITY, 9, to="normal"), did(EventKind.ASSIGN, 35, to="bo")],
        [
            "So it was due on Tue 3 Mar 2026, 11:00 GMT.",
            "75 % of the target was used up on Tue 3 Mar, 10:45; the warning went out on Tue 3 Mar, 10:08, "
            "under the promise that held then.",
            "It is overdue: 1 h 20 min used, 20 min more than promised.",
        ],
    ),
}


@pytest.mark.parametrize("name", RECORDS)
def test_what_is_on_record_agrees_with_what_holds(name):
    timeline, expected = RECORDS[name]
    assert lines(timeline, now=80)[-3:] == expected


def test_a_pause_that_a_joined_case_ended_is_told_as_the_one_timeline_has_it():
    joined = [
        mention("100", 0),
        answer("101", 10),
        did(EventKind.WAIT, 10),
        elsewhere(mention("102", 130)),
        merged(175),
    ]
    assert lines(joined, Metric.RES, now=200)[2:5] == [
        "Counted: Tue 3 Mar, 10:00 to 10:10, 10 min.",
        "Not counted: Tue 3 Mar, 10:10 to 12:10, 2 h of open time, because ann set the case to wait for the customer.",
        "Counted: Tue 3 Mar, 12:10 to 13:20, 1 h 10 min, 1 h 20 min in all.",
    ]


def test_a_pause_that_began_with_an_answer_says_so():
    waits = [mention("100", 0), did(EventKind.WAIT, 5), answer("101", 10)]
    assert lines(waits, Metric.RES, now=20)[3].endswith(
        "because the brand answered (message 101) in a case that waits for the customer."
    )


AUTUMN = 236 * DAY  # Sun 25 Oct 2026, 10:00 UTC; clocks went back nine hours before


def test_an_hour_that_comes_twice_is_told_with_its_zone():
    berlin = replace(STANDARD, calendar=always_open(zone="Europe/Berlin"), targets=Targets(frt_s=3 * 3600))
    timeline = [mention("100", AUTUMN - 630), answer("101", AUTUMN - 525)]
    night = lines(timeline, now=AUTUMN, books={1: PolicyBook(version=1, policies=(berlin,))})
    assert night[2] == "Counted: Sun 25 Oct, 01:30 CEST to 02:15 CET, 1 h 45 min."
    assert night[-1] == "Kept. On Sun 25 Oct, 02:15 CET the brand answered (message 101), after 1 h 45 min."


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Berlin", "2026-10-25T01:00Z"),
        ("Europe/Berlin", "2026-03-29T01:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T15:00Z"),  # by half an hour
        ("America/Santiago", "2026-04-05T03:00Z"),  # at midnight, and back to the day before
        ("Africa/Cairo", "2026-10-29T21:00Z"),
    ],
)
def test_no_two_minutes_around_a_change_of_the_clocks_are_said_alike(zone, change):
    wall, middle = Wall(always_open(zone=zone)), datetime.fromisoformat(change)
    minutes = [middle + timedelta(minutes=minute) for minute in range(-180, 180)]
    before = middle - timedelta(days=3)
    assert len({wall.short(minute) for minute in minutes}) == len(minutes)
    assert len({wall.stretch(before, minute) for minute in minutes}) == len(minutes)
    assert len({wall.stretch(minute, middle + timedelta(days=3)) for minute in minutes}) == len(minutes)


def test_what_came_late_is_said():
    late = mention("100", 0)
    late = replace(late, received_at=late.at + timedelta(hours=1, minutes=20, seconds=10))
    assert lines([late], now=90)[0].endswith("(message 100). We heard of it 1 h 20 min 10 s later.")


def test_an_edited_calendar_is_named_with_its_version():
    closed = replace(STANDARD.calendar, holidays=frozenset({at(0).date()}))
    books = {**BOOKS, 2: PolicyBook(version=2, policies=(*BOOKS[1].policies[:-1], replace(STANDARD, calendar=closed)))}
    edit = replace(did(EventKind.POLICY, 5), book=2)
    text = lines([mention("100", 0), edit], now=10, books=books)[2]
    assert text == (
        "On Tue 3 Mar, 10:05, version 2 of the policies came into force. Counted anew from the start: 1 h, in the open "
        "hours of london as of version 2, Europe/London time (policy standard, version 1), due Wed 4 Mar 2026, "
        "10:00 GMT."
    )


def test_without_its_version_of_the_policies_a_clock_still_has_a_beginning_and_an_end():
    timeline = [mention("100", 0), answer("101", 30)]
    past = history(timeline, BOOKS)
    [clock] = [clock for clock in past[-1].state.clocks if clock.outcome is Outcome.MET]
    for known in (past, ()):
        kinds = [step.kind for step in explain(clock, known, {}, at(60))]
        assert kinds == [StepKind.START, StepKind.PROMISE, StepKind.END]
