"""What the demo leaves behind: nothing, even when an earlier one was killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.demo import show, stage
from infra.demo.stage import ENDINGS
from infra.emulator import ministack


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(stage, "HOMES", tmp_path)
    return tmp_path


def test_only_the_dead_are_cleared_away(homes: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for name in (str(ended.pid), str(os.getpid()), "notes"):
        (homes / name).mkdir()
        (homes / name / "clock").touch()
    stage._clear_away_dead()
    assert {home.name for home in homes.iterdir()} == {str(os.getpid()), "notes"}


def test_a_first_demo_has_nothing_to_clear_away(homes: Path) -> None:
    homes.rmdir()
    stage._clear_away_dead()
    assert not homes.exists()


@pytest.mark.parametrize("number", ENDINGS)
def test_whoever_ends_it_ends_it_tidily(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), show._tidy_end():
        signal.raise_signal(number)
    assert signal.getsignal(number) is before


# --- how it ends -----------------------------------------------------------------------------------------------------


@pytest.fixture
def signals_as_they_were() -> Iterator[None]:
    before = [(number, signal.getsignal(number)) for number in ENDINGS]
    yield
    for number, handler in before:
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals_as_they_were")
@pytest.mark.parametrize("number", ENDINGS)
def test_whoever_asks_again_is_told_that_it_still_stops(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, said = tmp_path / "home", []
    home.mkdir()
    monkeypatch.setattr(stage.ministack, "stop", lambda *_: (signal.raise_signal(number), signal.raise_signal(number)))
    stage._leave(home, keep=False, say=said.append)
    assert said[1:] == ["Still stopping: half a minute at most ..."] * 2 + ["Stopped. Nothing is left."]
    assert not home.exists()


@pytest.mark.usefixtures("signals_as_they_were")
def test_a_closed_window_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()

    def say(_line: str) -> None:
        raise OSError("no terminal")

    stage._leave(home, keep=False, say=say)
    assert not home.exists()


@pytest.mark.usefixtures("signals_as_they_were")
def test_what_is_kept_is_named(tmp_path: Path) -> None:
    said: list[str] = []
    stage._leave(tmp_path, keep=True, say=said.append)
    assert said[1:] == [f"Stopped. Its state and log are in {tmp_path}."]
    assert tmp_path.exists()


@pytest.mark.usefixtures("signals_as_they_were")
def test_a_process_that_does_not_end_is_told_of_and_its_folder_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something else than the recorded process holds the lock of `running`: stopping ends nothing."""
    sleeper = subprocess.Popen(["sleep", "60"], start_new_session=True)
    sleeper.kill()
    sleeper.wait()
    record = {"pid": sleeper.pid, "port": 1, "nonce": "n", "auth": True, "persist": False}
    (tmp_path / "aws.json").write_text(json.dumps(record))
    monkeypatch.setattr(ministack, "END_S", 0.1)
    said: list[str] = []
    with ministack.locking(tmp_path / "running"):
        stage._leave(tmp_path, keep=False, say=said.append)
    assert said[-1] == f"It still runs: process {sleeper.pid} did not end. Its folder {tmp_path} is kept."
    assert tmp_path.exists()


@pytest.mark.usefixtures("signals_as_they_were")
def test_a_folder_that_cannot_be_removed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage.shutil, "rmtree", lambda *_, **__: None)
    said: list[str] = []
    stage._leave(tmp_path, keep=False, say=said.append)
    assert said[-1] == f"Stopped, but {tmp_path} could not be removed."
