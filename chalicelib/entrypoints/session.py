"""
Who asks: the one place where a token is taken from a header or a cookie, and given back as one.

Light at the top: it is loaded with every webhook.
"""

import re
from typing import TYPE_CHECKING, Any

from chalicelib.entrypoints import edge
from chalicelib.entrypoints.errors import ApiError

if TYPE_CHECKING:
    from chalicelib.ports.access import User

_BEARER = re.compile(rf"bearer +({edge.TOKEN.pattern}) *", re.IGNORECASE)


class SignInNeeded(Exception):
    """There is no session, or its token is not valid any more; `had_session` tells which."""

    def __init__(self, *, had_session: bool) -> None:
        super().__init__()
        self.had_session = had_session


def by_token(token: str | None) -> "User | None":
    """Whose token it is; None for one that is no token, or nobody's."""
    from chalicelib import bootstrap

    return bootstrap.users().by_token(token) if token and edge.TOKEN.fullmatch(token) else None


def by_bearer(request: Any, least: str) -> "User":
    """The user of a request to the API, of the role `least` or more. Raises ApiError."""
    from chalicelib.ports.access import Role

    found = _BEARER.fullmatch(request.headers.get("authorization") or "")
    user = by_token(found[1] if found else None)
    if user is None:
        raise ApiError(
            401,
            "unauthorised",
            "Send a valid token in the header Authorization: Bearer TOKEN. `earshot users add` makes one.",
            {"WWW-Authenticate": "Bearer"},
        )
    if not user.role.covers(Role(least)):
        raise ApiError(403, "forbidden", f"This needs the role {least}; yours is {user.role.value}. Ask an admin.")
    return user


def by_cookie(request: Any) -> "User":
    """The user of a page. Raises SignInNeeded; a cookie that can hold no token counts as a session that has ended."""
    name = _cookie_name()
    values = (part.strip().partition("=") for part in (request.headers.get("cookie") or "").split(";"))
    token = next((value for key, _, value in values if key == name and value), None)
    user = by_token(token)
    if user is None:
        raise SignInNeeded(had_session=token is not None)
    return user


def cookie(token: str) -> str:
    """
    The header that begins a session; with an empty token, the one that ends it.

    Without a path: the browser takes the folder of the page that set it, which is the console wherever that stands.
    """
    rest = "HttpOnly; SameSite=Strict" + ("" if _is_plain() else "; Secure") + ("" if token else "; Max-Age=0")
    return f"{_cookie_name()}={token}; {rest}"


def _cookie_name() -> str:
    return "earshot" if _is_plain() else "__Secure-earshot"


def _is_plain() -> bool:
    """The local AWS speaks no TLS."""
    from chalicelib import bootstrap
    from chalicelib.config import LOCAL

    return bootstrap.settings().stage == LOCAL
