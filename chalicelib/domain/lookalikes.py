"""
Letters of other scripts, and odd Latin ones, that look like letters of the English alphabet.

From the table of confusable characters of the Unicode Consortium (Unicode Technical Standard 39,
www.unicode.org/Public/security/latest/confusables.txt, Unicode License v3), as the package confusable-homoglyphs 3.3.1
holds it: single letters of the scripts below, without those that a compatibility mapping resolves and those of living
Latin alphabets. Added by hand: small capitals by their names, and Greek and Cyrillic letters that are drawn like small
capitals.
"""

from collections.abc import Mapping
from typing import Final

_BY_LETTER: Final[Mapping[str, str]] = {
    "A": "\u0391\u0410\u13aa\ua4ee",
    "B": "\u0392\u0412\u13f4\ua4d0\ua7b4",
    "C": "\u03f9\u0421\u13df\u2ca4\ua4da\U00010415",
    "D": "\u13a0\ua4d3",
    "E": "\u0395\u0415\u13ac\ua4f0",
    "F": "\u03dc\ua4dd\ua798",
    "G": "\u050c\u13c0\u13f3\ua4d6",
    "H": "\u0397\u041d\u13bb\u2c8e\ua4e7",
    "I": "\u0399\u0406\u04c0",
    "J": "\u037f\u0408\u13ab\ua4d9\ua7b2",
    "K": "\u039a\u041a\u13e6\u2c94\ua4d7",
    "L": "\u13de\u2cd0\ua4e1\U0001041b",
    "M": "\u039c\u03fa\u041c\u13b7\u2c98\ua4df",
    "N": "\u039d\u2c9a\ua4e0",
    "O": "\u039f\u041e\u0555\u2c9e\ua4f3\U00010404",
    "P": "\u03a1\u0420\u13e2\u2ca2\ua4d1",
    "R": "\u13a1\u13d2\ua4e3",
    "S": "\u0405\u054f\u13d5\u13da\ua4e2\U00010420",
    "T": "\u03a4\u0422\u13a2\u2ca6\ua4d4",
    "U": "\u054d\ua4f4",
    "V": "\u0474\u13d9\ua4e6",
    "W": "\u051c\u13b3\u13d4\ua4ea",
    "X": "\u03a7\u0425\u2cac\ua4eb\ua7b3",
    "Y": "\u03a5\u03d2\u0423\u04ae\u13a9\u13bd\u2ca8\ua4ec",
    "Z": "\u0396\u13c3\ua4dc",
    "a": "\u0251\u03b1\u0430\u1d00",
    "b": "\u0299\u042c\u0432\u13cf",
    "c": "\u03f2\u0441\u1d04\u2ca5\uabaf\U0001043d",
    "d": "\u0501\u13e7\u1d05\ua4d2",
    "e": "\u0435\u04bd\u1d07\uab32",
    "f": "\u0584\u1e9d\ua730\ua799\uab35",
    "g": "\u0261\u0262\u0581\u1d83",
    "h": "\u029c\u043d\u04bb\u0570\u13c2",
    "i": "\u0131\u0269\u026a\u037a\u03b9\u0456\u13a5\u1fbe\ua647\uab75",
    "j": "\u03f3\u0458\u1d0a",
    "k": "\u03ba\u043a\u1d0b",
    "l": "\u029f\u04cf\u2c92\ua4f2",
    "m": "\u043c\u1d0d",
    "n": "\u0274\u0578\u057c",
    "o": "\u03bf\u03c3\u043e\u0585\u10ff\u1d0f\u1d11\u2c9f\uab3d\U0001042c",
    "p": "\u03c1\u03f1\u0440\u1d18\u2ca3",
    "q": "\u051b\u0563\u0566\ua7af",
    "r": "\u0280\u0433\u1d26\u2c85\uab47\uab48\uab81",
    "s": "\u0455\ua731\uabaa\U00010448",
    "t": "\u03c4\u0442\u1d1b",
    "u": "\u028b\u03c5\u057d\u1d1c\ua79f\uab4e\uab52",
    "v": "\u03bd\u0475\u1d20\uaba9",
    "w": "\u026f\u0461\u051d\u0561\u1d21\uab83",
    "x": "\u0445",
    "y": "\u0263\u028f\u03b3\u0443\u04af\u10e7\u1d8c\u1eff\uab5a",
    "z": "\u1d22\uab93",
}
LOOKALIKES: Final[Mapping[str, str]] = {char: letter for letter, chars in _BY_LETTER.items() for char in chars}
