"""Say what is promised, change it safely, and try it before."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from infra.cli.policy_group import ALL
from infra.problem import Problem

if TYPE_CHECKING:
    from infra.scenarios.model import Scenario
    from infra.scenarios.runner import Result

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Promises to customers: policies, calendars and ladders. docs/policies.md says how to change one safely."""


for _one in ALL:
    command.add_command(_one)


@command.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--policies", type=_FILE, help="Play under this policy file, not the ones that the scenarios name.")
@click.option("-v", "--verbose", is_flag=True, help="Tell each scenario's story.")
def test(files: tuple[Path, ...], policies: Path | None, verbose: bool) -> None:
    """
    Play scenario FILES: customers write, agents answer, a sweep runs every minute. Needs no AWS.

    Ends with 0 only if every due time, outcome and alert is as the files say; docs/scenarios.md explains their form.
    """
    from infra.scenarios.runner import run

    results = []
    for scenario in _read(files, policies):
        result = run(scenario)
        results.append(result)
        _show(result, verbose=verbose)
    passed = sum(result.passed for result in results)
    click.echo(f"{passed} passed, {len(results) - passed} failed")
    if passed < len(results):
        raise click.exceptions.Exit(1)


def _read(files: Iterable[Path], policies: Path | None) -> "list[Scenario]":
    from infra.scenarios.reading import ScenarioInvalid, read_file

    try:
        return [scenario for file in files for scenario in read_file(file, policies=policies)]
    except ScenarioInvalid as error:
        raise Problem(str(error), "mend what is named above; docs/scenarios.md explains the form") from error


def _show(result: "Result", *, verbose: bool) -> None:
    from infra.scenarios.words import story, title

    scenario = result.scenario
    mark = click.style("ok  ", fg="green") if result.passed else click.style("FAIL", fg="red")
    click.echo(f"{mark} {title(scenario)}")
    if verbose:
        for line in story(result):
            click.echo(f"       {line}")
    for difference in result.differences:
        click.echo(f"     {scenario.file}: scenario {scenario.id}: {difference}")
