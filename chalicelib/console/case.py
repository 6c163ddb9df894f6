"""One case: how it stands, what was promised, and everything that happened. To read, not yet to act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from chalicelib.console import customer
from chalicelib.console.cases import LOUD
from chalicelib.console.rendering import Frame, render
from chalicelib.ports.cases import ReplyStatus
from chalicelib.usecases.show import CaseView, OutboxView, TimelineEntry, name_of

CUSTOMERS: Final = frozenset({"mention", "edit", "delete"})
ANSWERS: Final = frozenset({"answer", "reply"})
MOST_SHOWN_CHARS: Final = 3_000  # of one text
PEOPLE_TOLD: Final = frozenset({"warned", "paged", "notice", "page_dropped", "reply_failed", "take_back"})
STUCK: Final = "Stuck: not sent"
WAYS: Final[Mapping[str, str]] = {  # the heading over answers of this status; any other is on its way
    ReplyStatus.UNCERTAIN.value: "Not known whether it was sent",
    ReplyStatus.FAILED.value: STUCK,
    ReplyStatus.DROPPED.value: STUCK,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineLine:
    """An entry of the timeline. `side` is whose it is, `link` the original's address if it is one of the web."""

    entry: TimelineEntry
    side: str
    link: str | None


def draw(view: CaseView, frame: Frame, *, incident_id: str | None = None) -> str:
    """The page. `incident_id` is the incident that the case belongs to."""
    return render(
        "case.html",
        frame=frame,
        view=view,
        who=name_of(view.author),
        followers=view.author.followers if view.author else None,
        incident_id=incident_id,
        is_loud=view.priority in LOUD,
        outbox=_outbox(view.outbox),
        lines=[_line(entry) for entry in view.timeline if not _is_fulfilled(entry, view.timeline)],
        most_shown_chars=MOST_SHOWN_CHARS,
        hears=customer.hears(view.score) if view.score else "",
    )


def _outbox(replies: Sequence[OutboxView]) -> Mapping[str, Sequence[OutboxView]]:
    """The answers below the heading that says how they stand: what needs somebody stands first."""
    found: dict[str, list[OutboxView]] = {STUCK: [], WAYS[ReplyStatus.UNCERTAIN.value]: [], "On its way": []}
    for reply in replies:
        found[WAYS.get(reply.status, "On its way")].append(reply)
    return {heading: below for heading, below in found.items() if below}


def _line(entry: TimelineEntry) -> TimelineLine:
    """The address of the original is the platform's word: only the web is linked."""
    is_of_the_web = entry.permalink is not None and entry.permalink.startswith("https://")
    return TimelineLine(entry=entry, side=_side(entry.kind), link=entry.permalink if is_of_the_web else None)


def _side(kind: str) -> str:
    if kind in CUSTOMERS:
        return "customer"
    if kind in ANSWERS:
        return "brand"
    return "alert" if kind in PEOPLE_TOLD else "ours"


def _is_fulfilled(entry: TimelineEntry, timeline: Sequence[TimelineEntry]) -> bool:
    """An answer that was asked for and is there by now says everything; X puts a handle before it."""
    if entry.kind != "reply" or not entry.text:
        return False
    answers = (each for each in timeline if each.kind == "answer" and each.who == entry.who and each.text)
    return any((answer.text or "").endswith(entry.text) for answer in answers)
