"""Deploy a stage into an AWS account."""

import click

from chalicelib.config import LOCAL
from infra.options import stage_option


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
    from infra import deploy, target

    if stage == LOCAL:
        raise click.UsageError("the local stage is deployed by `earshot up`")
    where = target.for_stage(stage)
    wanted = dict(zip(deploy.BUDGET, (budget, budget_mail), strict=True))
    changed = {name: str(value) for name, value in wanted.items() if value is not None}
    deploy.deploy(where, as_stack=as_stack, budget=changed, say=click.echo)
    click.echo("\nWebhooks, to be entered at each platform:")
    for url in deploy.webhook_urls(where):
        click.echo(f"  {url}")
    click.echo(f"\nNext: `earshot secrets set x.main secrets --use verify --stage {stage}`, then `earshot doctor`.")
