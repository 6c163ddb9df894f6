"""
How long each function takes to be ready, in fresh processes, from the zip that ships.

Like a Lambda, the processes read the zip's bytecode and write none: a module
that ships without is compiled at every start, here as there. botocore and
boto3 come from the environment, with bytecode, as from the runtime.
"""

import compileall
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import boto3
import botocore

from bench import local, samples
from bench.report import Cell, Table
from bench.usecases import Desk
from chalicelib import bootstrap
from chalicelib.adapters import keys
from chalicelib.config import APP
from chalicelib.domain.alerts import case_alert
from chalicelib.ports.messages import encode_mention, encode_reply
from chalicelib.usecases import incident_watch, sla_watch
from infra.deploy import packaging
from infra.deploy.packaging import Package
from infra.deploy.target import Target

PROBE = Path(__file__).with_name("probe.py")
HEAVY = (
    "boto3",
    "botocore",
    "pydantic",
    "requests",
    "requests_oauthlib",
    "aws_lambda_powertools",
    "jinja2",
    "chalicelib.classify",
)
_CONNECTORS = "chalicelib.connectors."

Result = dict[str, Any]
MakeEvent = Callable[[], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One handler as the template names it; `name` without application and stage."""

    name: str
    handler: str

    @property
    def module(self) -> str:
        return self.handler.rpartition(".")[0]


@dataclass(slots=True)
class Start:
    """All cold starts of one function, and of its floor, round by round."""

    function: Function
    results: list[Result] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)

    @property
    def clients(self) -> tuple[str, ...]:
        return tuple(self.results[0]["clients"])

    def ms(self, name: str) -> float:
        return float(median(result[name] for result in self.results))

    def ratio(self, name: str) -> float:
        """Of the same round each: a machine that is busy for a while is busy for both."""
        rounds = zip(self.results, self.floors, strict=True)
        return float(median(result[name] / floor for result, floor in rounds))


def functions(made: Package, stage: str) -> list[Function]:
    """What the template deploys, one for each module: two handlers in one module start alike."""
    found: dict[str, list[Function]] = {}
    for logical_id, resource in packaging.functions_of(made.template).items():
        properties = resource["Properties"]
        name = packaging.function_name(logical_id, properties, stage).removeprefix(f"{APP}-{stage}").lstrip("-")
        function = Function(name=name or "api_handler", handler=properties["Handler"])
        found.setdefault(function.module, []).append(function)
    return [_as_one(same) for same in found.values()]


def _as_one(same: Sequence[Function]) -> Function:
    first, *_ = ordered = sorted(same, key=lambda function: function.name)
    return Function(name=", ".join(function.name for function in ordered), handler=first.handler)


# --- running ---------------------------------------------------------------------------------------------------------


def measure(target: Target, made: Package, desk: Desk, rounds: int, say: Callable[[str], None]) -> list[Table]:
    """Interleaved rounds, so that a slow spell of the machine falls on all alike."""
    with tempfile.TemporaryDirectory(prefix="earshot-bench-zip-") as folder:
        with zipfile.ZipFile(made.zip_file) as content:
            content.extractall(folder)
        runner = Runner(target, Path(folder), desk)
        runner.compile_floor()
        starts = [Start(function) for function in functions(made, target.stage)]
        for number in range(rounds + 1):  # the first warms the page cache and says which clients each function makes
            say(f"  round {number} of {rounds}")
            _round(starts, runner, keep=number > 0)
        chalice = _chalice(runner, rounds)
    return [_table(starts, rounds), _modules(starts), chalice]


def _round(starts: Sequence[Start], runner: "Runner", *, keep: bool) -> None:
    for start in starts:
        if not keep:
            start.results = [runner.function(start.function)]
            continue
        if len(start.results) > len(start.floors):
            start.results.clear()  # of the warming round
        start.results.append(runner.function(start.function))
        start.floors.append(runner.floor(start.clients))


class Runner:
    """Starts processes that see the unpacked zip first."""

    def __init__(self, target: Target, unpacked: Path, desk: Desk) -> None:
        self._unpacked = unpacked
        self._environment = {
            **local.environment(target),
            "PYTHONPATH": str(unpacked),
            "PYTHONDONTWRITEBYTECODE": "1",  # as in a Lambda, whose code lies on a read-only disk
        }
        self._events = events(desk)

    @staticmethod
    def compile_floor() -> None:
        """botocore and boto3 have bytecode in the runtime, so they must have it here."""
        for package in (boto3, botocore):
            compileall.compile_dir(Path(package.__file__).parent, quiet=2)

    def compile_chalice(self) -> None:
        compileall.compile_dir(self._unpacked / "chalice", quiet=2)

    def function(self, function: Function) -> Result:
        make = self._events.get(function.handler.rpartition(".")[2], dict)
        result = self._run({"handler": function.handler, "event": make()})
        if not Path(result["file"]).is_relative_to(self._unpacked):
            raise RuntimeError(f"{function.handler} was not imported from the zip but from {result['file']}")
        if result["status"] not in (None, 200):
            raise RuntimeError(f"{function.name} answered {result['status']} to its first event")
        return result

    def floor(self, clients: Sequence[str], imports: Sequence[str] = ("chalice", "boto3")) -> float:
        return float(self._run({"imports": list(imports), "clients": list(clients)})["ready_ms"])

    def _run(self, plan: Mapping[str, Any]) -> Result:
        done = subprocess.run(
            [sys.executable, "-P", str(PROBE)],
            input=json.dumps(plan),
            capture_output=True,
            text=True,
            env=self._environment,
            cwd=self._unpacked,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{plan.get('handler', 'the floor')} does not start:\n{done.stderr[-2000:]}")
        result: Result = json.loads(done.stdout.rstrip().rpartition("\n")[2])
        return result


def events(desk: Desk) -> dict[str, MakeEvent]:
    """A first event for each handler; a handler that is not named here gets an empty one."""

    def now() -> datetime:
        return datetime.now(UTC)

    def mention() -> dict[str, Any]:
        return samples.queue_event(encode_mention(samples.labelled(samples.mention(now()))))

    return {
        "app": lambda: samples.gateway_event(now()),
        "triage": lambda: samples.inbound_event(now()),
        "casework": mention,
        "casework_urgent": mention,
        "sla_watch": lambda: _next(sla_watch.LEASE),
        "incident_watch": lambda: _next(incident_watch.LEASE),
        "deliver": lambda: samples.queue_event(encode_reply(_asked_reply(desk))),
        "listen": lambda: samples.schedule_event(now()),
        "report": lambda: samples.schedule_event(now()),
        "forward": lambda: samples.queue_event(_unwanted_page()),
    }


def _next(lease: str) -> dict[str, Any]:
    """Nobody has had this minute."""
    pk, sk = keys.lease(lease)
    table = bootstrap.settings().table
    local.client("dynamodb").delete_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}})
    return samples.schedule_event(datetime.now(UTC))


def _asked_reply(desk: Desk) -> str:
    """An answer that waits in the outbox."""
    return desk.ask_reply(desk.conversation(1)[0], ago=timedelta(seconds=30))[0]


def _unwanted_page() -> str:
    """As SNS puts it on the queue; the bench's stage forwards to nobody."""
    return json.dumps({"Message": json.dumps({"schema": case_alert.SCHEMA})})


# --- tables ----------------------------------------------------------------------------------------------------------


def _table(starts: Sequence[Start], rounds: int) -> Table:
    return Table(
        name="imports",
        title="Cold start: CPU ms of a fresh process, from the zip that ships",
        head=("function", "import", "of floor", "with first event", "of floor ", "floor", "floor: chalice, boto3 and"),
        rows=tuple(
            (
                start.function.name,
                start.ms("import_ms"),
                start.ratio("import_ms"),
                start.ms("ready_ms"),
                start.ratio("ready_ms"),
                median(start.floors),
                ", ".join(start.clients),
            )
            for start in starts
        ),
        notes=(
            f"Medians of {rounds} interleaved rounds; ratios within a round. The first event makes the clients, calls",
            "the local AWS and loads what it needs: a webhook is verified and queued, a mention becomes a case.",
        ),
    )


def _modules(starts: Sequence[Start]) -> Table:
    return Table(
        name="modules",
        title="Heavy modules that each function loads",
        head=("function", "at import", "with the first event", "modules in all"),
        rows=tuple(_modules_row(start) for start in starts),
        notes=("A webhook must load no pydantic, no requests, no jinja2, and no platform but that of its address.",),
    )


def _modules_row(start: Start) -> tuple[Cell, ...]:
    result = start.results[-1]
    at_import = heavy(result["imported"])
    later = [name for name in heavy(result["loaded"]) if name not in at_import]
    return (start.function.name, ", ".join(at_import), ", ".join(later), len(result["loaded"]))


def heavy(modules: Sequence[str]) -> list[str]:
    """Those that cost, and the platforms."""
    there = set(modules)
    platforms = {name.removeprefix(_CONNECTORS).partition(".")[0] for name in there if name.startswith(_CONNECTORS)}
    return [*(name for name in HEAVY if name in there), *(f"platform {platform}" for platform in sorted(platforms))]


def _chalice(runner: Runner, rounds: int) -> Table:
    """What Chalice itself costs from the zip, and from the same file with bytecode."""
    shipped = [runner.floor((), ("chalice",)) for _ in range(rounds)]
    runner.compile_chalice()
    compiled = [runner.floor((), ("chalice",)) for _ in range(rounds)]
    return Table(
        name="chalice",
        title="The part of every cold start that is Chalice's",
        head=("import chalice", "CPU ms"),
        rows=(("as it ships", median(shipped)), ("with bytecode", median(compiled))),
    )
