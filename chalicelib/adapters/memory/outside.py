"""Queues, bodies and what stands on the web, in memory."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from chalicelib.ports.connector.calls import HttpCall, HttpResult
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


class MemoryWeb:
    """
    Satisfies `ports.http.Http` and `ports.web_keys.WebKeys`: what stands under which address, 404 for the rest.

    `asked` remembers every address that was called.
    """

    def __init__(self, pages: Mapping[str, bytes] = MappingProxyType({})) -> None:
        self.pages = dict(pages)
        self.asked: list[str] = []

    def perform(self, call: HttpCall) -> HttpResult:
        self.asked.append(call.url)
        found = self.pages.get(call.url)
        return HttpResult(status=404) if found is None else HttpResult(status=200, body=found)

    def document(self, url: str, *, fresh: bool = False) -> bytes:  # noqa: ARG002  it is always the newest
        self.asked.append(url)
        return self.pages.get(url, b"")
