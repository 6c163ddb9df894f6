"""
Whether a Page can be heard and answered: its token, the token's permissions, and both halves of the subscription.

Sources: developers.facebook.com/docs/graph-api/reference/debug_token, and those
of `subscribing`, read 2026-12-01. Meta takes a Page whose Messenger deliveries
kept failing out of the subscription without a word.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.connectors._kit.json import json_object
from chalicelib.connectors._kit.meta_graph import app_call, failure, graph_call, succeeded
from chalicelib.connectors.facebook.subscribing import OBJECT, field_names, lacking, listed, path_part
from chalicelib.ports.connector.calls import Steps
from chalicelib.ports.connector.setup import Seen, SetupContext

SCOPES = ("pages_manage_metadata", "pages_read_engagement", "pages_manage_engagement", "pages_messaging")
SOON = timedelta(days=7)


def check(context: SetupContext) -> Steps[tuple[Seen, ...]]:
    """Token, permissions, the app's webhook, the Page's subscription. Raises DeliveryError without a good token."""
    page = path_part(context.account_id)
    result = yield graph_call(context, "GET", page, params={"fields": "id"})
    if not succeeded(result):
        raise failure(None, result, {})
    seen = [Seen(level="ok", text="the Page's token is good")]
    app_id = min(context.settings.app_ids, default=None)
    if app_id is None:
        text = "permissions and the app's webhook are not looked at: the channel does not know its app"
        seen.append(Seen(level="warn", text=text, command=f"channels set {context.channel} --app-id ID"))
    else:
        asked = {"input_token": context.credentials.get("page_token", "")}
        result = yield app_call(context, app_id, "GET", "debug_token", params=asked)
        if not succeeded(result):
            raise failure(None, result, {})
        seen += _token(json_object(result.body).get("data"), context)
        result = yield app_call(context, app_id, "GET", f"{path_part(app_id)}/subscriptions")
        seen += _app(listed(result), context)
    result = yield graph_call(context, "GET", f"{page}/subscribed_apps")
    seen += _page(listed(result), context, app_id)
    return tuple(seen)


def _token(data: object, context: SetupContext) -> Iterator[Seen]:
    """What debug_token says of permissions and of an end. 0 is no end."""
    told: Mapping[str, Any] = data if isinstance(data, dict) else {}
    scopes = field_names(told.get("scopes"))
    missing = ", ".join(scope for scope in SCOPES if scope not in scopes)
    if missing:
        yield Seen(
            level="fail",
            text=f"the token lacks permissions: {missing}",
            command=f"secrets set {context.channel} page_token --use send --account {context.account_id}",
        )
    else:
        yield Seen(level="ok", text="the token has every permission")
    ends = [told.get("expires_at"), told.get("data_access_expires_at")]
    seconds = min((end for end in ends if isinstance(end, int) and end > 0), default=None)
    if seconds is not None and seconds < (context.now + SOON).timestamp():
        day = datetime.fromtimestamp(seconds, UTC).date()
        yield Seen(
            level="warn",
            text=f"the token, or its access to data, ends on {day}",
            command=f"secrets set {context.channel} page_token --use send --account {context.account_id}",
        )


def _app(subscriptions: list[Mapping[str, Any]], context: SetupContext) -> Iterator[Seen]:
    """The app's half: which address Meta calls for Pages, and with what."""
    found = next((one for one in subscriptions if one.get("object") == OBJECT), None)
    if found is None or found.get("active") is not True:
        yield Seen(
            level="fail",
            text="the app has no active webhook for Pages: nothing is heard",
            command=f"webhooks register {context.channel}",
        )
        return
    missing = lacking(field_names(found.get("fields")))
    if context.callback_url and found.get("callback_url") != context.callback_url:
        yield Seen(
            level="fail",
            text="the app's webhook calls another address: nothing is heard",
            command=f"webhooks register {context.channel}",
        )
    elif missing:
        yield Seen(
            level="warn",
            text=f"the app's webhook does not tell of {missing}",
            command=f"webhooks register {context.channel}",
        )
    else:
        yield Seen(level="ok", text="the app's webhook tells of everything")


def _page(apps: list[Mapping[str, Any]], context: SetupContext, app_id: str | None) -> Iterator[Seen]:
    """The Page's half: which apps are told of it. Without an app id of ours any will do."""
    ours = [one for one in apps if app_id is None or one.get("id") == app_id]
    if not ours:
        yield Seen(
            level="fail",
            text="the app is not subscribed to the Page: nothing is heard",
            command=f"webhooks register {context.channel}",
        )
        return
    missing = lacking(frozenset().union(*(field_names(one.get("subscribed_fields")) for one in ours)))
    if missing:
        yield Seen(
            level="warn", text=f"the Page does not tell of {missing}", command=f"webhooks register {context.channel}"
        )
    else:
        yield Seen(level="ok", text="the Page tells of everything")
