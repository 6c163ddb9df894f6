"""Daily roll-ups in the one table: an item for each day and channel, so that no item outgrows its limit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from chalicelib.adapters import keys
from chalicelib.domain.case.status import CLOSED, CaseStatus
from chalicelib.domain.causes import About, CauseLine
from chalicelib.domain.rollup import RollupLine, RollupPlace, Tally
from chalicelib.ports.cases import CaseSummary
from chalicelib.ports.json_codec import dumps, loads
from chalicelib.ports.rollups import CaseLines, ListedCase, ListedCases
from chalicelib.ports.table import MOST_READS, MOST_WRITES, Delete, Put, Table, Write

LINES_LIFE = timedelta(days=30)  # longer than any day is rolled up again by itself


class TableRollups:
    """Satisfies `ports.rollups.Rollups`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def cases(self, *, limit: int, more: str | None = None) -> ListedCases:
        partitions = (*keys.list_partitions(closed=False), *keys.list_partitions(closed=True))
        number, _, rest = (more or "0:").partition(":")
        page = self._table.query_index("list", partitions[int(number)], limit=limit, more=rest or None)
        summaries = [loads(CaseSummary, item["summary"]) for item in page.items]
        following = int(number) + 1
        more = f"{number}:{page.more}" if page.more else f"{following}:" if following < len(partitions) else None
        return ListedCases(tuple(_listed(one) for one in summaries), more)

    def case_lines(self, case_ids: Sequence[str]) -> Mapping[str, CaseLines]:
        wanted = [keys.lines(case_id) for case_id in case_ids]
        items = {
            key: item
            for begin in range(0, len(wanted), MOST_READS)
            for key, item in self._table.get(wanted[begin : begin + MOST_READS]).items()
        }
        return {pk.removeprefix(keys.CASES): loads(CaseLines, item["body"]) for (pk, _), item in items.items()}

    def keep_lines(self, case_id: str, lines: CaseLines, *, now: datetime) -> None:
        pk, sk = keys.lines(case_id)
        expires_at = int((now + LINES_LIFE).timestamp())
        self._table.write([Put({"pk": pk, "sk": sk, "body": dumps(lines), "expires_at": expires_at})])

    def save(self, day: date, lines: Sequence[RollupLine]) -> None:
        wanted = {(put.item["pk"], put.item["sk"]): put for put in _puts(day, lines)}
        pk, _ = keys.rollup(day)
        there = {(item["pk"], item["sk"]): item for item in self._table.query(pk).items}
        writes: list[Write] = [put for key, put in wanted.items() if there.get(key) != put.item]
        writes += [Delete(key) for key in there if key not in wanted]
        for begin in range(0, len(writes), MOST_WRITES):
            self._table.write(writes[begin : begin + MOST_WRITES])

    def read(self, day: date) -> tuple[RollupLine, ...] | None:
        pk, mark = keys.rollup(day)
        items = {item["sk"]: item for item in self._table.query(pk).items}
        if mark not in items:
            return None
        bodies = (item["body"] for sk, item in items.items() if sk != mark)
        kept = (one for body in bodies for one in loads(tuple[_Kept, ...], body))
        return tuple(RollupLine(day=day, place=one.place, tally=one.tally) for one in kept)

    def save_causes(self, day: date, lines: Sequence[CauseLine]) -> None:
        pk, sk = keys.causes(day)
        kept = tuple(_KeptCause(about=line.about, cases=line.cases) for line in lines)
        self._table.write([Put({"pk": pk, "sk": sk, "body": dumps(kept)})])

    def causes(self, day: date) -> tuple[CauseLine, ...] | None:
        key = keys.causes(day)
        item = self._table.get([key]).get(key)
        if item is None:
            return None
        kept = loads(tuple[_KeptCause, ...], item["body"])
        return tuple(CauseLine(day=day, about=one.about, cases=one.cases) for one in kept)

    def gone(self, day: date) -> tuple[tuple[RollupLine, ...], tuple[CauseLine, ...]]:
        kept = [loads(CaseLines, item["body"]) for item in self._table.query(keys.gone_lines(day)).items]
        return (
            tuple(line for one in kept for line in one.lines),
            tuple(cause for one in kept for cause in one.causes),
        )

    def done(self) -> Mapping[str, date]:
        item = self._table.get([keys.ROLLUPS]).get(keys.ROLLUPS)
        return loads(_Done, item["body"]).days if item else {}

    def remember(self, done: Mapping[str, date]) -> None:
        pk, sk = keys.ROLLUPS
        self._table.write([Put({"pk": pk, "sk": sk, "body": dumps(_Done(days=done))})])


def gone_puts(case_hash: str, found: CaseLines) -> Iterator[Put]:
    """An item for each day that the case is part of, so that a day can be rolled up again without it."""
    for day in sorted({line.day for line in found.lines} | {cause.day for cause in found.causes}):
        kept = CaseLines(
            version=0,
            until=None,
            lines=tuple(line for line in found.lines if line.day == day),
            causes=tuple(cause for cause in found.causes if cause.day == day),
        )
        pk, sk = keys.gone_line(day, case_hash)
        yield Put({"pk": pk, "sk": sk, "body": dumps(kept)})


def _listed(summary: CaseSummary) -> ListedCase:
    return ListedCase(
        case_id=summary.case_id,
        opened_at=summary.opened_at,
        last_at=summary.last_at,
        is_running=summary.is_running,
        version=summary.version,
        channel=summary.channel,
        is_closed=CaseStatus(summary.status) in CLOSED,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    days: Mapping[str, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptCause:
    """As `_Kept`."""

    about: About
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A line without its day: that is in the key."""

    place: RollupPlace
    tally: Tally


def _puts(day: date, lines: Sequence[RollupLine]) -> Iterator[Put]:
    """The mark that the day was rolled up goes last: a day that is half written for the first time is not one."""
    ordered = sorted(lines, key=lambda line: (line.place.channel, line.place))
    for channel, group in groupby(ordered, key=lambda line: line.place.channel):
        pk, sk = keys.rollup_channel(day, channel)
        yield Put(
            {"pk": pk, "sk": sk, "body": dumps(tuple(_Kept(place=line.place, tally=line.tally) for line in group))}
        )
    pk, sk = keys.rollup(day)
    yield Put({"pk": pk, "sk": sk})
