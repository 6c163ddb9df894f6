"""Deploy a stage into an AWS account."""

import click

from chalicelib.config import LOCAL
from infra.options import stage_option
from infra.problem import next_command


@click.command()
@stage_option(required=True)
@click.option("--as-stack", is_flag=True, help="Make the functions a CloudFormation stack instead: for pipelines.")
def command(stage: str, as_stack: bool) -> None:
    """
    Create or update a stage: the resources stack, then `chalice deploy`, then checks.

    Safe from a second machine: what Chalice remembers is kept in the stage's bucket.
    """
    from infra import deploy, target

    if stage == LOCAL:
        raise click.UsageError("the local stage is deployed by `earshot up`")
    where = target.for_stage(stage)
    deploy.deploy(where, as_stack=as_stack, say=click.echo)
    click.echo("\nWebhooks, to be entered at each platform:")
    for url in deploy.webhook_urls(where):
        click.echo(f"  {url}")
    secrets = next_command("secrets set x.main secrets --use verify", stage)
    click.echo(f"\nNext: {secrets}, then {next_command('doctor', stage)}.")
