"""
The envelopes that share one URL, told apart by their top-level keys.

Rules: https://docs.x.com/x-api/account-activity/introduction,
https://docs.x.com/x-api/activity/event-payloads and
https://docs.x.com/x-api/webhooks/stream/introduction, read 2026-08-22.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from chalicelib.connectors._kit.items import Found, an_object, collected, each, objects, reason_of
from chalicelib.connectors.x import messages, posts
from chalicelib.connectors.x import payloads as p
from chalicelib.connectors.x.hearing import Hearing
from chalicelib.domain.facts import Author, FactKind, TroubleKind
from chalicelib.ports.connector.parsing import ChannelSettings, Ignored, Parsed, Unreadable
from chalicelib.ports.connector.receiving import InboundRequest

Raw = Mapping[str, Any]
ACCOUNT = TypeAdapter(p.Id)

# What Account Activity says beside its events.
BESIDE = frozenset({"for_user_id", "users", "apps", "user_has_blocked", "is_blocked_by"})
# The opposite of each arrives under the same key and says so in its `type`.
ENGAGEMENT = {
    "favorite_events": "like",
    "follow_events": "follow",
    "block_events": "block",
    "mute_events": "mute",
    "direct_message_indicate_typing_events": "typing",
    "direct_message_mark_read_events": "read",
}
OPPOSITES = frozenset({"unfollow", "unblock", "unmute"})
# X Activity, by the part of the event type before the first dot, or the whole of it.
ACTIVITY = {
    "post.repost.create": "repost",
    "dm.read": "read",
    "dm.indicate_typing": "typing",
    "chat.conversation_join": "chat_join",
    "like": "like",
    "follow": "follow",
    "mute": "mute",
    "block": "block",
    "profile": "profile_update",
    "spaces": "space",
}


def parse(request: InboundRequest, settings: ChannelSettings) -> Parsed:
    """The facts of a body. Raises Unreadable, whose message holds nothing that anyone wrote."""
    hearing = Hearing(request=request, settings=settings)
    body = _decoded(request.body)
    try:
        parsed = collected(_envelope(body)(body, hearing))
    except ValidationError as error:
        raise Unreadable(reason_of(error)) from None
    if parsed == Parsed():
        return Parsed(ignored=(Ignored(what="no_events", reason="The envelope was empty."),))
    return parsed


def _decoded(body: bytes) -> Raw:
    try:
        decoded = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("The body is not JSON.") from None
    if not isinstance(decoded, dict):
        raise Unreadable("The body is not a JSON object.")
    return decoded


def _envelope(body: Raw) -> Callable[[Raw, Hearing], Iterator[Found]]:
    data = body.get("data")
    if "replay_job_status" in body:
        return _replay_status
    if "for_user_id" in body or "user_event" in body:
        return _account_activity
    if isinstance(data, dict) and "event_type" in data:
        return _x_activity
    if isinstance(data, dict) and "id" in data and "matching_rules" in body:
        return _filtered_stream
    raise Unreadable("None of the envelopes that X sends.")


# --- Account Activity ------------------------------------------------------------------------------------------------


def _account_activity(body: Raw, hearing: Hearing) -> Iterator[Found]:
    if "for_user_id" in body:
        hearing = replace(hearing, account_id=ACCOUNT.validate_python(body["for_user_id"]))
    yield from each((name for name in body if name not in BESIDE), lambda key: _events(key, body, hearing))


def _events(key: str, body: Raw, hearing: Hearing) -> Iterator[Found]:
    if key == "user_event":
        return _user_event(body[key], hearing)
    return each(objects(body[key], "an Account Activity key"), lambda item: _event(key, an_object(item), body, hearing))


def _event(key: str, element: Raw, body: Raw, hearing: Hearing) -> Iterator[Found]:
    if key == "tweet_create_events":
        yield from posts.read_v1(element, hearing)
    elif key == "direct_message_events":
        yield from messages.read(element, body.get("users"), hearing)
    elif key == "tweet_delete_events":
        deletion = p.Deletion.model_validate(element)
        yield _deleted(deletion.status, deletion.deleted_at, hearing)
    else:
        yield _engagement(key, element)


def _engagement(key: str, element: Raw) -> Ignored:
    opposite = element.get("type")
    if key in ENGAGEMENT and isinstance(opposite, str) and opposite in OPPOSITES:
        return _no_fact(opposite)
    return _no_fact(ENGAGEMENT.get(key, "unknown_event"))


def _user_event(event: object, hearing: Hearing) -> Iterator[Found]:
    revoke = event.get("revoke") if isinstance(event, dict) else None
    yield _revoked(revoke, hearing) if isinstance(revoke, dict) else _no_fact("unknown_event")


# --- X Activity ------------------------------------------------------------------------------------------------------


def _x_activity(body: Raw, hearing: Hearing) -> Iterator[Found]:
    event_type = body["data"]["event_type"]
    if not isinstance(event_type, str):
        raise Unreadable("An event type that is no text.")
    ignored = _known_to_be_none(event_type)
    if ignored or event_type not in ACTIVITY_READERS:
        yield _no_fact(ignored or "unknown_event")
        return
    event = p.Event.model_validate(body["data"])
    yield from ACTIVITY_READERS[event_type](event, replace(hearing, account_id=event.filter.user_id))


def _known_to_be_none(event_type: str) -> str | None:
    """The slug of an event type that makes no fact."""
    if event_type.endswith(tuple(f".{word}" for word in OPPOSITES)):
        return event_type.rpartition(".")[2]
    return ACTIVITY.get(event_type) or ACTIVITY.get(event_type.partition(".")[0])


def _post(event: p.Event, hearing: Hearing) -> Iterator[Found]:
    return posts.read_v2(event.payload, event.includes, hearing)


def _summoning_post(event: p.Event, hearing: Hearing) -> Iterator[Found]:
    return posts.read_v2(event.payload, event.includes, hearing, summons=True)


def _post_deletion(event: p.Event, hearing: Hearing) -> Iterator[Found]:
    yield _deleted(p.DeletedStatus.model_validate(event.payload), None, hearing)


def _messages(event: p.Event, hearing: Hearing) -> Iterator[Found]:
    people = event.payload.get("users")
    elements = objects(event.payload.get("direct_message_events"), "direct_message_events")
    return each(elements, lambda item: messages.read(an_object(item), people, hearing))


def _revocation(event: p.Event, hearing: Hearing) -> Iterator[Found]:
    yield _revoked(event.payload, hearing)


ACTIVITY_READERS: Mapping[str, Callable[[p.Event, Hearing], Iterator[Found]]] = {
    "post.create": _post,
    "post.reply.create": _post,
    "post.mention.create": _summoning_post,  # fires only for a handle that was typed
    "post.quote.create": _summoning_post,
    "post.delete": _post_deletion,
    "dm.received": _messages,
    "dm.sent": _messages,
    "chat.received": lambda event, hearing: messages.read_chat(event.payload, hearing),
    "chat.sent": lambda event, hearing: messages.read_sent_chat(event.payload, hearing),
    "oauth.revoke": _revocation,
}


# --- Filtered Stream, replay -----------------------------------------------------------------------------------------


def _filtered_stream(body: Raw, hearing: Hearing) -> Iterator[Found]:
    includes = body.get("includes")
    return posts.read_v2(
        body["data"], p.Includes.model_validate(includes) if isinstance(includes, dict) else None, hearing
    )


def _replay_status(body: Raw, hearing: Hearing) -> Iterator[Found]:
    status = body["replay_job_status"]
    state = status.get("job_state") if isinstance(status, dict) else None
    if state == "Complete":
        yield Ignored(what="replay_complete", reason="A replay that was asked for has ended.")
    elif isinstance(state, str):
        detail = "X could not deliver every event of a replay: ask for it again."
        yield hearing.trouble(TroubleKind.REPLAY_INCOMPLETE, None, detail)
    else:
        raise Unreadable("A replay status without its state.")


# --- shared ----------------------------------------------------------------------------------------------------------


def _deleted(status: p.DeletedStatus, deleted_at: p.Millis, hearing: Hearing) -> Found:
    return hearing.fact(
        kind=FactKind.DELETE,
        account_id=hearing.account_id or status.user_id or "",
        message_id=status.id,
        occurred_at=deleted_at,
        author=Author(id=status.user_id) if status.user_id else None,
    )


def _revoked(raw: Raw, hearing: Hearing) -> Found:
    user_id = p.Revocation.model_validate(raw).user_id
    detail = "The account took back our application's access: connect it again."
    return hearing.trouble(TroubleKind.ACCESS_REVOKED, user_id, detail)


def _no_fact(slug: str) -> Ignored:
    known = "Happens around conversations, but is no part of one."
    return Ignored(what=slug, reason="Not a kind of event that we know." if slug == "unknown_event" else known)
