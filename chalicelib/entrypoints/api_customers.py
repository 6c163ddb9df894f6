"""
The API's part about customers: `/api/cases/{case_id}/customer`. A customer is found by any case of theirs.

Light at the top: it is loaded with every webhook.
"""

from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.entrypoints import api, errors

if TYPE_CHECKING:
    from chalicelib.ports.customers import Customer
    from chalicelib.usecases import erase

bp = Blueprint(__name__)
PATH = "/api/cases/{case_id}/customer"


@bp.route(PATH, methods=["GET"], content_types=["*/*"])
@api.for_users()
def get_customer(call: api.ApiCall, case_id: str) -> Any:
    """What is known of the customer, and every change of it, newest first."""
    from chalicelib import bootstrap
    from chalicelib.usecases.show import show_customer

    api.queried(call)
    return show_customer(api.checked_id(case_id), store=bootstrap.cases(), now=bootstrap.now()())


@bp.route(PATH, methods=["POST"], content_types=["*/*"])
@api.for_users()
def post_customer(call: api.ApiCall, case_id: str) -> Any:
    """Something is recorded of the customer; a repeat with the same key changes nothing."""
    api.queried(call)
    case_id, key, body = api.checked_id(case_id), api.idempotency_key(call), api.json_body(call)
    from chalicelib import bootstrap
    from chalicelib.entrypoints import api_models
    from chalicelib.usecases import customer_record
    from chalicelib.usecases.show import show_customer

    wanted = api_models.read_change(body)
    request = customer_record.RecordRequest(
        kind=wanted.kind, value=wanted.value, due_on=wanted.due_on, actor=call.user.name, idempotency_key=key
    )
    now = bootstrap.now()()
    done = customer_record.remember(case_id, request, ports=bootstrap.remember_ports(), now=now)
    customer = show_customer(case_id, store=bootstrap.cases(), now=now)
    change = {"kind": done.change.kind, "at": done.change.at, "id": done.change.id, "repeated": done.repeated}
    return {"change": change, "customer": customer}


# --- a person's rights ------------------------------------------------------------------------------------------

MOST_EXPORT_BYTES = 5_000_000  # an answer of a Lambda holds 6 MB
LIMIT_S = 15.0  # of the 25 that the function has


@bp.route(f"{PATH}/export", methods=["GET"], content_types=["*/*"])
@api.for_users("admin")
def export_customer(call: api.ApiCall, case_id: str) -> Any:
    """Everything that the table holds of the customer; what others wrote is left out."""
    import json

    from chalicelib import bootstrap
    from chalicelib.usecases import erase
    from chalicelib.usecases.show import as_plain

    ports = bootstrap.erasing_ports()
    found = as_plain(erase.export(_meant(call, case_id, ports), [case_id], ports, bootstrap.now()()))
    if len(json.dumps(found)) > MOST_EXPORT_BYTES:
        raise errors.ApiError(
            413, "too_large", "It is more than an answer holds. `earshot customers export` writes it."
        )
    return found


@bp.route(f"{PATH}/erasure", methods=["GET"], content_types=["*/*"])
@api.for_users("admin")
def preview_erasure(call: api.ApiCall, case_id: str) -> Any:
    """What an erasure of the customer would take."""
    from chalicelib import bootstrap
    from chalicelib.usecases import erase

    ports = bootstrap.erasing_ports()
    return erase.preview(_meant(call, case_id, ports), [case_id], ports, bootstrap.now()())


@bp.route(f"{PATH}/erasure", methods=["POST"], content_types=["*/*"])
@api.for_users("admin")
def erase_customer(call: api.ApiCall, case_id: str) -> Any:
    """The customer is erased for good; what this call has no time for, and what is outside of the table, follows."""
    from chalicelib import bootstrap
    from chalicelib.adapters.clock import monotonic
    from chalicelib.adapters.logs import log_line
    from chalicelib.usecases import erase

    if not _is_confirmed(api.json_body(call)):
        raise errors.ApiError(
            422, "invalid", 'Nothing was erased. Send {"confirm": true} to erase the customer for good.'
        )
    until = monotonic() + LIMIT_S
    ports = bootstrap.erasing_ports(lambda: monotonic() < until)
    now = bootstrap.now()()
    done = erase.erase(_meant(call, case_id, ports), [case_id], ports, now, by=call.user.name)
    log_line(level="info", message="erased", user=call.user.name, cases=done.cases)
    return {"erased_at": now, "cases": done.cases, "is_done": done.is_done}


def _meant(call: api.ApiCall, case_id: str, ports: "erase.Ports") -> "Customer":
    from chalicelib.usecases.erase import customer_of_case

    api.queried(call)
    return customer_of_case(api.checked_id(case_id), ports.store)


def _is_confirmed(body: bytes) -> bool:
    import json

    try:
        return bool(json.loads(body) == {"confirm": True})
    except (ValueError, RecursionError):
        return False
