"""A person has everything erased: nothing of theirs is left or comes back, and everything of others stays."""

import json
from dataclasses import replace
from functools import cache

import pytest

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.inventory import KINDS, kind_of
from chalicelib.ports.customers import Customer
from chalicelib.usecases import erase, report
from chalicelib.usecases.cases.timeline import Overtaken
from tests.usecases.life import CUSTOMER, ERASED_AT, MARK, NEXT_DAY, OTHER, SEAL, SHE, Life, copied, hers, mark
from tests.usecases.tripwire import Counter, Killed, every_death
from tests.usecases.world import T0, answered, at, edited, wrote

LATER = ERASED_AT + 60
DAY = T0.date()


@cache
def lived():
    return Life().live()


@pytest.fixture
def life():
    return lived().copy()


def items(life):
    return {key: text for key, text in life.everything().items() if " / " in key}


def kind(key):
    pk, sk = key.split(" / ", 1)
    return kind_of((pk, sk))


# --- nothing is left ----------------------------------------------------------------------------------------------


def test_her_life_has_left_every_kind_of_personal_item(life):
    """A new kind must be brought about here, or nobody would notice that it stays."""
    # What is wanted is an id in a queue of our own: it ends within seven days, and what it brings meets the mark.
    under_way = {"ERASED#", "ERASING", "WANTED#"}
    seen = {(kind(key).pk, kind(key).sk) for key in items(life)}
    assert {(k.pk, k.sk) for k in KINDS if k.is_personal and k.pk not in under_way} <= seen
    assert len(life.marked()) > 60


def test_nothing_of_her_is_left_in_table_bucket_and_dead_letters(life):
    assert life.erase().is_done
    assert life.marked() == []


def test_hers_are_found_by_no_id_of_a_case_either(life):
    ids = {key.split(" / ")[0].removeprefix("CASE#") for key in life.marked() if key.startswith("CASE#")}
    life.erase()
    left = life.everything()
    gone = {case_id for case_id in ids if f"CASE#{case_id} / STATE" not in left}
    assert len(gone) > 3
    assert not [key for key, text in left.items() if any(case_id in key + text for case_id in gone)]


# --- everything of others stays -----------------------------------------------------------------------------------


def test_what_others_have_is_as_it_was(life):
    before, marked = life.everything(), set(life.marked())
    hers = {key.split(" / ")[0].removeprefix("CASE#") for key in marked if key.startswith("CASE#")}
    life.erase()
    after = life.everything()
    kept = {
        key
        for key, text in before.items()
        if key not in marked
        and not any(case_id in key + text for case_id in hers)
        and not key.startswith(("INCIDENT#", "MSG#x#somebody-unknown"))  # she was in one, and waited for the other
    }
    assert len(kept) > 250
    assert {key: after.get(key) for key in kept} == {key: before[key] for key in kept}


def test_what_was_counted_stays_counted_also_when_the_days_are_rolled_up_again(life):
    lines, causes, incident = life.rollups.read(DAY), life.rollups.causes(DAY), life.one
    fix = life.fixes.all()[0]
    people = {seen.who for seen in life.fixes.seen(fix.fix_id, T0)}
    life.erase()
    report.rebuild(DAY, DAY, ports=life.reporting, now=NEXT_DAY)
    assert (life.rollups.read(DAY), life.rollups.causes(DAY)) == (lines, causes)
    assert len({member.who for member in life.members}) == incident.people
    assert (life.one.people, life.one.reach) == (incident.people, incident.reach)
    assert len({seen.who for seen in life.fixes.seen(fix.fix_id, T0)}) == len(people)


def test_of_a_case_with_two_people_the_other_keeps_theirs(life):
    staying = life.of("7021")
    before = {event.key: event for event in life.cases.events(staying)}
    life.erase()
    after = {event.key: event for event in life.cases.events(staying)}
    own = [event for event in after.values() if event.fact and event.fact.author == OTHER]
    assert own == [event for event in before.values() if event.fact and event.fact.author == OTHER]
    notes = {event.text for event in after.values() if event.kind == "note"}
    assert notes == {None, "a voucher was sent"}
    case, _ = life.cases.case(staying)
    assert (case.state.messages, case.state.latest_text) == (2, "with my friend")


def test_in_a_delivery_of_two_what_the_other_wrote_waits_on(life):
    life.erase()
    bodies = [life.quarantine.message(entry).body.decode() for entry in life.quarantine.waiting()]
    assert ["me too" in bodies[0], "hello" in bodies[1], "only me" in bodies[2]] == [True] * 3
    assert json.loads(bodies[0])["for_user_id"] == "900"
    assert len(life.letters.queues["mentions"]) == len(life.letters.queues["pages"]) == 1


# --- again, and in the middle -------------------------------------------------------------------------------------


def test_once_more_changes_nothing(life):
    life.erase()
    before = life.everything()
    life.erase(minutes=ERASED_AT)
    assert life.everything() == before


def all_calls():
    life = lived().copy()
    counter = Counter()
    life.erase(counter)
    return counter.calls


def test_it_may_be_killed_at_any_call_and_be_repeated():
    whole = lived().copy()
    whole.erase()
    deaths = list(every_death(all_calls()))
    for counter in deaths[:: max(1, len(deaths) // 60)]:
        life = lived().copy()
        with pytest.raises(Killed):
            life.erase(counter)
        life.letters.forget_hidden()
        erase.go_on(life.erasing(), at(ERASED_AT))
        if not life.ledger.kept:  # it died before anything was written down
            life.erase()
        life.erase()
        assert life.marked() == [], counter
        assert items(life).keys() == items(whole).keys(), counter


def test_without_time_the_order_stands_and_is_gone_on_with(life):
    left = iter([True] * 3)
    ports = replace(life.erasing(), has_time=lambda: next(left, False))
    assert not erase.erase(CUSTOMER, (), ports, at(ERASED_AT), by="lea").is_done
    assert erase.go_on(ports, at(ERASED_AT)) == 1
    assert erase.go_on(life.erasing(), at(ERASED_AT)) == 0
    assert life.marked() == []


# --- what comes later ---------------------------------------------------------------------------------------------

OLD = [
    hers(1, 25),
    hers(61, 100),  # was on a queue all the time
    hers(62, 100, private=True, thread_id=f"{MARK}-900"),
    hers(3, LATER, occurred_at=None, received_at=at(LATER)),  # a platform that says no time sends it again
    edited(mark(3), LATER, f"again {MARK}"),
    answered("9002", 30, None, private=True, thread_id=f"{MARK}-900", customer_id=SHE.id),
    answered("9501", LATER, mark(1)),
    answered(mark("receipt"), LATER, mark(1)),
]


@pytest.mark.parametrize("late", OLD, ids=lambda fact: f"{fact.kind}-{fact.message_id}")
def test_what_was_erased_never_comes_back(life, late):
    life.erase()
    before = items(life)
    life.hear([late], minutes=LATER)
    assert items(life) == before


def test_what_she_writes_anew_opens_a_case_as_of_somebody_nobody_knows(life):
    life.erase()
    life.hear([hers(70, LATER)], minutes=LATER)
    case, _ = life.cases.case(life.of(mark(70)))
    assert (case.state.tier, case.state.complaints_before, case.state.messages) == (None, 0, 1)
    life.hear([answered("9701", LATER + 1, mark(70)), hers(71, LATER + 2, parent_id="9701")], minutes=LATER + 3)
    case, _ = life.cases.case(case.case_id)
    assert (case.state.messages, case.state.answers) == (2, 1)


class Slow(TableCaseStore):
    """Somebody erases her between its reading and its first writing."""

    def __init__(self, life):
        super().__init__(life.table, seal=SEAL)
        self.life = life

    def commit(self, commit):
        if not self.life.ledger.kept:
            self.life.erase()
        super().commit(commit)


def test_a_worker_that_had_read_before_she_was_erased_writes_nothing(life):
    """It opens a case, and she is erased between its reading and its writing."""

    with pytest.raises(Overtaken):
        life.hear([hers(80, 100)], store=Slow(life))
    life.hear([hers(80, 100)])
    assert life.marked() == []


def test_an_answer_that_is_parked_while_she_is_erased_is_not(life):
    late = answered("9801", LATER, mark(1))
    with pytest.raises(Overtaken):
        life.hear([late], store=Slow(life))
    life.hear([late])
    assert life.marked() == []


# --- after a restore ----------------------------------------------------------------------------------------------


def test_a_restored_table_is_cleared_by_the_ledger_again(life):
    before = copied(life.table)
    life.erase()
    life = life.by(before)
    assert len(life.marked()) > 60
    [done] = erase.replay_ledger(life.erasing(), at(LATER))
    assert done.is_done
    assert life.marked() == []


def test_what_she_wrote_after_her_erasure_survives_a_replay(life):
    life.erase()
    life.hear([hers(90, LATER)], minutes=LATER)
    before = items(life)
    assert len([*erase.replay_ledger(life.erasing(), at(LATER + 60))]) == 1
    assert {key: text for key, text in items(life).items() if "ERAS" not in key} == {
        key: text for key, text in before.items() if "ERAS" not in key
    }


# --- looking first, and taking along ------------------------------------------------------------------------------


def test_the_preview_counts_and_changes_nothing(life):
    before = life.everything()
    found = erase.preview(CUSTOMER, (), life.erasing(), at(ERASED_AT))
    assert life.everything() == before
    assert len(found.shared) == 2
    assert found.items["timeline entries"] > 10
    assert set(found.items) <= {k.what for k in KINDS}


def test_nobody_is_known_by_an_id_that_was_never_heard(life):
    stranger = Customer(platform="x", author_key="404")
    with pytest.raises(erase.NobodyKnown):
        erase.preview(stranger, (), life.erasing(), at(ERASED_AT))


def test_an_export_holds_what_is_hers_and_nothing_that_others_wrote(life):
    found = erase.export(CUSTOMER, (), life.erasing(), at(ERASED_AT))
    text = json.dumps(found.held, default=str) + repr(found.shared)
    for number in (1, 2, 4, 6, 21, 31):
        assert f"{MARK} {number}" in text
    for said in ("spoke with", "Dear", "refund for", "gold", "said so", "press"):
        assert said in text
    assert "with my friend" not in text
    assert "for my friend" not in text
    assert found.in_requests == 5


def test_a_case_of_somebody_the_platform_did_not_name_goes_by_its_id(life):
    life.hear([replace(wrote("6001", 90, text="who am I"), author=None)])
    case_id = life.of("6001")
    customer = erase.customer_of_case(case_id, life.cases)
    erase.erase(customer, [case_id], life.erasing(), at(ERASED_AT), by="lea")
    assert not [key for key, text in life.everything().items() if "6001" in key + text or "who am I" in text]


def test_whoever_works_by_the_clock_goes_on_without_her(life):
    life.erase()
    life.sweep(ERASED_AT, ERASED_AT + 3)
    life.watch(ERASED_AT + 4)
    assert report.roll_up_ended(life.reporting, at(ERASED_AT + 24 * 60)).behind == 0
    assert life.marked() == []


def test_what_she_writes_before_it_is_finished_finds_nothing_recorded_of_her(life):
    """The order waits for the next hour, and she writes meanwhile."""
    left = iter([True] * 2)
    erase.erase(CUSTOMER, (), replace(life.erasing(), has_time=lambda: next(left, False)), at(ERASED_AT), by="lea")
    life.hear([hers(70, LATER)], minutes=LATER)
    assert erase.go_on(life.erasing(), at(LATER + 60)) == 0
    assert {key.split(" / ")[0] for key in life.marked()} & {f"CHANGED#x#{SHE.id}", f"WAITS#x#{SHE.id}"} == set()
    case, _ = life.cases.case(life.of(mark(70)))
    assert (case.state.tier, case.state.messages) == (None, 1)
    assert life.cases.author_cases("x", SHE.id) == (case.case_id,)


def test_who_orders_again_before_it_is_finished_loses_nothing_that_the_first_order_knew(life):
    """The API clears the table alone: what names her in the bucket is known by cases that are gone."""
    table_alone = replace(life.erasing(), bodies=None, letters=None)
    for minutes in (ERASED_AT, ERASED_AT + 1):
        done = erase.erase(CUSTOMER, (), table_alone, at(minutes), by="lea")
        assert not done.is_done
    [order] = life.erasing().traces.orders()
    assert {mark(1), mark("2b")} <= set(order.message_ids)
    assert SHE.handle in order.names
    assert erase.go_on(life.erasing(), at(ERASED_AT + 60)) == 0
    assert life.marked() == []


def test_cases_and_parts_of_cases_are_counted_apart(life):
    done = life.erase()
    assert (done.shared, done.cases) == (2, len(erase.preview(CUSTOMER, (), lived().erasing(), at(ERASED_AT)).cases))
