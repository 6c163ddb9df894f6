"""
The console's routes: `/console/…`, for people.

The session is a cookie that holds the user's token and that no script can
read. Light at the top: it is loaded with every webhook.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

from chalice import Blueprint, Response

from chalicelib.adapters.logs import log_line
from chalicelib.entrypoints import edge, errors, session

if TYPE_CHECKING:
    from chalicelib.console.rendering import Frame
    from chalicelib.ports.access import User

bp = Blueprint(__name__)

LISTED = 200


# --- around every page ------------------------------------------------------------------------------------------


def _page(route: Callable[..., str | Response]) -> Callable[..., Response]:
    """The route's page with the headers that every page has; its errors as pages, without a trace."""

    @wraps(route)
    def wrapper(**path: str) -> Response:
        try:
            drawn = route(**path)
            response = drawn if isinstance(drawn, Response) else _drawn(200, drawn)
        except session.SignInNeeded as error:
            response = _entrance(had_session=error.had_session)
        except Exception as error:  # noqa: BLE001  whatever it is, the reader gets a page
            response = _failure(error)
        _log(route=route.__name__, status=response.status_code)
        return response

    return wrapper


def _drawn(status: int, document: str, headers: Mapping[str, str] | None = None) -> Response:
    from chalicelib.console.headers import headers as of_every_page

    return Response(body=document, status_code=status, headers={**of_every_page(), **(headers or {})})


def _entrance(*, had_session: bool) -> Response:
    """The form that leads back here."""
    from chalicelib.console import sign_in

    if not had_session and _request().headers.get("sec-fetch-site") == "cross-site":
        return _drawn(200, sign_in.come_again())
    trouble = sign_in.EXPIRED if had_session else ""
    form = sign_in.sign_in(prefix=_prefix(), stage=_stage(), trouble=trouble, to=_here())
    return _drawn(401, form, {"Set-Cookie": session.cookie("")} if had_session else None)


def _failure(error: Exception) -> Response:
    from chalicelib.console import sign_in

    said = errors.known_on_a_page(error)
    if said is None:
        _log(level="error", message="failed", error=type(error).__name__)
        said = (500, errors.ErrorAnswer().title, errors.BROKEN_PAGE)
    status, title, sentence = said
    return _drawn(status, sign_in.message(title, sentence, prefix=_prefix()))


# --- who asks ---------------------------------------------------------------------------------------------------


def _stage() -> str:
    from chalicelib import bootstrap

    return bootstrap.settings().stage


def _request() -> Any:
    return bp.current_request


def _prefix() -> str:
    """
    The way from this page's address to the folder in which `console` stands.

    Stages and the local AWS put the API below paths of their own: only
    relative links work everywhere.
    """
    return "../" * _below_console().count("/")


def _below_console() -> str:
    path: str = _request().context.get("path") or _request().path
    return path.rpartition("/console")[2]


def _here() -> str:
    """This page, as the form of the entrance names it."""
    return edge.page(f"console{_below_console()}", dict(_request().query_params or {})) or ""


def _frame(user: "User") -> "Frame":
    from chalicelib import bootstrap
    from chalicelib.console.rendering import Frame

    return Frame(prefix=_prefix(), user=user.name, stage=_stage(), now=bootstrap.now()())


# --- pages ------------------------------------------------------------------------------------------------------


@bp.route("/console", methods=["GET"], content_types=["*/*"])
@_page
def cases() -> str:
    """Who waits, or what is closed."""
    user = session.by_cookie(_request())
    from chalicelib import bootstrap
    from chalicelib.console import cases as drawing
    from chalicelib.usecases.incidents import among
    from chalicelib.usecases.show import show_list

    closed = (_request().query_params or {}).get("closed") == "true"
    listed = show_list(store=bootstrap.cases(), now=bootstrap.now()(), closed=closed, limit=LISTED)
    listing = drawing.CaseListing(
        cases=listed,
        closed=closed,
        incidents=among((one.case_id for one in listed), bootstrap.incidents()),
    )
    return drawing.draw(listing, _frame(user))


@bp.route("/console/c/{case_id}", methods=["GET"], content_types=["*/*"])
@_page
def case(case_id: str) -> str:
    """One case."""
    user = session.by_cookie(_request())
    from chalicelib import bootstrap
    from chalicelib.console import case as drawing
    from chalicelib.usecases.cases.moving import UnknownCase
    from chalicelib.usecases.show import show

    if not edge.CASE_ID.fullmatch(case_id):
        raise UnknownCase
    first = edge.number((_request().query_params or {}).get("first", ""), edge.MOST_FIRST)
    view = show(case_id, store=bootstrap.cases(), now=bootstrap.now()(), first=first)
    incident_id = bootstrap.incidents().of_cases([view.case_id]).get(view.case_id)
    return drawing.draw(view, _frame(user), incident_id=incident_id)


@bp.route("/c/{case_id}", methods=["GET"], content_types=["*/*"])
@_page
def case_link(case_id: str) -> Response:
    """The short address of a case, as pages to people have it."""
    return _go(f"../console/c/{case_id}" if edge.CASE_ID.fullmatch(case_id) else "../console")


@bp.route("/console/incidents", methods=["GET"], content_types=["*/*"])
@_page
def incidents() -> str:
    """Incidents that go on, or that are over."""
    user = session.by_cookie(_request())
    from chalicelib import bootstrap
    from chalicelib.console import incidents as drawing
    from chalicelib.usecases.incidents import show_list

    closed = (_request().query_params or {}).get("closed") == "true"
    listed = show_list(bootstrap.incidents_ports(), closed=closed, limit=LISTED).incidents
    return drawing.draw_list(drawing.IncidentListing(incidents=listed, closed=closed), _frame(user))


@bp.route("/console/incidents/{incident_id}", methods=["GET"], content_types=["*/*"])
@_page
def incident(incident_id: str) -> str:
    """One incident."""
    user = session.by_cookie(_request())
    from chalicelib import bootstrap
    from chalicelib.console import incidents as drawing
    from chalicelib.usecases.incidents import UnknownIncident, show

    if not edge.INCIDENT_ID.fullmatch(incident_id):
        raise UnknownIncident
    return drawing.draw(show(incident_id, bootstrap.incidents_ports()), _frame(user))


@bp.route("/console/causes", methods=["GET"], content_types=["*/*"])
@_page
def causes() -> str:
    """What complaints are about, and what was called fixed."""
    user = session.by_cookie(_request())
    from datetime import timedelta

    from chalicelib import bootstrap
    from chalicelib.console import causes as drawing
    from chalicelib.usecases.report import report_causes

    today, rollups = bootstrap.now()().date(), bootstrap.rollups()
    week, before = (
        report_causes(today - timedelta(days=first), today - timedelta(days=last), rollups=rollups)
        for first, last in ((6, 0), (13, 7))
    )
    fixes = bootstrap.causes_ports().fixes.all()
    return drawing.draw(drawing.Sheet(week=week, before=before, fixes=fixes), _frame(user))


# --- in and out -------------------------------------------------------------------------------------------------


@bp.route("/console/sign-in", methods=["POST"], content_types=["*/*"])
@_page
def sign_in() -> Response:
    """Take a token for the session."""
    from chalicelib.console import sign_in

    form = edge.form(_request())
    token, to = form.get("token", "").strip(), edge.page(form.get("to", ""))
    if _is_from_elsewhere() or session.by_token(token) is None:
        trouble = sign_in.WRONG
        return _drawn(401, sign_in.sign_in(prefix=_prefix(), stage=_stage(), trouble=trouble, to=to or ""))
    return _go(f"{_prefix()}{to or 'console'}", session.cookie(token))


@bp.route("/console/sign-out", methods=["POST"], content_types=["*/*"])
@_page
def sign_out() -> Response:
    """Forget the session. The token itself stays valid: `earshot users rotate` voids it."""
    return _go(f"{_prefix()}console", "" if _is_from_elsewhere() else session.cookie(""))


def _is_from_elsewhere() -> bool:
    from chalicelib import bootstrap

    return edge.is_from_elsewhere(_request(), bootstrap.hosts())


def _go(where: str, cookie: str = "") -> Response:
    """303: the browser asks for the page anew, so that loading it again never sends a form."""
    return _drawn(303, "", {"Location": where, **({"Set-Cookie": cookie} if cookie else {})})


def _log(**fields: Any) -> None:
    """One JSON line. Nothing that a stranger or an agent wrote goes into it."""
    log_line(**{"level": "info", "message": "console", **fields})
