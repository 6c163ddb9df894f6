"""Text as X changes it on its way: escapes, links, handles before a reply."""

import re

from chalicelib.connectors.x.weighted import URL
from chalicelib.domain.folding import normalized

PLAIN = {"lt": "<", "gt": ">", "amp": "&"}
ESCAPED = re.compile(r"&(?:amp;)*(?P<name>lt|gt);|&(?:amp;)+")
LEADING_HANDLES = re.compile(r"(?:\s*@[A-Za-z0-9_]{1,20}(?![A-Za-z0-9_]))+")


def unescaped(text: str | None) -> str | None:
    """What the author typed. X escapes these three and no others, so a typed `&copy;` must stay as it is."""
    if text is None:
        return None
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def same(one: str, other: str) -> bool:
    """
    Whether two texts are one post: X shortens links, escapes, and puts handles before a reply.

    In doubt they are: taking an attempt of ours for a stranger's would post it twice.
    """
    return _essence(one) == _essence(other)


def _essence(text: str) -> str:
    plain = normalized("NFC", _without_escapes(text))
    leading = LEADING_HANDLES.match(plain)
    typed = plain[leading.end() :] if leading else plain
    return " ".join(URL.sub(" ", typed).split())


def _without_escapes(text: str) -> str:
    """Unescaped as often as it goes, so that it does not matter how often X escaped it."""
    return ESCAPED.sub(lambda found: PLAIN[found["name"] or "amp"], text)
