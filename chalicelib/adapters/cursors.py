"""Where listening stands, in the one table. Satisfies `ports.cursors` on any `ports.table.Table`."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.adapters import keys
from chalicelib.ports.cursors import PollPlace
from chalicelib.ports.json_codec import dumps, loads
from chalicelib.ports.table import MOST_WRITES, Delete, Item, Put, Table

KEPT = timedelta(days=7)


class TableCursors:
    """One item for each account that is asked for, and one for each id to fetch."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def places(self) -> tuple[PollPlace, ...]:
        items: list[Item] = []
        more = None
        while True:
            page = self._table.query(keys.LISTENING, more=more)
            items += page.items
            more = page.more
            if more is None:
                return tuple(loads(PollPlace, item["body"]) for item in items)

    def save(self, place: PollPlace) -> PollPlace:
        pk, sk = keys.listening(place.channel, place.account_id)
        saved = replace(place, version=place.version + 1)
        expect = {"version": place.version} if place.version else {"pk": None}
        self._table.write([Put({"pk": pk, "sk": sk, "version": saved.version, "body": dumps(saved)}, expect)])
        return saved

    def wanted(self, channel: str, most: int) -> tuple[str, ...]:
        return tuple(item["sk"] for item in self._table.query(keys.wanted(channel), limit=most).items)

    def want(self, channel: str, ids: Iterable[str], now: datetime) -> None:
        expires_at = int((now + KEPT).timestamp())
        for wanted_id in ids:
            pk, sk = keys.wanting(channel, wanted_id)
            self._table.write([Put({"pk": pk, "sk": sk, "expires_at": expires_at})])

    def settled(self, channel: str, ids: Iterable[str]) -> None:
        gone = [Delete(keys.wanting(channel, wanted_id)) for wanted_id in dict.fromkeys(ids)]
        for start in range(0, len(gone), MOST_WRITES):
            self._table.write(gone[start : start + MOST_WRITES])
