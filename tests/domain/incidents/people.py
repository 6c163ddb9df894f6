"""Invented people who write about one thing, and hours like any other."""

from datetime import UTC, datetime, timedelta

from chalicelib.domain.incidents import words
from chalicelib.domain.incidents.signals import Signal
from chalicelib.domain.incidents.usual import HOUR, Hour, Usual, comparable
from chalicelib.domain.labels import Sentiment, Urgency

NOW = datetime(2026, 3, 3, 10, 30, tzinfo=UTC)
LOGIN = (
    "the app will not let me sign in",
    "login broken, app shows an error",
    "app down, cannot get my boarding pass",
    "sign in fails with an error on the app",
    "login page of the app just reloads",
)
CHATTER = (
    "when does check-in open for tomorrow",
    "my bag is late",
    "which gate do I need",
    "the crew was nice and helpful",
    "how much is a second suitcase",
    "seat was broken",
)


def signal(number, text="", *, minutes_ago=5.0, **values):
    """What is kept of one mention: everybody is somebody else, unless `who` says so."""
    defaults = {
        "key": f"x|{number}|mention",
        "at": NOW - timedelta(minutes=minutes_ago),
        "case_id": f"c{number:015x}",
        "channel": "x.main",
        "who": f"w{number}",
        "thread": f"t{number}",
        "sentiment": Sentiment.NEGATIVE,
        "complains": True,
        "urgency": Urgency.HIGH,
        "terms": words.terms(text),
        "sketch": words.signature(text),
    }
    return Signal(**{**defaults, **values})


def several(texts, number, *, first=0, over=20.0, **values):
    """So many mentions, the texts in turn, spread over the last minutes."""
    return [
        signal(first + place, texts[place % len(texts)], minutes_ago=over * (place + 0.5) / number, **values)
        for place in range(number)
    ]


def usual(*, people=60, now=NOW, hours=None, **counts):
    """The same in every hour before; a keyword such as `term_bag=6` is people who shared it."""
    shares = {"channel:x.main": 15, **{name.replace("_", ":", 1): count for name, count in counts.items()}}
    begins = comparable(now) if hours is None else [now.replace(minute=0) - number * HOUR for number in range(1, hours)]
    return Usual([Hour(begin=begin, people=people, counts=shares) for begin in begins], now)
