"""
What was promised, to whom, and who is told when the promise is about to break.

A policy ties targets to a calendar and a ladder; the book is the whole set in
one version. A clock keeps the version it started with, so nothing here ever
changes in place. Values that break a rule cannot be made: they raise
ValueError in one sentence. The document that people edit is read elsewhere,
with every problem named at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Final

from chalicelib.domain import calendar as open_hours
from chalicelib.domain.calendar import Calendar
from chalicelib.domain.labels import Urgency

ACK_S: Final = 1_800
WARN_AT_PERCENT: Final = 75
PRIORITIES: Final = tuple(urgency.value for urgency in Urgency)  # of a case


class Visibility(StrEnum):
    """Who can read the conversation."""

    PUBLIC = "public"
    PRIVATE = "private"


class Reach(StrEnum):
    """How many people can see a mention, in bands wide enough that guesses about followers do not matter."""

    SMALL = "small"  # below 1,000
    MEDIUM = "medium"  # below 10,000
    LARGE = "large"  # below 100,000
    HUGE = "huge"


_REACH_BELOW: Final = ((1_000, Reach.SMALL), (10_000, Reach.MEDIUM), (100_000, Reach.LARGE))


def reach_of(people: int | None) -> Reach | None:
    """The band for so many people; None when the platform does not say."""
    if people is None:
        return None
    return next((band for below, band in _REACH_BELOW if people < below), Reach.HUGE)


def least_of(people: int | None) -> int | None:
    """The fewest people of the same band: all that a promise or a count needs to know of them."""
    return people if people is None else max((below for below, _ in _REACH_BELOW if below <= people), default=0)


class UnknownPolicy(LookupError):
    """No policy of that id in this version of the book. Next step: look in the version the clock started with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Business seconds to the first reply, each next reply and the resolution; None promises nothing."""

    frt_s: int | None = None
    nrt_s: int | None = None
    res_s: int | None = None

    def __post_init__(self) -> None:
        """A target that is due when it starts is a mistake."""
        _require(all(target is None or target > 0 for target in self), f"targets must be above zero: {self}")

    def __iter__(self) -> Iterator[int | None]:
        return iter((self.frt_s, self.nrt_s, self.res_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung: `group` is paged `delay_s` business seconds after the alert began."""

    group: str
    delay_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """
    Who is paged, in which order, until somebody answers the customer.

    The first step is never held back, so its delay is 0. `repeat_after_s`
    counts from the last step, not from the repeat before. `ack_s` is how long
    an acknowledgement keeps it quiet. All in business seconds.
    """

    id: str
    steps: tuple[Step, ...]
    repeat_after_s: tuple[int, ...] = ()
    ack_s: int = ACK_S
    warn_group: str = "team"

    def __post_init__(self) -> None:
        """Each step is later than the one before it."""
        delays = [step.delay_s for step in self.steps]
        _require(delays[:1] == [0], f"ladder {self.id}: the first step goes out at once, its delay is 0")
        _require(_rises(delays), f"ladder {self.id}: each step must be later than the one before")
        _require(_rises([0, *self.repeat_after_s]), f"ladder {self.id}: each repeat must be later than the one before")
        _require(self.ack_s > 0, f"ladder {self.id}: an acknowledgement must last longer than nothing")

    @property
    def rungs(self) -> tuple[Step, ...]:
        """The steps and then the last one again for each repeat, all delays counted from the start of the alert."""
        last = self.steps[-1]
        repeats = (Step(group=last.group, delay_s=last.delay_s + after_s) for after_s in self.repeat_after_s)
        return (*self.steps, *repeats)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """
    What decides which policy a case falls under; None where it is not known.

    `channel` is the whole name, such as "x.main"; `language` a BCP 47 tag.
    """

    channel: str
    priority: str | None = None
    tier: str | None = None
    language: str | None = None
    reach: str | None = None
    visibility: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """
    Which cases a policy is for: every condition must hold, and an empty one always does.

    A channel "x" covers "x.main", a language "en" covers "en-GB". What is not
    known of a case meets no condition about it.
    """

    channels: frozenset[str] = frozenset()
    priorities: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    reach: frozenset[str] = frozenset()
    visibility: frozenset[str] = frozenset()

    @property
    def is_everything(self) -> bool:
        """No condition at all: the mark of the default policy."""
        return self == _EVERYTHING

    def accepts(self, traits: Traits) -> bool:
        """Whether a case with these traits meets every condition."""
        return (
            _covers(self.channels, traits.channel, separator=".")
            and _covers(self.languages, traits.language, separator="-")
            and _admits(self.priorities, traits.priority)
            and _admits(self.tiers, traits.tier)
            and _admits(self.reach, traits.reach)
            and _admits(self.visibility, traits.visibility)
        )


_EVERYTHING: Final = Match()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One promise: how fast, in whose hours, for which cases, and who is called when it breaks."""

    id: str
    calendar: Calendar
    targets: Targets
    ladder: Ladder
    warn_at_percent: int = WARN_AT_PERCENT
    match: Match = _EVERYTHING

    def __post_init__(self) -> None:
        """A warning at 0 % or 100 % would not be one."""
        _require(0 < self.warn_at_percent < 100, f"policy {self.id}: warn at 1 to 99 %")  # noqa: PLR2004

    def due_at(self, start: datetime, target_s: int) -> datetime:
        """When a clock that began at `start` has used up its target. Raises NoOpenTime."""
        return open_hours.due(self.calendar, start, target_s)

    def warn_s(self, target_s: int) -> int:
        """The warning's share of a target, rounded up: a warning never comes before its share is used."""
        return -(-target_s * self.warn_at_percent // 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyBook:
    """
    All policies of one version, in the order in which they are tried.

    The last one is the default: it takes every case that no other took, and
    it alone has no condition. `tiers` are those that a customer may have.
    """

    version: int
    policies: tuple[Policy, ...]
    tiers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Every case finds exactly one policy, and every name means one thing."""
        everything = [policy.match.is_everything for policy in self.policies]
        _require(everything[-1:] == [True], "the last policy must be the default, without a condition")
        _require(everything.count(True) == 1, "only the last policy may be without a condition")
        _require(_is_unique(policy.id for policy in self.policies), "two policies have the same id")
        _require(_is_unique(cal.id for cal in self.calendars), "two calendars have the same id")
        _require(_is_unique(ladder.id for ladder in self.ladders), "two ladders have the same id")
        _require(_is_unique(iter(self.tiers)), "two tiers have the same name")

    @property
    def calendars(self) -> tuple[Calendar, ...]:
        """Each calendar in use once, in the order of the policies."""
        return tuple(dict.fromkeys(policy.calendar for policy in self.policies))

    @property
    def ladders(self) -> tuple[Ladder, ...]:
        """Each ladder in use once, in the order of the policies."""
        return tuple(dict.fromkeys(policy.ladder for policy in self.policies))

    @property
    def default(self) -> Policy:
        """The policy of cases that no other policy is for."""
        return self.policies[-1]

    def match(
        self,
        *,
        channel: str,
        priority: str | None = None,
        tier: str | None = None,
        language: str | None = None,
        reach: str | None = None,
        visibility: str | None = None,
    ) -> Policy:
        """The first policy whose conditions a case meets; there always is one."""
        traits = Traits(
            channel=channel, priority=priority, tier=tier, language=language, reach=reach, visibility=visibility
        )
        return next(policy for policy in self.policies if policy.match.accepts(traits))

    def calendar(self, calendar_id: str) -> Calendar | None:
        """The calendar of that id as this version has it; None when no policy uses it."""
        return next((policy.calendar for policy in self.policies if policy.calendar.id == calendar_id), None)

    def get(self, policy_id: str) -> Policy:
        """Raises UnknownPolicy."""
        for policy in self.policies:
            if policy.id == policy_id:
                return policy
        raise UnknownPolicy(f"no policy {policy_id!r} in version {self.version}")


def _admits(wanted: frozenset[str], value: str | None) -> bool:
    return not wanted or value in wanted


def _covers(wanted: frozenset[str], value: str | None, *, separator: str) -> bool:
    """Whether one of the names is the value's or one of its parents': "x" covers "x.main"."""
    if not wanted or value is None:
        return not wanted
    path = value.casefold() + separator
    return any(path.startswith(name.casefold() + separator) for name in wanted)


def _rises(numbers: list[int]) -> bool:
    return all(before < after for before, after in pairwise(numbers))


def _is_unique(names: Iterator[str]) -> bool:
    seen = list(names)
    return len(seen) == len(set(seen))


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
