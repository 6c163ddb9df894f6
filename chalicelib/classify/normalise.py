"""
A stranger's text as the trained models read it.

Training and serving share this file: what is told in plain words here need not
be learned. Case is left as it is; each model folds it in its own way.
"""

import html
import re
import unicodedata
from typing import Final

from chalicelib.domain.canonical import Canonical

MOST_CHARS: Final = 4000  # longer texts keep their head and their tail, as in `classify.tokens`
HEAD: Final = 3000
HANDLE: Final = "@user"  # what every handle becomes

_LINK: Final = re.compile(r"(?:https?://|www\.|pic\.twitter\.com/)\S+", re.IGNORECASE)
_HANDLE: Final = re.compile(r"(?<!\w)@\w+(?:[.-]\w+)*(?:@\w+(?:[.-]\w+)*)?")
_HASHTAG: Final = re.compile(r"[#\uff03](\w+)")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=\D)(?=\d)")
_ELONGATED: Final = re.compile(r"([^\W\d_])\1{2,}")
_SHOUTED: Final = re.compile(r"([!?])\1{2,}")
_MASK: Final = re.compile(r"\[(email|number)\]")
_SYMBOL: Final = re.compile(r"[\U0001F1E6-\U0001F1FF\U0001F300-\U0001FAFF\u2600-\u27BF\u2B50\u2764]")
_EMOTICONS: Final = (
    (re.compile(r"(?<!\w)[:;=8]['\u2019]?-?[)\]D](?!\w)"), " smiling face "),
    (re.compile(r"(?<!\w)[:=]['\u2019]?-?[(\[/\\|](?!\w)"), " frowning face "),
    (re.compile(r"(?<!\w)<3(?!\w)"), " heart "),
)


def prepare(source: Canonical) -> str:
    """One line of plain words: entities resolved, links, handles, hashtags, emoji and stretched words told in words."""
    text = source.text
    if len(text) > MOST_CHARS:
        text = f"{text[:HEAD]} … {text[HEAD - MOST_CHARS :]}"
    text = html.unescape(text)
    text = _LINK.sub("http", text)
    text = _HANDLE.sub(HANDLE, text)
    text = _HASHTAG.sub(lambda match: "# " + _HUMP.sub(" ", match[1].replace("_", " ")), text)
    text = _MASK.sub(r"\1", text)
    for pattern, words in _EMOTICONS:
        text = pattern.sub(words, text)
    text = _SYMBOL.sub(_named, text)
    text = _ELONGATED.sub(r"\1\1", text)
    text = _SHOUTED.sub(r"\1\1", text)
    return " ".join(text.split())


def _named(match: re.Match[str]) -> str:
    """An emoji by its Unicode name, which the vocabulary can spell; it has hardly any emoji of its own."""
    return f" {unicodedata.name(match[0], 'symbol').lower()} "
