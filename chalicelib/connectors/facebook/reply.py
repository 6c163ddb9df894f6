"""
Answers as a Facebook Page: below a comment or visitor post, or in Messenger.

Sources: developers.facebook.com/docs/graph-api/reference/object/comments and
/documentation/business-messaging/messenger-platform/error-codes, read
2026-11-23. The API has no idempotency key: whether an attempt of unknown fate
arrived is told by reading what stands on the platform.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chalicelib.connectors._kit.json import json_object
from chalicelib.connectors._kit.meta_graph import Refusals, failure, graph_call, receipt, succeeded
from chalicelib.connectors._kit.values import fold
from chalicelib.ports.connector.calls import HttpResult, Steps
from chalicelib.ports.connector.replying import (
    MaybeSent,
    NotAuthorised,
    OutboundReply,
    Receipt,
    Refused,
    SendContext,
    Throttled,
)

if TYPE_CHECKING:
    from chalicelib.connectors.facebook.payloads import Listing, Posted

COMMENT_LIMIT = 8000  # characters; unconfirmed
MESSAGE_LIMIT = 2000  # characters; unconfirmed
CLOCK_SKEW = timedelta(seconds=60)  # by how much Meta's clock may be behind ours
POSTED_FIELDS = "id,message,from,created_time"

UNREACHABLE = ("recipient_unavailable", "The person cannot be reached in Messenger.")
REFUSALS: Refusals = MappingProxyType(
    {
        (10, 2018278): ("outside_window", "Messenger allows no answer so long after the person's last message."),
        (551, None): UNREACHABLE,
        (None, 2018108): UNREACHABLE,
        (None, 1545041): UNREACHABLE,
        (100, 2018001): ("no_such_person", "Messenger does not know the person."),
    }
)


def check(reply: OutboundReply) -> None:
    """Refuse what Facebook would refuse. Raises Refused."""
    if not reply.text.strip():
        raise Refused("The answer is empty.", code="empty")
    limit = MESSAGE_LIMIT if reply.private else COMMENT_LIMIT
    if len(reply.text) > limit:
        raise Refused(f"The answer is longer than {limit} characters.", code="too_long")
    if reply.private:
        _recipient(reply)


def send(reply: OutboundReply, context: SendContext) -> Steps[Receipt]:
    """Post the comment, or send the message. The receipt's id is the one that the echo will carry."""
    if reply.private:
        path, body = f"{_part(context.account_id)}/messages", _message(reply)
    else:
        path, body = f"{_part(reply.parent_id)}/comments", {"message": reply.text}
    result = yield graph_call(context, "POST", path, body=body)
    found = receipt(result, "message_id" if reply.private else "id")
    if found is None:
        raise failure(reply, result, REFUSALS)
    return found


def look(reply: OutboundReply, context: SendContext) -> Steps[Receipt | None]:
    """
    Our answer among the newest comments below the parent, or the newest messages with the person.

    It is by the Page, of the same text, and not older than the first try. None
    only when it is certainly not there. Raises Throttled, NotAuthorised, and
    MaybeSent for all else.
    """
    if reply.private:
        path = f"{_part(context.account_id)}/conversations"
        params = {"user_id": _recipient(reply), "fields": f"messages.limit(20){{{POSTED_FIELDS}}}"}
    else:
        path = f"{_part(reply.parent_id)}/comments"
        params = {"fields": POSTED_FIELDS, "filter": "stream", "order": "reverse_chronological", "limit": "100"}
    result = yield graph_call(context, "GET", path, params=params)
    if not succeeded(result):
        raise _lookup_failure(reply, result)
    since = reply.first_tried_at - CLOCK_SKEW if reply.first_tried_at else None
    listings = _listings(reply, result)
    candidates = [posted for listing in listings for posted in listing.data if _could_be(posted, reply, since)]
    ours = [posted for posted in candidates if posted.author and posted.author.id == context.account_id]
    if ours:
        return Receipt(message_id=ours[0].id, posted_at=ours[0].created_time)
    if any(posted.author is None for posted in candidates) or any(_goes_on(listing, since) for listing in listings):
        raise _unclear()
    return None


def _message(reply: OutboundReply) -> Mapping[str, Any]:
    tagged = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    how = tagged if reply.needs_person else {"messaging_type": "RESPONSE"}
    return {"recipient": {"id": _recipient(reply)}, **how, "message": {"text": reply.text}}


def _recipient(reply: OutboundReply) -> str:
    if not reply.customer_id:
        raise Refused("Nobody is named to send the message to.", code="no_recipient")
    return reply.customer_id


def _part(platform_id: str) -> str:
    return quote(platform_id, safe="")  # ids come from outside: none may change the path


def _lookup_failure(reply: OutboundReply, result: HttpResult) -> Exception:
    """A failed look tells nothing about the answer: neither "it did not arrive" nor "never again" may follow."""
    error = failure(reply, result, REFUSALS)
    return error if isinstance(error, Throttled | NotAuthorised) else _unclear()


def _unclear() -> MaybeSent:
    return MaybeSent("Whether the answer arrived could not be read from the platform.", code="lookup_unclear")


def _listings(reply: OutboundReply, result: HttpResult) -> "Sequence[Listing]":
    from pydantic import ValidationError

    from chalicelib.connectors.facebook.payloads import Conversations, Listing

    answer = json_object(result.body)
    try:
        if reply.private:
            return [conversation.messages for conversation in Conversations.model_validate(answer).data]
        return [Listing.model_validate(answer)]
    except ValidationError:
        raise _unclear() from None


def _could_be(posted: "Posted", reply: OutboundReply, since: datetime | None) -> bool:
    new_enough = since is None or posted.created_time >= since
    return new_enough and fold(posted.message or "") == fold(reply.text)


def _goes_on(listing: "Listing", since: datetime | None) -> bool:
    """Whether another page could hold something as new as our attempt: newest come first."""
    more = listing.paging is not None and listing.paging.next is not None
    return more and (since is None or not listing.data or listing.data[-1].created_time >= since)
