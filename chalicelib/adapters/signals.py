"""Signals and hours in the one table. Satisfies `ports.signals.Signals` on any `ports.table.Table`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from chalicelib.adapters import keys
from chalicelib.adapters.logs import log_line
from chalicelib.domain.incidents.signals import Signal
from chalicelib.domain.incidents.usual import HOUR, Hour
from chalicelib.ports.json_codec import dumps, loads
from chalicelib.ports.table import MOST_READS, Delete, Put, Table

SIGNALS_KEPT: Final = timedelta(days=2)
HOURS_KEPT: Final = timedelta(weeks=9)
QUARTER: Final = timedelta(minutes=15)
FRESH: Final = timedelta(minutes=30)  # what is younger is read each time
REREAD_AFTER: Final = timedelta(minutes=10)
SETTLED: Final = timedelta(days=1)  # nobody counts an hour later than that


class TableSignals:
    """
    Keeps what it has read as long as it lives: a minute later most of it is the same.

    A process that starts anew reads two hours once.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._quarters: dict[datetime, tuple[datetime, tuple[Signal, ...]]] = {}
        self._hours: dict[datetime, Hour | None] = {}

    # --- signals

    def keep(self, signal: Signal) -> None:
        pk, sk = keys.signal(signal.at, signal.key)
        expires_at = int((signal.at + SIGNALS_KEPT).timestamp())
        self._table.write([Put({"pk": pk, "sk": sk, "body": dumps(signal), "expires_at": expires_at})])

    def forget(self, signal_key: str, at: datetime) -> None:
        self._table.write([Delete(keys.signal(at, signal_key))])

    def missed(self, error: str) -> None:
        log_line(level="warning", message="a mention left no signal", error=error)

    def between(self, begin: datetime, end: datetime, *, now: datetime) -> tuple[Signal, ...]:
        quarters = list(_quarters(begin, end))
        found = [signal for quarter in quarters for signal in self._quarter(quarter, now)]
        self._quarters = {quarter: self._quarters[quarter] for quarter in quarters if quarter in self._quarters}
        return tuple(signal for signal in found if begin <= signal.at < end)

    def _quarter(self, quarter: datetime, now: datetime) -> tuple[Signal, ...]:
        known = self._quarters.get(quarter)
        if known and quarter + QUARTER <= now - FRESH and now - known[0] < REREAD_AFTER:
            return known[1]
        read = {signal.key: signal for signal in known[1]} if known else {}
        items = self._table.query(keys.signals(quarter)).items
        signals = tuple(read.get(item["sk"]) or loads(Signal, item["body"]) for item in items)
        self._quarters[quarter] = (now, signals)
        return signals

    # --- hours

    def hours(self, begins: Sequence[datetime], *, now: datetime) -> Mapping[datetime, Hour]:
        wanted = [begin for begin in begins if begin not in self._hours]
        for first in range(0, len(wanted), MOST_READS):
            self._read(wanted[first : first + MOST_READS], now)
        self._hours = {begin: hour for begin, hour in self._hours.items() if begin >= now - HOURS_KEPT}
        return {begin: hour for begin in begins if (hour := self._hours.get(begin))}

    def _read(self, begins: Sequence[datetime], now: datetime) -> None:
        found = self._table.get([keys.hour(begin) for begin in begins])
        for begin in begins:
            item = found.get(keys.hour(begin))
            if item or begin + HOUR < now - SETTLED:
                self._hours[begin] = loads(Hour, item["body"]) if item else None

    def count(self, hour: Hour) -> None:
        pk, sk = keys.hour(hour.begin)
        item: dict[str, Any] = {"pk": pk, "sk": sk, "body": dumps(hour)}
        self._table.write([Put(item | {"expires_at": int((hour.begin + HOURS_KEPT).timestamp())})])
        self._hours[hour.begin] = hour


def _quarters(begin: datetime, end: datetime) -> Iterator[datetime]:
    quarter = keys.quarter(begin)
    while quarter < end:
        yield quarter
        quarter += QUARTER
