"""
Answering on X: posts below the customer's, and direct messages.

A post is not idempotent: whenever its fate is unknown, look before trying
again. Rules: https://docs.x.com/x-api/posts/manage-tweets/introduction and
https://docs.x.com/x-api/fundamentals/response-codes-and-errors, read
2026-08-22.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from chalicelib.connectors._kit.json import as_object, json_object
from chalicelib.connectors.x import snowflake, weighted
from chalicelib.connectors.x.problems import error_of
from chalicelib.connectors.x.text import same
from chalicelib.ports.connector.calls import HttpCall, HttpResult, OAuth1, Steps
from chalicelib.ports.connector.replying import (
    DeliveryError,
    MaybeSent,
    NotAuthorised,
    OutboundReply,
    Receipt,
    Refused,
    SendContext,
    Throttled,
)

API = "https://api.x.com"
CREDENTIALS = ("consumer_key", "consumer_secret", "token", "token_secret")
MESSAGE_LIMIT = 10_000  # characters; unconfirmed
# Their clock and ours may differ, and theirs stamps the post.
CLOCK_SKEW = timedelta(seconds=60)
MOST_LISTED = 100


def check(reply: OutboundReply) -> None:
    """Raises Refused for a text or an address that X would not take."""
    if not reply.text.strip():
        raise Refused("There is no text to send.", code="empty")
    if reply.private:
        _recipient(reply)
        if len(reply.text) > MESSAGE_LIMIT:
            raise Refused(f"A direct message on X has at most {MESSAGE_LIMIT} characters.", code="too_long")
    elif (length := weighted.length(reply.text)) > weighted.LIMIT:
        raise Refused(f"X counts {length} characters; {weighted.LIMIT} are allowed.", code="too_long")


def send(reply: OutboundReply, context: SendContext) -> Steps[Receipt]:
    """POST a post below the parent, or a message to the customer; the receipt of a 2xx with an id."""
    if reply.private:
        path, body = f"/2/dm_conversations/with/{_recipient(reply)}/messages", {"text": reply.text}
        result = yield _call("POST", path, context, body)
    else:
        post = {"text": reply.text, "reply": {"in_reply_to_tweet_id": reply.parent_id}}
        result = yield _call("POST", "/2/tweets", context, post)
    if result.status in (HTTPStatus.OK, HTTPStatus.CREATED):
        data = as_object(json_object(result.body).get("data"))
        message_id = data.get("dm_event_id" if reply.private else "id")
        if isinstance(message_id, str) and message_id.isdecimal():
            return Receipt(message_id=message_id, posted_at=snowflake.created_at(message_id))
    raise error_of(reply, result, context)


def look(reply: OutboundReply, context: SendContext) -> Steps[Receipt | None]:
    """
    Our attempt among what the account wrote since the first try; the first of several.

    X gives no way to ask for one attempt. None only when a readable answer
    surely does not hold it: after that the reply is posted again.
    """
    since = _since(reply, context)
    if reply.private:
        path = f"/2/dm_conversations/with/{_recipient(reply)}/dm_events"
        params = {"dm_event.fields": "id,text,event_type,created_at,sender_id", "event_types": "MessageCreate"}
    else:
        path = f"/2/users/{quote(context.account_id, safe='')}/tweets"
        params = {"tweet.fields": "created_at,referenced_tweets,conversation_id,text"}
        params["start_time"] = since.strftime("%Y-%m-%dT%H:%M:%SZ")
    result = yield _call("GET", path, context, params={**params, "max_results": str(MOST_LISTED)})
    if result.status != HTTPStatus.OK:
        raise _lookup_error(reply, result, context)
    body = json_object(result.body)
    listed = list(_listed(body))
    ours = [item for item in listed if _is_attempt(item, reply, context, since)]
    if ours:
        return _found(min(ours, key=lambda item: int(item["id"])))
    if as_object(body.get("meta")).get("next_token") and not any(_created_at(item) < since for item in listed):
        raise _cannot_tell("lookup_incomplete")
    return None


# --- the call --------------------------------------------------------------------------------------------------------


def _call(
    method: str,
    path: str,
    context: SendContext,
    body: Mapping[str, Any] | None = None,
    params: Mapping[str, str] | None = None,
) -> HttpCall:
    base = (context.api_base or API).rstrip("/")
    return HttpCall(
        method=method,
        url=base + path,
        auth=_auth(context),
        json=body,
        params=params or {},
        posts=method == "POST",
    )


def _auth(context: SendContext) -> OAuth1:
    missing = [name for name in CREDENTIALS if not context.credentials.get(name)]
    if missing:
        raise NotAuthorised(f"The channel's secret lacks {', '.join(missing)}.", code="credentials_missing")
    return OAuth1(**{name: context.credentials[name] for name in CREDENTIALS})


def _recipient(reply: OutboundReply) -> str:
    if not reply.customer_id:
        raise Refused("A direct message needs to know whom it is for.", code="no_recipient")
    return quote(reply.customer_id, safe="")


def _since(reply: OutboundReply, context: SendContext) -> datetime:
    return (reply.first_tried_at or context.now).astimezone(UTC) - CLOCK_SKEW


# --- the look --------------------------------------------------------------------------------------------------------


def _lookup_error(reply: OutboundReply, result: HttpResult, context: SendContext) -> DeliveryError:
    error = error_of(reply, result, context)
    # What X says of this GET says nothing of the post.
    return error if isinstance(error, Throttled | NotAuthorised) else _cannot_tell("lookup_failed")


def _cannot_tell(code: str) -> MaybeSent:
    return MaybeSent("X did not say whether the reply is there.", code=code)


def _listed(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The posts or messages of an answer. Raises MaybeSent for an answer that has another form."""
    data, count = body.get("data"), as_object(body.get("meta")).get("result_count")
    if data is None and count == 0:
        return
    if not isinstance(data, list):
        raise _cannot_tell("lookup_unreadable")
    for item in data:
        item_id = as_object(item).get("id")
        if not (isinstance(item_id, str) and item_id.isascii() and item_id.isdecimal()):
            raise _cannot_tell("lookup_unreadable")
        yield item


def _is_attempt(item: Mapping[str, Any], reply: OutboundReply, context: SendContext, since: datetime) -> bool:
    if not same(str(item.get("text", "")), reply.text) or _created_at(item) < since:
        return False
    if reply.private:
        return item.get("sender_id") == context.account_id
    references = item.get("referenced_tweets")
    parents = [as_object(each) for each in (references if isinstance(references, list) else [])]
    return any(each.get("type") == "replied_to" and each.get("id") == reply.parent_id for each in parents)


def _found(item: Mapping[str, Any]) -> Receipt:
    """An edited post is known by the first id of its history, here as everywhere."""
    history = item.get("edit_history_tweet_ids")
    first = history[0] if isinstance(history, list) and history and isinstance(history[0], str) else item["id"]
    return Receipt(message_id=first or item["id"], posted_at=_created_at(item).replace(microsecond=0))


def _created_at(item: Mapping[str, Any]) -> datetime:
    """From `created_at`, else from the id. An item without a time counts as new: it may be ours."""
    return _iso(item.get("created_at")) or snowflake.created_at(item["id"]) or datetime.max.replace(tzinfo=UTC)


def _iso(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None
