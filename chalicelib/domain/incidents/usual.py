"""
What is usual at this weekday and hour, from the hours before.

Two answers, of which the higher counts: how many there were at this hour of
this weekday, and which share of all who write it usually is. The second one
grows with the day's own volume, so that a busy day is not an incident of
everything, and it works from the first hours on, when there are no weeks yet.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from chalicelib.domain.incidents import chance
from chalicelib.domain.incidents.signals import ALIKE, CHANNEL, THREAD, Signal, kind_of
from chalicelib.domain.labels import Sentiment

HOUR: Final = timedelta(hours=1)
WEEKS: Final = 8
DAYS: Final = 7
LAST_HOURS: Final = 24
_WEEK, _DAY = timedelta(weeks=1), timedelta(days=1)
_FEWEST_PERIODS: Final = 3  # weeks, else days, that say how many there are at this hour
_MOST_KEPT: Final = 2_000  # features of an hour, some 30 KB
_UNSEEN: Final = 0.5  # a feature that was never seen counts as half a person
_PRIOR_PEOPLE: Final = 25  # and the history as so many people more than it has: the less there is, the less it proves
_FEWEST_PEOPLE: Final = 200  # of a history of fewer nobody can say what is usual: floors stand in
_YOUNG_PART: Final = 0.25  # of all who write so many may always have one thing in common
_YOUNG_PEOPLE: Final = 4.0  # and so many in any window
_YOUNG_SPAN: Final = timedelta(minutes=20)  # in longer ones a day's ordinary topic adds up
_YOUNG_SHAPE: Final = 25.0  # floors are as high as anybody would call usual: no need to doubt them as estimates
_BUSY: Final = 20  # people: in smaller hours a share says nothing
_FLOOR: Final = 0.1  # people in a window: a rare word comes in twos and threes
_SHARELESS: Final = frozenset({CHANNEL})
_ONLY_HERE: Final = frozenset({THREAD, ALIKE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """
    The people who wrote in one hour and were not simply content.

    `begin` is a full hour in UTC; `counts` has people by feature.
    """

    begin: datetime
    people: int
    counts: Mapping[str, int] = field(default_factory=dict)


def hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def counted(begin: datetime, signals: Iterable[Signal]) -> Hour:
    """The hour that begins then, of the signals in it."""
    within = [signal for signal in signals if hour_of(signal.at) == begin]
    counts = people_by_feature(within, without=_ONLY_HERE)
    kept = dict(sorted(counts.most_common(_MOST_KEPT)))
    return Hour(begin=begin, people=len({s.who for s in unhappy(within)}), counts=kept)


def unhappy(signals: Iterable[Signal]) -> list[Signal]:
    """All but praise: a question may be the first sign of an outage."""
    return [signal for signal in signals if signal.sentiment is not Sentiment.POSITIVE or signal.complains]


def people_by_feature(signals: Iterable[Signal], *, without: frozenset[str] = frozenset()) -> Counter[str]:
    """How many different people; whoever writes ten times is one."""
    seen = {(feature, s.who) for s in unhappy(signals) for feature in s.features if kind_of(feature) not in without}
    return Counter(feature for feature, _ in seen)


def comparable(now: datetime) -> tuple[datetime, ...]:
    """The hours to look back at: this one, the two before and the one after, weeks and days ago; and the last day."""
    this = hour_of(now)
    around = (-2 * HOUR, -HOUR, timedelta(0), HOUR)
    weeks = [this - timedelta(weeks=number) + side for number in range(1, WEEKS + 1) for side in around]
    days = [this - timedelta(days=number) + side for number in range(1, DAYS + 1) for side in around]
    last = [this - number * HOUR for number in range(1, LAST_HOURS + 1)]
    return tuple(sorted({*weeks, *days, *last}, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualCount:
    """
    So many people in a window, and how surely: see `chance.surprise`.

    `hours` is how many hours it rests on; `is_weekly` that they are of this
    weekday and hour. `is_floor` says that there is too little history, and
    that this is what stands in for it.
    """

    mean: float
    shape: float
    hours: int
    is_weekly: bool
    is_floor: bool = False


def together(expected: Iterable[UsualCount]) -> tuple[float, float]:
    """Mean and shape of what is expected of several things: their sums, but a floor is one for all."""
    found = list(expected)
    join = max if any(one.is_floor for one in found) else sum
    return (join([one.mean for one in found]), join([one.shape for one in found])) if found else (0.0, 0.0)


class Usual:
    """What to expect now. `hours` are those of `comparable(now)` that are known."""

    def __init__(self, hours: Iterable[Hour], now: datetime) -> None:
        this = hour_of(now)
        # An hour in which nobody wrote may be one in which nobody listened.
        self._hours = [hour for hour in hours if hour.people]
        self._people = sum(hour.people for hour in self._hours)
        weekly, daily = (_same_hours(self._hours, this, period) for period in (_WEEK, _DAY))
        self._is_weekly = _periods(weekly, this, _WEEK) >= _FEWEST_PERIODS
        self._rated = weekly if self._is_weekly else daily if _periods(daily, this, _DAY) >= _FEWEST_PERIODS else []
        self._known: dict[str, tuple[float, float, float | None]] = {}

    @property
    def people(self) -> int:
        """On how many people it rests."""
        return self._people

    def expected(self, feature: str, *, people: int, span: timedelta) -> UsualCount | None:
        """For a window of `span` in which so many `people` wrote. None where nobody can say."""
        if feature not in self._known:
            self._known[feature] = self._look_up(feature)
        if self._people < _FEWEST_PEOPLE:
            return self._floor(feature, people, span)
        seen, shape, hourly = self._known[feature]
        by_rate = hourly * (span / HOUR) if hourly is not None else None
        if kind_of(feature) in _SHARELESS:
            if by_rate is None:
                return None
            return self._of(max(by_rate, 1.0), shape)
        by_share = (seen + _UNSEEN) * people / (self._people + _PRIOR_PEOPLE)
        return self._of(max(by_share, by_rate or 0.0, _FLOOR), min(shape, seen + _UNSEEN))

    def _floor(self, feature: str, people: int, span: timedelta) -> UsualCount | None:
        """For a young stage: a sudden crowd of one mind is an incident also where nobody knows what is usual."""
        if kind_of(feature) in _SHARELESS or span > _YOUNG_SPAN:
            return None
        mean = max(_YOUNG_PEOPLE, _YOUNG_PART * people)
        return UsualCount(mean=mean, shape=_YOUNG_SHAPE, hours=len(self._hours), is_weekly=False, is_floor=True)

    def share(self, feature: str) -> float:
        """Which part of all people it usually is; never zero."""
        seen = self._known.setdefault(feature, self._look_up(feature))[0]
        return (seen + _UNSEEN) / (self._people + _PRIOR_PEOPLE)

    def _of(self, mean: float, shape: float) -> UsualCount:
        return UsualCount(mean=mean, shape=shape, hours=len(self._rated), is_weekly=self._is_weekly)

    def _look_up(self, feature: str) -> tuple[float, float, float | None]:
        """People in all known hours, how restless they are, and people in an hour like this one."""
        if kind_of(feature) in _ONLY_HERE:
            return 0.0, chance.MOST_SHAPE, None
        counts = [hour.counts.get(feature, 0) for hour in self._hours]
        return float(sum(chance.capped(counts))), chance.shape_of(self._levelled(feature)), self._hourly(feature)

    def _hourly(self, feature: str) -> float | None:
        """
        What is usual in an hour like this one: the middle of weeks or days.

        The window may reach back into busier hours, so the busiest of them counts.
        """
        by_time: dict[int, list[int]] = {}
        for hour in self._rated:
            by_time.setdefault(hour.begin.hour, []).append(hour.counts.get(feature, 0))
        return max((float(median(counts)) for counts in by_time.values()), default=None)

    def _levelled(self, feature: str) -> list[float]:
        """People in each hour, as though equally many wrote in all of them: only what the feature itself does."""
        busy = [hour for hour in self._rated or self._hours if hour.people >= _BUSY]
        level = sum(hour.people for hour in busy) / len(busy) if busy else 0.0
        return [hour.counts.get(feature, 0) * level / hour.people for hour in busy]


def _same_hours(hours: Iterable[Hour], this: datetime, period: timedelta) -> list[Hour]:
    """Those whole periods before `this`, from two hours before to one after; nothing of the last two hours."""
    near = (timedelta(0), HOUR, 2 * HOUR, period - HOUR)
    return [hour for hour in hours if hour.begin < this - 2 * HOUR and (this - hour.begin) % period in near]


def _periods(hours: Iterable[Hour], this: datetime, period: timedelta) -> int:
    """How many different weeks, or days, they are of."""
    return len({(this - hour.begin + HOUR) // period for hour in hours})
