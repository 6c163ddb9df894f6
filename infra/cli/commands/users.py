"""Say who may use the API; make, renew and void tokens."""

import re
from typing import TYPE_CHECKING

import click

from chalicelib.ports.access import NAME_PATTERN, Role, UnknownUser, User, UserExists
from infra.cli.options import stage_option
from infra.problem import Problem, next_command

if TYPE_CHECKING:
    from infra.deploy.target import Target


def _name(_ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not re.fullmatch(NAME_PATTERN, value):
        raise click.BadParameter("a name is 1 to 64 lower-case letters, digits and . _ @ -, such as ann@example.org")
    return value


name_argument = click.argument("name", callback=_name)


@click.group()
def command() -> None:
    """People and programs that act on cases. A token is shown once; only its hash is kept."""


@command.command()
@name_argument
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True, help="What the user may do.")
@stage_option()
def add(name: str, role: str, stage: str) -> None:
    """Let NAME in and print the token, this once."""
    from datetime import UTC, datetime

    from chalicelib.adapters.access import new_token
    from infra.deploy import target
    from infra.operate import records

    where, token = target.for_stage(stage), new_token()
    try:
        user = records.users(where).add(name, Role(role), token, datetime.now(UTC))
    except UserExists:
        raise Problem(
            f"There is a user {name} already.", f"{next_command(f'users rotate {name}', stage)} for a new token"
        ) from None
    _show(user, token, where)


@command.command()
@name_argument
@stage_option()
def rotate(name: str, stage: str) -> None:
    """Give NAME another token; the old one is void at once."""
    from datetime import UTC, datetime

    from chalicelib.adapters.access import new_token
    from infra.deploy import target
    from infra.operate import records

    where, token = target.for_stage(stage), new_token()
    try:
        user = records.users(where).rotate(name, token, datetime.now(UTC))
    except UnknownUser:
        raise _unknown(name, stage) from None
    _show(user, token, where)


@command.command()
@name_argument
@stage_option()
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, stage: str, yes: bool) -> None:
    """Void NAME's token. The name stays in the timelines."""
    from infra.deploy import target
    from infra.operate import records

    users = records.users(target.for_stage(stage))
    if not yes:
        click.confirm(f"Void the token of {name} on {stage}?", abort=True)
    try:
        users.remove(name)
    except UnknownUser:
        raise _unknown(name, stage) from None
    click.echo(f"{name} is out: the token is void from now on.")


@command.command("list")
@stage_option()
def list_(stage: str) -> None:
    """Everyone, with the end of the token. Tokens themselves are kept nowhere."""
    from infra.deploy import target
    from infra.operate import records

    everyone = records.users(target.for_stage(stage)).everyone()
    for user in everyone:
        token = "removed" if user.disabled else f"token …{user.token_end} of {user.token_at:%Y-%m-%d %H:%M} UTC"
        click.echo(f"{user.name:32} {user.role.value:6} since {user.created_at:%Y-%m-%d}  {token}")
    if not everyone:
        click.echo(f"Nobody may use {stage} yet. Next step: `earshot users add ann --role agent --stage {stage}`")


def _unknown(name: str, stage: str) -> Problem:
    return Problem(f"There is no user {name} on {stage}.", f"`earshot users list --stage {stage}`")


def _show(user: User, token: str, where: "Target") -> None:
    click.echo(f"Token of {user.name} ({user.role.value}), shown this once:\n\n    {token}\n")
    try:
        url = where.api_url()
    except Problem as problem:
        click.echo(f"It works as soon as the functions do. {problem.format_message()}")
        return
    click.echo(f"Try it:\n\n    curl -H 'Authorization: Bearer {token}' {url}/api/me\n")
