"""
The language of a text, by its script, its small words, and the platform's word for it.

Small words are those that make up running text in one language and are rare in
its neighbours. A few words are too few to tell: then the hint decides, or the
answer is "und".
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from typing import Final

from chalicelib.classify.tokens import JudgedPart, letters_of
from chalicelib.domain.labels import UNDETERMINED, Label

_SMALL_WORDS: Final[Mapping[str, frozenset[str]]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": """
            the and is are was were i you my your it this that to of for with have has had be been not from at
            on they we our will would can just what when why how please but an do does did there their i'm don't
            can't it's me all so get got out up now if or still about after no
        """,
        "de": """
            der die das und ist nicht ich sie wir ein eine einen einem mit auf fur von zu den dem des im am bei
            auch noch es ihr euch mein meine wie warum wann seit immer schon aber war habe haben hat wird werden
            kann keine kein nach uber mich mir uns sind was nur mal vom zum zur heute bitte danke
        """,
        "fr": """
            le la les des du un une et est je vous nous pas ne que qui dans sur pour avec mon ma mes votre vos
            notre ce cette ca c'est j'ai suis etes sont mais ou au aux depuis toujours plus tres merci bonjour
            il elle on en n'est d'un d'une qu'il sans comme tout fait bien etre avez avoir deux
        """,
        "es": """
            el la los las un una y es que de en con por para no mi su sus nos del al se lo le les me muy pero
            como cuando porque desde esta este estoy hay han ha he gracias hola ustedes sin ya donde son tengo
            mas todo todos hoy llevo nada siempre tienen pedido dos unos
        """,
        "pt": """
            o os as um uma e que de em com por para nao meu minha seu sua do da dos das no na nos nas se ao
            muito mas como quando desde esta este estou ha foi voces voce obrigado obrigada ola sem ja onde sao
            tenho mais tudo hoje ainda pelo pela ate isso eu ele ela me nem
        """,
        "it": """
            il lo la gli le un una e che di in con per non mio mia vostro vostra del della dei delle al alla si
            ma come quando perche da sono ho ha hanno siete avete grazie ciao senza gia dove piu tutto oggi
            ancora nel nella questo questa molto anche mi vi ci sto c'e dal
        """,
        "nl": """
            de het een en is niet ik je jullie wij we van voor met op te dat die dit mijn uw ook nog maar als
            aan bij er wat hoe waarom wanneer sinds al heb heeft hebben ben zijn was wordt worden kan geen naar
            over uit om mij ons deze weer vandaag dan graag bedankt
        """,
    }.items()
}
# A word that several languages share says less about each of them.
_SHARED: Final = Counter(word for words in _SMALL_WORDS.values() for word in words)

_SCRIPTS: Final = (
    # language, first and last letter of a block, one letter in how many must be of it
    ("ja", "\u3040", "\u30ff", 8),  # before Chinese: Japanese mixes kana with its characters
    ("ko", "\uac00", "\ud7af", 3),
    ("zh", "\u4e00", "\u9fff", 3),
    ("ar", "\u0600", "\u06ff", 3),
    ("he", "\u0590", "\u05ff", 3),
    ("th", "\u0e00", "\u0e7f", 3),
    ("el", "\u0370", "\u03ff", 3),
    ("ru", "\u0400", "\u04ff", 3),
    ("hi", "\u0900", "\u097f", 3),
    ("bn", "\u0980", "\u09ff", 3),
    ("pa", "\u0a00", "\u0a7f", 3),
    ("gu", "\u0a80", "\u0aff", 3),
    ("ta", "\u0b80", "\u0bff", 3),
    ("te", "\u0c00", "\u0c7f", 3),
    ("kn", "\u0c80", "\u0cff", 3),
    ("ml", "\u0d00", "\u0d7f", 3),
    ("ka", "\u10a0", "\u10ff", 3),
    ("hy", "\u0530", "\u058f", 3),
)
_BY_FIRST: Final = sorted(_SCRIPTS, key=lambda script: script[1])
_FIRSTS: Final = [first for _, first, _, _ in _BY_FIRST]
_FIRST_OF_SCRIPTS: Final = _FIRSTS[0]
# Letters that only a neighbour in the same script has.
_OWN_LETTERS: Final = (
    ("ru", "uk", frozenset("єіїґЄІЇҐ")),
    ("ar", "ur", frozenset("\u0679\u0688\u0691\u06d2")),
    ("ar", "fa", frozenset("\u067e\u0686\u06af")),
)
# Languages that write with the script of another: there the hint knows better than the letters do.
_SAME_SCRIPT: Final[Mapping[str, frozenset[str]]] = {
    "ru": frozenset({"ru", "uk", "bg", "sr", "mk", "be", "kk", "mn"}),
    "uk": frozenset({"uk", "be", "kk", "sr", "mk"}),
    "ar": frozenset({"ar", "fa", "ur", "ps", "ckb", "sd"}),
    "fa": frozenset({"fa", "ur", "ps", "ckb", "sd"}),
    "ur": frozenset({"ur", "ps", "sd"}),
    "hi": frozenset({"hi", "mr", "ne", "sa"}),
    "he": frozenset({"he", "yi"}),
    "bn": frozenset({"bn", "as"}),
    "zh": frozenset({"zh", "ja"}),
}
_TAG: Final = re.compile(r"[a-z]{2,3}")
_OLD_TAGS: Final = {"iw": "he", "in": "id", "ji": "yi"}  # still sent by some platforms
_NO_LANGUAGE: Final = frozenset({"und", "zxx", "mul", "mis"})
_SHORTEST: Final = 3
_HINT_WORTH: Final = 1.5
_ENOUGH: Final = 2.0
_LEAD: Final = 1.3


def detect(passage: JudgedPart, hint: str | None) -> Label[str]:
    """The primary tag, with the small words that told it."""
    hinted = primary_tag(hint)
    script = _by_script(letters_of(passage))
    if script:
        return Label(hinted if hinted in _SAME_SCRIPT.get(script, ()) else script, 0.9)
    return _by_small_words(passage, hinted)


def small_words(language: str) -> frozenset[str]:
    """Those that make up running text in it."""
    return _SMALL_WORDS[language]


def is_small(word: str) -> bool:
    """A word that holds sentences together and says nothing by itself; also what is hardly a word."""
    folded = word.casefold()
    return len(folded) < _SHORTEST or not any(map(str.isalpha, folded)) or folded in _SHARED


def primary_tag(hint: str | None) -> str:
    """The language of a platform's tag, such as "pt" for "pt_BR"; "und" for X's pseudo-languages and for nonsense."""
    tag = (hint or "").replace("_", "-").split("-")[0].lower()
    tag = _OLD_TAGS.get(tag, tag)
    reserved = len(tag) == len("qaa") and "qaa" <= tag <= "qtz"  # private use; X says "qme" for a post of media alone
    return tag if _TAG.fullmatch(tag) and not reserved and tag not in _NO_LANGUAGE else UNDETERMINED


def _by_script(letters: str) -> str | None:
    if letters.isascii():
        return None
    found = Counter(map(_script_of, letters))
    for language, _, _, one_in in _SCRIPTS:
        if found[language] * one_in >= len(letters):
            return _neighbour(language, frozenset(letters))
    return None


def _script_of(letter: str) -> str | None:
    """By the language that stands for the script; None for Latin letters and for what is not in the list."""
    if letter < _FIRST_OF_SCRIPTS:
        return None
    language, _, last, _ = _BY_FIRST[bisect_right(_FIRSTS, letter) - 1]
    return language if letter <= last else None


def _neighbour(language: str, letters: frozenset[str]) -> str:
    for script, other, own in _OWN_LETTERS:
        if script == language and not own.isdisjoint(letters):
            return other
    return language


def _by_small_words(passage: JudgedPart, hinted: str) -> Label[str]:
    found: dict[str, dict[str, str]] = {language: {} for language in _SMALL_WORDS}
    for at, word in enumerate(passage.words):
        form = word.forms[0]
        if form in _SHARED:
            for language, words in _SMALL_WORDS.items():
                if form in words:
                    found[language].setdefault(form, passage.quote(at, at))
    points = {language: sum(1 / _SHARED[form] for form in forms) for language, forms in found.items()}
    if hinted in points:
        points[hinted] += _HINT_WORTH
    best, second = sorted(points, key=lambda language: -points[language])[:2]
    if points[best] >= _ENOUGH and points[best] >= _LEAD * points[second]:
        score = points[best] / (points[best] + points[second] + 0.5)
        return Label(best, round(min(score, 0.98), 3), tuple(found[best].values())[:3])
    return Label(hinted, 0.6 if hinted != UNDETERMINED else 0.5)
