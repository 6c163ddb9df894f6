"""How many promises were kept, of those that are decided (R18)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.clock import Clock, Outcome


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


def attainment(clocks: Iterable[Clock], now: datetime, *, with_late: bool = True) -> Share:
    """
    The share of promises kept at `now`.

    Without `with_late`, mentions that reached us late are left out: so it is
    seen what the care team could have done.
    """
    counted = [clock for clock in clocks if with_late or not clock.late_s]
    met = sum(clock.outcome is Outcome.MET for clock in counted)
    return Share(met=met, breached=sum(_is_broken(clock, now) for clock in counted))


def _is_broken(clock: Clock, now: datetime) -> bool:
    if clock.breached_at is not None:
        return True
    return clock.is_running and clock.breach_at is not None and now > clock.breach_at
