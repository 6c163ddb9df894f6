"""What people record of customers: once, on record, and heard by the cases whose promise it changes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.domain.customer import MOST_PROMISES, MOST_TAGS, ChangeKind, Profile
from chalicelib.domain.events import EventKind
from chalicelib.domain.labels import UNLABELLED, Label, Topic, TopicKind, Verdict
from chalicelib.domain.policy import Match, PolicyBook
from chalicelib.ports.cases import Labelled
from chalicelib.ports.customers import Conflict, Customer
from chalicelib.ports.policies import Promises
from chalicelib.usecases import casework
from chalicelib.usecases.act import ActionInvalid, IdempotencyMismatch, MoveCase
from chalicelib.usecases.cases.moving import UnknownCase
from chalicelib.usecases.customer_record import Ports, RecordRequest, remember, remember_of
from chalicelib.usecases.show import show, show_customer
from tests.usecases import world
from tests.usecases.test_act import Desk
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death
from tests.usecases.world import STANDARD, at, no_waiting, take, wrote

GOLD = replace(
    STANDARD, id="gold", targets=replace(STANDARD.targets, frt_s=900), match=Match(tiers=frozenset({"gold"}))
)
PROMISES = Promises(books={1: PolicyBook(version=1, policies=(GOLD, STANDARD), tiers=("gold", "blue"))})
MIRA = Customer(platform="x", author_key="501")
COMPLAINT = replace(
    UNLABELLED, complaint=Label(Verdict.YES, 0.9), topics=(Topic(TopicKind.PLACE, "Lisbon"),)
)  # fmt: skip


def ports(store, backoff=no_waiting):
    return Ports(store=store, promises=PROMISES, backoff=backoff, tiers=("silver",))


def wanted(kind, value=None, *, key="k1", actor="ann", due_on=None):
    return RecordRequest(kind=ChangeKind(kind), value=value, actor=actor, idempotency_key=key, due_on=due_on)


def record(desk, kind, value=None, *, minutes=10, case_id=None, **more):
    return remember(case_id or desk.case_id, wanted(kind, value, **more), ports=ports(desk.cases), now=at(minutes))


def hear(cases, *facts, labels=None):
    items = [Labelled(fact=fact, labels=labels) for fact in facts]
    casework.take(items, replace(world.ports(cases), promises=PROMISES))


def profile(desk):
    return desk.cases.known(MIRA, most=1).profile


# --- the record -------------------------------------------------------------------------------------------------


def test_everything_that_can_be_recorded_is_shown_with_who_and_when():
    desk = Desk()
    record(desk, "tier", "gold", key="1")
    record(desk, "tag", "wheelchair", key="2", minutes=11)
    record(desk, "tag", "press", key="3", minutes=12)
    record(desk, "untag", "press", key="4", minutes=13, actor="bob")
    record(desk, "consent", " said so in a message ", key="5", minutes=14)
    record(desk, "promise", "we refund", key="6", minutes=15, due_on="2026-03-06")
    found = show_customer(desk.case_id, store=desk.cases, now=at(20))
    assert (found.tier, found.tags, found.is_named) == ("gold", ("wheelchair",), True)
    assert (found.consent.is_given, found.consent.by, found.consent.at) == (True, "ann", at(14))
    [given_word] = found.promises
    assert (given_word.text, given_word.due_on, given_word.is_late) == ("we refund", "2026-03-06", False)
    assert [(change.kind, change.by, change.at) for change in found.changes] == [
        ("promise", "ann", at(15)),
        ("consent", "ann", at(14)),
        ("untag", "bob", at(13)),
        ("tag", "ann", at(12)),
        ("tag", "ann", at(11)),
        ("tier", "ann", at(10)),
    ]


def test_consent_is_withdrawn_the_way_it_was_given():
    desk = Desk()
    record(desk, "consent", "by chat", key="1")
    record(desk, "consent_withdrawn", "wants no calls", key="2", minutes=30, actor="bob")
    consent = profile(desk).consent
    assert (consent.is_given, consent.by, consent.how, consent.at) == (False, "bob", "wants no calls", at(30))
    assert len(show_customer(desk.case_id, store=desk.cases, now=at(31)).changes) == 2


@pytest.mark.parametrize("kind", ["kept", "broken"])
def test_a_promise_is_shown_until_it_is_settled(kind):
    desk = Desk()
    made = record(desk, "promise", "we refund", due_on="2026-03-04")
    late = show(desk.case_id, store=desk.cases, now=at(2 * 24 * 60)).customer.promises
    assert [(promise.id, promise.is_late) for promise in late] == [(made.change.id, True)]
    record(desk, kind, made.change.id, key="2", minutes=60)
    assert show(desk.case_id, store=desk.cases, now=at(61)).customer.promises == ()
    with pytest.raises(ActionInvalid, match="No open promise"):
        record(desk, "kept", made.change.id, key="3")


def test_a_promise_is_seen_in_every_case_of_the_customer():
    desk = Desk(wrote("100", 0), wrote("200", 5))
    made = record(desk, "promise", "we refund", due_on="2026-03-06")
    cases = [summary.case_id for summary in desk.cases.list(closed=False, limit=9)]
    shown = [show(case_id, store=desk.cases, now=at(20)).customer.promises for case_id in cases]
    assert len(cases) == 2
    assert [promise.id for [promise] in shown] == [made.change.id] * 2


def test_a_repeat_changes_nothing_and_another_request_under_its_key_is_refused():
    desk = Desk()
    first = record(desk, "promise", "we refund", due_on="2026-03-06")
    before = desk.table.everything()
    again = record(desk, "promise", "we refund", due_on="2026-03-06", minutes=500)
    assert (again.repeated, again.change) == (True, first.change)
    assert desk.table.everything() == before
    with pytest.raises(IdempotencyMismatch):
        record(desk, "promise", "we refund twice", due_on="2026-03-06")


@pytest.mark.parametrize(
    ("kind", "value", "more", "says"),
    [
        ("tier", "glod", {}, "did you mean 'gold'"),
        ("tier", "platinum", {}, "use one of: blue, gold, silver"),
        ("tag", "Not a tag", {}, "A tag is"),
        ("tag", "", {}, "A tag is"),
        ("untag", "-", {}, "A tag is"),
        ("consent", " ", {}, "There is no text"),
        ("promise", "\u200b\u3164", {"due_on": "2026-03-06"}, "There is no text"),
        ("consent", "x" * 501, {}, "500 are allowed"),
        ("promise", "a\x00b", {"due_on": "2026-03-06"}, "control characters"),
        ("promise", "we refund", {"due_on": "Friday"}, "such as 2026-12-24"),
        ("promise", "we refund", {}, "such as 2026-12-24"),
        ("tier", "gold", {"key": "two words"}, "idempotency key"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(kind, value, more, says):
    desk = Desk()
    before = desk.table.everything()
    with pytest.raises(ActionInvalid, match=says):
        record(desk, kind, value, **more)
    assert desk.table.everything() == before


def test_a_profile_does_not_grow_for_ever():
    desk = Desk()
    for number in range(MOST_TAGS):
        record(desk, "tag", f"tag-{number}", key=f"t{number}")
    with pytest.raises(ActionInvalid, match="20 tags"):
        record(desk, "tag", "one-more", key="t")
    for number in range(MOST_PROMISES):
        record(desk, "promise", "we call", key=f"p{number}", due_on="2026-03-06")
    with pytest.raises(ActionInvalid, match="are open"):
        record(desk, "promise", "we call", key="p", due_on="2026-03-06")


def test_of_nobody_nothing_can_be_recorded():
    desk = Desk(replace(wrote("100", 0), author=None))
    with pytest.raises(ActionInvalid, match="does not say who"):
        record(desk, "tier", "gold")
    assert not show(desk.case_id, store=desk.cases, now=at(5)).customer.is_named
    with pytest.raises(UnknownCase):
        record(desk, "tier", "gold", case_id="c000000000000000")


def test_two_at_once_are_both_recorded():
    desk = Desk()

    class Overtaking(TableCaseStore):
        """Somebody else is faster, once."""

        done = False

        def record(self, customer, profile, change):
            if not self.done:
                Overtaking.done = True
                record(desk, "tag", "faster", key="other", actor="bob")
            super().record(customer, profile, change)

    remember(desk.case_id, wanted("tag", "slower"), ports=ports(Overtaking(desk.table)), now=at(10))
    assert profile(desk).tags == ("faster", "slower")
    assert profile(desk).version == 2
    with pytest.raises(Conflict):
        desk.cases.record(MIRA, replace(profile(desk), version=2), record(desk, "tag", "x", key="y").change)


# --- another tier -----------------------------------------------------------------------------------------------


def frt(desk, case_id):
    [clock] = [clock for clock in desk.cases.case(case_id)[0].state.running if clock.metric.value == "frt"]
    return clock.policy_id


def ids(desk):
    return {summary.text: summary.case_id for summary in desk.cases.list(closed=False, limit=9)}


def test_open_cases_hear_of_another_tier_and_new_ones_begin_with_it():
    desk = Desk(wrote("100", 0, text="bag"), wrote("200", 1, text="seat"), wrote("300", 2, "502", text="other"))
    bag = ids(desk)["bag"]
    record(desk, "tier", "gold", case_id=bag)
    hear(desk.cases, wrote("400", 20, text="meal"), wrote("500", 21, "502", text="late"))
    found = ids(desk)
    assert {text: frt(desk, case_id) for text, case_id in found.items()} == {
        "bag": "gold",
        "seat": "gold",
        "meal": "gold",
        "other": "standard",
        "late": "standard",
    }
    told = [event for event in desk.cases.events(found["bag"]) if event.kind is EventKind.TIER]
    assert [(event.actor, event.detail) for event in told] == [("ann", {"to": "gold"})]
    assert not [event for event in desk.cases.events(found["meal"]) if event.kind is EventKind.TIER]
    record(desk, "tier", None, key="2", minutes=30, case_id=bag)
    assert {frt(desk, found[text]) for text in ("bag", "seat", "meal")} == {"standard"}


def test_a_case_that_nothing_reopens_hears_nothing():
    desk = Desk(wrote("100", 0))
    desk.act(MoveCase(kind=EventKind.RESOLVE), minutes=5)
    record(desk, "tier", "gold", minutes=5 + 8 * 24 * 60)
    assert desk.events(EventKind.TIER) == []
    record(desk, "tier", "blue", key="2", minutes=20)
    assert len(desk.events(EventKind.TIER)) == 1


def test_a_case_opened_while_the_tier_is_given_begins_with_it():
    """The profile changes between the read and the write of whoever opens the case."""
    desk = Desk(wrote("100", 0, "502"))

    class Racing(TableCaseStore):
        def known(self, customer, *, most):
            found = super().known(customer, most=most)
            if found.profile == Profile():
                remember_of(MIRA, "", wanted("tier", "gold"), ports=ports(desk.cases), now=at(1))
            return found

    hear(Racing(desk.table), wrote("200", 2, text="meal"))
    assert frt(desk, ids(desk)["meal"]) == "gold"


def test_the_newest_tier_wins_whoever_comes_last_to_a_case():
    desk = Desk()
    first = record(desk, "tier", "gold")
    record(desk, "tier", "blue", key="2", minutes=11)
    again = record(desk, "tier", "gold", minutes=12)  # a repeat, perhaps of one that died before it told the cases
    assert (again.repeated, again.change) == (True, first.change)
    assert desk.state.tier == "blue"


def test_killed_anywhere_and_asked_for_again_it_is_as_if_nothing_had_happened():
    def asked(desk, counter):
        return remember(
            desk.case_id, wanted("tier", "gold"), ports=ports(Tripwire(desk.cases, counter)), now=at(10)
        )  # fmt: skip

    undisturbed, counter = Desk(wrote("100", 0), wrote("200", 1)), Counter()
    asked(undisturbed, counter)
    for death in every_death(counter.calls):
        desk = Desk(wrote("100", 0), wrote("200", 1))
        with pytest.raises(Killed):
            asked(desk, death)
        asked(desk, Counter())
        assert desk.table.everything() == undisturbed.table.everything(), death
    assert counter.calls > 6


def test_casework_killed_anywhere_while_it_opens_a_case_of_somebody_known():
    def desk_of_gold():
        desk = Desk(wrote("100", 0))
        record(desk, "tier", "gold")
        return desk

    undisturbed, counter = desk_of_gold(), Counter()
    hear(Tripwire(undisturbed.cases, counter), wrote("200", 20))
    for death in every_death(counter.calls):
        desk = desk_of_gold()
        with pytest.raises(Killed):
            hear(Tripwire(desk.cases, death), wrote("200", 20))
        hear(desk.cases, wrote("200", 20))
        assert desk.table.everything() == undisturbed.table.everything(), death


@settings(max_examples=25, deadline=None)
@given(st.permutations([wrote("100", 0), wrote("101", 1, parent_id="100"), wrote("102", 2, parent_id="101")]))
def test_in_whatever_order_they_arrive_the_promise_is_that_of_the_tier(facts):
    table, cases = world.store()
    remember_of(MIRA, "", wanted("tier", "gold"), ports=ports(cases), now=at(-60))
    for fact in facts:
        hear(cases, fact)
    states = [state["state"] for state in world.outcome(table, cases)]
    assert len(states) == 1
    assert '"policy_id":"gold"' in states[0]
    assert '"binding_at"' not in states[0]


# --- what is known when a case opens ----------------------------------------------------------------------------


def test_earlier_complaints_and_places_are_known_when_a_case_opens():
    _, cases = world.store()
    for number, days in enumerate((-400, -40, -20, -10)):
        hear(cases, wrote(f"{number}00", days * 24 * 60), labels=COMPLAINT)
    hear(cases, wrote("500", -5 * 24 * 60))
    hear(cases, wrote("600", 0, text="again"), labels=COMPLAINT)
    [summary] = [one for one in cases.list(closed=False, limit=9) if one.text == "again"]
    state = cases.case(summary.case_id)[0].state
    assert (state.complaints_before, state.places_before) == (2, ("Lisbon",))
    assert "third complaint this month" in summary.reasons
    assert "again at Lisbon" in summary.reasons
    shown = show(summary.case_id, store=cases, now=at(1))
    assert shown.customer.complaints == 3
    assert [(other.is_complaint, other.places) for other in shown.others] == [
        (False, ()),
        *[(True, ("Lisbon",))] * 4,
    ]


def test_only_opening_a_case_asks_who_it_is():
    """A follow-up costs what it cost before there were customers."""
    _, cases = world.store()

    def calls(*facts):
        counter = Counter()
        hear(Tripwire(cases, counter), *facts)
        return counter.calls

    # The first asks whether it was erased, which is no call where nobody can have been.
    assert calls(wrote("100", 0)) == 1 + 3  # look, who is it, commit
    assert calls(wrote("101", 1, parent_id="100")) == 1 + 3  # look, the case, commit
    assert calls(wrote("200", 2)) == 1 + 4  # and the earlier cases


def test_a_case_taken_over_by_another_is_no_earlier_case():
    desk = Desk(wrote("100", 0), wrote("103", 9, parent_id="102"))
    assert len(desk.cases.known(MIRA, most=9).case_ids) == 2
    take(desk.cases, [replace(wrote("102", 8, parent_id="100"))])
    [left] = [one.case_id for one in desk.cases.list(closed=False, limit=9)]
    assert show(left, store=desk.cases, now=at(20)).others == ()


def test_what_came_of_the_answer_is_shown_with_what_they_wrote_elsewhere():
    from tests.usecases.world import answered

    _, cases = world.store()
    hear(cases, wrote("100", 0, text="bag"), labels=COMPLAINT)
    hear(cases, answered("101", 30, "100"))
    hear(cases, wrote("200", 24 * 60, text="seat"), labels=COMPLAINT)
    found = {one.text: one.case_id for one in cases.list(closed=False, limit=9)}
    shown = show(found["bag"], store=cases, now=at(48 * 60))
    assert (shown.after.outcome, shown.after.is_final) == ("repeated", False)
    assert show(found["bag"], store=cases, now=at(30) + timedelta(days=7)).after.is_final
    assert show(found["seat"], store=cases, now=at(48 * 60)).after is None
