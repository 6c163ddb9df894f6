"""Stop the local stack and keep its state."""

import click

from infra.problem import Problem


@click.command()
def command() -> None:
    """Stop the local AWS cleanly, which saves its state for the next `earshot up`."""
    from infra.emulator import ministack
    from infra.emulator.ministack import Stopped
    from infra.local import local_stage

    click.echo("Stopping the local AWS ...")
    stopped = local_stage.down(say=click.echo)
    if stopped is Stopped.NOT_SAVED:
        raise Problem(
            "Stopped, but its state could not be kept: the next `earshot up` knows what the last clean stop left.",
            f"the end of {ministack.log_file()} says why; is the disk full?",
        )
    click.echo("The local AWS was not running." if stopped is Stopped.NOT_RUNNING else "Stopped; its state is kept.")
