"""
A cause that was called fixed, and whether it came back.

Fixed means: at most half of the complaints that there were before. It came
back when, in a day or a week, more people complain than chance explains for
that half.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from chalicelib.domain.folding import fold
from chalicelib.domain.incidents import chance
from chalicelib.domain.incidents.signals import Signal

SPANS: Final = (timedelta(days=1), timedelta(days=7))
LEAST_PEOPLE: Final = 3
SURE: Final = 3.0  # zeros: one in a thousand
_HALF: Final = 0.5
_FLOOR: Final = 0.25  # people a day: somebody always complains
_SHAPE: Final = 4.0
_DAY: Final = timedelta(days=1)
_MOST_NAMED: Final = 20
FIX_ID_PATTERN: Final = r"f[0-9a-f]{15}"


class FixStatus(StrEnum):
    """Where a fix stands."""

    FIXED = "fixed"
    REOPENED = "reopened"
    DROPPED = "dropped"  # nobody watches it any more


@dataclass(frozen=True, slots=True, kw_only=True)
class What:
    """A cause: every part that is given must be there. `topic` is "place:…" or "product:…"; `terms` are folded."""

    aspect: str | None = None
    topic: str | None = None
    terms: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.aspect or self.topic or self.terms)

    @property
    def words(self) -> str:
        """As people say it."""
        parts = (self.aspect, self.topic and self.topic.partition(":")[2], *(f"“{term}”" for term in self.terms))
        return ", ".join(part for part in parts if part)

    def covers(self, signal: Signal) -> bool:
        """Whether a complaint is about it."""
        return (
            (signal.is_negative or self.aspect in signal.aspects)
            and (self.aspect is None or self.aspect in signal.aspects)
            and (self.topic is None or self.topic in signal.topics)
            and all(term in signal.terms for term in self.terms)
        )


def what(*, aspect: str | None, topic: str | None, terms: Iterable[str]) -> What:
    return What(aspect=aspect, topic=topic, terms=tuple(sorted({fold(term) for term in terms})))


@dataclass(frozen=True, slots=True, kw_only=True)
class FixDeed:
    """Who said what of it, and when."""

    status: FixStatus
    at: datetime
    actor: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """
    A cause that somebody called fixed.

    `before` is how many cases a day complained about it in the weeks before,
    0 when nobody knows. `people` and `cases` are those that reopened it;
    `told_at` is when the team heard, None while they still must.
    """

    fix_id: str
    what: What
    fixed_at: datetime
    before: float
    status: FixStatus = FixStatus.FIXED
    reopened_at: datetime | None = None
    people: int = 0
    cases: tuple[str, ...] = ()
    why: str = ""
    told_at: datetime | None = None
    history: tuple[FixDeed, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FixSeen:
    """A complaint about a cause after it was called fixed."""

    at: datetime
    case_id: str
    who: str


def fix_id_of(cause: What) -> str:
    """The same for the same cause."""
    return f"f{sha256(f'{cause.aspect}|{cause.topic}|{cause.terms}'.encode()).hexdigest()[:15]}"


def called_fixed(cause: What, *, before: float, note: str, actor: str, now: datetime, known: Fix | None) -> Fix:
    """Fixed from now on; what came before is on record."""
    deed = FixDeed(status=FixStatus.FIXED, at=now, actor=actor, note=note)
    fresh = Fix(fix_id=fix_id_of(cause), what=cause, fixed_at=now, before=before)
    history, version = (known.history, known.version) if known else ((), 0)
    return replace(fresh, history=(*history, deed), version=version)


def judged(fix: Fix, seen: Sequence[FixSeen], now: datetime) -> Fix:
    """Reopened when more complain than chance explains; else as it was."""
    if fix.status is not FixStatus.FIXED:
        return fix
    for span in SPANS:
        within = [one for one in seen if max(fix.fixed_at, now - span) < one.at]
        people = {one.who for one in within}
        mean = max(_HALF * fix.before, _FLOOR) * (min(span, now - fix.fixed_at) / _DAY)
        zeros = chance.surprise(len(people), mean, _SHAPE)
        if len(people) >= LEAST_PEOPLE and zeros >= SURE:
            return _reopened(fix, within, people, span, mean, zeros, now)
    return fix


def _reopened(
    fix: Fix, within: Sequence[FixSeen], people: set[str], span: timedelta, mean: float, zeros: float, now: datetime
) -> Fix:
    cases = tuple(dict.fromkeys(one.case_id for one in sorted(within, key=lambda one: one.at)))
    time = "day" if span == _DAY else "week"
    why = (
        f"{len(people)} people complained in the last {time}; {mean:.1f} at most would be expected of a fixed cause. "
        f"By chance that happens {chance.one_in(zeros)}."
    )
    deed = FixDeed(status=FixStatus.REOPENED, at=now, actor="earshot", note=why)
    return replace(
        fix,
        status=FixStatus.REOPENED,
        reopened_at=now,
        people=len(people),
        cases=cases[:_MOST_NAMED],
        why=why,
        history=(*fix.history, deed),
    )
