"""The watch of incidents as Lambda calls it."""

import json
from types import SimpleNamespace

import pytest

from chalicelib import bootstrap
from chalicelib.entrypoints import incident_watch as entrypoint
from chalicelib.entrypoints.incident_watch import WatchIncomplete
from chalicelib.ports.alerts import AlertUndelivered
from tests.usecases.outage import BEGAN, Airline, outage
from tests.usecases.sweeps import EVENT
from tests.usecases.world import at


@pytest.fixture
def run(monkeypatch, capsys):
    def call(airline, minutes=BEGAN + 1):
        monkeypatch.setattr(bootstrap, "incident_watch_ports", lambda _has_time: airline.ports)
        monkeypatch.setattr(bootstrap, "now", lambda: lambda: at(minutes))
        capsys.readouterr()
        try:
            entrypoint.incident_watch(EVENT, SimpleNamespace())
        finally:
            call.lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return call.lines

    return call


def test_it_logs_one_line_and_counts(run):
    airline = Airline()
    airline.hear(outage(40))
    log, metrics = run(airline)
    assert (log["message"], log["signals"], log["failed"]) == ("incident watch", 40, [])
    assert (log["counts"]["opened"], log["counts"]["crisis"]) == (1, 1)
    counted = {metric["Name"] for directive in metrics["_aws"]["CloudWatchMetrics"] for metric in directive["Metrics"]}
    assert {"IncidentsOpened", "CrisisPages", "CrisisPagesUndelivered", "IncidentWatchFailures"} <= counted
    assert metrics["CrisisPages"] == [1]


def test_a_log_line_holds_no_word_of_a_stranger(run):
    airline = Airline()
    airline.hear(outage(40))
    lines = json.dumps(run(airline))
    assert not any(word in lines for word in ("login", "boarding", "h500"))


def test_a_minute_of_somebody_else_is_no_failure(run):
    airline = Airline()
    run(airline)
    [log] = run(airline)
    assert log["message"] == "another watch has this minute"


def test_it_fails_for_the_alarm_when_a_page_does_not_get_out(run):
    def trouble(_message):
        raise AlertUndelivered("not now")

    airline = Airline(trouble=trouble)
    airline.hear(outage(40))
    with pytest.raises(WatchIncomplete):
        run(airline)
    assert run.lines[0]["counts"]["undelivered"] == 1


def test_it_fails_for_the_alarm_when_a_part_breaks(run, monkeypatch):
    airline = Airline()
    monkeypatch.setattr(airline.incidents, "watched_ids", lambda: 1 / 0)
    with pytest.raises(WatchIncomplete):
        run(airline)
    assert run.lines[0]["failed"] == ["incidents: ZeroDivisionError"]
