"""
How a platform is asked for what it does not tell by webhook.

A poll is a generator without I/O: it yields the calls to make and is sent
their results; it yields each slice that it heard, as bytes, which go on the
queue `inbound` and are read by the same `parse` as a webhook's body.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from chalicelib.ports.connector.calls import HttpCall, HttpResult
from chalicelib.ports.connector.parsing import ChannelSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class PollContext:
    """
    What is asked, for whom, and from where on.

    `account_id` is the account of ours that is asked for; empty where the
    channel's settings name none. `cursor` is that of the last slice that was
    put on the queue, None at the first time. `wanted` are ids that `parse`
    asked to fetch. `now` is aware UTC; `credentials` and `api_base` are as for
    an answer (`SendContext`).
    """

    channel: str
    account_id: str
    settings: ChannelSettings
    cursor: Mapping[str, Any] | None
    wanted: tuple[str, ...]
    now: datetime
    credentials: Mapping[str, str] = field(repr=False)
    api_base: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """
    A slice of what the platform told, and where to go on after it.

    `body` goes on the queue first, then `cursor` is stored: a function that
    dies in between hears the slice again, which is harmless. `body` is None
    where there is nothing new and only the cursor moves. `cursor` is any small
    JSON object; None leaves the stored one. `headers` (lower-case names) travel
    with the body, for `parse`. `got` are those of the wanted ids that are
    settled by this slice, also because the platform has no such thing.
    """

    body: bytes | None = field(default=None, repr=False)
    cursor: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    got: tuple[str, ...] = ()


# Sent: the result of a call; None after a slice. Returned: in how many seconds to ask again, None as the manifest says.
Slices = Generator[HttpCall | Heard, HttpResult | None, float | None]


class Poll(Protocol):
    """`connectors/<platform>/poll.py`."""

    def poll(self, context: PollContext) -> Slices:
        """
        The calls, and what they told, oldest first where the platform allows.

        It is closed when its budget of calls or seconds is over, and begun
        anew from the stored cursor in the next minute. Nothing may be skipped
        for good: ask again for a little more than is new, and leave it to the
        ids to fold. Raises the errors of `replying`: Throttled and Unavailable
        (asked again later), NotAuthorised and Refused (people are told).
        """
        ...
