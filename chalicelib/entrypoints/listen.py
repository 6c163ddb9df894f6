"""What platforms do not tell by webhook, asked for once a minute: the Lambda behind the schedule."""

from typing import TYPE_CHECKING, Any

from chalice import Blueprint, Rate

from chalicelib import bootstrap
from chalicelib.adapters.logs import log_line

if TYPE_CHECKING:
    from chalicelib.usecases.listen import Listened

bp = Blueprint(__name__)

SPARE_MS = 15_000  # a call to a platform that begins now ends before Lambda ends us


class ListeningIncomplete(Exception):
    """Something of ours failed for some channels. The next minutes try again; raised so that the alarm rings."""


@bp.schedule(Rate(1, unit=Rate.MINUTES))
def listen(event: Any) -> None:
    """Runs once a minute, more or less. Two at once do no harm: each account has one asker."""
    from chalicelib.usecases.listen import listen as ask_all
    from chalicelib.usecases.renew import renew

    def has_time() -> bool:
        return bool(event.context.get_remaining_time_in_millis() > SPARE_MS)

    listened = ask_all(bootstrap.listen_ports(has_time))
    if listened.counts or listened.failed:
        _log(listened)
    renewed = renew(bootstrap.renew_ports(has_time))
    if renewed.count or renewed.failed:
        log_line(
            level="warning" if renewed.failed else "info",
            message="webhooks renewed",
            count=renewed.count,
            failed=sorted({f"{channel}: {error}" for channel, error in renewed.failed}),
        )
    if listened.failed:
        raise ListeningIncomplete(f"{len(listened.failed)} accounts could not be asked")


def _log(listened: "Listened") -> None:
    """One JSON line, and the metrics. Nothing that a stranger wrote goes into it."""
    from chalicelib.entrypoints.metrics import emit

    failed = sum(count for name, count in listened.counts.items() if name.startswith("failed_"))
    log_line(
        level="warning" if listened.failed or failed else "info",
        message="listened",
        counts=dict(sorted(listened.counts.items())),
        failed=sorted({f"{channel}: {error}" for channel, error in listened.failed}),
    )
    emit(
        AccountsAsked=listened.counts["asked"],
        SlicesHeard=listened.counts["slices"],
        AccountsNotHeard=failed + len(listened.failed),
    )
