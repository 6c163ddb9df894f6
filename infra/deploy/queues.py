"""How much waits in a stage's queues."""

from collections.abc import Mapping
from typing import Any, Final

from infra.deploy.target import Target

HEARING: Final = ("inbound", "mentions-urgent", "mentions")  # what a request passes before it is in a case
_COUNTS: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


def depth(sqs: Any, url: str) -> int:
    """Messages that wait, are being worked on, or are put off."""
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS))["Attributes"]
    return sum(int(told.get(name, 0)) for name in _COUNTS)


def on_their_way(target: Target) -> Mapping[str, int]:
    """How many requests and mentions are in no case yet, by queue; empty when none is. Raises Problem."""
    sqs, urls = target.client("sqs"), target.resources().queues
    counts = {name: depth(sqs, urls[name]) for name in HEARING}
    return {name: count for name, count in counts.items() if count}
