"""How long a platform lets us answer in private, and what the team hears of it (R17)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import connectors
from chalicelib.domain import platforms
from chalicelib.domain.platforms import Platform, ReplyWindow
from chalicelib.domain.windows import objection, window_of
from tests.usecases.sweeps import P_VIP, Story, mention, moment, reply

NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
WINDOW = window_of("facebook", private=True, written_at=NOON)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("platform", "private", "written_at"),
    [("x", True, NOON), ("facebook", False, NOON), ("facebook", True, None)],
)
def test_where_there_is_no_window_nothing_is_refused(platform, private, written_at):
    window = window_of(platform, private=private, written_at=written_at)
    assert window is None
    assert objection(window, NOON + 365 * DAY, automatic=True) is None


@pytest.mark.parametrize(
    ("after", "person", "machine"),
    [
        (timedelta(0), True, True),
        (DAY, True, True),
        (DAY + SECOND, True, False),
        (7 * DAY, True, False),
        (7 * DAY + SECOND, False, False),
    ],
)
def test_who_may_answer_until_when(after, person, machine):
    assert (objection(WINDOW, NOON + after, automatic=False) is None) == person
    assert (objection(WINDOW, NOON + after, automatic=True) is None) == machine
    assert WINDOW.needs_person(NOON + after) == (person and not machine)


def private(message_id, at, **values):
    return replace(
        mention(message_id, at, thread_id="t1", **values), platform="facebook", channel="f.main", private=True
    )


def windows(story):
    return [(at, number) for at, kind, number, _ in story.heard if kind == "window"]


def test_the_team_hears_before_each_end_and_what_it_means():
    story = Story(P_VIP, private("100", "2026-03-07 12:00")).until("2026-03-08 09:58", "2026-03-08 10:01")
    assert windows(story) == [("2026-03-08 10:00", 1)]
    page = next(message for message in story.alerts.published if message.attributes["kind"] == "window")
    assert "after Sun 8 Mar 2026, 12:00 UTC only a person may answer" in page.text
    assert page.attributes["group"] == "team"
    story.until("2026-03-14 09:59", "2026-03-14 10:01")
    assert windows(story)[-1] == ("2026-03-14 10:00", 2)
    assert "nobody can answer in this conversation" in story.alerts.published[-1].text


def test_nobody_hears_of_a_window_when_nobody_waits():
    answer = replace(
        reply("101", "2026-03-07 13:00", thread_id="t1"), platform="facebook", channel="f.main", private=True
    )
    story = Story(P_VIP, private("100", "2026-03-07 12:00"), answer).until("2026-03-07 13:01", "2026-03-07 13:03")
    story.until("2026-03-08 09:58", "2026-03-08 12:01")
    assert windows(story) == []


def test_a_window_that_closed_while_no_sweep_ran_is_not_told_of_and_not_looked_at_again():
    story = Story(P_VIP, private("100", "2026-03-07 12:00")).until("2026-03-08 12:01", "2026-03-08 12:03")
    assert windows(story) == []
    assert story.case().next_at == moment("2026-03-14 10:00")


# --- what the manifest of some platform may say -----------------------------------------------------------------


@pytest.fixture
def some_platform():
    """Installs what a platform "some" says of itself, and takes it back."""

    def say(window):
        platforms.install(lambda name: Platform(window=window) if name == "some" else connectors.core(name))

    yield say
    platforms.install(connectors.core)


@pytest.mark.parametrize(
    ("standard", "by_person", "told"),
    [
        (timedelta(hours=48), timedelta(days=3), ("two days", "three days")),
        (timedelta(hours=36), timedelta(days=14), ("1 d 12 h", "14 d")),
        (timedelta(minutes=90), timedelta(hours=24), ("1 h 30 min", "a day")),
    ],
)
def test_an_objection_names_the_platforms_own_lengths(some_platform, standard, by_person, told):
    some_platform(ReplyWindow(standard=standard, by_person=by_person))
    window = window_of("some", private=True, written_at=NOON)
    assert f"More than {told[0]} after" in (objection(window, NOON + standard + SECOND, automatic=True) or "")
    assert f"more than {told[1]} after" in (objection(window, NOON + by_person + SECOND, automatic=False) or "")


def test_one_end_has_one_notice(some_platform):
    some_platform(ReplyWindow(standard=DAY, by_person=DAY))
    message = replace(private("100", "2026-03-07 12:00"), platform="some")
    story = Story(P_VIP, message).until("2026-03-08 09:58", "2026-03-08 11:59")
    assert windows(story) == [("2026-03-08 10:00", 2)]


def test_a_platform_that_nobody_knows_has_neutral_values():
    assert platforms.platform_of("nowhere_yet") == Platform(name="", mention_prefix="", window=None)
    assert platforms.name_of("nowhere_yet") == "Nowhere Yet"
