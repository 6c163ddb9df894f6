"""
Make Meta tell us of a Page: the app's webhook, then the app's subscription to the Page. Both have no end.

Sources: those of `subscribing`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from chalicelib.connectors._kit.meta_graph import Refusals, app_call, failure, graph_call, succeeded
from chalicelib.connectors.facebook.subscribing import FIELDS, OBJECT, field_names, listed, path_part
from chalicelib.ports.connector.calls import HttpCall, Steps
from chalicelib.ports.connector.replying import Refused
from chalicelib.ports.connector.setup import SetupContext, Subscription

REFUSALS: Refusals = MappingProxyType(
    {(2200, None): ("callback_failed", "Meta tested the webhook's address, and did not get the answer it wants.")}
)


def register(context: SetupContext) -> Steps[tuple[Subscription, ...]]:
    """Both halves, then what there is. Meta tests the address with a handshake first. Raises DeliveryError."""
    app_id = _app_id(context)
    if not context.callback_url or not context.verify.verify_token:
        raise Refused("The webhook has no address, or the channel no verify_token.", code="incomplete")
    app = {
        "object": OBJECT,
        "callback_url": context.callback_url,
        "verify_token": context.verify.verify_token,
        "fields": ",".join(FIELDS),
        "include_values": "true",  # else a delivery holds names of fields only
    }
    page = {"subscribed_fields": ",".join(FIELDS)}
    yield from _done(app_call(context, app_id, "POST", f"{path_part(app_id)}/subscriptions", body=app))
    yield from _done(graph_call(context, "POST", f"{path_part(context.account_id)}/subscribed_apps", body=page))
    return (yield from subscriptions(context))


def subscriptions(context: SetupContext) -> Steps[tuple[Subscription, ...]]:
    """What the app and the Page say. Raises DeliveryError."""
    app_id = _app_id(context)
    result = yield app_call(context, app_id, "GET", f"{path_part(app_id)}/subscriptions")
    app = [_of_app(one) for one in listed(result) if one.get("object") == OBJECT]
    result = yield graph_call(context, "GET", f"{path_part(context.account_id)}/subscribed_apps")
    page = [_of_page(one, context) for one in listed(result) if one.get("id") == app_id]
    return (*app, *page)


def renew(context: SetupContext) -> Steps[tuple[Subscription, ...]]:
    """The same as `register`: nothing ends by itself, but Meta takes out a Page whose deliveries kept failing."""
    return (yield from register(context))


def unregister(context: SetupContext) -> Steps[tuple[Subscription, ...]]:
    """The Page's half only: the app's webhook may serve other Pages. Raises DeliveryError."""
    yield from _done(graph_call(context, "DELETE", f"{path_part(context.account_id)}/subscribed_apps"))
    return (yield from subscriptions(context))


def _app_id(context: SetupContext) -> str:
    app_id = min(context.settings.app_ids, default=None)
    if app_id is None:
        raise Refused("The channel does not know its app: set it as --app-id of the channel.", code="no_app")
    return app_id


def _done(call: HttpCall) -> Steps[None]:
    result = yield call
    if not succeeded(result):
        raise failure(None, result, REFUSALS)


def _of_app(one: Mapping[str, Any]) -> Subscription:
    url = one.get("callback_url")
    return Subscription(
        what=f"the app's webhook for Pages: {_told(one.get('fields'))}",
        url=url if isinstance(url, str) else None,
        is_active=one.get("active") is True,
    )


def _of_page(one: Mapping[str, Any], context: SetupContext) -> Subscription:
    return Subscription(what=f"the Page {context.account_id}: {_told(one.get('subscribed_fields'))}")


def _told(fields: object) -> str:
    return ", ".join(sorted(field_names(fields))) or "nothing"
