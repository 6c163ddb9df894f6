"""Show the cases: the list, or one as a timeline."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from infra.cli.options import stage_option, user_name
from infra.problem import Problem, next_command

if TYPE_CHECKING:
    from chalicelib.ports.cases import CaseSummary
    from chalicelib.usecases.explain import ExplainedCase
    from chalicelib.usecases.show import CaseView, ClockView, TimelineEntry

HEAD = ("CASE", "PLATFORM", "STATUS", "WHO", "WHY IT STANDS HERE", "WHAT THEY SAID")
WHO_COLUMNS, WHY_COLUMNS = 20, 110
MOST_SHOWN_CHARS = 3_000  # of one text
INDENT = "        "

json_option = click.option("--json", "as_json", is_flag=True, help="As JSON, in the form of the API.")


@click.group(invoke_without_command=True)
@stage_option()
@click.option("--closed", is_flag=True, help="Resolved cases and spam instead of open ones.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
@json_option
@click.pass_context
def command(ctx: click.Context, stage: str, closed: bool, limit: int, as_json: bool) -> None:
    """List the open cases, most urgent first."""
    if ctx.invoked_subcommand:
        return
    from chalicelib.usecases.show import as_plain, show_list
    from infra.operate import records

    coming = None if as_json else _coming(stage)  # first: what arrives meanwhile is told twice rather than not at all
    listed = show_list(store=records.cases(stage), now=datetime.now(UTC), closed=closed, limit=limit)
    if as_json:
        print_json({"cases": as_plain(listed)})
    elif listed:
        for line in _table(listed):
            click.echo(line)
    elif not coming:
        click.echo(_nothing(stage, closed=closed))
    if coming:
        click.echo(coming, err=True)


@command.command()
@click.argument("case_id", metavar="ID")
@click.option("--first", type=click.IntRange(min=1), help="An older slice: of the first so many entries, the newest.")
@stage_option()
@json_option
@click.pass_context
def show(ctx: click.Context, case_id: str, first: int | None, stage: str, as_json: bool) -> None:
    """One case: how it stands, its clocks, and everything that happened."""
    from chalicelib.usecases.show import as_plain
    from chalicelib.usecases.show import show as show_case
    from infra.operate import records

    stage, as_json = _given(ctx, "stage", stage), as_json or _given(ctx, "as_json", as_json)
    with known_case(case_id, stage):
        view = show_case(case_id, store=records.cases(stage), now=datetime.now(UTC), first=first)
    if as_json:
        print_json(as_plain(view))
    else:
        for line in _lines(view, datetime.now(UTC)):
            click.echo(line)


@command.command()
@click.argument("case_id", metavar="ID")
@stage_option()
@json_option
@click.pass_context
def explain(ctx: click.Context, case_id: str, stage: str, as_json: bool) -> None:
    """Why each clock of a case is due when it is, step by step, to be read out."""
    from chalicelib.usecases.explain import explain as explain_case
    from chalicelib.usecases.show import as_plain
    from infra.operate import records

    stage, as_json = _given(ctx, "stage", stage), as_json or _given(ctx, "as_json", as_json)
    with known_case(case_id, stage):
        store, promises = records.cases(stage), records.promises(stage)
        explained = explain_case(case_id, store=store, promises=promises, now=datetime.now(UTC))
    if as_json:
        print_json(as_plain(explained))
    else:
        for line in _explanation(explained):
            click.echo(line)


@command.command()
@click.argument("case_id", metavar="ID")
@click.option("--from", "from_id", metavar="ID", required=True, help="The case that becomes part of the other one.")
@click.option("--other-customer", is_flag=True, help="Although another account wrote in it.")
@click.option("--by", callback=user_name, help="Who joins them, as the case will say. Your login unless given.")
@click.option("--preview", is_flag=True, help="Only say what would become of the promises.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@stage_option()
@click.pass_context
def merge(
    ctx: click.Context, case_id: str, from_id: str, other_customer: bool, by: str, preview: bool, yes: bool, stage: str
) -> None:
    """Make another case part of this one. Nothing takes that back, so it says first what would come of it."""
    from infra.operate import merging

    stage = _given(ctx, "stage", stage)
    with known_case(case_id, stage), known_case(from_id, stage):
        for line in merging.foreseen(case_id, from_id, other_customer=other_customer, stage=stage):
            click.echo(line)
        if preview:
            return
        if not yes:
            click.confirm("\nJoin them?", abort=True)
        stays = merging.merge(case_id, from_id, by=by, other_customer=other_customer, stage=stage)
    click.echo(f"{from_id} is part of {stays} now: `earshot cases show {stays} --stage {stage}`.")


@command.command("take-back")
@click.argument("case_id", metavar="ID")
@click.argument("reply_id", metavar="REPLY")
@click.option(
    "--by", callback=user_name, help="Who does not want it sent, as the case will say. Your login unless given."
)
@stage_option()
@click.pass_context
def take_back(ctx: click.Context, case_id: str, reply_id: str, by: str, stage: str) -> None:
    """Keep an answer that waits from going out. `earshot cases show` names those that are on their way."""
    from infra.operate import answers

    stage = _given(ctx, "stage", stage)
    with known_case(case_id, stage):
        home = answers.take_back(case_id, reply_id, by=by, stage=stage)
    click.echo(f"{reply_id} will not be sent: `earshot cases show {home} --stage {stage}`.")


@contextmanager
def known_case(case_id: str, stage: str) -> Iterator[None]:
    """Around what is asked about a case: one that there is not is said in words."""
    from chalicelib.usecases.cases.moving import UnknownCase
    from chalicelib.usecases.show import CASE_ID_PATTERN

    if not re.fullmatch(CASE_ID_PATTERN, case_id):
        raise click.UsageError(
            f"a case's id is c and 15 digits or letters a to f; {next_command('cases', stage)} lists them"
        )
    try:
        yield
    except UnknownCase as error:
        raise Problem(f"{error} Stage: {stage}.", next_command("cases", stage)) from None


def _given(ctx: click.Context, name: str, value: Any) -> Any:
    """`earshot cases --stage dev show ID` means the same as with the option at the end."""
    if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT or ctx.parent is None:
        return value
    return ctx.parent.params[name]


def print_json(value: Any) -> None:
    """Escaped to ASCII: no text of a stranger reaches the terminal as it is."""
    click.echo(json.dumps(value, indent=2))


def _coming(stage: str) -> str | None:
    """A request is taken in milliseconds, and in its case some seconds later."""
    from infra.deploy import queues, target

    counts = queues.on_their_way(target.for_stage(stage))
    where = ", ".join(f"{count} in {name}" for name, count in counts.items())
    return f"More is on its way ({where}): ask again in a moment." if where else None


def _nothing(stage: str, *, closed: bool) -> str:
    if closed:
        return f"No closed cases on {stage}. Next step: `earshot cases --stage {stage}` for the open ones"
    return (
        f"No open cases on {stage}. Next step: send one, "
        f"`earshot send x tests/fixtures/x/webhook/aaa_mention.body.json --stage {stage}`"
    )


# --- the list ---------------------------------------------------------------------------------------------------


def _table(listed: "tuple[CaseSummary, ...]") -> list[str]:
    from infra.terminal import table

    return table([HEAD, *(_row(case) for case in listed)], columns=shutil.get_terminal_size((160, 24)).columns)


def _row(case: "CaseSummary") -> tuple[str, ...]:
    from infra.terminal import cut, one_line

    return (
        case.case_id,
        case.platform,
        case.status,
        cut(one_line(case.author) or "somebody", WHO_COLUMNS),
        cut(one_line(", ".join(case.reasons)) or "-", WHY_COLUMNS),
        one_line(case.text) or "-",
    )


# --- one case ---------------------------------------------------------------------------------------------------


def _lines(view: "CaseView", now: datetime) -> Iterator[str]:
    yield from _head(view)
    yield from _customer(view)
    yield from _score(view)
    yield "\nClocks" if view.clocks else "\nNo clocks."
    if view.clocks_left_out:
        yield f"    {view.clocks_left_out} older ones are not shown"
    yield from (_clock_line(clock, now) for clock in view.clocks)
    yield "\nTimeline (UTC)"
    if view.left_out:
        yield f"{INDENT}{view.left_out} older entries: --first {view.left_out}"
    for entry in view.timeline:
        yield from _entry_lines(entry)
    if view.newer:
        yield f"{INDENT}{view.newer} newer entries: without --first"
    if view.outbox:
        yield "\nOn its way"
    from chalicelib.domain.in_words import tries

    for reply in view.outbox:
        failure = f": {reply.failure}" if reply.failure else ""
        yield f"    {reply.reply_id}  {reply.status}, {tries(reply.attempts)}{failure}"
    yield f"\nPossible now: {', '.join(view.allowed_actions)}"
    yield from _others(view)


def _head(view: "CaseView") -> Iterator[str]:
    from infra.terminal import one_line

    privately = "in private" if view.is_private else "in public"
    yield f"{view.case_id}  {view.status}, {view.priority}  {view.channel}, {privately}"
    if view.alias_of:
        yield f"({view.alias_of} was found to be the same conversation and is part of this case now.)"
    yield f"{_author(view)}, thread {one_line(view.thread_id)}"
    yield one_line(" ".join(view.words))
    if view.why:
        yield f"Urgent because of: {one_line(', '.join(view.why))}"
    yield f"Assigned to {view.assignee}" if view.assignee else "Assigned to nobody"


def _author(view: "CaseView") -> str:
    from chalicelib.usecases.show import name_of
    from infra.terminal import one_line

    name = one_line(name_of(view.author)) or "somebody the platform does not name"
    followers = view.author.followers if view.author else None
    return f"{name}, {followers:,} followers" if followers is not None else name


def _clock_line(clock: "ClockView", now: datetime) -> str:
    from datetime import timedelta

    from chalicelib.domain.in_words import due_in_words, span

    target = f"target {span(timedelta(seconds=clock.target_s))}"
    if clock.is_paused:
        how = "paused"
    elif clock.stopped_at is None:
        how = f"{due_in_words(clock.due_at, now)}"
    else:
        took = f" after {span(timedelta(seconds=clock.business_s))}" if clock.business_s is not None else ""
        how = f"{clock.outcome}{took}" + (f", {clock.reason.replace('_', ' ')}" if clock.reason else "")
    return f"    {clock.name:12} {how} ({target})"


def _entry_lines(entry: "TimelineEntry") -> Iterator[str]:
    from infra.terminal import one_line, paragraphs

    privately = " in private" if entry.is_private else ""
    yield f"    {entry.at:%Y-%m-%d %H:%M:%S}  {one_line(entry.who)} {entry.what}{privately}"
    if entry.is_deleted:
        yield f"{INDENT}| (deleted by its author)"
    text = entry.text or ""
    yield from (f"{INDENT}| {line}" for line in (paragraphs(text[:MOST_SHOWN_CHARS]) if text else ()))
    if len(text) > MOST_SHOWN_CHARS:
        yield f"{INDENT}| (and {len(text) - MOST_SHOWN_CHARS:,} more characters: --json shows all)"
    if entry.is_cut:
        yield f"{INDENT}| (only the beginning of this text came: the rest is on the platform)"
    for link in entry.links:
        yield f"{INDENT}| {one_line(' '.join(part for part in (link.title, link.url) if part))}"
    if entry.media:
        yield f"{INDENT}| [{one_line(', '.join(entry.media))}]"


def _customer(view: "CaseView") -> Iterator[str]:
    from infra.terminal import one_line

    known = view.customer
    parts = [f"{known.tier} customer" if known.tier else "no tier", *known.tags]
    if known.complaints:
        parts.append(f"complaints in 30 days: {known.complaints}")
    if known.consent:
        parts.append(f"{'may' if known.consent.is_given else 'may not'} be called ({one_line(known.consent.how)})")
    yield f"Customer: {', '.join(parts)}"
    for promise in known.promises:
        late = "was due" if promise.is_late else "due"
        yield f"    promised by {promise.by}, {late} {promise.due_on}: {one_line(promise.text)} ({promise.id})"
    if view.after:
        yield f"After the answer they {view.after.words}{'' if view.after.is_final else ' so far'}"


def _score(view: "CaseView") -> Iterator[str]:
    score = view.score
    if score is None:
        return
    yield f"\nStands with {score.total:,} points"
    yield from (f"    {part.points:>+6,}  {part.words}" for part in score.parts)
    if score.waited:
        yield f"    {score.waited:>+6,}  waiting"
    yield f"    about {score.people:,} people will hear of it"


def _others(view: "CaseView") -> Iterator[str]:
    from infra.terminal import cut, one_line

    if view.others:
        yield "\nOther cases of the same author"
    for other in view.others:
        tone = ", ".join(filter(None, [other.sentiment, "a complaint" if other.is_complaint else None]))
        when = f"{other.status}, {other.opened_at:%Y-%m-%d}"
        yield f"    {other.case_id}  {when}{f', {tone}' if tone else ''}  {cut(one_line(other.text), 60)}"


# --- why a clock is due -----------------------------------------------------------------------------------------


def _explanation(explained: "ExplainedCase") -> Iterator[str]:
    from infra.terminal import one_line

    if explained.alias_of:
        yield f"{explained.alias_of} is part of case {explained.case_id} now."
    if not explained.clocks:
        yield "Nothing is promised in this case: it has no clocks."
    for clock in explained.clocks:
        yield f"\n{clock.name.capitalize()}: {clock.outcome}"
        yield from (f"    {one_line(step.text)}" for step in clock.steps)
