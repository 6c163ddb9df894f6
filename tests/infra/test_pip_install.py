"""Installing says how far it is, and what to do where nothing answers."""

import os
import subprocess
import sys

import pytest

from infra import pip_install
from infra.paths import ROOT


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The file as `make setup` runs it, with an index at which nobody listens."""
    nobody = {"PIP_INDEX_URL": "http://127.0.0.1:1/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")} | nobody
    command = [sys.executable, str(ROOT / "infra" / "pip_install.py"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_an_index_that_cannot_be_reached_is_told_as_that() -> None:
    done = run("no-such-package-of-ours")
    assert done.returncode == 1
    assert done.stderr.startswith("The package index cannot be reached.\nNext: check the network")
    assert "Traceback" not in done.stdout + done.stderr


def test_what_pip_itself_refuses_is_told_in_its_words(tmp_path) -> None:
    (tmp_path / "list.txt").write_text("this is no requirement\n")
    done = run("--requirement", str(tmp_path / "list.txt"))
    assert done.returncode == 1
    assert "The packages could not be installed. pip said:" in done.stderr
    assert "Invalid requirement" in done.stderr


def test_it_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pip_install, "SAY_EVERY_S", 0.0)
    heard: list[str] = []
    pip = "print('Collecting a\\nCollecting b\\nDownloading b\\nInstalling collected packages: a, b')"
    pip_install.install([sys.executable, "-c", pip], packages=2, say=heard.append)
    assert heard == ["  1 of 2 packages are here", "  2 of 2 packages are here", "  unpacking them ..."]


def test_the_packages_of_a_list_are_counted() -> None:
    assert pip_install.count(ROOT / "requirements.txt") == len(
        [line for line in (ROOT / "requirements.txt").read_text().splitlines() if "==" in line]
    )
