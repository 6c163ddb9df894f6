"""Store and list what platforms must not know of each other."""

from pathlib import Path

import click

from infra.cli.options import channel_argument, stage_option
from infra.problem import next_command


@click.group()
def command() -> None:
    """What webhooks are verified with and answers are sent with, kept encrypted in Parameter Store."""


@command.command("set")
@channel_argument
@click.argument("values", nargs=-1, required=True, metavar="NAME[=VALUE|=@FILE]...")
@stage_option()
@click.option("--use", type=click.Choice(["verify", "send"]), required=True, help="Check webhooks, or send answers.")
@click.option("--account", help="With --use send: the account these belong to; without it they are the app's.")
@click.option("--rotate", is_flag=True, help="With --use verify: keep the old signing secret live beside the new one.")
def set_(channel: str, values: tuple[str, ...], stage: str, use: str, account: str | None, rotate: bool) -> None:
    """
    Store values of CHANNEL, such as x.main. A bare NAME is asked for, and so stays out of the shell's history.

    `earshot secrets set x.main secrets --use verify --stage prod`
    """
    from infra.deploy import target
    from infra.operate import channels

    if use == "verify" and account:
        raise click.UsageError("--account goes with --use send")
    if use == "send" and rotate:
        raise click.UsageError("--rotate goes with --use verify")
    where = target.for_stage(stage)
    given = dict(_read(value) for value in values)
    if use == "verify":
        channels.set_verify(where, channel, given, rotate=rotate)
    else:
        channels.set_send(where, channel, given, account=account)
    click.echo(f"Stored {', '.join(given)} of {channel} on {stage}. Running functions see it within five minutes.")
    if use == "send":
        from infra.operate import answers

        if count := answers.redrive(channel, account, where):
            click.echo(f"Answers that waited and are tried now: {count}.")


def _read(argument: str) -> tuple[str, str]:
    name, equals, value = argument.partition("=")
    if not equals:
        value = click.prompt(name, hide_input=True, err=True)
    elif value.startswith("@"):
        value = _read_file(Path(value[1:]))
    if not value.strip():
        raise click.UsageError(f"the value of {name} is empty")
    return name, value.strip()


def _read_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise click.UsageError(f"{path} holds no text") from None
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}") from error


@command.command("list")
@stage_option()
def list_(stage: str) -> None:
    """Which values each channel has, when they changed, and which are missing. Values are never shown."""
    from infra.deploy import target
    from infra.operate import channels

    held = {(one.channel, one.kind): one for one in channels.held(target.for_stage(stage))}
    for channel in sorted({channel for channel, _ in held}):
        for use in channels.USES:
            one = held.get((channel, use))
            names = one.names if one else ()
            changed = f"{one.changed_at:%Y-%m-%d %H:%M}" if one else "never"
            missing = ", ".join(channels.missing(channels.platform_of(channel), use, names)) or "nothing"
            click.echo(f"{channel:16} {use:6}  changed {changed:16}  set: {', '.join(names) or 'nothing'}")
            click.echo(f"{'':42} missing: {missing}")
    if not held:
        click.echo(
            f"No secrets on {stage}. Next step: {next_command('secrets set x.main secrets --use verify', stage)}"
        )
