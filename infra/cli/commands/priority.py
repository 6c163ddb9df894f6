"""Show what makes a case urgent, or check other settings for it."""

from pathlib import Path

import click

from infra.problem import Problem


@click.group()
def command() -> None:
    """What makes a case urgent: every figure with its source. docs/priority.md explains them."""


@command.command()
def show() -> None:
    """The figures of this deployment."""
    from chalicelib.documents.priority import figures
    from chalicelib.policies import priority_toml
    from infra.terminal import table

    rows = [(f"{one.section}.{one.name}", str(one.value), one.source) for one in figures(priority_toml())]
    for line in table([("FIGURE", "VALUE", "SOURCE"), *rows], columns=200):
        click.echo(line)


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Find every mistake in FILE, a changed copy of the settings, with its line."""
    from chalicelib.documents.priority import read_toml
    from chalicelib.documents.reading import DocumentInvalid, decoded
    from infra.operate.toml_places import with_lines

    toml = ""
    try:
        toml = decoded(file.read_bytes())
        weights = read_toml(toml)
    except DocumentInvalid as error:
        lines = [f"{file}:{line}: {problem}" for line, problem in with_lines(error.problems, toml)]
        raise Problem("\n".join(lines), f"mend it and run `earshot priority check {file}` again") from None
    hours = weights.overtaken_after.total_seconds() / 3600
    click.echo(f"{file} is sound. Whoever has waited {hours:.1f} h longer than another stands first, whoever they are.")
