"""Facts in, cases out: the Lambdas behind the queues `mentions` and `mentions-urgent`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.adapters import clock
from chalicelib.adapters.logs import log_line
from chalicelib.config import Settings
from chalicelib.entrypoints.worker import work

if TYPE_CHECKING:
    from chalicelib.domain.facts import Fact
    from chalicelib.ports.cases import Labelled

bp = Blueprint(__name__)
SETTINGS = Settings.from_env()


@bp.on_sqs_message(queue=SETTINGS.queue("mentions"), batch_size=10, maximum_concurrency=SETTINGS.worker_concurrency)
def casework(event: Any) -> None:
    """Runs at least once for each fact of the ordinary lane."""
    _work("mentions", event, urgent=False)


@bp.on_sqs_message(
    queue=SETTINGS.queue("mentions-urgent"), batch_size=10, maximum_concurrency=SETTINGS.worker_concurrency
)
def casework_urgent(event: Any) -> None:
    """Runs at least once for each fact of the urgent lane."""
    _work("mentions-urgent", event, urgent=True)


def _work(queue: str, event: Any, *, urgent: bool) -> None:
    """
    Engines are asked once for a message, however often it is tried here.

    One that did not come through twice goes without them, whatever the reason was.
    """
    engines = _Engines(urgent=urgent)
    try:
        work(
            queue,
            event.to_dict(),
            lambda bodies: _take(engines.refined(bodies)),
            deliveries=bootstrap.queues,
            jitter=clock.jitter,
            handle_suspect=lambda bodies: _take(_decoded(bodies)),
        )
    finally:
        engines.count()


def _take(items: "Sequence[Labelled]") -> None:
    from chalicelib.usecases.casework import take

    take(items, bootstrap.casework_ports(_tell_disbelieved))


def _tell_disbelieved(fact: "Fact") -> None:
    """In the log, as a number, and on the channel for `earshot channels list`; never with anything a stranger wrote."""
    from chalicelib.entrypoints.metrics import emit
    from chalicelib.ports.signs import Sign

    log_line(level="warning", message="not believed", channel=fact.channel, kind=fact.kind.value)
    emit(Disbelieved=1)
    bootstrap.signs().leave(fact.channel, Sign.DISBELIEVED, bootstrap.now()())


def _decoded(bodies: Sequence[str]) -> "list[Labelled]":
    from chalicelib.ports.messages import decode_mention

    return [decode_mention(body) for body in bodies]


class _Engines:
    """What engines made of the messages of one delivery."""

    def __init__(self, *, urgent: bool) -> None:
        self._urgent = urgent
        self._known: dict[str, Labelled] = {}
        self._asked = 0
        self._fell_back = 0

    def refined(self, bodies: Sequence[str]) -> "list[Labelled]":
        """Raises Malformed."""
        from chalicelib.usecases.refine import refine

        fresh = [body for body in dict.fromkeys(bodies) if body not in self._known]
        done = refine(_decoded(fresh), bootstrap.refine_ports(urgent=self._urgent)) if fresh else None
        if done:
            self._known.update(zip(fresh, done.items, strict=True))
            self._asked += done.asked
            self._fell_back += done.fell_back
        return [self._known[body] for body in bodies]

    def count(self) -> None:
        """Metrics by their log line; none where no engine is asked."""
        if self._asked:
            from chalicelib.entrypoints.metrics import emit

            percent = 100 * self._fell_back // self._asked
            emit(EngineTexts=self._asked, EngineFellBack=self._fell_back, EngineFellBackPercent=percent)
