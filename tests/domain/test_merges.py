"""Many cases become one: what that costs, and what holds whoever joined whom and when (R10)."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.case import fold as cases
from chalicelib.domain.case.fold import apply, follow, replay
from chalicelib.domain.case.state import CaseState
from chalicelib.domain.case.turn import PastNeeded
from chalicelib.domain.clock import Clock, Metric, Outcome
from chalicelib.domain.events import Event, EventKind, action, in_order
from chalicelib.domain.facts import FactKind
from chalicelib.domain.history import history
from tests.domain.test_case import BOOKS, answer, at, clock_of, did, mention, said, stored


def of_case(case_id: str, *happenings: Event) -> list[Event]:
    return [replace(event, origin=case_id) for event in happenings]


def merge(case_id: str, minutes: float, origin: str | None = None) -> Event:
    event = action(
        EventKind.MERGE, action_id=f"merge-{case_id}", at=at(minutes), actor="ann", detail={"from": case_id}, book=1
    )
    return replace(event, origin=origin)


# --- cost -------------------------------------------------------------------------------------------------------


def one_after_another(merges: int) -> list[Event]:
    """The customer asks again and again, and each time an agent joins the new case with the first."""
    timeline = [mention("1000", 0)]
    for number in range(1, merges + 1):
        case_id, begun = f"c{number}", number * 10
        timeline += of_case(case_id, mention(f"{1000 + number}", begun), did(EventKind.NOTE, begun + 1))
        timeline.append(merge(case_id, begun + 2))
    return timeline


def all_at_the_end(merges: int) -> list[Event]:
    """The customer asks everywhere at once; then an agent joins it all."""
    timeline = [mention("1000", 0)]
    for number in range(1, merges + 1):
        timeline += of_case(f"c{number}", mention(f"{1000 + number}", number), did(EventKind.NOTE, number + 0.5))
        timeline.append(merge(f"c{number}", 500 + number))
    return timeline


@pytest.fixture
def applied(monkeypatch):
    """Gives the number of times that any event was applied to any state."""
    calls = []
    real = cases._applied

    def counted(state, turn):
        calls.append(turn.event.key)
        return real(state, turn)

    monkeypatch.setattr(cases, "_applied", counted)

    def count(timeline):
        calls.clear()
        replay(timeline, BOOKS)
        return len(calls)

    return count


def test_cases_that_join_one_after_another_cost_what_they_bring(applied):
    costs = {merges: applied(one_after_another(merges)) for merges in (1, 5, 20, 80)}
    events = {merges: len(one_after_another(merges)) for merges in costs}
    assert {merges: cost - 2 * events[merges] for merges, cost in costs.items()} == dict.fromkeys(costs, -1)


@pytest.mark.parametrize("merges", [1, 5, 20])
def test_cases_that_wait_side_by_side_are_told_once_more_for_each_merge(applied, merges):
    timeline = all_at_the_end(merges)
    assert applied(timeline) <= (merges + 1) * len(timeline)


def test_a_chain_of_merges_tells_each_case_once_more_for_each_that_it_went_through(applied):
    """c3 into c2 into c1 into ours, all of them open from the beginning."""
    timeline = [mention("1000", 0)]
    for number in range(1, 21):
        timeline += of_case(f"c{number}", mention(f"{1000 + number}", number))
        timeline.append(merge(f"c{number}", 600 - number, origin=f"c{number - 1}" if number > 1 else None))
    assert applied(timeline) <= 21 * len(timeline)


def test_what_was_deleted_makes_no_merge_dearer(applied):
    timeline = one_after_another(20)
    timeline += [said(FactKind.DELETE, str(1000 + number), 300 + number) for number in (3, 4)]
    assert applied(timeline) <= 6 * len(timeline)


# --- whatever happens -------------------------------------------------------------------------------------------

CASES = ("cB", "cC", "cD")
FIRST = {"cA": 100, "cB": 200, "cC": 300, "cD": 400}
LAST_WORD = 10_000


@st.composite
def happening(draw, case_id: str) -> Event:
    minutes = draw(st.integers(0, 3 * 24 * 60))
    message_id = str(FIRST[case_id] + draw(st.integers(0, 3)))
    clock_id = f"{draw(st.sampled_from(Metric))}:x|{message_id}|mention"
    page = {"clock": clock_id, "generation": "0", "step": "1", "group": "on-call", "kind": "breach", "name": "ann"}
    moves = [EventKind.WAIT, EventKind.HOLD, EventKind.OPEN, EventKind.RESOLVE, EventKind.REOPEN]
    moves += [EventKind.SPAM, EventKind.RESTORE, EventKind.NOTE]
    pages = [EventKind.WARNED, EventKind.PAGED, EventKind.ACKNOWLEDGED, EventKind.PAGE_FAILED, EventKind.NOTICE]
    event = draw(
        st.one_of(
            st.just(mention(message_id, minutes)),
            st.just(answer(f"5{message_id}", minutes, parent_id=message_id)),
            st.just(said(FactKind.DELETE, message_id, minutes)),
            st.just(said(FactKind.EDIT, message_id, minutes, version=1)),
            st.sampled_from(moves).map(lambda kind: did(kind, minutes)),
            st.sampled_from(["low", "critical"]).map(lambda to: did(EventKind.PRIORITY, minutes, to=to)),
            st.sampled_from(pages).map(lambda kind: did(kind, minutes, **page)),
        )
    )
    return event if event.fact else replace(event, native_id=f"{case_id}-{event.native_id}")


@st.composite
def joined(draw) -> list[Event]:
    """Up to four cases and their merges, each after all that happened in the case that goes; and late facts."""
    timeline = [mention("100", 5), *draw(st.lists(happening("cA"), max_size=8))]
    end = {None: 0.0}
    for case_id in draw(st.lists(st.sampled_from(CASES), min_size=1, max_size=3, unique=True)):
        into = draw(st.sampled_from(list(end)))
        theirs = [mention(str(FIRST[case_id]), draw(st.integers(0, 600))), *draw(st.lists(happening(case_id)))]
        late = draw(st.lists(st.booleans(), min_size=len(theirs), max_size=len(theirs)))
        timeline += [
            event if event.fact and is_late and index else replace(event, origin=case_id)
            for index, (event, is_late) in enumerate(zip(theirs, late, strict=True))
        ]
        # A case that took others joins after them.
        end = {case_id: LAST_WORD - 1000.0 * len(end), **end}
        timeline.append(merge(case_id, draw(st.integers(0, 900)) + end[case_id], origin=into))
    timeline += draw(
        st.lists(st.builds(lambda m: did(EventKind.POLICY, m, book=2, version="2"), st.integers(0, 9000)), max_size=1)
    )
    return list({event.key: event for event in timeline}.values())


@settings(max_examples=300, deadline=None)
@given(joined())
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


@settings(max_examples=150, deadline=None)
@given(joined().flatmap(lambda es: st.tuples(st.just(es), st.permutations(es))))
def test_the_order_of_receipt_means_nothing(both):
    timeline, mixed = both
    assert replay(timeline, BOOKS) == replay(mixed, BOOKS)


@settings(max_examples=300, deadline=None)
@given(joined())
def test_what_was_told_before_a_merge_need_not_be_told_again(timeline):
    def without_memory(self, joining, merge, books, take=cases._Timeline.take):
        self.drafts.clear()
        take(self, joining, merge, books)

    fast = replay(timeline, BOOKS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cases._Timeline, "take", without_memory)
        assert replay(timeline, BOOKS) == fast


@settings(max_examples=300, deadline=None)
@given(joined())
def test_until_its_merge_another_case_counts_for_nothing(timeline):
    ordered = in_order(timeline)
    first = next(index for index, event in enumerate(ordered) if event.kind is EventKind.MERGE and not event.origin)
    here = replay(ordered[:first], BOOKS)
    messages = {event.native_id for event in timeline if event.origin and event.fact}
    ours = [
        event
        for event in ordered[:first]
        if not event.origin and not (event.fact and (event.native_id in messages or event.fact.parent_id in messages))
    ]
    alone = replay(ours, BOOKS)
    assert replace(here, apart=frozenset(), last=None) == replace(alone, last=None)


@settings(max_examples=300, deadline=None)
@given(joined())
def test_what_was_met_or_broken_stays_so_and_what_ran_is_accounted_for(timeline):
    before: dict[str, Clock] = {}
    for event, states in follow(in_order(timeline), BOOKS):
        after = {clock.id: clock for state in states for clock in state.clocks}
        if event.kind is EventKind.MERGE:
            assert before.keys() <= after.keys()
            for clock in before.values():
                settled = clock.outcome in (Outcome.MET, Outcome.BREACHED)
                if settled and not after[clock.id].is_running:
                    assert after[clock.id] == clock
                if clock.outcome is Outcome.BREACHED or (clock.is_running and clock.is_past(event.at)):
                    changed = after[clock.id]
                    assert changed.breached_at or (changed.is_running and changed.is_past(event.at))
        before = after
    running = [clock for clock in before.values() if clock.is_running]
    assert sum(clock.metric is not Metric.RES for clock in running) <= 1
    assert sum(clock.metric is Metric.RES for clock in running) <= 1


# --- one by one -------------------------------------------------------------------------------------------------


def test_a_merge_into_an_answered_case_unbreaks_no_promise():
    """Somebody answered where the customer had asked as well; that they waited too long elsewhere stays so."""
    theirs = of_case("cB", mention("1", 0))
    state = replay([mention("2", 5), answer("3", 10), *theirs, merge("cB", 90)], BOOKS)
    [frt] = [clock for clock in state.clocks if clock.id == "frt:x|1|mention"]
    assert (frt.outcome, frt.breached_at, frt.stopped_at, frt.reason) == (Outcome.BREACHED, at(60), at(90), "merged")


def test_what_is_deleted_after_a_merge_ends_as_deleted():
    theirs = of_case("cB", mention("1", 20))
    timeline = [mention("2", 0), answer("3", 10), *theirs, merge("cB", 30), said(FactKind.DELETE, "1", 40)]
    clocks = {clock.id: (clock.outcome, clock.reason) for clock in replay(timeline, BOOKS).clocks}
    assert clocks["nrt:x|1|mention"] == (Outcome.CANCELLED, "deleted")
    assert clocks["frt:x|1|mention"] == (Outcome.CANCELLED, "merged")  # it had ended by then


def test_what_happened_between_two_merges_happened():
    """The older of two was broken while it counted; a still older one joins later."""
    first = of_case("cB", mention("2", -5))
    second = of_case("cC", mention("1", -10))
    timeline = [mention("3", 0), *first, merge("cB", 10), *second, merge("cC", 58)]
    clocks = {clock.id: clock for clock in replay(timeline, BOOKS).clocks if clock.metric is Metric.FRT}
    assert (clocks["frt:x|3|mention"].reason, clocks["frt:x|3|mention"].stopped_at) == ("merged", at(10))
    assert (clocks["frt:x|2|mention"].outcome, clocks["frt:x|2|mention"].breached_at) == (Outcome.BREACHED, at(55))
    assert clocks["frt:x|1|mention"].is_running


def test_an_acknowledgement_in_the_case_that_goes_still_counts():
    page = {"clock": "frt:x|1|mention", "generation": "0", "step": "1", "group": "on-call", "kind": "breach"}
    theirs = of_case(
        "cB", mention("1", 0), did(EventKind.PAGED, 61, **page), did(EventKind.ACKNOWLEDGED, 62, name="bo", **page)
    )
    [alert] = replay([mention("2", 5), *theirs, merge("cB", 65)], BOOKS).alerts
    assert (alert.clock_id, alert.is_quiet(at(70))) == ("frt:x|1|mention", True)


def test_all_that_was_left_was_deleted_in_both():
    theirs = of_case("cB", mention("1", 1), said(FactKind.DELETE, "1", 3))
    ours = [mention("2", 0), said(FactKind.DELETE, "2", 2)]
    state = replay([*ours, *theirs, merge("cB", 10)], BOOKS)
    assert (state.is_closed, state.opened_at, state.platform, state.running) == (True, at(0), "x", ())


def test_the_history_tells_each_clock_from_its_start():
    warned = did(EventKind.WARNED, 46, clock="frt:x|1|mention")
    timeline = [mention("2", 30), *of_case("cB", mention("1", 0), warned), merge("cB", 50)]
    past = history(timeline, BOOKS)
    seen = [(moment.event.kind, clock.warned) for moment in past if (clock := moment.clock("frt:x|1|mention"))]
    assert seen[0] == (EventKind.MENTION, False)
    assert seen[-1] == (EventKind.MERGE, True)
    assert clock_of(replay(timeline[:1], BOOKS), Metric.FRT).due_at == at(90)
