"""
HTML that cannot be forgotten to escape, and the frame around every page.

Whatever is put into a template is escaped unless it was made by a template.
"""

import base64
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Formatter
from typing import Any, Final

from chalicelib.domain.visible import seen


class Html(str):
    """Markup of ours, with everything of strangers in it escaped."""

    __slots__ = ()


NOTHING: Final = Html("")


class _Escaping(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        text = format(value, format_spec)
        return text if isinstance(value, Html) else escape(visible(text))


_FORMATTER: Final = _Escaping()


def html(template: str, **values: Any) -> Html:
    """Fill a template; each value that is not Html is escaped, for use in text and in quoted attributes."""
    return Html(_FORMATTER.vformat(template, (), values))


def joined(parts: Iterable[Html]) -> Html:
    """One after the other."""
    return Html("".join(parts))


def visible(text: str) -> str:
    """
    The text without what nobody can see, and without what would turn the direction of the text around it.

    Line breaks stay.
    """
    return "\n".join("".join(seen(line)) for line in text.replace("\r\n", "\n").split("\n"))


def stranger(text: str) -> Html:
    """Words of somebody else's, in a direction of their own."""
    return html('<bdi dir="auto">{text}</bdi>', text=text)


# --- the frame -------------------------------------------------------------------------------------------------------


@cache
def stylesheet() -> str:
    return (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


@cache
def headers() -> Mapping[str, str]:
    """With every page: nothing runs, nothing is loaded, nothing is kept, nobody may frame it."""
    digest = base64.b64encode(sha256(stylesheet().encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",  # with less than that, browsers hide the origin of our own forms
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
{more}<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def page(title: str, body: Html, *, more: Html = NOTHING) -> str:
    """A whole document. `more` goes into its head."""
    return html(_PAGE, title=title, style=Html(stylesheet()), body=body, more=more)


_BAR: Final = """\
<header class="bar">
<a class="brand" href="{prefix}console">Earshot</a>
<span class="stage">{stage}</span>
<form method="post" action="{prefix}console/sign-out">
<span class="me">{user}</span>
<button class="quiet">Sign out</button>
</form>
</header>
"""


def signed_in(title: str, content: Html, *, prefix: str, user: str, stage: str) -> str:
    """A page for a user. `prefix` leads from the page's address to the folder in which `console` stands."""
    bar = html(_BAR, prefix=prefix, user=user, stage=stage)
    return page(title, html("{bar}<main>\n{content}</main>", bar=bar, content=content))
