"""Calls and capacity units: what each piece of work asks of AWS, counted while the real adapters do it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bench import samples
from bench.meter import Cost
from bench.prices import usd_per_million
from bench.report import Table
from bench.usecases import Desk
from chalicelib.domain.facts import Fact, FactKind

LARGE_BODY = 750_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is done: all of it, or enough to see that the bench works."""

    long_case: int = 1_000
    open_cases: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One line. `base` names the line it is compared with; `why` says what that tells."""

    name: str
    cost: Cost
    base: str | None = None
    why: str = ""


Lines = Iterator[Measured]


def measure(desk: Desk, sizes: Sizes, say: Callable[[str], None]) -> list[Measured]:
    """Every line, in the order of the report. Wants an empty stage."""
    lines: list[Measured] = []
    for part in (_empty_sweep, _road_in, _new_and_known, _growing, _late, _answers, _batches, _agents, _watching):
        say(f"  {part.__name__.strip('_').replace('_', ' ')}")
        lines += part(desk, sizes)
    return lines


def costs(lines: Sequence[Measured]) -> dict[str, Cost]:
    return {line.name: line.cost for line in lines}


# --- the lines -------------------------------------------------------------------------------------------------------


def _empty_sweep(desk: Desk, sizes: Sizes) -> Lines:  # noqa: ARG001  every part has one form
    desk.sweep()  # the first one ever finds no lease to read
    yield Measured(name="sweep, no open case", cost=desk.sweep(), why="each minute, for ever")


def _road_in(desk: Desk, sizes: Sizes) -> Lines:  # noqa: ARG001
    body = samples.delivery(datetime.now(UTC))
    yield Measured(name="webhook, first of a process", cost=desk.receive(body), base="webhook")
    yield Measured(name="webhook", cost=desk.receive(body), why="the least: one message sent")
    large = body.ljust(LARGE_BODY)
    yield Measured(name=f"webhook of {LARGE_BODY:,} bytes", cost=desk.receive(large), base="webhook")
    desk.triage()
    yield Measured(name="triage of one mention", cost=desk.triage(), base="webhook")


def _new_and_known(desk: Desk, sizes: Sizes) -> Lines:  # noqa: ARG001
    first = samples.mention(desk.at(0))
    yield Measured(name="new case", cost=desk.take(first))
    second = samples.follow_up(first, desk.at(60))
    yield Measured(name="follow-up", cost=desk.take(second), base="new case")
    bare = samples.follow_up(second, desk.at(120))
    yield Measured(
        name="follow-up, thread known by parent only", cost=desk.take(replace(bare, thread_id=None)), base="follow-up"
    )
    yield Measured(name="duplicate", cost=desk.take(second), base="follow-up", why="nothing is written")
    longer = replace(second, text=f"{second.text} Anyone?")
    yield Measured(name="duplicate that says more", cost=desk.take(longer), base="follow-up")


def _growing(desk: Desk, sizes: Sizes) -> Lines:
    tenth, last = "10th event of a case", f"{sizes.long_case:,}th event of a case"
    for name, facts in ((tenth, desk.conversation(9)), (last, _almost_long(desk, sizes))):
        one_more = samples.follow_up(facts[0], desk.at(len(facts)))
        base, why = ("follow-up", "") if name == tenth else (tenth, "must not grow")
        yield Measured(name=name, cost=desk.take(one_more), base=base, why=why)


def _almost_long(desk: Desk, sizes: Sizes) -> list[Fact]:
    """One event is missing."""
    return desk.shared_conversation(sizes.long_case - 1)


def _late(desk: Desk, sizes: Sizes) -> Lines:
    cases = {10: desk.conversation(10), 100: desk.conversation(100), sizes.long_case: _almost_long(desk, sizes)}
    for length, facts in cases.items():
        early = samples.follow_up(facts[0], desk.at(0.5))
        yield Measured(
            name=f"late event in a case of {length:,}",
            cost=desk.take(early),
            base="10th event of a case",
            why="read whole and replayed",
        )
    gone = replace(desk.conversation(10)[1], kind=FactKind.DELETE, occurred_at=desk.at(11), author=None, text=None)
    yield Measured(name="deletion in a case of 10", cost=desk.take(gone), base="late event in a case of 10")


def _answers(desk: Desk, sizes: Sizes) -> Lines:  # noqa: ARG001
    first = samples.mention(desk.at(0))
    desk.take(first)
    yield Measured(name="brand's answer (echo)", cost=desk.take(samples.answer(first, desk.at(30))), base="follow-up")
    unknown = samples.mention(desk.at(0))
    early = samples.answer(unknown, desk.at(30))
    yield Measured(name="answer before its question: parked", cost=desk.take(early), base="brand's answer (echo)")
    yield Measured(name="question that sets it free", cost=desk.take(unknown), base="new case", why="then the answer")


def _batches(desk: Desk, sizes: Sizes) -> Lines:  # noqa: ARG001
    ten = "10 mentions of 10 conversations"
    yield Measured(name=ten, cost=desk.take(*(samples.mention(desk.at(n)) for n in range(10))), why="10 new cases")
    first = samples.mention(desk.at(0))
    desk.take(first)
    more = [samples.follow_up(first, desk.at(n)) for n in range(1, 11)]
    yield Measured(name="10 mentions of one conversation", cost=desk.take(*more), base=ten)
    last = samples.answer(more[-1], desk.at(11))
    mixed = [last, samples.follow_up(more[-1], desk.at(12))]
    yield Measured(
        name="an answer and a mention after it, together",
        cost=desk.take(*mixed),
        base="follow-up",
        why="mentions are taken first: the answer is late",
    )


def _agents(desk: Desk, sizes: Sizes) -> Lines:
    [first] = desk.conversation(1)
    yield Measured(name="agent's note", cost=desk.note(first), base="follow-up")
    yield from _reply(desk, desk.conversation(10)[0])
    for line in _reply(desk, _almost_long(desk, sizes)[0]):
        yield replace(line, name=f"{line.name}, case of {sizes.long_case:,}", base=line.name, why="must not grow")
    reply_id, _ = desk.ask_reply(desk.conversation(10)[0], ago=timedelta(0))
    at_once = Measured(name="reply: delivered in the second it was asked for", cost=desk.deliver(reply_id))
    yield replace(at_once, base="reply: delivered", why="stands before the asking")


def _reply(desk: Desk, question: Fact) -> Lines:
    """An answer from the outbox to the platform, and what the platform then tells of it."""
    reply_id, asked = desk.ask_reply(question, ago=timedelta(seconds=30))
    yield Measured(name="reply: asked for", cost=asked)
    yield Measured(name="reply: delivered", cost=desk.deliver(reply_id))
    yield Measured(name="reply: its echo", cost=desk.take(desk.echo(reply_id, question)))


def _watching(desk: Desk, sizes: Sizes) -> Lines:
    desk.open_many(sizes.open_cases)
    many = f"sweep, {sizes.open_cases:,} open cases, nothing due"
    yield Measured(name=many, cost=desk.sweep(), base="sweep, no open case", why="must not grow")
    yield Measured(name=f"case list, 50 of {sizes.open_cases:,}", cost=desk.list_open(50))
    overdue = samples.mention(desk.at(0) - timedelta(minutes=43))  # 63 minutes ago: an hour was promised
    desk.take(overdue)
    yield Measured(name="sweep with one breach: the page", cost=desk.sweep(), base=many)


# --- what makes units ------------------------------------------------------------------------------------------------


def items(desk: Desk, sizes: Sizes) -> Table:
    """How large the items of a case are: a write costs a unit for each KB that is begun."""
    cases = (desk.conversation(10), _almost_long(desk, sizes))
    short, long = (desk.item_sizes(desk.case_id(facts[0])) for facts in cases)
    return Table(
        name="items",
        title="Bytes of the items of a case, the largest of each sort",
        head=("item", "of 10 events", f"of {sizes.long_case:,}", "write units, in a transaction"),
        rows=tuple((sort, short[sort], size, 2 * -(-size // 1024)) for sort, size in sorted(long.items())),
        notes=("Without the indexes. STATE is the case itself, CLOCK a promise that was kept or broken.",),
    )


# --- as a table ------------------------------------------------------------------------------------------------------


def table(lines: Sequence[Measured]) -> Table:
    known = costs(lines)
    return Table(
        name="calls",
        title="AWS calls and capacity units, counted",
        head=("what", "calls", "read u.", "write u.", "of it index", "$ per million", "ratio", "compared with"),
        rows=tuple(_row(line, known) for line in lines),
        notes=(
            "Write units as DynamoDB reports them, read units from the items' sizes; functions not included.",
            "Once a minute each process also reads the policy book: 1 query, 1 read unit.",
        ),
    )


def _row(line: Measured, known: dict[str, Cost]) -> tuple[str | float | None, ...]:
    cost, base = line.cost, known[line.base] if line.base else None
    ratio = usd_per_million(cost) / usd_per_million(base) if base else None
    compared = "; ".join(part for part in (line.base, line.why) if part)
    return (
        line.name,
        calls_text(cost),
        cost.read_units,
        cost.write_units,
        cost.index_units,
        usd_per_million(cost),
        ratio,
        compared,
    )


_SHORT = {
    "dynamodb.BatchGetItem": "get",
    "dynamodb.Query": "query",
    "dynamodb.PutItem": "put",
    "dynamodb.UpdateItem": "update",
    "dynamodb.DeleteItem": "delete",
    "dynamodb.TransactWriteItems": "transact",
    "sqs.SendMessage": "send",
    "sqs.SendMessageBatch": "send batch",
    "ssm.GetParameter": "parameter",
    "ssm.GetParametersByPath": "parameters",
    "s3.PutObject": "object",
    "sns.Publish": "publish",
}


def calls_text(cost: Cost) -> str:
    """Such as "2 get, 1 transact"."""
    parts = [f"{number} {_SHORT.get(call, call)}" for call, number in sorted(cost.calls.items())]
    return ", ".join(parts) + (f" ({cost.refused} refused)" if cost.refused else "")
