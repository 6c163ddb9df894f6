"""Requests that could not be read: the body in the bucket, a pointer in the table."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.adapters import keys
from chalicelib.ports.inbound import Bodies, InboundMessage, decode, encode
from chalicelib.ports.plain import dumps, loads
from chalicelib.ports.quarantine import Quarantine, Quarantined
from chalicelib.ports.table import Delete, Put, Table

LIFE = timedelta(days=14)


class TableQuarantine(Quarantine):
    """The body is written first: a pointer without a body would be a lie, a body without a pointer expires."""

    def __init__(self, table: Table, bodies: Bodies) -> None:
        self._table = table
        self._bodies = bodies

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
        expires_at = int((message.received_at + LIFE).timestamp())
        self._table.write([Put({"pk": pk, "sk": sk, "body": dumps(entry), "expires_at": expires_at})])

    def waiting(self) -> tuple[Quarantined, ...]:
        return tuple(loads(Quarantined, item["body"]) for item in self._table.query(keys.QUARANTINE).items)

    def message(self, entry: Quarantined) -> InboundMessage:
        return decode(self._bodies.get(entry.body_ref).decode())

    def release(self, entry: Quarantined) -> None:
        self._table.write([Delete(keys.quarantine(entry.received_at, entry.request_id))])
