"""What is kept of mentions so that many can be compared, and how busy the hours were."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.domain.incidents.signals import Signal
from chalicelib.domain.incidents.usual import Hour


class Signals(Protocol):
    """Signals last for two days, hours for nine weeks."""

    def keep(self, signal: Signal) -> None:
        """One write. A repeat is written over the first."""
        ...

    def forget(self, signal_key: str, at: datetime) -> None:
        """What was kept under the key of a mention that was written then. One write, whether it is there or not."""
        ...

    def missed(self, error: str) -> None:
        """A mention left no signal, for this class of error: whoever runs Earshot can see it."""
        ...

    def between(self, begin: datetime, end: datetime, *, now: datetime) -> tuple[Signal, ...]:
        """
        Written from `begin` to before `end`. One call for each quarter of an hour.

        What is older than the last two quarters may be ten minutes behind.
        """
        ...

    def hours(self, begins: Sequence[datetime], *, now: datetime) -> Mapping[datetime, Hour]:
        """Those that are known. One call for each hundred that were not asked for before."""
        ...

    def count(self, hour: Hour) -> None:
        """Keep an hour, in place of what was there. One write."""
        ...
