"""
The JSON API of agents and their programs: `/api/…`, described in docs/api.md.

Light at the top: it is loaded with every webhook. Each route imports what it
needs.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import wraps
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from chalice import Blueprint, Response

from chalicelib.adapters.logs import log_line
from chalicelib.entrypoints import edge, errors, session
from chalicelib.entrypoints.errors import ApiError

if TYPE_CHECKING:
    from chalicelib.ports.access import User
    from chalicelib.usecases.act import ActResult

bp = Blueprint(__name__)

MOST_BODY_BYTES = 65_536
MOST_LISTED = 200
_ANY_TYPE = ["*/*"]  # Chalice's own 415 would not look like our errors
_HEADERS: Mapping[str, str] = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One request of a user who was recognised."""

    user: "User"
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


# --- around every route -----------------------------------------------------------------------------------------


def for_users(least: str = "agent") -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Let in who holds a token of the role `least` or more; give back what the route returns, or its error, as JSON."""

    def decorate(route: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(route)
        def wrapper(**path: str) -> Response:
            user = None
            try:
                user = session.by_bearer(_request(), least)
                response = _json(200, _plain(route(_call(user), **path)))
            except Exception as error:  # noqa: BLE001  whatever it is, the caller gets JSON and no trace
                response = _failure(error)
            _log(route=route.__name__, user=user.name if user else None, status=response.status_code)
            return response

        return wrapper

    return decorate


def _request() -> Any:
    return bp.current_request


def _call(user: "User") -> ApiCall:
    request = _request()
    return ApiCall(user, request.headers, dict(request.query_params or {}), request.raw_body or b"")


def _plain(value: Any) -> Any:
    from chalicelib.usecases.show import as_plain

    return as_plain(value)


def _failure(error: Exception) -> Response:
    said = errors.known(error)
    if said is None:
        _log(level="error", message="failed", error=type(error).__name__, where=_where(error))
        said = errors.BROKEN
    return _json(said.status, {"error": said.code, "message": str(said)}, said.headers)


def _json(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(value, separators=(",", ":"))
    return Response(body=body, status_code=status, headers={**_HEADERS, **(headers or {})})


def _where(error: Exception) -> list[str]:
    """Places in the code, innermost last: enough to find the bug, and no text of anybody's."""
    return [f"{frame.f_code.co_filename}:{line}" for frame, line in list(walk_tb(error.__traceback__))[-4:]]


def _log(**fields: Any) -> None:
    """One JSON line. Nothing that a stranger or an agent wrote goes into it."""
    log_line(**{"level": "info", "message": "api", **fields})


# --- the routes -------------------------------------------------------------------------------------------------


@bp.route("/api/me", methods=["GET"], content_types=_ANY_TYPE)
@for_users()
def me(call: ApiCall) -> Any:
    """Whose token this is."""
    queried(call)
    return {"name": call.user.name, "role": call.user.role, "token_at": call.user.token_at}


@bp.route("/api/cases", methods=["GET"], content_types=_ANY_TYPE)
@for_users()
def list_cases(call: ApiCall) -> Any:
    """Open or closed cases, most urgent first."""
    from chalicelib import bootstrap
    from chalicelib.usecases.show import show_list

    query = queried(call, "closed", "limit")
    closed, limit = flag(query, "closed"), number(query, "limit", 50, MOST_LISTED)
    return {"cases": show_list(store=bootstrap.cases(), now=bootstrap.now()(), closed=closed, limit=limit)}


@bp.route("/api/cases/{case_id}", methods=["GET"], content_types=_ANY_TYPE)
@for_users()
def get_case(call: ApiCall, case_id: str) -> Any:
    """One case with its timeline."""
    from chalicelib import bootstrap
    from chalicelib.usecases.show import show

    first = number(queried(call, "first"), "first", edge.MOST_FIRST, edge.MOST_FIRST)
    return show(checked_id(case_id), store=bootstrap.cases(), now=bootstrap.now()(), first=first)


@bp.route("/api/cases/{case_id}/explain", methods=["GET"], content_types=_ANY_TYPE)
@for_users()
def explain_case(call: ApiCall, case_id: str) -> Any:
    """Why each clock of the case is due when it is."""
    from chalicelib import bootstrap
    from chalicelib.usecases.explain import explain

    queried(call)
    promises = bootstrap.policies().promises()
    return explain(checked_id(case_id), store=bootstrap.cases(), promises=promises, now=bootstrap.now()())


@bp.route("/api/cases/{case_id}/actions", methods=["POST"], content_types=_ANY_TYPE)
@for_users()
def post_action(call: ApiCall, case_id: str) -> Any:
    """An agent acts; a repeat with the same key changes nothing."""
    queried(call)
    case_id, key, body = checked_id(case_id), idempotency_key(call), json_body(call)
    from chalicelib import bootstrap
    from chalicelib.entrypoints import api_models
    from chalicelib.usecases import act

    request = act.ActRequest(intent=api_models.read(body), actor=call.user.name, idempotency_key=key)
    return _acted(act.act(case_id, request, ports=bootstrap.act_ports(), now=bootstrap.now()()))


@bp.route("/api/cases/{case_id}/merge", methods=["POST"], content_types=_ANY_TYPE)
@for_users()
def post_merge(call: ApiCall, case_id: str) -> Any:
    """An agent joins another case to this one, or sees what that would do."""
    queried(call)
    case_id, body = checked_id(case_id), json_body(call)
    from chalicelib import bootstrap
    from chalicelib.entrypoints import api_models
    from chalicelib.usecases import merging

    wanted = api_models.read_merge(body)
    from_id, told, now = checked_id(wanted.from_id), wanted.other_customer, bootstrap.now()()
    if wanted.preview:
        return merging.preview(case_id, from_id, other_customer=told, ports=bootstrap.merging_ports(), now=now)
    key = idempotency_key(call)
    request = merging.MergeRequest(from_id=from_id, actor=call.user.name, idempotency_key=key, other_customer=told)
    return _acted(merging.merge(case_id, request, ports=bootstrap.merging_ports(), now=now))


def _acted(result: "ActResult") -> dict[str, Any]:
    from chalicelib.usecases.show import actions

    event, state = result.event, result.state
    action = {
        "kind": event.kind,
        "at": event.at,
        "actor": event.actor,
        "reply_id": result.reply_id,
        "repeated": result.repeated,
        "warning": result.warning,
    }
    case = {
        "case_id": result.case_id,
        "status": state.status,
        "priority": state.effective_priority,
        "assignee": state.assignee,
        "is_resolve_pending": state.resolve_pending,
        "allowed_actions": actions(state),
    }
    return {"action": action, "case": case}


# --- what a request may hold ------------------------------------------------------------------------------------


def checked_id(case_id: str) -> str:
    if not edge.CASE_ID.fullmatch(case_id):
        from chalicelib.usecases.cases.moving import UnknownCase

        raise UnknownCase("There is no case of that id. GET /api/cases lists those there are.")
    return case_id


def queried(call: ApiCall, *names: str) -> Mapping[str, str]:
    if unknown := [name for name in call.query if name not in names]:
        wanted = ", ".join(names) or "none"
        raise ApiError(400, "query", f"{len(unknown)} parameters of the query are not known here; there are: {wanted}.")
    return call.query


def flag(query: Mapping[str, str], name: str) -> bool:
    values = {"true": True, "false": False}
    text = query.get(name, "false")
    if text not in values:
        raise ApiError(400, "query", f"{name} is true or false.")
    return values[text]


def number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    value = edge.number(query.get(name, str(default)), most)
    if value is None:
        raise ApiError(400, "query", f"{name} is a whole number from 1 to {most}.")
    return value


def day(query: Mapping[str, str], name: str, default: date) -> date:
    value = edge.day(query[name]) if name in query else default
    if value is None:
        raise ApiError(400, "query", f"{name} is a day such as 2026-03-01.")
    return value


def idempotency_key(call: ApiCall) -> str:
    key = call.headers.get("idempotency-key") or ""
    if not edge.IDEMPOTENCY_KEY.fullmatch(key):
        raise ApiError(
            400,
            "idempotency_key",
            "Send a header Idempotency-Key of 1 to 100 characters without spaces, fresh for every new action.",
        )
    return key


def json_body(call: ApiCall) -> bytes:
    content_type = (call.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise ApiError(415, "content_type", "Send JSON, with the header Content-Type: application/json.")
    if len(call.body) > MOST_BODY_BYTES:
        raise ApiError(413, "too_large", f"The body has {len(call.body)} bytes; {MOST_BODY_BYTES} are allowed.")
    return call.body
