"""The way in, and the pages for when something is not there."""

from typing import Final

from chalicelib.console.markup import Html, html, page

_SIGN_IN: Final = """\
<main class="entrance">
<h1>Earshot</h1>
<p class="stage">{stage}</p>
{trouble}<form method="post" action="{prefix}console/sign-in">
<label for="token">Your token</label>
<input id="token" name="token" type="password" required autofocus autocomplete="current-password" spellcheck="false">
<input type="hidden" name="to" value="{to}">
<button>Sign in</button>
</form>
<p class="hint">No token? An engineer makes one: <code>earshot users add NAME --role agent --stage {stage}</code></p>
</main>"""

_MESSAGE: Final = """\
<main class="entrance">
<h1>{title}</h1>
<p>{message}</p>
<p><a href="{prefix}console">All cases</a></p>
</main>"""

WRONG: Final = "That token is not valid, or not any more. Check that you copied all of it."
EXPIRED: Final = "Your token is not valid any more. Sign in with the new one."


def sign_in(*, prefix: str, stage: str, trouble: str = "", to: str = "") -> str:
    """The form. `to` is the page to go to from there, as `entrypoints.edge.page` reads it; empty for the list."""
    said = html('<p class="trouble" role="alert">{trouble}</p>\n', trouble=trouble) if trouble else ""
    body = html(_SIGN_IN, prefix=prefix, stage=stage, trouble=said, to=to)
    return page("Sign in to Earshot", body)


def message(title: str, text: str, *, prefix: str) -> str:
    """A page that says what is wrong."""
    return page(title, html(_MESSAGE, title=title, message=text, prefix=prefix))


def come_again() -> str:
    """
    A page that loads itself once more.

    A browser that follows a link in a mail does not send the session's
    cookie; when the page asks for itself, it does.
    """
    return page("Earshot", Html(""), more=html('<meta http-equiv="refresh" content="0">\n'))
