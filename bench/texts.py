"""
Mixed mentions of an invented airline, the same for every run: what a day brings, in no order.

Praise, questions, complaints, emergencies and spam; eight languages with word
lists and four without; from three words to 5,000 characters; some with emoji,
handles, links, and letters that somebody leaned on.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

SEED: Final = 4
MOST_CHARS: Final = 5_000

_ENGLISH: Final = (
    "Thank you for the quick help at the desk in {city}.",
    "Lovely crew on {flight} this morning.",
    "Does {flight} still leave from gate {n}?",
    "When will the summer timetable to {city} come out?",
    "My suitcase has not arrived and nobody answers the phone.",
    "Three hours of waiting in {city} and not one word from anyone.",
    "You charged my card twice for the seat on {flight}.",
    "The app lost my boarding pass again.",
    "I would like a refund for booking {code}, please.",
    "The sandwich was fine, the queue was not.",
    "Not the worst flight I ever had.",
    "Can I bring a cello on board?",
    "Great, another delay. Just what I needed today.",
    "We flew with you to {city} and would do it again.",
    "Nobody at {city} could tell me where the bus stops.",
    "Is the lounge in {city} open on Sundays?",
    "Your website will not take my {n} digit number.",
    "Seat {n}A does not recline and the lamp above it is broken.",
    "If this goes on I shall take the train.",
    "Saw your new plane over {city} today, what a colour.",
)
_OTHERS: Final[Mapping[str, tuple[str, ...]]] = {
    "German": (
        "Mein Koffer ist seit {n} Tagen weg und niemand antwortet.",
        "Danke an die Crew von {flight}, sehr freundlich!",
        "Fliegt {flight} heute noch nach {city}?",
        "Die Schlange in {city} war eine Zumutung.",
    ),
    "French": (
        "Ma valise n'est pas arrivée à {city}.",
        "Merci à l'équipage du vol {flight}.",
        "Est-ce que le vol {flight} part à l'heure ?",
        "Deux heures d'attente et personne ne répond.",
    ),
    "Spanish": (
        "Mi maleta no ha llegado a {city}.",
        "Gracias por la ayuda en el mostrador.",
        "¿A qué hora sale el vuelo {flight}?",
        "Nadie contesta el teléfono desde hace {n} días.",
    ),
    "Italian": ("La mia valigia non è arrivata a {city}.", "Grazie mille all'equipaggio di {flight}."),
    "Portuguese": ("A minha mala não chegou a {city}.", "Obrigado pela ajuda no balcão de {city}."),
    "Dutch": ("Mijn koffer is nog steeds niet in {city}.", "Bedankt voor de hulp bij gate {n}."),
    "Turkish": ("Bavulum {n} gündür kayıp, kimse cevap vermiyor.",),  # noqa: RUF001  it is a letter of its own
    "Polish": ("Mój bagaż nie doleciał do {city}.",),
    "Japanese": ("{flight}便の荷物がまだ届きません。", "とても親切な対応でした。ありがとう。"),
    "Arabic": ("حقيبتي لم تصل إلى {city} بعد",),
}
_SHORT: Final = ("still waiting here", "love this airline", "where is it", "thanks so much", "not good enough")
_EMERGENCIES: Final = (
    "There is smoke in the cabin of {flight} and people cannot breathe, please help!",
    "My mother collapsed at gate {n} in {city} and nobody comes. She is diabetic.",
    "We are stranded in {city} with a baby and no food, {flight} was cancelled.",
    "Somebody broke into my account and booked {n} tickets to {city}.",
)
_SPAM: Final = (
    "FREE flights!!! Click https://win-{n}.example and claim your voucher NOW",
    "We are hiring! Senior crew planner in {city}. Apply: https://jobs.example/{n} #jobs #hiring",
    "RT and follow to win {n} tickets to {city} #giveaway #free",
)
_EMOJI: Final = ("😡", "😂", "🙏", "❤️", "👍🏽", "✈️", "😭", "🎉", "🤷‍♀️", "👨‍👩‍👧")
_CITIES: Final = ("Lindholm", "Port Avery", "Castell Mar", "Brindlemoor", "Nyvik")


def mixed(number: int, seed: int = SEED) -> list[str]:
    """So many texts; a larger number begins with those of a smaller one."""
    draw = Random(seed)
    return [_text(draw) for _ in range(number)]


def _text(draw: Random) -> str:
    sort = draw.random()
    if sort < 0.10:
        return draw.choice(_SHORT)
    if sort < 0.14:
        return _dressed(draw, _filled(draw, draw.choice(_EMERGENCIES)))
    if sort < 0.20:
        return _filled(draw, draw.choice(_SPAM))
    pool = _ENGLISH if sort < 0.75 else _OTHERS[draw.choice(list(_OTHERS))]
    return _dressed(draw, _of_length(draw, pool, _length(draw)))


def _length(draw: Random) -> int:
    """Characters: most are a post, some a letter."""
    sort = draw.random()
    if sort < 0.80:
        return draw.randint(20, 280)
    return draw.randint(281, 1_000) if sort < 0.95 else draw.randint(1_001, MOST_CHARS)


def _of_length(draw: Random, pool: Sequence[str], chars: int) -> str:
    sentences = [_filled(draw, draw.choice(pool))]
    while sum(map(len, sentences)) + len(sentences) < chars:
        sentences.append(_filled(draw, draw.choice(pool)))
    return " ".join(sentences)[:MOST_CHARS]


def _filled(draw: Random, template: str) -> str:
    number = draw.randint(2, 40)
    return template.format(
        city=draw.choice(_CITIES), flight=f"MW{draw.randint(100, 999)}", n=number, code=f"Q{number}XTL"
    )


def _dressed(draw: Random, text: str) -> str:
    """As people write: a handle in front, letters leaned on, emoji and a link behind. Never longer than the most."""
    if draw.random() < 0.4:
        text = f"@marlowair {text}"
    if draw.random() < 0.1:
        text = text.replace("o", "ooooo", 1).replace("!", "!!!!")
    if draw.random() < 0.3:
        text = f"{text} {''.join(draw.choices(_EMOJI, k=draw.randint(1, 4)))}"
    if draw.random() < 0.1:
        text = f"{text} https://photos.example/{draw.randint(1_000, 9_999)}"
    return text[:MOST_CHARS]
