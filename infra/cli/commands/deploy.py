"""Deploy a stage into an AWS account."""

import click

from chalicelib.config import LOCAL
from infra.cli.options import stage_option
from infra.problem import next_command


@click.command()
@stage_option(required=True)
@click.option("--as-stack", is_flag=True, help="Make the functions a CloudFormation stack instead: for pipelines.")
@click.option("--budget", type=click.IntRange(0), help="US dollars a month; operators hear of 80 % of it. 0 for none.")
@click.option("--budget-mail", help="An address that hears of it too.")
def command(stage: str, as_stack: bool, budget: int | None, budget_mail: str | None) -> None:
    """
    Create or update a stage: the resources stack, then `chalice deploy`, then checks.

    Safe from a second machine: what Chalice remembers is kept in the stage's bucket. So is a budget that was set once.
    """
    from infra.deploy import rollout, target

    if stage == LOCAL:
        raise click.UsageError("the local stage is deployed by `earshot up`")
    where = target.for_stage(stage)
    wanted = dict(zip(rollout.BUDGET, (budget, budget_mail), strict=True))
    changed = {name: str(value) for name, value in wanted.items() if value is not None}
    rollout.deploy(where, as_stack=as_stack, budget=changed, say=click.echo)
    click.echo("\nWebhooks, to be entered at each platform:")
    for url in rollout.webhook_urls(where):
        click.echo(f"  {url}")
    secrets = next_command("secrets set x.main secrets --use verify", stage)
    click.echo(f"\nNext: {secrets}, then {next_command('doctor', stage)}.")
