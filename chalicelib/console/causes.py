"""Root causes: what complaints were about in the last two weeks, and what was called fixed. To read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from chalicelib.console.rendering import Frame, render
from chalicelib.domain.causes import totals
from chalicelib.domain.fixes import Fix, FixDeed, FixStatus
from chalicelib.usecases.report import CauseReport

_KINDS: Final = {"aspect": "Parts of the experience", "place": "Places", "product": "Products"}
_STATUS: Final = {
    FixStatus.FIXED: ("calm", "fixed, watched"),
    FixStatus.REOPENED: ("late", "came back"),
    FixStatus.DROPPED: ("calm", "no longer watched"),
}
_MOST_ROWS: Final = 15
WEEK_DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is drawn: this week, the one before, and the fixes."""

    week: CauseReport
    before: CauseReport
    fixes: Sequence[Fix]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """So many cases were about `name` in the last seven days, and in the seven before."""

    name: str
    week: int
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FixLine:
    """A fix with its badge, and who called it so last."""

    fix: Fix
    tone: str
    status: str
    said: FixDeed


def draw(sheet: Sheet, frame: Frame) -> str:
    """The page."""
    newest = sorted(sheet.fixes, key=lambda fix: fix.history[-1].at, reverse=True)
    return render(
        "causes.html",
        frame=frame,
        missing=len(sheet.week.missing) + len(sheet.before.missing),
        tables=dict(_tables(sheet)),
        empty="Not known yet." if len(sheet.week.missing) == WEEK_DAYS else "Nobody complained about one.",
        fixes=[_fix(fix) for fix in newest],
    )


def _tables(sheet: Sheet) -> Iterator[tuple[str, Sequence[Count]]]:
    this, before = totals(sheet.week.lines), totals(sheet.before.lines)
    for kind, title in _KINDS.items():
        names = [name for found, name in this if found == kind][:_MOST_ROWS]
        yield title, [Count(name=name, week=this[kind, name], before=before.get((kind, name), 0)) for name in names]


def _fix(fix: Fix) -> FixLine:
    tone, status = _STATUS[fix.status]
    said = [deed for deed in fix.history if deed.status is FixStatus.FIXED][-1]
    return FixLine(fix=fix, tone=tone, status=status, said=said)
