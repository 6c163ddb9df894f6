"""What an alert about one customer who waits says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from chalicelib.domain.alerts import links, message
from chalicelib.domain.alerts.message import MOST_NAME_CHARS, MOST_QUOTED_CHARS, Alert, Said, Words, iso
from chalicelib.domain.calendar import zone_of
from chalicelib.domain.case.state import CaseState, Waiter
from chalicelib.domain.clock import METRIC_WORDS, Clock, Metric, Outcome
from chalicelib.domain.in_words import full_and_utc, span, time_of_day
from chalicelib.domain.platforms import name_of
from chalicelib.domain.policy import Policy
from chalicelib.domain.visible import as_said, is_blank, one_line
from chalicelib.domain.watch import Due, PageKind

SCHEMA: Final = "earshot.page/1"  # docs/pages.md
SEVERITY: Final = {
    PageKind.WARNING: "warning",
    PageKind.BREACH: "critical",
    PageKind.WINDOW: "warning",
    PageKind.NOTICE: "info",
}
WORD: Final = {
    PageKind.WARNING: "DUE SOON",
    PageKind.BREACH: "LATE",
    PageKind.WINDOW: "WINDOW CLOSES",
    PageKind.NOTICE: "OVER",
}
_WAITS_FOR: Final = {Metric.FRT: "a first reply", Metric.NRT: "a reply", Metric.RES: "a solution"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAlert:
    """
    What a page is about.

    `clock` is the clock as it stands at `now`, running or ended; None when
    the case no longer has it. `policy` is None with it, or when its version
    is gone. `base_url` may be empty. `code` opens the link by which the page
    is acknowledged; None when there is nothing to acknowledge.
    """

    due: Due
    case_id: str
    platform: str
    state: CaseState
    clock: Clock | None
    policy: Policy | None
    now: datetime
    base_url: str
    code: str | None = None

    @property
    def metric(self) -> Metric:
        return Metric(self.due.clock_id.partition(":")[0])

    @property
    def severity(self) -> str:
        return SEVERITY[self.due.kind]

    @property
    def team(self) -> str:
        """The group whose work the case is: the ladder warns it, before it calls others."""
        return self.policy.ladder.warn_group if self.policy else "unknown"

    @property
    def url(self) -> str | None:
        return f"{self.base_url.rstrip('/')}/c/{self.case_id}" if self.base_url else None

    @property
    def ack_url(self) -> str | None:
        """Where whoever was paged says that they are on it."""
        return links.url_of(self.base_url, self.code)

    @property
    def waiter(self) -> Waiter | None:
        """To whom the promise was made, where several people wrote; None where there is but one."""
        if len(self.state.people) <= 1 or self.clock is None:
            return None
        return next((waiter for waiter in self.state.waiters if waiter.key == self.clock.message_key), None)

    @property
    def author(self) -> str | None:
        """What to call who waits, as they or their platform wrote it; None when nothing of it can be seen."""
        if self.waiter is not None:
            return None if is_blank(self.waiter.name) else self.waiter.name
        author = self.state.author
        names = (author.handle, author.name, author.id) if author else ()
        return next((name for name in names if name and not is_blank(name)), None)

    @property
    def who(self) -> str | Said:
        """The author within a sentence."""
        return Said(self.author) if self.author else "a customer"

    @property
    def text(self) -> str | None:
        """What they wrote last; None when there is no text, its author deleted it, or it is another's."""
        author = self.state.author
        if self.waiter is not None and (author is None or author.id != self.waiter.person):
            return None
        text = self.state.latest_text or ""
        return None if is_blank(text) else text

    @property
    def waiting_since(self) -> datetime | None:
        """Since when the customer waits for what was promised."""
        if self.metric is Metric.RES:
            return self.clock.started_at if self.clock else self.state.opened_at
        since = self.waiter.since if self.waiter else self.state.waiting_since
        return since or (self.clock.started_at if self.clock else None)

    @property
    def zone(self) -> tzinfo:
        """Where the promise is kept; UTC when nobody knows."""
        return zone_of(self.policy.calendar.zone) if self.policy else UTC

    @property
    def ended(self) -> str | None:
        """Why it is over, as a stable word; None while it is not."""
        return _ending(self) if self.due.kind is PageKind.NOTICE else None


def alert(page: CaseAlert) -> Alert:
    """The whole of it, for a person who knows nothing yet."""
    opening = message.sentence(_opening(page))
    return Alert(
        subject=("[Earshot] ", *_opening(page)),
        sms=tuple(_wordings(page)),
        link=page.ack_url or page.url or f"case {page.case_id}",
        sections=(
            f"{opening}.",
            message.particulars(_particulars(page)),
            message.quotation(page.text) if page.text else "There is no text to show.",
            _next_step(page),
        ),
        id=page.due.page_id,
        body=_body(page),
        attributes=attributes(page),
        assignees=(page.state.assignee,) if page.state.assignee else (),
    )


def _opening(page: CaseAlert) -> Words:
    return (f"{WORD[page.due.kind]}: ", page.who, f" on {name_of(page.platform)} {_state_of_things(page)}")


def _state_of_things(page: CaseAlert) -> str:
    if page.due.kind is PageKind.NOTICE:
        return _ENDINGS[_ending(page)]
    return f"waits {_since(page)} for {_WAITS_FOR[page.metric]}"


def _since(page: CaseAlert) -> str:
    return span(page.now - page.waiting_since) if page.waiting_since else "some time"


# --- for phones -------------------------------------------------------------------------------------------------


def _wordings(page: CaseAlert) -> Iterator[Words]:
    """What a text message says, from the fullest: when it is due matters more than how long they wait, and who."""
    word = WORD[page.due.kind]
    where = f"{word} {name_of(page.platform)}: "
    if page.due.kind is PageKind.NOTICE:
        said = _ENDINGS[_ending(page)]
        yield (where, page.who, f" {said}.")
        yield (f"{where}{said}.",)
    else:
        when = _when(page)
        yield (where, page.who, f" waits {_since(page)}{when and ', ' + when}.")
        yield (f"{where}waits {_since(page)}{when and ', ' + when}.",)
        yield (f"{where}{when or 'waits'}.",)
    yield (f"{word} {name_of(page.platform)}",)
    yield (word,)


def _when(page: CaseAlert) -> str:
    window = page.state.window
    if page.due.kind is PageKind.WINDOW and window:
        return f"ends {time_of_day(window.end_of(page.due.step), page.zone, page.now)}"
    due_at = page.clock.due_at if page.clock else None
    return f"due {time_of_day(due_at, page.zone, page.now)}" if due_at else ""


# --- for mail ---------------------------------------------------------------------------------------------------


def _particulars(page: CaseAlert) -> Iterator[tuple[str, str]]:
    state = page.state
    platform = f"{name_of(page.platform)} ({_channel(page)}), {'private' if state.private else 'public'}"
    yield "Case", page.case_id
    yield "Platform", platform
    yield "Visible to", _reach(page)
    if page.waiting_since and page.due.kind is not PageKind.NOTICE:
        yield "Waiting", f"since {_time(page, page.waiting_since)}"
    if page.clock:
        yield "Promise", _promise(page, page.clock)
        yield from _due_lines(page, page.clock)
    if page.due.kind is PageKind.WINDOW and state.window:
        what = "only a person may answer" if page.due.step == 1 else "nobody can answer in this conversation"
        yield "Window", f"after {_time(page, state.window.end_of(page.due.step))} {what}"
    yield "Assigned to", one_line(state.assignee or "", MOST_NAME_CHARS) or "nobody"


def _due_lines(page: CaseAlert, clock: Clock) -> Iterator[tuple[str, str]]:
    kind = page.due.kind
    if kind is PageKind.WARNING and clock.due_at:
        yield "Breaks", f"after {_time(page, clock.due_at)}"
    broken_at = clock.breached_at if kind is PageKind.NOTICE else clock.breach_at
    if kind is not PageKind.WARNING and broken_at:
        yield "Broken", f"since {_time(page, broken_at)}"
    if kind is PageKind.NOTICE and clock.stopped_at:
        yield "Ended", _time(page, clock.stopped_at)


def _time(page: CaseAlert, moment: datetime) -> str:
    return full_and_utc(moment, page.zone)


def _promise(page: CaseAlert, clock: Clock) -> str:
    hours = "" if page.policy is None or page.policy.calendar.is_round_the_clock else " of opening hours"
    within = span(timedelta(seconds=clock.target_s))
    return f"{METRIC_WORDS[page.metric]} within {within}{hours} (policy {clock.policy_id})"


def _reach(page: CaseAlert) -> str:
    if page.state.private:
        return "nobody else, it is a private conversation"
    followers = page.state.author.followers if page.state.author else None
    return "everybody; how many follow is not known" if followers is None else f"everybody; {followers:,} followers"


def _next_step(page: CaseAlert) -> str:
    if page.due.kind is PageKind.NOTICE:
        return f"Nothing to do. The case: {page.url or page.case_id}"
    to_do = "Solve it" if page.metric is Metric.RES else "Answer the customer"
    return f"What to do: {to_do}{_by_when(page)}: {page.url or page.case_id}{_on_it(page)}{_who_is_next(page)}"


def _by_when(page: CaseAlert) -> str:
    if page.due.kind is PageKind.WARNING and page.clock and page.clock.due_at:
        return f" by {_time(page, page.clock.due_at)}"
    return " now"


def _on_it(page: CaseAlert) -> str:
    """How to keep the ladder quiet."""
    if page.ack_url is None:
        return ""
    quiet = f" for {span(timedelta(seconds=page.policy.ladder.ack_s))}" if page.policy else ""
    return f"\nIf you are on it, say so, and nobody is called{quiet}: {page.ack_url}"


def _who_is_next(page: CaseAlert) -> str:
    """Whom the ladder calls when nothing happens."""
    if page.policy is None or page.due.kind is PageKind.WINDOW:
        return ""
    rungs, step = page.policy.ladder.rungs, page.due.step
    if step >= len(rungs):
        return "\nThis is the last call. Nobody else will be paged."
    # From this step, not from the breach: an acknowledgement that ran out has moved the steps (R14).
    between = timedelta(seconds=rungs[step].delay_s - rungs[step - 1].delay_s) if step else None
    wait = f"in {span(between)}" if between is not None else "when the promise breaks"
    return f"\nIf nobody answers or takes it, {rungs[step].group} is paged {wait}."


# --- for machines -----------------------------------------------------------------------------------------------


def _body(page: CaseAlert) -> Mapping[str, Any]:
    """Of a stable schema: every key is always there, None where nothing is known; instants in UTC."""
    state, clock = page.state, page.clock
    return {
        "schema": SCHEMA,
        "id": page.due.page_id,
        "kind": page.due.kind.value,
        "severity": page.severity,
        "group": page.due.group,
        "step": page.due.step,
        "at": iso(page.now),
        "case_id": page.case_id,
        "url": page.url,
        "ack_url": page.ack_url,
        "platform": page.platform,
        "channel": _channel(page),
        "private": state.private,
        "priority": state.effective_priority.value,
        "assignee": state.assignee,
        "policy": clock.policy_id if clock else None,
        "metric": page.metric.value,
        "due_at": iso(clock.due_at if clock else None),
        "breach_at": iso(clock.breach_at if clock else None),
        "waiting_since": iso(page.waiting_since),
        "ended": page.ended,
        "author": message.name_as_data(page.author or ""),
        "followers": state.author.followers if state.author else None,
        "text": as_said(page.text or "", MOST_QUOTED_CHARS) or None,
    }


def attributes(page: CaseAlert) -> Mapping[str, str]:
    """What subscriptions filter by."""
    return message.attributes(
        kind=page.due.kind.value,
        severity=page.severity,
        group=page.due.group,
        team=page.team,
        platform=page.platform,
        channel=_channel(page),
        page_id=page.due.page_id,
    )


def _channel(page: CaseAlert) -> str:
    return page.state.channel or page.platform or "unknown"


# --- why it is over ---------------------------------------------------------------------------------------------

_ENDINGS: Final = {
    "answered_in_time": "was answered in time after all",
    "answered": "has been answered",
    "resolved": "has been resolved",
    "deleted": "deleted what they wrote",
    "spam": "was marked as spam",
    "superseded": "has a new promise",
    "withdrawn": "no longer waits",
}
_REASONS: Final = {"resolved": "resolved", "no_reply": "resolved", "resolve": "resolved"}


def _ending(page: CaseAlert) -> str:
    clock = page.clock
    if clock is None:
        return "withdrawn"
    if clock.is_running:
        return "superseded"
    if clock.reason:
        return _REASONS.get(clock.reason, clock.reason if clock.reason in _ENDINGS else "withdrawn")
    if clock.metric is Metric.RES:
        return "resolved"
    return "answered_in_time" if clock.outcome is Outcome.MET else "answered"
