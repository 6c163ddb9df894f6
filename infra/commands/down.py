"""Stop the local stack and keep its state."""

import click


@click.command()
def command() -> None:
    """Stop the local AWS cleanly, which saves its state for the next `earshot up`."""
    from infra import local

    click.echo("Stopped; its state is kept." if local.down() else "The local AWS was not running.")
