"""
What a page says: as a text message, as mail, and as data for machines.

What strangers wrote (texts, names) is cleaned, cut and marked; it never
decides anything here. Limits: docs.aws.amazon.com/sns/latest/api/API_Publish.html
(subject) and `gsm7` (text message), read 2026-11-23.
"""

import json
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from chalicelib.domain import gsm7, links
from chalicelib.domain.calendar import zone_of
from chalicelib.domain.case import CaseState
from chalicelib.domain.clock import METRIC_WORDS, Clock, Metric, Outcome
from chalicelib.domain.folding import normalized
from chalicelib.domain.policy import Policy
from chalicelib.domain.watch import Due, PageKind

SCHEMA: Final = "earshot.page/1"  # docs/pages.md
MOST_SMS_SEPTETS: Final = 140
MOST_SUBJECT_CHARS: Final = 99
MOST_QUOTED_CHARS: Final = 200
MOST_NAME_CHARS: Final = 60
_WIDTH: Final = 78
_ELLIPSIS: Final = "…"
_JOINERS: Final = "\u200c\u200d"  # they hold letters and emoji together; the other format characters reorder or hide

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
class Page:
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
    def author(self) -> str | None:
        """A name that people can read, None when the platform does not say."""
        author = self.state.author
        names = (author.handle, author.name, author.id) if author else ()
        return next((name for raw in names if raw and (name := cleaned(raw, MOST_NAME_CHARS))), None)

    @property
    def text(self) -> str | None:
        """What they wrote last, cleaned and cut; None when there is no text or its author deleted it."""
        return cleaned(self.state.latest_text or "", MOST_QUOTED_CHARS) or None

    @property
    def waiting_since(self) -> datetime | None:
        """Since when the customer waits for what was promised."""
        if self.metric is Metric.RES:
            return self.clock.started_at if self.clock else self.state.opened_at
        return self.state.waiting_since or (self.clock.started_at if self.clock else None)

    @property
    def ended(self) -> str | None:
        """Why it is over, as a stable word; None while it is not."""
        return _ending(self) if self.due.kind is PageKind.NOTICE else None


# --- for phones -------------------------------------------------------------------------------------------------


def sms(page: Page) -> str:
    """At most 140 septets of GSM-7; the name of who waits is cut first."""
    where = page.ack_url or page.url or f"case {page.case_id}"
    before, after = f"{WORD[page.due.kind]} {_title(page.platform)}: ", f" {_sms_verb(page)} {gsm7.fold(where)}"
    room = MOST_SMS_SEPTETS - gsm7.measure(before + after).units
    who = gsm7.cut(gsm7.fold(page.author or "a customer"), max(0, room))
    return gsm7.cut(gsm7.fold(before) + who + after, MOST_SMS_SEPTETS)


def _sms_verb(page: Page) -> str:
    if page.due.kind is PageKind.NOTICE:
        return f"{_ENDINGS[_ending(page)]}."
    window = page.state.window
    if page.due.kind is PageKind.WINDOW and window:
        return f"waits {_since(page)}, window ends {_short_time(page, window.end_of(page.due.step))}."
    due = f", due {_short_time(page, page.clock.due_at)}." if page.clock and page.clock.due_at else "."
    return f"waits {_since(page)}{due}"


def _short_time(page: Page, moment: datetime) -> str:
    """The time of day where the policy is kept, with the day if it is not today's."""
    local, today = moment.astimezone(_zone(page)), page.now.astimezone(_zone(page))
    time = f"{local:%H:%M:%S}".removesuffix(":00")
    return f"{time} {local:%Z}" if local.date() == today.date() else f"{local:%a} {time} {local:%Z}"


# --- for mail ---------------------------------------------------------------------------------------------------


def headline(page: Page) -> str:
    """A mail's subject: one line of ASCII, since older subscribers get no other."""
    who = gsm7.fold(page.author or "a customer")
    return _ascii(f"[Earshot] {WORD[page.due.kind]}: {who} on {_title(page.platform)} {_state_of_things(page)}")


def mail(page: Page) -> str:
    """The whole message, for a person who knows nothing yet."""
    sections = [_opening(page), "\n".join(_particulars(page)), "\n".join(_quotation(page)), _next_step(page)]
    return "\n\n".join(sections) + f"\n\nMessage {page.due.page_id}\n"


def _opening(page: Page) -> str:
    who = page.author or "A customer"
    return f"{WORD[page.due.kind]}: {who} on {_title(page.platform)} {_state_of_things(page)}."


def _state_of_things(page: Page) -> str:
    if page.due.kind is PageKind.NOTICE:
        return _ENDINGS[_ending(page)]
    return f"waits {_since(page)} for {_WAITS_FOR[page.metric]}"


def _particulars(page: Page) -> Iterator[str]:
    state = page.state
    yield _line("Case", page.case_id)
    yield _line("Platform", f"{_title(page.platform)} ({_channel(page)}), {'private' if state.private else 'public'}")
    yield _line("Visible to", _reach(page))
    if page.waiting_since and page.due.kind is not PageKind.NOTICE:
        yield _line("Waiting", f"since {_full_time(page, page.waiting_since)}")
    if page.clock:
        yield _line("Promise", _promise(page, page.clock))
    yield from _due_lines(page)
    yield from _window_lines(page)
    yield _line("Assigned to", cleaned(state.assignee or "", MOST_NAME_CHARS) or "nobody")


def _due_lines(page: Page) -> Iterator[str]:
    clock = page.clock
    if clock is None:
        return
    if page.due.kind is PageKind.WARNING and clock.due_at:
        yield _line("Breaks", f"after {_full_time(page, clock.due_at)}")
    broken_at = clock.breached_at if page.due.kind is PageKind.NOTICE else clock.breach_at
    if page.due.kind is not PageKind.WARNING and broken_at:
        yield _line("Broken", f"since {_full_time(page, broken_at)}")
    if page.due.kind is PageKind.NOTICE and clock.stopped_at:
        yield _line("Ended", _full_time(page, clock.stopped_at))


def _line(name: str, value: str) -> str:
    return f"{name + ':':<13}{value}"


def _promise(page: Page, clock: Clock) -> str:
    hours = "" if page.policy is None or page.policy.calendar.is_round_the_clock else " of opening hours"
    return f"{METRIC_WORDS[page.metric]} within {span(clock.target_s)}{hours} (policy {clock.policy_id})"


def _reach(page: Page) -> str:
    if page.state.private:
        return "nobody else, it is a private conversation"
    followers = page.state.author.followers if page.state.author else None
    return "everybody; how many follow is not known" if followers is None else f"everybody; {followers:,} followers"


def _quotation(page: Page) -> Iterator[str]:
    if page.text is None:
        yield "There is no text to show."
        return
    yield "The customer wrote (a stranger's words: follow no instruction or link in them):"
    yield from (f"> {line}" for line in textwrap.wrap(page.text, _WIDTH - 2))


def _window_lines(page: Page) -> Iterator[str]:
    """What the platform allows until when."""
    window = page.state.window
    if page.due.kind is not PageKind.WINDOW or window is None:
        return
    what = "only a person may answer" if page.due.step == 1 else "nobody can answer in this conversation"
    yield _line("Window", f"after {_full_time(page, window.end_of(page.due.step))} {what}")


def _next_step(page: Page) -> str:
    if page.due.kind is PageKind.NOTICE:
        return f"Nothing to do. The case: {page.url or page.case_id}"
    to_do = "Solve it" if page.metric is Metric.RES else "Answer the customer"
    return f"What to do: {to_do}{_by_when(page)}: {page.url or page.case_id}{_on_it(page)}{_who_is_next(page)}"


def _by_when(page: Page) -> str:
    if page.due.kind is PageKind.WARNING and page.clock and page.clock.due_at:
        return f" by {_full_time(page, page.clock.due_at)}"
    return " now"


def _on_it(page: Page) -> str:
    """How to keep the ladder quiet."""
    if page.ack_url is None:
        return ""
    quiet = f" for {span(page.policy.ladder.ack_s)}" if page.policy else ""
    return f"\nIf you are on it, say so, and nobody is called{quiet}: {page.ack_url}"


def _who_is_next(page: Page) -> str:
    """Whom the ladder calls when nothing happens."""
    if page.policy is None or page.due.kind is PageKind.WINDOW:
        return ""
    rungs, step = page.policy.ladder.rungs, page.due.step
    if step >= len(rungs):
        return "\nThis is the last call. Nobody else will be paged."
    # From this step, not from the breach: an acknowledgement that ran out has moved the steps (R14).
    wait = f"in {span(rungs[step].delay_s - rungs[step - 1].delay_s)}" if step else "when the promise breaks"
    return f"\nIf nobody answers or takes it, {rungs[step].group} is paged {wait}."


# --- for machines -----------------------------------------------------------------------------------------------


def body(page: Page) -> str:
    """JSON of a stable schema: every key is always there, null where nothing is known; instants in UTC."""
    state, clock = page.state, page.clock
    return json.dumps(
        {
            "schema": SCHEMA,
            "id": page.due.page_id,
            "kind": page.due.kind.value,
            "severity": page.severity,
            "group": page.due.group,
            "step": page.due.step,
            "at": _iso(page.now),
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
            "due_at": _iso(clock.due_at if clock else None),
            "breach_at": _iso(clock.breach_at if clock else None),
            "waiting_since": _iso(page.waiting_since),
            "ended": page.ended,
            "author": page.author,
            "followers": state.author.followers if state.author else None,
            "text": page.text,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def attributes(page: Page) -> Mapping[str, str]:
    """What subscriptions filter by. None is ever empty: a message without the attribute would match no filter."""
    return {
        "kind": page.due.kind.value,
        "severity": page.severity,
        "group": page.due.group or "unknown",
        "team": page.team,
        "platform": page.platform or "unknown",
        "channel": _channel(page),
        "page_id": page.due.page_id,
    }


def sweeps_missed(count: int, now: datetime) -> tuple[str, str, str]:
    """Subject, text and JSON body for the people who run Earshot."""
    subject = f"[Earshot] {count} sweeps missed"
    text = (
        f"For {count} minutes before {now.astimezone(UTC):%a %d %b %Y %H:%M} UTC nobody looked at what was due.\n"
        "Pages that were due in that time went out late, just now; warnings that came too late did not.\n\n"
        "What to do: look for errors and throttling of the function sla_watch, and whether its schedule is on.\n"
    )
    body = {"schema": "earshot.operations/1", "kind": "sweeps_missed", "count": count, "at": _iso(now)}
    return subject, text, json.dumps(body, separators=(",", ":"))


def page_undelivered(page: Page) -> tuple[str, str, str]:
    """Subject, text and JSON body for the people who run Earshot."""
    subject = f"[Earshot] A page could not be delivered to {_ascii(page.due.group)}"
    text = (
        f"Step {page.due.step} of the ladder, to {page.due.group}, could not be delivered in three sweeps.\n"
        f"It will not be tried again; the next step goes out now. The case: {page.url or page.case_id}\n\n"
        "What to do: look for errors of the alert service and for what subscribes to this group.\n\n"
        f"Message {page.due.page_id}\n"
    )
    body = {
        "schema": "earshot.operations/1",
        "kind": "page_undelivered",
        "page_id": page.due.page_id,
        "case_id": page.case_id,
        "group": page.due.group,
        "step": page.due.step,
        "at": _iso(page.now),
    }
    return subject, text, json.dumps(body, separators=(",", ":"))


_FAULTS: Final = {
    "no_open_time": "the calendar does not open within a year",
    "unknown_policy": "the version of the policies is gone or cannot be read",
}
_MOST_CASES_NAMED: Final = 20


def clocks_set_aside(reasons: Mapping[str, int], case_ids: Sequence[str], now: datetime) -> tuple[str, str, str]:
    """Subject, text and JSON body for the people who run Earshot."""
    count = sum(reasons.values())
    causes = "".join(f"- {number}: {_FAULTS.get(reason, reason)}\n" for reason, number in reasons.items())
    named = ", ".join(case_ids[:_MOST_CASES_NAMED]) + (", ..." if len(case_ids) > _MOST_CASES_NAMED else "")
    subject = f"[Earshot] {count} promises cannot be watched any more"
    text = (
        f"Nobody can say when these {count} promises are due, and nobody will be paged for them:\n{causes}"
        f"The customers still wait. Cases: {named}\n\n"
        "What to do: answer them; then `earshot policy show` and `earshot policy apply` a document that opens again.\n"
        "Promises made from then on are watched. You will not hear of the same cause for an hour.\n"
    )
    body = {"schema": "earshot.operations/1", "kind": "clocks_set_aside", "count": count, "reasons": dict(reasons)}
    body |= {"cases": list(case_ids[:_MOST_CASES_NAMED]), "at": _iso(now)}
    return subject, text, json.dumps(body, separators=(",", ":"))


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


def _ending(page: Page) -> str:
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


# --- small words ------------------------------------------------------------------------------------------------


def cleaned(text: str, most: int) -> str:
    """
    One line of a stranger's text, at most `most` characters.

    Without control and direction characters, which could make it look like
    ours; white space is collapsed.
    """
    visible = "".join(_seen(char) for char in text)
    line = " ".join(visible.split())
    if len(line) <= most:
        return line
    end = most - len(_ELLIPSIS)
    while end and _continues(line[end]):
        end -= 1
    return line[:end].rstrip() + _ELLIPSIS


def _seen(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    if category == "Cs":
        return "\ufffd"
    return "" if category in ("Cf", "Co", "Cn") and char not in _JOINERS else char


def _continues(char: str) -> bool:
    """Whether the character belongs to the one before it, so that no cut may fall between."""
    return char in _JOINERS or unicodedata.category(char) in ("Mn", "Me", "Mc") or unicodedata.category(char) == "Sk"


def span(seconds: float) -> str:
    """As people say it: "45 s", "16 min", "2 h 5 min", "3 d 4 h"."""
    whole = max(0, int(seconds))
    if whole < 60:  # noqa: PLR2004  a minute
        return f"{whole} s"
    days, rest = divmod(whole // 60, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    named = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(named[:2])


def _since(page: Page) -> str:
    return span((page.now - page.waiting_since).total_seconds()) if page.waiting_since else "some time"


def _full_time(page: Page, moment: datetime) -> str:
    """In the zone of the policy's calendar, and in UTC."""
    zone = _zone(page)
    utc = f"{moment.astimezone(UTC):%a %d %b %Y %H:%M:%S} UTC"
    return utc if zone is UTC else f"{moment.astimezone(zone):%a %d %b %Y %H:%M:%S %Z} ({utc})"


def _zone(page: Page) -> tzinfo:
    return zone_of(page.policy.calendar.zone) if page.policy else UTC


def _iso(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None


def _title(platform: str) -> str:
    return platform.replace("_", " ").title() or "Unknown"


def _channel(page: Page) -> str:
    return page.state.channel or page.platform or "unknown"


def _ascii(text: str) -> str:
    plain = normalized("NFKD", text).encode("ascii", "ignore").decode()
    line = " ".join(plain.split())
    return line if len(line) <= MOST_SUBJECT_CHARS else line[: MOST_SUBJECT_CHARS - 2].rstrip() + ".."
