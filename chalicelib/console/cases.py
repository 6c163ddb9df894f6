"""The list of cases: who waits for us, the most pressing first and why, then everybody who has an answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from chalicelib.console import words
from chalicelib.console.markup import NOTHING, Html, html, joined, stranger
from chalicelib.domain.clock import METRIC_WORDS, Metric
from chalicelib.domain.in_words import due_in_words
from chalicelib.domain.platforms import name_of as platform_name
from chalicelib.ports.cases import CaseSummary

PREVIEW_CHARS: Final = 240
LOUD: Final = ("critical", "high")

_ROW: Final = """\
<li class="case {tone}">
<a href="{prefix}console/c/{case_id}">
<span class="head"><strong>{who}</strong>{due}</span>
<span class="said">{said}</span>
{why}{meta}</a>
</li>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What is listed, and from where. `prefix` is as in `markup.signed_in`; `incidents` has those of the cases."""

    cases: Sequence[CaseSummary]
    closed: bool
    now: datetime
    prefix: str
    incidents: Mapping[str, str] = field(default_factory=dict)


def draw(listing: Listing) -> Html:
    """The content of the page."""
    return html("{tabs}{sections}", tabs=_tabs(listing), sections=joined(_sections(listing)))


def _tabs(listing: Listing) -> Html:
    tabs = (
        ("Open", "", not listing.closed),
        ("Closed", "?closed=true", listing.closed),
        ("Incidents", "/incidents", False),
        ("Causes", "/causes", False),
    )
    return html('<nav class="tabs" aria-label="Cases">{tabs}</nav>\n', tabs=joined(_tab(listing, *tab) for tab in tabs))


def _tab(listing: Listing, name: str, query: str, here: bool) -> Html:
    mark = html(' aria-current="page"') if here else ""
    template = '<a href="{prefix}console{query}"{mark}>{name}</a>'
    return html(template, prefix=listing.prefix, query=query, mark=mark, name=name)


def _sections(listing: Listing) -> Iterator[Html]:
    if listing.closed:
        yield _section(listing, "Closed", listing.cases, empty="Nothing has been closed yet.")
        return
    waits = [case for case in listing.cases if case.waiting_since]
    answered = [case for case in listing.cases if not case.waiting_since]
    yield _section(listing, "Waiting for us", waits, empty="Nobody is waiting. Enjoy the quiet.")
    if answered:
        yield _section(listing, "Answered, not resolved", answered)


def _section(listing: Listing, title: str, cases: Sequence[CaseSummary], *, empty: str = "") -> Html:
    heading = html('<h2>{title} <span class="count">{count}</span></h2>\n', title=title, count=len(cases))
    if not cases:
        return html('{heading}<p class="empty">{empty}</p>\n', heading=heading, empty=empty)
    rows = joined(_row(listing, case) for case in cases)
    return html('{heading}<ol class="cases">\n{rows}</ol>\n', heading=heading, rows=rows)


def _row(listing: Listing, case: CaseSummary) -> Html:
    return html(
        _ROW,
        tone=_tone(case, listing.now),
        prefix=listing.prefix,
        case_id=case.case_id,
        who=stranger(words.person(case.author)),
        due=_due(case, listing.now),
        said=stranger(_cut(case.text)) if case.text else html("<em>no text</em>"),
        why=_parts("why", _why(case, listing.now)),
        meta=_parts("meta", _meta(case, is_one_of_many=case.case_id in listing.incidents)),
    )


def _parts(style: str, parts: Iterator[Html | str]) -> Html:
    row = joined(html("<span>{part}</span> ", part=part) for part in parts)
    return html('<span class="{style}">{row}</span>\n', style=style, row=row) if row else NOTHING


def _tone(case: CaseSummary, now: datetime) -> str:
    if case.waiting_since is None:
        return "calm"
    return "late" if case.due_at and now > case.due_at else "waits"


def _due(case: CaseSummary, now: datetime) -> Html:
    if case.waiting_since is None or case.due_at is None:
        return NOTHING
    return words.due(case.due_at, now, what=_promised(case))


def _promised(case: CaseSummary) -> str:
    return METRIC_WORDS[Metric(case.due)] if case.due else ""


def _why(case: CaseSummary, now: datetime) -> Iterator[Html | str]:
    """Why it stands where it stands; what breaks when is said above already."""
    style = "loud" if case.priority in LOUD else "plain"
    said_above = f"{_promised(case)} {due_in_words(case.due_at, now)}"
    for reason in (reason for reason in case.reasons if reason != said_above):
        if reason != case.priority:
            yield reason
            continue
        yield html('<b class="{style}">{priority}</b>', style=style, priority=case.priority)
        if case.why and case.priority in LOUD:
            yield stranger(words.quoted(case.why))


def _meta(case: CaseSummary, *, is_one_of_many: bool) -> Iterator[str]:
    """What else there is to know, and who can see it."""
    if is_one_of_many:
        yield "part of an incident"
    yield f"{platform_name(case.platform)}, {words.reach(case.followers, private=case.private)}"
    yield words.status(case.status)
    yield f"with {case.assignee}" if case.assignee else "with nobody"
    if case.messages > 1:
        yield f"{case.messages} messages"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= PREVIEW_CHARS else line[: PREVIEW_CHARS - 1].rstrip() + "…"
