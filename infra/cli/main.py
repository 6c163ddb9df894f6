"""
The `earshot` command line.

A command is a file in `infra/cli/commands`: it defines `command`, and its name is
the file's. It is imported when it is called or its help is asked for, so that
`earshot --help` stays quick.
"""

import ast
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from chalicelib import connectors
from chalicelib.domain import platforms

platforms.install(connectors.core)

COMMANDS = Path(__file__).parent / "commands"
# Who types what; a command that stands nowhere here is shown last, under "Other commands".
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "For care agents": ("cases", "customers", "incidents", "report"),
        "For leads": ("policy", "priority", "vocabulary", "pages", "users"),
        "For operators": ("deploy", "destroy", "doctor", "channels", "secrets", "webhooks", "engine", "replay"),
        "On this machine": ("up", "down", "demo", "send"),
    }
)


class Commands(click.Group):
    """Finds commands by looking into the folder."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        return sorted(path.stem for path in COMMANDS.glob("[a-z]*.py"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"infra.cli.commands.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if ctx.params["verbose"] or "botocore" not in sys.modules:
                raise
            raise _in_words(error) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        names = self.list_commands(ctx)
        others = tuple(name for name in names if not any(name in group for group in GROUPS.values()))
        for title, group in (*GROUPS.items(), ("Other commands", others)):
            if group:
                with formatter.section(title):
                    formatter.write_dl([(name, summary(COMMANDS / f"{name}.py")) for name in group if name in names])


def _in_words(error: Exception) -> Exception:
    from botocore.exceptions import BotoCoreError, ClientError

    from infra.operate.aws_errors import explain

    return explain(error) if isinstance(error, BotoCoreError | ClientError) else error


def summary(source: Path) -> str:
    """A command file's own first line, read without importing it."""
    return (ast.get_docstring(ast.parse(source.read_text())) or "").partition("\n")[0].rstrip(".")


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("-v", "--verbose", is_flag=True, help="Show tracebacks and what is asked of AWS.")
@click.version_option(package_name="earshot")
def main(verbose: bool) -> None:
    """Earshot hears every public complaint, opens a case, and pages people before the promise is broken."""
    if verbose:
        import logging

        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
