"""A case is what its events make of it: properties of the fold, and what each event does."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.calendar import Calendar, Window, always_open
from chalicelib.domain.case.fold import apply, goes_last, replay
from chalicelib.domain.case.state import ANSWERED_IN_TIME, CaseState, allowed_actions
from chalicelib.domain.case.status import CaseStatus
from chalicelib.domain.case.turn import PastNeeded
from chalicelib.domain.clock import Metric, Outcome
from chalicelib.domain.events import Event, EventKind, action, from_fact, in_order, join
from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.domain.labels import (
    UNLABELLED,
    Label,
    Labels,
    Noise,
    Sentiment,
    Topic,
    TopicKind,
    Urgency,
    Verdict,
)
from chalicelib.domain.policy import Ladder, Match, Policy, PolicyBook, Step, Targets
from chalicelib.ports.json_codec import dumps, loads

T0 = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
OFFICE = Calendar(id="london", zone="Europe/London", weekly=((Window(9 * 3600, 17 * 3600),),) * 5 + ((), ()))
CARE = Ladder(id="care", steps=(Step(group="on-call", delay_s=0), Step(group="lead", delay_s=900)))
URGENT = Policy(
    id="urgent",
    calendar=always_open(),
    targets=Targets(frt_s=600, nrt_s=1200, res_s=4 * 3600),
    ladder=CARE,
    match=Match(priorities=frozenset({"critical"})),
)
GOLD = replace(URGENT, id="gold", targets=Targets(frt_s=900), match=Match(tiers=frozenset({"gold"})))
STANDARD = Policy(id="standard", calendar=OFFICE, targets=Targets(frt_s=3600, nrt_s=7200, res_s=16 * 3600), ladder=CARE)
LATER = replace(OFFICE, holidays=frozenset({date(2026, 3, 4)}))
BOOKS = {
    1: PolicyBook(version=1, policies=(URGENT, GOLD, STANDARD)),
    2: PolicyBook(version=2, policies=(URGENT, GOLD, replace(STANDARD, calendar=LATER, targets=Targets(frt_s=1800)))),
}


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def labelled(urgency: Urgency):
    return replace(UNLABELLED, urgency=Label(urgency, 0.9, ("word",)))


def said(kind: FactKind, message_id: str, minutes: float, *, urgency: Urgency = Urgency.NORMAL, **values) -> Event:
    fact = Fact(
        kind=kind,
        platform="x",
        channel="x.main",
        account_id="900",
        message_id=message_id,
        received_at=at(minutes) + timedelta(seconds=1),
        occurred_at=at(minutes),
        author=Author(id="900" if kind is FactKind.ANSWER else "501"),
        text=f"text of {message_id}",
        **values,
    )
    return from_fact(fact, labels=labelled(urgency) if kind is FactKind.MENTION else None, book=1)


def did(kind: EventKind, minutes: float, /, *, book: int = 1, **detail: str) -> Event:
    return action(kind, action_id=f"{kind}-{minutes}", at=at(minutes), actor="ann", detail=detail, book=book)


def elsewhere(event: Event, case_id: str = "cB") -> Event:
    """The event as it came from another case that an agent joined with this one."""
    return replace(event, origin=case_id)


def merged(minutes: float, case_id: str = "cB") -> Event:
    return did(EventKind.MERGE, minutes, **{"from": case_id})


def mention(message_id: str, minutes: float, **values) -> Event:
    return said(FactKind.MENTION, message_id, minutes, **values)


def known(event: Event, **detail: str) -> Event:
    """The customer's message with what was known of them when it was stored."""
    return replace(event, detail=detail)


def answer(message_id: str, minutes: float, **values) -> Event:
    return said(FactKind.ANSWER, message_id, minutes, **values)


def clock_of(state: CaseState, metric: Metric):
    [clock] = [clock for clock in state.clocks if clock.metric is metric]
    return clock


# --- properties -------------------------------------------------------------------------------------------------

minutes = st.integers(0, 3 * 24 * 60)
message_ids = st.integers(100, 108).map(str)
tiers = st.sampled_from(["gold", "silver", ""])
CLOCK_IDS = [f"{metric}:x|{number}|mention" for metric in Metric for number in range(100, 109)]

its_own = st.one_of(
    st.builds(mention, message_ids, minutes, urgency=st.sampled_from(Urgency)),
    st.builds(lambda i, m, tier: known(mention(i, m), tier=tier, complaints="2"), message_ids, minutes, tiers),
    st.builds(lambda m, to: did(EventKind.TIER, m, to=to), minutes, tiers),
    st.builds(lambda i, m: answer(f"2{i}", m), message_ids, minutes),
    st.builds(lambda i, m: said(FactKind.DELETE, i, m), message_ids, minutes),
    st.builds(lambda i, m: said(FactKind.EDIT, i, m, version=1), message_ids, minutes),
    st.builds(
        did,
        st.sampled_from(
            [
                EventKind.NOTE,
                EventKind.WAIT,
                EventKind.HOLD,
                EventKind.OPEN,
                EventKind.RESOLVE,
                EventKind.REOPEN,
                EventKind.SPAM,
                EventKind.RESTORE,
            ]
        ),
        minutes,
    ),
    st.builds(lambda m, to: did(EventKind.PRIORITY, m, to=to), minutes, st.sampled_from([u.value for u in Urgency])),
    st.builds(lambda m, to: did(EventKind.ASSIGN, m, to=to), minutes, st.sampled_from(["ann", "bo"])),
    st.builds(lambda m, r: did(EventKind.REPLY, m, reply_id=r), minutes, st.sampled_from(["r1", "r2"])),
    st.builds(lambda m, r: did(EventKind.REPLY_FAILED, m, reply_id=r), minutes, st.sampled_from(["r1", "r2"])),
    st.builds(lambda m, c: did(EventKind.WARNED, m, clock=c), minutes, st.sampled_from(CLOCK_IDS)),
    st.builds(
        lambda m, c, s: did(EventKind.PAGED, m, clock=c, generation="0", step=s, group="on-call"),
        minutes,
        st.sampled_from(CLOCK_IDS),
        st.sampled_from(["1", "2"]),
    ),
    st.builds(
        lambda kind, m, c: did(kind, m, clock=c, generation="0", step="1", group="on-call", kind="breach", name="ann"),
        st.sampled_from([EventKind.PAGE_DROPPED, EventKind.PAGE_FAILED, EventKind.ACKNOWLEDGED, EventKind.NOTICE]),
        minutes,
        st.sampled_from(CLOCK_IDS),
    ),
    st.builds(lambda m: did(EventKind.POLICY, m, book=2, version="2"), minutes),
    st.builds(
        lambda m, c: did(EventKind.FAULT, m, clock=c, reason="unknown_policy"), minutes, st.sampled_from(CLOCK_IDS)
    ),
)
events = st.one_of(
    its_own,
    its_own,
    st.builds(elsewhere, its_own),
    st.builds(merged, minutes),
    st.builds(lambda m: elsewhere(merged(m, "cC")), minutes),
    st.builds(elsewhere, its_own, st.just("cC")),
)


def unique(timeline):
    joined: dict[str, Event] = {}
    for event in timeline:
        joined[event.key] = join(joined[event.key], event) if event.key in joined else event
    return list(joined.values())


def stored(state: CaseState) -> CaseState:
    """As the table keeps it: running clocks only, through JSON."""
    return loads(CaseState, dumps(replace(state, clocks=state.running)))


@settings(max_examples=400, deadline=None)
@given(st.lists(events, max_size=25).map(unique))
def test_folding_one_by_one_equals_replaying_everything(timeline):
    state, past = CaseState(), []
    for event in in_order(timeline):
        assert goes_last(state, event)
        try:
            state = apply(state, event, BOOKS)
        except PastNeeded:
            state = replay([*past, event], BOOKS)
        past.append(event)
        assert stored(state) == stored(replay(past, BOOKS))
        state = stored(state)


@settings(max_examples=200, deadline=None)
@given(st.lists(events, max_size=20).map(unique).flatmap(lambda es: st.tuples(st.just(es), st.permutations(es))))
def test_the_order_of_receipt_means_nothing(both):
    timeline, mixed = both
    assert replay(timeline, BOOKS) == replay(mixed, BOOKS)


@settings(max_examples=300, deadline=None)
@given(st.lists(events, max_size=25).map(unique))
def test_what_always_holds(timeline):
    state = replay(timeline, BOOKS)
    assert len({clock.id for clock in state.clocks}) == len(state.clocks)
    assert sum(clock.metric in (Metric.FRT, Metric.NRT) for clock in state.running) <= 1
    assert sum(clock.metric is Metric.RES for clock in state.running) <= 1
    if state.is_closed:
        assert state.running == ()
    for clock in state.clocks:
        if clock.outcome is Outcome.BREACHED:
            assert clock.breached_at is not None
        if clock.outcome is Outcome.MET:
            assert clock.breached_at is None
        assert (clock.breached_at is None) == (clock.breached_under is None)
        assert (clock.binding_at is None) == (clock.binding_reason is None)
        if not clock.is_running:
            assert clock.stopped_at is not None
        if clock.outcome in (Outcome.MET, Outcome.CANCELLED):
            assert clock.business_s is not None
            assert clock.business_s >= 0


def both_ways(a, b, c):
    return join(join(a, b), c), join(c, join(b, a))


texts = st.sampled_from(["", "short", "a longer text", "ä longer text"])
judged = st.one_of(
    st.none(),
    st.builds(
        lambda urgency, sentiment, noise, engine: replace(
            labelled(urgency), sentiment=Label(sentiment, 0.8), noise=Label(noise, 0.8), engine=engine
        ),
        st.sampled_from(Urgency),
        st.sampled_from(Sentiment),
        st.sampled_from(Noise),
        st.sampled_from(["rules-1", "comprehend+rules-1", "bedrock/m+encoder-1+rules-1"]),
    ),
)
HEARD = [("x.main", "900"), ("x.main", "901"), ("x.other", "700"), ("x.other", "900")]
reports = st.builds(
    lambda heard, cut, own, text, labels, late, lang, thread, version, likes: heard_by(
        replace_text(
            said(FactKind.MENTION, "100", late, lang=lang, thread_id=thread, version=version, likes=likes), text, labels
        ),
        *heard,
        cut=cut,
        own_account=own,
    ),
    st.sampled_from(HEARD),
    st.booleans(),
    st.booleans(),
    texts,
    judged,
    st.integers(0, 3),
    st.sampled_from([None, "en"]),
    st.sampled_from([None, "100"]),
    st.integers(0, 1),
    st.sampled_from([None, 3, 7]),
)


def replace_text(event: Event, text: str, labels: Labels | None) -> Event:
    assert event.fact is not None
    return replace(event, fact=replace(event.fact, text=text), labels=labels)


def heard_by(event: Event, channel: str, account_id: str, **values: bool) -> Event:
    assert event.fact is not None
    return replace(event, fact=replace(event.fact, channel=channel, account_id=account_id, **values))


@given(reports, reports)
def test_a_joined_report_names_one_channel_with_its_own_account(a, b):
    heard = [(event.fact.channel, event.fact.account_id, event.fact.own_account) for event in (a, b, join(a, b))]
    assert heard[2][:2] in {heard[0][:2], heard[1][:2]}
    assert heard[2] in heard[:2]


@given(reports, reports, reports)
def test_joining_reports_is_the_same_in_any_order_and_any_number(a, b, c):
    one, other = both_ways(a, b, c)
    assert one == other == join(a, join(b, c))
    assert join(one, a) == one
    assert join(a, a) == join(join(a, a), a)


def test_labels_go_with_the_text_that_they_judge():
    def report(text, urgency):
        return replace_text(mention("100", 0), text, labelled(urgency) if urgency else None)

    bare, short, longer = report("my bag is lost", None), report("my", Urgency.HIGH), report("my bag", Urgency.LOW)
    assert join(short, longer).labels == join(longer, short).labels == labelled(Urgency.LOW)
    for one, other in (both_ways(bare, short, longer), both_ways(longer, short, bare)):
        assert one == other
        assert one.labels is None
    assert join(bare, report("my bag is lost", Urgency.HIGH)).labels == labelled(Urgency.HIGH)


# --- what each event does ---------------------------------------------------------------------------------------


def test_a_first_reply_in_time_meets_the_promise():
    state = replay([mention("1", 0), answer("2", 30)], BOOKS)
    frt = clock_of(state, Metric.FRT)
    assert (frt.outcome, frt.business_s, frt.due_at) == (Outcome.MET, 1800, at(60))
    assert clock_of(state, Metric.RES).due_at == at(60 * 48)  # 7 h Tuesday, 8 h Wednesday, 1 h Thursday


def test_at_the_due_instant_it_is_met_and_one_second_later_breached():
    on_time = replay([mention("1", 0), answer("2", 60)], BOOKS)
    late = replay([mention("1", 0), answer("2", 60 + 1 / 60)], BOOKS)
    assert clock_of(on_time, Metric.FRT).outcome is Outcome.MET
    assert clock_of(late, Metric.FRT).outcome is Outcome.BREACHED
    assert clock_of(late, Metric.FRT).breached_at == at(60)


def test_numbers_given_by_the_platform_decide_inside_one_second():
    after = replay([mention("100", 0), answer("200", 30), mention("201", 30)], BOOKS)
    before = replay([mention("100", 0), answer("200", 30), mention("199", 30)], BOOKS)
    assert clock_of(after, Metric.NRT).due_at == at(150)
    assert [c for c in before.clocks if c.metric is Metric.NRT] == []


def test_a_thank_you_does_not_take_the_reason_for_the_urgency_away():
    thanks = replace(
        mention("2", 10), labels=replace(labelled(Urgency.LOW), sentiment=Label(Sentiment.POSITIVE, 1, ("thanks",)))
    )
    state = replay([mention("1", 0, urgency=Urgency.CRITICAL), thanks], BOOKS)
    assert (state.urgency, state.words) == (Urgency.CRITICAL, ("word",))


def test_parking_an_unanswered_case_pauses_nothing():
    state = replay([mention("1", 0), did(EventKind.WAIT, 5)], BOOKS)
    assert clock_of(state, Metric.FRT).due_at == at(60)
    assert clock_of(state, Metric.RES).paused_since is None


def test_a_pause_over_the_weekend_counts_office_hours_only():
    friday = 3 * 24 * 60 + 5 * 60  # Friday 15:00
    state = replay(
        [
            mention("1", friday),
            answer("2", friday + 30),
            did(EventKind.WAIT, friday + 30),
            mention("3", friday + 67 * 60),
        ],
        BOOKS,
    )
    assert clock_of(state, Metric.RES).due_at == datetime(2026, 3, 11, 9, 30, tzinfo=UTC)


def test_a_pause_survives_a_change_of_priority():
    state = replay(
        [
            mention("1", 0),
            answer("2", 30),
            did(EventKind.WAIT, 30),
            did(EventKind.PRIORITY, 120, to="critical"),
            mention("3", 25 * 60),
        ],
        BOOKS,
    )
    assert clock_of(state, Metric.RES).due_at == at(28 * 60 + 30)
    assert clock_of(state, Metric.NRT).due_at == at(25 * 60 + 20)


def test_a_priority_raised_too_late_is_breached_when_it_was_raised():
    state = replay([mention("1", 0), did(EventKind.PRIORITY, 20, to="critical")], BOOKS)
    frt = clock_of(state, Metric.FRT)
    assert (frt.due_at, frt.breach_at) == (at(10), at(20))


def test_a_breach_stays_on_record_when_the_priority_is_lowered():
    state = replay(
        [mention("1", 0, urgency=Urgency.CRITICAL), did(EventKind.PRIORITY, 12, to="normal"), answer("2", 40)], BOOKS
    )
    frt = clock_of(state, Metric.FRT)
    assert (frt.outcome, frt.breached_at, frt.due_at, frt.generation) == (Outcome.BREACHED, at(10), at(60), 1)


def test_a_resolve_waits_for_the_reply_in_the_outbox():
    asked = [mention("1", 0), did(EventKind.REPLY, 10, reply_id="r1"), did(EventKind.RESOLVE, 10)]
    assert replay(asked, BOOKS).status is CaseStatus.OPEN
    receipt = replace(answer("2", 11), detail={"reply_id": "r1"})
    done = replay([*asked, receipt], BOOKS)
    assert (done.status, done.resolved_at) == (CaseStatus.RESOLVED, at(11))
    failed = replay([*asked, did(EventKind.REPLY_FAILED, 11, reply_id="r1")], BOOKS)
    assert failed.status is CaseStatus.OPEN


def test_a_resolve_taken_back_never_was():
    state = replay(
        [
            mention("1", 0),
            answer("2", 10),
            did(EventKind.RESOLVE, 120),
            did(EventKind.REOPEN, 23 * 60 + 30),
            did(EventKind.RESOLVE, 47 * 60 + 30),
        ],
        BOOKS,
    )
    res = clock_of(state, Metric.RES)
    assert (res.outcome, res.business_s) == (Outcome.MET, 15 * 3600 + 1800)


def test_restored_from_spam_it_was_never_late_before():
    state = replay([mention("1", 0), did(EventKind.SPAM, 1), did(EventKind.RESTORE, 90)], BOOKS)
    assert clock_of(state, Metric.FRT).breach_at == at(90)


def test_one_of_two_messages_deleted_moves_the_promise_to_the_other():
    state = replay([mention("1", 0), mention("2", 20), said(FactKind.DELETE, "1", 30)], BOOKS)
    running = {clock.id: clock.due_at for clock in state.running}
    assert running["frt:x|2|mention"] == at(80)
    assert {clock.reason for clock in state.ended} == {"deleted"}


def test_after_a_merge_the_earliest_promise_counts_and_the_other_is_over():
    state = replay([mention("2", 0), elsewhere(mention("1", -20)), merged(30)], BOOKS)
    clocks = {clock.id: (clock.outcome, clock.reason, clock.due_at) for clock in state.clocks}
    assert clocks["frt:x|1|mention"] == (Outcome.RUNNING, None, at(40))
    assert clocks["frt:x|2|mention"] == (Outcome.CANCELLED, "merged", at(60))
    assert clocks["res:x|2|mention"][:2] == (Outcome.CANCELLED, "merged")


def test_what_was_broken_before_a_merge_stays_on_record():
    state = replay([mention("2", 0), elsewhere(mention("1", -20)), merged(90), answer("3", 95)], BOOKS)
    frts = {clock.id: (clock.outcome, clock.breached_at) for clock in state.clocks if clock.metric is Metric.FRT}
    assert frts == {
        "frt:x|1|mention": (Outcome.BREACHED, at(40)),
        "frt:x|2|mention": (Outcome.BREACHED, at(60)),
    }


def test_what_an_agent_did_to_the_case_that_went_counts_for_that_case_only():
    theirs = [elsewhere(event) for event in (mention("1", 10), answer("5", 15), did(EventKind.RESOLVE, 20))]
    state = replay([mention("2", 0), *theirs, merged(30)], BOOKS)
    assert state.status is CaseStatus.OPEN
    clocks = {clock.id: (clock.outcome, clock.reason) for clock in state.clocks}
    assert clocks["res:x|2|mention"] == (Outcome.RUNNING, None)
    assert clocks["res:x|1|mention"] == (Outcome.MET, None)
    assert clocks["frt:x|1|mention"] == (Outcome.MET, None)


def test_a_case_brings_along_what_had_joined_it_before():
    first, then = elsewhere(merged(20, "cC")), merged(30)
    timeline = [mention("3", 0), elsewhere(mention("2", 5)), elsewhere(mention("1", 10), "cC"), first, then]
    frts = {c.id: c.outcome for c in replay(timeline, BOOKS).clocks if c.metric is Metric.FRT}
    assert frts == {
        "frt:x|3|mention": Outcome.RUNNING,
        "frt:x|2|mention": Outcome.CANCELLED,
        "frt:x|1|mention": Outcome.CANCELLED,
    }


def test_what_is_heard_later_of_the_case_that_went_is_its_own_all_the_same():
    late = replace(answer("5", 15, parent_id="1"), received_at=at(40))
    state = replay([mention("2", 0), answer("4", 5), elsewhere(mention("1", 10)), late, merged(30)], BOOKS)
    clocks = {clock.id: clock.outcome for clock in state.clocks}
    assert clocks["frt:x|1|mention"] is Outcome.MET
    assert clocks["nrt:x|1|mention"] is Outcome.MET


def paged(minutes: float, clock_id: str = "frt:x|1|mention") -> Event:
    return did(EventKind.PAGED, minutes, clock=clock_id, generation="0", step="1", group="on-call", kind="breach")


def test_a_breach_that_people_were_paged_for_and_was_none_says_so():
    state = replay([mention("1", 0), paged(61), answer("2", 58)], BOOKS)
    frt = clock_of(state, Metric.FRT)
    assert (frt.outcome, frt.reason, frt.breached_at) == (Outcome.MET, ANSWERED_IN_TIME, None)


def test_a_page_that_never_went_out_withdraws_nothing():
    dropped = did(
        EventKind.PAGE_DROPPED,
        62,
        clock="frt:x|1|mention",
        generation="0",
        step="1",
        group="on-call",
        kind="breach",
    )
    state = replay([mention("1", 0), paged(61), dropped, answer("2", 58)], BOOKS)
    assert clock_of(state, Metric.FRT).reason is None


@pytest.mark.parametrize("private", [True, False])
def test_a_bots_answer_stops_nothing(private):
    state = replay([mention("1", 0), answer("2", 1, by_person=False, private=private)], BOOKS)
    assert clock_of(state, Metric.FRT).is_running


@pytest.mark.parametrize("status", CaseStatus)
def test_every_status_allows_something(status):
    assert EventKind.NOTE in allowed_actions(CaseState(status=status))


# --- the customer's tier ----------------------------------------------------------------------------------------


def due_of(*timeline: Event):
    clock = clock_of(replay(timeline, BOOKS), Metric.FRT)
    return clock.policy_id, int((clock.due_at - T0).total_seconds()) // 60


def test_a_tier_known_at_the_first_message_is_the_promise_from_the_start():
    first = known(mention("100", 0), tier="gold")
    assert due_of(first) == ("gold", 15)
    assert clock_of(replay([first], BOOKS), Metric.FRT).binding_at is None


def test_a_tier_given_on_the_way_counts_from_the_start_of_the_clock():
    assert due_of(mention("100", 0), did(EventKind.TIER, 5, to="gold")) == ("gold", 15)
    assert due_of(mention("100", 0), did(EventKind.TIER, 5, to="gold"), did(EventKind.TIER, 6, to="")) == (
        "standard",
        60,
    )


def test_the_tier_of_another_case_says_nothing():
    theirs = elsewhere(known(mention("100", 0), tier="gold"))
    state = replay([theirs, mention("101", 1), elsewhere(did(EventKind.TIER, 2, to="gold")), merged(3)], BOOKS)
    assert state.tier is None
    assert [clock.policy_id for clock in state.running] == ["standard", "standard"]


def test_what_was_known_is_read_from_the_message():
    state = replay([known(mention("100", 0), complaints="2", places="Lisbon\nGate 4")], BOOKS)
    assert (state.complaints_before, state.places_before) == (2, ("Lisbon", "Gate 4"))


def test_complaints_and_places_are_gathered_and_do_not_grow_for_ever():
    topics = tuple(Topic(TopicKind.PLACE, f"Gate {n}") for n in range(20))
    labels = replace(UNLABELLED, complaint=Label(Verdict.YES, 0.9), topics=(Topic(TopicKind.PRODUCT, "Flex"), *topics))
    state = replay([replace(mention("100", 0), labels=labels), mention("101", 1)], BOOKS)
    assert state.complaint
    assert state.places == tuple(f"Gate {n}" for n in range(5))


@settings(deadline=None)
@given(st.lists(st.tuples(st.none() | st.integers(0, 9), minutes), min_size=1, max_size=4).flatmap(
    lambda counts: st.tuples(st.just(counts), st.permutations(counts))
))  # fmt: skip
def test_reactions_are_joined_the_same_way_round(both):
    """However reports of one message come, the largest count stands, as of the last time that anybody counted."""

    def joined(counts):
        found = None
        for likes, heard in counts:
            fact = replace(mention("100", 0).fact, likes=likes, received_at=at(heard))
            one = from_fact(fact, book=1)
            found = one if found is None else join(found, one)
        return found

    counts, mixed = both
    assert joined(counts) == joined(mixed)
    fact = joined(counts).fact
    known_counts = [(likes, heard) for likes, heard in counts if likes is not None]
    assert fact.reactions == max((likes for likes, _ in known_counts), default=None)
    if known_counts:
        assert (fact.counted_at or fact.received_at) == at(max(heard for _, heard in known_counts))
