"""
Half past ten: the airline's app fails, and many people say so at once, each in their own words.

The two weeks before are invented, and are written down as the hourly function
would have: without them nobody could say that this is unusual.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.domain.causes import ASPECT, About, CauseLine
from chalicelib.domain.incidents.usual import Hour, comparable
from infra.demo import airline as a
from infra.demo import x
from infra.demo.script import Delivery, wrote

ENDS: Final = a.clock("10:29:50")
LASTS: Final = timedelta(minutes=6)
DAYS: Final = 14
PEOPLE: Final = 24
_FIRST: Final = ("Alba", "Bruno", "Cleo", "Dario", "Edda", "Fritjof", "Gala", "Hollis")
_LAST: Final = ("Amberley", "Brockway", "Carnforth")
_WORDS: Final = (
    "@larkspurair your app will not let me sign in, it just shows an error",
    "@larkspurair the app is down, I cannot get my boarding pass and the gate closes soon",
    "@larkspurair app error at sign in, again and again. Boarding in half an hour!",
    "@larkspurair cannot sign in to the app. No boarding pass, what do I do at the gate?",
    "@larkspurair login in your app is broken, the page only reloads",
    "@larkspurair the app throws an error, boarding pass gone",
)
# People who wrote of it in an ordinary hour, and cases that complained about it on an ordinary day.
_USUAL: Final = {"channel:x.main": 9, "term:app": 1, "term:boarding": 1, "term:gate": 2, "aspect:app": 1}
_CAUSES: Final = {"waiting": 11, "staff": 6, "rules": 5, "app": 3, "price": 2}


def posts() -> Iterator[Delivery]:
    """What arrives, oldest first."""
    for number in range(PEOPLE):
        name = f"{_FIRST[number % len(_FIRST)]} {_LAST[number // len(_FIRST)]}"
        person = a.InventedPerson(
            id=f"15300000000001{number:05}",
            name=name,
            handle=name.replace(" ", "").lower(),
            followers=120 + 90 * number,
        )
        at = ENDS - LASTS * (PEOPLE - 1 - number) / PEOPLE
        post = x.XPost(at=at.replace(microsecond=0), by=person, text=_WORDS[number % len(_WORDS)])
        yield from wrote(post, x.account_activity(post))


def hours(now: datetime) -> Iterator[Hour]:
    """Ordinary ones, as far back as anybody looks."""
    yield from (Hour(begin=begin, people=30, counts=_USUAL) for begin in comparable(now))


def causes(now: datetime) -> Iterator[tuple[date, list[CauseLine]]]:
    """What the days before were about; the second week a little more of it."""
    for back in range(1, DAYS + 1):
        day = now.date() - timedelta(days=back)
        more = (back + day.day) % 3
        yield (
            day,
            [
                CauseLine(day=day, about=About(kind=ASPECT, name=name, channel=a.X), cases=cases + more)
                for name, cases in _CAUSES.items()
            ],
        )
