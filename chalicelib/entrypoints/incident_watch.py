"""Who complains about one thing, once a minute: a Lambda of its own, so that a fault here never stops the sweep."""

from typing import TYPE_CHECKING, Any

from chalice import Blueprint, Rate

from chalicelib import bootstrap
from chalicelib.adapters.logs import log_line

if TYPE_CHECKING:
    from chalicelib.usecases.incident_watch import Watched

bp = Blueprint(__name__)

SPARE_MS = 15_000  # as the sweep keeps: the longest call to another service ends before Lambda ends us


class WatchIncomplete(Exception):
    """Something broke or a message did not get out. The next minute tries again; raised so that the alarm rings."""


@bp.schedule(Rate(1, unit=Rate.MINUTES))
def incident_watch(event: Any) -> None:
    """Runs at the beginning of every minute, more or less; never twice for one."""
    from chalicelib.usecases.incident_watch import watch

    ports = bootstrap.incident_watch_ports(lambda: event.context.get_remaining_time_in_millis() > SPARE_MS)
    watched = watch(ports, bootstrap.now()())
    _log(watched)
    if watched.ran:
        _count(watched)
    if watched.failed or watched.counts["undelivered"]:
        raise WatchIncomplete(f"{len(watched.failed)} parts failed, {watched.counts['undelivered']} messages wait")


def _log(watched: "Watched") -> None:
    """One JSON line. Nothing that a stranger wrote goes into it."""
    log_line(
        level="warning" if watched.failed else "info",
        message="incident watch" if watched.ran else "another watch has this minute",
        turn=watched.turn.isoformat(),
        signals=watched.signals,
        counts=dict(sorted(watched.counts.items())),
        failed=sorted({f"{what}: {error}" for what, error in watched.failed}),
    )


def _count(watched: "Watched") -> None:
    from chalicelib.entrypoints.metrics import emit

    emit(
        IncidentsOpened=watched.counts["opened"],
        IncidentMembers=watched.counts["joined"],
        CrisisPages=watched.counts["crisis"] + watched.counts["crisis_growth"],
        CrisisPagesUndelivered=watched.counts["undelivered"],
        IncidentWatchFailures=len(watched.failed),
    )
