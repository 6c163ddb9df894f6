"""A channel set up at its platform, and looked at there, through the command line: a stand-in answers over HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib import connectors
from chalicelib.adapters.cursors import TableCursors
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.config import Settings
from infra.deploy import target
from infra.operate import channels, doctor, platform_setup, records
from infra.standins.facebook import FacebookStandin
from tests.infra.test_cli import run

PAGE = "700100200300"
KEYS = {"page_token": "hush-token", "app_secret": "hush-secret"}
URL = "https://api.example/prod"


@dataclass
class Stage:
    """A stage whose parameters are a dictionary."""

    documents: dict[str, dict[str, Any]]
    stage: str = "prod"
    settings: Settings = field(default_factory=lambda: Settings(stage="prod"))

    def parameter(self, name: str) -> str | None:
        import json

        found = self.documents.get(name.removeprefix("/earshot/prod/"))
        return None if found is None else json.dumps(found)

    def api_url(self) -> str:
        return URL


@pytest.fixture
def graph() -> Iterator[FacebookStandin]:
    with FacebookStandin(page_id=PAGE, **KEYS) as standin:
        yield standin


@pytest.fixture
def stage(graph: FacebookStandin, monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage(
        documents={
            "channels/facebook.main": {"accounts": [PAGE], "app_ids": ["700900"]},
            "send/facebook.main": {"api_base": graph.url, "app": {}, "accounts": {PAGE: KEYS}},
            "verify/facebook.main": {"secrets": ["hush-secret"], "verify_token": "hush-verify"},
        }
    )
    monkeypatch.setattr(target, "for_stage", lambda _stage: stage)
    held = [SimpleNamespace(channel=name.partition("/")[2]) for name in stage.documents]
    monkeypatch.setattr(channels, "held", lambda _target: held)
    return stage


def levels(stage: Stage) -> list[str]:
    return [finding.level for finding in doctor.examine(stage, [doctor.platforms])]  # type: ignore[arg-type]


def test_a_channel_is_registered_listed_and_unregistered(stage: Stage, graph: FacebookStandin) -> None:
    assert run("webhooks", "list", "facebook.main", "--stage", "prod") == (
        0,
        f"facebook.main, account {PAGE}:\n  nothing is registered\n",
    )
    assert levels(stage) == ["OK", "OK", "FAIL", "FAIL"]
    code, text = run("webhooks", "register", "facebook.main", "--stage", "prod")
    assert code == 0
    assert f"goes to {URL}/webhooks/facebook/main" in text
    assert graph.app_webhook["callback_url"] == f"{URL}/webhooks/facebook/main"
    assert "message_echoes" in graph.page_fields
    assert run("webhooks", "list", "facebook.main", "--stage", "prod") == (0, text)
    assert levels(stage) == ["OK"] * 4
    assert run("webhooks", "renew", "facebook.main", "--stage", "prod") == (0, text)
    code, text = run("webhooks", "unregister", "facebook.main", "--stage", "prod")
    assert code == 0
    assert graph.page_fields == []
    assert "hush" not in text


def test_the_doctor_says_what_mends_it(stage: Stage, graph: FacebookStandin) -> None:
    graph.scopes.remove("pages_messaging")
    findings = list(doctor.examine(stage, [doctor.platforms]))  # type: ignore[arg-type]
    assert [(one.level, one.next_step) for one in findings if one.level != "OK"] == [
        ("FAIL", f"`earshot secrets set facebook.main page_token --use send --account {PAGE} --stage prod`"),
        ("FAIL", "`earshot webhooks register facebook.main --stage prod`"),
        ("FAIL", "`earshot webhooks register facebook.main --stage prod`"),
    ]


def test_a_token_that_is_refused_is_a_failure_with_the_way_out(stage: Stage) -> None:
    stage.documents["send/facebook.main"]["accounts"][PAGE] = {**KEYS, "page_token": "old"}
    [finding] = doctor.examine(stage, [doctor.platforms])  # type: ignore[arg-type]
    assert finding.level == "FAIL"
    assert finding.next_step == f"`earshot secrets set facebook.main --use send --account {PAGE} NAME --stage prod`"
    code, text = run("webhooks", "register", "facebook.main", "--stage", "prod")
    assert code == 1
    assert "Next step: `earshot secrets set facebook.main" in text


def test_a_platform_that_does_not_answer_is_a_warning(stage: Stage, graph: FacebookStandin) -> None:
    graph.fail_next([{"status": 503}])
    assert levels(stage) == ["WARN"]


def test_a_platform_without_setup_is_set_up_by_hand_and_the_address_is_told(stage: Stage) -> None:
    code, text = run("webhooks", "register", "x.main", "--stage", "prod")
    assert code == 1
    assert f"{URL}/webhooks/x/main" in text
    assert list(platform_setup.health(stage, "x.main")) == []  # type: ignore[arg-type]


def test_a_webhook_that_ends_is_renewed_by_the_stage_until_it_is_unregistered(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = MemoryTable()
    monkeypatch.setattr(records, "table", lambda _target: table)
    assert run("webhooks", "register", "facebook.main", "--stage", "prod")[0] == 0
    assert table.everything() == {}  # it has no end
    ending = replace(connectors.manifest("facebook"), renew_every=timedelta(days=4))
    monkeypatch.setattr(connectors, "manifest", lambda _platform: ending)
    assert run("webhooks", "register", "facebook.main", "--stage", "prod")[0] == 0
    assert run("webhooks", "list", "facebook.main", "--stage", "prod")[0] == 0
    [place] = TableCursors(table).places()
    assert (place.channel, place.account_id, place.callback_url) == (
        "facebook.main",
        PAGE,
        f"{URL}/webhooks/facebook/main",
    )
    assert timedelta(days=3) < place.renew_at - datetime.now(UTC) < timedelta(days=5)
    assert run("webhooks", "unregister", "facebook.main", "--stage", "prod")[0] == 0
    [place] = TableCursors(table).places()
    assert (place.callback_url, place.renew_at) == (None, None)


def test_a_channel_that_lacks_its_app_is_told_what_to_set(stage: Stage) -> None:
    stage.documents["channels/facebook.main"]["app_ids"] = []
    code, text = run("webhooks", "register", "facebook.main", "--stage", "prod")
    assert code == 1
    assert "--app-id" in text
