"""Days rolled up by the clock: when, how far back, what it costs, and what survives an end in the middle."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.leases import TableLeases
from chalicelib.adapters.rollups import TableRollups
from chalicelib.domain.attainment import Share
from chalicelib.domain.calendar import always_open
from chalicelib.domain.events import EventKind
from chalicelib.domain.policy import Match, PolicyBook
from chalicelib.domain.rollup import total
from chalicelib.ports.policies import Promises
from chalicelib.usecases import merging
from chalicelib.usecases import report as reporting
from chalicelib.usecases.act import MoveCase
from chalicelib.usecases.report import REACH, RolledUp, SchedulePorts, rebuild, report, roll_up_ended
from tests.usecases.test_act import Desk
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death
from tests.usecases.world import MORNING, PROMISES, STANDARD, T0, answered, at, shuffled, take, wrote

DAY = T0.date()
NIGHT = datetime.combine(DAY + timedelta(days=1), datetime.min.time(), UTC)  # the day is over in UTC
HOUR = timedelta(hours=1)


def in_zone(zone):
    return replace(always_open(), id=zone, zone=zone)


AUCKLAND = replace(
    STANDARD, id="auckland", calendar=in_zone("Pacific/Auckland"), match=Match(channels=frozenset({"y"}))
)
THREE_ZONES = Promises(
    books={
        1: PolicyBook(
            version=1,
            policies=(
                AUCKLAND,
                replace(AUCKLAND, id="kolkata", calendar=in_zone("Asia/Kolkata")),
                replace(STANDARD, calendar=in_zone("America/New_York")),
            ),
        )
    }
)


class Office:
    """A desk whose days are rolled up by the clock."""

    def __init__(self, *facts, promises=PROMISES):
        self.desk = Desk(*facts)
        self.promises = promises

    def ports(self, table=None, has_time=lambda: True):
        table = table or self.desk.table
        return SchedulePorts(
            store=TableCaseStore(table),
            rollups=TableRollups(table),
            promises=self.promises,
            leases=TableLeases(table),
            has_time=has_time,
        )

    def run(self, now, **values) -> RolledUp:
        return roll_up_ended(self.ports(**values), now)

    def shares(self, day=DAY):
        found = report(day, day, rollups=TableRollups(self.desk.table))
        return None if found.missing else total(line for line in found.lines if line.place.metric == "frt").share

    def days(self):
        return {key: item for key, item in self.desk.table.everything().items() if key[0].startswith("ROLLUP#")}


# --- when -------------------------------------------------------------------------------------------------------


def test_a_day_is_rolled_up_once_it_has_ended():
    office = Office(wrote("100", 0), answered("101", 30, "100"))
    office.run(NIGHT - timedelta(seconds=1))
    assert office.shares() is None
    assert office.run(NIGHT).days == 16  # it, the day before that had not been rolled up, and the fourteen before
    assert office.shares() == Share(met=1)


def test_days_end_at_the_hours_of_the_promises_zones():
    office = Office(promises=THREE_ZONES)
    start = datetime(2026, 3, 10, 0, 30, tzinfo=UTC)
    runs = [office.run(start + number * HOUR).days > 0 for number in range(72)]
    # From Monday 00:30 UTC: what ended before; Auckland at 11:00, Kolkata at 18:30 (19:30 looks), New York at 04:00.
    assert [hour for hour, did in enumerate(runs) if did][:7] == [0, 4, 11, 18, 28, 35, 42]


def test_a_zone_of_half_an_hour_is_met_by_the_next_hour():
    office = Office(promises=THREE_ZONES)
    office.run(datetime(2026, 3, 10, 18, 29, tzinfo=UTC))
    assert office.run(datetime(2026, 3, 10, 19, 0, tzinfo=UTC)).days > 0
    assert TableRollups(office.desk.table).done()["Asia/Kolkata"] == date(2026, 3, 10)


def test_between_two_ends_it_asks_once_and_reads_no_case():
    office = Office(*MORNING)
    office.run(NIGHT)
    counter = Counter()
    assert office.run(NIGHT + HOUR, table=Tripwire(office.desk.table, counter)) == RolledUp()
    assert counter.calls == 1


def test_what_had_not_changed_is_not_read_again():
    office = Office(wrote("100", 0), answered("101", 30, "100"), wrote("200", 5, who="502"))
    for message_id in ("100", "200"):
        office.desk.act(MoveCase(kind=EventKind.RESOLVE), minutes=300, case_id=case_of(office, message_id))
    runs = [office.run(NIGHT + timedelta(days=day)) for day in range(2)]
    assert [(run.read, run.kept) for run in runs] == [(2, 0), (0, 2)]
    take(office.desk.cases, [wrote("900", 2 * 24 * 60, who="503")])
    third = office.run(NIGHT + timedelta(days=2))
    assert (third.read, third.kept) == (1, 2)


def case_of(office, message_id):
    return office.desk.cases.addresses("x", [message_id])[message_id].case_id


def test_a_promise_that_breaks_while_nothing_happens_is_counted():
    office = Office(wrote("100", 13.5 * 60))
    office.run(NIGHT)  # the first reply is due at 00:30
    assert office.shares(DAY) == Share()
    done = office.run(NIGHT + timedelta(days=1))
    assert (done.read, done.kept, office.shares(DAY + timedelta(days=1))) == (1, 0, Share(breached=1))


def test_a_day_that_was_missed_is_made_up_for():
    office = Office(wrote("100", 0))
    office.run(NIGHT)
    take(office.desk.cases, [wrote("200", 24 * 60, who="502")])
    assert office.run(NIGHT + timedelta(days=40)).days == 40 + 1 + 14
    assert office.shares(DAY + timedelta(days=1)) == Share(breached=1)


# --- how far back -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days_later", "share"), [(1, Share(met=1)), (14, Share(met=1)), (16, Share(breached=1))])
def test_a_late_answer_corrects_its_day_for_two_weeks(days_later, share):
    office = Office(wrote("100", 0))
    for day in range(days_later):
        office.run(NIGHT + timedelta(days=day))
    assert office.shares() == Share(breached=1)
    take(office.desk.cases, [answered("101", 50, "100", received_at=NIGHT + timedelta(days=days_later, minutes=-5))])
    office.run(NIGHT + timedelta(days=days_later))
    assert office.shares() == share
    assert timedelta(days=14) == REACH
    rebuild(DAY, DAY, ports=office.ports(), now=NIGHT + timedelta(days=days_later))
    assert office.shares() == Share(met=1)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), cuts=st.lists(st.integers(1, len(MORNING) - 1), max_size=3, unique=True))
def test_it_comes_to_what_a_rebuild_comes_to(seed, cuts):
    """Facts in any order, some of them only after days on which the rest was rolled up."""
    facts = shuffled(MORNING, seed)
    office = Office(facts[0])
    edges = sorted({1, *cuts, len(facts)})
    for number, (begin, end) in enumerate(pairwise(edges)):
        take(office.desk.cases, facts[begin:end])
        office.run(NIGHT + timedelta(days=number))
    for day in (5, 9):  # a week after an answer it is decided what came of it
        office.run(NIGHT + timedelta(days=day))
    rolled = office.days()
    rebuild(DAY - timedelta(days=14), DAY + timedelta(days=9), ports=office.ports(), now=NIGHT + timedelta(days=9))
    assert {key: item for key, item in office.days().items() if key in rolled} == rolled
    assert len({pk for pk, sk in rolled if sk != "@"}) > 1


# --- when it ends in the middle ---------------------------------------------------------------------------------


def test_it_goes_on_where_time_ran_out():
    office = Office(*(wrote(f"{number}00", 0, who=f"{number}") for number in range(10, 30)))
    undisturbed = Office(*(wrote(f"{number}00", 0, who=f"{number}") for number in range(10, 30)))
    undisturbed.run(NIGHT)
    runs = []
    for hour in range(10):
        left = iter([True] * 6)
        runs.append(office.run(NIGHT + hour * HOUR, has_time=lambda left=left: next(left, False)))
        if runs[-1].days:
            break
        assert (runs[-1].behind, office.shares()) == (1, None)
    # Six cases in a run; those of an earlier one still take their turn in the walk.
    assert runs[-1].days == 0
    left = iter([True] * 40)
    done = office.run(NIGHT + 11 * HOUR, has_time=lambda: next(left, False))
    assert (done.behind, done.kept) == (0, 6)
    assert office.days() == undisturbed.days()


def test_two_at_once_are_one():
    office = Office(*MORNING)
    results = []

    class Twice:
        """Another run begins while this one walks."""

        def __init__(self, inner):
            self._inner = inner

        def __getattr__(self, name):
            return getattr(self._inner, name)

        def query_index(self, *args, **values):
            if not results:
                results.append(office.run(NIGHT))
            return self._inner.query_index(*args, **values)

    assert office.run(NIGHT, table=Twice(office.desk.table)).days == 15
    assert (results[0].days, results[0].behind) == (0, 1)


def test_killed_anywhere_the_next_hour_makes_up_for_it():
    facts = (wrote("100", 0), answered("101", 30, "100"), wrote("200", 5, who="502"))
    undisturbed, counter = Office(*facts), Counter()
    undisturbed.run(NIGHT, table=Tripwire(undisturbed.desk.table, counter))
    assert counter.calls > 40
    for death in every_death(counter.calls):
        office = Office(*facts)
        with pytest.raises(Killed):
            office.run(NIGHT, table=Tripwire(office.desk.table, death))
        office.run(NIGHT + HOUR)
        assert office.days() == undisturbed.days(), death
        assert TableRollups(office.desk.table).done() == TableRollups(undisturbed.desk.table).done()


def test_a_case_that_needs_lost_policies_is_named_and_the_others_count():
    office = Office(wrote("100", 0))
    lost = Promises(books={2: replace(PROMISES.books[1], version=2)})
    office.promises = lost
    done = office.run(NIGHT)
    assert (done.unreadable, done.days) == ((office.desk.case_id,), 15)


def test_many_cases_are_walked_in_pages(monkeypatch):
    monkeypatch.setattr(reporting, "PAGE", 2)
    office = Office(*(wrote(f"{number}00", 0, who=f"{number}") for number in range(10, 30)))
    assert office.run(NIGHT).read == 20
    assert office.shares() == Share(breached=20)


def test_cases_that_were_joined_count_once():
    office = Office(wrote("100", 0), wrote("200", 5, thread_id="200"))
    office.run(at(20))
    ports = merging.Ports(store=office.desk.cases, promises=PROMISES, backoff=lambda _: None)
    going, staying = case_of(office, "200"), case_of(office, "100")
    merging.merge(
        staying, merging.MergeRequest(from_id=going, actor="ann", idempotency_key="1"), ports=ports, now=at(30)
    )
    office.run(NIGHT)
    found = total(report(DAY, DAY, rollups=TableRollups(office.desk.table)).lines)
    assert (found.breached, found.cancelled) == (1, 2)
