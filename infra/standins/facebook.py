"""
A stand-in for the Graph API of one Facebook Page: comments, Messenger and subscriptions, with their checks.

It checks the token and the proof by code of its own, not by the connector's, and
answers errors as developers.facebook.com/docs/graph-api/guides/error-handling shows them (read 2026-11-23).
"""

import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from itertools import count, islice
from typing import Any
from urllib.parse import unquote

from infra.standins.base import Post, Standin, StandinAnswer, StandinCall

ROUTE = re.compile(
    r"/v\d+\.\d+/(?P<node>[^/]+)(/(?P<edge>comments|messages|conversations|subscriptions|subscribed_apps))?"
)
SCOPES = ("pages_manage_metadata", "pages_read_engagement", "pages_manage_engagement", "pages_messaging")
MESSAGE_LIMIT = 2000
CONVERSATION_PAGE = 20


def _now() -> datetime:
    return datetime.now(UTC)


class FacebookStandin(Standin):
    """
    The Graph API as seen with one Page's token, and as the app itself.

    `scopes` are the token's permissions, `app_webhook` is what the app is
    subscribed to, `page_fields` what the Page tells the app; tests change them.

    A post, as `posts` and `on_post` show it, has id, kind ("comment" or
    "message"), parent_id or customer_id, text, and created_at (ISO, UTC, whole seconds, told by `clock`).
    """

    def __init__(
        self,
        *,
        page_id: str,
        page_token: str,
        app_secret: str,
        page_name: str = "The Page",
        app_id: str = "700900",
        clock: Callable[[], datetime] = _now,
        port: int = 0,
        on_post: Callable[[Post], object] | None = None,
    ) -> None:
        super().__init__(port=port, on_post=on_post)
        self._page = {"id": page_id, "name": page_name}
        self._token = page_token
        self._app_id = app_id
        tokens = (page_token, f"{app_id}|{app_secret}")
        self._proofs = {token: hmac.new(app_secret.encode(), token.encode(), sha256).hexdigest() for token in tokens}
        self.scopes = list(SCOPES)
        self.app_webhook: dict[str, Any] = {}
        self.page_fields: list[str] = []
        self._clock = clock
        self._numbers = count(5_000_001)

    def answer(self, call: StandinCall) -> StandinAnswer:
        """Check the caller, then the call."""
        return self._refusal(call) or self._routed(call)

    def _refusal(self, call: StandinCall) -> StandinAnswer | None:
        token = call.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self._proofs:
            return error(190, "Invalid OAuth access token.")
        proof = call.query.get("appsecret_proof")
        if proof is None:
            return error(100, "API calls from the server require an appsecret_proof argument", "GraphMethodException")
        if not hmac.compare_digest(proof.encode(), self._proofs[token].encode()):
            return error(100, "Invalid appsecret_proof provided in the API argument", "GraphMethodException")
        return None

    def _routed(self, call: StandinCall) -> StandinAnswer:  # noqa: PLR0911  one for each kind of call
        found = ROUTE.fullmatch(call.path)
        if found is None:
            return error(2500, "Unknown path components")
        node = unquote(found["node"])
        match call.method, found["edge"]:
            case "POST", "comments":
                return self._comment(node, call)
            case "POST", "messages" if node == self._page["id"]:
                return self._message(call)
            case "GET", "comments":
                return self._comments(node, call)
            case "GET", "conversations" if node == self._page["id"]:
                return self._conversations(call)
            case "GET", None if node == self._page["id"]:
                return StandinAnswer(body=_picked(self._page, call.query.get("fields", "")))
        return self._about_the_app(node, found["edge"], call)

    def _about_the_app(self, node: str, edge: str | None, call: StandinCall) -> StandinAnswer:
        """Its token, its webhook, and its subscription to the Page."""
        is_app = call.headers["authorization"] != f"Bearer {self._token}"
        match call.method, edge:
            case "GET", None if node == "debug_token" and is_app:
                is_valid = call.query.get("input_token") == self._token
                told = {"app_id": self._app_id, "type": "PAGE", "is_valid": is_valid, "expires_at": 0}
                return StandinAnswer(body={"data": {**told, "scopes": self.scopes}})
            case "GET", "subscriptions" if node == self._app_id and is_app:
                return StandinAnswer(body={"data": [self.app_webhook] if self.app_webhook else []})
            case "POST", "subscriptions" if node == self._app_id and is_app:
                return self._subscribe_app(_json(call))
            case "GET", "subscribed_apps" if node == self._page["id"] and not is_app:
                app = {"id": self._app_id, "name": "The App", "subscribed_fields": self.page_fields}
                return StandinAnswer(body={"data": [app] if self.page_fields else []})
            case "POST" | "DELETE", "subscribed_apps" if node == self._page["id"] and not is_app:
                fields = _json(call).get("subscribed_fields", "") if call.method == "POST" else ""
                self.page_fields = [name for name in fields.split(",") if name]
                return StandinAnswer(body={"success": True})
        return error(100, "Unsupported request", "GraphMethodException", error_subcode=33)

    def _subscribe_app(self, body: Mapping[str, Any]) -> StandinAnswer:
        """Meta would test the address now; here nobody listens at it."""
        if not body.get("callback_url") or not body.get("verify_token"):
            return error(100, "Invalid parameter")
        fields = [{"name": name, "version": "v25.0"} for name in body.get("fields", "").split(",") if name]
        about = {"object": body.get("object"), "callback_url": body["callback_url"]}
        self.app_webhook = {**about, "active": True, "fields": fields}
        return StandinAnswer(body={"success": True})

    def _comment(self, parent_id: str, call: StandinCall) -> StandinAnswer:
        text = _json(call).get("message")
        if not isinstance(text, str) or not text.strip():
            return error(100, "Invalid parameter")
        post_part = parent_id.removeprefix(f"{self._page['id']}_").partition("_")[0]
        comment_id = f"{post_part}_{next(self._numbers)}"
        self._accept(kind="comment", id=comment_id, parent_id=parent_id, text=text)
        return StandinAnswer(body={"id": comment_id})

    def _message(self, call: StandinCall) -> StandinAnswer:
        body = _json(call)
        customer_id, text = _member(body, "recipient", "id"), _member(body, "message", "text")
        if not customer_id or not text or not self._is_allowed(body):
            return error(100, "Invalid parameter")
        if len(text) > MESSAGE_LIMIT:
            return error(100, "Length of param message[text] must be less than or equal to 2000")
        message_id = f"m_{next(self._numbers)}"
        self._accept(kind="message", id=message_id, customer_id=customer_id, text=text)
        return StandinAnswer(body={"recipient_id": customer_id, "message_id": message_id})

    @staticmethod
    def _is_allowed(body: Mapping[str, Any]) -> bool:
        """Within a day anything; later only what is marked as a person's (the stand-in knows no days)."""
        how = (body.get("messaging_type"), body.get("tag"))
        return how in (("RESPONSE", None), ("MESSAGE_TAG", "HUMAN_AGENT"))

    def _accept(self, **post: str) -> None:
        created_at = self._clock().astimezone(UTC).replace(microsecond=0)
        self.accept({**post, "created_at": created_at.isoformat()})

    def _comments(self, parent_id: str, call: StandinCall) -> StandinAnswer:
        limit = int(call.query.get("limit", "25"))
        newest_first = call.query.get("order") == "reverse_chronological"
        below = [post for post in self.posts if post.get("parent_id") == parent_id]
        ordered = below[::-1] if newest_first else below
        paging = {"next": f"{self.url}/next"} if len(ordered) > limit else {}
        return StandinAnswer(body={"data": self._listed(ordered, limit, call), "paging": paging})

    def _conversations(self, call: StandinCall) -> StandinAnswer:
        customer_id = call.query.get("user_id")
        sent = [post for post in reversed(self.posts) if post.get("customer_id") == customer_id]
        messages = {"data": self._listed(sent, CONVERSATION_PAGE, call)}
        return StandinAnswer(body={"data": [{"id": f"t_{customer_id}", "messages": messages}] if sent else []})

    def _listed(self, posts: Iterable[Post], limit: int, call: StandinCall) -> list[dict[str, Any]]:
        """Only the fields that were asked for, as Graph does: a connector that forgets one must notice."""
        return [_picked(self._shown(post), call.query.get("fields", "")) for post in islice(posts, limit)]

    def _shown(self, post: Post) -> dict[str, Any]:
        created_time = post["created_at"].replace("+00:00", "+0000")
        return {"id": post["id"], "message": post["text"], "from": self._page, "created_time": created_time}


def error(code: int, message: str, kind: str = "OAuthException", **more: Any) -> StandinAnswer:
    """An error in Graph's form, with its usual status, which is 400 for nearly everything."""
    told = {"message": message, "type": kind, "code": code, **more, "fbtrace_id": "Standin"}
    return StandinAnswer(status=HTTPStatus.BAD_REQUEST, body={"error": told})


def _picked(item: Mapping[str, Any], fields: str) -> dict[str, Any]:
    wanted = set(re.findall(r"\w+", fields)) | {"id"}
    return {name: value for name, value in item.items() if name in wanted}


def _json(call: StandinCall) -> dict[str, Any]:
    try:
        body = json.loads(call.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _member(body: Mapping[str, Any], outer: str, inner: str) -> str | None:
    found = body.get(outer)
    value = found.get(inner) if isinstance(found, dict) else None
    return value if isinstance(value, str) else None
