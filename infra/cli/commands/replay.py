"""Give quarantined requests and dead letters a second chance."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from chalicelib.config import QUEUES
from infra.cli.options import stage_option
from infra.problem import next_command

if TYPE_CHECKING:
    from chalicelib.ports.quarantine import Quarantine
    from chalicelib.usecases.replay import Replayed
    from infra.deploy.target import Target

_WORDS = {
    "sent": "sent again",
    "given_up": "left: tried five times already; mend the cause, then --again",
    "gone": "its 14 days are over; forgotten",
    "foreign": "left: it is none of our messages",
}


@click.command()
@click.option("--quarantine", "only_quarantine", is_flag=True, help="Only requests that could not be read.")
@click.option("--queue", type=click.Choice(QUEUES), help="Only the dead letters of this queue.")
@click.option("--list", "only_list", is_flag=True, help="Show what waits in quarantine, send nothing.")
@click.option("--again", is_flag=True, help="Also what was tried five times already.")
@stage_option()
def command(only_quarantine: bool, queue: str | None, only_list: bool, again: bool, stage: str) -> None:
    """
    Send what failed back to where it started.

    Quarantined requests go to `inbound`, dead letters to their own queue. Only what is there now is taken, so a message
    that fails again waits for the next run.
    """
    from infra.deploy import target
    from infra.operate import records

    where = target.for_stage(stage)
    if only_list:
        _list(records.quarantine(where))
        return
    counts: Counter[str] = Counter()
    for replayed in _replay(where, only_quarantine=only_quarantine, queue=queue, again=again):
        counts[replayed.outcome] += 1
        click.echo(
            f"{replayed.name}: {_WORDS[replayed.outcome]}" + (f" ({replayed.detail})" if replayed.detail else "")
        )
    click.echo(
        f"{counts['sent']} sent again, {counts['given_up'] + counts['foreign']} left, {counts['gone']} forgotten."
    )
    if counts["sent"] and stage:
        click.echo(f"Next: {next_command('doctor', stage)} shows whether they stayed away.")


def _replay(where: "Target", *, only_quarantine: bool, queue: str | None, again: bool) -> "Iterator[Replayed]":
    from chalicelib.adapters.sqs import SqsDeadLetters, SqsQueues
    from chalicelib.usecases.replay import replay_dead_letters, replay_quarantine
    from infra.operate import records

    sqs, urls, now = where.client("sqs"), where.resources().queues, datetime.now(UTC)
    queues = SqsQueues(sqs, urls)
    if queue is None:
        yield from replay_quarantine(records.quarantine(where), queues, again=again)
    if only_quarantine:
        return
    for name in [queue] if queue else QUEUES:
        yield from replay_dead_letters(name, SqsDeadLetters(sqs, urls), queues, until=now, again=again)


def _list(quarantine: "Quarantine") -> None:
    waiting = quarantine.waiting()
    if not waiting:
        click.echo("Nothing waits in quarantine.")
    for entry in waiting:
        tries = f", replayed {_times(entry.replays)}" if entry.replays else ""
        click.echo(
            f"{entry.received_at:%Y-%m-%d %H:%M:%SZ}  {entry.channel}  {entry.request_id}  {entry.reason}{tries}"
        )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
