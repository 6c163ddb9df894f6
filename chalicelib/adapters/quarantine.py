"""Requests that could not be read: the body in the bucket, a pointer in the table."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.adapters import keys
from chalicelib.adapters.clock import system_clock
from chalicelib.ports.inbound import Bodies, InboundMessage, decode, encode, large_body_ref
from chalicelib.ports.json_codec import dumps, loads
from chalicelib.ports.quarantine import Quarantine, Quarantined
from chalicelib.ports.table import Delete, Put, Table

LIFE = timedelta(days=14)


class TableQuarantine(Quarantine):
    """
    The body is written first: a pointer without a body would be a lie, a body without a pointer expires.

    Both expire by AWS's own clock, which is why `now` is the system's in every stage.
    """

    def __init__(self, table: Table, bodies: Bodies, *, now: Callable[[], datetime] = system_clock) -> None:
        self._table = table
        self._bodies = bodies
        self._now = now

    def keep(self, message: InboundMessage, body: bytes, reason: str) -> None:
        body_ref = f"quarantine/{message.received_at:%Y-%m-%d}/{message.request_id}"
        self._bodies.put(body_ref, encode(replace(message, body=body, body_ref=None)).encode())
        entry = Quarantined(
            request_id=message.request_id,
            platform=message.platform,
            channel=message.channel,
            received_at=message.received_at,
            reason=reason,
            body_ref=body_ref,
            replays=message.replays,
        )
        pk, sk = keys.quarantine(message.received_at, message.request_id)
        expires_at = int((self._now() + LIFE).timestamp())
        self._table.write([Put({"pk": pk, "sk": sk, "body": dumps(entry), "expires_at": expires_at})])

    def waiting(self) -> tuple[Quarantined, ...]:
        entries = [loads(Quarantined, item["body"]) for item in self._table.query(keys.QUARANTINE).items]
        return tuple(sorted(entries, key=lambda entry: entry.received_at))  # the key has whole seconds

    def message(self, entry: Quarantined) -> InboundMessage:
        message = decode(self._bodies.get(entry.body_ref).decode())
        body_ref = large_body_ref(message)
        if body_ref is None or message.body is None:
            return message
        self._bodies.put(body_ref, message.body)
        return replace(message, body=None, body_ref=body_ref)

    def release(self, entry: Quarantined) -> None:
        self._table.write([Delete(keys.quarantine(entry.received_at, entry.request_id))])
