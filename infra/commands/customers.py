"""Record something about a customer: tier, tags, consent to call, promises."""

from datetime import UTC, datetime
from getpass import getuser
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from infra.commands.cases import known_case, print_json
from infra.options import stage_option
from infra.problem import Problem

if TYPE_CHECKING:
    from chalicelib.domain.customer import ChangeKind
    from chalicelib.usecases.portrait import ChangeView, CustomerView

case_argument = click.argument("case_id", metavar="ID")
by_option = click.option("--by", default=getuser, help="Who says so.", show_default="your user name")


@click.group()
def command() -> None:
    """Show what is recorded about a customer, and record more. ID is that of any case of theirs."""


@command.command()
@case_argument
@stage_option()
@click.option("--json", "as_json", is_flag=True, help="As JSON, in the form of the API.")
def show(case_id: str, stage: str, as_json: bool) -> None:
    """What is recorded, and every change of it."""
    from chalicelib.usecases.show import as_plain, show_customer
    from infra import records

    with known_case(case_id, stage):
        found = show_customer(case_id, store=records.cases(stage), now=datetime.now(UTC))
    if as_json:
        print_json(as_plain(found))
        return
    for line in _lines(found):
        click.echo(line)


@command.command()
@case_argument
@click.argument("name")
@stage_option()
@by_option
def tier(case_id: str, name: str, stage: str, by: str) -> None:
    """Give the tier NAME, or take it away with "none". Policies may promise more to it; open cases follow."""
    from chalicelib.domain.customer import ChangeKind

    _record(case_id, ChangeKind.TIER, None if name == "none" else name, stage, by)


@command.command()
@case_argument
@click.argument("name")
@stage_option()
@by_option
@click.option("--remove", is_flag=True, help="Take it away.")
def tag(case_id: str, name: str, stage: str, by: str, remove: bool) -> None:
    """Give the tag NAME."""
    from chalicelib.domain.customer import ChangeKind

    _record(case_id, ChangeKind.UNTAG if remove else ChangeKind.TAG, name, stage, by)


@command.command()
@case_argument
@click.argument("how")
@stage_option()
@by_option
@click.option("--withdrawn", is_flag=True, help="They do not want to be called any more.")
def consent(case_id: str, how: str, stage: str, by: str, withdrawn: bool) -> None:
    """They may be called. HOW says how they said so."""
    from chalicelib.domain.customer import ChangeKind

    _record(case_id, ChangeKind.CONSENT_WITHDRAWN if withdrawn else ChangeKind.CONSENT, how, stage, by)


@command.command()
@case_argument
@click.argument("text")
@click.option("--due", required=True, type=click.DateTime(formats=["%Y-%m-%d"]), help="The day by which it is kept.")
@stage_option()
@by_option
def promise(case_id: str, text: str, due: datetime, stage: str, by: str) -> None:
    """Somebody gave them our word: TEXT is shown with every case of theirs until it is settled."""
    from chalicelib.domain.customer import ChangeKind

    _record(case_id, ChangeKind.PROMISE, text, stage, by, due_on=due.date().isoformat())


@command.command()
@case_argument
@click.argument("promise_id", metavar="PROMISE")
@click.option("--broken", is_flag=True, help="It was not kept.")
@stage_option()
@by_option
def settle(case_id: str, promise_id: str, broken: bool, stage: str, by: str) -> None:
    """The promise of the id PROMISE was kept."""
    from chalicelib.domain.customer import ChangeKind

    _record(case_id, ChangeKind.BROKEN if broken else ChangeKind.KEPT, promise_id, stage, by)


def _record(
    case_id: str, kind: "ChangeKind", value: str | None, stage: str, by: str, *, due_on: str | None = None
) -> None:
    from chalicelib.usecases import remember
    from chalicelib.usecases.act import ActionInvalid
    from infra import records

    request = remember.Request(kind=kind, value=value, due_on=due_on, actor=by, idempotency_key=uuid4().hex)
    with known_case(case_id, stage):
        try:
            remember.remember(case_id, request, ports=records.remember_ports(stage), now=datetime.now(UTC))
        except ActionInvalid as error:
            raise Problem(str(error), f"`earshot customers show {case_id} --stage {stage}`") from None
    click.echo(f"Recorded. `earshot customers show {case_id} --stage {stage}` shows all of it.")


def _lines(found: "CustomerView") -> "list[str]":
    from infra.terminal import one_line

    consent = found.consent
    called = "nobody has asked" if consent is None else "yes" if consent.is_given else "no more"
    lines = [
        f"Tier: {found.tier or 'none'}",
        f"Tags: {', '.join(found.tags) or 'none'}",
        f"May be called: {called}" + (f", {consent.by}, {one_line(consent.how)}" if consent else ""),
        f"Complaints in 30 days: {found.complaints}",
    ]
    for given in found.promises:
        late = "was due" if given.is_late else "due"
        lines.append(f"Promised: {one_line(given.text)}, {late} {given.due_on} ({given.id})")
    return [*lines, "", "Changes (UTC), newest first", *(_change_line(change) for change in found.changes)]


def _change_line(change: "ChangeView") -> str:
    from infra.terminal import one_line

    due = f", due {change.due_on}" if change.due_on else ""
    return f"    {change.at:%Y-%m-%d %H:%M}  {change.by}: {change.kind} {one_line(change.value) or 'none'}{due}"
