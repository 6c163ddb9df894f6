"""Settings documents from a file: read with every mistake named by its line, shown, and applied as the next version."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from chalicelib.documents.reading import DocumentInvalid, decoded
from chalicelib.ports.documents import Conflict, DocumentKind, Documents, DocumentVersion
from infra.operate.toml_places import with_lines
from infra.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """
    One kind of document: how it is read, and how what was read is said.

    `command` is what an operator types, such as "earshot vocabulary".
    """

    kind: DocumentKind
    command: str
    read: Callable[[str], Any]
    words: Callable[[Any], list[str]]
    empty: str


def checked(form: Form, file: Path) -> tuple[str, Any]:
    """The text of a file and what it says. Raises Problem, which names every mistake with its line."""
    toml = ""
    try:
        toml = decoded(file.read_bytes())
        return toml, form.read(toml)
    except DocumentInvalid as error:
        lines = [f"{file}:{line}: {problem}" for line, problem in with_lines(error.problems, toml)]
        count = f"{len(lines)} mistake{'' if len(lines) == 1 else 's'}"
        raise Problem(
            f"{count} in {file}:\n" + "\n".join(lines), f"mend them, then `{form.command} check {file}`"
        ) from None


def check(form: Form, file: Path) -> None:
    _, value = checked(form, file)
    click.echo(f"{file}: no mistakes.")
    for line in form.words(value):
        click.echo(f"  {line}")


def show(form: Form, documents: Documents, stage: str, *, toml: bool) -> None:
    newest = documents.current(form.kind)
    if newest is None:
        click.echo(f"{form.empty} Next step: `{form.command} apply FILE --stage {stage}`")
        return
    if toml:
        click.echo(newest.toml, nl=False)
        return
    click.echo(f"Version {newest.version}, applied {newest.applied_at:%Y-%m-%d %H:%M} UTC by {newest.actor}")
    try:
        lines = form.words(form.read(newest.toml))
    except DocumentInvalid as error:
        again = f"`{form.command} show --toml --stage {stage}`, mend and apply it"
        raise Problem(f"It cannot be read any more:\n{error}", again) from None
    for line in lines:
        click.echo(f"  {line}")


def apply(form: Form, file: Path, documents: Documents, stage: str, *, by: str, yes: bool) -> None:
    toml, value = checked(form, file)
    before = documents.current(form.kind)
    if before and before.toml == toml:
        click.echo(f"Nothing changes: version {before.version}, which is in force, says the same.")
        return
    version = before.version + 1 if before else 1
    for line in form.words(value):
        click.echo(f"  {line}")
    if not yes:
        click.confirm(f"Apply it on {stage} as version {version}?", abort=True)
    at = datetime.now(UTC)
    try:
        documents.apply(DocumentVersion(kind=form.kind, version=version, toml=toml, applied_at=at, actor=by))
    except Conflict:
        raise Problem(
            f"Somebody else has just applied version {version}.", f"`{form.command} show --stage {stage}`, then again"
        ) from None
    click.echo(f"Version {version} is in force. Functions that are running hear of it within a minute.")
