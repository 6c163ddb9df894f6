"""Queues and bodies in memory."""

from collections.abc import Sequence

from chalicelib.ports.queues import Queues


class MemoryQueues(Queues):
    """Keeps what was sent, by queue."""

    def __init__(self) -> None:
        self.sent: dict[str, list[str]] = {}

    def send(self, queue: str, bodies: Sequence[str]) -> None:
        self.sent.setdefault(queue, []).extend(bodies)


class MemoryBodies:
    """Satisfies `ports.inbound.Bodies`."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, key: str, body: bytes) -> None:
        self.kept[key] = body

    def get(self, key: str) -> bytes:
        return self.kept[key]
