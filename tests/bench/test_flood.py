"""Everybody is told of once, and as late as the assumed times say."""

from datetime import timedelta

import pytest

from bench import flood
from bench.flood import BROKEN, CALL_S, SPARE_S, Flood, Killed, Lifetime, Mishap, Slow, timeout_s
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.usecases.alerts.digests import MOST_ALONE

FINE = Mishap(name="nothing goes wrong")


def minutes(waits):
    return [wait / timedelta(minutes=1) for wait in waits]


@pytest.mark.parametrize(
    ("breaches", "mishap", "sweeps", "killed", "messages"),
    [
        (MOST_ALONE, FINE, 1, 0, {"page": MOST_ALONE}),
        (20, FINE, 1, 0, {"digest": 1}),
        (20, Mishap(name="killed", killed_after_claims=10), 2, 1, {"digest": 1}),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_everybody_is_told_of_once(breaches, mishap, sweeps, killed, messages):
    heard = Flood(breaches, mishap).run()
    assert (len(heard.waits), heard.sweeps, heard.killed, heard.messages) == (breaches, sweeps, killed, messages)


def test_a_killed_sweep_costs_its_own_minute_and_no_other():
    fine, killed = (Flood(20, one).run() for one in (FINE, Mishap(name="killed", killed_after_claims=10)))
    late = max(minutes(killed.waits)) - max(minutes(fine.waits))
    assert 0.9 < late < 1.1


def test_what_one_sweep_has_no_time_for_is_told_by_the_next():
    each_s = 3 * CALL_S["get"] + CALL_S["write"]
    fits = (timeout_s("sla_watch") - SPARE_S) / each_s
    slower = fits / 80  # so that about eighty fit
    heard = Flood(200, Mishap(name="slow", slower=slower)).run()
    assert heard.sweeps > 2
    assert heard.killed == 0
    assert heard.messages["digest"] == heard.sweeps
    assert max(minutes(heard.waits)) > heard.sweeps - 1


def test_nobody_told_for_an_hour_ends_the_bench(monkeypatch):
    monkeypatch.setattr(flood, "sweep", lambda _ports, _now: pytest.fail("swept") if _now < BROKEN else Swept)
    stuck = Flood(1, FINE)
    monkeypatch.setattr(stuck, "_until_broken", lambda: None)
    with pytest.raises(RuntimeError, match="told of 0 out of 1"):
        stuck.run()


class Swept:
    ran = True


def test_calls_take_their_time_and_the_function_ends_by_it():
    lifetime = Lifetime(slower=1.0)
    table = Slow(MemoryTable(), lifetime)
    table.get([("a", "b")])
    assert lifetime.passed == timedelta(seconds=CALL_S["get"])
    lifetime.spend(timeout_s("sla_watch") - SPARE_S)
    assert not lifetime.has_time()
    with pytest.raises(Killed):
        lifetime.spend(SPARE_S)
    lifetime.begin()
    assert lifetime.has_time()
