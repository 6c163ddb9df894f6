"""Leases in the one table. Satisfies `ports.leases.Leases` on any `ports.table.Table`."""

from contextlib import suppress
from datetime import datetime, timedelta

from chalicelib.adapters import keys
from chalicelib.ports.json_codec import dumps, loads
from chalicelib.ports.leases import Lease
from chalicelib.ports.table import Conflict, Item, Put, Table


class TableLeases:
    """One item for each thing; its version says who was last."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, what: str, *, turn: datetime, now: datetime, for_s: int) -> Lease | None:
        key = keys.lease(what)
        before = _read(self._table.get([key]).get(key))
        if before and (before.turn >= turn or (before.turn != before.done_before and now < before.until)):
            return None
        lease = Lease(
            what=what,
            turn=turn,
            until=now + timedelta(seconds=for_s),
            done_before=before.done_before if before else None,
            version=before.version + 1 if before else 1,
        )
        try:
            self._table.write([_put(lease)])
        except Conflict:
            return None
        return lease

    def done(self, lease: Lease) -> None:
        finished = Lease(
            what=lease.what, turn=lease.turn, until=lease.until, done_before=lease.turn, version=lease.version + 1
        )
        with suppress(Conflict):
            self._table.write([_put(finished)])


def _read(item: Item | None) -> Lease | None:
    return loads(Lease, item["body"]) if item else None


def _put(lease: Lease) -> Put:
    """Only onto the version before it."""
    pk, sk = keys.lease(lease.what)
    expect = {"version": lease.version - 1} if lease.version > 1 else {"pk": None}
    return Put({"pk": pk, "sk": sk, "version": lease.version, "body": dumps(lease)}, expect)
