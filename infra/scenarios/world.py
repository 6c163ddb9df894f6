"""
Where a scenario is played: the interface, and the values that are read back.

`memory.py` is such a place in this process. Another may be a deployed stack
whose clock the test sets.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.domain.case.state import CaseState
from chalicelib.domain.clock import Clock
from chalicelib.domain.policy import PolicyBook
from chalicelib.ports.cases import Labelled
from chalicelib.usecases.act import Intent
from infra.scenarios.model import Faults, Lands
from infra.scenarios.platform import Plan


class NotYet(Exception):
    """This place cannot do what the scenario asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCase:
    """A case as it stands. `clocks` holds the running and the ended ones."""

    case_id: str
    state: CaseState
    clocks: tuple[Clock, ...]
    exhausted: tuple[Clock, ...] = ()  # whose ladder has been climbed to its end
    window: tuple[datetime, datetime] | None = None  # ends of the platform's reply window: for all, for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAlert:
    """
    A message that reached people, as the first copy of it did.

    `kind` is the attribute that subscriptions filter by. `step` is None but
    for a rung; `clock_id` None for what is about no clock; `count` is the
    number of cases that one message stands for; `assignees` are those whose
    own subscriptions hear it.
    """

    at: datetime
    kind: str
    to: str
    step: int | None
    clock_id: str | None
    count: int
    assignee: str | None
    assignees: tuple[str, ...]
    why: str | None
    page_id: str | None


class World(Protocol):
    """Every method plays at `at` or `now`: aware UTC, never before the one before."""

    @property
    def books(self) -> Mapping[int, PolicyBook]:
        """Every version that was ever in force."""
        ...

    def hear(self, item: Labelled, at: datetime, *, workers: int = 1) -> None:
        """A platform tells us of something; so many workers get it at once."""
        ...

    def act(self, message_id: str, intent: Intent, *, actor: str, key: str, at: datetime) -> None:
        """An agent does something to the case that holds a message."""
        ...

    def plan(self, text: str, plan: Plan) -> None:
        """What the platform will do with an answer of these words."""
        ...

    def merge(self, message_id: str, into: str, *, actor: str, key: str, at: datetime) -> None:
        """The case that holds the message joins the one that holds `into`."""
        ...

    def tier(self, who: str, to: str | None, *, actor: str, key: str, at: datetime) -> None:
        """An agent gives a customer, who may have no case yet, a tier or takes it away."""
        ...

    def acknowledge(self, message_id: str, *, actor: str, at: datetime) -> None:
        """Somebody who was paged says that they are on it."""
        ...

    def promise(self, book: PolicyBook, at: datetime) -> None:
        """Another version of the book comes into force, also for cases that are open."""
        ...

    def sweep(self, now: datetime, *, during: Mapping[Lands, Callable[[], None]], times: int = 1) -> None:
        """The sweep of the whole minute `now`; what happens while it works; how many start at once."""
        ...

    def rest(self, now: datetime) -> None:
        """The same as a sweep of `now` that finds nothing due."""
        ...

    def next_due(self) -> datetime | None:
        """When the next sweep would find something."""
        ...

    def break_alerts(self, faults: Faults) -> None:
        """In some minutes publishing fails; in others it succeeds once without our hearing of it."""
        ...

    def cases(self) -> tuple[SeenCase, ...]:
        """In the order in which they were opened; those that joined another are left out."""
        ...

    def alerts(self) -> tuple[SeenAlert, ...]:
        """What reached people, each message once: a repeat has the id of the first."""
        ...

    def remembers(self, text: str) -> bool:
        """Whether these words are still kept anywhere."""
        ...
