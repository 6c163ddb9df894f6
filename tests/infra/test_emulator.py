"""The local AWS as a process: it starts in any shell, keeps its state, and leaves nothing behind."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.deploy.target import Target, for_stage
from infra.emulator import ministack
from infra.emulator.ministack import Options, Stopped
from infra.paths import ROOT
from infra.problem import Problem
from tests.localaws import install_reason
from tests.rings import need

pytestmark = pytest.mark.local_aws


def s3(running: ministack.Emulator):  # type: ignore[no-untyped-def]
    return Target(stage="local", endpoint=running.endpoint).client("s3")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    reason = install_reason()
    need(reason is None, f"no local AWS: {reason}")
    yield tmp_path
    ministack.stop(tmp_path)


def ssm(running: ministack.Emulator):  # type: ignore[no-untyped-def]
    return Target(stage="local", endpoint=running.endpoint).client("ssm")


def sqs(running: ministack.Emulator):  # type: ignore[no-untyped-def]
    return Target(stage="local", endpoint=running.endpoint).client("sqs")


def test_state_outlives_a_clean_stop_and_nothing_else_is_left(home: Path) -> None:
    first = ministack.start(Options(home=home, port=0))
    ssm(first).put_parameter(Name="/kept", Value="yes", Type="String")
    assert ministack.stop(home) is Stopped.SAVED
    assert ministack.stop(home) is Stopped.NOT_RUNNING
    assert not (home / "tmp").exists()

    second = ministack.start(Options(home=home))
    assert second.port == first.port
    assert ssm(second).get_parameter(Name="/kept")["Parameter"]["Value"] == "yes"


def test_after_a_crash_everything_is_that_of_the_last_clean_stop(home: Path) -> None:
    first = ministack.start(Options(home=home, port=0))
    ssm(first).put_parameter(Name="/saved", Value="yes", Type="String")
    s3(first).create_bucket(Bucket="saved")
    ministack.stop(home)
    second = ministack.start(Options(home=home))
    ssm(second).put_parameter(Name="/lost", Value="yes", Type="String")
    s3(second).create_bucket(Bucket="lost")
    os.kill(second.pid, signal.SIGKILL)

    third = ministack.start(Options(home=home))
    assert [p["Name"] for p in ssm(third).describe_parameters()["Parameters"]] == ["/saved"]
    assert [b["Name"] for b in s3(third).list_buckets()["Buckets"]] == ["saved"]


def test_starting_twice_is_starting_once(home: Path) -> None:
    options = Options(home=home, port=0, persist=False)
    assert ministack.start(options) == ministack.start(options)


def test_without_persistence_nothing_is_kept(home: Path) -> None:
    ssm(ministack.start(Options(home=home, port=0, persist=False))).put_parameter(Name="/a", Value="b", Type="String")
    ministack.stop(home)
    again = ssm(ministack.start(Options(home=home, persist=False)))
    assert again.describe_parameters()["Parameters"] == []


def test_the_callers_aws_settings_do_not_matter(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "a-profile-that-does-not-exist")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    running = ministack.start(Options(home=home, port=0, persist=False))
    assert ssm(running).describe_parameters()["Parameters"] == []


def test_a_process_that_is_not_ours_is_never_stopped(home: Path) -> None:
    record = {"pid": os.getpid(), "port": 1, "nonce": "a", "auth": False, "persist": True}
    (home / "aws.json").write_text(json.dumps(record))
    assert ministack.running(home) is None
    assert ministack.stop(home) is Stopped.NOT_RUNNING


@pytest.mark.parametrize("record", ["", "{}", "[]", "null", '{"pid": 1}', "\xff"])
def test_a_damaged_record_counts_as_none(tmp_path: Path, record: str) -> None:
    (tmp_path / "aws.json").write_text(record)
    assert ministack.recorded(tmp_path) is None


def test_a_stage_that_does_not_run_says_how_to_start_it(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="not running"):
        for_stage("local", tmp_path)


def test_a_taken_port_is_left_to_its_owner(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((ministack.HOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        (tmp_path / "kept").mkdir()
        (tmp_path / "kept" / "port").write_text(str(taken))
        assert ministack.choose_port(Options(home=tmp_path)) != taken
        with pytest.raises(Problem, match="taken"):
            ministack.choose_port(Options(home=tmp_path, port=taken))


# --- it tells the truth -------------------------------------------------------------------------------------------


def test_on_another_port_its_queues_are_still_its_own(home: Path) -> None:
    first = ministack.start(Options(home=home, port=0))
    old = sqs(first).create_queue(QueueName="kept")["QueueUrl"]
    sqs(first).send_message(QueueUrl=old, MessageBody="hello")
    ssm(first).put_parameter(Name="/url", Value=old, Type="String")
    ministack.stop(home)

    second = ministack.start(Options(home=home, port=0))
    assert second.port != first.port
    url = ssm(second).get_parameter(Name="/url")["Parameter"]["Value"]
    assert url == sqs(second).get_queue_url(QueueName="kept")["QueueUrl"]
    assert [m["Body"] for m in sqs(second).receive_message(QueueUrl=url)["Messages"]] == ["hello"]


def test_two_starts_at_once_are_one(home: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from infra.emulator import ministack;"
        "print(ministack.start(ministack.Options(home=Path(sys.argv[1]), port=0, persist=False)).pid)"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", script, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    pids = {one.communicate(timeout=120)[0] for one in both}
    running = ministack.running(home)
    assert running
    assert pids == {f"{running.pid}\n"}


def test_another_checkouts_emulator_is_not_taken_for_ours(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    theirs = tmp_path_factory.mktemp("theirs")
    other = ministack.start(Options(home=theirs, port=0, persist=False))
    try:
        with pytest.raises(Problem, match="taken"):
            ministack.start(Options(home=home, port=other.port, persist=False))
        assert ministack.recorded(home) is None
        record = {"pid": other.pid, "port": other.port, "nonce": "ours", "auth": False, "persist": False}
        (home / "aws.json").write_text(json.dumps(record))
        assert ministack.running(home) is None
        assert ministack.stop(home) is Stopped.NOT_RUNNING
        assert ministack.running(theirs) == other
    finally:
        ministack.stop(theirs)


def test_a_state_that_cannot_be_kept_is_said_and_the_last_one_stays(home: Path) -> None:
    first = ministack.start(Options(home=home, port=0))
    ssm(first).put_parameter(Name="/saved", Value="yes", Type="String")
    assert ministack.stop(home) is Stopped.SAVED
    second = ministack.start(Options(home=home))
    ssm(second).put_parameter(Name="/lost", Value="yes", Type="String")
    (home / f"kept-{second.nonce}").write_text("where the state would be made stands a file")
    assert ministack.stop(home) is Stopped.NOT_SAVED

    third = ministack.start(Options(home=home))
    assert [p["Name"] for p in ssm(third).describe_parameters()["Parameters"]] == ["/saved"]


def test_a_start_that_fails_leaves_nothing_that_runs(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ministack, "START_S", 0.0)
    with pytest.raises(Problem, match="did not start"):
        ministack.start(Options(home=home, port=0))
    monkeypatch.undo()
    assert ministack.stop(home) is Stopped.NOT_RUNNING
    assert ministack.start(Options(home=home, port=0)) == ministack.running(home)


# --- who may call it ----------------------------------------------------------------------------------------------


def ask(running: ministack.Emulator, path: str, method: str = "GET", **headers: str) -> tuple[int, list[str]]:
    """Status and the names of the headers."""
    connection = http.client.HTTPConnection(ministack.HOST, running.port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    for name, value in {"Host": f"127.0.0.1:{running.port}", **headers}.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, [name.lower() for name, _ in answer.getheaders()]


HEALTH, PAGE = "/_ministack/health", "/_aws/execute-api/none/local/console"


def test_pages_and_names_of_strangers_are_refused(home: Path) -> None:
    running = ministack.start(Options(home=home, port=0, persist=False))
    port = running.port
    strangers = [
        {"Host": "rebound.example"},
        {"Host": f"rebound.example:{port}"},
        {"Host": "127.0.0.1:1"},
        {"Host": f"127.0.0.1.rebound.example:{port}"},
        {"Origin": "https://stranger.example"},
        {"Origin": "null"},
        {"Origin": f"http://127.0.0.1:{port + 1}"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "navigate"},
    ]
    for method in ("GET", "POST", "OPTIONS"):
        for headers in strangers:
            status, names = ask(running, HEALTH, method, **headers)
            assert (status, [n for n in names if n.startswith("access-control")]) == (403, []), (method, headers)


def test_programs_and_its_own_pages_are_answered_without_an_invitation(home: Path) -> None:
    running = ministack.start(Options(home=home, port=0, persist=False))
    own = f"http://localhost:{running.port}"
    for headers in (
        {},
        {"Host": f"localhost:{running.port}", "Origin": own},
        {"Origin": "null", "Sec_Fetch_Site": "same-origin"},  # a form of a page with no-referrer
    ):
        status, names = ask(running, HEALTH, **headers)
        assert (status, [n for n in names if n.startswith("access-control")]) == (200, []), headers
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert ask(running, PAGE, **link)[0] != 403
    assert ask(running, PAGE, "POST", **link)[0] == 403


def test_its_folder_is_nobody_elses(home: Path) -> None:
    home.chmod(0o755)
    ministack.start(Options(home=home, port=0, persist=False))
    assert home.stat().st_mode & 0o777 == 0o700
