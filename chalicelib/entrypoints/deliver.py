"""Answers out: the Lambda behind the queue `replies`."""

from collections.abc import Sequence
from typing import Any

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.adapters import clock
from chalicelib.config import Settings
from chalicelib.entrypoints.worker import work

bp = Blueprint(__name__)
SETTINGS = Settings.from_env()


# One at a time: a platform may take its whole timeout, and the function's must hold for all of a batch.
@bp.on_sqs_message(queue=SETTINGS.queue("replies"), batch_size=1, maximum_concurrency=SETTINGS.worker_concurrency)
def deliver(event: Any) -> None:
    """Runs at least once for each attempt at an answer."""
    work("replies", event.to_dict(), _take, deliveries=bootstrap.queues, jitter=clock.jitter)


def _take(bodies: Sequence[str]) -> None:
    from chalicelib.ports.messages import decode_reply
    from chalicelib.usecases.deliver import deliver as attempt

    for body in bodies:
        attempt(decode_reply(body), bootstrap.deliver_ports())
