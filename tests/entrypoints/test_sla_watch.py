"""The sweep as Lambda calls it."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from chalicelib import bootstrap
from chalicelib.domain.alerts.audience import AlertSubscription
from chalicelib.entrypoints import sla_watch as entrypoint
from chalicelib.entrypoints.sla_watch import SweepIncomplete
from chalicelib.ports.alerts import AlertUndelivered
from chalicelib.usecases.alerts import listeners
from infra.paths import ROOT
from tests.usecases.sweeps import EVENT, P_VIP, Story, mention, moment
from tests.usecases.world import PROMISES


class Minute:
    """The deployed handler at 12:16:20 of a story; `left_ms` is what Lambda says is left."""

    def __init__(self, monkeypatch, capsys, story, left_ms=50_000):
        monkeypatch.setattr(bootstrap, "sla_watch_ports", story.with_time)
        monkeypatch.setattr(bootstrap, "now", lambda: lambda: moment("2026-03-07 12:16:20"))
        self._capsys = capsys
        self._context = SimpleNamespace(get_remaining_time_in_millis=lambda: left_ms)

    def run(self):
        """The lines it logged: its own and, when there is one, the metrics'."""
        self._capsys.readouterr()
        entrypoint.sla_watch(EVENT, self._context)
        return self.lines()

    def lines(self):
        return [json.loads(line) for line in self._capsys.readouterr().out.splitlines()]


def story(trouble=None):
    told = Story(P_VIP, mention("100", "2026-03-07 12:00"), trouble=trouble)
    return told.until("2026-03-07 12:00", "2026-03-07 12:13")


def test_it_logs_one_line_and_counts(monkeypatch, capsys):
    log, metrics = Minute(monkeypatch, capsys, story()).run()
    assert (log["message"], log["turn"], log["missed"], log["finished"], log["failed"]) == (
        "sweep",
        "2026-03-07T12:16:00+00:00",
        2,
        True,
        [],
    )
    assert log["counts"] == {"breach": 1, "page_sent": 1}
    [directive] = metrics["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], metrics["stage"]) == ("Earshot", "local")
    counted = {metric["Name"]: metrics[metric["Name"]] for metric in directive["Metrics"]}
    assert counted == {
        "Warnings": [0],
        "Breaches": [1],
        "Notices": [0],
        "PagesSent": [1],
        "PagesUndelivered": [0],
        "RepliesRedriven": [0],
        "SweepsMissed": [2],
        "SweepsUnfinished": [0],
        "SweepFailures": [0],
    }


def test_a_minute_that_is_taken_is_no_error(monkeypatch, capsys):
    minute = Minute(monkeypatch, capsys, story())
    minute.run()
    [log] = minute.run()
    assert log["message"] == "another sweep has this minute"


def test_too_little_time_left_begins_nothing(monkeypatch, capsys):
    log, _ = Minute(monkeypatch, capsys, story(), left_ms=14_000).run()
    assert (log["finished"], log["counts"], log["level"]) == (False, {}, "warning")


def test_an_undelivered_page_rings_the_alarm_and_stays_claimed(monkeypatch, capsys):
    def trouble(_message):
        raise AlertUndelivered("throttled")

    minute = Minute(monkeypatch, capsys, told := story())
    told.alerts._trouble = trouble
    with pytest.raises(SweepIncomplete, match="1 pages were not delivered"):
        minute.run()
    assert [line.get("PagesUndelivered") for line in minute.lines()] == [None, [1]]


def test_a_cold_start_loads_what_a_sweep_needs_and_no_more():
    code = (
        "import sys; from chalicelib.entrypoints import sla_watch; import chalicelib.usecases.sla_watch\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in"
        " ('app', 'pydantic', 'requests', 'jinja2', 'oauthlib') or name.startswith(('chalicelib.classify',"
        " 'chalicelib.console')) or name.count('.') == 2 and name.startswith('chalicelib.connectors')))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "STAGE": "local"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.strip() == "[]", ran.stderr


def counted_at(monkeypatch, capsys, clock, ports):
    """What the sweep at `clock` says of UnheardGroups, and its log lines."""
    minute = Minute(monkeypatch, capsys, story())
    monkeypatch.setattr(bootstrap, "now", lambda: lambda: moment(clock))
    monkeypatch.setattr(bootstrap, "listeners_ports", ports)
    lines = minute.run()
    return [line["UnheardGroups"] for line in lines if "UnheardGroups" in line], lines


def hearing(*filters):
    subscribed = tuple(
        AlertSubscription(protocol="sms", endpoint="+15550100", arn="arn:1", filter=one) for one in filters
    )
    return lambda: listeners.Ports(
        promises=PROMISES,
        subscriptions=SimpleNamespace(all=lambda: subscribed),
        channels=lambda: ["x.main"],
    )


@pytest.mark.parametrize(
    ("ports", "unheard", "groups"),
    [
        (hearing(None), 0, None),
        (hearing({"group": ["team", "on-call", "lead"]}), 1, ["manager"]),
        (hearing(), 4, ["lead", "manager", "on-call", "team"]),
    ],
    ids=["everybody hears", "nobody hears the manager's", "nobody hears anything"],
)
def test_once_an_hour_groups_that_nobody_hears_are_counted(monkeypatch, capsys, ports, unheard, groups):
    counts, lines = counted_at(monkeypatch, capsys, "2026-03-07 13:00:20", ports)
    assert counts == [[unheard]]
    assert [line["groups"] for line in lines if line.get("message") == "nobody hears pages"] == (
        [groups] if groups else []
    )


def test_not_to_know_who_hears_is_an_alarm_too_and_no_failure_of_the_sweep(monkeypatch, capsys):
    def refused():
        raise PermissionError

    counts, lines = counted_at(monkeypatch, capsys, "2026-03-07 13:00:20", refused)
    assert counts == [[1]]
    assert [line["error"] for line in lines if line.get("error")] == ["PermissionError"]


def test_at_other_minutes_nobody_is_asked(monkeypatch, capsys):
    counts, _ = counted_at(monkeypatch, capsys, "2026-03-07 12:59:20", hearing())
    assert counts == []
