"""
A clock that nobody can reckon with leaves the watch, and the people who run Earshot hear of it.

Its calendar never opens again, or its version of the policies is gone. It
would hold up every sweep for nothing; the case itself stays open.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain import watch
from chalicelib.domain.events import US, Event, EventKind, action
from chalicelib.ports.alarms import Alarms
from chalicelib.ports.cases import CaseRecord, CaseStore
from chalicelib.ports.policies import Promises
from chalicelib.usecases.cases.timeline import at_the_end, commit_for

QUIET_FOR: Final = timedelta(hours=1)  # every new message may start such a clock


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """One clock that was set aside. `reason` is a stable word: no_open_time or unknown_policy."""

    case_id: str
    clock_id: str
    reason: str


def set_aside(case: CaseRecord, *, store: CaseStore, promises: Promises, now: datetime) -> tuple[SetAside, ...]:
    """Take the clocks at fault out of the watch; none, and nothing is written, for a sound case. Raises Conflict."""
    found = [
        SetAside(case_id=case.case_id, clock_id=clock.id, reason=reason)
        for clock in case.state.running
        if (reason := watch.fault_of(clock, promises.books))
    ]
    if not found:
        return ()
    events = at_the_end(case.state, [_event(one, promises, now) for one in found])
    commit = commit_for(case, events, store=store, promises=promises, now=now)
    assert commit is not None  # noqa: S101  a clock that runs has no such event of this minute
    store.commit(commit)
    return tuple(found)


def _event(one: SetAside, promises: Promises, now: datetime) -> Event:
    return action(
        EventKind.FAULT,
        action_id=f"{one.clock_id}/{now.isoformat()}",
        at=now,
        actor=US,
        detail={"clock": one.clock_id, "reason": one.reason},
        book=promises.current,
    )


def to_tell(found: Sequence[SetAside], alarms: Alarms, now: datetime) -> Counter[str]:
    """How many clocks for each reason of which nobody was told in the last hour."""
    reasons = Counter(one.reason for one in found)
    told = {reason: alarms.raised_at(about(reason)) for reason in reasons}
    return Counter({r: n for r, n in reasons.items() if (at := told[r]) is None or now - at >= QUIET_FOR})


def about(reason: str) -> str:
    """What `Alarms` calls it."""
    return f"clocks/{reason}"
