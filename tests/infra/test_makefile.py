"""`make` alone tells what there is."""

import re
import subprocess

import pytest

from infra.paths import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], capture_output=True, text=True, cwd=ROOT, check=False)


def test_help_is_the_default_and_lists_every_public_target() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony
    listed = set(re.findall(r"^  make ([\w-]+)", make().stdout, re.MULTILINE))
    assert listed == set(phony.group(1).split())


@pytest.mark.parametrize("target", ["demo", "test", "check", "bench", "bench-classify", "up"])
def test_without_python_3_11_it_says_so(target: str) -> None:
    # -W: as if the requirements were newer than what is installed.
    result = make(target, "PYTHON=", "-W", "requirements.txt", "ARGS=--collect-only")
    assert result.returncode == 2
    assert "needs Python 3.11" in result.stderr


def test_once_is_passed_to_the_demo() -> None:
    assert "infra demo --once" in make("-n", "demo", "ONCE=1").stdout
    assert "--once" not in make("-n", "demo").stdout


def test_files_are_passed_to_the_bench_of_texts() -> None:
    assert "bench.classify a.csv b.csv" in make("-n", "bench-classify", "ARGS=a.csv b.csv").stdout
