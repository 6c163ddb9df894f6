# ruff: noqa: ARG002  many methods only say that they are not for here
"""A world on the local AWS: signed webhooks and API calls in, the deployed functions' work out."""

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zlib import crc32

from chalicelib.adapters import keys
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.leases import TableLeases
from chalicelib.config import APP
from chalicelib.domain.alerts.message import AlertMessage
from chalicelib.domain.facts import Fact, FactKind
from chalicelib.domain.policy import PolicyBook
from chalicelib.ports.cases import CaseRecord, Labelled
from chalicelib.ports.table import Delete
from chalicelib.usecases import act, sla_watch
from infra.deploy.target import Target
from infra.operate import records, webhooks
from infra.scenarios.facts import BRAND
from infra.scenarios.memory import MemoryWorld
from infra.scenarios.model import Faults, Lands
from infra.scenarios.platform import Plan
from infra.scenarios.world import NotYet
from tests.usecases.sweeps import EVENT

SECRET = "promises_secret"
PATIENCE_S = 20
KEPT = ("POLICY", "USER", "TOKEN#")  # begins what outlives a scenario; its job does not
CHANNELS = {"p-std": "x.standard", "p-vip": "x.vip"}  # the policy of a case follows from its channel here


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What all scenarios share. `token` is an agent's; `pages` the URL of a queue that hears every page."""

    target: Target
    clock_file: Path
    token: str
    pages: str


class DeployedWorld(MemoryWorld):
    """Reads as the memory world does; whatever happens goes to the stack. Forgets the scenario before."""

    def __init__(self, place: Place, book: PolicyBook, platform: str) -> None:
        super().__init__(book, platform)
        self._place = place
        self._channel = CHANNELS[book.policies[-1].id]
        self._real = records.table(place.target)
        self._store = TableCaseStore(self._real)
        forget(place.target)

    def _at(self, moment: datetime) -> None:
        self._now = moment
        self._place.clock_file.write_text(moment.isoformat())

    # --- what happens

    def hear(self, item: Labelled, at: datetime, *, workers: int = 1) -> None:
        self._at(at)
        body = webhook_of(item.fact)
        signed = webhooks.signed("x", body, SECRET).headers
        for _ in range(workers):
            assert webhooks.post(webhooks.url(self._place.target, self._channel), body, signed).status == 200
        self._settle()
        assert self._case_of(item.fact.message_id)

    def act(self, message_id: str, intent: act.Intent, *, actor: str, key: str, at: datetime) -> None:
        if not isinstance(intent, act.MoveCase):
            raise NotYet("only moves go through the API here")
        self._at(at)
        url = f"{self._place.target.api_url()}/api/cases/{self._case_of(message_id)}/actions"
        headers = {"Authorization": f"Bearer {self._place.token}", "Idempotency-Key": key}
        post(url, json.dumps({"action": intent.kind.value}).encode(), "application/json", headers)
        self._settle()

    def acknowledge(self, message_id: str, *, actor: str, at: datetime) -> None:
        self._at(at)
        bodies = [json.loads(message.body) for _, message in self._alerts.heard]
        urls = [body["ack_url"] for body in bodies if body.get("ack_url")]
        if not urls:
            raise NotYet("nobody has been paged by then")
        post(urls[-1], urllib.parse.urlencode({"name": actor}).encode(), "application/x-www-form-urlencoded")

    def sweep(self, now: datetime, *, during: Mapping[Lands, Callable[[], None]], times: int = 1) -> None:
        if during:
            raise NotYet("the deployed sweep cannot be interrupted")
        self._at(now)
        for _ in range(times):
            answer = self._place.target.client("lambda").invoke(
                FunctionName=f"{APP}-{self._place.target.stage}-sla_watch", Payload=json.dumps(EVENT).encode()
            )
            assert (answer.get("FunctionError"), answer["Payload"].read()) == (None, b"null")
        self._settle()

    def rest(self, now: datetime) -> None:
        leases = TableLeases(self._real)  # else the next sweep reports the minutes between as missed
        lease = leases.take(sla_watch.LEASE, turn=now, now=now, for_s=sla_watch.LEASE_S)
        if lease:
            leases.done(lease)

    def merge(self, message_id: str, into: str, *, actor: str, key: str, at: datetime) -> None:
        raise NotYet("cases are not merged here")

    def promise(self, book: PolicyBook, at: datetime) -> None:
        raise NotYet("the functions keep the promises for a minute of real time")

    def plan(self, text: str, plan: Plan) -> None:
        raise NotYet("there is no platform that would take an answer")

    def break_alerts(self, faults: Faults) -> None:
        if faults.refused or faults.unheard:
            raise NotYet("publishing cannot be made to fail here")

    # --- what came of it

    def _settle(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        quiet = 0
        while quiet < 2:  # a message may have moved on while the queues were looked at
            assert time.monotonic() < deadline, f"the queues are not empty after {PATIENCE_S} s"
            quiet = quiet + 1 if is_drained(self._place.target) else 0
            time.sleep(0.02)
        self._alerts.heard += [(self._now, message) for message in received(self._place)]

    def _records(self) -> Iterator[CaseRecord]:
        for pk, sk in stored(self._place.target):
            if sk == "STATE" and (case := self._store.case(pk.removeprefix(keys.CASES))[0]):
                yield case

    def remembers(self, text: str) -> bool:
        raise NotYet(f"nobody looks for {text!r} here")


def webhook_of(fact: Fact) -> bytes:
    """A post as X tells of it."""
    if fact.kind not in (FactKind.MENTION, FactKind.ANSWER) or fact.private or not fact.author or not fact.occurred_at:
        raise NotYet("only public posts are sent here")
    told = {
        "id_str": fact.message_id,
        "text": fact.text,
        "created_at": fact.occurred_at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "user": {"id_str": number_of(fact.author.id), "screen_name": fact.author.handle or "brand", "name": "Somebody"},
    }
    parent = {"in_reply_to_status_id_str": fact.parent_id} if fact.parent_id else {}
    return json.dumps({"for_user_id": BRAND, "tweet_create_events": [told | parent]}).encode()


def number_of(name: str) -> str:
    """Users of X are numbers; the people of scenarios have names."""
    return name if name.isdecimal() else str(crc32(name.encode()))


def post(url: str, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> None:
    """Raises HTTPError for an answer that is an error."""
    request = urllib.request.Request(url, body, {"Content-Type": content_type, **(headers or {})})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310  our own API
        pass


def received(place: Place) -> Iterator[AlertMessage]:
    """What the queue of pages holds, taken off it."""
    sqs = place.target.client("sqs")
    wanted: dict[str, Any] = {"QueueUrl": place.pages, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
    while messages := sqs.receive_message(**wanted).get("Messages"):
        for message in messages:
            attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
            yield AlertMessage(subject="", text="", sms="", body=message["Body"], attributes=attributes)
            sqs.delete_message(QueueUrl=place.pages, ReceiptHandle=message["ReceiptHandle"])


def is_drained(target: Target) -> bool:
    """Whether nothing waits and nothing is being worked on."""
    sqs, names = target.client("sqs"), ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    urls = target.resources().queues.values()
    found = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] for url in urls]
    return all(int(count) == 0 for each in found for count in each.values())


def stored(target: Target) -> list[tuple[str, str]]:
    """Every key of the table."""
    pages = target.client("dynamodb").get_paginator("scan").paginate(TableName=target.settings.table)
    return [(item["pk"]["S"], item["sk"]["S"]) for page in pages for item in page["Items"]]


def forget(target: Target) -> None:
    """Empty the table of everything but promises and users."""
    table = records.table(target)
    for key in stored(target):
        if key[0].startswith("POLICY_JOB#") or not key[0].startswith(KEPT):
            table.write([Delete(key)])
