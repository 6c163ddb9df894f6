"""
What must be subscribed so that a Page is heard: the app's webhook for the object "page", and the app at the Page.

Sources: developers.facebook.com/docs/graph-api/webhooks/getting-started, /docs/graph-api/reference/app/subscriptions
and /docs/graph-api/reference/page/subscribed_apps, read 2026-12-01.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from chalicelib.connectors._kit.json import json_object
from chalicelib.connectors._kit.meta_graph import failure, succeeded
from chalicelib.ports.connector.calls import HttpResult

OBJECT = "page"
# Of the fields of a Page, those that become facts.
FIELDS = (
    "feed",
    "mention",
    "ratings",
    "messages",
    "message_echoes",
    "message_edits",
    "messaging_postbacks",
    "messaging_policy_enforcement",
)


def path_part(platform_id: str) -> str:
    """An id as a part of a path: ids come from outside, and none may change the path."""
    return quote(platform_id, safe="")


def listed(result: HttpResult) -> list[Mapping[str, Any]]:
    """The objects of a list that Graph answered. Raises DeliveryError when it answered an error."""
    if not succeeded(result):
        raise failure(None, result, {})
    data = json_object(result.body).get("data")
    return [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []


def field_names(value: object) -> frozenset[str]:
    """Of `subscribed_fields` (names) or of an app's `fields` (names, or objects with a name)."""
    found: Iterable[object] = value if isinstance(value, list) else ()
    names = (one.get("name") if isinstance(one, dict) else one for one in found)
    return frozenset(name for name in names if isinstance(name, str))


def lacking(names: frozenset[str]) -> str:
    """The fields that become facts and are not among `names`, for people; empty when there are none."""
    return ", ".join(name for name in FIELDS if name not in names)
