"""`make` alone tells what there is."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from infra.deploy import runtime
from infra.paths import INFRA, ROOT

NAMES = ["{}.{}".format(*version) for version in runtime.PYTHONS]
MAKEFILE = (ROOT / "Makefile").read_text()


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], capture_output=True, text=True, cwd=ROOT, check=False)


def test_help_is_the_default_and_lists_every_public_target() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony
    listed = set(re.findall(r"^  make ([\w-]+)", make().stdout, re.MULTILINE))
    assert listed == set(phony.group(1).split())


@pytest.mark.parametrize("target", ["demo", "test", "test-quick", "check", "bench", "bench-classify", "up"])
def test_without_a_python_it_says_which_there_may_be(target: str) -> None:
    # -W: as if the requirements were newer than what is installed.
    result = make(target, "PYTHON=", "-W", "requirements.txt", "ARGS=--collect-only")
    assert result.returncode == 2
    assert f"needs one of these versions of Python: {' '.join(NAMES)}." in result.stderr


# --- which Python ----------------------------------------------------------------------------------------------------


class Checkout:
    """A folder with the script that looks for a Python, and a machine with those alone that a test puts on it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin, self.pyenv = folder / "checkout", folder / "bin", folder / "pyenv"
        (self.folder / "infra").mkdir(parents=True)
        self.bin.mkdir()
        for name in ("find_python.sh", "pythons.txt"):
            shutil.copy(INFRA / name, self.folder / "infra" / name)
        for tool in ("sh", "cat", "dirname"):
            (self.bin / tool).symlink_to(shutil.which(tool) or "")

    def put(self, file: Path, version: str) -> None:
        """A Python of this version, or what it would be taken for."""
        numbers = f"({version.replace('.', ', ')}, 0)"
        script = f"import sys; sys.version_info = {numbers}; exec(sys.argv[1])"
        self.write(file, f'exec {sys.executable} -c "{script}" "$2"')

    def write(self, file: Path, line: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{line}\n")
        file.chmod(0o755)

    def find(self, *versions: str) -> str:
        """What the script prints, relative to the machine."""
        command = [str(self.folder / "infra" / "find_python.sh"), *versions]
        environment = {"PATH": str(self.bin), "PYENV_ROOT": str(self.pyenv), "HOME": str(self.folder)}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == (0 if done.stdout else 1)
        return done.stdout.strip().removeprefix(f"{self.pyenv}/")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize("version", NAMES)
def test_each_version_is_found_by_its_name(version: str, checkout: Checkout) -> None:
    checkout.put(checkout.bin / f"python{version}", version)
    assert checkout.find() == checkout.find(version) == f"python{version}"
    for other in set(NAMES) - {version}:
        assert checkout.find(other) == ""


@pytest.mark.parametrize("version", NAMES)
def test_each_version_is_found_under_a_common_name(version: str, checkout: Checkout) -> None:
    checkout.put(checkout.bin / "python3", version)
    assert checkout.find() == "python3"


def test_the_first_of_the_list_is_taken(checkout: Checkout) -> None:
    taken = []
    for version in reversed(NAMES):
        checkout.put(checkout.bin / f"python{version}", version)
        taken.append(checkout.find())
    assert taken == [f"python{version}" for version in reversed(NAMES)]


def test_a_command_that_does_not_run_is_passed_over(checkout: Checkout) -> None:
    first, second = NAMES[:2]
    checkout.write(checkout.bin / f"python{first}", "echo 'pyenv: command not found' >&2; exit 127")
    checkout.put(checkout.bin / f"python{second}", second)
    assert checkout.find() == f"python{second}"
    checkout.put(checkout.pyenv / "versions" / f"{first}.4" / "bin" / "python", first)
    assert checkout.find() == f"versions/{first}.4/bin/python"


def test_a_python_of_another_version_is_none(checkout: Checkout) -> None:
    checkout.put(checkout.bin / "python3", "3.10")
    checkout.put(checkout.bin / f"python{NAMES[0]}", "3.10")
    assert checkout.find() == ""


def test_an_environment_keeps_its_python(checkout: Checkout) -> None:
    checkout.put(checkout.bin / f"python{NAMES[0]}", NAMES[0])
    checkout.put(checkout.folder / ".venv" / "bin" / "python", NAMES[-1])
    assert checkout.find() == ".venv/bin/python"
    assert checkout.find(NAMES[0]) == f"python{NAMES[0]}"
    checkout.put(checkout.folder / ".venv" / "bin" / "python", "3.10")
    assert checkout.find() == f"python{NAMES[0]}"


def test_what_is_told_of_pythons_is_told_of_these() -> None:
    """`infra/pythons.txt` is the one list; where its ends must stand otherwise they are held to it here."""
    oldest, newest = min(runtime.PYTHONS), max(runtime.PYTHONS)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["requires-python"] == f">={oldest[0]}.{oldest[1]},<{newest[0]}.{newest[1] + 1}"
    assert project["tool"]["mypy"]["python_version"] == f"{oldest[0]}.{oldest[1]}"
    assert project["tool"]["ruff"]["target-version"] == f"py{oldest[0]}{oldest[1]}"
    for document in ("README.md", "docs/deploying.md"):
        assert f"Python {runtime.in_words()}" in (ROOT / document).read_text()
    assert "AWS ends Python 3.11 on 30 June 2027" in (ROOT / "README.md").read_text()


def test_once_is_passed_to_the_demo() -> None:
    assert "infra demo --once" in make("-n", "demo", "ONCE=1").stdout
    assert "--once" not in make("-n", "demo").stdout


def test_files_are_passed_to_the_bench_of_texts() -> None:
    assert "bench.classify a.csv b.csv" in make("-n", "bench-classify", "ARGS=a.csv b.csv").stdout
