"""The hourly roll-up as Lambda calls it."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from chalicelib import bootstrap
from chalicelib.entrypoints import report as entrypoint
from chalicelib.usecases import erase
from tests.usecases.life import CUSTOMER, SEAL, Life, erasing_over
from tests.usecases.sweeps import EVENT
from tests.usecases.test_report_schedule import NIGHT, Office
from tests.usecases.world import wrote


@pytest.fixture
def run(monkeypatch, capsys):
    """Calls the handler over an office with so much time left, and gives its log line and its metrics."""

    def call(office, left_ms):
        monkeypatch.setattr(bootstrap, "report_ports", lambda has_time: office.ports(has_time=has_time))
        monkeypatch.setattr(bootstrap, "now", lambda: lambda: NIGHT)
        monkeypatch.setattr(
            bootstrap,
            "erasing_ports",
            lambda has_time, outside: replace(erasing_over(office.desk.table), has_time=has_time),
        )
        monkeypatch.setattr(
            bootstrap, "parameters", lambda: SimpleNamespace(keep_days=lambda _channel: 30, seal=lambda: SEAL)
        )
        entrypoint.report(EVENT, SimpleNamespace(get_remaining_time_in_millis=lambda: left_ms))
        log, metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return log, metrics

    return call


def test_it_says_what_it_did(run):
    log, metrics = run(Office(wrote("100", 0)), 300_000)
    assert (log["level"], log["message"], log["days"], log["read"]) == ("info", "roll-up", 15, 1)
    assert (metrics["ReportDaysBehind"], metrics["ReportUnreadable"]) == ([0], [0])


def test_it_begins_no_case_without_time_and_says_how_far_it_is_behind(run):
    office = Office(wrote("100", 0))
    log, metrics = run(office, 59_000)
    assert (log["level"], log["days"], log["read"], log["behind"]) == ("warning", 0, 0, 1)
    assert metrics["ReportDaysBehind"] == [1]
    assert office.days() == {}


def test_an_erasure_that_was_begun_is_finished(run):
    life = Life().live()
    erase.order(CUSTOMER, (), life.erasing(), NIGHT, by="lea")
    office = Office(wrote("100", 0))
    office.desk.table = life.table
    run(office, 300_000)
    assert not [key for key in life.everything() if key.startswith(("CASE#", "ERASING")) and key in life.marked()]
