"""
What complaints are about, day by day: aspects, and the brand's own places and products.

Counted from the stored events of cases, like promises (`rollup`): the same
events give the same lines. A case counts once a day for each thing that it
complains about, however often it is said.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date

from chalicelib.domain.calendar import zone_of
from chalicelib.domain.clock import Books
from chalicelib.domain.events import Event, EventKind
from chalicelib.domain.history import History, Moment
from chalicelib.domain.incidents.signals import complained_of
from chalicelib.domain.labels import Labels, Noise, Sentiment, Verdict

ASPECT = "aspect"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class About:
    """`kind` is "aspect", "place" or "product"; `name` the aspect's, or what the vocabulary calls it."""

    kind: str
    name: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseLine:
    """So many cases complained about it on a day: that of the wall in the calendar of the case's policy."""

    day: date
    about: About
    cases: int


def complaints(past: History, books: Books) -> Iterator[CauseLine]:
    """What one case adds to its days."""
    if not past:
        return
    withdrawn = past[-1].state.withdrawn
    seen = {
        (_day(moment, books), about)
        for moment in past
        if moment.event.kind is EventKind.MENTION and moment.event.key not in withdrawn
        for about in _abouts(moment.event)
    }
    yield from (CauseLine(day=day, about=about, cases=1) for day, about in sorted(seen))


def _abouts(event: Event) -> Iterator[About]:
    labels, fact = event.labels, event.fact
    if labels is None or fact is None or labels.noise.value is Noise.NOISE:
        return
    for aspect in complained_of(labels):
        yield About(kind=ASPECT, name=aspect, channel=fact.channel)
    if is_complaint(labels):
        for topic in labels.topics:
            yield About(kind=topic.kind.value, name=topic.name, channel=fact.channel)


def is_complaint(labels: Labels) -> bool:
    return labels.complaint.value is Verdict.YES or labels.sentiment.value is Sentiment.NEGATIVE


def _day(moment: Moment, books: Books) -> date:
    """UTC where the version of the policies is gone."""
    try:
        zone = zone_of(books[moment.event.book].get(moment.state.policy_id or "").calendar.zone)
    except LookupError:
        zone = UTC
    return moment.event.at.astimezone(zone).date()


def roll_up(found: Iterable[CauseLine]) -> tuple[CauseLine, ...]:
    """One line for each day and thing, in order."""
    counts: Counter[tuple[date, About]] = Counter()
    for line in found:
        counts[line.day, line.about] += line.cases
    return tuple(CauseLine(day=day, about=about, cases=counts[day, about]) for day, about in sorted(counts))


def totals(found: Iterable[CauseLine]) -> dict[tuple[str, str], int]:
    """Cases by kind and name over all days and channels, the most first."""
    counts: Counter[tuple[str, str]] = Counter()
    for line in found:
        counts[line.about.kind, line.about.name] += line.cases
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
