"""Take a stage down, data and all."""

import click

from chalicelib.config import LOCAL
from infra.cli.options import stage_option


@click.command()
@stage_option(required=True)
@click.option("--yes-destroy-prod", is_flag=True, help="Needed for prod, where the table is kept all the same.")
def command(stage: str, yes_destroy_prod: bool) -> None:
    """Delete a stage's functions, queues, secrets, bucket and table. Asks for its name first."""
    from infra.deploy import target, teardown

    if stage == LOCAL:
        raise click.UsageError("the local stage is stopped by `earshot down` and emptied by `earshot up --fresh`")
    if stage == teardown.PROD and not yes_destroy_prod:
        raise click.UsageError("prod is not destroyed without --yes-destroy-prod")
    if click.prompt(f"Everything of {stage} will be deleted. Type its name to go on") != stage:
        raise click.UsageError("that was not its name; nothing was deleted")
    teardown.destroy(target.for_stage(stage), say=click.echo)
