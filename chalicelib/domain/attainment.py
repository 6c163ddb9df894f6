"""How many promises were kept, of those that are decided (R18)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Final

from chalicelib.domain.clock import Clock, Outcome

_Z: Final = 1.959964  # of the normal distribution, 95 % lies within so many standard deviations


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Decided promises. A running one past its due time is broken already; cancelled ones are in neither number."""

    met: int = 0
    breached: int = 0

    @property
    def percent(self) -> float | None:
        """Of what is decided, 0 to 100; None when nothing is."""
        decided = self.met + self.breached
        return 100 * self.met / decided if decided else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """
        Between which percentages the share would lie in the long run, with 95 % confidence; None for nothing decided.

        Wilson's score interval (E. B. Wilson, JASA 22, 1927, pages 209 to 212),
        which is honest about few clocks and about shares near 0 and 100 %.
        """
        decided = self.met + self.breached
        if not decided:
            return None
        share, weight = self.met / decided, _Z * _Z / decided
        middle = share + weight / 2
        spread = _Z * sqrt((share * (1 - share) + weight / 4) / decided)
        low, high = (100 * (middle + side) / (1 + weight) for side in (-spread, spread))
        return max(0.0, low), min(100.0, high)


def attainment(clocks: Iterable[Clock], now: datetime, *, with_late: bool = True) -> Share:
    """
    The share of promises kept at `now`.

    Without `with_late`, mentions that reached us late are left out: so it is
    seen what the care team could have done.
    """
    counted = [clock for clock in clocks if with_late or not clock.late_s]
    met = sum(clock.outcome is Outcome.MET for clock in counted)
    return Share(met=met, breached=sum(is_broken(clock, now) for clock in counted))


def is_broken(clock: Clock, now: datetime) -> bool:
    """Whether a breach is on record, or will be because the clock runs past its due time."""
    if clock.breached_at is not None:
        return True
    return clock.is_running and clock.breach_at is not None and now > clock.breach_at
