"""The way in, and the pages for when something is not there."""

from typing import Final

from chalicelib.console.rendering import render

WRONG: Final = "That token is not valid, or not any more. Check that you copied all of it."
EXPIRED: Final = "Your token is not valid any more. Sign in with the new one."


def sign_in(*, prefix: str, stage: str, trouble: str = "", to: str = "") -> str:
    """The form. `to` is the page to go to from there, as `entrypoints.edge.page` reads it; empty for the list."""
    return render("sign_in.html", prefix=prefix, stage=stage, trouble=trouble, to=to)


def message(title: str, text: str, *, prefix: str) -> str:
    """A page that says what is wrong."""
    return render("message.html", title=title, text=text, back=f"{prefix}console")


def come_again() -> str:
    """
    A page that loads itself once more.

    A browser that follows a link in a mail does not send the session's
    cookie; when the page asks for itself, it does.
    """
    return render("come_again.html")
