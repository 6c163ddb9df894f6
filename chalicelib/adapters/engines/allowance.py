"""
A ceiling on what an engine costs, in the one table. Satisfies `ports.engines.Allowance` on any `ports.table.Table`.

One item for each engine and day counts what all functions may send. A process
reserves some texts at a time and never sends what it has not reserved, so the
ceiling holds exactly; what a process reserved and never sent is lost to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from chalicelib.adapters import keys
from chalicelib.ports.table import Conflict, Put, Table

KEPT: Final = timedelta(days=35)  # long enough to look at a month's bill
_TRIES: Final = 3
_ASKED_AGAIN: Final = timedelta(seconds=60)  # a flood must not become a flood of reads
_SHARE: Final = 50  # of a ceiling that one reservation may take


@dataclass(slots=True)
class _Reserved:
    """What this process may still send in one hour."""

    hour: str
    left: int = 0
    ask_at: datetime | None = None


class TableAllowance:
    """`now` is aware UTC: an hour and a day are those of UTC."""

    def __init__(self, table: Table, engine: str, *, per_hour: int, per_day: int, now: Callable[[], datetime]) -> None:
        self._table = table
        self._engine = engine
        self._per_hour = per_hour
        self._per_day = per_day
        self._now = now
        self._reserved = _Reserved("")

    def take(self, wanted: int) -> int:
        now = self._now()
        hour = f"h{now:%H}"
        if self._reserved.hour != f"{now:%Y-%m-%d}{hour}":
            self._reserved = _Reserved(f"{now:%Y-%m-%d}{hour}")
        mine = self._reserved
        missing = wanted - mine.left
        if missing > 0 and (mine.ask_at is None or now >= mine.ask_at):
            mine.left += self._reserve(max(missing, self._per_hour // _SHARE), now, hour)
            mine.ask_at = now + _ASKED_AGAIN if mine.left < wanted else None
        taken = min(wanted, mine.left)
        mine.left -= taken
        return taken

    def _reserve(self, wanted: int, now: datetime, hour: str) -> int:
        for _ in range(_TRIES):
            try:
                return self._try(wanted, now, hour)
            except Conflict:
                pass
            except Exception:  # noqa: BLE001  a table that does not answer allows nothing
                break
        return 0

    def _try(self, wanted: int, now: datetime, hour: str) -> int:
        key = keys.spent(self._engine, now.date())
        item: dict[str, Any] = dict(self._table.get([key]).get(key) or {"pk": key[0], "sk": key[1]})
        day, version = item.get("day", 0), item.get("version")
        granted: int = max(0, min(wanted, self._per_hour - item.get(hour, 0), self._per_day - day))
        if granted:
            item |= {hour: item.get(hour, 0) + granted, "day": day + granted, "version": (version or 0) + 1}
            item["expires_at"] = int((now + KEPT).timestamp())
            self._table.write([Put(item, {"version": version} if version else {"pk": None})])
        return granted
