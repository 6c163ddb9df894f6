"""
Root causes: what is called fixed, by whom, and the watch that reopens it.

The watch runs with that of incidents, on the same signals, every ten minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.alerts import cause as cause_alert
from chalicelib.domain.alerts.message import written
from chalicelib.domain.causes import CauseLine
from chalicelib.domain.fixes import Fix, FixDeed, FixSeen, FixStatus, What, called_fixed, fix_id_of, judged
from chalicelib.domain.incidents.signals import Signal
from chalicelib.domain.visible import is_blank, one_line
from chalicelib.ports.alerts import Alerts, AlertUndelivered
from chalicelib.ports.fixes import Conflict, Fixes
from chalicelib.ports.policies import Promises
from chalicelib.ports.rollups import Rollups
from chalicelib.ports.waiting import Backoff
from chalicelib.usecases.cases.timeline import retrying
from chalicelib.usecases.report import days

EVERY_MINUTES: Final = 10
LOOKED_BACK: Final = timedelta(minutes=30)  # signals that came late are seen by the next look
BEFORE_DAYS: Final = 14
MOST_NOTE_CHARS: Final = 500
_WEEK: Final = timedelta(days=7)


class UnknownFix(LookupError):
    """There is no such fix. Next step: look at the list of causes."""


class CauseInvalid(ValueError):
    """The request can never be carried out as it is; the message says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What causes need from outside."""

    fixes: Fixes
    rollups: Rollups
    alerts: Alerts
    promises: Promises
    backoff: Backoff


# --- people say so ----------------------------------------------------------------------------------------------


def call_fixed(cause: What, note: str, *, actor: str, ports: Ports, now: datetime) -> Fix:
    """
    From now on complaints about it are watched. Calling it fixed again begins anew.

    Raises CauseInvalid and `timeline.Overtaken`.
    """
    if cause.is_empty:
        raise CauseInvalid("Name an aspect, a place, a product or words: a cause of nothing cannot be watched.")
    if is_blank(note):
        raise CauseInvalid("Say in a note what was done about it.")
    note = one_line(note, MOST_NOTE_CHARS)
    before = _before(cause, ports.rollups, now)
    return retrying(lambda: _called(cause, note, before, actor, ports, now), ports.backoff)


def _called(cause: What, note: str, before: float, actor: str, ports: Ports, now: datetime) -> Fix:
    known = ports.fixes.get(fix_id_of(cause))
    return ports.fixes.save(called_fixed(cause, before=before, note=note, actor=actor, now=now, known=known))


def _before(cause: What, rollups: Rollups, now: datetime) -> float:
    """
    Cases a day in the two weeks before, of whichever part has fewest; 0 when nothing is rolled up.

    A cause of several parts has at most as many as each of them.
    """
    last = now.date()
    found = [
        lines for day in days(last - timedelta(days=BEFORE_DAYS), last) if (lines := rollups.causes(day)) is not None
    ]
    if not found:
        return 0.0
    kind, _, name = (cause.topic or "").partition(":")
    wanted = [("aspect", cause.aspect or ""), (kind, name)]
    counts = [_cases([line for lines in found for line in lines], *part) for part in wanted if part[1]]
    return min(counts, default=0) / len(found)


def _cases(lines: Sequence[CauseLine], kind: str, name: str) -> int:
    return sum(line.cases for line in lines if (line.about.kind, line.about.name) == (kind, name))


def drop(fix_id: str, *, actor: str, ports: Ports, now: datetime) -> Fix:
    """Nobody watches it any more. Raises UnknownFix and `timeline.Overtaken`."""

    def step() -> Fix:
        fix = ports.fixes.get(fix_id)
        if fix is None:
            raise UnknownFix(f"There is no fix {fix_id}.")
        if fix.status is FixStatus.DROPPED:
            return fix
        deed = FixDeed(status=FixStatus.DROPPED, at=now, actor=actor)
        return ports.fixes.save(replace(fix, status=FixStatus.DROPPED, history=(*fix.history, deed)))

    return retrying(step, ports.backoff)


# --- it comes back ----------------------------------------------------------------------------------------------


def watch(ports: Ports, turn: datetime, signals: Sequence[Signal]) -> int:
    """Note who complains about a fixed cause, reopen those that are back, and tell; how many were reopened."""
    if turn.minute % EVERY_MINUTES:
        return 0
    return sum(_watched(fix, ports, turn, signals) for fix in ports.fixes.all())


def _watched(fix: Fix, ports: Ports, turn: datetime, signals: Sequence[Signal]) -> bool:
    reopened = False
    if fix.status is FixStatus.FIXED:
        since = max(fix.fixed_at, turn - LOOKED_BACK)
        ports.fixes.note(fix.fix_id, [_seen(one) for one in signals if one.at > since and fix.what.covers(one)])
        again = judged(fix, ports.fixes.seen(fix.fix_id, max(fix.fixed_at, turn - _WEEK)), turn)
        if again is fix:
            return False
        try:
            fix, reopened = ports.fixes.save(again), True
        except Conflict:  # a person said something meanwhile
            return False
    if fix.status is FixStatus.REOPENED and fix.told_at is None:
        _tell(fix, ports, turn)
    return reopened


def _seen(signal: Signal) -> FixSeen:
    return FixSeen(at=signal.at, case_id=signal.case_id, who=signal.who)


def _tell(fix: Fix, ports: Ports, turn: datetime) -> None:
    """At least once: one that is not recorded as told is told again."""
    group = ports.promises.books[ports.promises.current].default.ladder.warn_group
    try:
        ports.alerts.publish(written(cause_alert.alert(fix, group, turn)))
    except AlertUndelivered:
        return
    ports.fixes.save(replace(fix, told_at=turn))
