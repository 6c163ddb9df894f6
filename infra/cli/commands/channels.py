"""Say which accounts a channel stands for, and list its webhook URL."""

import click

from infra.cli.options import channel_argument, stage_option
from infra.problem import next_command


@click.group()
def command() -> None:
    """Connected accounts, one channel for each app and platform. Nothing here is secret."""


@command.command("set")
@channel_argument
@stage_option()
@click.option("--account", multiple=True, help="An account of ours, by the platform's id. May be repeated.")
@click.option("--app-id", multiple=True, help="An app of ours: what it posts is our own echo. May be repeated.")
@click.option("--bot-app-id", multiple=True, help="An app of ours that answers by itself. May be repeated.")
@click.option(
    "--keep",
    type=click.IntRange(30, 36500),
    metavar="DAYS",
    help="For how many days after its last event a closed case is kept (730).",
)
def set_(
    channel: str,
    stage: str,
    account: tuple[str, ...],
    app_id: tuple[str, ...],
    bot_app_id: tuple[str, ...],
    keep: int | None,
) -> None:
    """
    Set a channel's accounts and apps, and how long its closed cases are kept.

    Only the lists that are named are replaced; the others of CHANNEL stay as they are.
    """
    from infra.deploy import target
    from infra.operate import channels

    if not (account or app_id or bot_app_id or keep):
        raise click.UsageError("name at least one --account, --app-id, --bot-app-id or --keep")
    where = target.for_stage(stage)
    channels.set_settings(where, channel, accounts=account, app_ids=app_id, bot_app_ids=bot_app_id, keep_days=keep)
    click.echo(f"{channel} on {stage}: {channels.read(where, 'channels', channel)}")


@command.command("list")
@stage_option()
def list_(stage: str) -> None:
    """Every channel with its accounts, its webhook URL, and what was seen on it in the last thirty days."""
    from chalicelib.ports.signs import Sign
    from infra.deploy import target
    from infra.operate import channels, records

    where = target.for_stage(stage)
    base, signs = where.api_url(), records.signs(where).left()
    known = sorted({one.channel for one in channels.held(where)})
    for channel in known:
        accounts = ", ".join(channels.read(where, "channels", channel).get("accounts", ())) or "no accounts set"
        click.echo(f"{channel:20} {accounts}\n{'':20} {base}/webhooks/{channel.replace('.', '/', 1)}")
        for sign in (one for one in signs if one.channel == channel):
            click.echo(f"{'':20} {channels.in_words(sign)}")
        if any(one.channel == channel and one.sign is Sign.DISBELIEVED for one in signs):
            click.echo(f"{'':20} Next step: {channels.DISBELIEVED_STEP}")
    if not known:
        click.echo(f"No channels on {stage}. Next step: {next_command('channels set x.main --account ID', stage)}")
