"""The customer of a case, what else they came with, and why the case stands where it stands."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.console import words
from chalicelib.console.markup import NOTHING, Html, html, joined, stranger
from chalicelib.domain.in_words import span
from chalicelib.usecases.cases.case_views import CustomerView, OtherCase, PromiseView, ScoreView
from chalicelib.usecases.show import CaseView

_TONE = {"negative": "late", "positive": "calm"}


# --- the customer -----------------------------------------------------------------------------------------------


def customer(view: CaseView, now: datetime, prefix: str) -> Html:
    """What has been recorded of them, and our word that they still have."""
    known = view.customer
    rows = joined(html("<div><dt>{name}</dt><dd>{value}</dd></div>\n", name=n, value=v) for n, v in _facts(known, now))
    given = joined(_promise(promise, view, prefix) for promise in known.promises)
    promises = html('<p>What they were promised:</p>\n<ul class="clocks">\n{given}</ul>\n', given=given)
    return html(
        '<h2>The customer</h2>\n<dl class="facts">\n{rows}</dl>\n{promises}',
        rows=rows,
        promises=promises if given else NOTHING,
    )


def _facts(known: CustomerView, now: datetime) -> Iterator[tuple[str, Html | str]]:
    yield "Tier", known.tier or "none"
    if known.tags:
        yield "Tags", ", ".join(known.tags)
    yield "Complaints in 30 days", str(known.complaints)
    yield "May be called", _consent(known, now)
    if not known.is_named:
        yield "Name", "the platform does not say who it is"


def _consent(known: CustomerView, now: datetime) -> Html | str:
    consent = known.consent
    if consent is None:
        return "nobody has asked"
    said = html(", {by}, {at}: {how}", by=consent.by, at=words.instant(consent.at, now), how=consent.how)
    return html("{answer}{said}", answer="yes" if consent.is_given else "no more", said=said)


def _promise(promise: PromiseView, view: CaseView, prefix: str) -> Html:
    how, due = ("late", "was due") if promise.is_late else ("calm", "due")
    where = NOTHING
    if promise.case_id and promise.case_id != view.case_id:
        where = html(' in <a href="{prefix}console/c/{case}">another case</a>', prefix=prefix, case=promise.case_id)
    return html(
        '<li>{text} <span class="due {how}">{due} {on}</span> said {by}{where}</li>\n',
        text=promise.text,
        how=how,
        due=due,
        on=promise.due_on,
        by=promise.by,
        where=where,
    )


# --- other cases ------------------------------------------------------------------------------------------------


def others(view: CaseView, now: datetime, prefix: str) -> Html:
    """Their other cases, the newest first, each with its tone: how they felt over time."""
    if not view.others:
        return NOTHING
    rows = joined(_other(other, now, prefix) for other in view.others)
    return html('<h2>Also from them</h2>\n<ul class="others">\n{rows}</ul>\n', rows=rows)


def _other(other: OtherCase, now: datetime, prefix: str) -> Html:
    tone = _TONE.get(other.sentiment or "", "plain")
    mood = html(' <span class="due {tone}">{mood}</span>', tone=tone, mood=other.sentiment) if other.sentiment else ""
    more = ["a complaint"] if other.is_complaint else []
    more += [f"at {place}" for place in other.places]
    return html(
        '<li><a href="{prefix}console/c/{case_id}">{text}</a>{mood} {status}, {at}{more}</li>\n',
        prefix=prefix,
        case_id=other.case_id,
        text=stranger(other.text or "no text"),
        mood=mood,
        status=words.status(other.status),
        at=words.instant(other.opened_at, now),
        more="".join(f", {one}" for one in more),
    )


# --- where it stands --------------------------------------------------------------------------------------------


def score(view: ScoreView) -> Html:
    """The whole sum."""
    parts = [(part.words, f"{part.points:+,}") for part in view.parts]
    waited = span(timedelta(seconds=view.waited * view.point_s))
    rows = [*parts, (f"waiting {waited}", f"{view.waited:+,}")] if view.waited else parts
    return html(
        "<h2>Why it stands where it stands</h2>\n<table>\n{rows}"
        '<tr class="sum"><th scope="row">Points, each worth {point} of waiting</th>'
        '<td class="number">{total}</td></tr>\n</table>\n'
        '<p class="hint">{hears}</p>\n',
        rows=joined(_row(name, points) for name, points in rows),
        point=span(timedelta(seconds=view.point_s)),
        total=f"{view.total:,}",
        hears=_hears(view),
    )


def _hears(view: ScoreView) -> str:
    """Unknown is not nobody."""
    if view.seen is None or view.value_cents is None:
        return f"How many people see it is unknown: the platform does not say. The author tells {view.told:,}."
    return (
        f"By an estimate {view.people:,} people will hear of it: {view.seen:,} see it, the author tells {view.told:,}. "
        f"As many impressions cost {view.value_cents / 100:,.2f}."
    )


def _row(name: str, points: str) -> Html:
    template = '<tr><th scope="row">{name}</th><td class="number">{points}</td></tr>\n'
    return html(template, name=name, points=points)
