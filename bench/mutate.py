"""
`make mutate`: break the clock code in one place at a time, and see whether a test notices.

mutmut does it in a copy of the checkout; which code it breaks and which tests
it runs stands in pyproject.toml. What is left alive, and why, is explained in
docs/mutation.md.
"""

import json
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from infra.paths import ROOT

FLOOR_PERCENT = 90
PROCESSES = 2
LEFT_OUT = (".git", ".venv", ".emulator", ".local", ".*_cache", ".hypothesis", "__pycache__", "mutants", "*.egg-info")
SOME_MUTANT = "chalicelib.domain.calendar.x__utc__mutmut_1"  # mutmut names its mutants when it first tries one

# mutmut's exit codes: 1 and 3 are pytest's own, the others a run that had to be stopped (SIGXCPU in several spellings).
KILLED = {1, 3}
TIMED_OUT = {24, -24, 36, 152, 255}
NO_TEST = {5, 33}

Verdicts = Mapping[str, int | None]  # exit code by mutant; None where it was not tried


@click.command()
@click.option("--sample", type=click.IntRange(min=1), help="Try only so many mutants.")
@click.option("--seed", default=1, show_default=True, help="Draws the sample.")
def main(sample: int | None, seed: int) -> None:
    """Mutate the clock code, show what no test noticed, and fail below 90 % killed."""
    with TemporaryDirectory(prefix="earshot-mutate-") as folder:
        checkout = Path(folder) / "checkout"
        shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(*LEFT_OUT))
        found = sampled(checkout, sample, seed) if sample else whole(checkout)
        for name in alive(found):
            mutmut(checkout, "show", name)
    click.echo(summary(found))
    sys.exit(killed_percent(found) < FLOOR_PERCENT)


def whole(checkout: Path) -> Verdicts:
    """Every mutant. Raises CalledProcessError when the tests fail on the code as it is."""
    _try(checkout)
    return read(checkout)


def sampled(checkout: Path, size: int, seed: int) -> Verdicts:
    """So many mutants, the same ones for the same seed and code."""
    _try(checkout, SOME_MUTANT)
    names = sorted(read(checkout))
    drawn = random.Random(seed).sample(names, min(size, len(names)))
    _try(checkout, *drawn)
    found = read(checkout)
    return {name: found[name] for name in drawn}


def read(checkout: Path) -> Verdicts:
    """What mutmut wrote down beside the code it broke."""
    files = sorted((checkout / "mutants").rglob("*.py.meta"))
    return dict(_merged(json.loads(file.read_text())["exit_code_by_key"] for file in files))


def _merged(files: Iterable[Verdicts]) -> Iterator[tuple[str, int | None]]:
    for file in files:
        yield from file.items()


def alive(found: Verdicts) -> Sequence[str]:
    """Mutants that no test noticed; how a run ended that nobody can explain counts among them."""
    return [name for name, code in found.items() if code not in KILLED | TIMED_OUT]


def killed_percent(found: Verdicts) -> float:
    """0 when nothing was tried: a run that did nothing must not pass."""
    return 100 * (1 - len(alive(found)) / len(found)) if found else 0.0


def summary(found: Verdicts) -> str:
    """One line for the end of the run."""
    counts = Counter(_verdict(code) for code in found.values())
    parts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    return f"{len(found)} mutants: {parts}; {killed_percent(found):.1f} % noticed, {FLOOR_PERCENT} % wanted"


def _verdict(code: int | None) -> str:
    if code in KILLED:
        return "killed"
    if code in TIMED_OUT:
        return "timed out"
    if code in NO_TEST:
        return "without a test"
    return "survived" if code == 0 else "unclear"


def _try(checkout: Path, *names: str) -> None:
    mutmut(checkout, "run", "--max-children", str(PROCESSES), *names)


def mutmut(checkout: Path, *arguments: str) -> None:
    """Raises CalledProcessError."""
    subprocess.run([sys.executable, "-m", "mutmut", *arguments], cwd=checkout, check=True)


if __name__ == "__main__":
    main()
