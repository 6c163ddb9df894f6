"""Calls of the board, and what its statuses mean."""

from collections.abc import Mapping
from typing import Any

from chalicelib.connectors._kit.json import json_object
from chalicelib.ports.connector.calls import ApiKey, HttpCall, HttpResult
from chalicelib.ports.connector.replying import (
    DeliveryError,
    MaybeSent,
    NotAuthorised,
    Refused,
    Throttled,
    Unavailable,
)

HOST = "https://corkboard.example"


def board_call(context: Any, method: str, path: str, **more: Any) -> HttpCall:
    key = context.credentials.get("key")
    if not key:
        raise NotAuthorised("The channel has no key.", code="credentials_missing")
    return HttpCall(
        method=method, url=f"{context.api_base or HOST}{path}", auth=ApiKey(header="X-Cork-Key", value=key), **more
    )


def told(result: HttpResult) -> Mapping[str, Any]:
    if 200 <= result.status < 300:
        return json_object(result.body)
    raise _failure(result)


def _failure(result: HttpResult) -> DeliveryError:
    match result.status:
        case 0 if not result.sent:
            return Unavailable("The board could not be reached.", code="no_connection")
        case 401:
            return NotAuthorised("The board does not take the key.", code="key")
        case 429:
            return Throttled("The board asks us to slow down.", code="throttled", retry_after_s=30)
        case 400 | 403 | 404 | 413:
            return Refused("The board does not take this.", code="refused")
    return MaybeSent("The board gave no clear answer.", code="unknown_fate")
