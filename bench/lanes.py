"""
How long an urgent mention and an answer wait behind a flood, on the local stack with the functions that ship.

All come as signed webhooks and take the whole road. The worker of ordinary
mentions is held at two at a time, so that the flood takes a while; what is
urgent must not wait for it.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from bench import local, samples
from bench.report import Table
from bench.texts import mixed
from chalicelib.adapters import keys
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.classify import classify
from chalicelib.config import APP
from chalicelib.domain.labels import Urgency
from infra.deploy import rollout
from infra.deploy.target import Target
from infra.operate import channels, records, webhooks

FLOOD, QUICK = 5_000, 300
WARMING: Final = 100  # webhooks with a mention for each lane: batches enough for all workers at once
HELD_AT: Final = 2
AT_LEAST: Final = 20.0  # times sooner than the flood has drained
TOGETHER: Final = (10, 50)  # comments in one webhook, a flood each; Facebook puts up to 1,000 updates into one
SENDERS: Final = 4
PATIENCE_S: Final = 600.0
OFTEN_S, SELDOM_S = 0.05, 0.25  # between two looks: looking is work for the same two cores
PAGE, CHANNEL = "700100200300", "facebook.bench"
EMERGENCY: Final = "There is smoke in the cabin of MW418 and my child cannot breathe. Please help us now!"
ROAD: Final = ("inbound", "mentions-urgent", "mentions")  # in the order of the flow


@dataclass(slots=True, kw_only=True)
class Behind:
    """One that came behind the flood. Seconds of the epoch: when triage had put it on its lane, when it had a case."""

    name: str
    platform: str
    message_id: str
    routed: float = 0.0
    arrived: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flooded:
    """
    How it went, in seconds of the epoch: the first and the last webhook of the flood, its routing, its end.

    `together` is how many of its mentions came in one webhook.
    """

    number: int
    together: int
    began: float
    accepted: float
    routed: float
    drained: float
    behind: Sequence[Behind]

    def times_sooner(self, arrived: float) -> float:
        """Than the flood had drained, both counted from its last webhook."""
        return (self.drained - self.accepted) / (arrived - self.accepted)


def measure(number: int, say: Callable[[str], None]) -> Table:
    """Raises RuntimeError when something is lost, takes the wrong lane, or takes longer than all patience."""
    with local.local_stack() as target:
        stage = Stage(target)
        stage.prepare()
        found = []
        for together in TOGETHER:
            say(f"  {number:,} ordinary mentions, {together} a webhook, and two that cannot wait")
            found.append(stage.flood(number, together))
        return table(found)


class Stage:
    """The local stage with its functions at work."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._store = TableCaseStore(records.table(target))
        self._sqs, self._queues = target.client("sqs"), target.resources().queues
        self._urls = {channel: webhooks.url(target, channel) for channel in (CHANNEL, samples.CHANNEL)}

    def prepare(self) -> None:
        """Hold the ordinary worker, and start every process that the flood will want: here they share its cores."""
        channels.set_verify(self._target, CHANNEL, {channels.SIGNING: samples.SECRET})
        channels.set_settings(self._target, CHANNEL, accounts=[PAGE])
        worker = f"{APP}-{self._target.stage}-casework"
        [mapping] = [each for each in rollout.mappings(self._target) if each["function"] == worker]
        self._target.client("lambda").update_event_source_mapping(
            UUID=mapping["uuid"], ScalingConfig={"MaximumConcurrency": HELD_AT}
        )
        self._post(CHANNEL, delivery([EMERGENCY]))
        self._until_drained()
        with ThreadPoolExecutor(SENDERS) as senders:
            pairs = ([text, EMERGENCY] for text in ordinary(WARMING))
            list(senders.map(lambda pair: self._post(CHANNEL, delivery(pair)), pairs))
        self._until_drained()

    def flood(self, number: int, together: int) -> Flooded:
        question = samples.SERIAL.next()
        self._post(samples.CHANNEL, samples.delivery(_now(), post_id=question))
        self._until_drained()
        cases, bodies = self._cases(), list(deliveries(ordinary(number), together))
        with ThreadPoolExecutor(SENDERS) as senders:
            began = time.time()
            list(senders.map(lambda body: self._post(CHANNEL, body), bodies))
            accepted = time.time()
            behind = self._send_behind(senders, question)
        self._until_arrived(behind)
        drained = self._until_drained()
        self._check(behind[1], question, cases + number + 1)
        return Flooded(
            number=number,
            together=together,
            began=began,
            accepted=accepted,
            routed=self._routed(behind, began),
            drained=drained,
            behind=behind,
        )

    # --- in

    def _send_behind(self, senders: ThreadPoolExecutor, question: str) -> list[Behind]:
        """At once, as two platforms would: neither waits for the other."""
        urgent, echo = delivery([EMERGENCY]), samples.echo(_now(), below=question)
        list(senders.map(self._post, (CHANNEL, samples.CHANNEL), (urgent, echo)))
        return [
            Behind(
                name="urgent mention",
                platform="facebook",
                message_id=json.loads(urgent)["entry"][0]["changes"][0]["value"]["comment_id"],
            ),
            Behind(name="brand's answer (echo)", platform="x", message_id=json.loads(echo)["data"]["payload"]["id"]),
        ]

    def _post(self, channel: str, body: bytes) -> None:
        platform = channels.platform_of(channel)
        answer = webhooks.send(self._urls[channel], platform, body, samples.SECRET)
        if answer.status != 200:
            raise RuntimeError(f"the webhook answered {answer.status}: {answer.body[:300]}")

    # --- and what became of it

    def _until_arrived(self, behind: Sequence[Behind]) -> None:
        deadline = time.time() + PATIENCE_S
        while awaited := [one for one in behind if not one.arrived]:
            for one in awaited:
                if self._case_of(one.platform, one.message_id):
                    one.arrived = time.time()
            self._look_again(deadline, OFTEN_S, f"no case for the {awaited[0].name}")

    def _until_drained(self) -> float:
        deadline = time.time() + PATIENCE_S
        while self._waiting():
            self._look_again(deadline, SELDOM_S, f"{self._waiting():,} messages are still on the road")
        return time.time()

    def _look_again(self, deadline: float, after_s: float, why_not: str) -> None:
        if time.time() > deadline:
            raise RuntimeError(f"{why_not} after {PATIENCE_S:g} s")
        time.sleep(after_s)

    def _waiting(self) -> int:
        """Messages that wait or are being worked on; along the flow, so that none can slip by behind the look."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        urls = [self._queues[queue] for queue in ROAD]
        told = [self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] for url in urls]
        return sum(int(count) for each in told for count in each.values())

    def _case_of(self, platform: str, message_id: str) -> str | None:
        return self._store.addresses(platform, [message_id])[message_id].case_id

    def _cases(self) -> int:
        sk = keys.case("")[1]
        pages = (
            self._target.client("dynamodb")
            .get_paginator("scan")
            .paginate(
                TableName=self._target.settings.table,
                Select="COUNT",
                FilterExpression="sk = :sk",
                ExpressionAttributeValues={":sk": {"S": sk}},
            )
        )
        return sum(page["Count"] for page in pages)

    def _check(self, echo: Behind, question: str, cases: int) -> None:
        case_id = self._case_of(samples.PLATFORM, question)
        if case_id is None or self._case_of(echo.platform, echo.message_id) != case_id:
            raise RuntimeError("the answer is not in its customer's case")
        if (found := self._cases()) != cases:
            raise RuntimeError(f"{found:,} cases instead of {cases:,}")

    def _routed(self, behind: Sequence[Behind], began: float) -> float:
        """When triage had put the last of the flood on its lane; and each of those behind it, in their order."""
        batches = list(self._told_by_triage(began))
        urgent = [batch.at for batch in batches for _ in range(batch.urgent)]
        if len(urgent) != len(behind):
            raise RuntimeError(f"{len(urgent)} took the urgent lane instead of {len(behind)}")
        for one, at in zip(sorted(behind, key=lambda one: one.arrived), urgent, strict=True):
            one.routed = min(at, one.arrived)  # a run tells at its end, and sends before
        return max(batch.at for batch in batches if batch.ordinary)

    def _told_by_triage(self, began: float) -> Iterator["Batch"]:
        """Its metrics, which are lines of its log, in the order of time."""
        logs, since = self._target.client("logs"), int(began * 1000)
        group = f"/aws/lambda/{APP}-{self._target.stage}-triage"
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
        told = (event["message"] for page in pages for event in page["events"])
        lines = (json.loads(message) for message in told if '"Ordinary"' in message)
        return iter(sorted((_batch(line) for line in lines), key=lambda batch: batch.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one run of triage said of itself at its end: facts by lane."""

    at: float
    urgent: int
    ordinary: int


def _batch(line: Mapping[str, Any]) -> Batch:
    return Batch(
        at=line["_aws"]["Timestamp"] / 1000, urgent=int(sum(line["Urgent"])), ordinary=int(sum(line["Ordinary"]))
    )


def _now() -> datetime:
    return datetime.now(UTC)


# --- what is sent ----------------------------------------------------------------------------------------------------


def ordinary(number: int) -> Iterator[str]:
    """Texts that triage does not call urgent."""
    texts = (text for text in mixed(4 * number) if classify(text).urgency.value.rank < Urgency.HIGH.rank)
    return islice(texts, number)


def deliveries(texts: Iterator[str], together: int) -> Iterator[bytes]:
    while some := list(islice(texts, together)):
        yield delivery(some)


def delivery(texts: Sequence[str]) -> bytes:
    """Comments of as many people below as many posts of a Page, in one webhook."""
    at = int(_now().timestamp())
    changes = [{"field": "feed", "value": _comment(text, at)} for text in texts]
    return json.dumps({"object": "page", "entry": [{"id": PAGE, "time": at, "changes": changes}]}).encode()


def _comment(text: str, at: int) -> dict[str, Any]:
    post, comment, author = (samples.SERIAL.next() for _ in range(3))
    return {
        "item": "comment",
        "verb": "add",
        "comment_id": f"{post}_{comment}",
        "post_id": f"{PAGE}_{post}",
        "parent_id": f"{PAGE}_{post}",
        "from": {"id": author, "name": "Somebody Invented"},
        "message": text,
        "created_time": at,
    }


# --- as a table ------------------------------------------------------------------------------------------------------


def table(found: Sequence[Flooded]) -> Table:
    number = found[0].number
    return Table(
        name="lanes",
        title=f"Behind a flood of {number:,}, with {HELD_AT} workers for it: seconds after its last webhook",
        head=("what", "comments a webhook", "routed by triage", "lane and casework", "in its case", "times sooner"),
        rows=tuple(row for flooded in found for row in _rows(flooded)),
        notes=tuple(_notes(found)),
    )


def _rows(flooded: Flooded) -> Iterator[tuple[str | int | float, ...]]:
    behind = ((one.name, one.routed, one.arrived) for one in flooded.behind)
    for name, routed, arrived in (*behind, ("the last of the flood", flooded.routed, flooded.drained)):
        times = (routed - flooded.accepted, arrived - routed, arrived - flooded.accepted)
        yield (name, flooded.together, *times, flooded.times_sooner(arrived))


def _notes(found: Sequence[Flooded]) -> Iterator[str]:
    yield "All cases are there. What came in one webhook is routed in one go, and what came first is routed first."
    for one in found:
        took = f"accepted within {one.accepted - one.began:.1f} s"
        yield f"{one.together} a webhook: {-(-one.number // one.together)} webhooks, {took}; {_verdict(one)}."


def _verdict(flooded: Flooded) -> str:
    least = min(flooded.times_sooner(one.arrived) for one in flooded.behind)
    if flooded.number < FLOOD:
        return "too small a flood for its ratio to prove anything"
    wanted = f"{least:.0f} times sooner, and {AT_LEAST:g} are wanted"
    return wanted if least >= AT_LEAST else f"NOT ENOUGH: {wanted}"
