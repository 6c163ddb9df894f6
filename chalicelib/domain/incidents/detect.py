"""
Which mentions of the last two hours have one cause, and whether that is more than chance.

Words, aspects, places, products, conversations and copied texts that more
people have in common than is usual are seeds. Seeds that the same people
share belong together. What most tells such a group from everybody else makes
its causes, each with a weight: the logarithm of how much more often it stands
in the group. A mention whose weights add up joins, also when it was worded
differently. Nothing here is merged or changed: a group is a list.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import combinations
from math import log
from typing import Final

from chalicelib.domain.incidents import chance, words
from chalicelib.domain.incidents.signals import ALIKE, ASPECT, CHANNEL, TERM, THREAD, Signal, kind_of
from chalicelib.domain.incidents.usual import Expected, Usual, unhappy
from chalicelib.domain.labels import Urgency

WINDOWS: Final = (timedelta(minutes=20), timedelta(minutes=60), timedelta(minutes=120))
LONGEST: Final = WINDOWS[-1]
LEAST_PEOPLE: Final = 8  # that make an incident
LEAST_TROUBLED: Final = 0.4  # the part of them who complain or need help: many people also talk of a new livery
SURE: Final = 7.0  # zeros of the chance, see `chance.surprise`
_TIMES: Final = 3.0  # and so many times what is expected: a surprise may also be small and certain
_SEED_PEOPLE: Final = 4
_SEED_SURPRISE: Final = 4.0
_TOGETHER: Final = 0.3  # of the people of the smaller seed, so many must share the other one
_SAME: Final = 0.3  # of a group, so many known members make it the incident that has them
JOINS: Final = 3.0  # twenty times as likely in the group as outside of it
_LIKE: Final = 0.5
_ROUNDS: Final = 2
_MOST_CAUSES: Final = 24
_LEAST_WEIGHT: Final = 0.7  # twice as often
_MOST_WEIGHT: Final = 5.0
_COUNTED: Final = 3  # weights of one mention: words come in pairs, and a pair proves no more than a word
_BRIDGES: Final = frozenset({TERM, THREAD, ALIKE})
_UNSEEN, _PRIOR = 0.5, 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Something that the mentions of an incident have in common; `weight` is the logarithm of how much more often."""

    feature: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A feature that more people share than is usual: how many within `span`, what was expected, how sure that is."""

    feature: str
    people: int
    span: timedelta
    expected: Expected
    zeros: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An incident that is open. `members` are its cases, `out` those that a person took out of it."""

    incident_id: str
    causes: tuple[Cause, ...]
    members: frozenset[str]
    out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An incident that should be opened: what it has in common, who has it, and why that is no chance."""

    causes: tuple[Cause, ...]
    signals: tuple[Signal, ...]
    evidence: tuple[Evidence, ...]
    zeros: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`joining` has the mentions that are new to each known incident, `causes` what it is told by from now on."""

    joining: Mapping[str, tuple[Signal, ...]]
    causes: Mapping[str, tuple[Cause, ...]]
    opening: tuple[Draft, ...]


def detect(signals: Iterable[Signal], known: Sequence[Known], usual: Usual, now: datetime) -> Found:
    """What the mentions of the last two hours come to. `signals` may hold a mention twice."""
    view = _View(signals, usual, now)
    groups = [_Group(view, seeds) for seeds in _groups(view)]
    grown = {one.incident_id: one for one in known}
    opening: list[_Group] = []
    for group in sorted(groups, key=lambda group: -group.zeros):
        home = _home(group, grown.values())
        if home is not None:
            grown[home.incident_id] = replace(home, causes=_with(home.causes, group.causes))
        elif group.is_incident and not _overlaps(group, opening):
            opening.append(group)
    joining = _joining(view, list(grown.values()))
    taken = {signal.case_id for joined in joining.values() for signal in joined}
    taken |= {case_id for one in known for case_id in one.members}
    drafts = tuple(draft for group in opening if (draft := group.draft(taken)))
    spoken_for = taken | {signal.case_id for draft in drafts for signal in draft.signals}
    return Found(
        joining=joining,
        causes={one.incident_id: one.causes for one in grown.values()},
        opening=(*drafts, *_crowds(view, spoken_for)),
    )


def spikes(signals: Iterable[Signal], usual: Usual, now: datetime) -> tuple[Evidence, ...]:
    """Every channel, aspect, place, product and word that is above what is usual now, most surprising first."""
    found = _View(signals, usual, now).seeds
    return tuple(seed.evidence for seed in sorted(found, key=lambda seed: -seed.evidence.zeros))


# --- what is above the usual ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Seed:
    """`who` are the people of the two hours who share it."""

    evidence: Evidence
    who: frozenset[str]

    @property
    def feature(self) -> str:
        return self.evidence.feature


class _View:
    """The mentions of the last two hours, each once, and who shares what."""

    def __init__(self, signals: Iterable[Signal], usual: Usual, now: datetime) -> None:
        first = {signal.key: signal for signal in sorted(signals, key=lambda s: (s.at, s.key), reverse=True)}
        self.signals = sorted(unhappy(first.values()), key=lambda s: (s.at, s.key))
        self.usual = usual
        self.now = now
        self._who: dict[str, set[str]] = {}
        for signal in self.signals:
            for feature in signal.features:
                self._who.setdefault(feature, set()).add(signal.who)
        self.people = len({signal.who for signal in self.signals})

    def who(self, feature: str) -> frozenset[str]:
        return frozenset(self._who.get(feature, ()))

    @cached_property
    def seeds(self) -> list[_Seed]:
        best: dict[str, Evidence] = {}
        candidates = {feature for feature, who in self._who.items() if len(who) >= _SEED_PEOPLE}
        for span in WINDOWS:
            for one in self._above(span, candidates):
                before = best.get(one.feature)
                if before is None or one.zeros > before.zeros:
                    best[one.feature] = one
        return [_Seed(best[feature], self.who(feature)) for feature in sorted(best)]

    def _above(self, span: timedelta, candidates: set[str]) -> Iterable[Evidence]:
        recent = [signal for signal in self.signals if self.now - signal.at < span]
        everybody = len({signal.who for signal in recent})
        seen = {(feature, signal.who) for signal in recent for feature in signal.features if feature in candidates}
        for feature, people in Counter(feature for feature, _ in seen).items():
            expected = self.usual.expected(feature, people=everybody, span=span)
            if expected is None or people < max(_SEED_PEOPLE, _TIMES * expected.mean):
                continue
            zeros = chance.surprise(people, expected.mean, expected.shape)
            if zeros >= _SEED_SURPRISE:
                yield Evidence(feature=feature, people=people, span=span, expected=expected, zeros=zeros)


# --- what belongs together --------------------------------------------------------------------------------------


def _groups(view: _View) -> list[list[_Seed]]:
    """Seeds that the same people share. An aspect or a product joins one group and never holds two together."""
    seeds = [seed for seed in view.seeds if kind_of(seed.feature) != CHANNEL]
    bridging = [seed for seed in seeds if kind_of(seed.feature) in _BRIDGES]
    groups = _connected(bridging)
    for seed in seeds:
        if kind_of(seed.feature) not in _BRIDGES:
            _attach(seed, groups)
    return groups


def _connected(seeds: list[_Seed]) -> list[list[_Seed]]:
    leader = list(range(len(seeds)))

    def find(at: int) -> int:
        while leader[at] != at:
            at = leader[at]
        return at

    for one, other in combinations(range(len(seeds)), 2):
        if _share_people(seeds[one].who, seeds[other].who):
            leader[find(one)] = find(other)
    groups: dict[int, list[_Seed]] = {}
    for place, seed in enumerate(seeds):
        groups.setdefault(find(place), []).append(seed)
    return list(groups.values())


def _attach(seed: _Seed, groups: list[list[_Seed]]) -> None:
    shared = [len(seed.who & _everybody(group)) for group in groups]
    most = max(shared, default=0)
    if most >= max(2, _TOGETHER * len(seed.who)):
        groups[shared.index(most)].append(seed)
    else:
        groups.append([seed])


def _share_people(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= max(2, _TOGETHER * min(len(one), len(other)))


def _everybody(seeds: Iterable[_Seed]) -> frozenset[str]:
    return frozenset().union(*(seed.who for seed in seeds))


class _Group:
    """Seeds that belong together, and the mentions that are told by them."""

    def __init__(self, view: _View, seeds: Sequence[_Seed]) -> None:
        self._view = view
        self.evidence = tuple(sorted((seed.evidence for seed in seeds), key=lambda one: -one.zeros))
        features = {seed.feature for seed in seeds}
        core = [signal for signal in view.signals if not features.isdisjoint(signal.features)]
        self.core = core
        for _ in range(_ROUNDS):
            self.causes = weigh(core, view.signals, view.usual)
            core = [signal for signal in view.signals if score(signal, self.causes) >= JOINS]
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
        people = {signal.who for signal in recent if not set(features).isdisjoint(signal.features)}
        everybody = len({signal.who for signal in recent})
        usual = [self._view.usual.expected(feature, people=everybody, span=span) for feature in features]
        known = [one for one in usual if one]
        mean = sum(one.mean for one in known)
        if len(people) < _TIMES * mean:
            return 0.0
        return chance.surprise(len(people), mean, max(one.shape for one in known)) if known else 0.0

    @property
    def is_incident(self) -> bool:
        return self.people >= LEAST_PEOPLE and self.zeros >= SURE and are_troubled(self.signals)

    def draft(self, taken: set[str]) -> Draft | None:
        """None when too little is left of it that is in no other incident."""
        left = tuple(signal for signal in self.signals if signal.case_id not in taken)
        if len({signal.who for signal in left}) < LEAST_PEOPLE or not are_troubled(left):
            return None
        return Draft(causes=self.causes, signals=left, evidence=self.evidence, zeros=self.zeros)


def are_troubled(signals: Sequence[Signal]) -> bool:
    """Whether enough of them complain or need somebody soon."""
    troubled = [s for s in signals if s.is_negative or s.urgency.rank >= Urgency.HIGH.rank]
    return len(troubled) >= LEAST_TROUBLED * len(signals)


def weigh(inside: Sequence[Signal], everything: Sequence[Signal], usual: Usual) -> tuple[Cause, ...]:
    """What tells the mentions inside from all others, the most telling first."""
    keys = {signal.key for signal in inside}
    outside = [signal for signal in everything if signal.key not in keys]
    ours, others = _people(inside), _people(outside)
    so_many, of_others = len({s.who for s in inside}), len({s.who for s in outside})
    found = []
    for feature, people in ours.items():
        if people < _SEED_PEOPLE - 1 or kind_of(feature) == CHANNEL:
            continue
        beside = (others[feature] + _UNSEEN) / (of_others + _PRIOR)
        elsewhere = max(usual.share(feature), beside)
        weight = min(log(people / (so_many + 1) / elsewhere), _MOST_WEIGHT)
        if weight >= _LEAST_WEIGHT:
            found.append((people, Cause(feature=feature, weight=round(weight, 2))))
    found.sort(key=lambda one: (-one[0] * one[1].weight, one[1].feature))
    return tuple(cause for _, cause in found[:_MOST_CAUSES])


def _people(signals: Iterable[Signal]) -> Counter[str]:
    return Counter(feature for feature, _ in {(feature, s.who) for s in signals for feature in s.features})


def score(signal: Signal, causes: Iterable[Cause]) -> float:
    """How much it belongs: the sum of its heaviest causes."""
    features = set(signal.features)
    return sum(sorted((one.weight for one in causes if one.feature in features), reverse=True)[:_COUNTED])


# --- incidents that are known -----------------------------------------------------------------------------------


def _home(group: _Group, known: Iterable[Known]) -> Known | None:
    """The incident whose cases make a good part of the group."""
    cases = {signal.case_id for signal in (group.signals or group.core)}
    shared = [(len(cases & one.members), one.incident_id, one) for one in known]
    most = max(shared, default=None, key=lambda one: one[:2])
    return most[2] if most and most[0] >= _SAME * len(cases) and most[0] else None


def _overlaps(group: _Group, others: Iterable[_Group]) -> bool:
    mine = {signal.who for signal in group.signals}
    return any(_share_people(frozenset(mine), frozenset(s.who for s in other.signals)) for other in others)


def _with(causes: tuple[Cause, ...], more: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """Those it began with stay; of what is learned later the heavier weight counts."""
    weights = {one.feature: one.weight for one in causes}
    for one in more:
        weights[one.feature] = max(one.weight, weights.get(one.feature, 0.0))
    first = [one.feature for one in causes]
    rest = sorted(weights.keys() - set(first), key=lambda feature: (-weights[feature], feature))
    return tuple(Cause(feature=feature, weight=weights[feature]) for feature in (*first, *rest)[: 2 * _MOST_CAUSES])


def _joining(view: _View, known: Sequence[Known]) -> dict[str, tuple[Signal, ...]]:
    """Every mention goes to the incident that it belongs to most; one that a person took out stays out."""
    members = {case_id for one in known for case_id in one.members}
    joining: dict[str, list[Signal]] = {one.incident_id: [] for one in known}
    for signal in view.signals:
        if signal.case_id in members:
            continue
        belongs = [(_belonging(signal, one, view), one.incident_id) for one in known if signal.case_id not in one.out]
        best, incident_id = max(belongs, default=(0.0, ""))
        if best >= JOINS:
            joining[incident_id].append(signal)
    return {incident_id: tuple(joined) for incident_id, joined in joining.items()}


def _belonging(signal: Signal, known: Known, view: _View) -> float:
    points = score(signal, known.causes)
    if points >= JOINS or not signal.sketch:
        return points
    theirs = (other for other in view.signals if other.case_id in known.members)
    return JOINS if any(words.likeness(signal.sketch, other.sketch) >= _LIKE for other in theirs) else points


# --- a channel without one cause --------------------------------------------------------------------------------


def _crowds(view: _View, spoken_for: set[str]) -> Iterable[Draft]:
    """A channel with far more complaints than usual, of which no incident takes the excess."""
    rest = _View((s for s in view.signals if s.case_id not in spoken_for), view.usual, view.now)
    for seed in rest.seeds:
        if kind_of(seed.feature) == CHANNEL and seed.evidence.zeros >= SURE and seed.evidence.people >= LEAST_PEOPLE:
            recent = view.now - seed.evidence.span
            signals = tuple(s for s in rest.signals if seed.feature in s.features and s.at > recent)
            cause = Cause(feature=seed.feature, weight=JOINS)
            yield Draft(causes=(cause,), signals=signals, evidence=(seed.evidence,), zeros=seed.evidence.zeros)


def is_about(feature: str) -> bool:
    """Whether it can be said aloud: hashes tell nobody anything."""
    return kind_of(feature) not in (THREAD, ALIKE)


def rank_of(feature: str) -> int:
    """What a person would name first: words, then what they are about."""
    return {TERM: 0, ASPECT: 2}.get(kind_of(feature), 1)
