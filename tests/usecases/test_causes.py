"""Causes from stored events, what a lead calls fixed, and the watch that reopens it."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest

from chalicelib.adapters.fixes import TableFixes
from chalicelib.adapters.rollups import TableRollups
from chalicelib.domain.causes import totals
from chalicelib.domain.fixes import FixStatus, What
from chalicelib.ports.alerts import AlertUndelivered
from chalicelib.usecases import causes, report
from tests.usecases.outage import BEGAN, Airline, outage
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death
from tests.usecases.world import PROMISES, T0, at, no_waiting

APP = What(aspect="app")
DAY = T0.date()


class Office(Airline):
    def __init__(self, **values):
        super().__init__(**values)
        self.fixes, self.rollups = TableFixes(self.table), TableRollups(self.table)

    @property
    def cause_ports(self):
        return self.wired()

    def wired(self, counter=None):
        def wrap(part):
            return Tripwire(part, counter) if counter else part

        return causes.Ports(
            fixes=wrap(self.fixes),
            rollups=self.rollups,
            alerts=wrap(self.alerts),
            promises=PROMISES,
            backoff=no_waiting,
        )

    def rebuild(self):
        ports = report.Ports(store=self.cases, rollups=self.rollups, promises=PROMISES)
        return report.rebuild(DAY, DAY, ports=ports, now=at(60))

    def fix(self, cause=APP, minutes=0):
        return causes.call_fixed(cause, "new server", actor="lea", ports=self.cause_ports, now=at(minutes))

    def look(self, minutes=BEGAN, counter=None):
        turn = at(minutes)
        signals = self.signals.between(turn - timedelta(hours=2), turn, now=turn)
        return causes.watch(self.wired(counter), turn, signals)


def test_days_are_rolled_up_from_the_stored_events():
    office = Office()
    office.hear(outage(14))
    office.rebuild()
    found = report.report_causes(DAY, DAY + timedelta(days=1), rollups=office.rollups)
    assert totals(found.lines) == {("aspect", "app"): 14}
    assert found.missing == (DAY + timedelta(days=1),)
    before = office.table.everything()
    office.rebuild()
    assert office.table.everything() == before


def test_a_cause_that_comes_back_reopens_by_itself_and_the_team_hears_once():
    office = Office()
    fix = office.fix()
    office.hear(outage(14))
    assert office.look() == 1
    again = office.fixes.get(fix.fix_id)
    assert (again.status, again.people) == (FixStatus.REOPENED, 14)
    assert set(again.cases) == {office.case_of(f"{500 + n}00") for n in range(14)}
    for minutes in (40, 50, 60):
        assert office.look(minutes) == 0
    [message] = office.alerts.published
    body = json.loads(message.body)
    assert (body["schema"], body["people"], body["group"]) == ("earshot.cause/1", 14, "team")
    assert "new server" in message.text


def test_a_handful_or_another_cause_leaves_it_fixed():
    office = Office()
    office.fix()
    office.fix(What(aspect="food"))
    office.hear(outage(2))
    assert office.look() == 0
    assert {fix.status for fix in office.fixes.all()} == {FixStatus.FIXED}


def test_what_there_was_before_is_known_from_the_days():
    office = Office()
    office.hear(outage(14))
    office.rebuild()
    assert office.fix(minutes=60).before == 14.0
    assert office.fix(What(aspect="app", topic="place:Harwick"), minutes=60).before == 0.0
    assert Office().fix().before == 0.0


def test_the_watch_looks_every_ten_minutes_and_misses_nobody():
    office = Office()
    fix = office.fix()
    office.hear(outage(6, over=9, minutes=BEGAN - 2))
    assert [office.look(minutes) for minutes in range(BEGAN - 9, BEGAN + 1)] == [0] * 9 + [1]
    assert office.fixes.get(fix.fix_id).people == 6


def test_one_that_was_dropped_is_watched_no_more():
    office = Office()
    fix = office.fix()
    causes.drop(fix.fix_id, actor="lea", ports=office.cause_ports, now=at(1))
    office.hear(outage(14))
    assert office.look() == 0
    assert office.fixes.get(fix.fix_id).status is FixStatus.DROPPED
    with pytest.raises(causes.UnknownFix):
        causes.drop("f000000000000000", actor="lea", ports=office.cause_ports, now=at(1))


@pytest.mark.parametrize(
    ("cause", "note"), [(What(), "done"), (APP, ""), (APP, " \u202e "), (APP, "\u200d"), (APP, "\u3164")]
)
def test_what_cannot_be_called_fixed(cause, note):
    office = Office()
    with pytest.raises(causes.CauseInvalid):
        causes.call_fixed(cause, note, actor="lea", ports=office.cause_ports, now=at(0))
    assert office.fixes.all() == ()


def test_a_notice_that_does_not_get_out_is_tried_again():
    times = iter(["down", "up"])

    def trouble(_message):
        if next(times) == "down":
            raise AlertUndelivered("not now")

    office = Office(trouble=trouble)
    office.fix()
    office.hear(outage(14))
    office.look()
    assert office.alerts.published == []
    office.look(40)
    office.look(50)
    assert len(office.alerts.published) == 1


def test_killed_at_any_call_it_is_reopened_and_told():
    def prepared():
        office = Office()
        office.fix()
        office.hear(outage(5))
        return office

    office, counter = prepared(), Counter()
    office.look(counter=counter)
    undisturbed = office.fixes.all()[0]
    for death in every_death(counter.calls):
        office = prepared()
        with suppress(Killed):
            office.look(counter=death)
        office.look(40)
        again = office.fixes.all()[0]
        assert (again.status, again.people, again.cases) == (undisturbed.status, undisturbed.people, undisturbed.cases)
        assert {message.attributes["page_id"] for message in office.alerts.published} == {f"{again.fix_id}/2"}
