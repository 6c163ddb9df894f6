"""Say why each clock of a case is due when it is, in words that can be read out."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import explain as domain
from chalicelib.domain.clock import METRIC_WORDS, Books, Clock
from chalicelib.domain.events import Event
from chalicelib.domain.explain import ExplainedStep
from chalicelib.domain.history import History, history
from chalicelib.ports.cases import CaseStore
from chalicelib.ports.policies import Promises
from chalicelib.usecases.cases.moving import followed


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedClock:
    """One clock and its steps, in the order in which they are told."""

    metric: str
    name: str
    outcome: str
    steps: tuple[ExplainedStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedCase:
    """`alias_of` is the case that was asked for, when this one took it over."""

    case_id: str
    alias_of: str | None
    clocks: tuple[ExplainedClock, ...]


def explain(case_id: str, *, store: CaseStore, promises: Promises, now: datetime) -> ExplainedCase:
    """Every clock that the case has or had, oldest first. Raises `joining.UnknownCase`."""
    case, _ = followed(case_id, store)
    past = _history(store.events(case.case_id), promises.books)
    clocks = sorted((*case.state.running, *store.ended_clocks(case.case_id)), key=lambda c: (c.started_at, c.id))
    return ExplainedCase(
        case_id=case.case_id,
        alias_of=case_id if case_id != case.case_id else None,
        clocks=tuple(_explained(clock, past, promises.books, now) for clock in clocks),
    )


def _history(events: tuple[Event, ...], books: Books) -> History:
    """Empty when a version of the policies is gone: the clocks themselves can still be shown."""
    try:
        return history(events, books)
    except LookupError:
        return ()


def _explained(clock: Clock, past: History, books: Books, now: datetime) -> ExplainedClock:
    return ExplainedClock(
        metric=clock.metric.value,
        name=METRIC_WORDS[clock.metric],
        outcome=clock.outcome.value,
        steps=domain.explain(clock, past, books, now),
    )
