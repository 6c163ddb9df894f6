"""What people read when a page reaches them, and what a stranger's text cannot do to it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import gsm7, page_text
from chalicelib.domain.calendar import Calendar, Window, always_open
from chalicelib.domain.case import CaseState
from chalicelib.domain.clock import Clock, Metric, Outcome
from chalicelib.domain.facts import Author
from chalicelib.domain.labels import Urgency
from chalicelib.domain.page_text import Page, cleaned, span
from chalicelib.domain.policy import Ladder, Policy, Step, Targets
from chalicelib.domain.watch import Due, PageKind

NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
LADDER = Ladder(id="care", steps=(Step(group="on-call", delay_s=0), Step(group="care-lead", delay_s=900)))
VIP = Policy(id="vip", calendar=always_open(), targets=Targets(frt_s=900), ladder=LADDER)
MADRID = replace(
    VIP,
    id="office",
    calendar=Calendar(id="madrid", zone="Europe/Madrid", weekly=((Window(9 * 3600, 17 * 3600),),) * 5 + ((), ())),
)
CLOCK = Clock(
    metric=Metric.FRT,
    message_key="x|100|mention",
    started_at=NOON,
    revealed_at=NOON,
    policy_id="vip",
    book=1,
    target_s=900,
    due_at=NOON + timedelta(minutes=15),
    warn_at=NOON + timedelta(minutes=11, seconds=15),
)
STATE = CaseState(
    platform="x",
    channel="x.main",
    account_id="900",
    author=Author(id="501", handle="ada_flies", followers=12_345),
    urgency=Urgency.HIGH,
    policy_id="vip",
    opened_at=NOON,
    latest_text="where is my bag?",
    waiting_since=NOON,
    waiting_key="x|100|mention",
)


def due(kind=PageKind.BREACH, step=1, group="on-call", metric="frt"):
    return Due(kind=kind, clock_id=f"{metric}:x|100|mention", generation=0, step=step, group=group)


def page(
    kind=PageKind.BREACH, *, step=None, minutes=16, clock=CLOCK, policy=VIP, base_url="https://care.example", **state
):
    return Page(
        due=due(kind, step=(1 if kind is PageKind.BREACH else 0) if step is None else step),
        case_id="c0123456789abcde",
        platform="x",
        state=replace(STATE, **state),
        clock=clock,
        policy=policy,
        now=NOON + timedelta(minutes=minutes),
        base_url=base_url,
    )


def ended(outcome=Outcome.BREACHED, reason=None, **values):
    breached_at = CLOCK.due_at if outcome is Outcome.BREACHED else None
    stopped_at = NOON + timedelta(minutes=28)
    return replace(CLOCK, outcome=outcome, reason=reason, breached_at=breached_at, stopped_at=stopped_at, **values)


def written_by(handle=None, name=None, followers=None):
    return {"author": Author(id="501", handle=handle, name=name, followers=followers)}


LINK = "https://care.example/c/c0123456789abcde"

# --- the whole of it --------------------------------------------------------------------------------------------

WARNING_MAIL = """\
DUE SOON: ada_flies on X waits 12 min for a first reply.

Case:        c0123456789abcde
Platform:    X (x.main), public
Visible to:  everybody; 12,345 followers
Waiting:     since Sat 07 Mar 2026 12:00:00 UTC
Promise:     first reply within 15 min (policy vip)
Breaks:      after Sat 07 Mar 2026 12:15:00 UTC
Assigned to: nobody

The customer wrote (a stranger's words: follow no instruction or link in them):
> where is my bag?

What to do: Answer the customer by Sat 07 Mar 2026 12:15:00 UTC: https://care.example/c/c0123456789abcde
If nobody answers or takes it, on-call is paged when the promise breaks.

Message frt:x|100|mention/0/warning/0/on-call
"""
BREACH_MAIL = """\
LATE: ada_flies on X waits 16 min for a first reply.

Case:        c0123456789abcde
Platform:    X (x.main), private
Visible to:  nobody else, it is a private conversation
Waiting:     since Sat 07 Mar 2026 13:00:00 CET (Sat 07 Mar 2026 12:00:00 UTC)
Promise:     first reply within 15 min of opening hours (policy vip)
Broken:      since Sat 07 Mar 2026 13:15:00 CET (Sat 07 Mar 2026 12:15:00 UTC)
Assigned to: bo

The customer wrote (a stranger's words: follow no instruction or link in them):
> where is my bag?

What to do: Answer the customer now: https://care.example/c/c0123456789abcde
If nobody answers or takes it, care-lead is paged in 15 min.

Message frt:x|100|mention/0/breach/1/on-call
"""
NOTICE_MAIL = """\
OVER: ada_flies on X has been answered.

Case:        c0123456789abcde
Platform:    X (x.main), public
Visible to:  everybody; how many follow is not known
Promise:     first reply within 15 min (policy vip)
Broken:      since Sat 07 Mar 2026 12:15:00 UTC
Ended:       Sat 07 Mar 2026 12:28:00 UTC
Assigned to: nobody

There is no text to show.

Nothing to do. The case: https://care.example/c/c0123456789abcde

Message frt:x|100|mention/0/notice/0/on-call
"""


@pytest.mark.parametrize(
    ("given_page", "mail", "subject", "sms"),
    [
        (
            page(PageKind.WARNING, minutes=12),
            WARNING_MAIL,
            "[Earshot] DUE SOON: ada_flies on X waits 12 min for a first reply",
            f"DUE SOON X: ada_flies waits 12 min, due 12:15 UTC. {LINK}",
        ),
        (
            page(policy=MADRID, private=True, assignee="bo"),
            BREACH_MAIL,
            "[Earshot] LATE: ada_flies on X waits 16 min for a first reply",
            f"LATE X: ada_flies waits 16 min, due 13:15 CET. {LINK}",
        ),
        (
            page(
                PageKind.NOTICE,
                minutes=29,
                clock=ended(),
                latest_text=None,
                waiting_since=None,
                **written_by(handle="ada_flies"),
            ),
            NOTICE_MAIL,
            "[Earshot] OVER: ada_flies on X has been answered",
            f"OVER X: ada_flies has been answered. {LINK}",
        ),
    ],
    ids=["warning", "breach", "notice"],
)
def test_a_page_in_words(given_page, mail, subject, sms):
    assert page_text.mail(given_page) == mail
    assert page_text.headline(given_page) == subject
    assert page_text.sms(given_page) == sms


def test_a_page_as_data():
    assert json.loads(page_text.body(page(assignee="bo"))) == {
        "schema": "earshot.page/1",
        "id": "frt:x|100|mention/0/breach/1/on-call",
        "kind": "breach",
        "severity": "critical",
        "group": "on-call",
        "step": 1,
        "at": "2026-03-07T12:16:00Z",
        "case_id": "c0123456789abcde",
        "url": LINK,
        "ack_url": None,
        "platform": "x",
        "channel": "x.main",
        "private": False,
        "priority": "high",
        "assignee": "bo",
        "policy": "vip",
        "metric": "frt",
        "due_at": "2026-03-07T12:15:00Z",
        "breach_at": "2026-03-07T12:15:00Z",
        "waiting_since": "2026-03-07T12:00:00Z",
        "ended": None,
        "author": "ada_flies",
        "followers": 12_345,
        "text": "where is my bag?",
    }


def test_every_key_is_there_when_nothing_is_known():
    bare = page(PageKind.NOTICE, clock=None, policy=None, base_url="")
    bare = replace(bare, state=CaseState(), platform="")
    known = json.loads(page_text.body(page()))
    found = json.loads(page_text.body(bare))
    assert found.keys() == known.keys()
    assert {name for name, value in found.items() if value is None} == {
        "url", "ack_url", "assignee", "policy", "due_at", "breach_at", "waiting_since", "author", "followers", "text"
    }  # fmt: skip
    assert all(page_text.attributes(bare).values())
    assert "A customer on Unknown" in page_text.mail(bare)


@pytest.mark.parametrize(
    ("kind", "severity"),
    [(PageKind.WARNING, "warning"), (PageKind.BREACH, "critical"), (PageKind.NOTICE, "info")],
)
def test_what_subscriptions_filter_by(kind, severity):
    found = page_text.attributes(page(kind))
    assert found == {
        "kind": kind.value,
        "severity": severity,
        "group": "on-call",
        "team": page(kind).policy.ladder.warn_group,
        "platform": "x",
        "channel": "x.main",
        "page_id": due(kind, step=1 if kind is PageKind.BREACH else 0).page_id,
    }


# --- particulars ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "word"),
    [
        (ended(), "answered"),
        (ended(Outcome.MET), "answered_in_time"),
        (ended(metric=Metric.RES), "resolved"),
        (ended(reason="no_reply"), "resolved"),
        (ended(Outcome.CANCELLED, "resolved"), "resolved"),
        (ended(reason="deleted"), "deleted"),
        (ended(reason="spam"), "spam"),
        (ended(reason="merged"), "withdrawn"),
        (replace(CLOCK, generation=1), "superseded"),
        (None, "withdrawn"),
    ],
)
def test_why_it_is_over(clock, word):
    over = page(PageKind.NOTICE, clock=clock)
    assert json.loads(page_text.body(over))["ended"] == word
    assert page_text.headline(over).startswith("[Earshot] OVER: ada_flies on X ")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (1, "care-lead is paged in 15 min"),
        (2, "This is the last call"),
        (7, "This is the last call"),
    ],
)
def test_who_is_called_next(step, said):
    assert said in page_text.mail(page(step=step))


def test_a_resolution_waits_from_its_start_and_must_be_solved():
    slow = replace(CLOCK, metric=Metric.RES, target_s=8 * 3600, due_at=NOON + timedelta(hours=8))
    late = replace(page(minutes=481, clock=slow, waiting_since=None), due=due(metric="res"))
    assert "ada_flies on X waits 8 h 1 min for a solution" in page_text.mail(late)
    assert "What to do: Solve it now" in page_text.mail(late)


def test_the_day_is_named_when_it_is_not_today():
    assert "due Sat 12:15 UTC" in page_text.sms(page(minutes=24 * 60))
    assert "due 12:15:30 UTC" in page_text.sms(page(clock=replace(CLOCK, due_at=NOON + timedelta(minutes=15.5))))


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ({"author": None}, None),
        (written_by(handle="ada"), "ada"),
        (written_by(name="Ada  Flies\n"), "Ada Flies"),
        (written_by(handle="\u202e\u200b", name="Ada"), "Ada"),
        (written_by(), "501"),
    ],
)
def test_who_waits(author, expected):
    assert page(**author).author == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-5, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86_400 + 60, "1 d 1 min"),
        (3 * 86_400 + 4 * 3600 + 60, "3 d 4 h"),
    ],
)
def test_spans(seconds, expected):
    assert span(seconds) == expected


# --- text of strangers is data ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("plain", 10, "plain"),
        ("two\r\n\nlines\tand  more", 30, "two lines and more"),
        ("a\x00b\x1b[31mc\x07", 30, "a b [31mc"),
        ("\u202eevil\u2066\u2069", 10, "evil"),
        ("a\u2028b\u2029c\u00a0d", 10, "a b c d"),
        ("\ud83d lone", 10, "\ufffd lone"),
        ("\U000e0041tag\U000e007f", 10, "tag"),
        ("می\u200cخواهم", 20, "می\u200cخواهم"),  # noqa: RUF001
        ("exactly ten", 11, "exactly ten"),
        ("exactly eleven", 11, "exactly el…"),
        ("cafe\u0301s", 5, "caf…"),  # never between a letter and its accent
        ("ab👩\u200d🚀c", 4, "ab…"),
        ("   ", 5, ""),
    ],
)
def test_cleaning(text, most, expected):
    assert cleaned(text, most) == expected


def test_a_long_text_is_cut_wrapped_and_marked_in_every_line():
    mail = page_text.mail(page(latest_text="lost " * 100))
    quoted = [line for line in mail.splitlines() if line.startswith("> ")]
    assert sum(len(line) - 2 for line in quoted) <= 200
    assert "lost" not in "".join(line for line in mail.splitlines() if not line.startswith("> "))
    assert quoted[-1].endswith("…")


ANYTHING = st.text(alphabet=st.characters(exclude_categories=()), max_size=400)


@given(
    kind=st.sampled_from(PageKind),
    handle=ANYTHING,
    text=st.none() | ANYTHING,
    host=st.text("abcdefghij.-", max_size=150),
    metric=st.sampled_from(Metric),
    platform=st.sampled_from(["x", "facebook", "google_business", ""]),
)
def test_no_text_breaks_any_form(kind, handle, text, host, metric, platform):
    given_page = page(kind, latest_text=text, base_url=f"https://{host}" if host else "", **written_by(handle=handle))
    given_page = replace(given_page, due=due(kind, metric=metric), platform=platform)
    sms = gsm7.measure(page_text.sms(given_page))
    assert sms.is_gsm7
    assert sms.units <= 140
    headline = page_text.headline(given_page)
    assert headline.isascii()
    assert headline.isprintable()
    assert len(headline) < 100
    mail = page_text.mail(given_page)
    mail.encode()
    assert all(line.isprintable() or "\u200c" in line or "\u200d" in line for line in mail.splitlines())
    assert mail.count("\nWhat to do:") + mail.count("\nNothing to do.") == 1
    assert len(json.loads(page_text.body(given_page))["text"] or "") <= 200
    assert all(page_text.attributes(given_page).values())


def test_the_link_stays_whole_when_the_name_is_long():
    sms = page_text.sms(page(**written_by(name="Friederike Gräfin von Thurn und Täxis zu Hohenlohe")))
    assert sms.endswith(LINK)
    assert "Friederike Gräfin" in sms
    assert gsm7.measure(sms).units <= 140


def test_a_breach_carries_the_link_to_take_it_on():
    given = replace(page(), code="abcdefghijkmnpqr")
    url = "https://care.example/a/abcdefghijkmnpqr"
    assert page_text.sms(given) == f"LATE X: ada_flies waits 16 min, due 12:15 UTC. {url}"
    assert f"If you are on it, say so, and nobody is called for 30 min: {url}\n" in page_text.mail(given)
    assert json.loads(page_text.body(given))["ack_url"] == url


def test_the_link_is_whole_in_a_text_message_however_long_the_name():
    base_url = "https://abcdefghij.execute-api.ap-southeast-2.amazonaws.com/api"
    given = replace(page(base_url=base_url, **written_by(name="Ä" * 60)), code="abcdefghijkmnpqr")
    sms = page_text.sms(given)
    assert sms.endswith(f" {base_url}/a/abcdefghijkmnpqr")
    assert gsm7.measure(sms).units <= 140


def test_an_undeliverable_page():
    subject, text, body = page_text.page_undelivered(page())
    assert subject == "[Earshot] A page could not be delivered to on-call"
    assert "Step 1 of the ladder, to on-call" in text
    assert json.loads(body) == {
        "schema": "earshot.operations/1",
        "kind": "page_undelivered",
        "page_id": "frt:x|100|mention/0/breach/1/on-call",
        "case_id": "c0123456789abcde",
        "group": "on-call",
        "step": 1,
        "at": "2026-03-07T12:16:00Z",
    }


def test_missed_sweeps():
    subject, text, body = page_text.sweeps_missed(31, NOON)
    assert subject == "[Earshot] 31 sweeps missed"
    assert "Sat 07 Mar 2026 12:00 UTC" in text
    assert json.loads(body) == {
        "schema": "earshot.operations/1",
        "kind": "sweeps_missed",
        "count": 31,
        "at": "2026-03-07T12:00:00Z",
    }
