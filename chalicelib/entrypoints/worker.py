"""
What every SQS worker does around its work, right with and without partial batch responses.

Chalice cannot switch those on, and a plain return deletes the whole batch. So
when something fails, what is done is deleted here, what can never succeed
goes to the dead letters, what may succeed later comes back after a while,
and the worker raises at the end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from chalicelib.adapters.interrupt import interrupting
from chalicelib.adapters.logs import log_line
from chalicelib.ports.inbound import Malformed

SUSPECT_AFTER = 2  # a record received more often than this is handled last, alone, under a deadline
SUSPECT_S = 10.0
LATEST_S = 30

Handle = Callable[[Sequence[str]], None]


class Deliveries(Protocol):
    """What a worker does to the messages it received; `adapters.sqs.SqsQueues` in the real world."""

    def done(self, queue: str, receipts: Sequence[str]) -> None: ...

    def later(self, queue: str, receipt: str, seconds: int) -> None: ...

    def bury(self, queue: str, body: str, error: str) -> None: ...


class SomeFailed(Exception):
    """Some records of the batch come again. Raised at the end, when all others are safely done."""


class WorkerTooSlow(Exception):
    """A record that had failed before used up its deadline."""


@dataclass(slots=True)
class _Tally:
    done: list[str] = field(default_factory=list)
    buried: int = 0
    failed: list[str] = field(default_factory=list)


def work(
    queue: str,
    event: dict[str, Any],
    handle: Handle,
    *,
    deliveries: Callable[[], Deliveries],
    jitter: Callable[[], float],
    handle_suspect: Handle | None = None,
) -> None:
    """
    Handle an SQS event.

    `handle` gets message bodies: the whole batch at first; one by one if that
    fails, so that one bad record does not hold up the others. A record that
    had failed before goes to `handle_suspect`, where that is something else.
    Raises SomeFailed when records must come again.
    """
    records = event["Records"]
    fresh = [r for r in records if _received(r) <= SUSPECT_AFTER]
    suspect = [r for r in records if _received(r) > SUSPECT_AFTER]
    tally = _Tally()
    if fresh and not _all_at_once(fresh, handle, tally):
        for record in fresh:
            _alone(queue, record, handle, tally, deliveries, jitter)
    for record in suspect:
        _alone(queue, record, _in_time(handle_suspect or handle), tally, deliveries, jitter)
    _log(queue, len(records), tally)
    if not tally.failed:
        return
    if tally.done:
        deliveries().done(queue, tally.done)
    raise SomeFailed(
        f"{queue}: {len(tally.failed)} of {len(records)} come again: {', '.join(sorted(set(tally.failed)))}"
    )


def _received(record: dict[str, Any]) -> int:
    return int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))


def _all_at_once(records: list[dict[str, Any]], handle: Handle, tally: _Tally) -> bool:
    try:
        handle([record["body"] for record in records])
    except Exception:  # noqa: BLE001  each record is tried alone next, and says there what is wrong
        return False
    tally.done += [record["receiptHandle"] for record in records]
    return True


def _alone(
    queue: str,
    record: dict[str, Any],
    handle: Handle,
    tally: _Tally,
    deliveries: Callable[[], Deliveries],
    jitter: Callable[[], float],
) -> None:
    try:
        _handle_or_bury(queue, record, handle, tally, deliveries)
    except Exception as error:  # noqa: BLE001  it comes again, and SQS gives it up after ten times
        tally.failed.append(type(error).__name__)
        _warn(queue, "comes again", error, record)
        _come_again(queue, record, deliveries, 1 + int((LATEST_S - 1) * jitter()))
    else:
        tally.done.append(record["receiptHandle"])


def _handle_or_bury(
    queue: str, record: dict[str, Any], handle: Handle, tally: _Tally, deliveries: Callable[[], Deliveries]
) -> None:
    """Either way it is done with. A record that cannot even be buried is no different from one that failed."""
    try:
        handle([record["body"]])
    except Malformed as error:
        deliveries().bury(queue, record["body"], f"{type(error).__name__}: {error}")
        tally.buried += 1


def _come_again(queue: str, record: dict[str, Any], deliveries: Callable[[], Deliveries], seconds: int) -> None:
    try:
        deliveries().later(queue, record["receiptHandle"], seconds)
    except Exception as error:  # noqa: BLE001  then it comes again when the queue's own time is up
        _warn(queue, "comes again late", error, record)


def _in_time(handle: Handle) -> Handle:
    """`handle` under a deadline. What is said to SQS afterwards is not under it."""

    def timed(bodies: Sequence[str]) -> None:
        with interrupting(SUSPECT_S, lambda: WorkerTooSlow(f"not done after {SUSPECT_S:g} s")):
            handle(bodies)

    return timed


def _warn(queue: str, message: str, error: Exception, record: dict[str, Any]) -> None:
    log_line(level="warning", queue=queue, message=message, error=type(error).__name__, tries=_received(record))


def _log(queue: str, received: int, tally: _Tally) -> None:
    log_line(
        level="info" if not tally.failed else "warning",
        queue=queue,
        message="batch",
        received=received,
        done=len(tally.done) - tally.buried,
        buried=tally.buried,
        failed=len(tally.failed),
    )
