"""Pages as PagerDuty and chat take them."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alerts import case_alert, forwarded
from chalicelib.domain.alerts import digest as digest_alert
from chalicelib.domain.alerts.digest import Digest
from chalicelib.domain.alerts.message import written
from chalicelib.domain.case.state import CaseState
from chalicelib.domain.watch import Due, PageKind

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEY = "k" * 32


def page(kind=PageKind.BREACH, step=1, group="on-call", clock="frt:x|700|mention", generation=0, **values):
    """A page as its subscribers get it."""
    due = Due(kind=kind, clock_id=clock, generation=generation, step=step, group=group)
    made = case_alert.CaseAlert(
        due=due,
        case_id="c0123456789abcde",
        platform="x",
        state=CaseState(channel="x.main"),
        clock=None,
        policy=None,
        now=NOON,
        base_url="https://care.example.com",
        code="secret-code" if kind is PageKind.BREACH else None,
    )
    return {**json.loads(written(case_alert.alert(made)).body), **values}


def digest(kind=PageKind.BREACH, name="key/1", root="key/1"):
    made = Digest(
        id=f"digest/{name}",
        root=f"digest/{root}",
        kind=kind,
        step=1,
        group="on-call",
        policy_id="standard",
        count=30,
        pages=[],
        now=NOON,
        base_url="https://care.example.com",
    )
    return json.loads(written(digest_alert.alert(made)).body)


def test_of_schemas_only_those_that_are_published():
    assert {case_alert.SCHEMA, digest_alert.SCHEMA} == {forwarded.PAGE, forwarded.DIGEST}


# --- PagerDuty


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (PageKind.BREACH, "trigger"),
        (PageKind.NOTICE, "resolve"),
        (PageKind.WARNING, None),
        (PageKind.WINDOW, None),
    ],
)
def test_a_broken_promise_opens_an_incident_and_its_end_resolves_it(kind, action):
    for told in (page(kind), digest(kind)):
        event = forwarded.pagerduty(told, KEY)
        assert (event and event["event_action"]) == action


def test_an_event_says_all_that_pagerduty_wants():
    event = forwarded.pagerduty(page(author="ada", text="no bag"), KEY)
    assert (event["routing_key"], event["dedup_key"]) == (KEY, "frt:x|700|mention/0")
    payload = event["payload"]
    assert payload["summary"] == "A promise is broken: first reply on x.main: “ada”"
    assert (payload["source"], payload["severity"], payload["timestamp"]) == (
        "x.main",
        "critical",
        "2026-03-02T12:00:00Z",
    )
    assert (payload["component"], payload["group"], payload["class"]) == ("x", "on-call", "frt")
    assert payload["custom_details"]["text"] == "“no bag”"
    assert "ack_url" not in payload["custom_details"]
    assert [link["text"] for link in event["links"]] == ["The case", "I am on it"]


SAME_INCIDENT = [
    (page(), page(step=2, group="care-lead")),
    (page(), page(PageKind.NOTICE, step=0)),
    (page(), page(case_id="c_joined_another")),
    (digest(), digest(PageKind.NOTICE, name="key/1/notice/on-call")),
    (digest(), digest(name="key/2")),
]
OTHER_INCIDENT = [
    (page(), page(generation=1)),
    (page(), page(clock="res:x|700|mention")),
    (digest(), digest(name="key/2", root="key/2")),
]


@pytest.mark.parametrize(("one", "other"), SAME_INCIDENT)
def test_a_ladder_and_its_end_are_one_incident(one, other):
    assert forwarded.dedup_key(one) == forwarded.dedup_key(other)


@pytest.mark.parametrize(("one", "other"), OTHER_INCIDENT)
def test_another_promise_is_another_incident(one, other):
    assert forwarded.dedup_key(one) != forwarded.dedup_key(other)


def test_a_key_that_is_too_long_is_still_one_for_each_clock():
    keys = {forwarded.dedup_key(page(clock=f"frt:{'x' * 300}{end}")) for end in "ab"}
    assert len(keys) == 2
    assert {len(key) for key in keys} == {64}


# --- chat


@pytest.mark.parametrize("told", [*(page(kind) for kind in PageKind), digest()])
def test_chat_gets_its_schema(told):
    notification = forwarded.chat(told)
    assert (notification["version"], notification["source"]) == ("1.0", "custom")
    assert notification["content"]["description"]
    assert notification["metadata"]["threadId"] == told.get("case_id", "digest/key/1")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<!channel> look", "&lt;!channel&gt; look"),
        ("<https://evil.example|your bank>", "“&lt;https: //evil(.)example|your bank&gt;”"),
        ("you & me", "you &amp; me"),
        ("plain words", "“plain words”"),
    ],
)
def test_a_stranger_calls_nobody_and_marks_nothing_up(written, shown):
    assert shown in forwarded.chat(page(text=written))["content"]["description"]


@given(st.text())
def test_no_markup_of_a_stranger_survives(written):
    assert not set(forwarded.unmarked(written)) & set("<>*_~`[]")


@given(st.text(max_size=5000), st.text(max_size=500), st.text(min_size=1, max_size=300))
def test_whatever_is_written_fits(text, author, channel):
    told = page(text=text, author=author, channel=channel)
    content = forwarded.chat(told)["content"]
    assert len(content["title"]) <= 250
    assert len(content["description"]) <= 8000
    assert len(forwarded.pagerduty(told, KEY)["payload"]["summary"]) <= 1024


# --- incidents --------------------------------------------------------------------------------------------------


def incident(kind="crisis", **values):
    body = {
        "schema": forwarded.INCIDENT,
        "id": f"i0123456789abcde/{kind}/0",
        "root": "i0123456789abcde",
        "kind": kind,
        "severity": "critical",
        "group": "care-lead",
        "at": "2026-03-02T12:00:00Z",
        "incident_id": "i0123456789abcde",
        "url": "https://care.example.com/console/incidents/i0123456789abcde",
        "title": "Many write about “login”",
        "people": 40,
    }
    return {**body, **values}


@pytest.mark.parametrize(
    ("kind", "action"), [("crisis", "trigger"), ("crisis_growth", "trigger"), ("crisis_over", "resolve")]
)
def test_an_incident_opens_and_resolves_one_of_pagerduty(kind, action):
    event = forwarded.pagerduty(incident(kind), KEY)
    assert (event["event_action"], event["dedup_key"]) == (action, "i0123456789abcde")
    assert "40 people" in event["payload"]["summary"]
    assert event["links"][0]["text"] == "The incident"


def test_an_incident_has_a_thread_of_its_own_in_chat():
    told = forwarded.chat(incident(title="*bold* <b>"))
    assert told["metadata"]["threadId"] == "i0123456789abcde"
    assert "*" not in told["content"]["title"]
    assert "<" not in told["content"]["title"].replace("&lt;", "")
