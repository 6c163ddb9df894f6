"""The subcommands of `earshot policy` that read and change the promises of a stage."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chalicelib.config import LOCAL
from infra.cli.options import stage_option, user_name
from infra.problem import Problem, next_command

if TYPE_CHECKING:
    from chalicelib.domain.policy import PolicyBook
    from chalicelib.ports.policies import PolicyJob, PolicyVersion
    from infra.operate.policy.applying import Proposal
    from infra.operate.policy.reading import PolicyDraft
    from infra.operate.policy.stage import PolicyStage

file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


def _now() -> datetime:
    return datetime.now(UTC)


@click.command()
@file_argument
def check(file: Path) -> None:
    """Read a policy FILE and name every mistake with its line. Needs no AWS."""
    draft = _draft(file)
    book = draft.book
    click.echo(
        f"{file}: no mistakes. In use: {len(book.policies)} policies, {len(book.calendars)} calendars, "
        f"{len(book.ladders)} ladders."
    )
    for one in draft.lists:
        click.echo(f"  calendar {one.calendar_id}: the holidays of {one.name}, known until {one.until}")
    for note in draft.notes:
        click.echo(f"  {note}")


def _draft(file: Path) -> "PolicyDraft":
    from infra.operate.policy.reading import PolicyFileInvalid, read_file

    try:
        return read_file(file, today=_now().date())
    except PolicyFileInvalid as error:
        count = len(error.problems)
        problems = f"{count} mistake{'' if count == 1 else 's'}"
        raise Problem(f"{problems} in {file}:\n{error}", f"mend them, then `earshot policy check {file}`") from None


@click.command()
@stage_option()
@click.option("--version", type=click.IntRange(min=1), help="Another version than the one in force.")
@click.option("--toml", is_flag=True, help="The document itself, to edit and apply.")
def show(stage: str, version: int | None, toml: bool) -> None:
    """The promises in force, in words."""
    from infra.operate.policy import stage as stages

    one = _version(stages.of(stage), stage, version)
    if toml:
        click.echo(one.document, nl=False)
        return
    for line in _words(one):
        click.echo(line)


def _version(where: "PolicyStage", stage: str, number: int | None) -> "PolicyVersion":
    found = {one.version: one for one in where.policies.versions()}
    wanted = where.policies.promises().current if number is None else number
    if wanted not in found:
        raise Problem(
            f"There is no version {wanted} on {stage}: the newest is {max(found)}.", next_command("policy show", stage)
        )
    return found[wanted]


def _words(one: "PolicyVersion") -> "list[str]":
    from chalicelib.documents.policies import PolicyInvalid, holiday_lists, read_toml
    from infra.operate.policy import words

    try:
        book = read_toml(one.document, today=None)
    except PolicyInvalid as error:
        raise Problem(f"Version {one.version} cannot be read any more:\n{error}", "apply a mended copy") from None
    return [words.title(one), "", *words.book(book, holiday_lists(one.document))]


@click.command()
@file_argument
@stage_option()
def diff(file: Path, stage: str) -> None:
    """What FILE would change, and what that would do to the open cases. Writes nothing."""
    from infra.operate.policy import stage as stages

    draft = _draft(file)
    _describe(draft, stages.of(stage))


def _describe(draft: "PolicyDraft", where: "PolicyStage") -> "Proposal | None":
    """None when there is nothing to do."""
    from infra.operate.policy import applying

    for note in draft.notes:
        click.echo(note)
    proposal = applying.propose(draft, where)
    if not proposal.changes:
        click.echo(f"Nothing changes: version {proposal.before.version}, which is in force, promises the same.")
        return None
    for line in applying.describe(proposal, where, _now()):
        click.echo(line)
    return proposal


@click.command()
@file_argument
@stage_option()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--by", callback=user_name, help="Who applies it, as the cases will say. Your login unless given.")
@click.option("--leave", is_flag=True, help="Do not wait for the open cases: the sweep goes on with them every minute.")
@click.option("--deaf", is_flag=True, help="Apply it although a group it calls has nobody who would hear.")
def apply(file: Path, stage: str, yes: bool, by: str, leave: bool, deaf: bool) -> None:
    """Bring FILE into force as the next version, and tell the open cases."""
    from infra.operate.policy import applying
    from infra.operate.policy import stage as stages

    where = stages.of(stage)
    proposal = _describe(_draft(file), where)
    if proposal is None:
        return
    _heard(stage, where, proposal.book, deaf=deaf)
    if not yes:
        click.confirm(f"\nApply it on {stage} as version {proposal.version}?", abort=True)
    job = applying.apply(proposal, where, actor=by, now=_now())
    click.echo(f"Version {proposal.version} is in force. Workers that are running hear of it within a minute.")
    if not leave:
        job = _followed(job, where)
    _tell_rest(job)


def _heard(stage: str, where: "PolicyStage", book: "PolicyBook", *, deaf: bool) -> None:
    """A ladder that calls people who are not there is no promise. The stage on this machine may go without."""
    from infra.operate import subscriptions

    unheard = where.unheard(book)
    for one in unheard:
        click.echo(f"Careful: {subscriptions.in_words(one)}.", err=True)
    if unheard and stage != LOCAL and not deaf:
        how = subscriptions.how_to_subscribe(stage, unheard[0].group)
        raise Problem("It is not applied: some pages would reach nobody.", f"{how}; or --deaf")


def _followed(job: "PolicyJob", where: "PolicyStage", sleep: Callable[[float], None] = time.sleep) -> "PolicyJob":
    from infra.operate.policy import applying, words

    try:
        job = applying.follow(job.version, where, _now, sleep)
    except KeyboardInterrupt:
        return where.policies.job(job.version) or job
    click.echo(words.told(job))
    return job


def _tell_rest(job: "PolicyJob") -> None:
    if job.is_done:
        click.echo("Another version has taken its place; the open cases hear of that one.")
    elif job.walk == 1:
        click.echo("The sweep tells the open cases from here, every minute. You need not wait.")
    else:
        click.echo("The sweep looks once more in three minutes, for cases that were being opened meanwhile.")


@click.command()
@click.argument("word", required=False, default="")
def holidays(word: str) -> None:
    """List the names that `holidays` of a calendar understands, those with WORD in them if given."""
    from infra.operate.policy.holiday_names import names

    found = [(name, code) for name, code in names() if word.casefold() in f"{name} {code}".casefold()]
    if not found:
        raise Problem(f"No list of holidays has {word!r} in its name.", "`earshot policy holidays`")
    for name, code in found:
        click.echo(f"{code:8} {name}")


ALL = (check, show, diff, apply, holidays)
