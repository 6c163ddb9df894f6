"""A day of mentions: how many an hour, by whom, and what is hidden among them. The same seed gives the same day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from bench.incidents import texts
from chalicelib.domain.facts import Author, Fact, FactKind

ORDINARY: Final = 5_000
ACCOUNT: Final = "9000"
CHANNELS: Final = (("x", "x.main", 0.62), ("facebook", "facebook.page", 0.26), ("x", "x.help", 0.12))
_KINDS: Final = ((texts.GRUMBLES, 0.56), (texts.QUESTIONS, 0.19), (texts.PRAISE, 0.15), (texts.CHATTER, 0.10))
# Of a day's mentions, by hour in UTC: quiet at night, two humps.
_HOURS: Final = (9, 6, 5, 4, 5, 9, 20, 38, 58, 64, 60, 57, 55, 53, 52, 54, 58, 63, 68, 66, 55, 42, 28, 16)
_WEEKDAYS: Final = (1.08, 1.0, 0.98, 1.0, 1.12, 0.86, 0.72)  # Monday first
_FOLLOWS: Final = 0.12  # of mentions, so many are a second message of somebody
_JOINS: Final = 0.25  # of an outage's mentions, so many stand below another one


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """
    One cause: what people write of it, how many, from when on, and how they come in.

    `shape` above 1 brings them early, at 1 evenly over `lasts`.
    """

    name: str
    templates: Sequence[str]
    begins: timedelta
    lasts: timedelta
    mentions: int = 120
    shape: float = 1.0


@dataclass(frozen=True, slots=True)
class Said:
    """A fact, and the outage that it is about; None on an ordinary day."""

    fact: Fact
    about: str | None = None


def day(begin: datetime, seed: int, outages: Sequence[Outage] = (), *, ordinary: int = ORDINARY) -> list[Said]:
    """All that is said on the day that begins then, in the order in which it is heard."""
    dice = Random(f"{begin:%Y-%m-%d}/{seed}")
    writer = _Writer(dice)
    said = [Said(fact) for fact in writer.ordinary(begin, ordinary)]
    for outage in outages:
        said += [Said(fact, outage.name) for fact in writer.outage(begin, outage)]
    return sorted(said, key=lambda one: (one.fact.received_at, one.fact.message_id))


class _Writer:
    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._number = 0
        self._base = dice.randrange(10**6) * 10**9

    def ordinary(self, begin: datetime, number: int) -> Iterator[Fact]:
        dice = self._dice
        # A busy morning here, a slow evening there: hours of two days are not alike.
        mood = [weight * dice.lognormvariate(0, 0.18) for weight in _HOURS]
        leaning = [[weight * dice.lognormvariate(0, 0.35) for weight in (1,) * len(lines)] for lines, _ in _KINDS]
        amount = round(number * _WEEKDAYS[begin.weekday()] * dice.lognormvariate(0, 0.06))
        before: list[Fact] = []
        for _ in range(amount):
            hour = dice.choices(range(24), mood)[0]
            at = begin + timedelta(hours=hour, seconds=dice.randrange(3600))
            kind = dice.choices(range(len(_KINDS)), [share for _, share in _KINDS])[0]
            template = dice.choices(_KINDS[kind][0], leaning[kind])[0]
            fact = self._fact(at, texts.filled(template, dice), again=before)
            before.append(fact)
            yield fact

    def outage(self, begin: datetime, outage: Outage) -> Iterator[Fact]:
        dice = self._dice
        above: list[Fact] = []
        times = sorted(dice.random() ** outage.shape for _ in range(outage.mentions))
        for place in times:
            at = begin + outage.begins + outage.lasts * place
            parent = dice.choice(above) if above and dice.random() < _JOINS else None
            fact = self._fact(at, texts.worded(outage.templates, dice), below=parent)
            above.append(fact)
            yield fact

    def _fact(self, at: datetime, text: str, *, again: Sequence[Fact] = (), below: Fact | None = None) -> Fact:
        dice = self._dice
        self._number += 1
        message_id = str(10**17 + self._base + self._number)
        same = dice.choice(again) if again and dice.random() < _FOLLOWS else None
        kin = same or below
        platform, channel, _ = dice.choices(CHANNELS, [share for *_, share in CHANNELS])[0]
        platform, channel = (kin.platform, kin.channel) if kin else (platform, channel)
        author = same.author if same else self._author(platform)
        thread_id = kin.thread_id if kin else message_id
        handle = "@larkspurair " if platform == "x" else ""
        return Fact(
            kind=FactKind.MENTION,
            platform=platform,
            channel=channel,
            account_id=ACCOUNT,
            message_id=message_id,
            received_at=at + timedelta(seconds=dice.choice((1, 1, 2, 3, 8))),
            occurred_at=at.replace(microsecond=0),
            thread_id=thread_id,
            parent_id=below.message_id if below else None,
            author=author,
            text=f"{handle}{text}",
        )

    def _author(self, platform: str) -> Author:
        number = self._dice.randrange(10**9)
        followers = min(int(self._dice.lognormvariate(5.4, 1.6)), 900_000) if platform == "x" else None
        return Author(id=str(5 * 10**9 + number), handle=f"traveller{number}", followers=followers)
