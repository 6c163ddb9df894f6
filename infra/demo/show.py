"""One performance from beginning to end: `earshot demo`."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from infra.demo import outage, story, summary
from infra.demo.numbers import Numbers, acknowledgements, case_ids, differences, promises
from infra.demo.pager import ON_CALL_PHONE, TEAM_MAILBOX
from infra.demo.player import HeardAlert, Player
from infra.demo.stage import ENDINGS, LocalStage, local_stage
from infra.demo.terminal import LEGEND, Terminal
from infra.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """
    How to play. `speed` is in simulated minutes a second; 0 is as fast as it goes.

    `once` ends after the summary. `keep` leaves the stage's log and state.
    """

    once: bool = False
    speed: float = 0.0
    port: int = 0
    keep: bool = False


def show(wishes: Wishes, terminal: Terminal | None = None, wait: Callable[[], None] | None = None) -> None:
    """Raises Problem naming every number that is not the expected one."""
    terminal = terminal or Terminal()
    began = time.monotonic()
    terminal.say("Earshot, on a local AWS of its own. Nothing leaves this machine.", "1")

    def say(line: str) -> None:
        terminal.say(f"  {line}", "2")

    with _tidy_end(), local_stage(port=wishes.port, keep=wishes.keep, say=say) as stage:
        heard = _play(stage, wishes, terminal)
        found = count(stage, heard)
        _sum_up(stage, heard, found, terminal)
        wrong = [*differences(found, story.EXPECTED), *_outage(stage, terminal)]
        terminal.say(f"\n{time.monotonic() - began:.0f} s in all.", "2")
        if wrong:
            raise Problem("The morning did not come out as it must:\n  " + "\n  ".join(wrong))
        if not wishes.once:
            _stay(stage, terminal, wait or _until_interrupted)


@contextmanager
def _tidy_end() -> Iterator[None]:
    """Whoever ends us, the local AWS ends with us."""
    before = [(number, signal.signal(number, signal.default_int_handler)) for number in ENDINGS]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _play(stage: LocalStage, wishes: Wishes, terminal: Terminal) -> HeardAlert:
    terminal.say(f"\nLarkspur Airways, {story.BEGINS:%A %d %B %Y}. A catering truck is about to meet a wing.", "1")
    for line in LEGEND:
        terminal.say(line, "2")
    terminal.say()
    player = Player(stage, terminal, minute_s=1 / wishes.speed if wishes.speed else 0.0)
    stage.platforms.tell(player.deliver)
    return player.play(story.MORNING, story.BEGINS, story.ENDS)


def count(stage: LocalStage, heard: HeardAlert) -> Numbers:
    """From the table, the queues, the stand-ins and the pager: not from what the player meant to do."""
    ids = case_ids(stage.store)
    stand = promises(stage.store, ids, story.ENDS)
    return Numbers(
        received=heard.received,
        refused=heard.refused,
        quarantined=len(stage.quarantined()),
        cases=len(ids),
        met=stand["met"],
        late=stand["late"],
        overdue=stand["overdue"],
        waiting=stand["waiting"],
        cancelled=stand["cancelled"],
        warnings=heard.kinds["warning"],
        pages=heard.kinds["breach"],
        acknowledged=acknowledgements(stage.store, ids),
        notices=heard.kinds["notice"],
        replied=len(stage.platforms.posts),
        given_up=stage.given_up(),
    )


def _sum_up(stage: LocalStage, heard: HeardAlert, found: Numbers, terminal: Terminal) -> None:
    terminal.say(f"\n{story.ENDS:%H:%M}. What came of it:\n", "1")
    for line in summary.table(found):
        terminal.say(line)
    terminal.say("\nThe first page of the morning\n", "1")
    phone, mailbox = stage.pager.letters(ON_CALL_PHONE), stage.pager.letters(TEAM_MAILBOX)
    posted = [stage.pager.posted(page) for page in heard.pages if page.kind == "breach"]
    for line in summary.one_page(phone, mailbox, posted):
        terminal.say(line)


def _outage(stage: LocalStage, terminal: Terminal) -> Iterator[str]:
    """The app fails after all has been counted; what is wrong with what came of that, if anything."""
    terminal.say(f"\nThe app fails: {outage.PEOPLE} people say so within minutes\n", "1")
    stage.remember_days()
    for delivery in outage.posts():
        stage.post(delivery)
    stage.settle()
    stage.watch()
    found = stage.incidents()
    for incident in found:
        terminal.say(f"  {incident.title}: {incident.people} people, {incident.seen_by}")
        terminal.say(f"  {incident.why[0]}", "2")
    if [incident.people >= outage.PEOPLE - 4 for incident in found] != [True]:
        yield f"one incident of {outage.PEOPLE} people was expected, not {[one.people for one in found]}"


def _stay(stage: LocalStage, terminal: Terminal, wait: Callable[[], None]) -> None:
    terminal.say("\nIt is half past ten and stays so. Look around:\n", "1")
    terminal.say(f"  the console   {stage.url}/console")
    terminal.say(f"  the incident  {stage.url}/console/incidents")
    terminal.say(f"  causes        {stage.url}/console/causes")
    terminal.say(f"  its token     {stage.token}")
    terminal.say(f"  the API       curl -H 'Authorization: Bearer {stage.token}' {stage.url}/api/cases")
    terminal.say("\nCtrl-C stops it and forgets everything.")
    wait()
    terminal.say()


def _until_interrupted() -> None:
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)
