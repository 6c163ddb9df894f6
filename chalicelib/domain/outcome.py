"""
What came of an answer: what the customer did in the seven days after it.

Read from events alone, those of the case and what the same customer wrote in
other cases, so that it can be reckoned again at any time. The last thing they
wrote that tells anything decides; only when they wrote nothing do deletions
and edits of what had been answered count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from chalicelib.domain.attainment import Share
from chalicelib.domain.events import Event, EventKind, in_order
from chalicelib.domain.labels import Labels, Reason, Sentiment, Verdict

WITHIN: Final = timedelta(days=7)


class After(StrEnum):
    """What the customer did."""

    THANKED = "thanked"  # or was pleased otherwise
    DELETED = "deleted"  # took a message back that had been answered
    EDITED = "edited"
    REPEATED = "repeated"  # complained again, here or in another case
    ESCALATED = "escalated"  # complained more urgently than before the answer, or on another channel
    REPLIED = "replied"  # wrote, neither pleased nor displeased
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """
    What came of the first answer by a person. Final from `decided_at` on, until then as it looks so far.

    `was_complaint` says whether what had been answered was one.
    """

    after: After
    answered_at: datetime
    was_complaint: bool

    @property
    def decided_at(self) -> datetime:
        return self.answered_at + WITHIN

    @property
    def won_back(self) -> bool | None:
        """Whether a customer who complained ended pleased; None for one who had not complained."""
        return self.after is After.THANKED if self.was_complaint else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Cases by what came of their answer; they can be added. `won_back` and `lost` are those that were complaints."""

    thanked: int = 0
    deleted: int = 0
    edited: int = 0
    repeated: int = 0
    escalated: int = 0
    replied: int = 0
    silent: int = 0
    won_back: int = 0
    lost: int = 0

    def __add__(self, other: "Outcomes") -> "Outcomes":
        return Outcomes(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Outcomes)})

    @property
    def total(self) -> int:
        return sum(getattr(self, after.value) for after in After)

    @property
    def share_won_back(self) -> Share:
        return Share(met=self.won_back, breached=self.lost)


NOTHING_CAME: Final = Outcomes()


def counted(found: Aftermath) -> Outcomes:
    """One case."""
    won = found.won_back
    return Outcomes(**{found.after.value: 1}, won_back=int(won is True), lost=int(won is False))


def aftermath(timeline: Iterable[Event], elsewhere: Iterable[Event] = ()) -> Aftermath | None:
    """
    What came of the case's first answer by a person (R6); None without one.

    `elsewhere` holds what the customer wrote in other cases, whenever.
    """
    events = in_order(timeline)
    first = next((event for event in events if event.is_customers), None)
    answer = next((e for e in events if first and _is_answer(e) and e.order > first.order), None)
    if answer is None:
        return None
    asked = [event for event in events if event.is_customers and event.order < answer.order]
    return Aftermath(
        after=_after(answer, asked, events, elsewhere),
        answered_at=answer.at,
        was_complaint=any(_complains(event.labels) for event in asked),
    )


def _is_answer(event: Event) -> bool:
    return event.kind is EventKind.ANSWER and event.fact is not None and event.fact.by_person


def _after(answer: Event, asked: Sequence[Event], events: Sequence[Event], elsewhere: Iterable[Event]) -> After:
    later = [event for event in events if event.order > answer.order and event.at <= answer.at + WITHIN]
    gone = {event.native_id for event in events if event.kind is EventKind.DELETE}
    wrote = [event for event in later if event.is_customers and event.native_id not in gone]
    wrote += [e for e in elsewhere if e.is_customers and answer.at < e.at <= answer.at + WITHIN]
    verdicts = [verdict for event in in_order(wrote) if (verdict := _verdict(event, asked))]
    if verdicts or wrote:
        return verdicts[-1] if verdicts else After.REPLIED
    answered = {event.native_id for event in asked}
    touched = {event.kind for event in later if event.native_id in answered}
    if EventKind.DELETE in touched:
        return After.DELETED
    return After.EDITED if EventKind.EDIT in touched else After.SILENT


def _verdict(event: Event, asked: Sequence[Event]) -> After | None:
    """What one message tells; None for one that is neither pleased nor displeased."""
    labels = event.labels
    if labels is None:
        return None
    if _complains(labels):
        return After.ESCALATED if _is_worse(event, labels, asked) else After.REPEATED
    is_pleased = labels.sentiment.value is Sentiment.POSITIVE or labels.reason.value is Reason.PRAISE
    return After.THANKED if is_pleased else None


def _complains(labels: Labels | None) -> bool:
    if labels is None:
        return False
    return labels.complaint.value is Verdict.YES or labels.sentiment.value is Sentiment.NEGATIVE


def _is_worse(event: Event, labels: Labels, asked: Sequence[Event]) -> bool:
    before = max((one.labels.urgency.value.rank for one in asked if one.labels), default=0)
    channels = {one.fact.channel for one in asked if one.fact}
    return labels.urgency.value.rank > before or (event.fact is not None and event.fact.channel not in channels)
