"""
Which mentions of the last two hours have one cause, and whether that is more than chance.

Words, aspects, places, products, conversations and copied texts that more
people have in common than is usual are seeds. Seeds that the same people
share belong together. What most tells such a group from everybody else makes
its causes, each with a weight: the logarithm of how much more often it stands
in the group. A mention whose weights add up joins, also when it was worded
differently. Nothing here is merged or changed: a group is a list.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.incidents import chance, words
from chalicelib.domain.incidents.groups import (
    JOINS,
    LEAST_PEOPLE,
    MOST_CAUSES,
    SURE,
    Cause,
    Evidence,
    Group,
    IncidentDraft,
    RecentSignals,
    groups_of,
    score,
    share_people,
)
from chalicelib.domain.incidents.signals import ALIKE, ASPECT, CHANNEL, Signal, kind_of
from chalicelib.domain.incidents.usual import Usual, together

_SAME: Final = 0.3  # of a group, so many known members make it the incident that has them
_LIKE: Final = 0.5
_HOT_FOR: Final = timedelta(minutes=60)
_HOT: Final = 2.0  # zeros: one in a hundred
_OWN: Final = 0.5  # of those who share something, so many must be members before it tells later ones


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIncident:
    """An incident that is watched. `members` are its cases, `out` those that a person took out of it."""

    incident_id: str
    causes: tuple[Cause, ...]
    members: frozenset[str]
    out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`joining` has the mentions that are new to each known incident, `causes` what it is told by from now on."""

    joining: Mapping[str, tuple[Signal, ...]]
    causes: Mapping[str, tuple[Cause, ...]]
    opening: tuple[IncidentDraft, ...]


def detect(signals: Iterable[Signal], known: Sequence[KnownIncident], usual: Usual, now: datetime) -> Found:
    """What the mentions of the last two hours come to. `signals` may hold a mention twice."""
    view = RecentSignals(signals, usual, now)
    groups = [Group(view, seeds) for seeds in groups_of(view)]
    grown = {one.incident_id: one for one in known}
    opening: list[Group] = []
    hot = {one.incident_id for one in known if _is_hot(one, view)}
    for group in sorted(groups, key=lambda group: -group.zeros):
        if not group.is_unusual:
            continue
        home = _home(group, grown.values(), hot)
        if home is not None:
            grown[home.incident_id] = replace(home, causes=_with(home.causes, _own(group.causes, home, view)))
        elif group.is_incident and not _overlaps(group, opening):
            opening.append(group)
    joining = _joining(view, list(grown.values()), hot)
    taken = {signal.case_id for joined in joining.values() for signal in joined}
    taken |= {case_id for one in known for case_id in one.members}
    drafts = tuple(draft for group in opening if (draft := group.draft(taken)))
    spoken_for = taken | {signal.case_id for draft in drafts for signal in draft.signals}
    crowds = []
    for crowd in _crowds(view, spoken_for):
        same = [one.incident_id for one in known if crowd.causes[0] in one.causes]
        if same:
            joining[same[0]] += crowd.signals
        else:
            crowds.append(crowd)
    causes = {one.incident_id: one.causes for one in grown.values()}
    return Found(joining=joining, causes=causes, opening=(*drafts, *crowds))


def spikes(signals: Iterable[Signal], usual: Usual, now: datetime) -> tuple[Evidence, ...]:
    """Every channel, aspect, place, product and word that is above what is usual now, most surprising first."""
    found = RecentSignals(signals, usual, now).seeds
    return tuple(seed.evidence for seed in sorted(found, key=lambda seed: -seed.evidence.zeros))


# --- incidents that are known -----------------------------------------------------------------------------------


def _is_hot(one: KnownIncident, view: RecentSignals) -> bool:
    """
    Whether the last hour is still unusual by what the incident is known by.

    Else nobody joins: what is always said about the app is no part of last
    morning's outage, which would never end.
    """
    anchors = [cause.feature for cause in one.causes if not cause.learned and cause.weight >= JOINS]
    recent = [signal for signal in view.having(anchors) if view.now - signal.at < _HOT_FOR]
    belonging = {s.who for s in recent if score(view.features[s.key], one.causes) >= JOINS}
    everybody = len({signal.who for signal in view.signals if view.now - signal.at < _HOT_FOR})
    usual = [view.usual.expected(feature, people=everybody, span=_HOT_FOR) for feature in anchors]
    mean, shape = together(found for found in usual if found)
    return bool(belonging) and chance.surprise(len(belonging), mean, max(shape, chance.LEAST_SHAPE)) >= _HOT


def _home(group: Group, known: Iterable[KnownIncident], hot: Set[str]) -> KnownIncident | None:
    """
    The incident that the group is part of.

    It has a good part of its cases, or is known by what is most unusual about
    the group, or both are about the same aspect in the first place.
    """
    cases = {signal.case_id for signal in (group.signals or group.core)}
    candidates = [one for one in known if _is_home(group, cases, one, is_hot=one.incident_id in hot)]
    return max(candidates, key=lambda one: (len(cases & one.members), one.incident_id), default=None)


def _is_home(group: Group, cases: set[str], one: KnownIncident, *, is_hot: bool) -> bool:
    if any(kind_of(cause.feature) == CHANNEL for cause in one.causes):
        return False  # a crowd is about everything: it must not learn every word
    if len(cases & one.members) >= max(1, _SAME * len(cases)):
        return True
    own = {cause.feature for cause in one.causes if not cause.learned}
    return is_hot and (group.evidence[0].feature in own or _have_one_aspect(group, one.causes))


def _aspect(causes: Iterable[Cause]) -> str | None:
    """What it is about in the first place, where that is more frequent than elsewhere."""
    return next((cause.feature for cause in causes if kind_of(cause.feature) == ASPECT), None)


def _have_one_aspect(group: Group, causes: Iterable[Cause]) -> bool:
    mine = _aspect(group.causes)
    return mine is not None and mine == _aspect(causes)


def _overlaps(group: Group, others: Iterable[Group]) -> bool:
    """Whether one that is about to be opened has the same people, or is about the same aspect."""
    mine = frozenset(signal.who for signal in group.signals)
    return any(
        share_people(mine, frozenset(signal.who for signal in other.signals)) or _have_one_aspect(group, other.causes)
        for other in others
    )


def _own(causes: Iterable[Cause], known: KnownIncident, view: RecentSignals) -> Iterator[Cause]:
    """
    Those that are unusual themselves, and learned ones that are mostly its members'.

    Else each word would bring the next, and in the end everybody.
    """
    for cause in causes:
        if not cause.learned:
            yield cause
            continue
        having = view.having([cause.feature])
        if sum(signal.case_id in known.members for signal in having) >= _OWN * len(having):
            yield cause


def _with(causes: tuple[Cause, ...], more: Iterable[Cause]) -> tuple[Cause, ...]:
    """Those it began with stay; of what is learned later the heavier weight counts."""
    known = {one.feature: one for one in causes}
    for one in more:
        before = known.get(one.feature, one)
        weight, learned = max(one.weight, before.weight), one.learned and before.learned
        known[one.feature] = Cause(feature=one.feature, weight=weight, learned=learned)
    first = [one.feature for one in causes]
    rest = sorted(known.keys() - set(first), key=lambda feature: (-known[feature].weight, feature))
    return tuple(known[feature] for feature in (*first, *rest)[: 2 * MOST_CAUSES])


def _joining(view: RecentSignals, known: Sequence[KnownIncident], hot: Set[str]) -> dict[str, tuple[Signal, ...]]:
    """Every mention goes to the incident that it belongs to most; one that a person took out stays out."""
    members = {case_id for one in known for case_id in one.members}
    joining: dict[str, list[Signal]] = {one.incident_id: [] for one in known}
    for signal in view.signals:
        if signal.case_id in members:
            continue
        belongs = [
            (_belonging(signal, one, view), one.incident_id)
            for one in known
            if one.incident_id in hot and signal.case_id not in one.out
        ]
        best, incident_id = max(belongs, default=(0.0, ""))
        if best >= JOINS:
            joining[incident_id].append(signal)
    return {incident_id: tuple(joined) for incident_id, joined in joining.items()}


def _belonging(signal: Signal, known: KnownIncident, view: RecentSignals) -> float:
    """By what it says; or as a copy of a member that belongs by what it says: a copy of a copy proves nothing."""
    features = view.features[signal.key]
    points = score(features, known.causes)
    if points >= JOINS or not signal.sketch:
        return points
    copied = view.having(feature for feature in features if kind_of(feature) == ALIKE)
    originals = (
        other
        for other in copied
        if other.case_id in known.members and score(view.features[other.key], known.causes) >= JOINS
    )
    return JOINS if any(words.likeness(signal.sketch, other.sketch) >= _LIKE for other in originals) else points


# --- a channel without one cause --------------------------------------------------------------------------------


def _crowds(view: RecentSignals, spoken_for: set[str]) -> Iterator[IncidentDraft]:
    """A channel with far more complaints than usual, of which no incident takes the excess; as long as it has them."""
    if all(kind_of(seed.feature) != CHANNEL for seed in view.seeds):
        return
    rest = RecentSignals((s for s in view.signals if s.case_id not in spoken_for), view.usual, view.now)
    for seed in rest.seeds:
        if kind_of(seed.feature) == CHANNEL and seed.evidence.zeros >= SURE and seed.evidence.people >= LEAST_PEOPLE:
            recent = view.now - seed.evidence.span
            signals = tuple(signal for signal in rest.having([seed.feature]) if signal.at > recent)
            cause = Cause(feature=seed.feature, weight=JOINS)
            yield IncidentDraft(causes=(cause,), signals=signals, evidence=(seed.evidence,), zeros=seed.evidence.zeros)
