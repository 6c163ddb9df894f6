"""
A stand-in for the X API of one account: posts below others', direct messages, and the look at both.

OAuth 1.0a is checked by oauthlib's own server side. Answers have the form shown
at https://docs.x.com/x-api/posts/manage-tweets/introduction (read 2026-08-22).
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from typing import Any
from urllib.parse import unquote, urlencode

from oauthlib.common import Request
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, RequestValidator, SignatureOnlyEndpoint

from infra.standins.base import Post, Standin, StandinAnswer, StandinCall

POSTS = "/2/tweets"
TIMELINE = re.compile(r"/2/users/(?P<who>[^/]+)/tweets")
CONVERSATION = re.compile(r"/2/dm_conversations/with/(?P<who>[^/]+)/(?P<what>messages|dm_events)")
LINK = re.compile(r"https?://\S+")
ID_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
TIME = "%Y-%m-%dT%H:%M:%SZ"
PAGE = 10  # without max_results


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The credentials that it accepts, under the names by which the channel's secret holds them."""

    consumer_key: str
    consumer_secret: str
    token: str
    token_secret: str


class XStandin(Standin):
    """
    The API as seen with one account's token.

    A post, as `posts` and `on_post` show it, has id, kind ("post" or
    "message"), text as it was sent, created_at (ISO, UTC, whole seconds, told
    by `clock`), and parent_id (None for a post of its own) or customer_id.
    `handles` names whom a reply addresses, by parent id: X puts that before
    the text.
    """

    def __init__(
        self,
        *,
        account_id: str,
        credentials: Mapping[str, str],
        handles: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] = _now,
        port: int = 0,
        on_post: Callable[[Post], object] | None = None,
    ) -> None:
        super().__init__(port=port, on_post=on_post)
        self._account_id = account_id
        self._handles = handles or {}
        self._clock = clock
        self._numbers = count(1)
        self._oauth = SignatureOnlyEndpoint(_Validator(Keys(**credentials)))

    def answer(self, call: StandinCall) -> StandinAnswer:
        """Check the signature, then the call."""
        return self._routed(call) if self._is_signed(call) else problem(HTTPStatus.UNAUTHORIZED, "Unauthorized")

    def _is_signed(self, call: StandinCall) -> bool:
        uri = self.url + call.path + (f"?{urlencode(call.query)}" if call.query else "")
        # A JSON body is not part of what OAuth 1.0a signs.
        valid, _ = self._oauth.validate_request(uri, call.method, None, dict(call.headers))
        return bool(valid)

    def _routed(self, call: StandinCall) -> StandinAnswer:
        timeline, conversation = TIMELINE.fullmatch(call.path), CONVERSATION.fullmatch(call.path)
        if call.method == "POST" and call.path == POSTS:
            return self._post(_json(call))
        if call.method == "GET" and timeline and unquote(timeline["who"]) == self._account_id:
            return self._timeline(call)
        if conversation and (call.method, conversation["what"]) == ("POST", "messages"):
            return self._message(unquote(conversation["who"]), _json(call))
        if conversation and (call.method, conversation["what"]) == ("GET", "dm_events"):
            return self._conversation(unquote(conversation["who"]), call)
        return problem(HTTPStatus.NOT_FOUND, "Not Found Error", "resource-not-found")

    def _post(self, body: Mapping[str, Any]) -> StandinAnswer:
        text, reply = body.get("text"), body.get("reply")
        parent_id = reply.get("in_reply_to_tweet_id") if isinstance(reply, dict) else None
        if not isinstance(text, str) or not text.strip():
            return problem(HTTPStatus.BAD_REQUEST, "Invalid Request", "invalid-request")
        if any((post["text"], post.get("parent_id")) == (text, parent_id) for post in self.posts):
            detail = "You are not allowed to create a Tweet with duplicate content."
            return problem(HTTPStatus.FORBIDDEN, "Forbidden", detail=detail)
        post = self._accepted(kind="post", text=text, parent_id=parent_id)
        return StandinAnswer(
            status=HTTPStatus.CREATED, body={"data": {"id": post["id"], "text": self._shown_text(post)}}
        )

    def _message(self, customer_id: str, body: Mapping[str, Any]) -> StandinAnswer:
        text = body.get("text")
        if not isinstance(text, str) or not text.strip():
            return problem(HTTPStatus.BAD_REQUEST, "Invalid Request", "invalid-request")
        post = self._accepted(kind="message", text=text, customer_id=customer_id)
        conversation_id = "-".join(sorted((self._account_id, customer_id), key=int))
        data = {"dm_conversation_id": conversation_id, "dm_event_id": post["id"]}
        return StandinAnswer(status=HTTPStatus.CREATED, body={"data": data})

    def _accepted(self, **post: str | None) -> Post:
        now = self._clock().astimezone(UTC)
        millis = int((now - ID_EPOCH) / timedelta(milliseconds=1))
        accepted = {"id": str((millis << 22) + next(self._numbers)), **post}
        accepted["created_at"] = now.replace(microsecond=0).isoformat()
        self.accept(accepted)
        return accepted

    def _timeline(self, call: StandinCall) -> StandinAnswer:
        try:
            since = datetime.strptime(call.query.get("start_time", "2010-11-06T00:00:00Z"), TIME).replace(tzinfo=UTC)
        except ValueError:
            return problem(HTTPStatus.BAD_REQUEST, "Invalid Request", "invalid-request")
        posts = [post for post in self.posts if post["kind"] == "post" and _created_at(post) >= since]
        return _page([self._shown_post(post) for post in reversed(posts)], "tweet.fields", call)

    def _conversation(self, customer_id: str, call: StandinCall) -> StandinAnswer:
        messages = [post for post in self.posts if post.get("customer_id") == customer_id]
        return _page([self._shown_message(post) for post in reversed(messages)], "dm_event.fields", call)

    def _shown_post(self, post: Post) -> dict[str, Any]:
        parent_id = post["parent_id"]
        shown = {
            "id": post["id"],
            "text": self._shown_text(post),
            "edit_history_tweet_ids": [post["id"]],
            "created_at": f"{_created_at(post):%Y-%m-%dT%H:%M:%S.000Z}",
            "conversation_id": parent_id or post["id"],
        }
        return shown | ({"referenced_tweets": [{"type": "replied_to", "id": parent_id}]} if parent_id else {})

    def _shown_message(self, post: Post) -> dict[str, Any]:
        return {
            "id": post["id"],
            "text": _shortened(post["text"]),
            "event_type": "MessageCreate",
            "sender_id": self._account_id,
            "created_at": f"{_created_at(post):%Y-%m-%dT%H:%M:%S.000Z}",
        }

    def _shown_text(self, post: Post) -> str:
        handle = self._handles.get(post["parent_id"] or "")
        return (f"@{handle} " if handle else "") + _shortened(post["text"])


class _Validator(RequestValidator):  # type: ignore[misc] # oauthlib has no types
    """Knows one application and one token. Keys may have any length: those of the tests are words."""

    enforce_ssl = False
    allowed_signature_methods = (SIGNATURE_HMAC_SHA1,)
    client_key_length = access_token_length = (1, 200)
    nonce_length = (8, 60)
    dummy_client = "nobody"

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self._keys = keys
        self._seen: set[tuple[str, str]] = set()

    @property
    def safe_characters(self) -> set[str]:
        return {*super().safe_characters, "-", "_"}

    def validate_client_key(self, client_key: str, _: Request) -> bool:
        return client_key == self._keys.consumer_key

    def validate_timestamp_and_nonce(
        self, _client_key: str, timestamp: str, nonce: str, _: Request, **__: object
    ) -> bool:
        fresh = (timestamp, nonce) not in self._seen
        self._seen.add((timestamp, nonce))
        return fresh

    def get_client_secret(self, client_key: str, _: Request) -> str:
        return self._keys.consumer_secret if client_key == self._keys.consumer_key else "no secret"

    def get_access_token_secret(self, _client_key: str, token: str, _: Request) -> str:
        return self._keys.token_secret if token == self._keys.token else "no secret"


def problem(status: HTTPStatus, title: str, kind: str = "", *, detail: str = "") -> StandinAnswer:
    """An error in the v2 form."""
    url = f"https://api.twitter.com/2/problems/{kind}" if kind else "about:blank"
    return StandinAnswer(
        status=status, body={"title": title, "detail": detail or title, "type": url, "status": int(status)}
    )


def _page(items: list[dict[str, Any]], fields: str, call: StandinCall) -> StandinAnswer:
    """Newest first, and only the fields that were asked for: a connector that forgets one must notice."""
    size = int(call.query.get("max_results", PAGE))
    wanted = {"id", "text", "edit_history_tweet_ids", "event_type", *call.query.get(fields, "").split(",")}
    shown = [{name: value for name, value in item.items() if name in wanted} for item in items[:size]]
    meta = {"result_count": len(shown), **({"next_token": "7140dibdnow9c"} if len(items) > size else {})}
    return StandinAnswer(body={"data": shown, "meta": meta} if shown else {"meta": meta})


def _shortened(text: str) -> str:
    """As X shows a text: links behind its own, three characters escaped."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return LINK.sub("https://t.co/0123456789", escaped)


def _created_at(post: Post) -> datetime:
    return datetime.fromisoformat(post["created_at"])


def _json(call: StandinCall) -> dict[str, Any]:
    try:
        body = json.loads(call.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
