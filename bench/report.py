"""Results as tables: aligned for a terminal, the same in the document, plain values for machines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One topic. `name` is what `--only` and the JSON call it; `notes` say what it is compared against."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()

    def records(self) -> list[dict[str, Cell]]:
        return [dict(zip(self.head, row, strict=True)) for row in self.rows]


def text(table: Table) -> str:
    """The table with its title and notes; numbers to the right."""
    lines = [[shown(cell) for cell in row] for row in table.rows]
    widths = [max(len(line[i]) for line in [list(table.head), *lines]) for i in range(len(table.head))]
    to_right = [any(isinstance(row[i], int | float) for row in table.rows) for i in range(len(table.head))]
    body = [_line(table.head, widths, to_right), *(_line(line, widths, to_right) for line in lines)]
    notes = ["", *(f"  {note}" for note in table.notes)] if table.notes else []
    return "\n".join([table.title, "", *(f"  {line}" for line in body), *notes])


def _line(cells: Sequence[str], widths: Sequence[int], to_right: Iterable[bool]) -> str:
    padded = (
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, to_right, strict=True)
    )
    return "  ".join(padded).rstrip()


def shown(cell: Cell) -> str:
    """Three digits that matter, and no more."""
    if cell is None:
        return "-"
    if not isinstance(cell, float):
        return f"{cell:,}" if isinstance(cell, int) else cell
    if cell >= 100:
        return f"{cell:,.0f}"
    if cell >= 10 or cell == int(cell):
        return f"{cell:.1f}"
    return f"{cell:.2f}" if cell >= 0.1 else f"{cell:.2g}"


def plain(tables: Iterable[Table]) -> dict[str, Any]:
    """For `--json`."""
    return {table.name: {"title": table.title, "rows": table.records(), "notes": table.notes} for table in tables}


BEGIN, END = "<!-- measured -->", "<!-- end of measured -->"


def rewritten(document: str, tables: Iterable[Table], measured: str) -> str:
    """The document with everything between its two marks replaced. Raises ValueError when it lacks one."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document lacks {BEGIN} or {END}")
    blocks = "\n\n".join(f"```text\n{text(table).rstrip()}\n```" for table in tables)
    return f"{before}{BEGIN}\n\nMeasured {measured}.\n\n{blocks}\n\n{END}{after}"
