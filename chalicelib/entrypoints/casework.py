"""Facts in, cases out: the Lambdas behind the queues `mentions` and `mentions-urgent`."""

from collections.abc import Sequence
from typing import Any

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.adapters import clock
from chalicelib.config import Settings
from chalicelib.entrypoints.worker import work

bp = Blueprint(__name__)
SETTINGS = Settings.from_env()


@bp.on_sqs_message(queue=SETTINGS.queue("mentions"), batch_size=10, maximum_concurrency=SETTINGS.worker_concurrency)
def casework(event: Any) -> None:
    """Runs at least once for each fact of the ordinary lane."""
    _work("mentions", event)


@bp.on_sqs_message(
    queue=SETTINGS.queue("mentions-urgent"), batch_size=10, maximum_concurrency=SETTINGS.worker_concurrency
)
def casework_urgent(event: Any) -> None:
    """Runs at least once for each fact of the urgent lane."""
    _work("mentions-urgent", event)


def _work(queue: str, event: Any) -> None:
    work(queue, event.to_dict(), _take, deliveries=bootstrap.queues, jitter=clock.jitter)


def _take(bodies: Sequence[str]) -> None:
    from chalicelib.ports.messages import decode_mention
    from chalicelib.usecases.casework import take

    take([decode_mention(body) for body in bodies], bootstrap.casework_ports())
