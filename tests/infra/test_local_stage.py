"""The local stage as `earshot up` makes it: what it says of itself is so."""

import json
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.adapters.access import new_token
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.ports.access import Role
from infra.deploy.target import Target
from infra.emulator import ministack
from infra.emulator.ministack import Options, Stopped
from infra.local import local_stage, probe, standins
from infra.operate import channels, freshen, records, webhooks
from infra.paths import ROOT
from infra.problem import Problem
from tests.deployed.test_road import eventually
from tests.infra.test_emulator import home  # noqa: F401 - a fixture

pytestmark = pytest.mark.local_aws
SAMPLES = ROOT / "tests" / "fixtures"


@pytest.fixture
def stage(home: Path) -> Target:  # noqa: F811
    return local_stage.up(Options(home=home, port=0), say=ministack.silent)


def test_it_is_whole_and_stays_so_on_another_port(stage: Target, home: Path) -> None:  # noqa: F811
    store = TableCaseStore(records.table(stage))
    assert store.list(closed=False, limit=5) == ()  # the probe left none
    assert [one.level for one in probe.road(stage)] == ["OK"]

    sample = (SAMPLES / "x" / "webhook" / "aaa_mention.body.json").read_bytes()
    fresh = freshen.freshen(sample, "x", datetime.now(UTC))
    secret, invented = channels.verify_secret(stage, "x.main")
    assert not invented
    assert webhooks.send(webhooks.url(stage, "x.main"), "x", fresh.body, secret).status == 200
    message_id = freshen.parse(fresh.body, "x", datetime.now(UTC)).facts[0].message_id
    eventually(lambda: store.addresses("x", [message_id])[message_id].case_id, "the case")
    assert ministack.stop(home) is Stopped.SAVED

    again = local_stage.up(Options(home=home, port=0), say=ministack.silent)
    assert again.endpoint != stage.endpoint
    store = TableCaseStore(records.table(again))
    case_id = store.addresses("x", [message_id])[message_id].case_id
    token = new_token()
    records.users(again).add("ana", Role.AGENT, token, datetime.now(UTC))
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "1"}
    body = json.dumps({"action": "reply", "text": "The bus is on its way."}).encode()
    assert webhooks.post(f"{again.api_url()}/api/cases/{case_id}/actions", body, headers).status == 200
    taken = eventually(lambda: posts(standins.connected(again)["x.main"]), "the answer")
    assert [(post["parent_id"], post["text"]) for post in taken] == [(message_id, "The bus is on its way.")]


def posts(url: str) -> list[dict[str, str]]:
    with urllib.request.urlopen(f"{url}/_posts", timeout=10) as answer:  # noqa: S310 - our own stand-in
        found: list[dict[str, str]] = json.load(answer)["posts"]
    return found


def test_what_is_taken_and_never_read_is_said(stage: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "PATIENCE_S", 1.0)
    functions = stage.client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    with pytest.raises(Problem, match="in no case after 1 s"):
        probe.probe(stage)
