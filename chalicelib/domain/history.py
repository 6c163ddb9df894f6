"""How a case came to be what it is: its state after each event, for whoever must say why."""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.case.fold import follow
from chalicelib.domain.case.state import CaseState
from chalicelib.domain.clock import Books, Clock
from chalicelib.domain.events import Event, in_order


@dataclass(frozen=True, slots=True)
class Moment:
    """An event, the case right after it, and the cases that agents were going to join with it later."""

    event: Event
    state: CaseState
    apart: tuple[CaseState, ...] = ()

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """Of all of them: each promise was somebody's from its start on."""
        return tuple(clock for state in (self.state, *self.apart) for clock in state.clocks)

    def clock(self, clock_id: str) -> Clock | None:
        return next((clock for clock in self.clocks if clock.id == clock_id), None)


History = tuple[Moment, ...]


def history(events: Iterable[Event], books: Books) -> History:
    """The whole timeline, oldest first. Raises LookupError when a version of the policies that it needs is gone."""
    told = follow(in_order(events), books)
    return tuple(Moment(event, state, tuple(apart)) for event, (state, *apart) in told)
