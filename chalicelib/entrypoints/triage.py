"""Raw requests in, facts out: the Lambda behind the queue `inbound`."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib import bootstrap, connectors
from chalicelib.adapters import clock
from chalicelib.config import Settings
from chalicelib.entrypoints.worker import work
from chalicelib.ports.inbound import Malformed, decode

if TYPE_CHECKING:
    from chalicelib.usecases.triage import Ports

bp = Blueprint(__name__)
SETTINGS = Settings.from_env()


@bp.on_sqs_message(queue=SETTINGS.queue("inbound"), batch_size=10, maximum_concurrency=SETTINGS.worker_concurrency)
def triage(event: Any) -> None:
    """Runs at least once for each raw request."""
    done: list[Any] = []
    ports = cache(bootstrap.triage_ports)  # the whole batch shares the time that there is for judging

    def take(bodies: Sequence[str]) -> None:
        done.extend(_take(bodies, ports()))

    try:
        work("inbound", event.to_dict(), take, deliveries=bootstrap.queues, jitter=clock.jitter)
    finally:
        _count(done)  # also when others come again: what was quarantined does not, and would never be counted


def _take(bodies: Sequence[str], ports: "Ports") -> list[Any]:
    from chalicelib.usecases.triage import triage as sort_out

    done = []
    for body in bodies:
        message = decode(body)
        try:
            connector = connectors.parser(message.platform)
        except connectors.UnknownPlatform as error:
            raise Malformed(f"no connector {message.platform!r}") from error
        done.append(sort_out(message, connector, ports))
    return done


def _count(results: list[Any]) -> None:
    """Metrics by their log lines: facts per lane, and what went to quarantine, which raises the alarm."""
    from chalicelib.entrypoints.metrics import emit

    emit(
        Urgent=sum(result.urgent for result in results),
        Ordinary=sum(result.ordinary for result in results),
        Unjudged=sum(result.unjudged for result in results),
        Ignored=sum(len(result.ignored) for result in results),
        Quarantined=sum(result.quarantined is not None for result in results),
    )
