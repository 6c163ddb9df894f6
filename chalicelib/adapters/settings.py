"""Settings documents as a process keeps them: read at most once a minute, and never a reason to stop."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from chalicelib.adapters.logs import log_line
from chalicelib.ports.documents import DocumentVersion

KEPT_S: Final = 60.0
V = TypeVar("V")


class Kept(Generic[V]):
    """
    What the newest version of a document says; `without` while there is none.

    When it cannot be read, what was read before is used on. `clock` counts
    seconds and never goes back.
    """

    def __init__(
        self,
        newest: Callable[[], DocumentVersion | None],
        *,
        read: Callable[[str], V],
        without: V,
        clock: Callable[[], float],
    ) -> None:
        self._newest = newest
        self._read = read
        self._clock = clock
        self._value = without
        self._version = 0
        self._until = float("-inf")

    def value(self) -> V:
        if self._clock() >= self._until:
            self._until = self._clock() + KEPT_S
            self._refresh()
        return self._value

    def _refresh(self) -> None:
        try:
            newest = self._newest()
            if newest and newest.version != self._version:
                self._value, self._version = self._read(newest.toml), newest.version
        except Exception as error:  # noqa: BLE001  a mention must not wait for a list of shops
            log_line(level="error", message="settings cannot be read", error=type(error).__name__)
