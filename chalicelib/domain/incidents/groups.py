"""
What people have in common that is unusual, and which of it belongs together.

Words, aspects, places, products, conversations and channels that more people
share than is usual are seeds. Seeds that the same people share make a group.
What most tells a group from everybody else are its causes, each with a
weight: the logarithm of how much more often it stands in the group.
"""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import combinations
from math import log
from typing import Final

from chalicelib.domain.incidents import chance
from chalicelib.domain.incidents.signals import ALIKE, ASPECT, CHANNEL, TERM, THREAD, Signal, kind_of
from chalicelib.domain.incidents.usual import Usual, UsualCount, together, unhappy
from chalicelib.domain.labels import Urgency

WINDOWS: Final = tuple(timedelta(minutes=minutes) for minutes in (5, 20, 60, 120))
LONGEST: Final = WINDOWS[-1]
LEAST_PEOPLE: Final = 8  # that make an incident
LEAST_TROUBLED: Final = 0.4  # the part of them who complain or need help: many people also talk of a new livery
SURE: Final = 5.0  # zeros of the chance, see `chance.surprise`
_SURE_TOGETHER: Final = 4.5
_TIMES: Final = 3.0  # and so many times what is expected: a surprise may also be small and certain
SEED_PEOPLE: Final = 3
_SEED_SURPRISE: Final = 3.0
_ANCHOR: Final = 4.0  # zeros of a seed that may stand for the group by itself
_TOGETHER: Final = 0.4  # of the people of the smaller seed, so many must share the other one
_FEWEST_SHARED: Final = 3
JOINS: Final = 3.5  # thirty times as likely in the group as outside of it
_ROUNDS: Final = 2
MOST_CAUSES: Final = 24
_LEAST_WEIGHT: Final = 1.1  # three times as often
_MOST_WEIGHT: Final = 5.0
_COUNTED: Final = 3  # weights of one mention: words come in pairs, and a pair proves no more than a word
_BRIDGES: Final = frozenset({TERM, THREAD})
_UNSEEN, _PRIOR = 0.5, 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """
    Something that the mentions of an incident have in common; `weight` is the logarithm of how much more often.

    A `learned` one is not unusual by itself: it only counts beside another that is.
    """

    feature: str
    weight: float
    learned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A feature that more people share than is usual: how many within `span`, what was expected, how sure that is."""

    feature: str
    people: int
    span: timedelta
    expected: UsualCount
    zeros: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentDraft:
    """An incident that should be opened: what it has in common, who has it, and why that is no chance."""

    causes: tuple[Cause, ...]
    signals: tuple[Signal, ...]
    evidence: tuple[Evidence, ...]
    zeros: float


def is_about(feature: str) -> bool:
    """Whether it can be said aloud: hashes tell nobody anything."""
    return kind_of(feature) not in (THREAD, ALIKE)


def rank_of(feature: str) -> int:
    """What a person would name first: words, then what they are about."""
    return {TERM: 0, ASPECT: 2}.get(kind_of(feature), 1)


# --- what is above the usual ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seed:
    """`who` are the people of the two hours who share it."""

    evidence: Evidence
    who: frozenset[str]

    @property
    def feature(self) -> str:
        return self.evidence.feature


class RecentSignals:
    """The mentions of the last two hours, each once, and who shares what."""

    def __init__(self, signals: Iterable[Signal], usual: Usual, now: datetime) -> None:
        first = {signal.key: signal for signal in sorted(signals, key=lambda s: (s.at, s.key), reverse=True)}
        self.signals = sorted(unhappy(first.values()), key=lambda s: (s.at, s.key))
        self.usual = usual
        self.now = now
        self.features = {signal.key: frozenset(signal.features) for signal in self.signals}
        self._having: dict[str, list[Signal]] = {}
        for signal in self.signals:
            for feature in self.features[signal.key]:
                self._having.setdefault(feature, []).append(signal)

    def having(self, features: Iterable[str]) -> list[Signal]:
        """The mentions with any of them."""
        found = {signal.key: signal for feature in features for signal in self._having.get(feature, ())}
        return sorted(found.values(), key=lambda s: (s.at, s.key))

    def who(self, feature: str) -> frozenset[str]:
        return frozenset(signal.who for signal in self._having.get(feature, ()))

    @cached_property
    def seeds(self) -> list[Seed]:
        best: dict[str, Evidence] = {}
        candidates = {
            feature
            for feature, having in self._having.items()
            # A copied text shows in its words, which have a history; its sketch has none.
            if len(having) >= SEED_PEOPLE and kind_of(feature) != ALIKE
        }
        for span in WINDOWS:
            for one in self._above(span, candidates):
                before = best.get(one.feature)
                if before is None or one.zeros > before.zeros:
                    best[one.feature] = one
        return [Seed(best[feature], self.who(feature)) for feature in sorted(best)]

    def _above(self, span: timedelta, candidates: set[str]) -> Iterable[Evidence]:
        recent = [signal for signal in self.signals if self.now - signal.at < span]
        everybody = len({signal.who for signal in recent})
        seen = {(feature, signal.who) for signal in recent for feature in self.features[signal.key] & candidates}
        for feature, people in Counter(feature for feature, _ in seen).items():
            expected = self.usual.expected(feature, people=everybody, span=span)
            if expected is None or people < max(SEED_PEOPLE, _TIMES * expected.mean):
                continue
            zeros = chance.surprise(people, expected.mean, expected.shape)
            if zeros >= _SEED_SURPRISE:
                yield Evidence(feature=feature, people=people, span=span, expected=expected, zeros=zeros)


# --- what belongs together --------------------------------------------------------------------------------------


def groups_of(view: RecentSignals) -> list[list[Seed]]:
    """Seeds that the same people share. An aspect or a product joins one group and never holds two together."""
    seeds = [seed for seed in view.seeds if kind_of(seed.feature) != CHANNEL]
    bridging = [seed for seed in seeds if kind_of(seed.feature) in _BRIDGES]
    groups = _connected(bridging)
    for seed in seeds:
        if kind_of(seed.feature) not in _BRIDGES:
            _attach(seed, groups)
    return groups


def _connected(seeds: list[Seed]) -> list[list[Seed]]:
    leader = list(range(len(seeds)))

    def find(at: int) -> int:
        while leader[at] != at:
            at = leader[at]
        return at

    for one, other in combinations(range(len(seeds)), 2):
        if share_people(seeds[one].who, seeds[other].who):
            leader[find(one)] = find(other)
    groups: dict[int, list[Seed]] = {}
    for place, seed in enumerate(seeds):
        groups.setdefault(find(place), []).append(seed)
    return list(groups.values())


def _attach(seed: Seed, groups: list[list[Seed]]) -> None:
    shared = [len(seed.who & _everybody(group)) for group in groups]
    most = max(shared, default=0)
    if most >= max(_FEWEST_SHARED, _TOGETHER * len(seed.who)):
        groups[shared.index(most)].append(seed)
    else:
        groups.append([seed])


def share_people(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= max(_FEWEST_SHARED, _TOGETHER * min(len(one), len(other)))


def _everybody(seeds: Iterable[Seed]) -> frozenset[str]:
    return frozenset().union(*(seed.who for seed in seeds))


class Group:
    """Seeds that belong together, and the mentions that are told by them."""

    def __init__(self, view: RecentSignals, seeds: Sequence[Seed]) -> None:
        self._view = view
        self.evidence = tuple(sorted((seed.evidence for seed in seeds), key=lambda one: -one.zeros))
        features = {seed.feature for seed in seeds}
        # An aspect is too wide a net: it holds groups together and lets nobody in.
        narrow = {feature for feature in features if kind_of(feature) != ASPECT}
        anchors = narrow & {seed.feature for seed in seeds if seed.evidence.zeros >= _ANCHOR} or narrow
        core = view.having(anchors)
        self.core = core
        for _ in range(_ROUNDS):
            self.causes = _weighed(core, anchors, view)
            told = view.having(cause.feature for cause in self.causes)
            core = [signal for signal in told if score(view.features[signal.key], self.causes) >= JOINS]
        self.signals = core

    @property
    def people(self) -> int:
        return len({signal.who for signal in self.signals})

    @cached_property
    def zeros(self) -> float:
        """How surprising the best seed is, or all of them together where each is a little."""
        return max(self.evidence[0].zeros, self._together)

    @property
    def _together(self) -> float:
        """Their people in a window, against the sum of what is expected of each: more than anybody would expect."""
        spans = {one.span for one in self.evidence}
        return max(self._within(span) for span in spans)

    def _within(self, span: timedelta) -> float:
        recent = [signal for signal in self._view.signals if self._view.now - signal.at < span]
        features = [one.feature for one in self.evidence if one.span == span]
        people = {signal.who for signal in recent if not self._view.features[signal.key].isdisjoint(features)}
        everybody = len({signal.who for signal in recent})
        usual = [self._view.usual.expected(feature, people=everybody, span=span) for feature in features]
        known = [one for one in usual if one]
        mean, shape = together(known)
        return chance.surprise(len(people), mean, shape) if known and len(people) >= _TIMES * mean else 0.0

    @property
    def is_incident(self) -> bool:
        return self.is_unusual and self.people >= LEAST_PEOPLE and are_troubled(self.signals)

    @property
    def is_unusual(self) -> bool:
        return self.zeros >= self._enough

    @property
    def _enough(self) -> float:
        """Less where two kinds of things are unusual: a word, say, and what it is about."""
        kinds = {kind_of(one.feature) for one in self.evidence if one.zeros >= _ANCHOR}
        return _SURE_TOGETHER if len(kinds) > 1 else SURE

    def draft(self, taken: set[str]) -> IncidentDraft | None:
        """None when too little is left of it that is in no other incident."""
        left = tuple(signal for signal in self.signals if signal.case_id not in taken)
        if len({signal.who for signal in left}) < LEAST_PEOPLE or not are_troubled(left):
            return None
        return IncidentDraft(causes=self.causes, signals=left, evidence=self.evidence, zeros=self.zeros)


def are_troubled(signals: Sequence[Signal]) -> bool:
    """Whether enough of them complain or need somebody soon."""
    troubled = [s for s in signals if s.is_negative or s.urgency.rank >= Urgency.HIGH.rank]
    return len(troubled) >= LEAST_TROUBLED * len(signals)


def _weighed(inside: Sequence[Signal], seeds: Set[str], view: RecentSignals) -> tuple[Cause, ...]:
    """What tells the mentions inside from all others, the most telling first."""
    keys = {signal.key for signal in inside}
    ours = _people(inside, view)
    so_many = len({signal.who for signal in inside})
    of_others = len({signal.who for signal in view.signals if signal.key not in keys})
    found = []
    for feature, people in ours.items():
        if people < SEED_PEOPLE or kind_of(feature) in (CHANNEL, ALIKE):
            continue
        others = len({signal.who for signal in view.having([feature]) if signal.key not in keys})
        elsewhere = max(view.usual.share(feature), (others + _UNSEEN) / (of_others + _PRIOR))
        weight = min(log(people / (so_many + 1) / elsewhere), _MOST_WEIGHT)
        # A learned word must tell as much by itself; an aspect only says what it is about.
        if weight >= (_LEAST_WEIGHT if feature in seeds or kind_of(feature) == ASPECT else JOINS):
            cause = Cause(feature=feature, weight=round(weight, 2), learned=feature not in seeds)
            found.append((people, cause))
    found.sort(key=lambda one: (-one[0] * one[1].weight, one[1].feature))
    return tuple(cause for _, cause in found[:MOST_CAUSES])


def _people(signals: Iterable[Signal], view: RecentSignals) -> Counter[str]:
    return Counter(feature for feature, _ in {(feature, s.who) for s in signals for feature in view.features[s.key]})


def score(features: Set[str], causes: Iterable[Cause]) -> float:
    """How much a mention with these features belongs: the sum of its heaviest causes; 0 with learned ones alone."""
    its = [one for one in causes if one.feature in features and kind_of(one.feature) != CHANNEL]
    if all(one.learned for one in its):
        return 0.0
    return sum(sorted((one.weight for one in its), reverse=True)[:_COUNTED])
