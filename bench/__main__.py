"""`make bench`, or `python -m bench`: measure, print, and on request write it down."""

import json
import platform
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from os import cpu_count
from pathlib import Path

import click

from bench import (
    calendars,
    calls,
    estimate,
    flood,
    imports,
    lanes,
    local,
    package,
    reporting,
    speed,
    understanding,
    watching,
)
from bench.calls import Measured, Sizes
from bench.meter import Meter
from bench.report import Table, plain, rewritten, text
from bench.usecases import Desk
from chalicelib.config import LOCAL
from infra.deploy import packaging
from infra.deploy.packaging import Package
from infra.deploy.target import Target
from infra.paths import LOCAL_HOME, ROOT

# As they are printed.
PARTS = (
    "imports",
    "calls",
    "sweep",
    "report",
    "flood",
    "lanes",
    "calendars",
    "package",
    "speed",
    "understanding",
    "cost",
)
# As they are measured: counting begins on an empty stage.
IN_TURN = (
    "calls",
    "cost",
    "imports",
    "package",
    "speed",
    "understanding",
    "flood",
    "calendars",
    "sweep",
    "report",
    "lanes",
)
ROUNDS = 7
DOCUMENT = ROOT / "docs" / "bench.md"


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--quick", is_flag=True, help="Fewer rounds and smaller numbers: shows that the bench works.")
@click.option("--only", multiple=True, type=click.Choice(PARTS), help="This part alone; may be repeated.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures there.")
@click.option("--write", is_flag=True, help=f"Put the tables into {DOCUMENT.relative_to(ROOT)}.")
def main(quick: bool, only: tuple[str, ...], json_file: Path | None, write: bool) -> None:
    """
    Measure what Earshot costs: time to start, AWS calls and capacity units, bytes, CPU, dollars.

    Needs no account. The figures go to standard output, progress to standard error.
    """
    if write and (quick or only):
        raise click.UsageError("--write takes a whole run: leave out --quick and --only")
    tables = measure(only or PARTS, quick=quick)
    for table in tables:
        click.echo(f"{text(table)}\n")
    if json_file:
        json_file.write_text(json.dumps({"measured": today(), "machine": machine(), **plain(tables)}, indent=2) + "\n")
    if write:
        DOCUMENT.write_text(rewritten(DOCUMENT.read_text(), tables, f"{today()}, {machine()}"))


def measure(parts: Iterable[str], *, quick: bool) -> list[Table]:
    with ExitStack() as stack:
        run = Run(stack, quick=quick)
        wanted = set(parts)
        done = {part: getattr(run, part)() for part in IN_TURN if part in wanted}
    return [table for part in PARTS for table in done.get(part, ())]


class Run:
    """What the parts share is made when the first of them needs it, and ends with `stack`."""

    def __init__(self, stack: ExitStack, *, quick: bool) -> None:
        self._stack = stack
        self._quick = quick

    def imports(self) -> list[Table]:
        made, desk = self._made, self._desk
        say("Starting every function in fresh processes ...")
        return imports.measure(self._target, made, desk, 2 if self._quick else ROUNDS, say)

    def calls(self) -> list[Table]:
        return [calls.table(self._lines), calls.items(self._desk, self._sizes)]

    def package(self) -> list[Table]:
        return package.measure(self._made)

    def speed(self) -> list[Table]:
        say("Timing what needs no AWS ...")
        return [speed.measure(2 if self._quick else ROUNDS, say)]

    def sweep(self) -> list[Table]:
        say("Counting sweeps ...")
        open_cases, due = ((0, 100), (0, 10)) if self._quick else ((0, 10_000, 100_000), (0, 10, 1_000))
        return [watching.measure(self._meter, open_cases, due, say)]

    def report(self) -> list[Table]:
        say("Counting roll-ups ...")
        return [reporting.measure(self._meter, (0, 100) if self._quick else (0, 10_000), say)]

    def flood(self) -> list[Table]:
        say("Breaking promises, in simulated time ...")
        return [flood.measure(100 if self._quick else 1_000, say)]

    def lanes(self) -> list[Table]:
        say("Flooding a local stack of its own ...")
        return [lanes.measure(lanes.QUICK if self._quick else lanes.FLOOD, say)]

    def understanding(self) -> list[Table]:
        say("Reading mixed mentions ...")
        number, rounds = (200, 2) if self._quick else (10_000, ROUNDS)
        return understanding.measure(self._made, number, rounds, say)

    def calendars(self) -> list[Table]:
        say("Walking the minutes of calendars ...")
        return [calendars.measure(100 if self._quick else 10_000, say)]

    def cost(self) -> list[Table]:
        return estimate.measure(calls.costs(self._lines))

    @cached_property
    def _target(self) -> Target:
        say("Starting a local AWS ...")
        return self._stack.enter_context(local.local_aws())

    @cached_property
    def _desk(self) -> Desk:
        return Desk(self._meter)

    @cached_property
    def _meter(self) -> Meter:
        return local.enter(self._target)

    @cached_property
    def _lines(self) -> Sequence[Measured]:
        desk = self._desk
        say("Counting calls ...")
        return calls.measure(desk, self._sizes, say)

    @property
    def _sizes(self) -> Sizes:
        return Sizes(long_case=100, open_cases=200) if self._quick else Sizes()

    @cached_property
    def _made(self) -> Package:
        say("Packaging ...")
        return packaging.package(LOCAL, build=LOCAL_HOME / "bench", say=say)


def say(line: str) -> None:
    click.echo(line, err=True)


def today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def machine() -> str:
    """The class of machine: enough to know which times can be compared."""
    return f"{cpu_count()} cores, {_processor()}, {platform.system()}, Python {platform.python_version()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # no /proc: macOS
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    main()
