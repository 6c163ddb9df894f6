"""
The routes that platforms call: `/webhooks/<platform>/<channel>`.

Light at the top: a cold start loads Chalice, this, and what one delivery needs.
"""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from chalice import Blueprint, Response

from chalicelib import bootstrap, connectors
from chalicelib.adapters import clock
from chalicelib.adapters.logs import log_line
from chalicelib.entrypoints import edge
from chalicelib.ports.connector.receiving import (
    Answer,
    HandshakeRefused,
    InboundRequest,
    RequestRefused,
    SignatureInvalid,
    SignatureMissing,
)
from chalicelib.ports.secrets import SecretMissing

bp = Blueprint(__name__)

_ANY_TYPE = ["*/*"]  # Chalice's own 415 would not look like our errors
_JSON: dict[str, str | list[str]] = {"Content-Type": "application/json"}


@bp.route("/health", methods=["GET"])
def health() -> dict[str, bool]:
    """Whether the functions run; it looks at nothing else."""
    log_line(message="health", level="info")
    return {"ok": True}


def _answered(route: Callable[[str, str], Response]) -> Callable[[str, str], Response]:
    """Errors as plain sentences with the right status. What we do not expect is a 503: the platform sends again."""

    @wraps(route)
    def wrapper(platform: str, channel: str) -> Response:
        try:
            return route(platform, channel)
        except connectors.UnknownPlatform as error:
            return _unproven(None, None, error)
        except SecretMissing as error:
            return _unproven(platform, None, error)
        except (SignatureMissing, SignatureInvalid, HandshakeRefused) as error:
            return _unproven(platform, f"{platform}.{channel}", error)
        except RequestRefused as error:
            _refused(None, error.status, error)
            return _error(error.status, type(error).__name__, str(error))
        except Exception as error:  # noqa: BLE001  whatever it is, nothing was accepted and the platform must know
            log_line(level="error", message="not accepted", error=type(error).__name__)
            return _error(503, "not_accepted", "Nothing was stored. Send it again.")

    return wrapper


@bp.route("/webhooks/{platform}/{channel}", methods=["GET"], content_types=_ANY_TYPE)
@_answered
def handshake(platform: str, channel: str) -> Response:
    """The platform tests the URL."""
    from chalicelib.usecases.receive import shake_hands

    connector, facts = connectors.webhook(platform), connectors.webhook_facts(platform)
    answer = shake_hands(_request(platform, channel), connector, facts, bootstrap.parameters())
    log_line(level="info", message="handshake", channel=f"{platform}.{channel}")
    return _response(answer)


@bp.route("/webhooks/{platform}/{channel}", methods=["POST"], content_types=_ANY_TYPE)
@_answered
def delivery(platform: str, channel: str) -> Response:
    """The platform delivers."""
    from chalicelib.usecases.receive import receive

    connector, facts = connectors.webhook(platform), connectors.webhook_facts(platform)
    request = _request(platform, channel)
    answer = receive(request, connector, facts, bootstrap.receive_ports())
    log_line(level="info", message="accepted", channel=request.channel, request_id=request.request_id)
    return _response(answer)


def _response(answer: Answer) -> Response:
    headers: dict[str, str | list[str]] = {**answer.headers, "Content-Type": answer.content_type}
    return Response(body=answer.body, status_code=answer.status, headers=headers)


def _request(platform: str, channel: str) -> InboundRequest:
    if not edge.CHANNEL.fullmatch(channel):
        raise connectors.UnknownPlatform(channel)
    request = bp.current_request
    query = dict(request.query_params or {})
    return InboundRequest(
        platform=platform,
        channel=f"{platform}.{channel}",
        method=request.method,
        url=_public_url(request.context, query),
        headers={name.lower(): value for name, value in request.headers.items()},
        query=query,
        body=cast("bytes", request.raw_body),  # Chalice has undone API Gateway's base64
        received_at=bootstrap.now()(),
        request_id=clock.new_id(),
    )


def _public_url(context: Mapping[str, Any], query: Mapping[str, str]) -> str:
    """
    Our address as the platform called it, by what API Gateway says of it: no header that anybody may set.

    The query comes decoded: a platform that signs another spelling of it needs plain values.
    """
    address = f"https://{context.get('domainName', '')}{context.get('path', '')}"
    return f"{address}?{urlencode(query, errors='replace')}" if query else address


def _unproven(platform: str | None, channel: str | None, error: Exception) -> Response:
    """One answer to whoever cannot prove who they are: it does not tell which channels are connected. The log does."""
    refused = connectors.webhook_facts(platform).refused if platform else None
    if refused is not None:
        _refused(channel, refused.status, error)
        return _response(refused)
    _refused(channel, 404, error)
    text = "No connected channel takes this request. Check the webhook's address and its secret."
    return _error(404, "no_such_channel", text)


def _refused(channel: str | None, status: int, error: Exception) -> None:
    """`channel` is one that is connected: any other name in an address is a stranger's text."""
    log_line(level="warning", message="refused", channel=channel, status=status, error=type(error).__name__)


def _error(status: int, code: str, message: str) -> Response:
    return Response(body=json.dumps({"error": code, "message": message}), status_code=status, headers=_JSON)
