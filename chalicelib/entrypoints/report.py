"""
Once an hour: days that have ended are rolled up, erasures are finished, and what was kept long enough goes.

The Lambda behind the schedule.
"""

from typing import TYPE_CHECKING, Any

from chalice import Blueprint, Rate

from chalicelib import bootstrap
from chalicelib.adapters.logs import log_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.usecases.report import RolledUp

bp = Blueprint(__name__)

# What is left must do for saving a year of days.
SPARE_MS = 60_000


@bp.schedule(Rate(1, unit=Rate.HOURS))
def report(event: Any) -> None:
    """Days end at every hour of the world's time zones; in most hours there is nothing to do."""
    from chalicelib.usecases.report import roll_up_ended

    ports = bootstrap.report_ports(lambda: event.context.get_remaining_time_in_millis() > SPARE_MS)
    done = roll_up_ended(ports, bootstrap.now()())
    _log(done)
    _count(done)
    _let_go(ports.has_time)


def _let_go(has_time: "Callable[[], bool]") -> None:
    from chalicelib.usecases import erase, expire

    if bootstrap.parameters().seal() is None:
        return  # deployed by an earlier version: `earshot deploy` makes the key
    now = bootstrap.now()()
    ports = bootstrap.erasing_ports(has_time, outside=True)
    left = erase.go_on(ports, now)
    gone = expire.Expired(0)
    if now.hour % expire.EVERY_HOURS == 0:
        gone = expire.expire(bootstrap.parameters().keep_days, ports, now)
    if left or gone.cases or not gone.is_done:
        log_line(level="info", message="let go", erasures_left=left, cases=gone.cases, done=gone.is_done)


def _log(done: "RolledUp") -> None:
    log_line(
        level="warning" if done.behind or done.unreadable else "info",
        message="roll-up",
        days=done.days,
        read=done.read,
        kept=done.kept,
        behind=done.behind,
        unreadable=done.unreadable[:5],
    )


def _count(done: "RolledUp") -> None:
    from chalicelib.entrypoints.metrics import emit

    emit(ReportDaysBehind=done.behind, ReportUnreadable=len(done.unreadable))
