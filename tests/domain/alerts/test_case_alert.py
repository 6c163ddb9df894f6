"""What people read when a page reaches them, and what a stranger's text cannot do to it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.alerts import case_alert, gsm7
from chalicelib.domain.alerts.case_alert import CaseAlert
from chalicelib.domain.alerts.message import written
from chalicelib.domain.calendar import Calendar, Window, always_open
from chalicelib.domain.case.state import CaseState, Waiter
from chalicelib.domain.clock import Clock, Metric, Outcome
from chalicelib.domain.facts import Author
from chalicelib.domain.labels import Urgency
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
    return CaseAlert(
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


def mail(given_page):
    return written(case_alert.alert(given_page)).text


def subject(given_page):
    return written(case_alert.alert(given_page)).subject


def sms(given_page):
    return written(case_alert.alert(given_page)).sms


def body(given_page):
    return written(case_alert.alert(given_page)).body


LINK = "https://care.example/c/c0123456789abcde"

# --- the whole of it --------------------------------------------------------------------------------------------

WARNING_MAIL = """\
DUE SOON: “ada_flies” on X waits 12 min for a first reply.

Case:        c0123456789abcde
Platform:    X (x.main), public
Visible to:  everybody; 12,345 followers
Waiting:     since Sat 7 Mar 2026, 12:00 UTC
Promise:     first reply within 15 min (policy vip)
Breaks:      after Sat 7 Mar 2026, 12:15 UTC
Assigned to: nobody

The customer wrote (a stranger's words: follow no instruction or link in them):
> “where is my bag?”

What to do: Answer the customer by Sat 7 Mar 2026, 12:15 UTC: https://care.example/c/c0123456789abcde
If nobody answers or takes it, on-call is paged when the promise breaks.

Message frt:x|100|mention/0/warning/0/on-call
"""
BREACH_MAIL = """\
LATE: “ada_flies” on X waits 16 min for a first reply.

Case:        c0123456789abcde
Platform:    X (x.main), private
Visible to:  nobody else, it is a private conversation
Waiting:     since Sat 7 Mar 2026, 13:00 CET (12:00 UTC)
Promise:     first reply within 15 min of opening hours (policy vip)
Broken:      since Sat 7 Mar 2026, 13:15 CET (12:15 UTC)
Assigned to: bo

The customer wrote (a stranger's words: follow no instruction or link in them):
> “where is my bag?”

What to do: Answer the customer now: https://care.example/c/c0123456789abcde
If nobody answers or takes it, care-lead is paged in 15 min.

Message frt:x|100|mention/0/breach/1/on-call
"""
NOTICE_MAIL = """\
OVER: “ada_flies” on X has been answered.

Case:        c0123456789abcde
Platform:    X (x.main), public
Visible to:  everybody; how many follow is not known
Promise:     first reply within 15 min (policy vip)
Broken:      since Sat 7 Mar 2026, 12:15 UTC
Ended:       Sat 7 Mar 2026, 12:28 UTC
Assigned to: nobody

There is no text to show.

Nothing to do. The case: https://care.example/c/c0123456789abcde

Message frt:x|100|mention/0/notice/0/on-call
"""


@pytest.mark.parametrize(
    ("given_page", "as_mail", "as_subject", "as_sms"),
    [
        (
            page(PageKind.WARNING, minutes=12),
            WARNING_MAIL,
            '[Earshot] DUE SOON: "ada_flies" on X waits 12 min for a first reply',
            f'DUE SOON X: "ada_flies" waits 12 min, due 12:15 UTC. {LINK}',
        ),
        (
            page(policy=MADRID, private=True, assignee="bo"),
            BREACH_MAIL,
            '[Earshot] LATE: "ada_flies" on X waits 16 min for a first reply',
            f'LATE X: "ada_flies" waits 16 min, due 13:15 CET. {LINK}',
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
            '[Earshot] OVER: "ada_flies" on X has been answered',
            f'OVER X: "ada_flies" has been answered. {LINK}',
        ),
    ],
    ids=["warning", "breach", "notice"],
)
def test_a_page_in_words(given_page, as_mail, as_subject, as_sms):
    assert mail(given_page) == as_mail
    assert subject(given_page) == as_subject
    assert sms(given_page) == as_sms


def test_a_page_as_data():
    assert json.loads(body(page(assignee="bo"))) == {
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
    known = json.loads(body(page()))
    found = json.loads(body(bare))
    assert found.keys() == known.keys()
    assert {name for name, value in found.items() if value is None} == {
        "url", "ack_url", "assignee", "policy", "due_at", "breach_at", "waiting_since", "author", "followers", "text"
    }  # fmt: skip
    assert all(case_alert.attributes(bare).values())
    assert "a customer on Unknown" in mail(bare)


@pytest.mark.parametrize(
    ("kind", "severity"),
    [(PageKind.WARNING, "warning"), (PageKind.BREACH, "critical"), (PageKind.NOTICE, "info")],
)
def test_what_subscriptions_filter_by(kind, severity):
    found = case_alert.attributes(page(kind))
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
    assert json.loads(body(over))["ended"] == word
    assert subject(over).startswith('[Earshot] OVER: "ada_flies" on X ')


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (1, "care-lead is paged in 15 min"),
        (2, "This is the last call"),
        (7, "This is the last call"),
    ],
)
def test_who_is_called_next(step, said):
    assert said in mail(page(step=step))


def test_a_resolution_waits_from_its_start_and_must_be_solved():
    slow = replace(CLOCK, metric=Metric.RES, target_s=8 * 3600, due_at=NOON + timedelta(hours=8))
    late = replace(page(minutes=481, clock=slow, waiting_since=None), due=due(metric="res"))
    assert "“ada_flies” on X waits 8 h 1 min for a solution" in mail(late)
    assert "What to do: Solve it now" in mail(late)


def test_the_day_is_named_when_it_is_not_today():
    assert "due Sat 12:15 UTC" in sms(page(minutes=24 * 60))
    assert "due 12:15:30 UTC" in sms(page(clock=replace(CLOCK, due_at=NOON + timedelta(minutes=15.5))))


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
    assert json.loads(body(page(**author)))["author"] == expected


# --- text of strangers is data ----------------------------------------------------------------------------------


def test_a_long_text_is_cut_wrapped_and_marked_in_every_line():
    text = mail(page(latest_text="lost " * 100))
    quoted = [line for line in text.splitlines() if line.startswith("> ")]
    assert sum(len(line) - 2 for line in quoted) <= 202
    assert "lost" not in "".join(line for line in text.splitlines() if not line.startswith("> "))
    assert quoted[-1].endswith("…”")


def test_the_link_stays_whole_when_the_name_is_long():
    text = sms(page(**written_by(name="Friederike Gräfin von Thurn und Täxis zu Hohenlohe")))
    assert text.endswith(LINK)
    assert '"Friederike Gräfin' in text
    assert gsm7.measure(text).units <= 140


def test_a_breach_carries_the_link_to_take_it_on():
    given = replace(page(), code="abcdefghijkmnpqr")
    url = "https://care.example/a/abcdefghijkmnpqr"
    assert sms(given) == f'LATE X: "ada_flies" waits 16 min, due 12:15 UTC. {url}'
    assert f"If you are on it, say so, and nobody is called for 30 min: {url}\n" in mail(given)
    assert json.loads(body(given))["ack_url"] == url


def test_where_several_people_wrote_the_page_is_about_the_one_who_was_promised_it():
    waiters = (
        Waiter(person="501", since=CLOCK.started_at, key="x|99|mention", name="tova"),
        Waiter(person="502", since=CLOCK.started_at + timedelta(minutes=1), key=CLOCK.message_key, name="ulf"),
    )
    shared = page(waiters=waiters, people=frozenset({"501", "502"}), author=Author(id="501", handle="tova"))
    assert (shared.author, shared.waiting_since, shared.text) == ("ulf", waiters[1].since, None)
    assert "ulf" in mail(shared)
    assert "tova" not in mail(shared) + sms(shared)
