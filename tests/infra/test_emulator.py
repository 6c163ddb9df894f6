"""The local AWS as a process: it starts in any shell, keeps its state, and leaves nothing behind."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import emulator
from infra.emulator import Options
from infra.problem import Problem
from infra.target import Target, for_stage
from tests.localaws import install_reason
from tests.rings import need


def s3(running: emulator.Emulator):  # type: ignore[no-untyped-def]
    return Target(stage="local", endpoint=running.endpoint).client("s3")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    reason = install_reason()
    need(reason is None, f"no local AWS: {reason}")
    yield tmp_path
    emulator.stop(tmp_path)


def ssm(running: emulator.Emulator):  # type: ignore[no-untyped-def]
    return Target(stage="local", endpoint=running.endpoint).client("ssm")


def test_state_outlives_a_clean_stop_and_nothing_else_is_left(home: Path) -> None:
    first = emulator.start(Options(home=home, port=0))
    ssm(first).put_parameter(Name="/kept", Value="yes", Type="String")
    assert emulator.stop(home)
    assert not emulator.stop(home)
    assert not (home / "tmp").exists()

    second = emulator.start(Options(home=home))
    assert second.port == first.port
    assert ssm(second).get_parameter(Name="/kept")["Parameter"]["Value"] == "yes"


def test_after_a_crash_everything_is_that_of_the_last_clean_stop(home: Path) -> None:
    first = emulator.start(Options(home=home, port=0))
    ssm(first).put_parameter(Name="/saved", Value="yes", Type="String")
    s3(first).create_bucket(Bucket="saved")
    emulator.stop(home)
    second = emulator.start(Options(home=home))
    ssm(second).put_parameter(Name="/lost", Value="yes", Type="String")
    s3(second).create_bucket(Bucket="lost")
    os.kill(second.pid, signal.SIGKILL)

    third = emulator.start(Options(home=home))
    assert [p["Name"] for p in ssm(third).describe_parameters()["Parameters"]] == ["/saved"]
    assert [b["Name"] for b in s3(third).list_buckets()["Buckets"]] == ["saved"]


def test_starting_twice_is_starting_once(home: Path) -> None:
    options = Options(home=home, port=0, persist=False)
    assert emulator.start(options) == emulator.start(options)


def test_without_persistence_nothing_is_kept(home: Path) -> None:
    ssm(emulator.start(Options(home=home, port=0, persist=False))).put_parameter(Name="/a", Value="b", Type="String")
    emulator.stop(home)
    again = ssm(emulator.start(Options(home=home, persist=False)))
    assert again.describe_parameters()["Parameters"] == []


def test_the_callers_aws_settings_do_not_matter(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "a-profile-that-does-not-exist")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    running = emulator.start(Options(home=home, port=0, persist=False))
    assert ssm(running).describe_parameters()["Parameters"] == []


def test_a_process_that_is_not_ours_is_never_stopped(home: Path) -> None:
    (home / "aws.json").write_text(json.dumps({"pid": os.getpid(), "port": 1, "auth": False}))
    assert emulator.running(home) is None
    assert not emulator.stop(home)


@pytest.mark.parametrize("record", ["", "{}", "[]", "null", '{"pid": 1}', "\xff"])
def test_a_damaged_record_counts_as_none(tmp_path: Path, record: str) -> None:
    (tmp_path / "aws.json").write_text(record)
    assert emulator.recorded(tmp_path) is None


def test_a_stage_that_does_not_run_says_how_to_start_it(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="not running"):
        for_stage("local", tmp_path)


def test_a_taken_port_is_left_to_its_owner(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((emulator.HOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        (tmp_path / "aws.json").write_text(json.dumps({"pid": 1, "port": taken, "auth": False}))
        assert emulator.choose_port(Options(home=tmp_path)) != taken
