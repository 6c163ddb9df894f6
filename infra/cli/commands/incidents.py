"""Show incidents, act on one, answer everybody who is affected, and say whom a crisis wakes."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chalicelib.documents.incidents import read_toml
from chalicelib.domain.incidents.crisis import CrisisSettings
from chalicelib.domain.incidents.incident import ID_PATTERN, Act
from chalicelib.ports.documents import DocumentKind
from infra.cli.options import stage_option, user_name
from infra.cli.policy_group import file_argument
from infra.operate import documents
from infra.problem import Problem, next_command

if TYPE_CHECKING:
    from chalicelib.domain.incidents.incident import Incident
    from chalicelib.usecases.answer_all import AnswerAllPreview, Ports, WantedAnswer
    from chalicelib.usecases.incidents import IncidentView

HEAD = ("INCIDENT", "STATUS", "SEVERITY", "PEOPLE", "REACH", "SINCE (UTC)", "ON IT", "WHAT ABOUT")

id_argument = click.argument("incident_id", metavar="ID")
by_option = click.option("--by", callback=user_name, help="Who does it, as the record will say. Your login.")
_ACTS = {"acknowledge": Act.ACKNOWLEDGED, "close": Act.CLOSED, "rename": Act.RENAMED}
_ACTS |= {"take-out": Act.TAKEN_OUT, "put-in": Act.PUT_IN}


@click.group(invoke_without_command=True)
@stage_option()
@click.option("--closed", is_flag=True, help="Incidents that are over instead of those that go on.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def command(ctx: click.Context, stage: str, closed: bool, limit: int, as_json: bool) -> None:
    """List incidents, the newest first. docs/incidents.md explains what makes one."""
    if ctx.invoked_subcommand:
        return
    from chalicelib.usecases.incidents import show_list
    from chalicelib.usecases.show import as_plain
    from infra.operate import records

    listed = show_list(records.incident_ports(stage), closed=closed, limit=limit).incidents
    if as_json:
        click.echo(json.dumps({"incidents": as_plain(listed)}, indent=2))
    elif listed:
        for line in _table(listed):
            click.echo(line)
    else:
        click.echo(f"No incident {'is over' if closed else 'goes on'} on {stage}.")


def _table(listed: "tuple[Incident, ...]") -> list[str]:
    from infra.terminal import one_line, table

    rows = [
        (
            one.incident_id,
            one.status.value,
            one.severity.value,
            f"{one.people:,}",
            "unknown" if one.reach is None else f"{one.reach:,}",
            f"{one.first_at:%Y-%m-%d %H:%M}",
            one.acknowledged_by or "-",
            one_line(one.title),
        )
        for one in listed
    ]
    return table([HEAD, *rows], columns=shutil.get_terminal_size((160, 24)).columns)


@command.command()
@id_argument
@stage_option()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(incident_id: str, stage: str, as_json: bool) -> None:
    """One incident: what is unusual, who is affected, what was done."""
    from chalicelib.usecases import incidents as handling
    from chalicelib.usecases.show import as_plain
    from infra.operate import records

    with _known(incident_id, stage):
        view = handling.show(incident_id, records.incident_ports(stage))
    if as_json:
        click.echo(json.dumps(as_plain(view), indent=2))
        return
    for line in _lines(view):
        click.echo(line)


def _lines(view: "IncidentView") -> Iterator[str]:
    from infra.terminal import one_line

    one = view.incident
    yield f"{one.incident_id}  {one.status.value}, severity {one.severity.value}"
    yield one_line(one.title)
    yield f"{one.people:,} people, on {', '.join(one.channels) or 'no channel'}"
    yield f"Seen by {one.seen_by}"
    yield f"First {one.first_at:%Y-%m-%d %H:%M}, latest {one.last_at:%Y-%m-%d %H:%M} UTC"
    yield "\nWhat is unusual"
    yield from (f"    {one_line(line)}" for line in one.why)
    yield "\nNew people in ten minutes"
    yield from (f"    {step.at:%m-%d %H:%M}  {step.people}" for step in view.growth)
    yield "\nCases"
    for member in view.members:
        out = "  taken out" if member.is_out else ""
        yield f"    {member.case_id}  {member.channel}  {member.at:%m-%d %H:%M}{out}"
    yield "\nWhat happened (UTC)"
    for deed in one.history:
        yield f"    {deed.at:%Y-%m-%d %H:%M}  {deed.actor}  {deed.act.value.replace('_', ' ')} {one_line(deed.detail)}"


@command.command()
@id_argument
@click.argument("what", type=click.Choice(list(_ACTS)))
@click.argument("value", required=False, default="")
@stage_option()
@by_option
def act(incident_id: str, what: str, value: str, stage: str, by: str) -> None:
    """Acknowledge, close or rename an incident, take a case out of it or put one in (VALUE: title or case id)."""
    from uuid import uuid4

    from chalicelib.usecases import incidents as handling
    from infra.operate import records

    request = handling.IncidentRequest(act=_ACTS[what], actor=by, key=uuid4().hex, value=value)
    with _known(incident_id, stage):
        done = handling.act(incident_id, request, records.incident_ports(stage), datetime.now(UTC))
    click.echo(f"Done. {done.people:,} people, {done.status.value}.")


@command.command()
@id_argument
@click.option("--text", required=True, help="What everybody is told. {name} and {handle} are filled in.")
@click.option("--private/--public", default=None, help="In private or public. As each wrote, unless given.")
@click.option("--resolve", is_flag=True, help="Resolve each case with its answer.")
@click.option("--late", is_flag=True, help="Also those who join later, while the incident goes on.")
@click.option("--preview", is_flag=True, help="Only show what would be sent.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@stage_option()
@by_option
def answer(
    incident_id: str,
    text: str,
    private: bool | None,
    resolve: bool,
    late: bool,
    preview: bool,
    yes: bool,
    stage: str,
    by: str,
) -> None:
    """Answer everybody who is affected, each in the thread in which they wrote."""
    from uuid import uuid4

    from chalicelib.domain.events import EventKind
    from chalicelib.usecases import answer_all
    from infra.operate import records

    then = EventKind.RESOLVE if resolve else None
    wanted = answer_all.WantedAnswer(text=text, actor=by, key=uuid4().hex, private=private, then=then, with_late=late)
    ports = records.answer_ports(stage)
    with _known(incident_id, stage):
        to_send = _previewed(answer_all.preview(incident_id, wanted, ports, datetime.now(UTC)))
        if preview or not to_send:
            return
        if not yes:
            click.confirm(f"Send {to_send} answers?", abort=True)
        _send(incident_id, wanted, ports)


def _previewed(found: "AnswerAllPreview") -> int:
    from infra.terminal import one_line

    for one in found.cases:
        what = one_line(one.text) if one.text is not None else f"SKIPPED, {one.why}"
        where = "in private" if one.private else "in public"
        click.echo(f"  {one.case_id}  {one_line(one.author) or 'somebody'}  {where}: {what}")
    skipped = len(found.cases) - found.to_send
    click.echo(f"{found.to_send} answers, {skipped} skipped" + (f", {found.left_out} not shown" * bool(found.left_out)))
    return found.to_send


def _send(incident_id: str, wanted: "WantedAnswer", ports: "Ports") -> None:
    from chalicelib.usecases import answer_all

    job = answer_all.ask(incident_id, wanted, ports, datetime.now(UTC))
    rest = "" if job.finished_at else " The watch goes on with the others, every minute."
    click.echo(f"{job.sent} answers are on their way.{rest}")
    for reason in answer_all.reasons(job):
        click.echo(f"  skipped: {reason}")


@contextmanager
def _known(incident_id: str, stage: str) -> Iterator[None]:
    from chalicelib.usecases import incidents as handling

    if not re.fullmatch(ID_PATTERN, incident_id):
        listing = next_command("incidents", stage)
        raise click.UsageError(f"an incident's id is i and 15 digits or letters a to f; {listing} lists them")
    try:
        yield
    except handling.UnknownIncident as error:
        raise Problem(f"{error} Stage: {stage}.", f"`earshot incidents --stage {stage}`") from None
    except handling.RequestInvalid as error:
        raise Problem(str(error), f"`earshot incidents show {incident_id} --stage {stage}`") from None


# --- whom a crisis wakes ----------------------------------------------------------------------------------------


def _words(settings: CrisisSettings) -> list[str]:
    group = settings.group or "the second step of the default policy's ladder"
    return [f"a crisis is {settings.threshold} points or more", f"it wakes {group}"]


FORM = documents.Form(
    kind=DocumentKind.INCIDENTS,
    command="earshot incidents settings",
    read=read_toml,
    words=_words,
    empty="There are no settings: a crisis is 5 points, and wakes the second step of the default policy's ladder.",
)


@command.group()
def settings() -> None:
    """Whom a crisis wakes, and from how many points on."""


@settings.command(name="check")
@file_argument
def check_settings(file: Path) -> None:
    """Read a settings FILE and name every mistake with its line. Needs no AWS."""
    documents.check(FORM, file)


@settings.command(name="show")
@stage_option()
@click.option("--toml", is_flag=True, help="The document itself, to edit and apply.")
def show_settings(stage: str, toml: bool) -> None:
    """The settings in force."""
    documents.show(FORM, _documents(stage), stage, toml=toml)


@settings.command(name="apply")
@file_argument
@stage_option()
@click.option("--yes", is_flag=True, help="Do not ask.")
@by_option
def apply_settings(file: Path, stage: str, yes: bool, by: str) -> None:
    """Bring FILE into force."""
    documents.apply(FORM, file, _documents(stage), stage, by=by, yes=yes)


def _documents(stage: str) -> Any:
    from infra.operate import records

    return records.documents(stage)
