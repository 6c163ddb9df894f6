"""Scenario files: times as people write them, and mistakes named with their place."""

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.documents.durations import BadValue
from chalicelib.domain.calendar import zone_of
from infra.scenarios.moments import duration_text, moment_text, read_day, read_moment
from infra.scenarios.reading import ScenarioInvalid, read_document, read_file

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
    with pytest.raises(BadValue, match=says):
        read_moment(text, LONDON, TUESDAY)


@pytest.mark.parametrize("text", ["10:00", "Tue 10:00", "Tue 3 Mar 10:00"])
def test_a_time_needs_a_day(text):
    with pytest.raises(BadValue, match=r"no (date|year)"):
        read_moment(text, LONDON, None)


def test_a_day():
    assert read_day("Tue 3 Mar 2026") == read_day(TUESDAY) == TUESDAY
    for wrong in ("Tue 3 Mar", "today", utc(2026, 3, 3)):
        with pytest.raises(BadValue):
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


# --- lines that come to nothing ---------------------------------------------------------------------------------

HERE = Path(__file__).parent
STORY = """
policies = "policies.toml"
[[scenario]]
id = "one"
title = "One of everything"
policy = ["p-urg", "p-std"]
day = "Tue 3 Mar 2026"
timeline = [
    { at = "10:00", do = "message", id = "a", text = "my bag" },
    { at = "10:10", do = "native reply", to = "a" },
    { at = "10:20", do = "message", who = "bo", id = "b" },
    { at = "10:21", do = "edit", of = "b", who = "bo" },
    { at = "10:22", do = "merge", on = "b", into = "a" },
    { at = "10:23", do = "priority", who = "bo", to = "high" },
    { at = "10:24", do = "edit policy", policy = "p-std", first_reply = "30 min" },
    { at = "10:25", do = "close", calendar = "c1", date = 2026-03-27 },
]
faults = { sweeps_missed = [["10:30", "10:31"]], publish_fails = { at = ["10:40"], to = "on-call" } }
until = "11:00"
[[scenario.check]]
at = "10:05"
cases = 1
[scenario.expect]
forgotten = ["my bag"]
"""


def read_story(tmp_path, text):
    (tmp_path / "policies.toml").write_bytes((HERE / "policies.toml").read_bytes())
    (tmp_path / "story.toml").write_text(text)
    return read_file(tmp_path / "story.toml")


def test_a_story_in_which_every_line_does_something_is_read(tmp_path):
    [story] = read_story(tmp_path, STORY)
    assert len(story.timeline) == 8


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ('at = "10:25"', 'at = "11:01"', "timeline[7]", "comes after `until`"),
        ('reply", to = "a"', 'reply", to = "aa"', "timeline[1].to", "nothing here has the id 'aa'; did you mean 'a'?"),
        ('of = "b"', 'of = "z"', "timeline[3].of", "nothing here has the id 'z'"),
        ('on = "b"', 'on = "z"', "timeline[4].on", "nothing here has the id 'z'"),
        ('into = "a"', 'into = "z"', "timeline[4].into", "nothing here has the id 'z'"),
        ('who = "bo", to', 'who = "boo", to', "timeline[5].who", "'boo' never writes; did you mean 'bo'?"),
        ('policy = "p-std"', 'policy = "p-sdt"', "timeline[6].policy", "did you mean 'p-std'?"),
        ('calendar = "c1"', 'calendar = "c0"', "timeline[7].calendar", "'c0' is not known here"),
        ('to = "on-call"', 'to = "on-cal"', "faults.publish_fails.to", "no ladder calls 'on-cal'; did you mean"),
        ('"10:40"', '"11:40"', "faults.publish_fails.at", "comes after `until`"),
        ('"10:30", "10:31"', '"11:30", "11:31"', "faults.sweeps_missed", "comes after `until`"),
        ('at = "10:05"', 'at = "11:05"', "check[0].at", "comes after `until`"),
        ('["my bag"]', '["my bags"]', "expect.forgotten", "nobody ever wrote 'my bags'"),
    ],
)
def test_what_would_come_to_nothing_is_refused(tmp_path, old, new, place, says):
    assert old in STORY
    with pytest.raises(ScenarioInvalid) as error:
        read_story(tmp_path, STORY.replace(old, new))
    [line] = str(error.value).splitlines()
    assert f"scenario one.{place}: " in line
    assert says in line


# --- files that are none ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a = 1\n# caf\xe9\n", "this is not UTF-8 (at line 2)"),
        (b"\xef\xbb\xbfa = 1\n", "byte order mark"),
        (b"x = " + b"[" * 3_000, "more than 20 deep"),
        (b"a" + b".a" * 3_000 + b" = 1", "more than 20 deep"),
        (b"[a" + b".a" * 3_000 + b"]", "more than 20 deep"),
        (b"x = " + b"9" * 5_000, "cannot be read"),
        (b"x = 2026-02-30", "this is not TOML"),
        (b"\x00", "this is not TOML"),
        (b"", "there is no scenario"),
    ],
)
@pytest.mark.parametrize("which", ["story", "policies"])
def test_a_file_that_cannot_be_read_is_told_as_that(tmp_path, content, says, which):
    file = tmp_path / "file.toml"
    file.write_bytes(content)
    story = tmp_path / "story.toml"
    story.write_text(STORY)
    with pytest.raises(ScenarioInvalid) as error:
        read_file(file) if which == "story" else read_file(story, policies=file)
    assert says in str(error.value) or (which == "policies" and content == b"")


def places_of(value, keys=()):
    """Every place in a document, tables and lists themselves included."""
    yield keys
    inside = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from places_of(one, (*keys, key))


PLAYED = tomllib.loads(STORY)
junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.dates()
    | st.datetimes()
    | st.times(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from([keys for keys in places_of(PLAYED) if keys]), junk, st.booleans())
def test_whatever_stands_at_whatever_place_is_read_or_refused_in_sentences(keys, value, is_gone):
    document = deepcopy(PLAYED)
    *above, last = keys
    inner = document
    for key in above:
        inner = inner[key]
    if is_gone:
        del inner[last]
    else:
        inner[last] = value
    with suppress(ScenarioInvalid):
        read_document(document, HERE / "story.toml")
