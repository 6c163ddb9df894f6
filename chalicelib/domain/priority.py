"""
Who is answered first: one score for a case, with what it is made of.

A point is worth the time that one waits for it, so a score is how much earlier
than others a case stands than its waiting alone would put it. While nothing
happens to a case its score grows as everybody's does, so the order of two
cases never changes by itself and can be kept as the key of an index (ADR 19).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log10
from typing import Final

from chalicelib.domain.case.state import CaseState
from chalicelib.domain.clock import METRIC_WORDS, Clock, Metric
from chalicelib.domain.in_words import duration
from chalicelib.domain.labels import Sentiment, Urgency

ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
PROMISE: Final = "promise"
FLOOR: Final = "floor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """
    What everything is worth; `policies/priority.toml` explains each, in the same words.

    Points are whole; `…_s` are seconds. Raises ValueError when a critical
    case without reach could stand behind a common one with much of it.
    """

    point_s: int
    urgency: Mapping[str, int]
    floor: Mapping[str, int]
    negative: int
    positive: int
    complaint: int
    reach_from: int
    reach_tenfold: int
    reach_most: int
    verified: int
    reactions_an_hour: int
    reactions: int
    tiers: Mapping[str, int]
    earlier_complaint: int
    earlier_complaints_most: int
    same_place: int
    promise_within_s: int
    promise: int
    warned: int
    broken: int
    told_bad: int
    told_good: int
    seen_percent: int
    seen_by_reaction: int
    value_per_thousand: int

    def __post_init__(self) -> None:
        """No reach, tier or history carries a common case over a critical one."""
        if self.floor["critical"] <= self.most_common:
            raise ValueError(f"floor.critical must be above {self.most_common}, which a normal case can reach")

    @property
    def most_common(self) -> int:
        """What a case of normal urgency can reach, its promise left out."""
        return max(0, self.urgency["normal"]) + self._most_besides

    @property
    def most(self) -> int:
        """No case has more points."""
        content = max((*self.urgency.values(), *self.floor.values())) + self._most_besides
        return content + self.promise + self.warned + self.broken

    @property
    def least(self) -> int:
        """No case has fewer points."""
        return min(self.urgency.values()) + min(0, self.negative, self.positive)

    @property
    def _most_besides(self) -> int:
        mood = max(0, self.negative, self.positive) + self.complaint
        reach = self.reach_most + self.verified + self.reactions
        history = max((0, *self.tiers.values())) + self.earlier_complaints_most + self.same_place
        return mood + reach + history

    @property
    def overtaken_after(self) -> timedelta:
        """Who has waited so much longer than another stands before them, whatever is known of either."""
        return timedelta(seconds=(self.most - self.least) * self.point_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One summand. `words` say it to people; no word of a stranger is in them."""

    name: str
    points: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """
    Points without the waiting, and what they are made of.

    `since` is what waiting counts from, and `stands_at` where that and the
    points put the case among others: the earlier, the sooner. A case in which
    nobody waits for us counts from its opening and stands behind all that do.
    """

    parts: tuple[Part, ...]
    waits: bool
    since: datetime
    stands_at: datetime

    @property
    def points(self) -> int:
        return sum(part.points for part in self.parts)

    @property
    def reasons(self) -> tuple[str, ...]:
        """
        What speaks for it, the weightiest first.

        Without the promise, which is said with its time, and without what is true of most.
        """
        untold = (PROMISE, FLOOR, Urgency.NORMAL)
        told = [part for part in self.parts if part.points > 0 and not {part.name, part.words} & {*untold}]
        return tuple(part.words for part in sorted(told, key=lambda part: -part.points))


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """
    Estimates: how many people see the latest message, and how many more its author tells in person.

    `seen` is None where the platform says nothing of it, and so is `value_cents`, its price as impressions.
    """

    seen: int | None
    told: int
    value_cents: int | None

    @property
    def people(self) -> int:
        """Those of whom anybody knows: an unknown number gives a case no place before others."""
        return (self.seen or 0) + self.told


def score(state: CaseState, weights: Weights) -> Score:
    """Of a case that somebody opened. Raises ValueError for one that nobody did."""
    since = state.waiting_since or state.opened_at
    if since is None:
        raise ValueError("a case that was never opened has no score")
    parts = [part for part in _content(state, weights) if part.points]
    parts += _up_to_floor(state, weights, sum(part.points for part in parts))
    parts += [part for part in _promise(state, weights) if part.points]
    ahead = timedelta(seconds=sum(part.points for part in parts) * weights.point_s)
    return Score(parts=tuple(parts), waits=state.waiting_since is not None, since=since, stands_at=since - ahead)


def pressing(state: CaseState) -> Clock | None:
    """The clock that is due first and does not stand still: of replies if one is owed, else of the resolution."""
    replies = [clock for clock in state.running if clock.metric is not Metric.RES]
    due = [clock for clock in replies or state.running if clock.due_at and clock.paused_since is None]
    return min(due, key=lambda clock: (clock.due_at, clock.id), default=None)


def audience(state: CaseState, weights: Weights) -> Audience:
    """
    Who will hear of it. Nobody but us sees what is said in private; people talk about it all the same.

    Likes and shares alone are an estimate, too.
    """
    told, followers = _told(state, weights), state.author.followers if state.author else None
    if followers is None and not state.reactions and not state.private:
        return Audience(seen=None, told=told, value_cents=None)
    seen = (followers or 0) * weights.seen_percent // 100 + (state.reactions or 0) * weights.seen_by_reaction
    seen = 0 if state.private else seen
    return Audience(seen=seen, told=told, value_cents=seen * weights.value_per_thousand // 1000)


def _told(state: CaseState, weights: Weights) -> int:
    if state.sentiment == Sentiment.POSITIVE:
        return weights.told_good
    return weights.told_bad if state.complaint or state.sentiment == Sentiment.NEGATIVE else 0


# --- the parts --------------------------------------------------------------------------------------------------


def _content(state: CaseState, weights: Weights) -> Iterator[Part]:
    urgency = state.effective_priority.value
    by_hand = "priority set by hand: " if state.priority else ""
    yield Part(name="urgency", points=weights.urgency[urgency], words=f"{by_hand}{urgency}")
    if state.sentiment == Sentiment.NEGATIVE:
        yield Part(name="sentiment", points=weights.negative, words="displeased")
    if state.sentiment == Sentiment.POSITIVE:
        yield Part(name="sentiment", points=weights.positive, words="pleased")
    elif state.complaint:  # who is pleased by now no longer complains
        yield _complaint(state, weights)
    if not state.private:
        yield from _reach(state, weights)
    if state.tier:
        yield Part(name="tier", points=weights.tiers.get(state.tier, 0), words=f"{state.tier} customer")
    again = sorted({*state.places} & {*state.places_before})
    if again:
        yield Part(name="place", points=weights.same_place, words=f"again at {', '.join(again)}")


def _complaint(state: CaseState, weights: Weights) -> Part:
    before = state.complaints_before
    more = min(before * weights.earlier_complaint, weights.earlier_complaints_most)
    words = f"{ordinal(before + 1)} complaint this month" if before else "a complaint"
    return Part(name="complaint", points=weights.complaint + more, words=words)


def _reach(state: CaseState, weights: Weights) -> Iterator[Part]:
    author = state.author
    followers = author.followers if author else None
    words = "seen by many" if followers is None else f"{followers:,} followers"
    yield Part(name="reach", points=_tenfold(audience(state, weights).people, weights), words=words)
    if author and author.verified:
        yield Part(name="verified", points=weights.verified, words="verified account")
    if (speed := reactions_an_hour(state)) >= weights.reactions_an_hour:
        yield Part(name="reactions", points=weights.reactions, words=f"{speed:,} reactions an hour")


def _tenfold(people: int, weights: Weights) -> int:
    """So many points for each ten times as many people, whole, from 0 to the most."""
    if people <= weights.reach_from:
        return 0
    return min(weights.reach_most, int(weights.reach_tenfold * log10(people / weights.reach_from)))


def reactions_an_hour(state: CaseState) -> int:
    """Likes and shares of the latest message by the hour, over half an hour at least; 0 when nobody counted."""
    if state.reactions is None or state.counted_at is None or state.latest_at is None:
        return 0
    elapsed_s = max(1_800, int((state.counted_at - state.latest_at).total_seconds()))
    return state.reactions * 3_600 // elapsed_s


def _up_to_floor(state: CaseState, weights: Weights, points: int) -> Iterator[Part]:
    urgency = state.effective_priority.value
    short = weights.floor.get(urgency, points) - points
    if short > 0:
        yield Part(name=FLOOR, points=short, words=f"the least that {urgency} gets")


def _promise(state: CaseState, weights: Weights) -> Iterator[Part]:
    """The shorter what was promised, and once it is about to break or broken."""
    clock = pressing(state)
    if clock is None or clock.due_at is None:
        return
    name = METRIC_WORDS[clock.metric]
    left_s = max(0, int((clock.due_at - (state.waiting_since or clock.started_at)).total_seconds()))
    points = weights.promise * max(0, weights.promise_within_s - left_s) // weights.promise_within_s
    yield Part(name=PROMISE, points=points, words=f"{name} promised within {duration(left_s)}")
    if is_broken(state):
        yield Part(name=PROMISE, points=weights.broken, words="people were paged: it is broken")
    elif clock.warned:
        yield Part(name=PROMISE, points=weights.warned, words=f"{name} breaks soon")


def is_broken(state: CaseState) -> bool:
    """Whether people were paged for a promise that is still to be kept."""
    return any(clock.id == alert.clock_id for alert in state.alerts for clock in state.running)


def ordinal(number: int) -> str:
    return ORDINALS[number - 1] if number <= len(ORDINALS) else f"{number}th"
