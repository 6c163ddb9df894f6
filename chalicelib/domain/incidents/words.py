"""
What a text is about, in a few words of it, and how much two texts are alike.

The words are a stranger's: they are folded, cut, counted and compared, and
shown to people only once several strangers have used them.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final
from zlib import crc32

from chalicelib.domain.canonical import canonical
from chalicelib.domain.folding import fold

MOST_READ: Final = 1_500  # characters: a complaint states its matter first
MOST_TERMS: Final = 20
LONGEST: Final = 24
SHORTEST: Final = 3
_CODE_DIGITS: Final = 3  # "503" is an error, "200" may be a price: the usual counts tell them apart

_WORD: Final = re.compile(
    r"(?P<drop>(?:https?://|www\.)\S+|@\w+(?:[.-]\w+)*)|(?P<word>[^\W_](?:[^\W_]|[\u0300-\u036f]|['\u2019](?=[^\W_]))*)"
)
_ELONGATED: Final = re.compile(r"(\D)\1{2,}")

# Words that say nothing of a matter, in the seven languages of the word lists. Folded.
_EMPTY: Final = """
    a about after again all also am an and any anybody anyone are aren't as at back be because been before being but by
    can can't cannot could couldn't day did didn't do does doesn't doing don't else even ever every everyone for
    from get gets getting go going gonna got guys had has hasn't have haven't having he hello help her here hey hi him
    his how i i'd i'll i'm i've if im in into is isn't it it's its ive just keep keeps know last let like lol look make
    many may maybe me more much must my need never new next no nobody not nothing now of off ok okay on one only or
    other our out over people please pls put really right said same say says see seem seems she should since so some
    somebody someone something still such sure take tell than thank thanks that that's the their them then there these
    they they're thing things think this those time to today too trying try tried u until up ur us use used using very
    want was wasn't way we we're well were weren't what what's when where which while who why will with won't work
    works working would wouldn't yeah yes yet you you're your yours wtf minutes minute hour hours morning

    aber alle als also am an auch auf aus bei beim bin bis bist bitte bzw da dann das dass dein dem den denn der des
    dich die dies diese dieser dieses dir doch du durch ein eine einem einen einer eines er es etwas euch euer fur gar
    gegen geht gerade haben habe hat hatte hallo heute hier ich ihr ihre im immer in ist ja jetzt kann kein keine
    keinen konnen konnte leider mal man mehr mein meine meinem meinen meiner mich mir mit muss nach nicht nichts nie
    noch nun nur ob oder ohne schon sehr sein seine seit sich sie sind so ueber uber um und uns unser unter vom von vor
    war warum was weg wegen weil wenn wer werden wie wieder will wir wird wo wurde zu zum zur

    ai as au aucun aussi autre aux avec avez avoir avons bien bonjour c'est ca ce cela ces cet cette chez comme dans de
    depuis des donc du elle elles en encore es est et etait etes etre eu faire fait faut il ils j'ai je jour la le les
    leur lui ma mais me meme merci mes moi mon ne ni nos notre nous on ont ou oui par pas peut plus pour pourquoi qu'il
    quand que quel quelle qui rien sa sans se ses si son sont sur ta te tout tous toute tres tu un une vos votre vous

    al algo ante aqui asi cada como con contra cual cuando de del desde donde el ella ellos en entre era es esa ese eso
    esta estan estas este esto estoy fue gracias ha hace hacer han hasta hay hola hoy la las le les lo los mas me mi
    mis muy nada ni no nos nosotros nunca o otra otro para pero poco por porque pues que quien se ser si sin sobre solo
    son soy su sus tambien tan te tengo tiene todo todos tu un una uno unos usted ustedes vez y ya yo

    ao aos as ate com como da das de dele do dos e ela ele em entao era essa esse esta estao estou eu foi fui ha isso
    ja la lhe mais mas me mesmo meu minha muito na nao nas nem no nos num ola os ou para pela pelo por porque quando
    que quem se sem ser seu so sua tambem te tem tenho um uma voces

    ad al alla anche ancora che chi ci ciao come con cosa da dai dal dalla degli dei del della delle di dove e ed era
    fa gia gli ha hai hanno ho i il in io la le lei lo loro ma mai me mi mia mio molto ne nei nel nella noi non o oggi
    per perche piu poi puo quando quello questa questo qui se sei senza si siamo solo sono su sua suo tra tu tutti
    tutto un una uno va vi voi

    aan al alleen als altijd ben bij dan dat de deze die dit doe door dus een en er ga geen goed had heb hebben heeft
    het hier hij hoe hoi ik in is ja je jij jullie kan kom kunnen maar me meer men met mij mijn moet na naar niet nog
    nou nu of om ons onze ook op over te tegen toch toen tot u uit uw van veel voor waar waarom wanneer was wat we weer
    wel werd wij wil worden wordt zal ze zich zijn zo zou
"""
_STOPWORDS: Final = frozenset(_EMPTY.split())


def terms(text: str) -> tuple[str, ...]:
    """
    The first words of a text that may say what it is about: folded, each once, at most `MOST_TERMS`.

    Who is addressed and what is linked is no matter of theirs.
    """
    found = dict.fromkeys(word for word in _words(text) if _tells(word))
    return tuple(found)[:MOST_TERMS]


def _words(text: str) -> list[str]:
    matches = _WORD.finditer(canonical(text[:MOST_READ]).text)
    return [_ELONGATED.sub(r"\1", fold(found["word"]))[:LONGEST] for found in matches if found["word"]]


def _tells(word: str) -> bool:
    if word.isdecimal():
        return len(word) == _CODE_DIGITS
    return len(word) >= SHORTEST and word not in _STOPWORDS


# --- how much two texts are alike -------------------------------------------------------------------------------

HASHES: Final = 32  # the estimate of a likeness of 0.5 is off by 0.09, one standard deviation
_PRIME: Final = (1 << 31) - 1
_MULTIPLIERS: Final = tuple((2 * crc32(f"a{number}".encode()) + 1) % _PRIME for number in range(HASHES))
_OFFSETS: Final = tuple(crc32(f"b{number}".encode()) % _PRIME for number in range(HASHES))
_DIGITS: Final = 4  # sixteen bits of each minimum: two different ones look the same once in 65,536
_FEWEST_WORDS: Final = 4  # "same here please" is alike to everything
_ROWS: Final = 4


def signature(text: str) -> str:
    """
    A sketch of the pairs of neighbouring words; empty for a text of a few words.

    MinHash (A. Broder, "On the resemblance and containment of documents", 1997): the share of equal
    places in two sketches estimates the share of pairs that the texts have in common.
    """
    words = _words(text)
    if len(words) < _FEWEST_WORDS:
        return ""
    pairs = {crc32(f"{one} {other}".encode()) % _PRIME for one, other in pairwise(words)}
    minima = (
        min((multiplier * pair + offset) % _PRIME for pair in pairs)
        for multiplier, offset in zip(_MULTIPLIERS, _OFFSETS, strict=True)
    )
    return "".join(f"{least & 0xFFFF:0{_DIGITS}x}" for least in minima)


def likeness(one: str, other: str) -> float:
    """Estimated from two sketches, 0 to 1; 0 when there is none."""
    if not one or not other:
        return 0.0
    mine, theirs = _parts(one, _DIGITS), _parts(other, _DIGITS)
    return sum(a == b for a, b in zip(mine, theirs, strict=False)) / HASHES


def bands(sketch: str) -> Sequence[str]:
    """Pieces of a sketch, one of which two texts that are much alike very likely share."""
    return _parts(sketch, _DIGITS * _ROWS)


def _parts(sketch: str, size: int) -> list[str]:
    return [sketch[begin : begin + size] for begin in range(0, len(sketch), size)]
