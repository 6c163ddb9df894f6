"""
Closed cases whose time is over go, with all that leads to them; what was counted stays counted.

An open case never expires. With the last case of a customer goes what was recorded of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.erasure import Person, known_as
from chalicelib.ports.customers import Customer
from chalicelib.ports.erasure import Trace
from chalicelib.usecases import erase
from chalicelib.usecases.cases.timeline import retrying
from chalicelib.usecases.report import every_case

EVERY_HOURS = 6  # a look reads the whole list of cases


@dataclass(frozen=True, slots=True)
class Expired:
    """How many cases went; `is_done` is False when the time ran out before the last."""

    cases: int
    is_done: bool = True


def expire(keep_days: Callable[[str], int], ports: erase.Ports, now: datetime) -> Expired:
    """`keep_days` says for how many days after its last event a closed case of a channel is kept."""
    count = 0
    for page in every_case(ports.rollups):
        for listed in page:
            if not listed.is_closed or listed.last_at is None:
                continue
            before = now - timedelta(days=keep_days(listed.channel))
            if listed.last_at >= before:
                continue
            if not ports.has_time():
                return Expired(count, is_done=False)
            count += retrying(lambda which=listed.case_id, end=before: _drop(which, end, ports, now), ports.backoff)  # type: ignore[misc]
    return Expired(count)


def _drop(case_id: str, before: datetime, ports: erase.Ports, now: datetime) -> bool:
    """The list may lag: the case itself knows whether it is closed, and since when nothing happened."""
    trace = ports.traces.trace(case_id)
    case = trace.case
    if case is None or not case.state.is_closed or case.state.last is None or case.state.last[0] >= before:
        return False
    customer = Customer(platform=case.platform, author_key=case.author_key)
    person = known_as(Person(platform=case.platform, author_key=case.author_key), trace.events)
    others = [one for one in ports.traces.case_ids(customer) if one != case_id]
    aliases = [one for one in map(ports.traces.trace, others) if _was_taken_over_by(one, case_id)]
    for alias in aliases:
        erase.drop(alias, person, ports, now)
    erase.drop(trace, person, ports, now)
    if not ports.traces.case_ids(customer):
        ports.traces.drop_record(customer, now)
    return True


def _was_taken_over_by(trace: Trace, case_id: str) -> bool:
    return trace.case is not None and trace.case.merged_into == case_id
