"""From opening to closing, in words, and when somebody must be woken."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.alerts import gsm7
from chalicelib.domain.alerts import incident as incident_alert
from chalicelib.domain.alerts.message import MOST_SMS_SEPTETS, MOST_SUBJECT_CHARS, written
from chalicelib.domain.incidents import crisis
from chalicelib.domain.incidents.groups import Cause, Evidence, IncidentDraft
from chalicelib.domain.incidents.incident import (
    Act,
    Deed,
    IncidentStatus,
    Member,
    PageStep,
    aged,
    closed,
    counted,
    opened,
    title_of,
)
from chalicelib.domain.incidents.usual import UsualCount
from chalicelib.domain.labels import Urgency
from tests.domain.incidents.people import LOGIN, NOW, several
from tests.usecases.world import PROMISES

BOOK = PROMISES.books[1]
EVIDENCE = Evidence(
    feature="term:login",
    people=11,
    span=timedelta(minutes=20),
    expected=UsualCount(mean=0.3, shape=2.0, hours=24, is_weekly=True),
    zeros=7.2,
)
CAUSES = (Cause(feature="term:login", weight=5.0), Cause(feature="aspect:app", weight=2.4, learned=True))


def an_incident(number=12, **values):
    draft = IncidentDraft(
        causes=CAUSES, signals=tuple(several(LOGIN, number, **values)), evidence=(EVIDENCE,), zeros=7.2
    )
    return opened(draft, NOW)


def member(number, minutes=0, **values):
    at = NOW - timedelta(minutes=minutes)
    defaults = {"case_id": f"c{number:015x}", "at": at, "joined_at": NOW, "channel": "x.main", "who": f"w{number}"}
    return Member(**{**defaults, **values})


def test_it_opens_with_its_people_and_reasons():
    incident, members = an_incident(12, reach=500)
    assert (incident.people, incident.reach, incident.status) == (12, 6000, IncidentStatus.OPEN)
    assert len(members) == 12
    assert incident.severity is Urgency.HIGH
    assert incident.why == (
        "“login”: 11 people in 20 minutes, where 0.3 would be usual by this weekday and hour. "
        "By chance that happens about 1 in 20,000,000.",
    )
    assert [deed.act for deed in incident.history] == [Act.OPENED]


def test_its_id_follows_from_what_it_is_about():
    assert an_incident()[0].incident_id == an_incident(20)[0].incident_id
    other = IncidentDraft(causes=CAUSES[1:], signals=tuple(several(LOGIN, 9)), evidence=(EVIDENCE,), zeros=7.2)
    assert opened(other, NOW)[0].incident_id != an_incident()[0].incident_id


def test_a_case_counts_once_and_who_was_taken_out_not_at_all():
    incident, _ = an_incident()
    members = [
        member(1, reach=10),
        member(2, reach=None),
        member(3, reach=99, is_out=True),
        member(4, who="w1", reach=10),
    ]
    again = counted(incident, members)
    assert (again.people, again.reach, again.unknown_reach) == (2, 10, 1)
    assert counted(incident, []).people == 0


@pytest.mark.parametrize(
    ("urgencies", "negative", "severity"),
    [
        ([Urgency.NORMAL] * 10, False, Urgency.NORMAL),
        ([Urgency.CRITICAL] * 2 + [Urgency.NORMAL] * 20, False, Urgency.NORMAL),
        ([Urgency.CRITICAL] * 3 + [Urgency.NORMAL] * 20, False, Urgency.CRITICAL),
        ([Urgency.HIGH] * 3 + [Urgency.NORMAL] * 9, False, Urgency.HIGH),
        ([Urgency.LOW] * 10, True, Urgency.HIGH),
    ],
)
def test_severity(urgencies, negative, severity):
    incident, _ = an_incident()
    members = [member(n, urgency=urgency, is_negative=negative) for n, urgency in enumerate(urgencies)]
    assert counted(incident, members).severity is severity


def test_it_is_watched_then_closed_and_comes_back_in_between():
    incident, _ = an_incident()
    incident = replace(incident, last_at=NOW)
    watched = aged(incident, NOW + timedelta(minutes=30))
    assert watched.status is IncidentStatus.WATCHING
    back = aged(replace(watched, last_at=NOW + timedelta(minutes=40)), NOW + timedelta(minutes=41))
    assert back.status is IncidentStatus.OPEN
    over = aged(watched, NOW + timedelta(hours=2))
    assert (over.status, over.closed_at) == (IncidentStatus.CLOSED, NOW + timedelta(hours=2))
    assert aged(over, NOW + timedelta(hours=3)) == over
    assert aged(over, NOW + timedelta(hours=4)).is_settled
    assert aged(incident, NOW + timedelta(minutes=29)) is incident


@pytest.mark.parametrize(
    ("features", "title"),
    [
        (["term:login", "aspect:app", "product:Larkspur App"], "Many write about site or app, Larkspur App, “login”"),
        (["thread:abc"], "Many write the same"),
        (["channel:x.main"], "Many write about complaints on x.main"),
        (["term:\u202eevil\x00word"], "Many write about “evil word”"),
    ],
)
def test_a_title_is_plain_words(features, title):
    assert title_of(Cause(feature=feature, weight=4.0) for feature in features) == title


# --- when somebody is woken -------------------------------------------------------------------------------------


def pressed(people, recent, reach, severity):
    return crisis.Pressure(people=people, recent=recent, reach=reach, severity=severity)


@pytest.mark.parametrize(
    ("found", "points", "total"),
    [
        (pressed(9, 4, 0, Urgency.NORMAL), (0, 0, 0, 0), 0),
        (pressed(10, 5, 10_000, Urgency.HIGH), (1, 1, 1, 1), 4),
        (pressed(25, 15, 99_999, Urgency.HIGH), (2, 2, 1, 1), 6),
        (pressed(50, 40, 1_000_000, Urgency.CRITICAL), (3, 3, 3, 3), 12),
    ],
)
def test_points(found, points, total):
    assert (found.points, found.total) == (points, total)
    assert f"{total} points" in found.words


SETTINGS = crisis.CrisisSettings()
LOUD = pressed(30, 20, 20_000, Urgency.HIGH)


def told(incident, found=LOUD, now=NOW):
    return crisis.claimed(incident, found, "lead", SETTINGS, now)


def test_one_call_and_not_fifty():
    incident, _ = an_incident()
    once = told(incident)
    assert [(call.step, call.group, call.people) for call in once.calls] == [(PageStep.CRISIS, "lead", 30)]
    assert told(once) is once
    assert told(once, pressed(299, 99, 10**7, Urgency.CRITICAL)) is once


def test_another_when_ten_times_as_many_are_affected():
    once = told(an_incident()[0])
    twice = told(once, pressed(300, 99, 10**7, Urgency.CRITICAL))
    assert [call.step for call in twice.calls] == [PageStep.CRISIS, PageStep.GROWTH]
    assert len({call.call_id for call in twice.calls}) == 2


def test_below_the_threshold_nobody_is_woken():
    incident, _ = an_incident()
    assert told(incident, pressed(10, 5, 10_000, Urgency.HIGH)) is incident
    assert told(incident, pressed(9, 9, 10**7, Urgency.CRITICAL)) is incident


def test_one_it_is_over_and_only_for_who_was_called():
    incident, _ = an_incident()
    over = closed(told(incident), Deed(act=Act.CLOSED, at=NOW))
    once = told(over)
    assert [call.step for call in once.calls] == [PageStep.CRISIS, PageStep.OVER]
    assert told(once) is once
    quiet = closed(incident, Deed(act=Act.CLOSED, at=NOW))
    assert told(quiet) is quiet


def test_whom_it_wakes():
    assert crisis.group_of(SETTINGS, BOOK) == "lead"
    assert crisis.group_of(crisis.CrisisSettings(group="press-office"), BOOK) == "press-office"


@pytest.mark.parametrize("title", ["Many write about “login”", "🔥" * 90, "x" * 100, "ÄÖÜ " * 25])
@pytest.mark.parametrize("base_url", ["", "https://care.example/api", f"https://{'long' * 20}.example"])
def test_every_form_fits(title, base_url):
    incident = told(replace(an_incident()[0], title=title))
    for step in PageStep:
        call = replace(incident.calls[0], step=step)
        one = incident_alert.ToldIncident(call=call, incident=incident, words=LOUD.words, base_url=base_url)
        message = written(incident_alert.alert(one))
        measured = gsm7.measure(message.sms)
        assert measured.is_gsm7
        assert measured.units <= MOST_SMS_SEPTETS
        assert message.sms.endswith(one.url or incident.incident_id)
        assert len(message.subject) <= MOST_SUBJECT_CHARS
        assert message.subject.isascii()
        assert "" not in message.attributes.values()
        assert json.loads(message.body)["root"] == incident.incident_id
        assert call.call_id in message.text


def test_a_reach_that_nobody_knows_is_unknown_and_never_none():
    incident, _ = an_incident(12, reach=500)
    unknown = counted(incident, [member(number, reach=None) for number in range(3)])
    assert (unknown.reach, unknown.unknown_reach, unknown.seen_by) == (None, 3, "unknown: the platform does not say")
    some = counted(incident, [member(1, reach=10), member(2, reach=None)])
    assert some.seen_by == "10 followers, of 1 nobody knows"
    found = crisis.pressure(unknown, [], incident.opened_at)
    assert "unknown followers (0)" in found.words
    assert counted(incident, [member(1, reach=0)]).seen_by == "0 followers"
