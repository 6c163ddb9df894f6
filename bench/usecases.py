"""The use cases, each run once under the meter, with the ports that the deployed functions get."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from typing import Any

from bench import local, samples
from bench.meter import Cost, Meter, item_bytes
from chalicelib import bootstrap, connectors
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.domain.facts import Fact, FactKind
from chalicelib.ports.cases import Commit
from chalicelib.ports.table import Item, Put, Write
from chalicelib.usecases import act, casework, deliver, receive, show, sla_watch, triage

BATCH = 25  # items in one BatchWriteItem
NOW = timedelta(0)
START_AGO = timedelta(minutes=20)


class Desk:
    """One stage at work. `start` is when its conversations begin: lately enough that nothing becomes due."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._minutes = 0
        self._shared: dict[int, list[Fact]] = {}
        self.start = datetime.now(UTC).replace(microsecond=0) - START_AGO
        bootstrap.policies().promises()  # read once a minute by each process, not for each mention

    def at(self, seconds: float) -> datetime:
        return self.start + timedelta(seconds=seconds)

    def measured(self, action: Callable[[], object]) -> Cost:
        with self._meter.measuring() as cost:
            action()
        return cost

    # --- the road in

    def receive(self, body: bytes) -> Cost:
        request = samples.request(body, datetime.now(UTC))
        connector, facts = connectors.webhook(samples.PLATFORM), connectors.webhook_facts(samples.PLATFORM)
        return self.measured(lambda: receive.receive(request, connector, facts, bootstrap.receive_ports()))

    def triage(self) -> Cost:
        message = samples.inbound(datetime.now(UTC))
        connector = connectors.parser(samples.PLATFORM)
        return self.measured(lambda: triage.triage(message, connector, bootstrap.triage_ports()))

    def take(self, *facts: Fact) -> Cost:
        items = [samples.labelled(fact) for fact in facts]
        return self.measured(lambda: casework.take(items, bootstrap.casework_ports()))

    # --- agents and the sweep

    def note(self, fact: Fact) -> Cost:
        return self._act(fact, act.Note(text="Asked the gate team, they call her back."))[1]

    def ask_reply(self, fact: Fact, *, ago: timedelta) -> tuple[str, Cost]:
        """The id of an answer in the outbox, and what putting it there cost."""
        result, cost = self._act(fact, act.AnswerCustomer(text=samples.ANSWER, to_message_id=fact.message_id), ago)
        if result.reply_id is None:
            raise LookupError("the answer is not in the outbox")
        return result.reply_id, cost

    def _act(self, fact: Fact, intent: act.Intent, ago: timedelta = NOW) -> tuple[act.ActResult, Cost]:
        case_id, ports = self.case_id(fact), bootstrap.act_ports()
        request = act.ActRequest(intent=intent, actor="vesna", idempotency_key=samples.SERIAL.next())
        with self._meter.measuring() as cost:
            result = act.act(case_id, request, ports=ports, now=datetime.now(UTC) - ago)
        return result, cost

    def deliver(self, reply_id: str) -> Cost:
        return self.measured(lambda: deliver.deliver(reply_id, bootstrap.deliver_ports()))

    def echo(self, reply_id: str, answered: Fact) -> Fact:
        """What the platform tells of a delivered answer."""
        item = bootstrap.cases().reply(reply_id)
        if item is None or item.message_id is None:
            raise LookupError(f"answer {reply_id} was not delivered")
        return samples.answer(answered, datetime.now(UTC), message_id=item.message_id)

    def sweep(self) -> Cost:
        """One minute of watching, each time the next one: a minute left out would be told to the operators."""
        self._minutes += 1
        now = self.start + START_AGO + timedelta(minutes=self._minutes)
        return self.measured(lambda: sla_watch.sweep(bootstrap.sla_watch_ports(), now))

    def list_open(self, limit: int) -> Cost:
        return self.measured(lambda: show.show_list(store=bootstrap.cases(), now=datetime.now(UTC), limit=limit))

    # --- cases

    def conversation(self, length: int) -> list[Fact]:
        """A case whose timeline has so many events, a second apart: two messages, one answer, and so on."""
        facts = [samples.mention(self.at(0))]
        for number in range(1, length):
            make = samples.answer if number % 3 == 2 else samples.follow_up
            facts.append(make(_latest_mention(facts), self.at(number)))
        for together in _in_turn(facts):
            self.take(*together)
        return facts

    def shared_conversation(self, length: int) -> list[Fact]:
        """One that is made once, because a long one takes a while; every part that uses it adds to it."""
        if length not in self._shared:
            self._shared[length] = self.conversation(length)
        return self._shared[length]

    def case_id(self, fact: Fact) -> str:
        case_id = bootstrap.cases().addresses(fact.platform, [fact.message_id])[fact.message_id].case_id
        if case_id is None:
            raise LookupError(f"no case holds {fact.message_id}")
        return case_id

    def open_many(self, number: int) -> None:
        """So many open cases, all like one that casework has made, none of them due."""
        case, _ = bootstrap.cases().case(self.case_id(self.conversation(1)[0]))
        if case is None:
            raise LookupError("the case just opened is gone")
        recorder = _Recorder()
        for n in range(number):
            copy = replace(case, case_id=f"c{n:015x}", version=0)
            TableCaseStore(recorder).commit(Commit(at=self.start, case=copy))
        write_all(recorder.items, bootstrap.settings().table)

    def item_sizes(self, case_id: str) -> dict[str, int]:
        """Bytes of the items that one case consists of, the largest of each sort."""
        pages = (
            local.client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=bootstrap.settings().table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": f"CASE#{case_id}"}},
            )
        )
        sizes: dict[str, int] = {}
        for item in (item for page in pages for item in page["Items"]):
            sort = item["sk"]["S"].partition("#")[0]
            sizes[sort] = max(sizes.get(sort, 0), item_bytes(item))
        return sizes


def _latest_mention(facts: Sequence[Fact]) -> Fact:
    return next(fact for fact in reversed(facts) if fact.kind is FactKind.MENTION)


def _in_turn(facts: Sequence[Fact]) -> Iterator[list[Fact]]:
    """In batches that hold one kind of fact: a worker takes mentions first, so an answer among them comes late."""
    for _, together in groupby(facts, key=lambda fact: fact.kind):
        yield list(together)


class _Recorder:
    """A table that only remembers what it should write: the store's own items, to be written in bulk."""

    def __init__(self) -> None:
        self.items: list[Item] = []

    def write(self, writes: Sequence[Write]) -> None:
        self.items += [write.item for write in writes if isinstance(write, Put)]

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{name}: nothing is read here")


def write_all(items: Iterable[Item], table: str) -> None:
    """Into a table of the local AWS, as they are."""
    dynamodb, left = local.client("dynamodb"), iter(items)
    while puts := [{"PutRequest": {"Item": _wire(item)}} for item in islice(left, BATCH)]:
        dynamodb.batch_write_item(RequestItems={table: puts})


def _wire(item: Item) -> dict[str, Any]:
    return {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in item.items()
        if value is not None
    }
