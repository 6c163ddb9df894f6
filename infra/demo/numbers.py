"""The numbers of a morning: counted from what is really there, and compared with what must be."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from chalicelib.domain.clock import Clock, Metric, Outcome
from chalicelib.domain.events import EventKind
from chalicelib.ports.cases import CaseStore

ALL = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """
    What came of it all.

    `met` to `cancelled` count the promises of a first or next reply: kept,
    kept too late, broken and still waiting, still in time, no longer needed.
    `acknowledged` counts who said that they are on it; `given_up` are messages among the dead letters.
    """

    received: int
    refused: int
    quarantined: int
    cases: int
    met: int
    late: int
    overdue: int
    waiting: int
    cancelled: int
    warnings: int
    pages: int
    acknowledged: int
    notices: int
    replied: int
    given_up: int

    @property
    def breached(self) -> int:
        """Promises that were broken, whether or not somebody answered since."""
        return self.late + self.overdue


def differences(found: Numbers, expected: Numbers) -> Iterator[str]:
    """One sentence for each number that is not the expected one."""
    for each in fields(Numbers):
        is_now, must_be = getattr(found, each.name), getattr(expected, each.name)
        if is_now != must_be:
            yield f"{each.name.replace('_', ' ')}: {is_now}, expected {must_be}"


def case_ids(store: CaseStore) -> list[str]:
    """Of every case, open or closed."""
    return [case.case_id for closed in (False, True) for case in store.list(closed=closed, limit=ALL)]


def promises(store: CaseStore, ids: Iterable[str], now: datetime) -> Counter[str]:
    """How the promises of replies stand, by the names that `Numbers` gives them."""
    return Counter(_stand(clock, now) for case_id in ids for clock in _reply_clocks(store, case_id))


def acknowledgements(store: CaseStore, ids: Iterable[str]) -> int:
    """How often somebody has said that they are on it."""
    return sum(event.kind is EventKind.ACKNOWLEDGED for case_id in ids for event in store.events(case_id))


def _reply_clocks(store: CaseStore, case_id: str) -> list[Clock]:
    case, _ = store.case(case_id)
    running = case.state.running if case else ()
    return [clock for clock in (*running, *store.ended_clocks(case_id)) if clock.metric is not Metric.RES]


def _stand(clock: Clock, now: datetime) -> str:
    if clock.is_running:
        return "overdue" if clock.is_past(now) else "waiting"
    return {Outcome.MET: "met", Outcome.BREACHED: "late"}.get(clock.outcome, "cancelled")
