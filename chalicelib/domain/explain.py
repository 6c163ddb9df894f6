"""
Why a clock is due when it is, step by step, in sentences that can be read out.

Everything is reckoned from the same events, books and calendars as the clock
itself. The seconds of the COUNTED steps up to a clock's end add up to its
business time, and those up to the due instant to its target: tests hold both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby, pairwise

from chalicelib.domain import calendar as open_hours
from chalicelib.domain.calendar import Calendar
from chalicelib.domain.clock import METRIC_WORDS, Books, Clock, Outcome, policy_of
from chalicelib.domain.events import Event, EventKind, message_of
from chalicelib.domain.history import History
from chalicelib.domain.in_words import Wall, deed, duration
from chalicelib.domain.policy import Policy

MOST_PIECES = 12  # of open time told one by one; the middle of more is told as one


class StepKind(StrEnum):
    """What a step of an explanation is about."""

    START = "start"
    PROMISE = "promise"
    CHANGE = "change"
    COUNTED = "counted"
    PAUSED = "paused"
    DUE = "due"
    WARNING = "warning"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedStep:
    """
    One step, and the sentence for it.

    `at` is aware UTC. A COUNTED or PAUSED step runs on until `until` and holds
    so many `seconds` of open time. `is_ahead` marks COUNTED time behind the
    clock's end, or behind now while it runs: it explains the due time and is
    no part of the time that was used.
    """

    kind: StepKind
    text: str
    at: datetime | None = None
    until: datetime | None = None
    seconds: int | None = None
    is_ahead: bool = False


def explain(clock: Clock, past: History, books: Books, now: datetime) -> tuple[ExplainedStep, ...]:
    """
    The steps in the order in which they are told; times are local to the clock's calendar.

    `past` is the history of the clock's case; `now` decides how much of a
    running clock is used.
    """
    turns = _turns(clock, past)
    policy = _policy(clock, books)
    if policy is None or not turns:
        return tuple(_without_hours(clock, turns))
    wall = Wall(policy.calendar)
    end = clock.stopped_at or now
    time = _Time(clock, policy.calendar, tuple(_pauses(clock, past, end)), end)
    return (
        _start(clock, wall),
        _promise(turns[0].after, books),
        *_changes(turns, books),
        *_elapsing(time, wall),
        *_due(time, turns, wall),
        *_warning(time, turns, wall, policy.warn_at_percent),
        _end(clock, turns, wall) if clock.stopped_at else _standing(time, wall),
    )


def _policy(clock: Clock, books: Books) -> Policy | None:
    try:
        return policy_of(clock, books)
    except LookupError:
        return None


def _without_hours(clock: Clock, turns: "Sequence[_Turn]") -> Iterator[ExplainedStep]:
    wall = Wall(open_hours.always_open())
    yield _start(clock, wall)
    text = "A version of the policies that it needs can no longer be read, so its hours cannot be retold."
    yield ExplainedStep(kind=StepKind.PROMISE, text=text)
    if clock.stopped_at:
        yield _end(clock, turns, wall)


# --- what happened to the clock ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Turn:
    """The event at `index` of the history, after which the clock was another than before."""

    index: int
    event: Event
    before: Clock | None
    after: Clock


def _turns(clock: Clock, past: History) -> list[_Turn]:
    turns: list[_Turn] = []
    before: Clock | None = None
    for index, moment in enumerate(past):
        after = moment.clock(clock.id)
        if after is not None and after != before:
            turns.append(_Turn(index, moment.event, before, after))
        before = after
    return turns


def _ending(clock: Clock, turns: Sequence[_Turn]) -> _Turn | None:
    """The turn that ended the clock for good; None while it runs, and for one that its history does not know."""
    ends = (t for t in reversed(turns) if not t.after.is_running and (t.before is None or t.before.is_running))
    return None if clock.is_running else next(ends, None)


@dataclass(frozen=True, slots=True)
class _Pause:
    begun: datetime
    finished: datetime
    why: str


def _pauses(clock: Clock, past: History, end: datetime) -> Iterator[_Pause]:
    """When the clock stood still, the pause under way up to `end`."""
    under_way = ((clock.paused_since, max(clock.paused_since, end)),) if clock.paused_since else ()
    for begun, finished in (*clock.pauses, *under_way):
        yield _Pause(begun, finished, _why_paused(begun, past))


def _why_paused(begun: datetime, past: History) -> str:
    """What began a pause: the case was set to wait, or the last who waited in a case that does was answered."""
    for kind, where in ((EventKind.WAIT, ""), (EventKind.ANSWER, " in a case that waits for the customer")):
        for moment in past:
            if moment.event.at == begun and moment.event.kind is kind:
                return f"{deed(moment.event)}{where}"
    return "the case waited for the customer"


# --- the promise ------------------------------------------------------------------------------------------------


def _start(clock: Clock, wall: Wall) -> ExplainedStep:
    message_id = message_of(clock.message_key)
    text = (
        f"The clock for the {METRIC_WORDS[clock.metric]} started on {wall.full(clock.started_at)}, "
        f"when the customer wrote (message {message_id})."
    )
    if clock.late_s:
        text += f" We heard of it {duration(clock.late_s)} later."
    return ExplainedStep(kind=StepKind.START, at=clock.started_at, text=text)


def _promise(clock: Clock, books: Books) -> ExplainedStep:
    return ExplainedStep(kind=StepKind.PROMISE, seconds=clock.target_s, text=f"Promised: {_terms(clock, books)}.")


def _terms(clock: Clock, books: Books) -> str:
    return f"{duration(clock.target_s)}, {_hours(clock, books)} (policy {clock.policy_id}, version {clock.book})"


def _hours(clock: Clock, books: Books) -> str:
    policy = _policy(clock, books)
    if policy is None:
        return "in hours that can no longer be read"
    calendar = policy.calendar
    if calendar.is_round_the_clock:
        return "around the clock"
    edited = f" as of version {clock.calendar_book}" if clock.calendar_book else ""
    return f"in the open hours of {calendar.id}{edited}, {calendar.zone} time"


def _changes(turns: Sequence[_Turn], books: Books) -> Iterator[ExplainedStep]:
    """Who moved the due time, and to where. Pauses are told where they happened, and the end at the end."""
    for turn in turns:
        before, after, event = turn.before, turn.after, turn.event
        if before is None:
            continue
        if not before.is_running and after.is_running:
            yield _change(turn, books, "The clock, which had ended, ran again from its original start")
        elif _terms_of(before) != _terms_of(after):
            yield _change(turn, books, f"Counted anew from the start: {_terms(after, books)}")
        elif event.kind not in _PAUSING and _moved(before, after):
            yield _change(turn, books, "Counted anew from the start")


_PAUSING = {EventKind.WAIT, EventKind.OPEN, EventKind.HOLD, EventKind.MENTION, EventKind.ANSWER}


def _terms_of(clock: Clock) -> tuple[object, ...]:
    return clock.policy_id, clock.book, clock.target_s, clock.calendar_book


def _moved(before: Clock, after: Clock) -> bool:
    return after.is_running and None not in (before.due_at, after.due_at) and before.due_at != after.due_at


def _change(turn: _Turn, books: Books, what: str) -> ExplainedStep:
    event, after = turn.event, turn.after
    wall = _wall(after, books)
    due = f", due {wall.full(after.due_at)}" if after.due_at else ""
    text = f"On {wall.short(event.at)}, {deed(event)}. {what}{due}."
    return ExplainedStep(kind=StepKind.CHANGE, at=event.at, text=text)


def _wall(clock: Clock, books: Books) -> Wall:
    policy = _policy(clock, books)
    return Wall(policy.calendar if policy else open_hours.always_open())


# --- time that counts, and time that does not -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Time:
    """The time of a clock from its start to its end, or to now, and on to the due instant."""

    clock: Clock
    calendar: Calendar
    pauses: tuple[_Pause, ...]
    end: datetime

    def pieces(self) -> Iterator[tuple[datetime, datetime]]:
        """Open time without pauses, cut at the end and at the due instant."""
        horizon = max(self.end, self.clock.due_at or self.end)
        for opens, closes in open_hours.open_windows(self.calendar, self.clock.started_at, horizon):
            yield from self._cut(opens, closes)

    def _cut(self, opens: datetime, closes: datetime) -> Iterator[tuple[datetime, datetime]]:
        cuts = {self.end, self.clock.due_at, *(edge for p in self.pauses for edge in (p.begun, p.finished))}
        edges = [opens, *sorted(cut for cut in cuts if cut and opens < cut < closes), closes]
        for begin, end in pairwise(edges):
            if not any(p.begun <= begin < p.finished for p in self.pauses):
                yield begin, end

    def used_s(self) -> int:
        return sum(_seconds(begin, end) for begin, end in self.pieces() if begin < self.end)


def _seconds(begin: datetime, end: datetime) -> int:
    return int((end - begin).total_seconds())


def _elapsing(time: _Time, wall: Wall) -> list[ExplainedStep]:
    counted, total_s = [], 0
    for begin, end in time.pieces():
        total_s += _seconds(begin, end)
        counted.append(_counted(time, wall, begin, end, total_s))
    pauses = [_paused(pause, time, wall) for pause in time.pauses]
    shortened = _shortened(counted, time.clock.due_at, wall)
    return sorted([*shortened, *pauses], key=lambda step: (step.at is not None, step.at))


def _counted(time: _Time, wall: Wall, begin: datetime, end: datetime, total_s: int) -> ExplainedStep:
    due_at, seconds = time.clock.due_at, _seconds(begin, end)
    is_ahead, is_over = begin >= time.end, due_at is not None and begin >= due_at
    in_all = f", {duration(total_s)} in all" if total_s != seconds else ""
    mood = "Would count" if is_ahead and time.clock.stopped_at else "Will count" if is_ahead else "Counted"
    text = f"{mood}{' past due' if is_over else ''}: {wall.stretch(begin, end)}, {duration(seconds)}{in_all}."
    return ExplainedStep(kind=StepKind.COUNTED, at=begin, until=end, seconds=seconds, is_ahead=is_ahead, text=text)


def _shortened(steps: list[ExplainedStep], due_at: datetime | None, wall: Wall) -> list[ExplainedStep]:
    """The first and last of many; of the middle, what was used, what lies ahead and what is past due as one each."""
    if len(steps) <= MOST_PIECES:
        return steps
    half = MOST_PIECES // 2
    runs = groupby(steps[half:-half], lambda step: (step.is_ahead, bool(due_at and step.at and step.at >= due_at)))
    return [*steps[:half], *(_as_one(list(run), wall) for _, run in runs), *steps[-half:]]


def _as_one(run: list[ExplainedStep], wall: Wall) -> ExplainedStep:
    begin, end, seconds = run[0].at, run[-1].until, sum(step.seconds or 0 for step in run)
    assert begin is not None  # noqa: S101  counted steps have both
    assert end is not None  # noqa: S101
    text = f"And {len(run)} more stretches like these, {wall.stretch(begin, end)}: {duration(seconds)}."
    return replace(run[0], until=end, seconds=seconds, text=text)


def _paused(pause: _Pause, time: _Time, wall: Wall) -> ExplainedStep:
    seconds = open_hours.business_seconds(time.calendar, pause.begun, pause.finished)
    stretch = wall.stretch(pause.begun, pause.finished)
    text = f"Not counted: {stretch}, {duration(seconds)} of open time, because {pause.why}."
    return ExplainedStep(kind=StepKind.PAUSED, at=pause.begun, until=pause.finished, seconds=seconds, text=text)


# --- due, warned, over ------------------------------------------------------------------------------------------


def _due(time: _Time, turns: Sequence[_Turn], wall: Wall) -> Iterator[ExplainedStep]:
    clock = time.clock
    if clock.due_at is None:
        return
    verb = "is" if clock.is_running and not clock.is_past(time.end) else "was"
    if clock.outcome is Outcome.CANCELLED:
        verb = "would have been"
    text = f"So it {verb} due on {wall.full(clock.due_at)}."
    if clock.binding_at:
        bound = next((turn for turn in turns if turn.after.binding_at == clock.binding_at), None)
        text += f" That had passed when {deed(bound.event) if bound else 'something changed'}"
        was_broken = clock.breached_at is not None and clock.breached_at < clock.binding_at
        only = f", so it counts as broken only from {wall.short(clock.binding_at)}."
        text += "; it was on record as broken by then." if was_broken else only
    yield ExplainedStep(kind=StepKind.DUE, at=clock.due_at, text=text)


def _warning(time: _Time, turns: Sequence[_Turn], wall: Wall, percent: int) -> Iterator[ExplainedStep]:
    warn_at = time.clock.warn_at
    if warn_at is None:
        return
    verb = "was" if warn_at <= time.end else "will be" if time.clock.is_running else "would have been"
    text = f"{percent} % of the target {verb} used up on {wall.short(warn_at)}{_warned(time, turns, wall)}."
    yield ExplainedStep(kind=StepKind.WARNING, at=warn_at, text=text)


def _warned(time: _Time, turns: Sequence[_Turn], wall: Wall) -> str:
    """Whether the one warning of a clock went out, and for which of its promises."""
    clock = time.clock
    sent = next((turn for turn in turns if turn.event.kind is EventKind.WARNED), None)
    if sent is not None:
        is_for_this = sent.after.warn_at == clock.warn_at is not None and sent.event.at >= clock.warn_at
        earlier = "" if is_for_this else ", under the promise that held then"
        return f"; the warning went out on {wall.short(sent.event.at)}{earlier}"
    is_ahead = clock.warn_at is not None and clock.warn_at > time.end
    return "" if is_ahead else "; no warning went out"


def _standing(time: _Time, wall: Wall) -> ExplainedStep:
    """How a clock stands that still runs."""
    clock, used_s = time.clock, time.used_s()
    if clock.paused_since:
        text = f"It has stood still since {wall.short(clock.paused_since)}: {duration(used_s)} used"
    elif clock.is_past(time.end):
        text = f"It is overdue: {duration(used_s)} used"
    else:
        text = f"It runs: {duration(used_s)} used"
    left_s = clock.target_s - used_s
    rest = f"{duration(left_s)} left" if left_s >= 0 else f"{duration(-left_s)} more than promised"
    return ExplainedStep(
        kind=StepKind.END,
        at=time.end,
        seconds=used_s,
        text=" ".join(filter(None, (_broken(clock, time.end, wall), f"{text}, {rest}."))),
    )


def _end(clock: Clock, turns: Sequence[_Turn], wall: Wall) -> ExplainedStep:
    assert clock.stopped_at is not None  # noqa: S101  asked of ended clocks only
    ending = _ending(clock, turns)
    what = deed(ending.event) if ending else "something that the timeline no longer shows ended it"
    if clock.reason == "no_reply":
        what += " without an answer to the customer"
    verdict = _broken(clock, clock.stopped_at, wall) or f"{_VERDICTS[clock.outcome]}."
    text = f"{verdict} On {wall.short(clock.stopped_at)} {what}{_took(clock)}."
    return ExplainedStep(kind=StepKind.END, at=clock.stopped_at, seconds=clock.business_s, text=text)


_VERDICTS = {
    Outcome.MET: "Kept",
    Outcome.CANCELLED: "Ended without a verdict",
    Outcome.ERROR: "Set aside",
}


def _took(clock: Clock) -> str:
    if clock.business_s is None or clock.elapsed_s is None:
        return ""
    if clock.business_s == clock.elapsed_s:
        return f", after {duration(clock.business_s)}"
    return f", after {duration(clock.business_s)} that counted ({duration(clock.elapsed_s)} by the wall clock)"


def _broken(clock: Clock, end: datetime, wall: Wall) -> str:
    """When the promise was broken, as far as that is on record, and when the one that held last if that is another."""
    if clock.breached_at is None:
        return ""
    text = f"Broken on {wall.short(clock.breached_at)}"
    if clock.breached_at in (clock.due_at, clock.breach_at):
        return f"{text}."
    text += ", under the promise that held then"
    if clock.breach_at is None or end <= clock.breach_at:
        return f"{text}."
    return f"{text}; what was promised last was broken on {wall.short(clock.breach_at)} as well."
