"""The scenarios of the SLA rules (docs/sla.md), played as production would, and whatever order things come in."""

import random
import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.case.state import ANSWERED_IN_TIME
from infra.scenarios import facts
from infra.scenarios.memory import MemoryWorld
from infra.scenarios.model import Faults
from infra.scenarios.reading import FACTS, read_file
from infra.scenarios.runner import run

FILES = sorted((Path(__file__).parent / "sla").glob("*.toml"))
SCENARIOS = {scenario.id: scenario for file in FILES for scenario in read_file(file)}
CASES = 85  # of the rule set; some are told in several scenarios: 4a, 4b

# What cannot hold yet, and what it waits for. A scenario that holds must leave this list.
NOT_YET: dict[str, str] = {}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_scenario(scenario):
    result = run(scenario)
    if scenario.id in NOT_YET:
        assert result.differences, f"it holds now: take {scenario.id} off the list"
    else:
        assert result.differences == ()


def test_every_case_of_the_rules_is_told():
    told = {int(re.match(r"\d+", name)[0]) for name in SCENARIOS}
    assert told == set(range(1, CASES + 1))
    assert set(NOT_YET) <= set(SCENARIOS)


# --- resting is sweeping ----------------------------------------------------------------------------------------

PLAYED = {name: scenario for name, scenario in SCENARIOS.items() if scenario.book}


@pytest.mark.parametrize("scenario", PLAYED.values(), ids=PLAYED)
def test_resting_through_idle_minutes_comes_to_the_same_as_sweeping_them(scenario):
    quick, slow = run(scenario), run(scenario, every_minute=True)
    assert (slow.alerts, slow.differences) == (quick.alerts, quick.differences)


# --- whatever the sweeps and the queues do ----------------------------------------------------------------------


def outcome_of(world):
    """What is on record of every clock, without what depends on whether people were paged."""
    return [
        (
            case.state.status,
            case.state.messages,
            [
                (c.id, c.outcome, c.due_at, c.breached_at, c.business_s, c.elapsed_s, _reason(c), c.late_s)
                for c in case.clocks
            ],
        )
        for case in world.cases()
    ]


def _reason(clock):
    return None if clock.reason == ANSWERED_IN_TIME else clock.reason


def played(scenario):
    """The world after a scenario."""
    worlds = []

    def make(book, platform):
        worlds.append(MemoryWorld(book, platform))
        return worlds[-1]

    result = run(scenario, make_world=make)
    assert not any(":" in d and "timeline" in d for d in result.differences), result.differences
    return worlds[0]


# Their stories need the sweep itself: it tries an answer again, people acknowledge a page, a sweep is disturbed.
BOUND_TO_SWEEPS = {"28", "70", "80", "84e"}
SWEPT = [s for s in PLAYED.values() if s.id not in BOUND_TO_SWEEPS and s.faults == Faults()]


@cache
def undisturbed(name):
    return outcome_of(played(SCENARIOS[name]))


@st.composite
def interrupted(draw):
    """A scenario in which some sweeps are missed, but not the last one."""
    scenario = draw(st.sampled_from(SWEPT))
    begin, end = scenario.timeline[0].at, scenario.expected[-1].at
    whole = int((end - begin).total_seconds() // 60)
    spans = []
    for _ in range(draw(st.integers(1, 4))):
        first = draw(st.integers(0, max(0, whole - 1)))
        last = draw(st.integers(first, max(first, whole - 1)))
        spans.append((_minute(begin, first), min(_minute(begin, last), end - timedelta(minutes=1))))
    quiet = tuple(replace(line, lands=None) for line in scenario.timeline)
    return replace(scenario, timeline=quiet, faults=replace(scenario.faults, missed=tuple(spans)))


def _minute(begin, number):
    return begin.replace(second=0) + timedelta(minutes=number)


@settings(max_examples=150, deadline=None)
@given(interrupted())
def test_missed_sweeps_change_no_outcome_and_no_page_goes_out_twice(scenario):
    world = played(scenario)
    assert outcome_of(world) == undisturbed(scenario.id)
    assert len(set(world.page_ids())) == len(world.page_ids())


TOLD_BY_PLATFORMS = [s for s in PLAYED.values() if {line.verb for line in s.timeline} <= FACTS]


def told(scenario, order):
    """The facts of a scenario in that order, then one sweep at the end."""
    world = MemoryWorld(scenario.book, facts.platform_of(scenario.channel))
    end = scenario.expected[-1].at
    for number in order:
        world.hear(_arrivals(scenario)[number], end)
    world.sweep(end.replace(second=0), during={})
    world.sweep(end.replace(second=0) + timedelta(minutes=1), during={})
    return world


@cache
def _arrivals_of(name):
    scenario = SCENARIOS[name]
    arrivals = []
    latest = {}
    for line in scenario.timeline:
        if line.verb == "message":
            latest[line["who"]] = line["id"]
        parent = (line.values.get("to") or latest.get(line["who"])) if "who" in line.values else None
        arrivals += [facts.labelled(line, scenario.channel, at, parent) for at in line.received_at]
    return arrivals


def _arrivals(scenario):
    return _arrivals_of(scenario.id)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(TOLD_BY_PLATFORMS), st.integers(0, 10**6))
def test_the_order_and_number_of_deliveries_means_nothing(scenario, seed):
    dice = random.Random(seed)
    numbers = range(len(_arrivals(scenario)))
    order = [*numbers, *dice.choices(numbers, k=len(numbers))]
    dice.shuffle(order)
    straight, mixed = told(scenario, numbers), told(scenario, order)
    assert outcome_of(mixed) == outcome_of(straight)
    assert len(set(mixed.page_ids())) == len(mixed.page_ids())
