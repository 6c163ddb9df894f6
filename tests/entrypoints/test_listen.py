"""The Lambda that asks platforms, around its use case."""

import json
from types import SimpleNamespace

import pytest

from chalicelib import bootstrap, connectors
from chalicelib.entrypoints import listen as entrypoint
from chalicelib.entrypoints.listen import ListeningIncomplete
from chalicelib.ports.connector.replying import Unavailable
from tests.usecases.test_listen import World
from tests.usecases.test_renew import Renewing


def nothing():
    return Renewing(channels=())


EVENT = {name: {} if name == "detail" else [] if name == "resources" else "" for name in
         ("version", "account", "region", "detail-type", "source", "time", "id", "resources", "detail")}  # fmt: skip


@pytest.fixture
def run(monkeypatch, capsys):
    def call(world, renewing=None):
        monkeypatch.setattr(bootstrap, "listen_ports", lambda _has_time: world.ports)
        monkeypatch.setattr(bootstrap, "renew_ports", lambda _has_time: renewing.ports if renewing else nothing().ports)
        try:
            entrypoint.listen(EVENT, SimpleNamespace())
            failed = None
        except ListeningIncomplete as error:
            failed = str(error)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()], failed

    return call


def line_of(lines):
    return next(line for line in lines if line.get("message") == "listened")


def counted(lines):
    return {name: line[name] for line in lines for name in line if name.startswith(("Accounts", "Slices"))}


def values(lines):
    return {name: value[0] if isinstance(value, list) else value for name, value in counted(lines).items()}


def test_what_was_heard_is_counted(run):
    lines, failed = run(World())
    assert failed is None
    assert line_of(lines)["level"] == "info"
    assert values(lines) == {"AccountsAsked": 1, "SlicesHeard": 2, "AccountsNotHeard": 0}


def test_a_platform_in_trouble_is_no_failure_of_the_function(run):
    world = World()
    world.platforms["a"].wrong = [Unavailable("Nobody answers: <secret>", code="down")]
    lines, failed = run(world)
    assert failed is None
    assert line_of(lines)["level"] == "warning"
    assert line_of(lines)["counts"] == {"failed_down": 1}
    assert values(lines)["AccountsNotHeard"] == 1
    assert "secret" not in json.dumps(lines)


def test_a_fault_of_ours_makes_the_function_fail(run):
    world = World()
    world.platforms["a"].wrong = [KeyError("text of a stranger")]
    lines, failed = run(world)
    assert failed == "1 accounts could not be asked"
    assert line_of(lines)["failed"] == ["a.main: KeyError"]
    assert "stranger" not in json.dumps(lines)


def test_a_minute_without_anything_to_ask_says_nothing(run):
    assert run(World(channels=())) == ([], None)


def test_webhooks_are_renewed_in_the_same_minute(run):
    renewing = Renewing()
    lines, failed = run(World(channels=()), renewing)
    assert failed is None
    [line] = lines
    assert (line["message"], line["count"], line["failed"]) == ("webhooks renewed", 1, [])


def test_a_stage_without_polled_platforms_asks_aws_for_nothing(monkeypatch, capsys):
    monkeypatch.setattr(connectors, "polled", frozenset)
    monkeypatch.setattr(connectors, "renewed", frozenset)

    class Aws:
        """No client may be asked for anything."""

        def __getattr__(self, name):
            raise AssertionError(f"{name} was called")

    monkeypatch.setattr(bootstrap, "client", lambda _service: Aws())
    for name in ("parameters", "resources", "queues", "table", "bodies"):
        getattr(bootstrap, name).cache_clear()
    with pytest.raises(AssertionError, match="was called"):
        bootstrap.listen_ports().cursors.places()
    entrypoint.listen(EVENT, SimpleNamespace())
    assert capsys.readouterr().out == ""
    for name in ("parameters", "resources", "queues", "table", "bodies"):
        getattr(bootstrap, name).cache_clear()


def test_only_channels_of_polled_platforms_are_asked(monkeypatch):
    monkeypatch.setattr(connectors, "polled", lambda: frozenset({"some"}))
    channels = SimpleNamespace(channels=lambda: ("x.main", "some.main", "something.main", "some.other"))
    monkeypatch.setattr(bootstrap, "parameters", lambda: channels)
    ports = bootstrap.listen_ports()
    assert ports.channels() == ("some.main", "some.other")
