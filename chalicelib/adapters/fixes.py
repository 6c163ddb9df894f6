"""Fixes in the one table. Satisfies `ports.fixes.Fixes` on any `ports.table.Table`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from chalicelib.adapters import keys
from chalicelib.domain.fixes import Fix, FixSeen
from chalicelib.ports.json_codec import dumps, loads
from chalicelib.ports.table import Item, Put, Table

SEEN_KEPT: Final = timedelta(days=30)


class TableFixes:
    """One item for each fix, and one for each complaint since."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def all(self) -> tuple[Fix, ...]:
        return tuple(_read(item) for item in self._table.query(keys.FIXES).items)

    def get(self, fix_id: str) -> Fix | None:
        key = keys.fix(fix_id)
        item = self._table.get([key]).get(key)
        return _read(item) if item else None

    def save(self, fix: Fix) -> Fix:
        pk, sk = keys.fix(fix.fix_id)
        item = {"pk": pk, "sk": sk, "version": fix.version + 1, "body": dumps(replace(fix, version=0))}
        self._table.write([Put(item, {"version": fix.version} if fix.version else {"pk": None})])
        return replace(fix, version=fix.version + 1)

    def note(self, fix_id: str, seen: Sequence[FixSeen]) -> None:
        for one in seen:
            pk, sk = keys.fix_seen(fix_id, one.at, one.case_id)
            expires_at = int((one.at + SEEN_KEPT).timestamp())
            self._table.write([Put({"pk": pk, "sk": sk, "body": dumps(one), "expires_at": expires_at})])

    def seen(self, fix_id: str, since: datetime) -> tuple[FixSeen, ...]:
        pk, _ = keys.fix_seen(fix_id, since, "")
        found = (loads(FixSeen, item["body"]) for item in self._table.query(pk).items)
        return tuple(one for one in found if one.at > since)


def _read(item: Item) -> Fix:
    return replace(loads(Fix, item["body"]), version=item["version"])
