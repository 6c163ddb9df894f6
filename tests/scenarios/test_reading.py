"""Scenario files: times as people write them, and mistakes named with their place."""

from datetime import UTC, date, datetime

import pytest

from chalicelib.domain.calendar import zone_of
from chalicelib.ports.notation import Malformed
from infra.scenarios.moments import duration_text, moment_text, read_day, read_moment
from infra.scenarios.reading import ScenarioInvalid, read_file

LONDON = zone_of("Europe/London")
NEW_YORK = zone_of("America/New_York")
TUESDAY = date(2026, 3, 3)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("10:00", LONDON, utc(2026, 3, 3, 10)),
        ("10:00:30", LONDON, utc(2026, 3, 3, 10, 0, 30)),
        ("10:00", NEW_YORK, utc(2026, 3, 3, 15)),
        ("10:00Z", NEW_YORK, utc(2026, 3, 3, 10)),
        ("Tue 10:00", LONDON, utc(2026, 3, 3, 10)),
        ("Mon 09:30", LONDON, utc(2026, 3, 9, 9, 30)),
        ("Tue 10 Mar 11:00", LONDON, utc(2026, 3, 10, 11)),
        ("Tue 7 Apr 2026 09:15", LONDON, utc(2026, 4, 7, 8, 15)),
        ("2026-03-03T10:00:30Z", NEW_YORK, utc(2026, 3, 3, 10, 0, 30)),
        ("2026-03-03 10:00", NEW_YORK, utc(2026, 3, 3, 15)),
        (datetime(2026, 3, 3, 10), LONDON, utc(2026, 3, 3, 10)),  # noqa: DTZ001  as TOML has it
        ("Sun 25 Oct 2026 01:30", LONDON, utc(2026, 10, 25, 0, 30)),  # the first of two
    ],
)
def test_a_time(text, zone, moment):
    assert read_moment(text, zone, TUESDAY) == moment


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("25:00", "is not a time"),
        ("ten o'clock", "is not a time"),
        (10, "is not a time"),
        ("2026-13-01", "is not a time"),
        ("Wed 3 Mar 2026 10:00", "that day is a Tue"),
        ("30 Feb 2026 10:00", "does not exist"),
        ("Sun 29 Mar 2026 01:30", "clocks go forward"),
    ],
)
def test_what_is_no_time(text, says):
    with pytest.raises(Malformed, match=says):
        read_moment(text, LONDON, TUESDAY)


@pytest.mark.parametrize("text", ["10:00", "Tue 10:00", "Tue 3 Mar 10:00"])
def test_a_time_needs_a_day(text):
    with pytest.raises(Malformed, match=r"no (date|year)"):
        read_moment(text, LONDON, None)


def test_a_day():
    assert read_day("Tue 3 Mar 2026") == read_day(TUESDAY) == TUESDAY
    for wrong in ("Tue 3 Mar", "today", utc(2026, 3, 3)):
        with pytest.raises(Malformed):
            read_day(wrong)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 min"), (30, "30 s"), (5250, "1 h 27 min 30 s"), (7200, "2 h"), (None, "none")]
)
def test_durations_are_shown(seconds, text):
    assert duration_text(seconds) == text


def test_moments_are_shown_where_they_happen():
    assert moment_text(utc(2026, 4, 7, 8, 15), LONDON) == "Tue 7 Apr 2026 09:15:00 BST"
    assert moment_text(None, LONDON) == "none"


# --- files ------------------------------------------------------------------------------------------------------

GOOD = """
[policies]
version = 1
[policies.calendars.always]
zone = "UTC"
hours = "24/7"
[policies.ladders.care]
warn = "team"
steps = [{ group = "on-call", after = "0 min" }]
[[policies.policies]]
id = "only"
calendar = "always"
ladder = "care"
targets = { first_reply = "60 min" }

[[scenario]]
id = "one"
title = "One"
day = "Tue 3 Mar 2026"
timeline = [{ at = "10:00", do = "message" }]
until = "10:30"
[scenario.expect]
frt = { due = "11:00" }
"""


def problems(tmp_path, text):
    file = tmp_path / "file.toml"
    file.write_text(text)
    with pytest.raises(ScenarioInvalid) as caught:
        read_file(file)
    assert str(file) in str(caught.value)
    return [str(problem) for problem in caught.value.problems]


def test_a_good_file(tmp_path):
    file = tmp_path / "file.toml"
    file.write_text(GOOD)
    [scenario] = read_file(file)
    assert (scenario.id, scenario.timeline[0]["id"], scenario.expected[0].at) == ("one", "100", utc(2026, 3, 3, 10, 30))


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ("[scenario.expect]", "[scenario.expects]", "scenario one.expects", "is not known here; did you mean 'expect'"),
        ('do = "message"', 'do = "massage"', "scenario one.timeline[0].do", "did you mean 'message'"),
        ('do = "message"', 'do = "message", whom = "bo"', "scenario one.timeline[0].whom", "did you mean 'who'"),
        ('do = "message"', 'do = "delete"', "scenario one.timeline[0].of", "is missing"),
        ('at = "10:00"', 'at = "25:00"', "scenario one.timeline[0].at", "is not a time"),
        ('due = "11:00"', 'due = "soon"', "scenario one.expect.frt.due", "is not a time"),
        ('due = "11:00"', 'dew = "11:00"', "scenario one.expect.frt.dew", "did you mean 'due'"),
        ('until = "10:30"', "", "scenario one.until", "is missing"),
        ('id = "one"', 'id = "one"\npolicy = "other"', "scenario one.policy", "'other' is not known here"),
        ('id = "one"', 'id = "one"\npolicy = ["only", "only"]', "scenario one.policy", "name each once"),
        ('id = "one"', 'id = "one"\nzone = "Mars"', "scenario one.zone", "Mars"),
        (
            'id = "one"',
            'id = "one"\nfaults = { sweeps_missed = [["10:00"]] }',
            "scenario one.faults.sweeps_missed[0]",
            "is not a span",
        ),
        ('first_reply = "60 min"', 'first_reply = "1 d"', "policies.policies.only.targets.first_reply", "days"),
        ("[[scenario]]", "[[scenarios]]", "scenarios", "is not known here"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, old, new, place, says):
    assert old in GOOD
    found = problems(tmp_path, GOOD.replace(old, new))
    assert any(one.startswith(f"{place}: ") and says in one for one in found), found


def test_what_is_no_toml_says_where(tmp_path):
    assert "line 1" in problems(tmp_path, "what?")[0]


def test_a_policy_file_is_told_from_one_of_scenarios(tmp_path):
    assert "--policies" in problems(tmp_path, "version = 1")[0]


def test_a_file_without_policies_must_be_given_some(tmp_path):
    without = GOOD[GOOD.index("[[scenario]]") :]
    assert "has no policies" in problems(tmp_path, without)[0]
    file, policies = tmp_path / "file.toml", tmp_path / "policies.toml"
    policies.write_text(GOOD[: GOOD.index("[[scenario]]")].replace("[policies]", "").replace("policies.", ""))
    assert len(read_file(file, policies=policies)) == 1
    file.write_text(f'policies = "policies.toml"\n{without}')
    assert len(read_file(file)) == 1
    policies.unlink()
    assert "there is no file" in problems(tmp_path, file.read_text())[0]


def test_ids_are_unique(tmp_path):
    twice = GOOD + GOOD[GOOD.index("[[scenario]]") :]
    assert any("another scenario has this id" in one for one in problems(tmp_path, twice))
