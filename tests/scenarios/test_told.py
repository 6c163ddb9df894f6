"""Every clock of the scenarios can be explained, its seconds add up, and the roll-ups say what the clocks say."""

from datetime import timedelta

import pytest

from chalicelib.adapters.rollups import TableRollups
from chalicelib.domain.attainment import attainment
from chalicelib.domain.explain import StepKind
from chalicelib.domain.explain import explain as told
from chalicelib.domain.history import history
from chalicelib.domain.rollup import total
from chalicelib.ports.policies import Promises
from chalicelib.usecases import report
from infra.scenarios.memory import MemoryWorld
from infra.scenarios.runner import run
from tests.scenarios.test_sla import SCENARIOS

PLAYED = {name: scenario for name, scenario in SCENARIOS.items() if scenario.refusal is None}


class Played:
    """What a scenario leaves behind."""

    def __init__(self, scenario):
        worlds = []

        def make_world(book, platform):
            worlds.append(MemoryWorld(book, platform))
            return worlds[-1]

        run(scenario, make_world=make_world)
        [world] = worlds
        self.table, self.store, self.promises = world._table, world._store, Promises(books=dict(world.books))
        self.now = max(expected.at for expected in scenario.expected)

    def cases(self):
        ids = sorted(pk.removeprefix("CASE#") for pk, sk in self.table.everything() if sk == "STATE")
        return [case for case_id in ids if (case := self.store.case(case_id)[0]) and not case.merged_into]

    def clocks(self, case):
        return (*case.state.running, *self.store.ended_clocks(case.case_id))


@pytest.mark.parametrize("scenario", PLAYED.values(), ids=PLAYED)
def test_every_clock_can_be_explained_and_adds_up(scenario):
    played = Played(scenario)
    for case in played.cases():
        past = history(played.store.events(case.case_id), played.promises.books)
        for clock in played.clocks(case):
            steps = told(clock, past, played.promises.books, played.now)
            counted = [step for step in steps if step.kind is StepKind.COUNTED]
            used = sum(step.seconds for step in counted if not step.is_ahead)
            assert clock.business_s in (None, used)
            if clock.due_at:
                assert sum(step.seconds for step in counted if step.until <= clock.due_at) == clock.target_s
            assert "no longer shows" not in steps[-1].text


@pytest.mark.parametrize("scenario", PLAYED.values(), ids=PLAYED)
def test_the_roll_ups_say_what_the_clocks_say(scenario):
    played = Played(scenario)
    rollups = TableRollups(played.table)
    clocks = [clock for case in played.cases() for clock in played.clocks(case)]
    first = min([clock.started_at for clock in clocks], default=played.now).date() - timedelta(days=1)
    last = max([clock.stopped_at or played.now for clock in clocks], default=played.now).date() + timedelta(days=1)
    ports = report.Ports(store=played.store, rollups=rollups, promises=played.promises)
    report.rebuild(first, last, ports=ports, now=played.now)
    tally = total(report.report(first, last, rollups=rollups).lines)
    assert tally.share == attainment(clocks, played.now)
    assert tally.share_without_late == attainment(clocks, played.now, with_late=False)
