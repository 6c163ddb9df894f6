"""Which alarms were raised, in the one table. Satisfies `ports.alarms.Alarms` on any `ports.table.Table`."""

from datetime import datetime, timedelta

from chalicelib.adapters import keys
from chalicelib.ports.table import Put, Table

KEPT = timedelta(days=7)


class TableAlarms:
    """One item for each subject, gone a week after the last alarm."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def raised_at(self, about: str) -> datetime | None:
        key = keys.alarm(about)
        item = self._table.get([key]).get(key)
        return datetime.fromisoformat(item["raised_at"]) if item else None

    def remember(self, about: str, at: datetime) -> None:
        pk, sk = keys.alarm(about)
        expires_at = int((at + KEPT).timestamp())
        self._table.write([Put({"pk": pk, "sk": sk, "raised_at": at.isoformat(), "expires_at": expires_at})])
