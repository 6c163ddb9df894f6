"""
The links in pages: `/a/…`, for whoever was paged.

The code in the address is all the right that it takes, so it is never logged.
GET shows and changes nothing; only POST says that somebody is on it. Light at
the top: it is loaded with every webhook.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from chalice import Blueprint, Response

from chalicelib.adapters.logs import log_line
from chalicelib.entrypoints import edge, errors

bp = Blueprint(__name__)


def _page(route: Callable[[str], tuple[int, str]]) -> Callable[[str], Response]:
    """The route's status and document with the headers of every page; its errors as pages, without a trace."""

    @wraps(route)
    def wrapper(code: str) -> Response:
        try:
            status, document = route(code)
        except Exception as error:  # noqa: BLE001  whatever it is, the reader gets a page
            status, document = _failure(error)
        _log(route=route.__name__, status=status)
        from chalicelib.console.headers import headers as of_every_page

        headers: dict[str, str | list[str]] = {**of_every_page(), "X-Robots-Tag": "noindex"}
        return Response(body=document, status_code=status, headers=headers)

    return wrapper


def _failure(error: Exception) -> tuple[int, str]:
    from chalicelib.console import acknowledge as drawing

    said = errors.known_on_a_page(error)
    if said is not None:
        status, _, sentence = said
        return status, drawing.gone() if status == HTTPStatus.NOT_FOUND else drawing.failed(sentence)
    _log(level="error", message="failed", error=type(error).__name__)
    return 500, drawing.failed()


@bp.route("/a/{code}", methods=["GET"], content_types=["*/*"])
@_page
def ack_page(code: str) -> tuple[int, str]:
    """Who waits, and whether somebody is on it."""
    return 200, _drawn(code)


@bp.route("/a/{code}", methods=["POST"], content_types=["*/*"])
@_page
def ack(code: str) -> tuple[int, str]:
    """Say that somebody is on it."""
    from chalicelib import bootstrap
    from chalicelib.console import acknowledge as drawing
    from chalicelib.usecases.acknowledge import NameNeeded, acknowledge

    now = bootstrap.now()()
    if edge.is_from_elsewhere(_request(), bootstrap.hosts()):
        return 403, _drawn(code)
    try:
        view = acknowledge(code, edge.form(_request()).get("name", ""), bootstrap.acknowledge_ports(), now)
    except NameNeeded as error:
        said = errors.known(error)
        assert said is not None  # noqa: S101  it is in the table
        return said.status, _drawn(code, trouble=str(said))
    return 200, drawing.draw(view, now=now)


def _drawn(code: str, trouble: str = "") -> str:
    from chalicelib import bootstrap
    from chalicelib.console import acknowledge as drawing
    from chalicelib.usecases.acknowledge import look

    now = bootstrap.now()()
    return drawing.draw(look(code, bootstrap.acknowledge_ports(), now), now=now, trouble=trouble)


def _request() -> Any:
    return bp.current_request


def _log(**fields: Any) -> None:
    """One JSON line. Nothing that a stranger wrote goes into it, and no code."""
    log_line(**{"level": "info", "message": "acknowledge", **fields})
