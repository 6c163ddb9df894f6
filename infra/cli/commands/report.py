"""Report how many promises were kept: roll days up, and show them."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from infra.cli.options import stage_option
from infra.problem import Problem

if TYPE_CHECKING:
    from chalicelib.domain.attainment import Share
    from chalicelib.domain.causes import CauseLine
    from chalicelib.domain.rollup import RollupLine, Tally
    from chalicelib.usecases.report import CauseReport, Report

MOST_DAYS = 366
HEAD = ("", "KEPT", "OF", "SHARE", "95 % INTERVAL")
GROUPS: Mapping[str, Callable[["RollupLine"], str]] = {
    "day": lambda line: line.day.isoformat(),
    "channel": lambda line: line.place.channel,
    "policy": lambda line: f"{line.place.policy_id}, version {line.place.book}",
    "reach": lambda line: line.place.reach,
}
_DAY = click.DateTime(formats=["%Y-%m-%d"])

from_option = click.option("--from", "first", type=_DAY, help="First day. [default: six days before the last]")
to_option = click.option("--to", "last", type=_DAY, help="Last day, included. [default: today in UTC]")


@click.group()
def command() -> None:
    """
    Promises kept and broken, by day.

    A day is that of the policy's own time zone; a clock counts on the day on which it was decided.
    """


@command.command()
@stage_option()
@from_option
@to_option
def rebuild(stage: str, first: datetime | None, last: datetime | None) -> None:
    """Roll days up, from the events of the cases. Repeat it when facts came late; the same events give the same."""
    from chalicelib.usecases import report
    from infra.operate import records

    begin, end = _span(first, last)
    store, rollups, promises = records.cases(stage), records.rollups(stage), records.promises(stage)
    ports = report.Ports(store=store, rollups=rollups, promises=promises)
    done = report.rebuild(begin, end, ports=ports, now=datetime.now(UTC))
    click.echo(f"Rolled up {done.days} days: {done.clocks} clocks of {done.cases} cases.")
    if done.unreadable:
        ids = ", ".join(done.unreadable[:5])
        raise Problem(
            f"{len(done.unreadable)} cases could not be counted, their version of the policies is gone: {ids}",
            f"`earshot cases explain {done.unreadable[0]} --stage {stage}`",
        )


@command.command()
@stage_option()
@click.option("--day", type=_DAY, help="One day only.")
@from_option
@to_option
@click.option("--by", type=click.Choice(list(GROUPS)), help="Break the numbers down.")
@click.option("--json", "as_json", is_flag=True, help="Every line, and their sums, as JSON.")
def show(
    stage: str, day: datetime | None, first: datetime | None, last: datetime | None, by: str | None, as_json: bool
) -> None:
    """What was rolled up: shares with their counts, and an interval that says how much to read into them."""
    from chalicelib.usecases.report import report
    from infra.operate import records

    if day and (first or last):
        raise click.UsageError("--day is one day; leave out --from and --to")
    begin, end = _span(day or first, day or last)
    found = report(begin, end, rollups=records.rollups(stage))
    if as_json:
        click.echo(json.dumps(_plain(found), indent=2))
        return
    for line in _shown(found, by, stage):
        click.echo(line)


@command.command(name="causes")
@stage_option()
@from_option
@to_option
@click.option("--channel", help="One channel alone.")
@click.option("--json", "as_json", is_flag=True, help="Every line, as JSON.")
def show_causes(stage: str, first: datetime | None, last: datetime | None, channel: str | None, as_json: bool) -> None:
    """What complaints were about: parts of the experience, places and products, in cases."""
    from chalicelib.usecases.report import report_causes
    from infra.operate import records

    begin, end = _span(first, last)
    found = report_causes(begin, end, rollups=records.rollups(stage))
    lines = [line for line in found.lines if channel in (None, line.about.channel)]
    if as_json:
        click.echo(json.dumps(_plain_causes(lines), indent=2))
        return
    for line in _shown_causes(found, lines, stage):
        click.echo(line)


def _plain_causes(lines: "list[CauseLine]") -> list[dict[str, Any]]:
    from chalicelib.usecases.show import as_plain

    return [{"day": line.day.isoformat(), **as_plain(line.about), "cases": line.cases} for line in lines]


def _shown_causes(found: "CauseReport", lines: "list[CauseLine]", stage: str) -> Iterator[str]:
    from chalicelib.domain.causes import totals
    from infra.terminal import one_line, table

    yield f"What complaints were about, {found.first} to {found.last}"
    counts = totals(lines)
    # What nobody has counted yet is not nothing.
    none = "Not known yet." if len(found.missing) == (found.last - found.first).days + 1 else "Nobody complained."
    rows = [("", "", "CASES"), *((kind, one_line(name), str(cases)) for (kind, name), cases in counts.items())]
    yield from (f"  {line}" for line in table(rows, columns=120)) if counts else (f"  {none}",)
    if found.missing:
        yield f"\n{len(found.missing)} days were never rolled up: {_days(found.missing)}"
        wanted = f"--from {found.missing[0]} --to {found.missing[-1]}"
        yield f"Next step: `earshot report rebuild {wanted} --stage {stage}`"


def _span(first: datetime | None, last: datetime | None) -> tuple[date, date]:
    end = last.date() if last else datetime.now(UTC).date()
    begin = first.date() if first else end - timedelta(days=6)
    if begin > end:
        raise click.UsageError(f"--from {begin} is later than --to {end}")
    if (end - begin).days >= MOST_DAYS:
        raise click.UsageError(f"at most {MOST_DAYS} days at a time")
    return begin, end


# --- on the terminal --------------------------------------------------------------------------------------------


def _shown(found: "Report", by: str | None, stage: str) -> Iterator[str]:
    from chalicelib.domain.clock import METRIC_WORDS, Metric
    from chalicelib.domain.rollup import AFTER

    between = f"{found.first}" if found.first == found.last else f"{found.first} to {found.last}"
    yield f"Promises kept, {between}"
    for metric in Metric:
        lines = [line for line in found.lines if line.place.metric == metric.value]
        if lines:
            yield f"\n{METRIC_WORDS[metric].capitalize()}"
            yield from _metric(lines, by)
    yield from _after_answers([line for line in found.lines if line.place.metric == AFTER], by)
    if not found.lines:
        yield "Nothing was decided." if not found.missing else "Nothing is rolled up."
    if found.missing:
        yield f"\n{len(found.missing)} days were never rolled up: {_days(found.missing)}"
        wanted = f"--from {found.missing[0]} --to {found.missing[-1]}"
        yield f"Next step: `earshot report rebuild {wanted} --stage {stage}`"


def _days(missing: tuple[date, ...]) -> str:
    shown = [day.isoformat() for day in missing[:5]]
    return ", ".join([*shown, "…"] if len(missing) > len(shown) else shown)


def _metric(lines: "list[RollupLine]", by: str | None) -> Iterator[str]:
    from chalicelib.domain.rollup import grouped, total
    from infra.terminal import one_line, table

    tally = total(lines)
    rows = [
        HEAD,
        _row("as customers lived it", tally.share),
        _row("without what reached us late", tally.share_without_late),
        _row("without clocks that changed promise", tally.share_without_changed),
    ]
    if by:
        groups = grouped(lines, GROUPS[by])
        rows += [_row(f"{by} {one_line(name)}", groups[name].share) for name in sorted(groups)]
    yield from (f"  {line}" for line in table(rows, columns=160))
    yield from (f"  {note}" for note in _notes(tally))


def _after_answers(lines: "list[RollupLine]", by: str | None) -> Iterator[str]:
    """What customers did in the seven days after an answer, and who of those who had complained was won back."""
    from chalicelib.domain.outcome import After
    from chalicelib.domain.rollup import grouped, total
    from infra.terminal import one_line, table

    if not lines:
        return
    came = total(lines).after
    yield "\nAfter the answer, within seven days"
    counts = [(after.value, str(getattr(came, after.value))) for after in After if getattr(came, after.value)]
    yield from (f"  {line}" for line in table([("", "CASES"), *counts], columns=160))
    rows = [("", "WON", *HEAD[2:]), _row("complaints won back", came.share_won_back)]
    if by:
        groups = grouped(lines, GROUPS[by])
        rows += [_row(f"{by} {one_line(name)}", groups[name].after.share_won_back) for name in sorted(groups)]
    yield from (f"  {line}" for line in table(rows, columns=160))


def _row(name: str, share: "Share") -> tuple[str, ...]:
    decided = share.met + share.breached
    if share.percent is None or share.interval is None:
        return (name, "0", "0", "-", "-")
    low, high = share.interval
    return (name, str(share.met), str(decided), f"{share.percent:.1f} %", f"{low:.1f} to {high:.1f} %")


def _notes(tally: "Tally") -> Iterator[str]:
    from chalicelib.domain.in_words import duration

    if tally.timed:
        business, elapsed = (duration(total_s // tally.timed) for total_s in (tally.business_s, tally.elapsed_s))
        yield f"On average {business} of open hours, {elapsed} by the wall clock ({tally.timed} clocks)"
    if tally.no_reply:
        yield f"Resolved without reply: {tally.no_reply}"
    if tally.cancelled:
        yield f"Ended with nothing left to keep: {tally.cancelled}"
    if tally.errors:
        yield f"Could not be reckoned: {tally.errors}"


# --- for programs -----------------------------------------------------------------------------------------------


def _plain(found: "Report") -> dict[str, Any]:
    from chalicelib.domain.rollup import AFTER, grouped, total
    from chalicelib.usecases.show import as_plain

    clocks = [line for line in found.lines if line.place.metric != AFTER]
    came = total(line for line in found.lines if line.place.metric == AFTER).after
    return {
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
        "missing": [day.isoformat() for day in found.missing],
        "metrics": {metric: _sums(tally) for metric, tally in grouped(clocks, lambda o: o.place.metric).items()},
        "after": {**as_plain(came), "share_won_back": _share(came.share_won_back)},
        "lines": [
            {"day": line.day.isoformat(), **as_plain(line.place), **as_plain(line.tally)} for line in found.lines
        ],
    }


def _sums(tally: "Tally") -> dict[str, Any]:
    from chalicelib.usecases.show import as_plain

    shares = {
        "all": tally.share,
        "without_late": tally.share_without_late,
        "without_changed": tally.share_without_changed,
    }
    return {**as_plain(tally), "shares": {name: _share(share) for name, share in shares.items()}}


def _share(share: "Share") -> dict[str, Any]:
    """`percent` and `interval` are None when nothing is decided."""
    return {"met": share.met, "breached": share.breached, "percent": share.percent, "interval": share.interval}
