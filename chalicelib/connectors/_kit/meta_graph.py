"""
What every Meta product shares when it is answered: Graph API calls, and what its errors ask us to do next.

Sources: developers.facebook.com/docs/graph-api/securing-requests and
/guides/error-handling, read 2026-11-23.
"""

import hmac
import re
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from chalicelib.connectors._kit.json import json_object
from chalicelib.connectors._kit.values import read_id, read_time
from chalicelib.ports.connector.calls import Bearer, HttpCall, HttpResult
from chalicelib.ports.connector.replying import (
    DeliveryError,
    MaybeSent,
    NotAuthorised,
    OutboundReply,
    Receipt,
    Refused,
    SendContext,
    Throttled,
    Unavailable,
)

GRAPH = "https://graph.facebook.com"
# Meta retires a version about two years after its release: credentials may name another as `graph_version`.
GRAPH_VERSION = "v25.0"


def graph_call(
    context: SendContext,
    method: str,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
) -> HttpCall:
    """
    One call with the Page's token, and the proof that we hold the app secret too.

    The token travels in a header: query strings land in logs. Raises NotAuthorised when a credential is missing.
    """
    return _call(context, _credential(context, "page_token"), method, path, params=params, body=body)


def app_call(
    context: SendContext,
    app_id: str,
    method: str,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
) -> HttpCall:
    """One call as the app itself. Raises NotAuthorised when the app secret is missing."""
    return _call(context, f"{app_id}|{_credential(context, 'app_secret')}", method, path, params=params, body=body)


def _call(
    context: SendContext,
    token: str,
    method: str,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
) -> HttpCall:
    app_secret = _credential(context, "app_secret")
    version = context.credentials.get("graph_version") or GRAPH_VERSION
    return HttpCall(
        method=method,
        url=f"{(context.api_base or GRAPH).rstrip('/')}/{version}/{path}",
        auth=Bearer(token=token),
        params={**(params or {}), "appsecret_proof": appsecret_proof(token, app_secret)},
        json=body,
        posts=method == "POST",
    )


def _credential(context: SendContext, name: str) -> str:
    value = context.credentials.get(name)
    if not value:
        raise NotAuthorised(f"The channel has no {name}.", code="credentials_missing")
    return value


def appsecret_proof(token: str, app_secret: str) -> str:
    """Lower-case hex HMAC-SHA256 of the very token the call carries."""
    return hmac.new(app_secret.encode(), token.encode(), sha256).hexdigest()


# --- successes -------------------------------------------------------------------------------------------------


def receipt(result: HttpResult, id_field: str) -> Receipt | None:
    """The receipt in a successful answer; None when the answer is no success or holds no id."""
    answer = json_object(result.body) if succeeded(result) else {}
    message_id = read_id(answer.get(id_field))
    return Receipt(message_id=message_id, posted_at=read_time(answer.get("created_time"))) if message_id else None


def succeeded(result: HttpResult) -> bool:
    """Whether the status is one of success."""
    return HTTPStatus.OK <= result.status < HTTPStatus.MULTIPLE_CHOICES


# --- errors ----------------------------------------------------------------------------------------------------

THROTTLED = frozenset({4, 17, 32, 341, 613, *range(80001, 80010)})  # app, user, Page, other; business use cases
THROTTLED_S = 300.0  # limits slide over an hour (applications) or a day (Pages); taken when no header tells how long
BUSINESS_USAGE_HEADER = "x-business-use-case-usage"

UNKNOWN_FATE = frozenset({1, 2})  # "unknown" and "service": seen on calls that had taken effect
DUPLICATE = 506

Sentence = tuple[str, str]  # slug, and what the agent is told

TOKEN_INVALID: Sentence = ("token_invalid", "The platform no longer accepts the token of this account.")
STOPPED: Mapping[int, Sentence] = MappingProxyType(
    {
        102: TOKEN_INVALID,
        190: TOKEN_INVALID,  # any subcode: expired, password changed, app removed
        368: ("policy_block", "The platform has blocked this account for its policy."),
    }
)

PERMISSION: Sentence = ("permission_missing", "The app lacks a permission for this answer.")
NOT_FOUND: Sentence = ("not_found", "The message no longer exists, or the account cannot see it.")
BAD_REQUEST: Sentence = ("bad_request", "The platform does not accept this answer.")

Refusals = Mapping[tuple[int | None, int | None], Sentence]  # (code, subcode); None stands for any
REFUSED: Refusals = MappingProxyType(
    {
        **dict.fromkeys([(code, None) for code in (3, 10, *range(200, 300))], PERMISSION),
        (100, 33): NOT_FOUND,
        (100, None): BAD_REQUEST,
        (DUPLICATE, None): ("duplicate", "The same text was posted a moment ago."),
        (1609005, None): ("bad_link", "The platform could not open the link in the answer."),
    }
)


def failure(reply: OutboundReply | None, result: HttpResult, refusals: Refusals) -> DeliveryError:
    """
    The error that says what to do after an answer that is no success.

    Graph's code and subcode decide, since the HTTP status is 400 for nearly everything.
    `refusals` are the product's own permanent errors; of two that fit the one with a subcode counts.
    `reply` is None for a call that is no answer.
    """
    error = json_object(result.body).get("error")
    if isinstance(error, dict):
        return _graph_failure(reply, result, error, {**REFUSED, **refusals})
    return _http_failure(result)


def _graph_failure(
    reply: OutboundReply | None, result: HttpResult, error: Mapping[str, Any], refusals: Refusals
) -> DeliveryError:
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    if code in THROTTLED:
        return _throttled(result)
    if code in STOPPED:
        return _not_authorised(STOPPED[code])
    # After an attempt of unknown fate, "duplicate" most likely means that attempt.
    arrived_before = code == DUPLICATE and reply is not None and reply.first_tried_at is not None
    if arrived_before or code in UNKNOWN_FATE or error.get("is_transient") is True:
        return _unknown_fate()
    known = refusals.get((code, subcode)) or refusals.get((None, subcode)) or refusals.get((code, None))
    if known:
        return _refused(known)
    return _not_authorised(TOKEN_INVALID) if error.get("type") == "OAuthException" else _http_failure(result)


def _http_failure(result: HttpResult) -> DeliveryError:
    match result.status:
        case 0 if not result.sent:
            return Unavailable("The platform could not be reached.", code="no_connection")
        case HTTPStatus.UNAUTHORIZED:
            return _not_authorised(TOKEN_INVALID)
        case HTTPStatus.NOT_FOUND:
            return _refused(NOT_FOUND)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return _throttled(result)
        case HTTPStatus.BAD_REQUEST | HTTPStatus.FORBIDDEN | HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return _refused(BAD_REQUEST)
    return _unknown_fate()


def _refused(sentence: Sentence) -> Refused:
    return Refused(sentence[1], code=sentence[0])


def _not_authorised(sentence: Sentence) -> NotAuthorised:
    return NotAuthorised(sentence[1], code=sentence[0])


def _unknown_fate() -> MaybeSent:
    return MaybeSent("The platform gave no clear answer.", code="unknown_fate")


def _throttled(result: HttpResult) -> Throttled:
    wait_s = _regain_s(result.headers.get(BUSINESS_USAGE_HEADER, "")) or THROTTLED_S
    return Throttled("The platform asks us to slow down.", code="throttled", retry_after_s=wait_s)


def _regain_s(header: str) -> float:
    """Seconds until the longest used-up limit is free again; the header counts minutes. 0 when it does not say."""
    minutes = re.findall(r'"estimated_time_to_regain_access"\s*:\s*([0-9]{1,6})', header)
    return max((float(m) for m in minutes), default=0.0) * 60


def _number(value: object) -> int:
    """A code as a number, 0 when there is none."""
    return value if isinstance(value, int) else 0
