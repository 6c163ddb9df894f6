"""An invented airline's customers: what the platform tells of them, and what Lambda hands to a function."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from chalicelib import connectors
from chalicelib.classify import classify
from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.ports.cases import Labelled
from chalicelib.ports.connector.parsing import ChannelSettings
from chalicelib.ports.connector.receiving import InboundRequest
from chalicelib.ports.inbound import InboundMessage, encode
from infra.operate import webhooks

PLATFORM = "x"
CHANNEL = "x.bench"
BRAND = "700000000000000001"
BRAND_HANDLE = "marlowair"
SECRET = "bench-signing-secret"  # noqa: S105  of a local AWS that ends with the run
SETTINGS = ChannelSettings(accounts=frozenset({BRAND}))
TEXT = "@marlowair flight MW418 is three hours late and nobody at the gate knows why. How do I get to my connection?"
ANSWER = "We are sorry about MW418. The gate team has your new connection, please send us your booking in a message."

_FIRST_ID = 2_400_000_000_000_000_000


@dataclass(slots=True)
class Serial:
    """Ids that never repeat in one run, in the order of time."""

    numbers: Any = None

    def __post_init__(self) -> None:
        self.numbers = count(_FIRST_ID)

    def next(self) -> str:
        return str(next(self.numbers))


SERIAL = Serial()


def delivery(at: datetime, *, post_id: str | None = None, author_id: str | None = None) -> bytes:
    """A post that names the brand, in X's activity envelope."""
    post_id = post_id or SERIAL.next()
    author_id = author_id or SERIAL.next()
    event = {
        "event_uuid": post_id,
        "filter": {"user_id": BRAND},
        "event_type": "post.mention.create",
        "payload": _post(post_id, author_id, at),
        "includes": {"users": [_user(author_id, "vesna_on_tour", 812), _user(BRAND, BRAND_HANDLE, 61_400)]},
    }
    return json.dumps({"data": event}, separators=(",", ":")).encode()


def echo(at: datetime, *, below: str) -> bytes:
    """The brand answered the post `below` in its own app, as X tells of it."""
    event = json.loads(delivery(at, author_id=BRAND))
    payload = event["data"]["payload"]
    payload |= {"text": ANSWER, "conversation_id": below, "in_reply_to_tweet_id": below}
    payload["referenced_tweets"] = [{"type": "replied_to", "id": below}]
    event["data"]["event_type"] = "post.create"
    return json.dumps(event, separators=(",", ":")).encode()


def _post(post_id: str, author_id: str, at: datetime) -> dict[str, Any]:
    return {
        "id": post_id,
        "author_id": author_id,
        "conversation_id": post_id,
        "created_at": f"{at:%Y-%m-%dT%H:%M:%S.000Z}",
        "edit_history_tweet_ids": [post_id],
        "text": TEXT,
        "lang": "en",
        "public_metrics": {"retweet_count": 1, "reply_count": 0, "like_count": 4, "quote_count": 0},
        "entities": {"mentions": [{"start": 0, "end": 10, "username": BRAND_HANDLE, "id": BRAND}]},
    }


def _user(user_id: str, handle: str, followers: int) -> dict[str, Any]:
    return {
        "id": user_id,
        "username": handle,
        "name": handle.replace("_", " ").title(),
        "verified": False,
        "public_metrics": {"followers_count": followers, "following_count": 120},
    }


def request(body: bytes, at: datetime) -> InboundRequest:
    """The delivery as the webhook sees it, signed."""
    return InboundRequest(
        platform=PLATFORM,
        channel=CHANNEL,
        method="POST",
        headers=signature(body),
        query={},
        body=body,
        received_at=at,
        request_id=SERIAL.next(),
    )


def signature(body: bytes) -> Mapping[str, str]:
    return webhooks.signed(PLATFORM, body, SECRET).headers


def inbound(at: datetime, body: bytes | None = None) -> InboundMessage:
    """The delivery as triage finds it on its queue."""
    asked = request(body or delivery(at), at)
    return InboundMessage(
        platform=asked.platform,
        channel=asked.channel,
        headers=signature(asked.body),
        received_at=asked.received_at,
        request_id=asked.request_id,
        body=asked.body,
    )


def mention(at: datetime, **changes: Any) -> Fact:
    """What the connector makes of a new delivery, a new author's by default."""
    asked = request(delivery(at), at + timedelta(seconds=2))
    [fact] = connectors.parser(PLATFORM).parse(asked, SETTINGS).facts
    return replace(fact, **changes)


def follow_up(before: Fact, at: datetime, **changes: Any) -> Fact:
    """The same customer again, below `before`."""
    return mention(at, thread_id=before.thread_id, parent_id=before.message_id, author=before.author, **changes)


def answer(to: Fact, at: datetime, **changes: Any) -> Fact:
    """The brand's own post below `to`, as the platform echoes it."""
    brand = Author(id=BRAND, handle=BRAND_HANDLE, name="Marlow Air", followers=61_400, verified=True)
    own = mention(at, thread_id=to.thread_id, parent_id=to.message_id, author=brand, text=ANSWER)
    return replace(own, kind=FactKind.ANSWER, **changes)


def labelled(fact: Fact) -> Labelled:
    """As triage sends it on."""
    if fact.kind is not FactKind.MENTION:
        return Labelled(fact=fact)
    return Labelled(fact=fact, labels=classify(fact.text, lang_hint=fact.lang))


# --- what Lambda hands to a function ---------------------------------------------------------------------------------


def gateway_event(at: datetime) -> dict[str, Any]:
    """A signed delivery by way of API Gateway."""
    body = delivery(at)
    channel = CHANNEL.partition(".")[2]
    return {
        "resource": "/webhooks/{platform}/{channel}",
        "path": f"/webhooks/{PLATFORM}/{channel}",
        "httpMethod": "POST",
        "headers": {"content-type": "application/json", **signature(body)},
        "multiValueHeaders": {},
        "pathParameters": {"platform": PLATFORM, "channel": channel},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "stageVariables": None,
        "requestContext": {"resourcePath": "/webhooks/{platform}/{channel}", "httpMethod": "POST"},
        "body": body.decode(),
        "isBase64Encoded": False,
    }


def queue_event(*bodies: str) -> dict[str, Any]:
    return {"Records": [_record(number, body) for number, body in enumerate(bodies)]}


def _record(number: int, body: str) -> dict[str, Any]:
    return {
        "messageId": f"bench-{number}",
        "receiptHandle": f"bench-{number}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
    }


def inbound_event(at: datetime) -> dict[str, Any]:
    return queue_event(encode(inbound(at)))


def schedule_event(at: datetime) -> dict[str, Any]:
    return {
        "version": "0",
        "id": SERIAL.next(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "region": "us-east-1",
        "resources": [],
        "detail": {},
    }
