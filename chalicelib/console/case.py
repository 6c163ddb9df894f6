"""One case: how it stands, what was promised, and everything that happened. To read, not yet to act."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from chalicelib.console import customer, words
from chalicelib.console.cases import LOUD
from chalicelib.console.markup import Html, html, joined, stranger
from chalicelib.domain.in_words import span, tries
from chalicelib.domain.platforms import name_of as platform_name
from chalicelib.usecases.cases.case_views import AfterView
from chalicelib.usecases.show import CaseView, ClockView, Entry, Link, OutboxView, WaiterView, name_of

CUSTOMERS: Final = frozenset({"mention", "edit", "delete"})
ANSWERS: Final = frozenset({"answer", "reply"})
MOST_SHOWN_CHARS: Final = 3_000  # of one text
PEOPLE_TOLD: Final = frozenset({"warned", "paged", "notice", "page_dropped", "reply_failed", "take_back"})

_CONTENT: Final = """\
<p class="back"><a href="{prefix}console">All cases</a></p>
<h1>{who}</h1>
<p class="state">{state}</p>
<dl class="facts">
{facts}</dl>
{customer}{outbox}<h2>Promises</h2>
<ul class="clocks">
{clocks}</ul>
{clocks_left_out}{score}<h2>What happened <span class="count">times are UTC</span></h2>
{older}<ol class="timeline">
{timeline}</ol>
{newer}{others}"""
_ENTRY: Final = """\
<li class="{side}">
<p class="head"><strong>{who}</strong> {what}{privately} {at}{link}</p>
{text}</li>
"""


def draw(view: CaseView, *, now: datetime, prefix: str, incident_id: str | None = None) -> Html:
    """The content of the page. `incident_id` is the incident that the case belongs to."""
    return html(
        _CONTENT,
        prefix=prefix,
        who=stranger(words.person(name_of(view.author))),
        state=" ".join(view.words),
        facts=joined(_fact(name, value) for name, value in (*_facts(view, now), *_incident(incident_id, prefix))),
        customer=customer.customer(view, now, prefix),
        score=customer.score(view.score) if view.score else "",
        outbox=_outbox(view),
        clocks=joined(_clock(clock, now) for clock in view.clocks),
        clocks_left_out=html("<p>{n} older promises are not shown.</p>\n", n=view.clocks_left_out)
        if view.clocks_left_out
        else "",
        newer=_slice("newer entries", "the newest", view.newer, view, None, prefix),
        older=_slice("older entries", "those before", view.left_out, view, view.left_out, prefix),
        timeline=joined(_entry(entry, now) for entry in view.timeline if not _is_fulfilled(entry, view.timeline)),
        others=customer.others(view, now, prefix),
    )


def _slice(what: str, where: str, count: int, view: CaseView, first: int | None, prefix: str) -> Html | str:
    """The way to another slice of a timeline that is too long for one page."""
    if not count:
        return ""
    return html(
        '<p class="slice">{count} {what}: <a href="{prefix}console/c/{case_id}{first}">show {where}</a></p>\n',
        count=count,
        what=what,
        where=where,
        prefix=prefix,
        case_id=view.case_id,
        first=f"?first={first}" if first else "",
    )


def _fact(name: str, value: Html | str) -> Html:
    return html("<div><dt>{name}</dt><dd>{value}</dd></div>\n", name=name, value=value)


def _facts(view: CaseView, now: datetime) -> Iterator[tuple[str, Html | str]]:
    followers = view.author.followers if view.author else None
    yield "Where", f"{platform_name(view.platform)} ({view.channel})"
    yield "Seen by", words.reach(followers, private=view.is_private)
    if len(view.waiters) > 1:
        yield "Waiting", joined(_waiter(waiter, now) for waiter in view.waiters)
    elif view.waiting_since:
        yield "Waiting", words.since(view.waiting_since, now)
    yield "Priority", _priority(view)
    if view.unjudged:
        yield "Last message", "not judged yet"
    elif view.reason and view.sentiment:
        yield "Last message", f"{view.reason}, {view.sentiment}"
    if view.why:
        yield "Words in it", stranger(words.quoted(view.why))
    if view.after:
        yield "After the answer", _after(view.after, now)
    yield "With", view.assignee or "nobody"
    yield "Case", view.case_id if view.alias_of is None else f"{view.case_id} (took over {view.alias_of})"


def _waiter(waiter: WaiterView, now: datetime) -> Html:
    return html("{name} {since}<br>", name=stranger(words.person(waiter.name)), since=words.since(waiter.since, now))


def _after(after: AfterView, now: datetime) -> Html:
    until = html(" so far, until {at}", at=words.instant(after.decided_at, now)) if not after.is_final else ""
    return html("they {words}{until}", words=after.words, until=until)


def _incident(incident_id: str | None, prefix: str) -> Iterator[tuple[str, Html]]:
    if incident_id:
        template = '<a href="{prefix}console/incidents/{incident_id}">one of many, see the incident</a>'
        yield "Incident", html(template, prefix=prefix, incident_id=incident_id)


def _priority(view: CaseView) -> Html:
    by_hand = ", set by hand" if view.is_priority_set else ""
    style = "loud" if view.priority in LOUD else "plain"
    return html('<b class="{style}">{priority}</b>{by_hand}', style=style, priority=view.priority, by_hand=by_hand)


# --- promises --------------------------------------------------------------------------------------------------------


def _clock(clock: ClockView, now: datetime) -> Html:
    target = span(timedelta(seconds=clock.target_s))
    template = "<li><strong>{name}</strong> within {target}: {stand}</li>\n"
    return html(template, name=clock.name, target=target, stand=_stand(clock, now))


def _stand(clock: ClockView, now: datetime) -> Html | str:
    if clock.is_paused:
        return "broken, and paused" if clock.is_overdue else "paused"
    if clock.stopped_at is None:
        return words.due(clock.due_at, now) if clock.due_at else "not due"
    took = f" after {span(timedelta(seconds=clock.business_s))}" if clock.business_s is not None else ""
    how = {"met": "calm", "breached": "late"}.get(clock.outcome, "calm")
    word = {"met": "kept", "breached": "broken"}.get(clock.outcome, "no longer needed")
    return html('<span class="due {how}">{word}{took}</span>', how=how, word=word, took=took)


# --- the timeline ----------------------------------------------------------------------------------------------------


def _entry(entry: Entry, now: datetime) -> Html:
    return html(
        _ENTRY,
        side=_side(entry.kind),
        who=stranger(words.person(entry.who)),
        what=entry.what,
        privately=" in private" if entry.is_private else "",
        at=words.instant(entry.at, now),
        link=_link(entry.permalink),
        text=_text(entry),
    )


def _is_fulfilled(entry: Entry, timeline: Sequence[Entry]) -> bool:
    """An answer that was asked for and is there by now says everything; X puts a handle before it."""
    if entry.kind != "reply" or not entry.text:
        return False
    answers = (each for each in timeline if each.kind == "answer" and each.who == entry.who and each.text)
    return any((answer.text or "").endswith(entry.text) for answer in answers)


def _side(kind: str) -> str:
    if kind in CUSTOMERS:
        return "customer"
    if kind in ANSWERS:
        return "brand"
    return "alert" if kind in PEOPLE_TOLD else "ours"


def _link(permalink: str | None) -> Html | str:
    """The way to the original. The address is the platform's word: only the web is linked."""
    if permalink is None or not permalink.startswith("https://"):
        return ""
    return html(' <a href="{permalink}" rel="noopener noreferrer nofollow">original</a>', permalink=permalink)


def _text(entry: Entry) -> Html | str:
    media = html('<p class="media">with {kinds}</p>\n', kinds=", ".join(entry.media)) if entry.media else html("")
    media = joined([_cut(entry), media, *(_shared(link) for link in entry.links)])
    if entry.is_deleted:
        return html('<p class="gone">Deleted by its author.</p>\n')
    if not entry.text:
        return media
    return html("{text}{media}", text=_said(entry.text), media=media)


def _said(text: str) -> Html:
    """What somebody wrote; of a very long text the beginning, and the rest behind a press."""
    if len(text) <= MOST_SHOWN_CHARS:
        return html('<p class="said">{text}</p>\n', text=stranger(text))
    return html(
        '<p class="said">{head}</p>\n<details><summary>{more} more characters</summary>'
        '<p class="said">{rest}</p></details>\n',
        head=stranger(text[:MOST_SHOWN_CHARS]),
        more=f"{len(text) - MOST_SHOWN_CHARS:,}",
        rest=stranger(text[MOST_SHOWN_CHARS:]),
    )


def _cut(entry: Entry) -> Html:
    if not entry.is_cut:
        return html("")
    return html('<p class="media">Only the beginning of this text came: the rest is on the platform.</p>\n')


def _shared(link: Link) -> Html:
    """Where it leads stands in full beside what it claims to be."""
    title = stranger(link.title) if link.title else ""
    return html('<p class="media">{title} {url}</p>\n', title=title, url=stranger(link.url) if link.url else "")


# --- answers on their way --------------------------------------------------------------------------------------------


def _outbox(view: CaseView) -> Html | str:
    if not view.outbox:
        return ""
    rows = joined(_reply(reply) for reply in view.outbox)
    return html('<h2>On its way</h2>\n<ul class="outbox">\n{rows}</ul>\n', rows=rows)


def _reply(reply: OutboxView) -> Html:
    template = '<li><strong>{actor}</strong> {status}, {attempts}{failure}<p class="said">{text}</p></li>\n'
    failure = f": {reply.failure}" if reply.failure else ""
    return html(
        template,
        actor=reply.actor,
        status=reply.status,
        attempts=tries(reply.attempts),
        failure=failure,
        text=stranger(reply.text),
    )
