"""The list of cases: who waits for us, the most pressing first and why, then everybody who has an answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from chalicelib.console import words
from chalicelib.console.rendering import Frame, render
from chalicelib.domain.clock import METRIC_WORDS
from chalicelib.domain.in_words import due_in_words
from chalicelib.domain.platforms import name_of as platform_name
from chalicelib.ports.cases import CaseSummary

PREVIEW_CHARS: Final = 240
LOUD: Final = ("critical", "high")
_WORDS: Final[Mapping[str, str]] = {metric.value: said for metric, said in METRIC_WORDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseListing:
    """What is listed; `incidents` has those of the cases."""

    cases: Sequence[CaseSummary]
    closed: bool
    incidents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    A case in the list. `tone` is how its edge is coloured, `due` what is promised until `case.due_at`, None: nothing.

    `why` has what it stands there for, in order; those in `loud` are told
    apart, and `quoted` are the words of the customer's that made it loud.
    """

    case: CaseSummary
    tone: str
    due: str | None
    text: str
    why: Sequence[str]
    quoted: str
    is_loud: bool
    meta: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Cases under a heading. `empty` is what is said where there are none."""

    title: str
    rows: Sequence[Row]
    empty: str = ""


def draw(listing: CaseListing, frame: Frame) -> str:
    """The page."""
    return render("cases.html", frame=frame, closed=listing.closed, sections=_sections(listing, frame))


def _sections(listing: CaseListing, frame: Frame) -> Sequence[Section]:
    rows = [_row(case, listing, frame) for case in listing.cases]
    if listing.closed:
        return [Section(title="Closed", rows=rows, empty="Nothing has been closed yet.")]
    waits = [row for row in rows if row.case.waiting_since]
    answered = [row for row in rows if not row.case.waiting_since]
    sections = [Section(title="Waiting for us", rows=waits, empty="Nobody is waiting. Enjoy the quiet.")]
    return [*sections, Section(title="Answered, not resolved", rows=answered)] if answered else sections


def _row(case: CaseSummary, listing: CaseListing, frame: Frame) -> Row:
    is_late = case.due_at is not None and frame.now > case.due_at
    is_waiting = case.waiting_since is not None
    promised = _WORDS.get(case.due, case.due) if case.due else ""
    said_above = f"{promised} {due_in_words(case.due_at, frame.now)}"  # what breaks when
    line = " ".join((case.text or "").split())
    is_loud = case.priority in LOUD
    return Row(
        case=case,
        tone="calm" if not is_waiting else "late" if is_late else "waits",
        due=promised if is_waiting and case.due_at else None,
        text=line if len(line) <= PREVIEW_CHARS else line[: PREVIEW_CHARS - 1].rstrip() + "…",
        why=[reason for reason in case.reasons if reason != said_above],
        quoted=words.quoted(case.why) if is_loud and case.why else "",
        is_loud=is_loud,
        meta=list(_meta(case, is_one_of_many=case.case_id in listing.incidents)),
    )


def _meta(case: CaseSummary, *, is_one_of_many: bool) -> Iterator[str]:
    """What else there is to know, and who can see it."""
    if is_one_of_many:
        yield "part of an incident"
    yield f"{platform_name(case.platform)}, {words.reach(case.followers, private=case.private)}"
    yield words.status(case.status)
    yield f"with {case.assignee}" if case.assignee else "with nobody"
    if case.messages > 1:
        yield f"{case.messages} messages"
