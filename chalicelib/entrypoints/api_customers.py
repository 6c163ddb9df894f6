"""
The API's part about customers: `/api/cases/{case_id}/customer`. A customer is found by any case of theirs.

Light at the top: it is loaded with every webhook.
"""

from typing import Any

from chalice import Blueprint

from chalicelib.entrypoints import api

bp = Blueprint(__name__)
PATH = "/api/cases/{case_id}/customer"


@bp.route(PATH, methods=["GET"], content_types=["*/*"])
@api.for_users()
def get_customer(call: api.Call, case_id: str) -> Any:
    """What is known of the customer, and every change of it, newest first."""
    from chalicelib import bootstrap
    from chalicelib.usecases.show import show_customer

    api.queried(call)
    return show_customer(api.checked_id(case_id), store=bootstrap.cases(), now=bootstrap.now()())


@bp.route(PATH, methods=["POST"], content_types=["*/*"])
@api.for_users()
def post_customer(call: api.Call, case_id: str) -> Any:
    """Something is recorded of the customer; a repeat with the same key changes nothing."""
    api.queried(call)
    case_id, key, body = api.checked_id(case_id), api.idempotency_key(call), api.json_body(call)
    from chalicelib import bootstrap
    from chalicelib.entrypoints import api_models
    from chalicelib.usecases import remember
    from chalicelib.usecases.show import show_customer

    try:
        wanted = api_models.read_change(body)
    except api_models.BodyInvalid as error:
        raise api.ApiError(error.status, error.code, str(error)) from None
    request = remember.Request(
        kind=wanted.kind, value=wanted.value, due_on=wanted.due_on, actor=call.user.name, idempotency_key=key
    )
    now = bootstrap.now()()
    done = remember.remember(case_id, request, ports=bootstrap.remember_ports(), now=now)
    customer = show_customer(case_id, store=bootstrap.cases(), now=now)
    change = {"kind": done.change.kind, "at": done.change.at, "id": done.change.id, "repeated": done.repeated}
    return {"change": change, "customer": customer}
