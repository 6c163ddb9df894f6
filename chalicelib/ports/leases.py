"""Who does a thing that only one may do at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """
    The right to do `what` for the round `turn`, until `until` at the latest.

    `done_before` is the last round that somebody finished, None if nobody
    ever did. All aware UTC.
    """

    what: str
    turn: datetime
    until: datetime
    done_before: datetime | None
    version: int


class Leases(Protocol):
    def take(self, what: str, *, turn: datetime, now: datetime, for_s: int) -> Lease | None:
        """
        The lease; None when somebody had this round or a later one, or may still be at work.

        Two calls: a read and a conditional write.
        """
        ...

    def done(self, lease: Lease) -> None:
        """The round is finished: the next need not wait for `until`. Nothing happens when another took over since."""
        ...
