"""What has come due, once a minute: the Lambda behind the schedule."""

from typing import TYPE_CHECKING, Any

from chalice import Blueprint, Rate

from chalicelib import bootstrap
from chalicelib.adapters.logs import log_line

if TYPE_CHECKING:
    from chalicelib.usecases.sla_watch import Swept

bp = Blueprint(__name__)

# The longest call to another service, with its retries, should still end before Lambda ends us.
SPARE_MS = 15_000
LISTENERS_AT_MINUTE = 0  # of each hour


class SweepIncomplete(Exception):
    """Some records broke or some pages did not get out. All of it is still due; raised so that the alarm rings."""


@bp.schedule(Rate(1, unit=Rate.MINUTES))
def sla_watch(event: Any) -> None:
    """Runs at the beginning of every minute, more or less; never twice for one."""
    from chalicelib.usecases.sla_watch import sweep

    ports = bootstrap.sla_watch_ports(lambda: event.context.get_remaining_time_in_millis() > SPARE_MS)
    swept = sweep(ports, bootstrap.now()())
    _log(swept)
    if not swept.ran:
        return
    _count(swept)
    if swept.turn.minute == LISTENERS_AT_MINUTE:
        _count_unheard()
    if swept.failed or swept.undelivered:
        raise SweepIncomplete(f"{len(swept.failed)} records failed, {swept.undelivered} pages were not delivered")


def _log(swept: "Swept") -> None:
    """One JSON line. Nothing that a stranger wrote goes into it."""
    log_line(
        level="warning" if swept.failed or swept.missed or not swept.finished else "info",
        message="sweep" if swept.ran else "another sweep has this minute",
        turn=swept.turn.isoformat(),
        missed=swept.missed,
        finished=swept.finished,
        counts=dict(sorted(swept.counts.items())),
        failed=sorted({f"{kind}: {error}" for kind, error in swept.failed}),
    )


def _count(swept: "Swept") -> None:
    from chalicelib.entrypoints.metrics import emit

    emit(
        Warnings=swept.counts["warning"],
        Breaches=swept.counts["breach"],
        Notices=swept.counts["notice"],
        PagesSent=swept.counts["page_sent"],
        PagesUndelivered=swept.undelivered,
        RepliesRedriven=swept.counts["reply"],
        SweepsMissed=swept.missed,
        SweepsUnfinished=int(not swept.finished),
        SweepFailures=len(swept.failed),
    )


def _count_unheard() -> None:
    """Whether anybody hears a page. Not to know counts as one group that nobody hears."""
    from chalicelib.entrypoints.metrics import emit
    from chalicelib.usecases.alerts.listeners import silent

    try:
        groups = sorted({one.group for one in silent(bootstrap.listeners_ports())})
    except Exception as error:  # noqa: BLE001  the sweep itself went well
        log_line(level="error", message="who hears pages cannot be found out", error=type(error).__name__)
        emit(UnheardGroups=1)
        return
    if groups:
        log_line(level="error", message="nobody hears pages", groups=groups)
    emit(UnheardGroups=len(groups))
