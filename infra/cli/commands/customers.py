"""Record something about a customer: tier, tags, consent to call, promises; erase or export all of it."""

import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from infra.cli.commands.cases import known_case, print_json
from infra.cli.options import stage_option
from infra.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.domain.customer import ChangeKind
    from chalicelib.ports.cases import CaseStore
    from chalicelib.ports.customers import Customer
    from chalicelib.usecases.cases.case_views import ChangeView, CustomerView

case_argument = click.argument("case_id", metavar="ID")
by_option = click.option("--by", default=getuser, help="Who says so.", show_default="your user name")


@click.group()
def command() -> None:
    """Show what is recorded about a customer, record more, erase or export it. ID is that of any case of theirs."""


@command.command()
@case_argument
@stage_option()
@click.option("--json", "as_json", is_flag=True, help="As JSON, in the form of the API.")
def show(case_id: str, stage: str, as_json: bool) -> None:
    """What is recorded, and every change of it."""
    from chalicelib.usecases.show import as_plain, show_customer
    from infra.operate import records

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
    from chalicelib.usecases import customer_record
    from chalicelib.usecases.act import ActionInvalid
    from infra.operate import records

    request = customer_record.RecordRequest(
        kind=kind, value=value, due_on=due_on, actor=by, idempotency_key=uuid4().hex
    )
    with known_case(case_id, stage):
        try:
            customer_record.remember(case_id, request, ports=records.remember_ports(stage), now=datetime.now(UTC))
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


# --- a person's rights ------------------------------------------------------------------------------------------

who_argument = click.argument("who")


@command.command()
@click.argument("who", required=False)
@stage_option()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--replay", is_flag=True, help="After a restore: erase again all who were erased.")
@click.option(
    "--table", "table_name", metavar="NAME", help="With --replay: the restored table, while it has that name."
)
@by_option
def erase(who: str | None, stage: str, yes: bool, replay: bool, table_name: str | None, by: str) -> None:
    """
    Erase everything that is held of a person, for good. Shows first what that is, and asks.

    WHO is any case of theirs, or PLATFORM:ID with the platform's id of the author, such as x:501. What they write
    later opens new cases as of somebody nobody knows. What was counted stays counted.
    """
    if bool(who) == replay:
        raise click.UsageError("name WHO, or --replay")
    if table_name and not replay:
        raise click.UsageError("--table goes with --replay")
    if who is None:
        _replay(stage, table_name)
    else:
        _erase(who, stage, yes=yes, by=by)


def _erase(who: str, stage: str, *, yes: bool, by: str) -> None:
    from chalicelib.usecases import erase as erasing
    from infra.deploy import target
    from infra.operate import records

    ports = records.erasing_ports(target.for_stage(stage), tell=lambda what: click.echo(f"    {what}"))
    customer, case_ids = _whose(who, stage, ports.store)
    now = datetime.now(UTC)
    with _known(who):
        found = erasing.preview(customer, case_ids, ports, now)
    click.echo(f"Held on {stage} of this person:")
    for what, count in found.items.items():
        click.echo(f"    {count:6} {what}")
    for case_id in found.shared:
        click.echo(f"    Case {case_id} is somebody else's, too: it stays, without this person. Read it afterwards.")
    if not yes:
        click.confirm("All of it is erased for good, also from the bucket and the dead letters. Go on?", abort=True)
    done = erasing.erase(customer, case_ids, ports, now, by=by)
    click.echo(
        f"Erased by {by} at {now:%Y-%m-%d %H:%M}Z: {done.cases} cases, a part in {done.shared} more, "
        f"{done.bodies} requests in the bucket, {done.letters} dead letters. "
        "What is on its way in queues is passed over when it arrives."
    )


def _replay(stage: str, table_name: str | None) -> None:
    from chalicelib.usecases.erase import replay_ledger
    from infra.deploy import target
    from infra.operate import records

    ports = records.erasing_ports(
        target.for_stage(stage), tell=lambda what: click.echo(f"    {what}"), table_name=table_name
    )
    click.echo("Reading the whole table for people who were erased.")
    count = sum(1 for _ in replay_ledger(ports, datetime.now(UTC)))
    click.echo(f"{count} people were there again, and are erased.")


@command.command()
@who_argument
@stage_option()
@click.option("--to", "file", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write.")
def export(who: str, stage: str, file: Path) -> None:
    """
    Write everything that is held of a person into a file that you alone may read, as JSON.

    WHO is any case of theirs, or PLATFORM:ID with the platform's id of the author, such as x:501. What other people
    wrote is left out.
    """
    from chalicelib.usecases import erase as erasing
    from chalicelib.usecases.show import as_plain
    from infra.deploy import target
    from infra.operate import records

    ports = records.erasing_ports(target.for_stage(stage))
    customer, case_ids = _whose(who, stage, ports.store)
    with _known(who):
        found = erasing.export(customer, case_ids, ports, datetime.now(UTC))
    _write_private(file, json.dumps(as_plain(found), indent=2, ensure_ascii=False) + "\n")
    click.echo(f"{sum(map(len, found.held.values()))} items are in {file}. Hand it over, then delete it.")


def _write_private(file: Path, text: str) -> None:
    """Nobody else may read it, from the first byte on."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Problem(f"{file} cannot be written: {error.strerror}.", "name another file with --to") from None
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)


def _whose(who: str, stage: str, store: "CaseStore") -> "tuple[Customer, tuple[str, ...]]":
    from chalicelib.ports.customers import Customer
    from chalicelib.usecases.erase import customer_of_case

    platform, colon, author_key = who.partition(":")
    if colon:
        return Customer(platform=platform, author_key=author_key), ()
    with known_case(who, stage):
        return customer_of_case(who, store), (who,)


@contextmanager
def _known(who: str) -> "Iterator[None]":
    from chalicelib.usecases.erase import NobodyKnown

    try:
        yield
    except NobodyKnown:
        raise Problem(f"Nothing is held of {who}.", "look among the cases for who it may be") from None
