"""`.ci/run`: the whole on one Python, a smoke on each other, and what was not checked is said."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.deploy import runtime
from infra.paths import ROOT

NAMES = ["{}.{}".format(*version) for version in runtime.PYTHONS]
MAKEFILE = """\
check audit test demo test-quick:
\t@echo "$$(.venv/bin/python) $@" >> "$(LOG)"; test "$@ $$(.venv/bin/python)" != "$(FAILS)"
setup:
\t@mkdir -p .venv/bin && cp "$$(command -v $(PYTHON))" .venv/bin/python
"""


class Machine:
    """A clone with a Makefile that notes what is made with which Python, on a machine with some Pythons."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin, self.log = folder / "checkout", folder / "bin", folder / "log"
        for name in (".ci/run", "infra/find_python.sh", "infra/pythons.txt"):
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.folder / name)
        (self.folder / "Makefile").write_text(MAKEFILE)
        self.write(self.bin / "chromium", "")
        self.write(self.bin / "chromedriver", "")
        for name in NAMES:  # none runs, whatever this machine has, until a test puts it there
            self.write(self.bin / f"python{name}", "exit 127")
        for name in ("python3", "python"):
            self.write(self.bin / name, "exit 127")
        self.put(self.folder / ".venv" / "bin" / "python", NAMES[0])
        commit = (
            "git init -q . && git add .ci infra Makefile && git -c user.name=a -c user.email=a@b.c commit -q -m one"
        )
        subprocess.run(commit, shell=True, check=True, cwd=self.folder)  # noqa: S602 - our own words

    def write(self, file: Path, line: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{line}\n")
        file.chmod(0o755)

    def put(self, file: Path, version: str) -> None:
        """Says its version when it runs without arguments, or is asked for it; passes whatever else it is asked."""
        asked = (
            f'case "$2" in *sys.exit*) case "$2" in *{version}*) exit 0;; esac; exit 1;; *print*) echo {version};; esac'
        )
        package = f'case "$2" in *packaging.package*) echo "{version} package" >> "$LOG";; esac'
        self.write(file, f"if [ $# -eq 0 ]; then echo {version}; exit; fi\n{asked}\n{package}")

    def run(self, fails: str = "", seconds: str = "1380") -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", "LOG": str(self.log), "FAILS": fails}
        environment |= {"EARSHOT_CI_SECONDS": seconds}
        environment |= {"PYENV_ROOT": str(self.folder / "none"), "TMPDIR": str(self.folder.parent)}
        command = [str(self.folder / ".ci" / "run")]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    def made(self, version: str) -> list[str]:
        lines = self.log.read_text().splitlines()
        return [line.removeprefix(f"{version} ") for line in lines if line.startswith(f"{version} ")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


SMOKE = ["test-quick", "package", "demo"]


def test_the_whole_on_one_python_and_a_smoke_on_each_other(machine: Machine) -> None:
    first, second, *others = NAMES
    machine.put(machine.bin / f"python{second}", second)
    result = machine.run()
    assert result.returncode == 0, result.stderr
    assert machine.made(first) == ["check", "audit", "test", "demo"]
    assert machine.made(second) == SMOKE
    assert f"#### Python {second}: set up, pure rings, package and demonstration passed" in result.stderr
    assert len(others) > 0
    for other in others:
        assert f"#### Python {other} is NOT CHECKED: this machine has none." in result.stderr
    assert list(machine.folder.parent.glob("tmp.*")) == []


@pytest.mark.parametrize("step", ["test-quick", "demo"])
def test_a_smoke_that_fails_is_a_failure_and_the_next_is_tried_all_the_same(machine: Machine, step: str) -> None:
    _, second, third, *_ = NAMES
    for version in (second, third):
        machine.put(machine.bin / f"python{version}", version)
    result = machine.run(fails=f"{step} {second}")
    assert result.returncode == 1
    assert f"#### Python {second} FAILED" in result.stderr
    assert machine.made(second) == SMOKE[: SMOKE.index(step) + 1]
    assert machine.made(third) == SMOKE


@pytest.mark.parametrize("step", ["check", "audit", "test", "demo"])
def test_what_fails_on_the_whole_ends_it(machine: Machine, step: str) -> None:
    result = machine.run(fails=f"{step} {NAMES[0]}")
    assert result.returncode != 0
    assert machine.made(NAMES[0])[-1] == step
    assert "passed" not in result.stderr


def test_a_smoke_that_there_is_no_time_for_is_not_begun_and_that_is_said(machine: Machine) -> None:
    _, second, *_ = NAMES
    machine.put(machine.bin / f"python{second}", second)
    result = machine.run(seconds="299")
    assert result.returncode == 0
    assert machine.made(second) == []
    assert f"#### Python {second} is NOT CHECKED: no time is left of 299 s." in result.stderr
