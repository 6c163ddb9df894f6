"""What complaints are about, and whether a cause that was called fixed came back."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.causes import CauseLine, complaints, roll_up, totals
from chalicelib.domain.events import from_fact
from chalicelib.domain.fixes import FixSeen, FixStatus, What, called_fixed, fix_id_of, judged, what
from chalicelib.domain.history import history
from chalicelib.domain.labels import Labels
from tests.domain.incidents.people import signal
from tests.usecases.world import PROMISES, T0, deleted, wrote

BOOKS = PROMISES.books


def labels(*aspects, topics=(), complaint="yes", noise="signal"):
    return Labels.from_plain(
        {
            "complaint": {"value": complaint, "score": 0.9},
            "noise": {"value": noise, "score": 0.9},
            "aspects": [{"name": name, "value": value, "score": 0.8} for name, value in aspects],
            "topics": [{"kind": kind, "name": name} for kind, name in topics],
            "engine": "test",
        }
    )


BAD_APP = labels(("app", "negative"), ("staff", "positive"), topics=[("product", "Larkspur App")])


def lines(*said):
    events = [from_fact(fact, labels=judged_as, book=1) for fact, judged_as in said]
    return list(complaints(history(events, BOOKS), BOOKS))


def abouts(found):
    return [(line.day, line.about.kind, line.about.name, line.cases) for line in found]


def test_a_case_counts_once_a_day_for_each_thing():
    twice = lines((wrote("100", 0), BAD_APP), (wrote("101", 5), BAD_APP), (wrote("102", 60 * 24), BAD_APP))
    day, next_day = T0.date(), T0.date() + timedelta(days=1)
    assert abouts(twice) == [
        (day, "aspect", "app", 1),
        (day, "product", "Larkspur App", 1),
        (next_day, "aspect", "app", 1),
        (next_day, "product", "Larkspur App", 1),
    ]


@pytest.mark.parametrize(
    "judged_as",
    [
        labels(("app", "positive"), topics=[("product", "Larkspur App")], complaint="no"),
        labels(("app", "neutral"), complaint="no"),
        labels(("app", "negative"), topics=[("place", "Harwick")], noise="noise"),
        None,
    ],
)
def test_what_is_no_complaint_counts_nowhere(judged_as):
    assert lines((wrote("100", 0), judged_as)) == []


def test_what_its_author_deleted_counts_nowhere():
    assert lines((wrote("100", 0), BAD_APP), (deleted("100", 5), None)) == []
    assert list(complaints((), BOOKS)) == []


def test_lines_add_up_in_any_order():
    both = [*lines((wrote("100", 0), BAD_APP)), *lines((wrote("200", 1, who="502"), BAD_APP))]
    assert roll_up(both) == roll_up(reversed(both))
    assert totals(roll_up(both)) == {("aspect", "app"): 2, ("product", "Larkspur App"): 2}
    assert roll_up([]) == ()
    assert isinstance(roll_up(both)[0], CauseLine)


# --- called fixed -----------------------------------------------------------------------------------------------

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
APP = what(aspect="app", topic=None, terms=["Anmeldung"])


def a_fix(before=0.0, fixed_at=NOW - timedelta(days=3)):
    return called_fixed(APP, before=before, note="new server", actor="lea", now=fixed_at, known=None)


def people(number, *, hours_ago=1.0):
    at = NOW - timedelta(hours=hours_ago)
    return [FixSeen(at=at, case_id=f"c{n}", who=f"w{n}") for n in range(number)]


@pytest.mark.parametrize(
    ("before", "number", "status"),
    [
        (0.0, 2, FixStatus.FIXED),
        (0.0, 5, FixStatus.REOPENED),
        (4.0, 5, FixStatus.FIXED),
        (40.0, 22, FixStatus.FIXED),
        (4.0, 14, FixStatus.REOPENED),
        (40.0, 160, FixStatus.REOPENED),
    ],
)
def test_it_comes_back_when_more_complain_than_chance_explains(before, number, status):
    assert judged(a_fix(before), people(number), NOW).status is status


def test_a_slow_return_is_seen_in_the_week():
    fix = a_fix(0.5, NOW - timedelta(days=8))
    spread = [seen for n in range(12) for seen in people(n + 1, hours_ago=12.0 * (n + 1))[-1:]]
    again = judged(fix, spread, NOW)
    assert again.status is FixStatus.REOPENED
    assert "in the last week" in again.why


def test_it_says_how_many_and_which():
    again = judged(a_fix(), people(30), NOW)
    assert (again.people, again.reopened_at, len(again.cases)) == (30, NOW, 20)
    assert again.why.startswith("30 people complained in the last day; 0.2 at most would be expected of a fixed cause.")
    assert [deed.actor for deed in again.history] == ["lea", "earshot"]


def test_one_person_who_writes_often_is_one():
    alone = [FixSeen(at=NOW - timedelta(minutes=n), case_id=f"c{n}", who="w1") for n in range(30)]
    assert judged(a_fix(), alone, NOW).status is FixStatus.FIXED


def test_what_was_said_before_does_not_count():
    assert judged(a_fix(fixed_at=NOW - timedelta(minutes=30)), people(30), NOW).status is FixStatus.FIXED


def test_fixed_again_begins_anew_and_keeps_what_was():
    again = judged(a_fix(), people(30), NOW)
    fixed = called_fixed(APP, before=1.0, note="really", actor="lea", now=NOW, known=again)
    assert (fixed.fix_id, fixed.status, fixed.people, fixed.told_at) == (again.fix_id, FixStatus.FIXED, 0, None)
    assert len(fixed.history) == 3
    assert judged(fixed, people(30), NOW + timedelta(minutes=1)).status is FixStatus.FIXED


@pytest.mark.parametrize(
    ("cause", "covers"),
    [
        (What(aspect="app"), True),
        (What(aspect="staff"), False),
        (What(topic="product:Larkspur App"), True),
        (What(topic="place:Harwick"), False),
        (What(aspect="app", topic="product:Larkspur App", terms=("login",)), True),
        (What(aspect="app", terms=("payment",)), False),
        (What(terms=("login", "broken")), True),
    ],
)
def test_every_part_must_be_there(cause, covers):
    said = signal(1, "login broken", aspects=("app",), topics=("product:Larkspur App",))
    assert cause.covers(said) is covers


def test_words_are_folded_and_the_same_cause_has_the_same_id():
    one, other = (
        what(aspect=None, topic=None, terms=["Störung", "App"]),
        what(aspect=None, topic=None, terms=["app", "storung"]),
    )
    assert fix_id_of(one) == fix_id_of(other)
    assert one.words == "“app”, “storung”"
    assert What().is_empty
    assert date(2026, 3, 10) == NOW.date()
