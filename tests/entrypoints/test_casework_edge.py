"""What the casework functions say of facts that contradict what is known."""

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.signs import TableSigns
from chalicelib.entrypoints import casework as entrypoint
from chalicelib.ports.cases import Labelled
from chalicelib.ports.messages import encode_mention
from chalicelib.ports.signs import Sign
from tests.entrypoints.test_casework_engines import Deliveries, Floor, event
from tests.usecases import world


def test_a_lie_is_logged_counted_and_left_on_its_channel(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    floor, signs = Floor(), TableSigns(MemoryTable())
    monkeypatch.setattr(bootstrap, "refine_ports", floor.refine_ports)
    monkeypatch.setattr(bootstrap, "queues", Deliveries)
    monkeypatch.setattr(bootstrap, "signs", lambda: signs)
    monkeypatch.setattr(
        bootstrap, "casework_ports", lambda tell: replace(world.ports(floor.store), tell_disbelieved=tell)
    )
    lie = world.deleted("100", 5, channel="x.other", account_id="SECRET-stranger")
    facts = [world.wrote("100", 0, text="SECRET-text"), lie]
    entrypoint.casework_urgent(event(*(encode_mention(Labelled(fact=fact)) for fact in facts)), None)
    out = capsys.readouterr().out
    lines: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]
    assert [line["Disbelieved"] for line in lines if "Disbelieved" in line] == [[1.0]]
    [told] = [line for line in lines if line.get("message") == "not believed"]
    assert (told["channel"], told["kind"]) == ("x.other", "delete")
    assert "SECRET" not in out
    [left] = signs.left()
    assert (left.channel, left.sign, left.count) == ("x.other", Sign.DISBELIEVED, 1)
