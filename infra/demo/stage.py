"""
A local AWS of the demo's own, with the same template and the same functions as everywhere.

The functions read the time from a file that the player writes, and nothing
runs by itself: the schedule is off, the sweep is invoked.
"""

import json
import os
import shutil
import signal
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from chalicelib.adapters.access import new_token
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.incidents import TableIncidents
from chalicelib.adapters.quarantine import TableQuarantine
from chalicelib.adapters.rollups import TableRollups
from chalicelib.adapters.s3 import S3Bodies
from chalicelib.adapters.signals import TableSignals
from chalicelib.config import APP, LOCAL, QUEUES
from chalicelib.domain.incidents.incident import Incident
from chalicelib.ports.access import Role
from chalicelib.ports.quarantine import Quarantined
from infra.demo import airline as a
from infra.demo import outage, story
from infra.demo.pager import Pager
from infra.demo.platforms import Platforms
from infra.demo.player import PageSeen, platform_of
from infra.demo.script import AgentAct, Delivery, SignedWith
from infra.deploy import packaging, queues, rollout
from infra.deploy.rollout import Say
from infra.deploy.target import Target
from infra.emulator import ministack
from infra.emulator.ministack import Options
from infra.operate import channels, records, webhooks
from infra.paths import LOCAL_HOME
from infra.problem import Problem

HOMES: Final = LOCAL_HOME / "demo"
SETTLE_S: Final = 120.0
POLL_S: Final = 0.02
ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # a plain kill and a closed window count as Ctrl-C
ACCOUNTS: Final = {a.X: a.AIRLINE_ON_X.id, a.FACEBOOK: a.AIRLINE_ON_FACEBOOK.id}
SWEEP: Final = f"{APP}-{LOCAL}-sla_watch"
WATCH: Final = f"{APP}-{LOCAL}-incident_watch"


class LocalStage:
    """Satisfies `player.Stage`. `token` is that of the agent."""

    def __init__(self, target: Target, clock_file: Path) -> None:
        self.target = target
        self.url = target.api_url()
        self.token = new_token()
        self.pager = Pager(target)
        self.platforms = Platforms(self.now)
        self._clock_file = clock_file
        self._queues = target.resources().queues

    @cached_property
    def store(self) -> TableCaseStore:
        return TableCaseStore(records.table(self.target))

    @cached_property
    def _sqs(self) -> Any:
        return self.target.client("sqs")

    @cached_property
    def _lambda(self) -> Any:
        return self.target.client("lambda")

    def prepare(self) -> None:
        """Channels, secrets, an agent, and people who are paged."""
        for channel, account in ACCOUNTS.items():
            channels.set_verify(self.target, channel, {channels.SIGNING: a.VERIFY[channel]})
            channels.set_settings(self.target, channel, accounts=[account])
        app = {name: a.X_KEYS[name] for name in ("consumer_key", "consumer_secret")}
        own = {name: a.X_KEYS[name] for name in ("token", "token_secret")}
        channels.set_send(self.target, a.X, {**app, channels.API_BASE: self.platforms.x.url})
        channels.set_send(self.target, a.X, own, account=ACCOUNTS[a.X])
        facebook = {**a.FACEBOOK_KEYS, channels.API_BASE: self.platforms.facebook.url}
        channels.set_send(self.target, a.FACEBOOK, facebook, account=ACCOUNTS[a.FACEBOOK])
        records.users(self.target).add(story.AGENT, Role.AGENT, self.token, self.now())
        self.pager.subscribe()

    # --- what the player asks for

    def now(self) -> datetime:
        return datetime.fromisoformat(self._clock_file.read_text())

    def set_clock(self, moment: datetime) -> None:
        write_clock(self._clock_file, moment)

    def post(self, delivery: Delivery) -> int:
        address = webhooks.url(self.target, delivery.channel)
        platform = platform_of(delivery.channel)
        if delivery.seal is SignedWith.NONE:
            return webhooks.post(address, delivery.body, {}).status
        secret = a.VERIFY[delivery.channel] if delivery.seal is SignedWith.TRUE else "a prankster's guess"
        return webhooks.send(address, platform, delivery.body, secret).status

    def act(self, act: AgentAct) -> None:
        platform = platform_of(act.channel)
        address = self.store.addresses(platform, [act.message_id])[act.message_id]
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": act.at.isoformat()}
        body = json.dumps(dict(act.action)).encode()
        answer = webhooks.post(f"{self.url}/api/cases/{address.case_id}/actions", body, headers)
        if answer.status != 200:
            raise Problem(f"The API refused what {story.AGENT} did ({answer.status}): {answer.body[:300]}")

    def look(self, link: str) -> str:
        try:
            with urllib.request.urlopen(link, timeout=webhooks.TIMEOUT_S) as answer:  # noqa: S310 - our own API
                return str(answer.read().decode())
        except OSError as error:
            raise Problem(f"The link in a page could not be opened: {error}", self._look_into_log()) from error

    def acknowledge(self, link: str, name: str) -> str:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = webhooks.post(link, urlencode({"name": name}).encode(), form)
        if answer.status != 200:
            raise Problem(f"{name} could not say who is on it ({answer.status}).", self._look_into_log())
        return answer.body

    def settle(self) -> None:
        deadline = time.monotonic() + SETTLE_S
        quiet = 0
        while quiet < 2:  # twice: an answer on its way may have put its echo where we had looked already
            busy = self._at_work()
            quiet = 0 if busy else quiet + 1
            if busy and time.monotonic() > deadline:
                raise Problem(f"The stage did not come to rest in {SETTLE_S:g} s: {busy}.", self._look_into_log())
            if busy:
                time.sleep(POLL_S)
        self.platforms.raise_trouble()

    def _at_work(self) -> str:
        """Which queues still hold something, in the order of the flow; empty when none does."""
        held = ((name, queues.depth(self._sqs, self._queues[name])) for name in QUEUES)
        return ", ".join(f"{count} in {name}" for name, count in held if count)

    def sweep(self) -> None:
        self._invoke(SWEEP)

    def watch(self) -> None:
        """The other function of the minute: who has the same trouble."""
        self._invoke(WATCH)

    def remember_days(self) -> None:
        """The invented weeks before (`outage`)."""
        table, now = records.table(self.target), self.now()
        signals, rollups = TableSignals(table), TableRollups(table)
        for hour in outage.hours(now):
            signals.count(hour)
        for day, lines in outage.causes(now):
            rollups.save_causes(day, lines)

    def incidents(self) -> tuple[Incident, ...]:
        return TableIncidents(records.table(self.target)).listed(closed=False, limit=10).incidents

    def _invoke(self, function: str) -> None:
        event = {"time": f"{self.now():%Y-%m-%dT%H:%M:%SZ}", "source": "aws.events", "detail": {}, "resources": []}
        event |= {"version": "0", "id": "demo", "account": "000000000000", "region": ministack.REGION}
        event |= {"detail-type": "Scheduled Event"}
        answer = self._lambda.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        if answer.get("FunctionError"):
            said = answer["Payload"].read().decode(errors="replace")
            raise Problem(f"{function} failed: {said[:500]}", self._look_into_log())

    def pages(self) -> Sequence[PageSeen]:
        return self.pager.fresh()

    # --- what is there at the end

    def quarantined(self) -> tuple[Quarantined, ...]:
        bodies = S3Bodies(self.target.client("s3"), self.target.resources().bucket)
        return TableQuarantine(records.table(self.target), bodies).waiting()

    def given_up(self) -> int:
        """Messages among the dead letters."""
        return sum(queues.depth(self._sqs, self._queues[f"{name}-dead"]) for name in QUEUES)

    def _look_into_log(self) -> str:
        return f"run it again with --keep, then read {ministack.log_file(self._clock_file.parent)}"


def write_clock(file: Path, moment: datetime) -> None:
    """In one step: a function may be reading."""
    draft = file.with_suffix(".new")
    draft.write_text(moment.isoformat())
    draft.rename(file)


@contextmanager
def local_stage(*, port: int = 0, keep: bool = False, say: Say) -> Iterator[LocalStage]:
    """A stage that is there for the block, and gone after it, its state too unless `keep`. Raises Problem."""
    _clear_away_dead()
    home = HOMES / str(os.getpid())
    with ExitStack() as stack:
        home.mkdir(parents=True, exist_ok=True)
        stack.callback(_leave, home, keep=keep, say=say)
        running = ministack.start(Options(home=home, port=port, auth=True, persist=False))
        clock_file = home / "clock"
        write_clock(clock_file, story.BEGINS)
        target = Target(stage=LOCAL, endpoint=running.endpoint)
        _deploy(target, clock_file, say)
        stage = LocalStage(target, clock_file)
        stack.enter_context(stage.platforms)
        stack.enter_context(stage.pager)
        stage.prepare()
        yield stage


def _leave(home: Path, *, keep: bool, say: Say) -> None:
    """Stop it, and say what that waits for and what is left: nothing, a process, or the folder that could not go."""

    def tell(line: str) -> None:
        with suppress(OSError, RuntimeError):  # the window may be closed, or the signal came in the middle of a line
            say(line)

    for number in ENDINGS:  # asked once more, it goes on stopping: half stopped, it would leave a process behind
        with suppress(ValueError):  # signals are the main thread's
            signal.signal(number, lambda *_: tell("Still stopping: half a minute at most ..."))
    tell("Stopping the local AWS; what runs there ends first ...")
    emulator = ministack.recorded(home)
    ministack.stop(home, tell)
    if emulator and ministack.is_locked(home / "running"):
        tell(f"It still runs: process {emulator.pid} did not end. Its folder {home} is kept.")
        return
    if keep:
        tell(f"Stopped. Its state and log are in {home}.")
        return
    shutil.rmtree(home, ignore_errors=True)
    tell(f"Stopped, but {home} could not be removed." if home.exists() else "Stopped. Nothing is left.")


def _deploy(target: Target, clock_file: Path, say: Say) -> None:
    rollout.deploy_resources(target, say=say)
    rollout.deploy_functions_stack(
        target,
        environment={"EARSHOT_CLOCK_FILE": str(clock_file)},
        build=packaging.BUILDS / "demo",
        say=say,
    )
    _stop_schedule(target)
    _stop_expiry(target)
    rollout.check(target, say=say)


def _stop_schedule(target: Target) -> None:
    """The player invokes both: their rules would take the minute away from it."""
    events = target.client("events")
    for name in (SWEEP, WATCH):
        function = target.client("lambda").get_function(FunctionName=name)
        for rule in events.list_rule_names_by_target(TargetArn=function["Configuration"]["FunctionArn"])["RuleNames"]:
            events.disable_rule(Name=rule)


def _stop_expiry(target: Target) -> None:
    """The table forgets by the real clock, for which the story is long past."""
    specification = {"AttributeName": "expires_at", "Enabled": False}
    target.client("dynamodb").update_time_to_live(
        TableName=target.settings.table, TimeToLiveSpecification=specification
    )


def _clear_away_dead() -> None:
    """What a demo left behind that was killed."""
    for home in HOMES.glob("[0-9]*") if HOMES.is_dir() else ():
        if not _lives(int(home.name)):
            ministack.stop(home)
            shutil.rmtree(home, ignore_errors=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
