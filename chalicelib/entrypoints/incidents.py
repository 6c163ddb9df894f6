"""
The JSON API of incidents: `/api/incidents…`, described in docs/api.md.

Light at the top: it is loaded with every webhook. Each route imports what it
needs.
"""

from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.entrypoints import edge
from chalicelib.entrypoints.api import ApiCall, flag, for_users, idempotency_key, json_body, number, queried

if TYPE_CHECKING:
    from chalicelib.domain.incidents.incident import Incident
    from chalicelib.ports.incidents import IncidentAnswer

bp = Blueprint(__name__)

MOST_LISTED = 100
_ANY_TYPE = ["*/*"]


@bp.route("/api/incidents", methods=["GET"], content_types=_ANY_TYPE)
@for_users()
def list_incidents(call: ApiCall) -> Any:
    """Open or closed incidents, newest first."""
    from chalicelib import bootstrap
    from chalicelib.usecases import incidents as handling

    query = queried(call, "closed", "limit", "more")
    closed, limit = flag(query, "closed"), number(query, "limit", 50, MOST_LISTED)
    listed = handling.show_list(bootstrap.incidents_ports(), closed=closed, limit=limit, more=query.get("more"))
    return {"incidents": [_summary(one) for one in listed.incidents], "more": listed.more}


@bp.route("/api/incidents/{incident_id}", methods=["GET"], content_types=_ANY_TYPE)
@for_users()
def get_incident(call: ApiCall, incident_id: str) -> Any:
    """One incident with its cases."""
    from chalicelib import bootstrap
    from chalicelib.usecases import incidents as handling

    queried(call)
    view = handling.show(_checked(incident_id), bootstrap.incidents_ports())
    return {
        **_summary(view.incident),
        "causes": view.causes,
        "growth": view.growth,
        "members": view.members,
        "left_out": view.left_out,
        "answers": [_job(answer) for answer in view.answers],
        "history": [
            {"act": deed.act, "at": deed.at, "actor": deed.actor, "detail": deed.detail}
            for deed in view.incident.history
        ],
    }


@bp.route("/api/incidents/{incident_id}/actions", methods=["POST"], content_types=_ANY_TYPE)
@for_users()
def post_incident_action(call: ApiCall, incident_id: str) -> Any:
    """A person does something to an incident; a repeat with the same key changes nothing."""
    queried(call)
    incident_id, key, body = _checked(incident_id), idempotency_key(call), json_body(call)
    from chalicelib import bootstrap
    from chalicelib.entrypoints import incident_models as models
    from chalicelib.usecases import incidents as handling

    asked = models.read_action(body)
    request = handling.IncidentRequest(act=asked.act, actor=call.user.name, key=key, value=asked.value)
    now = bootstrap.now()()
    return _summary(handling.act(incident_id, request, bootstrap.incidents_ports(), now))


@bp.route("/api/incidents/{incident_id}/answer", methods=["POST"], content_types=_ANY_TYPE)
@for_users()
def post_incident_answer(call: ApiCall, incident_id: str) -> Any:
    """One text to everybody who is affected; with `preview` only what would be sent."""
    queried(call)
    incident_id, body = _checked(incident_id), json_body(call)
    from chalicelib import bootstrap
    from chalicelib.entrypoints import incident_models as models
    from chalicelib.usecases import answer_all

    asked = models.read_answer(body)
    key = "preview" if asked.preview else idempotency_key(call)
    wanted = answer_all.WantedAnswer(
        text=asked.text,
        actor=call.user.name,
        key=key,
        private=asked.private,
        then=asked.after,
        with_late=asked.include_late,
    )
    ports, now = bootstrap.answer_all_ports(), bootstrap.now()()
    if asked.preview:
        found = answer_all.preview(incident_id, wanted, ports, now)
        return {"to_send": found.to_send, "cases": found.cases, "left_out": found.left_out}
    return _job(answer_all.ask(incident_id, wanted, ports, now))


# --- answers and errors -----------------------------------------------------------------------------------------


def _summary(incident: "Incident") -> dict[str, Any]:
    return {
        "incident_id": incident.incident_id,
        "title": incident.title,
        "status": incident.status,
        "severity": incident.severity,
        "people": incident.people,
        "reach": incident.reach,
        "unknown_reach": incident.unknown_reach,
        "channels": incident.channels,
        "opened_at": incident.opened_at,
        "first_at": incident.first_at,
        "last_at": incident.last_at,
        "closed_at": incident.closed_at,
        "acknowledged_by": incident.acknowledged_by,
        "acknowledged_at": incident.acknowledged_at,
        "why": incident.why,
        "pages": [
            {"id": call.call_id, "kind": call.step, "group": call.group, "at": call.claimed_at, "sent_at": call.sent_at}
            for call in incident.calls
        ],
    }


def _job(answer: "IncidentAnswer") -> dict[str, Any]:
    return {
        "answer_id": answer.answer_id,
        "text": answer.text,
        "actor": answer.actor,
        "asked_at": answer.asked_at,
        "finished_at": answer.finished_at,
        "include_late": answer.with_late,
        "seen": answer.seen,
        "sent": answer.sent,
        "skipped": dict(answer.skipped or {}),
        "failed": answer.failed,
    }


def _checked(incident_id: str) -> str:
    if not edge.INCIDENT_ID.fullmatch(incident_id):
        from chalicelib.usecases.incidents import UnknownIncident

        raise UnknownIncident
    return incident_id
