"""Incidents: the list, and one with what is unusual about it, who is affected and what was done. To read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chalicelib.console import words
from chalicelib.console.markup import NOTHING, Html, html, joined, stranger
from chalicelib.domain.incidents.incident import Act, Deed, Incident, IncidentStatus
from chalicelib.ports.incidents import IncidentAnswer
from chalicelib.usecases.answer_all import reasons
from chalicelib.usecases.incidents import IncidentView, MemberView, Step

_ROW: Final = """\
<li class="case {tone}">
<a href="{prefix}console/incidents/{incident_id}">
<span class="head"><strong>{title}</strong><span class="due {how}">{status}</span></span>
<span class="meta">{meta}</span>
</a>
</li>
"""
_CONTENT: Final = """\
<p class="back"><a href="{prefix}console/incidents">All incidents</a></p>
<h1>{title}</h1>
<p class="state">{state}</p>
<dl class="facts">
{facts}</dl>
<h2>What is unusual</h2>
<ul>
{why}</ul>
{growth}{answers}<h2>Who is affected <span class="count">{count}</span></h2>
<ol class="members">
{members}</ol>
{left_out}<h2>What happened <span class="count">times are UTC</span></h2>
<ol class="timeline">
{history}</ol>
<p class="hint">To answer everybody at once, each in their own thread: <code>earshot incidents answer ID</code>
or the API, with a preview first.</p>
"""
_DEEDS: Final = {
    Act.OPENED: "opened it",
    Act.PAGED: "called",
    Act.ACKNOWLEDGED: "is on it",
    Act.RENAMED: "named it",
    Act.TAKEN_OUT: "took out",
    Act.PUT_IN: "put in",
    Act.ANSWERED: "answered everybody, job",
    Act.QUIET: "found nobody new for half an hour",
    Act.BACK: "found somebody new",
    Act.CLOSED: "closed it",
    Act.TOLD_OVER: "said that it is over to",
}
_STATUS: Final = {
    IncidentStatus.OPEN: ("late", "going on"),
    IncidentStatus.WATCHING: ("soon", "quiet, watched"),
    IncidentStatus.CLOSED: ("calm", "over"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What is listed, and from where. `prefix` is as in `markup.signed_in`."""

    incidents: Sequence[Incident]
    closed: bool
    now: datetime
    prefix: str


def draw_list(listing: Listing) -> Html:
    """The content of the list's page."""
    return html("{tabs}{rows}", tabs=_tabs(listing), rows=_rows(listing))


def _tabs(listing: Listing) -> Html:
    tabs = (
        ("Cases", "", False),
        ("Incidents going on", "/incidents", not listing.closed),
        ("Over", "/incidents?closed=true", listing.closed),
    )
    template = '<a href="{prefix}console{path}"{mark}>{name}</a>'
    here = html(' aria-current="page"')
    drawn = (
        html(template, prefix=listing.prefix, path=path, mark=here if is_here else NOTHING, name=name)
        for name, path, is_here in tabs
    )
    return html('<nav class="tabs" aria-label="Incidents">{tabs}</nav>\n', tabs=joined(drawn))


def _rows(listing: Listing) -> Html:
    if not listing.incidents:
        empty = "No incident is over yet." if listing.closed else "No incident. Nothing is complained about in numbers."
        return html('<p class="empty">{empty}</p>\n', empty=empty)
    return html(
        '<ol class="cases">\n{rows}</ol>\n', rows=joined(_row(listing, incident) for incident in listing.incidents)
    )


def _row(listing: Listing, incident: Incident) -> Html:
    how, status = _STATUS[incident.status]
    return html(
        _ROW,
        tone={"late": "late", "soon": "waits"}.get(how, "calm"),
        prefix=listing.prefix,
        incident_id=incident.incident_id,
        title=stranger(incident.title),
        how=how,
        status=status,
        meta=joined(html("<span>{part}</span> ", part=part) for part in _meta(incident, listing.now)),
    )


def _meta(incident: Incident, now: datetime) -> Iterator[Html | str]:
    yield f"{incident.people:,} people"
    yield "reach unknown" if incident.reach is None else f"{incident.reach:,} followers"
    yield f"severity {incident.severity.value}"
    yield html("since {at}", at=words.instant(incident.first_at, now))
    yield f"with {incident.acknowledged_by}" if incident.acknowledged_by else "with nobody"


# --- one incident -----------------------------------------------------------------------------------------------


def draw(view: IncidentView, *, now: datetime, prefix: str) -> Html:
    """The content of the page."""
    incident = view.incident
    return html(
        _CONTENT,
        prefix=prefix,
        title=stranger(incident.title),
        state=_state(incident),
        facts=joined(
            html("<div><dt>{name}</dt><dd>{value}</dd></div>\n", name=name, value=value)
            for name, value in _facts(view, now)
        ),
        why=joined(html("<li>{line}</li>\n", line=stranger(line)) for line in incident.why),
        growth=_growth(view.growth, now),
        answers=joined(_answer(answer, now) for answer in view.answers),
        count=f"{incident.people:,} people",
        members=joined(_member(member, now, prefix) for member in view.members),
        left_out=html("<p>{n} more are left out.</p>\n", n=view.left_out) if view.left_out else NOTHING,
        history=joined(_deed(deed, now, prefix) for deed in incident.history),
    )


def _state(incident: Incident) -> str:
    status = _STATUS[incident.status][1].capitalize()
    told = next((call for call in incident.calls if call.sent_at), None)
    called = f" {told.group} was called." if told else ""
    by = f" {incident.acknowledged_by} is on it." if incident.acknowledged_by else ""
    return f"{status}.{called}{by}"


def _facts(view: IncidentView, now: datetime) -> Iterator[tuple[str, Html | str]]:
    incident = view.incident
    yield "People", f"{incident.people:,}"
    yield "Seen by", incident.seen_by
    yield "Severity", incident.severity.value
    yield "First", words.instant(incident.first_at, now)
    yield "Latest", words.instant(incident.last_at, now)
    yield "Channels", ", ".join(incident.channels) or "none"
    yield "Told by", stranger(", ".join(view.causes) or "one conversation")
    yield "Incident", incident.incident_id


def _growth(steps: Sequence[Step], now: datetime) -> Html:
    if not steps:
        return NOTHING
    most = max(step.people for step in steps)
    rows = joined(
        html(
            '<tr><th scope="row">{at}</th><td>{people}</td>'
            '<td><meter max="{most}" value="{people}">{people}</meter></td></tr>\n',
            at=words.instant(step.at, now),
            people=step.people,
            most=most,
        )
        for step in steps
    )
    return html('<h2>New people in ten minutes</h2>\n<table class="growth">\n{rows}</table>\n', rows=rows)


def _answer(answer: IncidentAnswer, now: datetime) -> Html:
    how = "all done" if answer.finished_at else "going on"
    skipped = ", ".join(reasons(answer))
    return html(
        '<h2>Answer to all</h2>\n<p>{actor}, {at}: {sent} sent, {how}{skipped}.</p>\n<p class="said">{text}</p>\n',
        actor=answer.actor,
        at=words.instant(answer.asked_at, now),
        sent=answer.sent,
        how=how,
        skipped=f"; skipped: {skipped}" if skipped else "",
        text=stranger(answer.text),
    )


def _member(member: MemberView, now: datetime, prefix: str) -> Html:
    return html(
        '<li><a href="{prefix}console/c/{case_id}">{case_id}</a> {channel}, {reach}, {at}{how}</li>\n',
        prefix=prefix,
        case_id=member.case_id,
        channel=member.channel,
        reach=words.reach(member.reach, private=False),
        at=words.instant(member.at, now),
        how=" (taken out)" if member.is_out else "" if member.by == "earshot" else f" (put in by {member.by})",
    )


def _deed(deed: Deed, now: datetime, prefix: str) -> Html:
    case = html(' <a href="{prefix}console/c/{case_id}">{case_id}</a>', prefix=prefix, case_id=deed.detail)
    is_case = deed.act in (Act.TAKEN_OUT, Act.PUT_IN)
    return html(
        '<li class="ours"><p class="head"><strong>{who}</strong> {what}{detail} {at}</p></li>\n',
        who=deed.actor,
        what=_DEEDS[deed.act],
        detail=case if is_case else html(" {detail}", detail=stranger(deed.detail)) if deed.detail else NOTHING,
        at=words.instant(deed.at, now),
    )
