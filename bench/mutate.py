"""
`make mutate`: break the product in one place at a time, and see whether a test notices.

A random sample over all rooms, drawn with a seed. Each mutant is written into a
temporary copy of the checkout and the tests that call the broken function run
there, fastest first. What was found is kept in `.local/mutate/`, so a run that
was stopped goes on where it was. What survived is explained in docs/mutation.md.
"""

import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict

import click

from bench.mutants import Mutant, compiles, mutants
from infra.paths import ROOT

FLOOR_PERCENT = 90
ROOMS = ("chalicelib", "infra")
LEFT_OUT = (".git", ".venv", ".emulator", ".local", ".*_cache", ".hypothesis", "__pycache__", "*.egg-info")
KEPT = ROOT / ".local" / "mutate"
PYTEST = ("-m", "pytest", "-q", "-x", "--no-header", "--hypothesis-profile=ci", "-p", "no:cacheprovider")
# Never for a mutant: they start a local AWS, a browser or a package installation.
OUTER = (
    "tests/deployed",
    "tests/infra/test_local_stage.py",
    "tests/infra/test_emulator.py",
    "tests/infra/test_layer.py",
)
LIMIT = 60.0  # seconds that the chosen tests of one mutant may take by the map
STEP = 10  # test files in one run while the map is made
PATIENCE = 6.0  # times what the map says, before a mutant counts as hanging
START_UP = 60.0  # seconds more, for a machine that is busy

NOTICED = {"failed", "timed out"}


class Reach(TypedDict):
    """What one test does by the map."""

    seconds: float
    functions: list[str]  # file::dotted.name


Reached = Mapping[str, Reach]  # by test id


@dataclass
class Verdicts:
    """What is known of each mutant, in a file that is rewritten after each of them."""

    file: Path

    def __post_init__(self) -> None:
        self.known: dict[str, str] = json.loads(self.file.read_text()) if self.file.exists() else {}

    def add(self, mutant: Mutant, verdict: str) -> None:
        self.known[mutant.id] = verdict
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(self.known, indent=1))


@click.command()
@click.option("--sample", type=click.IntRange(min=1), default=100, show_default=True, help="How many mutants.")
@click.option("--seed", type=int, help="Draws the sample; without it, another one each time.")
@click.option("--only", default="", help="Only files whose path begins with this: chalicelib/domain.")
@click.option("--again", is_flag=True, help="Try those that survived once more, with the tests of today.")
@click.option("--fresh-map", is_flag=True, help="Find out anew which test calls what (also done after many changes).")
@click.option("--emulator", is_flag=True, help="For what survives, run the adapters' tests on the local AWS as well.")
def main(sample: int, seed: int | None, only: str, again: bool, fresh_map: bool, emulator: bool) -> None:
    """Mutate a sample of the product, show what no test noticed, and fail below 90 % noticed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended, and the copy removed
    seed = random.SystemRandom().randrange(10_000) if seed is None else seed
    with TemporaryDirectory(prefix="earshot-mutate-") as folder:
        copy = copied(Path(folder))
        every = candidates(copy, only)
        chosen = drawn(every, sample, seed, copy)
        verdicts = Verdicts(KEPT / f"{seed}-{digest(copy)}.json")
        click.echo(f"{len(chosen)} of {len(every)} mutants, seed {seed}")
        reached = reach(copy, fresh=fresh_map)
        for number, mutant in enumerate(chosen, 1):
            known = verdicts.known.get(mutant.id)
            if known is None or (again and known not in NOTICED):
                known = tried(copy, mutant, reaching(mutant, reached, copy), emulator=emulator)
                verdicts.add(mutant, known)
            click.echo(f"{number:4} {known:10} {mutant}")
    click.echo(summary(chosen, verdicts.known, seed))
    sys.exit(noticed_percent(chosen, verdicts.known) < FLOOR_PERCENT)


# --- which -------------------------------------------------------------------------------------------------------


def candidates(root: Path, only: str = "") -> list[Mutant]:
    """Every mutant of the product's Python files whose path begins with `only`."""
    files = sorted(file for room in ROOMS for file in (root / room).rglob("*.py"))
    names = [(file, file.relative_to(root).as_posix()) for file in files]
    return [found for file, name in names if name.startswith(only) for found in mutants(name, file.read_text())]


def drawn(every: Sequence[Mutant], size: int, seed: int, root: Path) -> list[Mutant]:
    """So many of them, the same ones for the same seed and code."""
    mixed = random.Random(seed).sample(list(every), len(every))
    return list(islice((mutant for mutant in mixed if compiles(mutant, (root / mutant.file).read_text())), size))


def digest(root: Path) -> str:
    """Of the product alone: tests may be mended while a sample is worked off."""
    files = sorted(file for room in ROOMS for file in (root / room).rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def reaching(mutant: Mutant, reached: Reached, root: Path) -> list[str]:
    """
    Tests that call the broken function, fastest first, as many as the limit allows.

    What stands outside functions runs when its module is imported: then tests
    that call anything in the file. Test files that import the module and that
    the map does not know are added whole.
    """
    target = f"{mutant.file}::{mutant.function}"

    def calls(functions: list[str]) -> bool:
        if mutant.function:
            return target in functions
        return any(name.startswith(target) for name in functions)

    fitting = {test: entry["seconds"] for test, entry in reached.items() if calls(entry["functions"])}
    known = {test.partition("::")[0] for test in reached}
    importing = list(importers(mutant.file, root))
    new = [file for file in importing if file not in known]
    if not fitting:
        # Called in another process, or while a test file is imported.
        fitting = {test: entry["seconds"] for test, entry in reached.items() if test.partition("::")[0] in importing}
    tests: list[str] = []
    spent = 0.0
    for test, seconds in sorted(fitting.items(), key=lambda pair: pair[1]):
        spent += seconds
        if tests and spent > LIMIT:
            break
        tests.append(test)
    return tests + new


def importers(file: str, root: Path) -> Iterator[str]:
    """Test files that name the module."""
    module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    package, _, name = module.rpartition(".")
    pattern = re.compile(rf"{re.escape(module)}\b|from {re.escape(package)} import [^\n]*\b{re.escape(name)}\b")
    for test in sorted((root / "tests").rglob("test_*.py")):
        if pattern.search(test.read_text()) and not test.relative_to(root).as_posix().startswith(OUTER):
            yield test.relative_to(root).as_posix()


# --- how ---------------------------------------------------------------------------------------------------------


def copied(folder: Path) -> Path:
    """A copy of the checkout where mutants may be written."""
    copy = folder / "checkout"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return copy


def reach(copy: Path, *, fresh: bool) -> Reached:
    """
    Which test calls which functions, from `.local/mutate/` where it is known.

    It is made once; after that only test files that were changed run again.
    """
    kept = KEPT / "reach.json"
    stored = json.loads(kept.read_text()) if kept.exists() and not fresh else {"files": {}, "tests": {}}
    files = sorted(file.relative_to(copy).as_posix() for file in (copy / "tests").rglob("test_*.py"))
    marks = {
        file: hashlib.sha256((copy / file).read_bytes()).hexdigest() for file in files if not file.startswith(OUTER)
    }
    changed = [file for file, mark in marks.items() if stored["files"].get(file) != mark]
    if changed:
        click.echo(f"finding out what the tests of {len(changed)} files call ...")
    found = copy.parent / "reach.json"
    options = [option for option in PYTEST if option != "-x"]
    for first in range(0, len(changed), STEP):  # kept after each step, so that nothing is done twice
        step = changed[first : first + STEP]
        found.unlink(missing_ok=True)
        ran(copy, [*options, "-p", "bench.reach", "--reach", str(found), *step], limit=1200)
        new = json.loads(found.read_text()) if found.exists() else {}
        old = {test: entry for test, entry in stored["tests"].items() if test.partition("::")[0] not in step}
        # An id with a path of this copy in it names no test of the next copy.
        stored["tests"] = old | {test: entry for test, entry in new.items() if str(copy) not in test}
        stored["files"] |= {file: marks[file] for file in step}
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(stored))
    return {test: entry for test, entry in stored["tests"].items() if test.partition("::")[0] in marks}


def tried(copy: Path, mutant: Mutant, tests: Sequence[str], *, emulator: bool) -> str:
    """`failed` or `timed out` when a test noticed; else `survived`, or `no test`."""
    file = copy / mutant.file
    original = file.read_text()
    file.write_text(mutant.applied(original))
    # Bytecode is held by the second: without this, the last mutant of the same length would run again.
    _tried_times[0] += 2
    moved = time.time() + _tried_times[0]
    os.utime(file, (moved, moved))
    try:
        verdict = (
            ran(copy, [*PYTEST, "-p", "bench.reach", *tests], limit=START_UP + PATIENCE * LIMIT) if tests else "no test"
        )
        if verdict in {"survived", "no test"} and emulator:
            outer = [name for name in importers(mutant.file, copy) if name.startswith("tests/adapters")]
            verdict = ran(copy, [*PYTEST, *outer], limit=600) if outer else verdict
    finally:
        file.write_text(original)
        os.utime(file, (moved + 1, moved + 1))
    return verdict


_tried_times = [0]


def ran(copy: Path, arguments: Sequence[str], limit: float) -> str:
    """How a run of pytest in the copy ended. Whatever it started is ended with it."""
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=copy,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    return verdict_of(code)


def verdict_of(code: int | None) -> str:
    """pytest's exit codes; what nobody can explain counts for nothing noticed."""
    if code is None:
        return "timed out"
    return {0: "survived", 1: "failed", 2: "failed", 3: "failed", 4: "failed", 5: "no test"}.get(code, "unclear")


# --- the sum -----------------------------------------------------------------------------------------------------


def noticed_percent(chosen: Sequence[Mutant], known: Mapping[str, str]) -> float:
    """0 when nothing was tried: a run that did nothing must not pass."""
    return 100 * sum(known.get(mutant.id) in NOTICED for mutant in chosen) / len(chosen) if chosen else 0.0


def summary(chosen: Sequence[Mutant], known: Mapping[str, str], seed: int) -> str:
    """What nobody noticed, and one line for the end of the run."""
    counts = Counter(known.get(mutant.id, "not tried") for mutant in chosen)
    parts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    lost = [f"  {mutant}" for mutant in chosen if known.get(mutant.id) not in NOTICED]
    percent = noticed_percent(chosen, known)
    total = f"{len(chosen)} mutants, seed {seed}: {parts}; {percent:.1f} % noticed, {FLOOR_PERCENT} % wanted"
    return "\n".join([*(["Nobody noticed:", *lost] if lost else []), total])


if __name__ == "__main__":
    main()
