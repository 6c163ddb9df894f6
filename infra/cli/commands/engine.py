"""Say which engine refines the labels of triage, and try them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from chalicelib.ports.engines import Choice, EngineSettings
from infra.cli.options import stage_option
from infra.problem import next_command

if TYPE_CHECKING:
    from infra.operate.engine import Opinion

_COLUMN = 44
OUTSIDE = {
    Choice.COMPREHEND: "Texts of customers go to Amazon Comprehend from now on.",
    Choice.BEDROCK: "Texts of customers go to a model on Amazon Bedrock from now on.",
}


@click.group()
def command() -> None:
    """Engines that judge what customers write, after triage has. docs/engines.md says what each costs and sees."""


@command.command("set")
@click.argument("choice", type=click.Choice([choice.value for choice in Choice]), required=False)
@stage_option()
@click.option("--model", help="With bedrock: its model or inference profile, such as eu.amazon.nova-lite-v1:0.")
@click.option("--region", help="Where the engine is, if not in the stage's own region; none takes it away.")
@click.option("--limit", "limit_s", type=float, help="Seconds for one delivery of up to ten texts.")
@click.option("--urgent-limit", "urgent_limit_s", type=float, help="The same for the urgent lane.")
@click.option("--language", "languages", multiple=True, help="Ask for this language; all for all. May be repeated.")
@click.option("--private/--no-private", default=None, help="Private messages too, or public ones only.")
@click.option("--per-hour", type=int, help="The most texts that are sent in an hour, by all functions together.")
@click.option("--per-day", type=int, help="The same for a day in UTC.")
def set_(choice: str | None, stage: str, **options: Any) -> None:
    """
    Choose an engine and how far it is asked. What is not named stays as it is.

    `earshot engine set comprehend --language en --per-day 2000 --stage prod`
    """
    from infra.deploy import target
    from infra.operate import engine

    changes = {name: value for name, value in options.items() if value not in (None, ())}
    if choice:
        changes["choice"] = choice
    if not changes:
        raise click.UsageError("name an engine or an option")
    if "languages" in changes:
        changes["languages"] = [] if "all" in options["languages"] else sorted(set(options["languages"]))
    if changes.get("region") == "none":
        changes["region"] = None
    settings = engine.change(target.for_stage(stage), changes)
    if choice and settings.choice in OUTSIDE:
        click.echo(f"{OUTSIDE[settings.choice]} docs/engines.md says what that means.")
    click.echo(
        f"Stored on {stage}. Running functions see it within six minutes. See also {next_command('doctor', stage)}."
    )


@command.command()
@stage_option()
def show(stage: str) -> None:
    """What is set, and how much was sent today."""
    from infra.deploy import target
    from infra.operate import engine

    where = target.for_stage(stage)
    settings = engine.read(where)
    for name, value in _rows(settings):
        click.echo(f"{name + ':':18} {value}")
    if settings.is_outside:
        sent = engine.sent_today(where, settings, datetime.now(UTC).date())
        click.echo(f"{'Today:':18} {sent} of {settings.per_day} texts are sent or reserved")


def _rows(settings: EngineSettings) -> list[tuple[str, str]]:
    limits = f"{settings.limit_s:g} s for a delivery, {settings.urgent_limit_s:g} s in the urgent lane"
    rows = [("Engine", settings.choice.value), ("Limits", limits)]
    if not settings.is_outside:
        return rows
    return [
        *rows,
        *([("Model", settings.model)] if settings.choice is Choice.BEDROCK and settings.model else []),
        ("Region", settings.region or "the stage's own"),
        ("Languages", ", ".join(sorted(settings.languages)) or "all"),
        ("Private messages", "are sent too" if settings.private else "stay inside"),
        ("Ceiling", f"{settings.per_hour} texts an hour, {settings.per_day} a day"),
    ]


@command.command("try")
@click.argument("text")
@stage_option()
@click.option("--model", help="A model on Bedrock to try, whatever is set.")
@click.option("--lang", "lang_hint", help="The language that the platform would tell.")
@click.option("--private", is_flag=True, help="As if it were a private message.")
@click.option("--rating", type=click.IntRange(1, 5), help="Stars that came with it.")
def try_(text: str, stage: str, model: str | None, lang_hint: str | None, private: bool, rating: int | None) -> None:
    """
    What every engine says about TEXT, with the words that decided, and what a case would get.

    Asks Comprehend, and Bedrock if a model is set, with your own rights: a fraction of a cent. Put no customer's words
    here that may not go there.
    """
    from chalicelib.domain.labels import UNLABELLED
    from chalicelib.ports.engines import Passage
    from infra.deploy import target
    from infra.operate import engine

    where = target.for_stage(stage)
    settings = engine.read(where)
    if model:
        settings = engine.with_model(settings, model)
    passage = Passage(text=text, labels=UNLABELLED, lang_hint=lang_hint, private=private, rating=rating)
    found = list(engine.opinions(where, settings, passage))
    for line in _side_by_side(found):
        click.echo(line)
    for one in found:
        if one.labels is None:
            click.echo(f"{one.name} says nothing: {one.why_not}")


def _side_by_side(found: "list[Opinion]") -> list[str]:
    from infra.operate.engine import cells
    from infra.terminal import cut, one_line, table

    columns = {one.name: cells(one.labels) for one in found if one.labels}
    labels = next(iter(columns.values()))
    rows = [("", *columns)]
    rows += [(label, *(cut(one_line(column[label]), _COLUMN) for column in columns.values())) for label in labels]
    return table(rows, columns=20 + (_COLUMN + 2) * len(columns))
