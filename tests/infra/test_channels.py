"""Secrets and settings on the local AWS, through the command line that operators use."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.ports.signs import Sign
from infra.deploy import target
from infra.deploy.target import Target
from infra.operate import channels, doctor, records
from infra.problem import Problem
from tests.infra.test_cli import run


@pytest.fixture
def stage(aws: Target, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """The local stage, as the commands find it, without secrets before and after."""
    monkeypatch.setattr(target, "for_stage", lambda _stage: aws)
    yield aws
    for one in channels.held(aws):
        aws.client("ssm").delete_parameter(Name=channels.parameter_name(aws, one.kind, one.channel))


def stored(stage: Target, name: str) -> object:
    return json.loads(stage.parameter(f"/earshot/local/{name}") or "null")


def test_what_was_seen_on_a_channel_is_listed_under_it_and_doubtful_things_by_the_doctor(
    stage: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Target, "api_url", lambda _self: "https://example.org/local")  # no functions are deployed here
    channels.set_settings(stage, "x.signs", accounts=["1"])
    channels.set_settings(stage, "x.quiet", accounts=["2"])
    assert [finding.level for finding in doctor.signs(stage)] == ["OK"]
    signs, now = records.signs(stage), datetime.now(UTC)
    for sign in Sign:
        signs.leave("x.signs", sign, now)
    code, text = run("channels", "list")
    assert code == 0
    _, listed = text.split("x.signs")
    assert "test delivery" in listed
    assert "1 fact not believed" in listed
    assert "runbook" in listed
    [finding] = doctor.signs(stage)
    assert (finding.level, finding.next_step) == ("WARN", channels.DISBELIEVED_STEP)
    assert "x.signs" in finding.text


def test_a_signing_secret_is_stored_encrypted_and_never_shown(stage: Target) -> None:
    assert run("secrets", "set", "x.main", "secrets=hush", "--use", "verify")[0] == 0
    raw = stage.client("ssm").get_parameter(Name="/earshot/local/verify/x.main")["Parameter"]
    assert raw["Type"] == "SecureString"
    assert "hush" not in raw["Value"]
    assert stored(stage, "verify/x.main") == {"secrets": ["hush"]}
    code, text = run("secrets", "list")
    assert code == 0
    assert "x.main" in text
    assert "hush" not in text


def test_a_secret_may_be_typed_without_echo_or_come_from_a_file(stage: Target, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from a file\n")
    code, text = run(
        "secrets", "set", "facebook.main", "secrets", f"verify_token=@{file}", "--use", "verify", input_="typed\n"
    )
    assert code == 0
    assert stored(stage, "verify/facebook.main") == {"secrets": ["typed"], "verify_token": "from a file"}
    assert "typed" not in text


def test_rotation_keeps_the_newest_old_secret_live(stage: Target) -> None:
    for secret in ("one", "two", "three"):
        run("secrets", "set", "x.main", f"secrets={secret}", "--use", "verify", "--rotate")
    assert stored(stage, "verify/x.main") == {"secrets": ["three", "two"]}
    run("secrets", "set", "x.main", "secrets=four", "--use", "verify")
    assert stored(stage, "verify/x.main") == {"secrets": ["four"]}


def test_credentials_belong_to_the_app_or_to_one_account(stage: Target) -> None:
    send = ("secrets", "set", "x.main", "--use", "send")
    run(*send, "consumer_key=ck", "consumer_secret=cs", "api_base=http://127.0.0.1:9")
    run(*send, "token=t", "--account", "77")
    run(*send, "token_secret=ts", "--account", "77")
    assert stored(stage, "send/x.main") == {
        "api_base": "http://127.0.0.1:9",
        "app": {"consumer_key": "ck", "consumer_secret": "cs"},
        "accounts": {"77": {"token": "t", "token_secret": "ts"}},
    }
    assert "missing: nothing" in run("secrets", "list")[1]


def test_a_name_the_platform_does_not_have_is_refused_with_the_names_it_has(stage: Target) -> None:
    code, text = run("secrets", "set", "x.main", "pasword=1", "--use", "send")
    assert code == 1
    assert "consumer_key: " in text
    assert stored(stage, "send/x.main") is None


def test_an_empty_value_is_refused(stage: Target) -> None:
    assert run("secrets", "set", "x.main", "secrets= ", "--use", "verify")[0] == 2
    assert channels.held(stage) == []


def test_settings_are_replaced_list_by_list(stage: Target) -> None:
    run("channels", "set", "facebook.main", "--account", "1", "--account", "2")
    run("channels", "set", "facebook.main", "--app-id", "9")
    run("channels", "set", "facebook.main", "--account", "3")
    assert stored(stage, "channels/facebook.main") == {"accounts": ["3"], "app_ids": ["9"], "sends": []}


def test_on_which_accounts_a_channel_can_answer_is_noted_beside_its_settings(stage: Target) -> None:
    run("channels", "set", "x.main", "--account", "900")
    assert stored(stage, "channels/x.main")["sends"] == []
    names = [secret.name for secret in channels.wanted("x", "send")]
    channels.set_send(stage, "x.main", {names[0]: "a"}, account="900")
    assert stored(stage, "channels/x.main")["sends"] == []
    channels.set_send(stage, "x.main", dict.fromkeys(names, "a"), account="900")
    assert stored(stage, "channels/x.main")["sends"] == ["900"]


def test_only_a_local_channel_gets_an_invented_secret(stage: Target) -> None:
    assert channels.verify_secret(stage, "x.main", lambda: "made up") == ("made up", True)
    assert channels.verify_secret(stage, "x.main", lambda: "another") == ("made up", False)
    with pytest.raises(Problem, match=r"x\.other has no secret"):
        channels.verify_secret(stage, "x.other")
