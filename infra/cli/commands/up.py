"""Start the whole stack on this machine, no AWS account needed."""

import time

import click

from chalicelib.config import LOCAL
from infra.problem import next_command


@click.command()
@click.option("--fresh", is_flag=True, help="Forget everything the local stage knows, then start.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="The port of the local AWS (4599, or any if that is taken)."
)
def command(fresh: bool, port: int | None) -> None:
    """
    Start the local AWS and deploy the checkout into it; run again after a change of code.

    State is kept over `earshot down`. A crash loses what came since the last one.
    """
    from infra.deploy import rollout
    from infra.emulator.ministack import Options
    from infra.local import local_stage, standins

    began = time.monotonic()
    target = local_stage.up(Options(port=port), fresh=fresh, say=click.echo)
    click.echo("\nWebhooks:")
    for url in rollout.webhook_urls(target):
        click.echo(f"  {url}")
    click.echo("\nAnswers go to stand-ins on this machine, which show what they took:")
    for channel, url in standins.connected(target).items():
        click.echo(f"  {channel:14} {url}/_posts")
    click.echo(f"\nUp in {time.monotonic() - began:.1f} s: {target.api_url()}")
    click.echo(
        f"Next: {next_command('send x tests/fixtures/x/webhook/aaa_mention.body.json', LOCAL)} to try a webhook, "
        f"{next_command('doctor', LOCAL)} for advice, `earshot down` to stop."
    )
