"""Sign a payload file as its platform would and post it."""

import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chalicelib.config import LOCAL
from infra.cli.options import stage_option
from infra.problem import next_command

if TYPE_CHECKING:
    from infra.deploy.target import Target
    from infra.operate.freshen import Fresh


@click.command()
@click.argument("platform")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--channel", "name", default="main", show_default=True, help="The channel's name.")
@stage_option()
@click.option(
    "--times", type=click.IntRange(min=1), default=1, help="How many times to send it: platforms repeat themselves."
)
@click.option(
    "--now/--as-it-is",
    "as_of_now",
    default=None,
    help="As written a moment ago, by new ids, or byte for byte. On the local stage the first unless you say.",
)
def command(platform: str, file: Path, name: str, stage: str, times: int, as_of_now: bool | None) -> None:
    """
    Post FILE (- for standard input) to a stage's webhook of PLATFORM.

    On the local stage a secret is made when there is none, and the accounts
    that the payload is for become known.
    """
    from datetime import UTC, datetime

    from chalicelib import connectors
    from infra.deploy import target
    from infra.operate import channels, webhooks
    from infra.operate.freshen import freshen

    if not connectors.has(platform, "webhook"):
        raise click.UsageError(
            f"no platform {platform!r} with a webhook; there are {', '.join(sorted(connectors.names()))}"
        )
    where, channel = target.for_stage(stage), f"{platform}.{name}"
    if stage != LOCAL:
        click.echo(f"Stage {stage} takes this for real: it opens cases there, and may call people.", err=True)
    secret, invented = channels.verify_secret(where, channel, secrets.token_hex if stage == LOCAL else None)
    if invented:
        click.echo(f"{channel} had no secret: a random one is set, on this machine only.", err=True)
    body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    fresh = freshen(body, platform, datetime.now(UTC))
    if stage == LOCAL:
        _make_known(where, channel, fresh)
    if (stage == LOCAL if as_of_now is None else as_of_now) and fresh.changed:
        body = fresh.body
        click.echo("Sent as written now, under new ids; --as-it-is sends the bytes as they are.", err=True)
    address = webhooks.url(where, channel)
    answers = [webhooks.send(address, platform, body, secret) for _ in range(times)]
    for answer in answers:
        click.echo(f"{answer.status} {answer.body}")
    if any(answer.status >= 300 for answer in answers):
        raise click.exceptions.Exit(1)


def _make_known(where: "Target", channel: str, fresh: "Fresh") -> None:
    """What the brand itself writes is no customer's."""
    from infra.operate import channels

    new = channels.know_accounts(where, channel, fresh.accounts)
    if new:
        click.echo(f"{channel} stands for {', '.join(new)} now, whom the payload is for.", err=True)
    elif not channels.read(where, "channels", channel):
        step = next_command(f"channels set {channel} --account ID", where.stage)
        click.echo(f"{channel} has no accounts; to set them: {step}", err=True)
