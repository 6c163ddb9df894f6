"""Days rolled up from the table: the numbers of the reporting scenarios, and rebuilds that can be repeated."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.rollups import TableRollups
from chalicelib.domain.attainment import Share
from chalicelib.domain.events import EventKind
from chalicelib.domain.labels import UNLABELLED, Label, Sentiment, Verdict
from chalicelib.domain.rollup import AFTER, total
from chalicelib.ports.cases import Labelled
from chalicelib.ports.policies import Promises
from chalicelib.usecases import casework
from chalicelib.usecases import report as reporting
from chalicelib.usecases.act import MoveCase
from chalicelib.usecases.report import rebuild, report
from tests.usecases.test_act import Desk
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death
from tests.usecases.world import MORNING, PROMISES, T0, answered, at, shuffled, take, wrote
from tests.usecases.world import ports as world_ports

DAY = T0.date()


class Office:
    """A desk whose days can be rolled up."""

    def __init__(self, *facts):
        self.desk = Desk(*facts)
        self.rollups = TableRollups(self.desk.table)
        self.ports = reporting.Ports(store=self.desk.cases, rollups=self.rollups, promises=PROMISES)

    def hear(self, fact, labels=None):
        casework.take([Labelled(fact=fact, labels=labels)], world_ports(self.desk.cases))

    def rebuild(self, first=DAY, last=DAY, minutes=24 * 60):
        return rebuild(first, last, ports=self.ports, now=at(minutes))

    def frt(self, minutes=24 * 60):
        self.rebuild(minutes=minutes)
        found = report(DAY, DAY, rollups=self.rollups).lines
        return total(line for line in found if line.place.metric == "frt")

    def stored(self):
        return {key: item for key, item in self.desk.table.everything().items() if key[0].startswith("ROLLUP#")}


def asked(number, minutes=0, *, message_id=None, **values):
    return wrote(message_id or f"{number}00", minutes, who=f"{number}", **values)


def told(number, minutes, **values):
    return answered(f"{number}01", minutes, f"{number}00", **values)


def ten_clocks(**second_breach):
    """Of scenario 81: six met, one withdrawn to met, two broken, and one to be resolved without a reply."""
    late_echo = told(7, 58, received_at=at(66))
    return [
        *(fact for number in range(11, 17) for fact in (asked(number), told(number, 30))),
        asked(7),
        late_echo,
        asked(8),
        told(8, 80),
        asked(9, **second_breach),
        told(9, 88),
        asked(10),
    ]


def office_of_ten(**second_breach):
    office = Office(*ten_clocks(**second_breach))
    listed = office.desk.cases.list(closed=False, limit=100)
    [thanks] = [case.case_id for case in listed if case.author == "h10"]
    office.desk.act(MoveCase(kind=EventKind.RESOLVE), minutes=40, case_id=thanks)
    return office


def test_scenario_81():
    office = office_of_ten()
    tally = office.frt(minutes=90)
    assert (tally.share, tally.no_reply) == (Share(met=7, breached=2), 1)
    assert f"{tally.share.percent:.1f}" == "77.8"
    take(office.desk.cases, [asked(20, 90)])
    assert office.frt(minutes=120).share == Share(met=7, breached=2)
    assert office.frt(minutes=150).share == Share(met=7, breached=2)
    tally = office.frt(minutes=151)
    assert tally.share == Share(met=7, breached=3)
    assert f"{tally.share.percent:.1f}" == "70.0"


def test_scenario_82():
    tally = office_of_ten(received_at=at(85)).frt(minutes=90)
    assert (tally.share, tally.share_without_late) == (Share(met=7, breached=2), Share(met=7, breached=1))
    assert f"{tally.share.percent:.1f}, {tally.share_without_late.percent:.1f}" == "77.8, 87.5"


# --- a rebuild ------------------------------------------------------------------------------------------------


def test_a_day_rolled_up_twice_is_the_same():
    office = Office(*MORNING)
    office.rebuild()
    before = office.stored()
    office.rebuild()
    assert office.stored() == before
    assert len(before) > 1


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_arrival_changes_no_roll_up(seed):
    one, other = Office(*MORNING), Office(*shuffled(MORNING, seed))
    one.rebuild()
    other.rebuild()
    assert one.stored() == other.stored()


def test_days_rolled_up_one_by_one_are_those_rolled_up_together():
    later = [asked(30, 24 * 60 * number, received_at=at(24 * 60 * number + 1)) for number in range(1, 3)]
    together, apart = Office(*MORNING, *later), Office(*MORNING, *later)
    span = reporting.days(DAY, DAY + timedelta(days=4))
    together.rebuild(span[0], span[-1], minutes=5 * 24 * 60)
    for day in span:
        apart.rebuild(day, day, minutes=5 * 24 * 60)
    assert together.stored() == apart.stored()
    assert {line.day for line in report(span[0], span[-1], rollups=apart.rollups).lines} > {DAY}


def test_a_late_answer_corrects_its_day():
    office = Office(asked(1))
    assert office.frt().share == Share(breached=1)
    take(office.desk.cases, [told(1, 50, received_at=at(25 * 60))])
    assert office.frt().share == Share(met=1)


def test_closed_cases_and_those_of_long_ago_count():
    office = Office(asked(1), told(1, 30))
    office.desk.act(MoveCase(kind=EventKind.RESOLVE), minutes=40)
    done = office.rebuild(minutes=200 * 24 * 60)
    assert (done.days, done.cases, done.clocks) == (1, 1, 2)
    late = DAY + timedelta(days=100)
    assert office.rebuild(late, late, minutes=200 * 24 * 60).cases == 0  # nothing ran or happened then
    early = DAY - timedelta(days=100)
    assert office.rebuild(early, early, minutes=200 * 24 * 60).cases == 0


def test_a_case_that_needs_lost_policies_is_named():
    office = Office(asked(1))
    ports = reporting.Ports(store=office.desk.cases, rollups=office.rollups, promises=Promises(books={}))
    done = rebuild(DAY, DAY, ports=ports, now=at(90))
    assert (done.unreadable, done.clocks) == ((office.desk.case_id,), 0)


def test_many_cases_are_walked_in_pages(monkeypatch):
    monkeypatch.setattr(reporting, "PAGE", 2)
    office = Office(*(asked(number) for number in range(1, 30)))
    assert office.rebuild().cases == 29


# --- what came of answers -----------------------------------------------------------------------------------


COMPLAINT = replace(UNLABELLED, complaint=Label(Verdict.YES, 0.9))
PLEASED = replace(UNLABELLED, sentiment=Label(Sentiment.POSITIVE, 0.9))
DECIDED = DAY + timedelta(days=7)
WEEKS = 14 * 24 * 60


def office_after_answers():
    """Three who complained: one thanks, one comes with another case, one says nothing; and one who only asked."""
    office = Office(asked(9, 0))
    for number in (1, 2, 3):
        office.hear(asked(number), labels=COMPLAINT)
        office.hear(told(number, 30))
    office.hear(told(9, 30))
    office.hear(asked(1, 60, message_id="109", thread_id="100"), labels=PLEASED)
    office.hear(wrote("888", 3 * 24 * 60, who="2"), labels=COMPLAINT)
    return office


def came(office, first=DECIDED, last=DECIDED, minutes=WEEKS):
    office.rebuild(first, last, minutes=minutes)
    lines = report(first, last, rollups=office.rollups).lines
    return total(line for line in lines if line.place.metric == AFTER).after


def test_what_came_of_an_answer_counts_on_the_day_its_week_is_over():
    office = office_after_answers()
    found = came(office)
    assert (found.thanked, found.repeated, found.silent) == (1, 1, 2)
    assert found.share_won_back == Share(met=1, breached=2)
    assert came(office, DAY, DECIDED - timedelta(days=1)).total == 0
    assert came(office, minutes=7 * 24 * 60).total == 0  # half an hour is left


def test_an_outcome_is_no_clock_and_spam_has_none():
    office = office_after_answers()
    before = office.rebuild(DECIDED, DECIDED, minutes=WEEKS)
    assert before.clocks == sum(
        line.tally.met + line.tally.breached + line.tally.cancelled
        for line in report(DECIDED, DECIDED, rollups=office.rollups).lines
    )
    [silent] = [case.case_id for case in office.desk.cases.list(closed=False, limit=99) if case.author == "h9"]
    office.desk.act(MoveCase(kind=EventKind.SPAM), minutes=60, case_id=silent)
    assert came(office).silent == 1


def test_what_came_of_answers_can_be_rolled_up_again():
    office = office_after_answers()
    came(office)
    before = office.stored()
    assert came(office).total == 4
    assert office.stored() == before


def under(table, office):
    return reporting.Ports(store=TableCaseStore(table), rollups=TableRollups(table), promises=office.ports.promises)


def test_killed_anywhere_and_done_again_it_is_as_if_nothing_had_happened():
    undisturbed = Office(*MORNING)
    counter = Counter()
    rebuild(DAY, DAY, ports=under(Tripwire(undisturbed.desk.table, counter), undisturbed), now=at(24 * 60))
    for death in every_death(counter.calls):
        office = Office(*MORNING)
        with pytest.raises(Killed):
            rebuild(DAY, DAY, ports=under(Tripwire(office.desk.table, death), office), now=at(24 * 60))
        office.rebuild()
        assert office.stored() == undisturbed.stored()
    assert counter.calls > 20
