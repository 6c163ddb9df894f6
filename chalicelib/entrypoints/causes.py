"""
The JSON API of root causes: `/api/causes` and `/api/fixes`, described in docs/api.md.

Light at the top: it is loaded with every webhook. Each route imports what it
needs.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.entrypoints import edge
from chalicelib.entrypoints.api import ApiCall, day, for_users, json_body, queried
from chalicelib.entrypoints.errors import ApiError

if TYPE_CHECKING:
    from chalicelib.domain.fixes import Fix

bp = Blueprint(__name__)

MOST_DAYS = 92
_ANY_TYPE = ["*/*"]


@bp.route("/api/causes", methods=["GET"], content_types=_ANY_TYPE)
@for_users()
def get_causes(call: ApiCall) -> Any:
    """What complaints of some days were about."""
    from chalicelib import bootstrap
    from chalicelib.usecases.report import report_causes

    first, last = _span(queried(call, "from", "to"), bootstrap.now()().date())
    found = report_causes(first, last, rollups=bootstrap.rollups())
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "missing": [day.isoformat() for day in found.missing],
        "lines": [
            {
                "day": line.day.isoformat(),
                "kind": line.about.kind,
                "name": line.about.name,
                "channel": line.about.channel,
                "cases": line.cases,
            }
            for line in found.lines
        ],
    }


@bp.route("/api/fixes", methods=["GET"], content_types=_ANY_TYPE)
@for_users()
def list_fixes(call: ApiCall) -> Any:
    """Causes that were called fixed, and whether they came back."""
    from chalicelib import bootstrap

    queried(call)
    return {"fixes": [_shown(fix) for fix in bootstrap.causes_ports().fixes.all()]}


@bp.route("/api/fixes", methods=["POST"], content_types=_ANY_TYPE)
@for_users("lead")
def post_fix(call: ApiCall) -> Any:
    """A lead calls a cause fixed. Saying it again begins anew."""
    queried(call)
    body = json_body(call)
    from chalicelib import bootstrap
    from chalicelib.domain import fixes
    from chalicelib.entrypoints import incident_models as models
    from chalicelib.usecases import causes

    asked = models.read_fixed(body)
    cause = fixes.what(aspect=asked.aspect, topic=asked.topic, terms=asked.terms)
    ports, now = bootstrap.causes_ports(), bootstrap.now()()
    return _shown(causes.call_fixed(cause, asked.note, actor=call.user.name, ports=ports, now=now))


@bp.route("/api/fixes/{fix_id}/drop", methods=["POST"], content_types=_ANY_TYPE)
@for_users("lead")
def drop_fix(call: ApiCall, fix_id: str) -> Any:
    """A lead ends the watch on a cause."""
    queried(call)
    from chalicelib import bootstrap
    from chalicelib.usecases import causes

    if not edge.FIX_ID.fullmatch(fix_id):
        raise causes.UnknownFix
    ports, now = bootstrap.causes_ports(), bootstrap.now()()
    return _shown(causes.drop(fix_id, actor=call.user.name, ports=ports, now=now))


def _shown(fix: "Fix") -> dict[str, Any]:
    return {
        "fix_id": fix.fix_id,
        "cause": fix.what.words,
        "aspect": fix.what.aspect,
        "topic": fix.what.topic,
        "terms": fix.what.terms,
        "status": fix.status,
        "fixed_at": fix.fixed_at,
        "cases_a_day_before": round(fix.before, 2),
        "reopened_at": fix.reopened_at,
        "people": fix.people,
        "cases": fix.cases,
        "why": fix.why,
        "history": fix.history,
    }


def _span(query: Mapping[str, str], today: date) -> tuple[date, date]:
    last = day(query, "to", today)
    first = day(query, "from", last - timedelta(days=6))
    if not 0 <= (last - first).days < MOST_DAYS:
        raise ApiError(400, "query", f"from is not later than to, and at most {MOST_DAYS} days before it.")
    return first, last
