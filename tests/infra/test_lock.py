"""Everything that pip installs is pinned with its hashes, and nothing is installed that is not pinned."""

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.deploy import audit, encoder_layer, runtime
from infra.emulator import ministack
from infra.paths import EMULATOR, LOCKS, ROOT

OURS = "earshot"
BROUGHT_BY_PYTHON = {"pip", "setuptools"}  # by `python -m venv`; a list that pins them replaces them
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
RELOCK = "edit the .in file beside it, then run `make lock`"


@cache
def rows(lock: Path) -> tuple[tuple[Requirement, int], ...]:
    """Each pinned package, for whatever Python and machine, with the number of its hashes, as pip reads the file."""
    lines = re.sub(r"\\\n", " ", lock.read_text()).splitlines()
    found = [line.partition(" --hash=") for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return tuple((Requirement(row), len(re.findall(r"\bsha256:[0-9a-f]{64}\b", hashes))) for row, _, hashes in found)


def pins(lock: Path) -> dict[str, Requirement]:
    """What is pinned for the Python that runs this, by name."""
    return {canonicalize_name(one.name): one for one, _ in rows(lock) if is_for_us(one)}


def is_for_us(requirement: Requirement, **environment: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(environment)


def asked_for(lock: Path) -> Iterator[Requirement]:
    """What its `.in` file names, and those that it takes over."""
    for row in lock.with_suffix(".in").read_text().splitlines():
        if row.startswith("-r "):
            yield from asked_for((lock.parent / row[3:]).with_suffix(".txt"))
        elif row and not row.startswith(("#", "-c ")):
            yield Requirement(row)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_every_package_of_a_list_is_pinned_with_hashes(lock: Path) -> None:
    assert rows(lock)
    for requirement, hashes in rows(lock):
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), f"{requirement.name} is not pinned: {RELOCK}"
        assert hashes, f"{requirement.name} has no hash: {RELOCK}"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_a_list_is_that_of_its_in_file(lock: Path) -> None:
    for wanted in asked_for(lock):
        pinned = {str(one.specifier) for one, _ in rows(lock) if one.name.lower() == wanted.name.lower()}
        assert pinned, f"{wanted.name} is not in {lock.name}: run `make lock`"
        assert str(wanted.specifier) in pinned, f"{wanted.name} is another in {lock.name}: `make lock`"


@pytest.mark.parametrize("version", runtime.PYTHONS, ids=lambda one: "{}.{}".format(*one))
@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_each_python_gets_one_version_of_every_package(lock: Path, version: tuple[int, int]) -> None:
    """Of numpy too, which is another on the oldest: the image of its Lambda is older."""
    short = "{}.{}".format(*version)
    there = {"python_version": short, "python_full_version": f"{short}.1"}
    names = [canonicalize_name(one.name) for one, _ in rows(lock) if is_for_us(one, **there)]
    assert len(names) == len(set(names)) > 0
    wanted = {canonicalize_name(one.name) for one in asked_for(lock) if is_for_us(one, **there)}
    assert wanted <= set(names)


def test_functions_are_tried_with_the_numpy_of_their_layer() -> None:
    assert pins(encoder_layer.REQUIREMENTS)["numpy"] == pins(ROOT / "requirements-dev.txt")["numpy"]


def test_no_list_is_left_out() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    lists = [ROOT / name for name in tracked if re.search(r"requirements[^/]*\.txt$", name)]
    assert sorted(LOCKS) == sorted(lists)
    made = re.search(r"^LOCKS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert made
    assert [f"{name}.txt" for name in made[1].split()] == [str(lock.relative_to(ROOT)) for lock in LOCKS]


def test_what_is_tried_here_is_what_ships() -> None:
    shipped = pins(ROOT / "requirements.txt") | pins(ROOT / "requirements-signing.txt")
    tried = pins(ROOT / "requirements-dev.txt")
    assert {name: str(one) for name, one in shipped.items()} == {name: str(tried[name]) for name in shipped}


@pytest.mark.parametrize(
    ("lock", "folder"),
    [
        pytest.param(ROOT / "requirements-dev.txt", None, id="development"),
        pytest.param(
            ministack.REQUIREMENTS,
            EMULATOR / "lib" / PYTHON / "site-packages",
            id="local AWS",
            marks=pytest.mark.local_aws,
        ),
    ],
)
def test_nothing_is_installed_that_is_not_pinned(lock: Path, folder: Path | None) -> None:
    if folder:
        ministack.install()
    installed = {canonicalize_name(one.name): one for one in distributions(path=[str(folder)] if folder else sys.path)}
    pinned = {name: str(one.specifier).removeprefix("==") for name, one in pins(lock).items()}
    for name, one in installed.items():
        if name != OURS and not (name in BROUGHT_BY_PYTHON and name not in pinned):
            assert pinned.get(name) == one.version, f"{name}: {RELOCK}, or install what is pinned with `make setup`"
    for name in pinned.keys() & installed.keys():
        assert not set(needed_by(installed[name])) - pinned.keys() - BROUGHT_BY_PYTHON, name


def needed_by(one: Distribution) -> Iterator[str]:
    """What a package needs on this machine, extras aside."""
    for requirement in map(Requirement, one.requires or ()):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield canonicalize_name(requirement.name)


def test_another_file_than_the_pinned_one_is_not_installed(tmp_path: Path) -> None:
    """As pip is called by us: one hash in the list is enough for all to be checked."""
    wheel = tmp_path / "small-1.0-py3-none-any.whl"
    wheel.write_bytes(b"PK")
    wanted = tmp_path / "requirements.txt"
    wanted.write_text(f"small==1.0 --hash=sha256:{'0' * 64}\n")
    arguments = ["--no-index", "--find-links", str(tmp_path), "--target", str(tmp_path / "out"), "-r", str(wanted)]
    command = [sys.executable, "-m", "pip", "install", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert "DO NOT MATCH THE HASHES" in result.stderr


# --- known vulnerabilities ----------------------------------------------------------------------------------------


def told_by(folder: Path, output: str, *, error: str = "", status: int = 0) -> list[str]:
    script = folder / "told.py"
    script.write_text(f"import sys; print({output!r}); print({error!r}, file=sys.stderr); sys.exit({status})")
    return [sys.executable, str(script)]


VULNERABLE = (
    '{"dependencies": [{"name": "small", "version": "1.0", '
    '"vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["1.1"], "aliases": []}]}], "fixes": []}'
)
CLEAN = '{"dependencies": [{"name": "small", "version": "1.0", "vulns": []}], "fixes": []}'
SKIPPED = '{"dependencies": [{"name": "small", "skip_reason": "not found on PyPI"}], "fixes": []}'


def test_a_known_vulnerability_ends_with_1_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(told_by(tmp_path, VULNERABLE, status=1)) == 1
    assert "small 1.0: PYSEC-2026-1, mended in 1.1" in capsys.readouterr().out


def test_nothing_known_is_said_only_when_all_were_looked_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(told_by(tmp_path, CLEAN)) == 0
    assert "No known vulnerability" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("output", "error", "said"),
    [
        (SKIPPED, "No known vulnerabilities found", "nothing of 1 of 1 packages"),
        ("", "Traceback\nrequests.exceptions.ConnectionError: no route", "no route"),
        ("[]", "", "no answer"),
    ],
    ids=["not in the index", "no network", "nonsense"],
)
def test_what_could_not_be_asked_is_said_loudly(
    output: str, error: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.main(told_by(tmp_path, output, error=error)) == 0
    told = capsys.readouterr()
    assert "No known vulnerability" not in told.out
    assert "NOT AUDITED requirements.txt" in told.err
    assert said in told.err
    assert "####" in told.err
