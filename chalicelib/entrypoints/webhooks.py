"""
The routes that platforms call: `/webhooks/<platform>/<channel>`.

Light at the top: a cold start loads Chalice, this, and what one delivery needs.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import cast

from chalice import Blueprint, Response

from chalicelib import bootstrap, connectors
from chalicelib.adapters import clock
from chalicelib.adapters.logs import log_line
from chalicelib.entrypoints import edge
from chalicelib.ports.connector.receiving import (
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
        except (connectors.UnknownPlatform, SecretMissing) as error:
            return _unproven(None, error)
        except (SignatureMissing, SignatureInvalid, HandshakeRefused) as error:
            return _unproven(f"{platform}.{channel}", error)
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

    connector = connectors.webhook(platform)
    answer = shake_hands(_request(platform, channel), connector, bootstrap.parameters())
    log_line(level="info", message="handshake", channel=f"{platform}.{channel}")
    return Response(body=answer.body, headers={"Content-Type": answer.content_type})


@bp.route("/webhooks/{platform}/{channel}", methods=["POST"], content_types=_ANY_TYPE)
@_answered
def delivery(platform: str, channel: str) -> Response:
    """The platform delivers."""
    from chalicelib.usecases.receive import receive

    connector = connectors.webhook(platform)
    request = _request(platform, channel)
    receive(request, connector, bootstrap.receive_ports())
    log_line(level="info", message="accepted", channel=request.channel, request_id=request.request_id)
    return Response(body=json.dumps({"accepted": request.request_id}), headers=_JSON)


def _request(platform: str, channel: str) -> InboundRequest:
    if not edge.CHANNEL.fullmatch(channel):
        raise connectors.UnknownPlatform(channel)
    request = bp.current_request
    return InboundRequest(
        platform=platform,
        channel=f"{platform}.{channel}",
        method=request.method,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=dict(request.query_params or {}),
        body=cast("bytes", request.raw_body),  # Chalice has undone API Gateway's base64
        received_at=bootstrap.now()(),
        request_id=clock.new_id(),
    )


def _unproven(channel: str | None, error: Exception) -> Response:
    """One answer to whoever cannot prove who they are: it does not tell which channels are connected. The log does."""
    _refused(channel, 404, error)
    text = "No connected channel takes this request. Check the webhook's address and its secret."
    return _error(404, "no_such_channel", text)


def _refused(channel: str | None, status: int, error: Exception) -> None:
    """`channel` is one that is connected: any other name in an address is a stranger's text."""
    log_line(level="warning", message="refused", channel=channel, status=status, error=type(error).__name__)


def _error(status: int, code: str, message: str) -> Response:
    return Response(body=json.dumps({"error": code, "message": message}), status_code=status, headers=_JSON)
