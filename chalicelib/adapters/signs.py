"""Signs of channels, in the one table. Satisfies `ports.signs.Signs` on any `ports.table.Table`."""

from contextlib import suppress
from datetime import datetime, timedelta

from chalicelib.adapters import keys
from chalicelib.ports.signs import ChannelSign, Sign, Signs
from chalicelib.ports.table import Conflict, Put, Table

KEPT = timedelta(days=30)
_TRIES = 3


class TableSigns(Signs):
    """One item for each channel and sign."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def leave(self, channel: str, sign: Sign, at: datetime) -> None:
        for _ in range(_TRIES):
            with suppress(Conflict):
                return self._count(channel, sign, at)
        return None

    def _count(self, channel: str, sign: Sign, at: datetime) -> None:
        key = pk, sk = keys.sign(channel, sign.value)
        before = self._table.get([key]).get(key)
        item = {
            "pk": pk,
            "sk": sk,
            "channel": channel,
            "sign": sign.value,
            "count": before["count"] + 1 if before else 1,
            "last_at": at.isoformat(),
            "expires_at": int((at + KEPT).timestamp()),
        }
        self._table.write([Put(item, {"count": before["count"] if before else None})])

    def left(self) -> tuple[ChannelSign, ...]:
        return tuple(
            ChannelSign(
                channel=item["channel"],
                sign=Sign(item["sign"]),
                count=item["count"],
                last_at=datetime.fromisoformat(item["last_at"]),
            )
            for item in self._table.query(keys.SIGNS).items
        )
