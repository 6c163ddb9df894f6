"""What the demo leaves behind: nothing, even when an earlier one was killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.demo import show, stage


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_ends_it_ends_it_tidily(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), show._tidy_end():
        signal.raise_signal(number)
    assert signal.getsignal(number) is before
