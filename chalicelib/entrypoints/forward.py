"""Pages on to PagerDuty and chat: the Lambda behind the queue `forward`."""

from collections.abc import Sequence
from typing import Any

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.adapters import clock
from chalicelib.config import Settings
from chalicelib.entrypoints.worker import work

bp = Blueprint(__name__)
SETTINGS = Settings.from_env()


# One at a time: a page that comes again must not take others with it into chat a second time.
@bp.on_sqs_message(queue=SETTINGS.queue("forward"), batch_size=1, maximum_concurrency=SETTINGS.worker_concurrency)
def forward(event: Any) -> None:
    """Runs at least once for each page that `earshot pages forward set` asked for."""
    work("forward", event.to_dict(), _take, deliveries=bootstrap.queues, jitter=clock.jitter)


def _take(bodies: Sequence[str]) -> None:
    from chalicelib.usecases.forward import forward as tell

    for body in bodies:
        tell(body, bootstrap.forward_ports())
