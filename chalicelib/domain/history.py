"""How a case came to be what it is: its state after each event, for whoever must say why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.domain.case import CaseState, apply
from chalicelib.domain.clock import Books, Clock
from chalicelib.domain.events import Event, in_order


@dataclass(frozen=True, slots=True)
class Moment:
    """An event, and the case right after it."""

    event: Event
    state: CaseState

    def clock(self, clock_id: str) -> Clock | None:
        return next((clock for clock in self.state.clocks if clock.id == clock_id), None)


History = tuple[Moment, ...]


def history(events: Iterable[Event], books: Books) -> History:
    """The whole timeline, oldest first. Raises LookupError when a version of the policies that it needs is gone."""
    return tuple(_followed(in_order(events), books, CaseState()))


def _followed(timeline: Sequence[Event], books: Books, state: CaseState) -> list[Moment]:
    moments = []
    for index, event in enumerate(timeline):
        state = apply(state, event, books, past=timeline[:index])
        moments.append(Moment(event, state))
    return moments


def as_it_counts(past: History, books: Books) -> History:
    """The same timeline as though what was taken back by its end had never been."""
    withdrawn = past[-1].state.withdrawn if past else frozenset()
    return tuple(_followed([moment.event for moment in past], books, CaseState(withdrawn=withdrawn)))
