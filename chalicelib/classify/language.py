"""
The language of a text, by its script, its small words, and the platform's word for it.

Small words are those that make up running text in one language and are rare in
its neighbours. A few words are too few to tell: then the hint decides, or the
answer is "und".
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from chalicelib.classify.tokens import Passage
from chalicelib.domain.labels import UNDETERMINED, Label

_SMALL_WORDS: Final[Mapping[str, frozenset[str]]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the and is are was were i you my your it this that to of for with have has had be been not from at on they "
        "we our will would can just what when why how please but an do does did been there their i'm don't can't it's "
        "me all so get got out up now if or still about after no",
        "de": "der die das und ist nicht ich sie wir ein eine einen einem mit auf fur von zu den dem des im am bei auch noch "
        "es ihr euch mein meine wie warum wann seit immer schon aber war habe haben hat wird werden kann keine kein "
        "nach uber mich mir uns sind was nur mal vom zum zur heute bitte danke",
        "fr": "le la les des du un une et est je vous nous pas ne que qui dans sur pour avec mon ma mes votre vos notre ce "
        "cette ca c'est j'ai suis etes sont mais ou au aux depuis toujours plus tres merci bonjour il elle on en "
        "n'est d'un d'une qu'il sans comme tout fait bien etre avez avoir deux",
        "es": "el la los las un una y es que de en con por para no mi su sus nos del al se lo le les me muy pero como cuando "
        "porque desde esta este estoy hay han ha he gracias hola ustedes sin ya donde son tengo mas todo todos hoy "
        "llevo nada siempre tienen pedido dos unos",
        "pt": "o os as um uma e que de em com por para nao meu minha seu sua do da dos das no na nos nas se ao muito mas como "
        "quando desde esta este estou ha foi voces voce obrigado obrigada ola sem ja onde sao tenho mais tudo hoje "
        "ainda pelo pela ate isso eu ele ela me nem",
        "it": "il lo la gli le un una e che di in con per non mio mia vostro vostra del della dei delle al alla si ma come "
        "quando perche da sono ho ha hanno siete avete grazie ciao senza gia dove piu tutto oggi ancora nel nella "
        "questo questa molto anche mi vi ci sto c'e dal",
        "nl": "de het een en is niet ik je jullie wij we van voor met op te dat die dit mijn uw ook nog maar als aan bij er "
        "wat hoe waarom wanneer sinds al heb heeft hebben ben zijn was wordt worden kan geen naar over uit om mij "
        "ons deze weer vandaag dan graag bedankt",
    }.items()
}
# A word that several languages share says less about each of them.
_SHARED: Final = Counter(word for words in _SMALL_WORDS.values() for word in words)

_SCRIPTS: Final = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),  # before Chinese: Japanese mixes kana with its characters
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]")),
    ("ur", re.compile(r"[\u0679\u0688\u0691\u06d2]")),
    ("fa", re.compile(r"[\u067e\u0686\u06af]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("uk", re.compile(r"[\u0404\u0406\u0407\u0454\u0456\u0457\u0490\u0491]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("bn", re.compile(r"[\u0980-\u09ff]")),
    ("pa", re.compile(r"[\u0a00-\u0a7f]")),
    ("gu", re.compile(r"[\u0a80-\u0aff]")),
    ("ta", re.compile(r"[\u0b80-\u0bff]")),
    ("te", re.compile(r"[\u0c00-\u0c7f]")),
    ("kn", re.compile(r"[\u0c80-\u0cff]")),
    ("ml", re.compile(r"[\u0d00-\u0d7f]")),
    ("ka", re.compile(r"[\u10a0-\u10ff]")),
    ("hy", re.compile(r"[\u0530-\u058f]")),
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
_HINT_WORTH: Final = 1.5
_ENOUGH: Final = 2.0
_LEAD: Final = 1.3


def detect(passage: Passage, hint: str | None) -> Label[str]:
    """The primary tag, with the small words that told it."""
    hinted = primary_tag(hint)
    letters = "".join(passage.text[word.start : word.end] for word in passage.words if word.kind == "word")
    script = _by_script(letters)
    if script:
        return Label(hinted if hinted in _SAME_SCRIPT.get(script, ()) else script, 0.9)
    return _by_small_words(passage, hinted)


def primary_tag(hint: str | None) -> str:
    """The language of a platform's tag, such as "pt" for "pt_BR"; "und" for X's pseudo-languages and for nonsense."""
    tag = (hint or "").replace("_", "-").split("-")[0].lower()
    tag = _OLD_TAGS.get(tag, tag)
    reserved = len(tag) == len("qaa") and "qaa" <= tag <= "qtz"  # private use; X says "qme" for a post of media alone
    return tag if _TAG.fullmatch(tag) and not reserved and tag not in _NO_LANGUAGE else UNDETERMINED


def _by_script(letters: str) -> str | None:
    if letters.isascii():
        return None
    for language, pattern in _SCRIPTS:
        if len(pattern.findall(letters)) * _LEAST_SHARE.get(language, 3) >= len(letters):
            return language
    return None


# One letter in so many must be of the script. Few kana or marking letters tell a language; a quoted word does not.
_LEAST_SHARE: Final[Mapping[str, int]] = {"ja": 8, "uk": 25, "fa": 25, "ur": 25}


def _by_small_words(passage: Passage, hinted: str) -> Label[str]:
    found: dict[str, dict[str, str]] = {language: {} for language in _SMALL_WORDS}
    for word in passage.words:
        form = word.forms[0]
        if form in _SHARED:
            for language, words in _SMALL_WORDS.items():
                if form in words:
                    found[language].setdefault(form, passage.text[word.start : word.end])
    points = {language: sum(1 / _SHARED[form] for form in forms) for language, forms in found.items()}
    if hinted in points:
        points[hinted] += _HINT_WORTH
    best, second = sorted(points, key=lambda language: -points[language])[:2]
    if points[best] >= _ENOUGH and points[best] >= _LEAD * points[second]:
        score = points[best] / (points[best] + points[second] + 0.5)
        return Label(best, round(min(score, 0.98), 3), tuple(found[best].values())[:3])
    return Label(hinted, 0.6 if hinted != UNDETERMINED else 0.5)
