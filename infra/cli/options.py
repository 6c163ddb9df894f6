"""Options that commands share."""

import re
from collections.abc import Callable
from getpass import getuser
from typing import Any, TypeVar

import click

from chalicelib.config import LOCAL, STAGE_PATTERN

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def _stage(_ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not re.fullmatch(STAGE_PATTERN, value):
        raise click.BadParameter("a stage is 2 to 16 lower-case letters and digits, such as local, dev or prod")
    return value


def stage_option(*, required: bool = False) -> Callable[[Decorated], Decorated]:
    """`--stage`; the local one unless the command insists on a name."""
    if required:
        return click.option("--stage", required=True, callback=_stage, help="Which stage: dev or prod.")
    return click.option("--stage", default=LOCAL, show_default=True, callback=_stage, help="Which stage.")


def _channel(_ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    platform, dot, name = value.partition(".")
    from chalicelib import connectors

    if not dot or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", name):
        raise click.BadParameter("a channel is PLATFORM.NAME, such as x.main")
    if platform not in connectors.names():
        raise click.BadParameter(
            f"there is no platform {platform!r}; there are {', '.join(sorted(connectors.names()))}"
        )
    return value


channel_argument = click.argument("channel", callback=_channel)


def user_name(_ctx: click.Context, _parameter: click.Parameter, value: Any) -> str:
    """A callback: who does it, by the login of this machine unless said otherwise."""
    name = " ".join(str(value or getuser()).split())
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise click.BadParameter("a name is 1 to 64 printable characters")
    return name
