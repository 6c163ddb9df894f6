"""`make incidents`, or `python -m bench.incidents`: replay invented days, and say what was found in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from statistics import mean

import click

from bench.incidents import texts
from bench.incidents.day import Outage, day
from bench.incidents.replay import Opened, Played, hours_of, play
from bench.report import Cell, Table, text
from chalicelib.domain.incidents.usual import Hour

TUESDAY = datetime(2026, 3, 3, tzinfo=UTC)
SUNDAY = datetime(2026, 3, 8, tzinfo=UTC)
HISTORY_DAYS = 7
MOST_MENTIONS = 20  # an incident must be open by then


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A day and what is hidden in it."""

    name: str
    begin: datetime
    outages: tuple[Outage, ...]


def _minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


SCENES = (
    Scene(
        name="sudden",
        begin=TUESDAY,
        outages=(
            Outage(name="login", templates=texts.LOGIN_DOWN, begins=_minutes(540), lasts=_minutes(25), shape=1.5),
        ),
    ),
    Scene(
        name="slow burn",
        begin=TUESDAY,
        outages=(
            Outage(name="double charge", templates=texts.DOUBLE_CHARGE, begins=_minutes(600), lasts=_minutes(300)),
        ),
    ),
    Scene(
        name="two at once",
        begin=TUESDAY,
        outages=(
            Outage(name="belt", templates=texts.BELT_HARWICK, begins=_minutes(1020), lasts=_minutes(40)),
            Outage(name="payment page", templates=texts.PAYMENT_PAGE, begins=_minutes(1028), lasts=_minutes(50)),
        ),
    ),
    Scene(
        name="Sunday, near midnight",
        begin=SUNDAY,
        outages=(
            Outage(name="site", templates=texts.SITE_DOWN, begins=_minutes(1380), lasts=_minutes(50), mentions=60),
        ),
    ),
    Scene(
        name="in German",
        begin=TUESDAY,
        outages=(
            Outage(
                name="Anmeldung", templates=texts.LOGIN_GERMAN, begins=_minutes(360), lasts=_minutes(60), mentions=80
            ),
        ),
    ),
)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--seed", default=1, show_default=True, help="Another invented week.")
@click.option("--only", multiple=True, type=click.Choice([scene.name for scene in SCENES]), help="This scene alone.")
@click.option("--outages/--no-outages", default=True, help="Whether to play the days with outages.")
@click.option("--quiet-days", default=30, show_default=True, help="So many days without an outage, one after another.")
@click.option("--every", default=1, show_default=True, type=click.IntRange(1, 10), help="Minutes between two looks.")
@click.option("--ordinary", default=5_000, show_default=True, help="Ordinary mentions on an average day.")
@click.option("-v", "--verbose", is_flag=True, help="Say why each incident was opened.")
def main(
    seed: int, only: tuple[str, ...], outages: bool, quiet_days: int, every: int, ordinary: int, verbose: bool
) -> None:
    """
    Replay days of an invented airline through triage's classifier, casework and the watch, on stores in memory.

    Ends with 1 when an outage was found late or not at all, when it called people twice, or when there was a
    false incident.
    """
    good = True
    scenes = [scene for scene in SCENES if outages and (not only or scene.name in only)]
    if scenes:
        played = [(scene, _played(scene, seed, ordinary, every)) for scene in scenes]
        click.echo(text(_outages(played)) + "\n")
        click.echo(text(_costs(played)) + "\n")
        for line in _reasons(played) if verbose else ():
            click.echo(line)
        good = all(is_good(one) for _, one in played)
    if quiet_days and not only:
        days = list(_quiet(seed, ordinary, every, quiet_days))
        click.echo(text(_quietness(days)) + "\n")
        good = good and not any(one.opened for one in days)
    if not good:
        raise click.exceptions.Exit(1)


def _played(scene: Scene, seed: int, ordinary: int, every: int) -> Played:
    click.echo(f"  {scene.name} ...", err=True)
    hours = _history(scene.begin, seed, ordinary)
    said = day(scene.begin, seed, scene.outages, ordinary=ordinary)
    return play(said, scene.begin, hours=hours, every=every)


def _history(begin: datetime, seed: int, ordinary: int) -> list[Hour]:
    """The hours of the week before, counted as the watch counts them."""
    days = (begin - timedelta(days=number) for number in range(HISTORY_DAYS, 0, -1))
    return [hour for one in days for hour in _counted(one, seed, ordinary)]


@cache
def _counted(begin: datetime, seed: int, ordinary: int) -> tuple[Hour, ...]:
    return hours_of(day(begin, seed, ordinary=ordinary))


def _quiet(seed: int, ordinary: int, every: int, number: int) -> Iterator[Played]:
    """From the first hour on without any history; each day adds its own."""
    hours: list[Hour] = []
    for place in range(number):
        begin = TUESDAY + timedelta(days=place)
        click.echo(f"  quiet day {place + 1} ...", err=True)
        played = play(day(begin, seed + place, ordinary=ordinary), begin, hours=hours, every=every, until=24)
        hours += played.hours
        yield played


def is_good(played: Played) -> bool:
    """Each outage opened one incident in time and called people once, and there was no other."""
    found = [played.of(outage) for outage in played.outages]
    return not played.false and all(
        len(opened) == 1 and opened[0].at_mention <= MOST_MENTIONS and opened[0].pages["crisis"] == 1
        for opened in found
    )


# --- tables -----------------------------------------------------------------------------------------------------


def _outages(played: Sequence[tuple[Scene, Played]]) -> Table:
    rows = [row for scene, one in played for outage in one.outages for row in _rows(scene, outage, one)]
    return Table(
        name="incidents",
        title="Outages hidden in a day",
        head=(
            *("day", "outage", "incidents", "opened at mention", "after min", "crisis pages", "all pages"),
            *("people", "precision", "recall", "false incidents"),
        ),
        rows=tuple(rows),
        notes=(f"An incident should be open by mention {MOST_MENTIONS} of its outage, and call people once.",),
    )


def _rows(scene: Scene, outage: str, one: Played) -> Iterator[tuple[Cell, ...]]:
    opened = one.of(outage)
    false = len(one.false)
    if not opened:
        yield (scene.name, outage, 0, None, None, 0, 0, None, None, 0.0, false)
        return
    first = opened[0]
    pages = sum(each.pages["crisis"] for each in opened), sum(each.pages.total() for each in opened)
    minutes = first.after.total_seconds() / 60
    precision, recall = _together(opened)
    yield (
        *(scene.name, outage, len(opened), first.at_mention, minutes, *pages),
        *(sum(each.incident.people for each in opened), precision, recall, false),
    )


def _together(opened: Sequence[Opened]) -> tuple[float, float]:
    return mean(each.precision for each in opened), sum(each.recall for each in opened)


def _costs(played: Sequence[tuple[Scene, Played]]) -> Table:
    return Table(
        name="cost",
        title="What signals and watch add, for each mention of the day",
        head=("day", "mentions", "calls", "write units", "read units", "of them by signals alone: write units"),
        rows=tuple(
            (
                scene.name,
                one.mentions,
                one.calls / one.mentions,
                one.write_units / one.mentions,
                one.read_units / one.mentions,
                one.signal_units / one.mentions,
            )
            for scene, one in played
        ),
        notes=("Reads are those of one process that lives all day; the three hours after the day are in it.",),
    )


def _quietness(days: Sequence[Played]) -> Table:
    return Table(
        name="quiet",
        title=f"{len(days)} days without an outage, from the first hour on",
        head=("mentions", "false incidents", "of them in the first week", "crisis pages"),
        rows=(
            (
                sum(one.mentions for one in days),
                sum(len(one.opened) for one in days),
                sum(len(one.opened) for one in days[:7]),
                sum(each.pages.total() for one in days for each in one.opened),
            ),
        ),
        notes=tuple(f"{each.incident.opened_at}: {each.incident.title}" for one in days for each in one.opened),
    )


def _reasons(played: Sequence[tuple[Scene, Played]]) -> Iterator[str]:
    for scene, one in played:
        for each in one.opened:
            yield f"{scene.name}: {each.incident.title} ({each.about or 'FALSE'})"
            yield from (f"  {line}" for line in each.incident.why)


if __name__ == "__main__":
    main()
