"""
How X counts the length of a post.

Configuration version 3: https://docs.x.com/fundamentals/counting-characters and
https://github.com/twitter/twitter-text/blob/master/config/v3.json, read 2026-08-22.
"""

import re

from chalicelib.domain.folding import normalized

LIMIT = 280
URL_WEIGHT = 23
EMOJI_WEIGHT = 2
LABEL_OCTETS = 63
LIGHT = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_ASCII_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PATH = r"(?::\d{1,5})?(?:[/?#][^\s<>\"]*)?"
# A bare name is a link only under an ending that X knows; the common ones stand for that list.
_ENDINGS = "com|org|net|edu|gov|info|biz|io|co|app|dev|ai|me|tv|eu|uk|de|fr|it|es|nl|ch|at|jp|cn|in|br|ca|au"
URL = re.compile(
    r"(?<![a-z0-9_@$#./-])"
    rf"(?:https?://(?P<host>(?:{_LABEL}\.)+(?:[a-z]{{2,24}}(?![a-z0-9_-])|[^\W\d_a-z]{{2,24}})){_PATH}"
    rf"|(?:{_ASCII_LABEL}\.)+(?:{_ENDINGS})(?![a-z0-9_-]|\.[a-z0-9]){_PATH})",
    re.IGNORECASE,
)
_PICTURE = (
    r"[\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b55"
    r"\u3030\u303d\u3297\u3299\U0001f004-\U0001faff]"
)
_DRESSED = rf"(?:{_PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]*)"
EMOJI = re.compile(
    r"[\U0001f1e6-\U0001f1ff]{2}"  # flags
    r"|[0-9#*]\ufe0f?\u20e3"  # keycaps
    r"|[\u00a9\u00ae]\ufe0f"  # signs, drawn as emoji only when asked
    rf"|{_DRESSED}(?:[\U000e0020-\U000e007e]+\U000e007f|(?:\u200d{_DRESSED})+)?"
)


def length(text: str) -> int:
    """Weighted length in X's units, of which a post may have `LIMIT`."""
    composed = normalized("NFC", text)
    weights = [0]

    def counted(weight: int) -> str:
        weights.append(weight)
        return ""

    unlinked = URL.sub(lambda link: counted(URL_WEIGHT) if _resolvable(link["host"]) else link[0], composed)
    rest = EMOJI.sub(lambda _: counted(EMOJI_WEIGHT), unlinked)
    return sum(weights) + sum(map(_weight, rest))


def _resolvable(host: str | None) -> bool:
    """Whether a name server would take it: no label above 63 octets once encoded. Bare names are ASCII and fit."""
    labels = (host or "").split(".")
    return all(label.isascii() or len("xn--" + label.encode("punycode").decode()) <= LABEL_OCTETS for label in labels)


def _weight(character: str) -> int:
    return 1 if any(first <= ord(character) <= last for first, last in LIGHT) else 2
