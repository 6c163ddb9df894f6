"""Register a channel's webhook at its platform, and see what is registered there."""

import click

from infra.cli.options import channel_argument, stage_option


@click.group()
def command() -> None:
    """What the platform is told about a channel's webhook. Platforms that offer it; the others are set up by hand."""


@command.command()
@channel_argument
@stage_option()
def register(channel: str, stage: str) -> None:
    """Make the platform of CHANNEL call its webhook, for every account of the channel. May be repeated."""
    _act(channel, stage, "register")


@command.command("list")
@channel_argument
@stage_option()
def list_(channel: str, stage: str) -> None:
    """What the platform says is registered for CHANNEL; nothing is changed."""
    _act(channel, stage, "subscriptions")


@command.command()
@channel_argument
@stage_option()
def renew(channel: str, stage: str) -> None:
    """Prolong what ends by itself, and put back what the platform has taken out."""
    _act(channel, stage, "renew")


@command.command()
@channel_argument
@stage_option()
def unregister(channel: str, stage: str) -> None:
    """Make the platform stop telling about the accounts of CHANNEL."""
    _act(channel, stage, "unregister")


def _act(channel: str, stage: str, deed: str) -> None:
    from infra.deploy import target
    from infra.operate import platform_setup

    for told in platform_setup.act(target.for_stage(stage), channel, deed):
        click.echo(f"{channel}{f', account {told.account_id}' if told.account_id else ''}:")
        for one in told.subscriptions:
            ends = f", until {one.expires_at:%Y-%m-%d %H:%M} UTC" if one.expires_at else ""
            state = "" if one.is_active else " (not active)"
            click.echo(f"  {one.what}{state}{ends}" + (f"\n    goes to {one.url}" if one.url else ""))
        if not told.subscriptions:
            click.echo("  nothing is registered")
