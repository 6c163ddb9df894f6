"""Say in words what is missing or wrong."""

import click

from infra.cli.options import stage_option

COLOURS = {"OK": "green", "WARN": "yellow", "FAIL": "red"}


@click.command()
@stage_option()
def command(stage: str) -> None:
    """Look at everything a stage needs. Ends with 1 when something is broken; warnings alone end with 0."""
    from infra.deploy import target
    from infra.local.probe import road
    from infra.operate import doctor

    failed = False
    for finding in doctor.examine(target.for_stage(stage), (*doctor.CHECKS, road)):
        failed |= finding.level == "FAIL"
        click.echo(f"{click.style(f'{finding.level:5}', fg=COLOURS[finding.level])} {finding.text}")
        if finding.next_step:
            click.echo(f"      next step: {finding.next_step}")
    if failed:
        raise click.exceptions.Exit(1)
