"""Root causes: what complaints were about in the last two weeks, and what was called fixed. To read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chalicelib.console import words
from chalicelib.console.markup import NOTHING, Html, html, joined, stranger
from chalicelib.domain.causes import totals
from chalicelib.domain.fixes import Fix, FixStatus
from chalicelib.usecases.report import CauseReport

_KINDS: Final = {"aspect": "Parts of the experience", "place": "Places", "product": "Products"}
_STATUS: Final = {
    FixStatus.FIXED: ("calm", "fixed, watched"),
    FixStatus.REOPENED: ("late", "came back"),
    FixStatus.DROPPED: ("calm", "no longer watched"),
}
_MOST_ROWS: Final = 15
WEEK_DAYS: Final = 7
_CONTENT: Final = """\
<p class="back"><a href="{prefix}console">All cases</a></p>
<h1>What complaints are about</h1>
{missing}{tables}<h2>Called fixed</h2>
{fixes}<p class="hint">A lead calls a cause fixed through the API (<code>POST /api/fixes</code>). It reopens by itself
when complaints come back.</p>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is drawn: this week, the one before, and the fixes. `prefix` is as in `markup.signed_in`."""

    week: CauseReport
    before: CauseReport
    fixes: Sequence[Fix]
    now: datetime
    prefix: str


def draw(sheet: Sheet) -> Html:
    """The content of the page."""
    missing = len(sheet.week.missing) + len(sheet.before.missing)
    return html(
        _CONTENT,
        prefix=sheet.prefix,
        missing=_missing(missing),
        tables=joined(_tables(sheet)),
        fixes=_fixes(sheet),
    )


def _missing(count: int) -> Html:
    """The function `report` makes up for days by itself, so that whoever reads this has nothing to do."""
    if not count:
        return NOTHING
    return html(
        '<p class="hint">Of {count} of these 14 days nothing is known yet: they are not days without complaints. '
        "A day is counted once it is over, at the latest an hour later.</p>\n",
        count=count,
    )


def _tables(sheet: Sheet) -> Iterator[Html]:
    this, before = totals(sheet.week.lines), totals(sheet.before.lines)
    for kind, title in _KINDS.items():
        names = [name for found, name in this if found == kind][:_MOST_ROWS]
        rows = joined(_row(name, this[kind, name], before.get((kind, name), 0)) for name in names)
        said = "Not known yet." if len(sheet.week.missing) == WEEK_DAYS else "Nobody complained about one."
        empty = html('<p class="empty">{said}</p>\n', said=said)
        table = html(
            '<table class="growth">\n<tr><th scope="col"></th><th scope="col">last 7 days</th>'
            '<th scope="col">7 days before</th></tr>\n{rows}</table>\n',
            rows=rows,
        )
        yield html("<h2>{title}</h2>\n{table}", title=title, table=table if names else empty)


def _row(name: str, count: int, before: int) -> Html:
    template = '<tr><th scope="row">{name}</th><td>{count} cases</td><td>{before}</td></tr>\n'
    return html(template, name=name, count=count, before=before)


def _fixes(sheet: Sheet) -> Html:
    if not sheet.fixes:
        return html('<p class="empty">Nothing has been called fixed yet.</p>\n')
    newest = sorted(sheet.fixes, key=lambda fix: fix.history[-1].at, reverse=True)
    return html("<ul>\n{rows}</ul>\n", rows=joined(_fix(fix, sheet) for fix in newest))


def _fix(fix: Fix, sheet: Sheet) -> Html:
    how, status = _STATUS[fix.status]
    said = [deed for deed in fix.history if deed.status is FixStatus.FIXED][-1]
    cases = joined(
        html(' <a href="{prefix}console/c/{case_id}">{case_id}</a>', prefix=sheet.prefix, case_id=case_id)
        for case_id in fix.cases
    )
    return html(
        '<li><strong>{cause}</strong> <span class="due {how}">{status}</span><br>'
        "{actor}, {at}: {note}{why}{cases}</li>\n",
        cause=stranger(fix.what.words),
        how=how,
        status=status,
        actor=said.actor,
        at=words.instant(said.at, sheet.now),
        note=stranger(said.note),
        why=html("<br>{why}", why=fix.why) if fix.why else NOTHING,
        cases=cases,
    )
