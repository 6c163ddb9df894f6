"""Dollars for a million mentions: counted units times list prices, with every assumption in the open."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bench import prices
from bench.meter import Cost
from bench.report import Table
from infra.paths import CHALICE

MILLION = 1_000_000
MINUTES_A_MONTH = 30 * 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of `line` there are for each mention."""

    line: str
    per_mention: float
    why: str


MIX = (
    Share(line="webhook", per_mention=1.4, why="each mention, and the echoes of answers"),
    Share(line="triage of one mention", per_mention=1.4, why="as many"),
    Share(line="new case", per_mention=0.5, why="every other mention opens a case"),
    Share(line="follow-up", per_mention=0.5, why="the others belong to one"),
    Share(line="duplicate", per_mention=0.05, why="platforms send some twice"),
    Share(line="late event in a case of 10", per_mention=0.02, why="some overtake others"),
    Share(line="brand's answer (echo)", per_mention=0.2, why="answers written on the platform"),
    Share(line="reply: asked for", per_mention=0.2, why="answers written here"),
    Share(line="reply: delivered", per_mention=0.2, why="as many"),
    Share(line="reply: its echo", per_mention=0.2, why="as many"),
    Share(line="agent's note", per_mention=0.2, why="notes, assignments, resolves"),
    Share(line="sweep with one breach: the page", per_mention=0.01, why="promises broken"),
)
BATCH = 4  # messages that a worker gets together on average; ten at most
LOG_KB = 2.0  # written for each mention on its way
# What a started function spends on one event, in ms. Not counted here: measure it on AWS before quoting.
SPENT_MS = {"api_handler": 15.0, "triage": 40.0, "casework": 60.0, "deliver": 500.0}
POLLERS, QUEUES, POLL_S = 5, 5, 20  # Lambda's long polling of quiet queues
SWEEP_MS = 100.0


def measure(known: Mapping[str, Cost]) -> list[Table]:
    return [_mix(), _per_million(known), _per_month(known), prices.table()]


def _mix() -> Table:
    return Table(
        name="mix",
        title="Assumed: what there is for each mention",
        head=("line", "per mention", "why"),
        rows=tuple((share.line, share.per_mention, share.why) for share in MIX),
        notes=(
            f"Workers get {BATCH} messages together; {LOG_KB:g} KB of log a mention; time of started functions, in ms: "
            + ", ".join(f"{name} {ms:g}" for name, ms in SPENT_MS.items())
            + ".",
        ),
    )


def of_mix(known: Mapping[str, Cost]) -> Cost:
    """The units of one average mention."""
    total = Cost()
    for share in MIX:
        total += scaled(known[share.line], share.per_mention)
    return total


def scaled(cost: Cost, by: float) -> Cost:
    """A share of it. The counts of calls become shares too."""
    calls = type(cost.calls)({call: number * by for call, number in cost.calls.items()})
    return replace(
        cost,
        calls=calls,
        read_units=cost.read_units * by,
        write_units=cost.write_units * by,
        queue_requests=cost.queue_requests * by,
    )


# --- lines -----------------------------------------------------------------------------------------------------------


Line = tuple[str, float, float, float, str]


def _per_million(known: Mapping[str, Cost]) -> Table:
    cost = of_mix(known)
    worked = _worked()
    lines = (
        _line("API Gateway", _per_mention("webhook"), prices.GATEWAY, "assumed mix"),
        _line("queues: sends", cost.queue_requests, prices.QUEUE, "counted"),
        _line("queues: receives and deletes", 2 * _queued() / BATCH, prices.QUEUE, "from the batch size"),
        _line("table: write units", cost.write_units, prices.WRITE, "counted"),
        _line("table: read units", cost.read_units, prices.READ, "counted"),
        _line("pages", cost.calls["sns.Publish"], prices.TOPIC, "counted"),
        _line("function calls", sum(calls for calls, _ in worked.values()), prices.INVOCATION, "from the batch size"),
        _line("function time", sum(gb_s for _, gb_s in worked.values()), prices.GB_SECOND, "assumed time"),
        _line("logs", LOG_KB / 1000, prices.LOG_MB, "assumed"),
    )
    total = ("all", None, None, sum(line[3] for line in lines), "")
    return Table(
        name="estimate",
        title="Estimate: a million mentions",
        head=("for", "units per mention", "$ per million units", "$ per million mentions", "from"),
        rows=(*((what, units, f"{usd:g}", dollars, source) for what, units, usd, dollars, source in lines), total),
        notes=("Storage, metrics, alarms, text messages and what platforms charge are not in it.",),
    )


def _line(what: str, units: float, price: prices.Price, source: str) -> Line:
    return (what, units, price.usd, units * price.usd, source)


def _per_mention(line: str) -> float:
    return sum(share.per_mention for share in MIX if share.line == line)


def _queued() -> float:
    """Messages on any queue for each mention."""
    deliveries = _per_mention("webhook")
    return 2 * deliveries + _per_mention("reply: asked for")


def _worked() -> dict[str, tuple[float, float]]:
    """Calls and GB-seconds of each function for each mention."""
    events = {
        "api_handler": _per_mention("webhook") + _per_mention("reply: asked for") + _per_mention("agent's note"),
        "triage": _per_mention("triage of one mention"),
        "casework": _per_mention("triage of one mention"),
        "deliver": _per_mention("reply: delivered"),
    }
    together = {"triage": BATCH, "casework": BATCH}
    return {
        name: (number / together.get(name, 1), number * SPENT_MS[name] / 1000 * memory_gb(name))
        for name, number in events.items()
    }


def memory_gb(function: str) -> float:
    config = json.loads((CHALICE / "config.json").read_text())
    return float(config["lambda_functions"][function]["lambda_memory_size"]) / 1024


def _per_month(known: Mapping[str, Cost]) -> Table:
    sweep = known["sweep, no open case"]
    polls = QUEUES * POLLERS * MINUTES_A_MONTH * 60 / POLL_S
    lines = (
        _monthly("sweeps: table", MINUTES_A_MONTH * prices.usd_per_million(sweep)),
        _monthly("sweeps: calls", MINUTES_A_MONTH * prices.INVOCATION.usd),
        _monthly("sweeps: time", MINUTES_A_MONTH * SWEEP_MS / 1000 * memory_gb("sla_watch") * prices.GB_SECOND.usd),
        _monthly("polling of quiet queues", polls * prices.QUEUE.usd),
    )
    return Table(
        name="standing",
        title="Estimate: a month in which nothing happens",
        head=("for", "$"),
        rows=(*lines, ("all", sum(amount for _, amount in lines))),
        notes=("The free tiers of Lambda and SQS cover most of it.",),
    )


def _monthly(what: str, usd_times_million: float) -> tuple[str, float]:
    return (what, usd_times_million / MILLION)
