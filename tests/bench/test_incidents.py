"""A replayed day in small: what is hidden is found, people are called once, and a quiet day stays quiet."""

from datetime import UTC, datetime, timedelta

import pytest

from bench.incidents import texts
from bench.incidents.__main__ import is_good
from bench.incidents.day import Outage, day
from bench.incidents.replay import hours_of, play

BEGIN = datetime(2026, 3, 3, tzinfo=UTC)
ORDINARY = 700
HIDDEN = Outage(
    name="login",
    templates=texts.LOGIN_DOWN,
    begins=timedelta(hours=7),
    lasts=timedelta(minutes=40),
    mentions=60,
)


def hours():
    days = (BEGIN - timedelta(days=number) for number in (4, 3, 2, 1))
    return [hour for one in days for hour in hours_of(day(one, 1, ordinary=ORDINARY))]


@pytest.fixture(scope="module")
def played():
    """Until an hour after it ended."""
    return play(day(BEGIN, 1, [HIDDEN], ordinary=ORDINARY), BEGIN, hours=hours(), every=2, until=9)


def test_an_outage_is_found_in_time_and_calls_people_once(played):
    [opened] = played.opened
    assert opened.about == "login"
    assert opened.at_mention <= 20
    assert opened.pages == {"crisis": 1}
    assert opened.precision > 0.8
    assert opened.recall > 0.8
    assert is_good(played)


def test_what_it_costs_is_counted(played):
    assert played.signal_units == pytest.approx(played.mentions, rel=0.15)
    assert played.calls > played.mentions
    assert played.write_units > played.signal_units


def test_a_quiet_day_stays_quiet_also_without_any_history():
    found = play(day(BEGIN, 5, ordinary=ORDINARY), BEGIN, every=10, until=24)
    assert found.opened == []
    assert sum(hour.people for hour in found.hours) > 300


def test_the_same_seed_gives_the_same_day():
    one, other = (day(BEGIN, 3, [HIDDEN], ordinary=50) for _ in range(2))
    assert one == other
    assert day(BEGIN, 4, [HIDDEN], ordinary=50) != one
    assert sum(said.about == "login" for said in one) == 60
