"""One event being applied, and what the handlers of all kinds of events share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import clock as clocks
from chalicelib.domain.case.state import CaseState, Waiter, policy_for
from chalicelib.domain.clock import Books, Clock, Metric
from chalicelib.domain.events import Event
from chalicelib.domain.policy import Policy


class PastNeeded(Exception):
    """This event changes what went before: replay the timeline instead."""


@dataclass(frozen=True, slots=True)
class Turn:
    """
    One event being applied, with what its handler may need.

    `home` is the origin of what happened in this case itself. In a draft it
    is known beforehand what will be taken back.
    """

    event: Event
    books: Books
    known_past: Sequence[Event] | None = None
    home: str | None = None
    is_draft: bool = False

    @property
    def past(self) -> Sequence[Event]:
        if self.known_past is None:
            raise PastNeeded(self.event.key)
        return self.known_past

    @property
    def at(self) -> datetime:
        return self.event.at

    def policy(self, state: CaseState) -> Policy:
        """The promise that this case gets under the book in force at this event."""
        return policy_for(state, self.books[self.event.book])


Handler = Callable[[CaseState, Turn], CaseState]


def nothing(state: CaseState, turn: Turn) -> CaseState:  # noqa: ARG001
    return state


def each_running(state: CaseState, change: Callable[[Clock], Clock]) -> CaseState:
    """Every running clock changed; ended ones are history."""
    return replace(state, clocks=tuple(change(c) if c.is_running else c for c in state.clocks))


def stop_clocks(state: CaseState, turn: Turn, metrics: set[Metric]) -> CaseState:
    return each_running(state, lambda c: clocks.stop(c, turn.at, turn.books) if c.metric in metrics else c)


def end_clocks(state: CaseState, turn: Turn, metrics: set[Metric], reason: str) -> CaseState:
    return each_running(state, lambda c: clocks.end(c, turn.at, reason, turn.books) if c.metric in metrics else c)


def with_waiters(state: CaseState, waiters: tuple[Waiter, ...]) -> CaseState:
    """Those and no others wait. They came in the order of their messages."""
    first = waiters[0] if waiters else None
    return replace(
        state,
        waiters=waiters,
        waiting_since=first.since if first else None,
        waiting_key=first.key if first else None,
    )


def writer_of(event: Event) -> str:
    """Who wrote a message; somebody whom the platform does not name is another one each time."""
    author = event.fact.author if event.fact else None
    return author.id if author else f"?{event.native_id}"
