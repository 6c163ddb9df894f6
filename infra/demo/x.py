"""What X would post to our webhook: its three envelopes, with the fields that it really sends."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from infra.demo.airline import AIRLINE_ON_X as AIRLINE
from infra.demo.airline import InventedPerson

ID_EPOCH: Final = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
Json = dict[str, Any]


def snowflake(at: datetime, sequence: int = 0) -> str:
    """An id as X makes it: the time, then a number."""
    return str((int((at - ID_EPOCH) / timedelta(milliseconds=1)) << 22) + sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class XPost:
    """
    A post; `below` is the one it answers.

    `id` is that of X when the post is already there; else it follows from the time.
    """

    at: datetime
    by: InventedPerson
    text: str
    below: "XPost | None" = None
    id: str = field(default="")
    edits: "XPost | None" = None

    def __post_init__(self) -> None:
        """Give it its id."""
        if not self.id:
            object.__setattr__(self, "id", snowflake(self.at, int(self.by.id) % 1000))

    @property
    def conversation_id(self) -> str:
        return self.below.conversation_id if self.below else self.original.id

    @property
    def original(self) -> "XPost":
        return self.edits.original if self.edits else self

    @property
    def shown(self) -> str:
        """With the handle that X puts before an answer."""
        return f"@{self.below.by.handle} {self.text}" if self.below else self.text

    @property
    def shown_range(self) -> list[int]:
        return [len(self.shown) - len(self.text), len(self.shown)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectMessage:
    """A direct message."""

    at: datetime
    by: InventedPerson
    to: InventedPerson
    text: str

    @property
    def id(self) -> str:
        return snowflake(self.at)


# --- Account Activity ------------------------------------------------------------------------------------------------


def account_activity(*posts: XPost) -> bytes:
    """Posts by or about the airline."""
    return _for_user(tweet_create_events=[_post_v1(post) for post in posts])


def repost(by: InventedPerson, of: XPost, at: datetime) -> bytes:
    """Somebody passes a post of the airline on, without a word of their own."""
    told = _post_v1(XPost(at=at, by=by, text=f"RT @{of.by.handle}: {of.text}"))
    return _for_user(tweet_create_events=[told | {"retweeted_status": _post_v1(of)}])


def followed(by: InventedPerson, at: datetime) -> bytes:
    event = {"type": "follow", "created_timestamp": _millis(at), "target": _user_v1(AIRLINE), "source": _user_v1(by)}
    return _for_user(follow_events=[event])


def _for_user(**events: list[Json]) -> bytes:
    return _encoded({"for_user_id": AIRLINE.id, "user_has_blocked": False, **events})


def _post_v1(post: XPost) -> Json:
    parent = post.below
    told: Json = {
        "created_at": f"{post.at:%a %b %d %H:%M:%S +0000 %Y}",
        "id": int(post.id),
        "id_str": post.id,
        "text": post.shown,
        "truncated": False,
        "in_reply_to_status_id_str": parent.id if parent else None,
        "in_reply_to_user_id_str": parent.by.id if parent else None,
        "in_reply_to_screen_name": parent.by.handle if parent else None,
        "user": _user_v1(post.by),
        "is_quote_status": False,
        "retweet_count": 0,
        "favorite_count": 0,
        "entities": {"hashtags": [], "urls": [], "user_mentions": [_named_v1(p, at) for p, at in _named(post)]},
        "lang": "en",
        "timestamp_ms": _millis(post.at),
    }
    if parent:
        told["display_text_range"] = post.shown_range
    if post.edits:
        told["edit_history"] = {"initial_tweet_id": post.original.id, "edit_tweet_ids": [post.original.id, post.id]}
    return told


def _user_v1(person: InventedPerson) -> Json:
    return {
        "id": int(person.id),
        "id_str": person.id,
        "name": person.name,
        "screen_name": person.handle,
        "verified": person is AIRLINE,
        "followers_count": person.followers,
    }


def _named_v1(person: InventedPerson, start: int) -> Json:
    end = start + len(person.handle) + 1
    return {"screen_name": person.handle, "name": person.name, "id_str": person.id, "indices": [start, end]}


# --- X Activity ------------------------------------------------------------------------------------------------------


def activity(post: XPost, event_type: str) -> bytes:
    """The same post in the newer envelope, under the event that it made."""
    return _activity(event_type, _post_v2(post), includes={"users": [_user_v2(post.by), _user_v2(AIRLINE)]})


def liked(by: InventedPerson, post: XPost, at: datetime) -> bytes:
    payload = {"id": "1f9c", "created_at": _iso(at), "liked_tweet_id": post.id, "liked_tweet_author_id": post.by.id}
    return _activity("like.create", payload, includes={"users": [_user_v2(by)]})


def messaged(message: DirectMessage) -> bytes:
    """A direct message, from whichever side."""
    event = {
        "type": "message_create",
        "id": message.id,
        "created_timestamp": _millis(message.at),
        "message_create": {
            "target": {"recipient_id": message.to.id},
            "sender_id": message.by.id,
            "message_data": {"text": message.text, "entities": {"hashtags": [], "urls": [], "user_mentions": []}},
        },
    }
    people = {person.id: _user_v1(person) for person in (message.by, message.to)}
    kind = "dm.sent" if message.by is AIRLINE else "dm.received"
    return _activity(kind, {"direct_message_events": [event], "users": people})


def _activity(event_type: str, payload: Json, **more: Json) -> bytes:
    data = {"filter": {"user_id": AIRLINE.id}, "event_type": event_type, "tag": "care", "payload": payload, **more}
    return _encoded({"data": data})


def _post_v2(post: XPost) -> Json:
    told: Json = {
        "id": post.id,
        "created_at": _iso(post.at),
        "author_id": post.by.id,
        "text": post.shown,
        "display_text_range": post.shown_range,
        "conversation_id": post.conversation_id,
        "edit_history_tweet_ids": [post.id],
        "lang": "en",
        "public_metrics": {"retweet_count": 0, "reply_count": 0, "like_count": 0, "quote_count": 0},
        "entities": {"mentions": [_named_v2(person, start) for person, start in _named(post)]},
    }
    if post.below:
        told |= {
            "in_reply_to_tweet_id": post.below.id,
            "referenced_tweets": [{"type": "replied_to", "id": post.below.id}],
        }
    return told


def _user_v2(person: InventedPerson) -> Json:
    return {
        "id": person.id,
        "name": person.name,
        "username": person.handle,
        "verified": person is AIRLINE,
        "public_metrics": {"followers_count": person.followers},
    }


def _named_v2(person: InventedPerson, start: int) -> Json:
    return {"start": start, "end": start + len(person.handle) + 1, "username": person.handle, "id": person.id}


# --- Filtered Stream -------------------------------------------------------------------------------------------------


def stream(post: XPost) -> bytes:
    """A post that a rule of ours has matched, whether or not the airline was named."""
    return _encoded(
        {
            "data": _post_v2(post),
            "includes": {"users": [_user_v2(post.by)]},
            "matching_rules": [{"id": "1897000000000000001", "tag": "larkspur"}],
        }
    )


# --- shared ----------------------------------------------------------------------------------------------------------


def _named(post: XPost) -> list[tuple[InventedPerson, int]]:
    """Who is named where: the person answered, whose handle comes first, and the airline."""
    named = [(post.below.by, 0)] if post.below else []
    start = post.shown.find(f"@{AIRLINE.handle}")
    return named if start < 0 or (start == 0 and named) else [*named, (AIRLINE, start)]


def _millis(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.000Z}"


def _encoded(body: Json) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
