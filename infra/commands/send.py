"""Sign a payload file as its platform would and post it."""

import secrets
import sys
from pathlib import Path

import click

from chalicelib.config import LOCAL
from infra.options import stage_option


@click.command()
@click.argument("platform")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--channel", "name", default="main", show_default=True, help="The channel's name.")
@stage_option()
@click.option(
    "--times", type=click.IntRange(min=1), default=1, help="How many times to send it: platforms repeat themselves."
)
def command(platform: str, file: Path, name: str, stage: str, times: int) -> None:
    """
    Post FILE (- for standard input), byte for byte, to a stage's webhook of PLATFORM.

    On the local stage a secret is made when there is none.
    """
    from chalicelib import connectors
    from infra import channels, target, webhooks

    if not connectors.has(platform, "webhook"):
        raise click.UsageError(
            f"no platform {platform!r} with a webhook; there are {', '.join(sorted(connectors.names()))}"
        )
    where, channel = target.for_stage(stage), f"{platform}.{name}"
    secret, invented = channels.verify_secret(where, channel, secrets.token_hex if stage == LOCAL else None)
    if invented:
        click.echo(f"{channel} had no secret: a random one is set, on this machine only.", err=True)
    if stage == LOCAL and not channels.read(where, "channels", channel):
        click.echo(f"{channel} has no accounts; to set them: `earshot channels set {channel} --account ID`", err=True)
    address = webhooks.url(where, channel)
    body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    answers = [webhooks.send(address, platform, body, secret) for _ in range(times)]
    for answer in answers:
        click.echo(f"{answer.status} {answer.body}")
    if any(answer.status >= 300 for answer in answers):
        raise click.exceptions.Exit(1)
