"""
What fits into a text message, and how to make any text fit.

The GSM 7-bit alphabet (3GPP TS 23.038, section 6.2.1): most characters take
one septet, those of the extension table two. A single character outside it
makes the whole message UCS-2, which holds less than half. Capacities of one
and of several parts: docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html,
read 2026-11-23.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from chalicelib.domain.folding import normalized

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION: Final = frozenset("\f^{}\\[~]|€")
UNKNOWN: Final = "?"

_GSM7_PARTS: Final = (160, 153)  # septets in the only part, in each of several
_UCS2_PARTS: Final = (70, 67)  # code units
_BEYOND_BMP: Final = 0xFFFF

# Where decomposing a character gives nothing useful. Some of these look alike: that is why they are here.
_INSTEAD: Final = {
    **dict.fromkeys("‘’‚‛′`´", "'"),  # noqa: RUF001
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),  # noqa: RUF001
    "…": "...",
    "•": "*",
    "·": ".",
    "⁄": "/",  # noqa: RUF001
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Þ": "Th",
    "þ": "th",
    "œ": "oe",
    "Œ": "OE",
    "ı": "i",  # noqa: RUF001
    "ẞ": "SS",
    "©": "(c)",
    "®": "(R)",
    "™": "TM",
    "\t": " ",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """
    What a text costs as an SMS.

    `units` are septets, or UCS-2 code units when `is_gsm7` is False.
    """

    is_gsm7: bool
    units: int
    parts: int


def measure(text: str) -> Measure:
    """Units and parts; a character that takes two units is never split between parts."""
    is_gsm7 = all(char in BASIC or char in EXTENSION for char in text)
    widths = [_septets(char) if is_gsm7 else _code_units(char) for char in text]
    alone, each = _GSM7_PARTS if is_gsm7 else _UCS2_PARTS
    units = sum(widths)
    return Measure(is_gsm7, units, 1 if units <= alone else _packed(widths, each))


def fold(text: str) -> str:
    """
    The text in the GSM 7-bit alphabet.

    Accents that are not in it are dropped, and a run of what has no
    equivalent (other scripts, emoji) becomes one "?".
    """
    folded: list[str] = []
    in_run = False
    for char in normalized("NFC", text):
        piece = _fold_char(char)
        if piece is None and not in_run:
            folded.append(UNKNOWN)
        in_run = piece is None or (in_run and not piece)
        folded.append(piece or "")
    return "".join(folded)


def cut(text: str, septets: int) -> str:
    """The beginning of a GSM-7 text that fits into so many septets, with ".." where something is missing."""
    if measure(text).units <= septets:
        return text
    mark = ".."[: max(0, septets)]
    room = septets - len(mark)
    kept: list[str] = []
    for char in text:
        room -= _septets(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept) + mark


def _septets(char: str) -> int:
    return 2 if char in EXTENSION else 1


def _code_units(char: str) -> int:
    return 2 if ord(char) > _BEYOND_BMP else 1


def _packed(widths: Iterable[int], each: int) -> int:
    parts, room = 1, each
    for width in widths:
        if width > room:
            parts, room = parts + 1, each
        room -= width
    return parts


def _fold_char(char: str) -> str | None:
    """The character, or what says the same in this alphabet; None when nothing does."""
    if char in BASIC or char in EXTENSION:
        return char
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):  # marks upon the character before, and what is not seen
        return ""
    plain = "".join(_INSTEAD.get(part, part) for part in _decomposed(char))
    return plain if plain and measure(plain).is_gsm7 else None


def _decomposed(char: str) -> str:
    if char in _INSTEAD:
        return char
    parts = (part for part in normalized("NFKD", char) if not unicodedata.combining(part))
    return "".join(" " if part.isspace() else part for part in parts)
