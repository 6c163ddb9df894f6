"""The policy document: what people write becomes a book, comes back as it was, and every mistake is named at once."""

import re
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.documents.policies import HolidayList, PolicyInvalid, dump, holiday_lists, read, read_toml
from chalicelib.domain.calendar import ALL_DAY, Calendar, Window, always_open
from chalicelib.domain.labels import Urgency
from chalicelib.domain.policy import PRIORITIES, Ladder, Match, Policy, PolicyBook, Reach, Step, Targets, Visibility
from chalicelib.policies import default_toml

TODAY = date(2026, 11, 23)
DOCUMENT: dict[str, Any] = {
    "version": 3,
    "tiers": ["gold", "silver"],
    "calendars": {
        "always": {"zone": "UTC", "hours": "24/7"},
        "london": {
            "zone": "Europe/London",
            "hours": {"mon": ["09:00-12:30", "13:15-17:00"], "fri": ["09:00-17:00", "20:00-02:00"]},
            "holidays": ["2026-12-25", date(2026, 12, 28)],
            "special": {"2026-12-24": ["09:00-13:00"], "2026-12-26": []},
        },
    },
    "ladders": {
        "care": {
            "warn": "team",
            "ack": "20 min",
            "steps": [{"group": "on-call", "after": "0 min"}, {"group": "lead", "after": "15 min"}],
            "repeat": ["1 h", "2 h"],
        },
        "short": {"warn": "team", "steps": [{"group": "on-call", "after": "0 s"}]},
    },
    "policies": [
        {
            "id": "vip",
            "match": {"tiers": ["gold"], "priorities": ["high", "critical"]},
            "calendar": "always",
            "ladder": "care",
            "targets": {"first_reply": "15 min", "next_reply": "30 min", "resolution": "8 h"},
            "warn_at_percent": 60,
        },
        {"id": "standard", "calendar": "london", "ladder": "short", "targets": {"first_reply": "1h30m"}},
    ],
}


def test_a_document_becomes_a_book() -> None:
    london = Calendar(
        id="london",
        zone="Europe/London",
        weekly=(
            (Window(32_400, 45_000), Window(47_700, 61_200)),
            (),
            (),
            (),
            (Window(32_400, 61_200), Window(72_000, 93_600)),
            (),
            (),
        ),
        holidays=frozenset({date(2026, 12, 25), date(2026, 12, 28)}),
        special=((date(2026, 12, 24), (Window(32_400, 46_800),)), (date(2026, 12, 26), ())),
    )
    care = Ladder(
        id="care",
        steps=(Step(group="on-call", delay_s=0), Step(group="lead", delay_s=900)),
        repeat_after_s=(3_600, 7_200),
        ack_s=1_200,
        warn_group="team",
    )
    vip = Policy(
        id="vip",
        calendar=always_open(),
        targets=Targets(frt_s=900, nrt_s=1_800, res_s=28_800),
        ladder=care,
        warn_at_percent=60,
        match=Match(tiers=frozenset({"gold"}), priorities=frozenset({"high", "critical"})),
    )
    standard = Policy(
        id="standard",
        calendar=london,
        targets=Targets(frt_s=5_400),
        ladder=Ladder(id="short", steps=(Step(group="on-call", delay_s=0),)),
    )
    book = PolicyBook(version=3, policies=(vip, standard), tiers=("gold", "silver"))
    assert read(DOCUMENT, today=TODAY) == book


def problems(document: Any, today: date | None = TODAY) -> list[str]:
    with pytest.raises(PolicyInvalid) as refused:
        read(document, today=today)
    assert str(refused.value) == "\n".join(str(problem) for problem in refused.value.problems)
    return [str(problem) for problem in refused.value.problems]


def changed(path: str, value: Any) -> dict[str, Any]:
    """The document with one value set, or with None taken away."""
    document = deepcopy(DOCUMENT)
    *parents, last = (int(part) if part.isdigit() else part for part in path.split("/"))
    place: Any = document
    for part in parents:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return document


LAST_YEAR_ONLY = {"zone": "UTC", "hours": {}, "special": {"2025-12-24": ["09:00-13:00"]}}
ALL_MONDAYS = [(date(2026, 11, 23) + timedelta(weeks=week)).isoformat() for week in range(54)]


@pytest.mark.parametrize(
    ("path", "value", "place", "message"),
    [
        # wrong configuration that would otherwise only show when a customer waits
        ("calendars/london", {"zone": "UTC", "hours": {}}, "calendars.london.hours", "no open window"),
        ("calendars/london", {"zone": "UTC", "hours": {"mon": []}}, "calendars.london.hours", "no open window"),
        (
            "calendars/london",
            {"zone": "UTC", "hours": {"mon": ["09:00-17:00"]}, "holidays": ALL_MONDAYS},
            "calendars.london.holidays",
            "nothing is open in the 366 days from 2026-11-23; leave a date open",
        ),
        ("calendars/london", LAST_YEAR_ONLY, "calendars.london.special", "nothing is open in the 366 days"),
        ("calendars/london/hours/mon", ["09:00-09:00"], "calendars.london.hours.mon[0]", "closes when it opens"),
        ("policies/1/targets/first_reply", "1d", "policies.standard.targets.first_reply", "counts in days"),
        ("policies/0/targets/resolution", "1 day", "policies.vip.targets.resolution", "counts in days"),
        ("calendars/london/zone", "Europe/Londn", "calendars.london.zone", "no time zone is called 'Europe/Londn'"),
        ("calendars/london/zone", 0, "calendars.london.zone", "0 is not a text"),
        # calendars
        ("calendars/london/zone", None, "calendars.london.zone", "is missing"),
        ("calendars/london/hours", None, "calendars.london.hours", "is missing"),
        ("calendars/london/hours", "24x7", "calendars.london.hours", "'24x7' is not a table"),
        ("calendars/london/hours", {"monday": []}, "calendars.london.hours.monday", "did you mean 'mon'?"),
        ("calendars/london/hours/mon", "09:00-17:00", "calendars.london.hours.mon", "put it in [ ]"),
        (
            "calendars/london/hours/mon",
            ["09:00-12:00", "11:59-13:00"],
            "calendars.london.hours.mon",
            "11:59-13:00 overlaps 09:00-12:00",
        ),
        ("calendars/london/hours/sat", ["01:00-05:00"], "calendars.london.hours.sat", "overlaps 20:00-02:00"),
        ("calendars/london/hours/sun", ["20:00-09:01"], "calendars.london.hours.mon", "overlaps 20:00-09:01"),
        (
            "calendars/london/special/2026-12-24",
            ["09:00-12:00", "10:00-11:00"],
            "calendars.london.special.2026-12-24",
            "10:00-11:00 overlaps 09:00-12:00",
        ),
        ("calendars/london/special/24.12.", ["09:00-12:00"], "calendars.london.special.24.12.", "is not a date"),
        ("calendars/london/holidays", ["Easter"], "calendars.london.holidays[0]", "'Easter' is not a date"),
        ("calendars/london/holiday", [], "calendars.london.holiday", "did you mean 'holidays'?"),
        ("calendars/London UK", {"zone": "UTC", "hours": "24/7"}, "calendars.London UK", "is not a name"),
        ("calendars/london", 5, "calendars.london", "5 is not a table"),
        # ladders
        ("ladders/care/steps", [], "ladders.care.steps", "there is no step"),
        ("ladders/care/steps/0/after", "5 min", "ladders.care.steps", "the first step waits"),
        ("ladders/care/steps/1/after", "0 min", "ladders.care.steps", "0 min comes after 0 min"),
        ("ladders/care/steps/1/after", None, "ladders.care.steps[1].after", "is missing"),
        ("ladders/care/steps/1/group", "Care Lead", "ladders.care.steps[1].group", "is not a name"),
        ("ladders/care/steps/1/delay", "1 h", "ladders.care.steps[1].delay", "use one of: after, group"),
        ("ladders/care/repeat", ["2 h", "1 h"], "ladders.care.repeat", "1 h comes after 2 h"),
        ("ladders/care/repeat", ["0 h"], "ladders.care.repeat[0]", "no time at all"),
        ("ladders/care/ack", "0 min", "ladders.care.ack", "no time at all"),
        ("ladders/care/warn", None, "ladders.care.warn", "is missing"),
        ("ladders/-care", DOCUMENT["ladders"]["care"], "ladders.-care", "is not a name"),
        # policies
        ("policies/1/targets/first_reply", "0 min", "policies.standard.targets.first_reply", "no time at all"),
        ("policies/0/targets/next_reply", "-5 min", "policies.vip.targets.next_reply", "is not a duration"),
        ("policies/0/targets/next_reply", 30, "policies.vip.targets.next_reply", "30 is not a duration"),
        ("policies/0/targets/nextreply", "1 h", "policies.vip.targets.nextreply", "did you mean 'next_reply'?"),
        ("policies/0/targets", None, "policies.vip.targets", "is missing"),
        ("policies/0/calendar", "allways", "policies.vip.calendar", "did you mean 'always'?"),
        ("policies/0/calendar", "tokyo", "policies.vip.calendar", "use one of: always, london"),
        ("policies/0/ladder", "cares", "policies.vip.ladder", "did you mean 'care'?"),
        ("policies/0/ladder", None, "policies.vip.ladder", "is missing"),
        ("policies/0/warn_at_percent", 100, "policies.vip.warn_at_percent", "from 1 to 99"),
        ("policies/0/warn_at_percent", True, "policies.vip.warn_at_percent", "from 1 to 99"),
        ("policies/0/warn_at_percent", "75 %", "policies.vip.warn_at_percent", "from 1 to 99"),
        ("policies/0/match/priorities", ["critcal"], "policies.vip.match.priorities[0]", "did you mean 'critical'?"),
        ("policies/0/match/priorities", ["urgent"], "policies.vip.match.priorities[0]", "use one of: critical, high"),
        ("policies/0/match/visibility", ["secret"], "policies.vip.match.visibility[0]", "use one of: private, public"),
        ("policies/0/match/reach", ["massive"], "policies.vip.match.reach[0]", "use one of: huge, large"),
        ("policies/0/match/tiers", ["gold", " "], "policies.vip.match.tiers[1]", "is not a text"),
        ("policies/0/match/tiers", ["glod"], "policies.vip.match.tiers[0]", "did you mean 'gold'?"),
        ("tiers", None, "policies.vip.match.tiers[0]", 'write tiers = ["gold"] above the first table'),
        ("tiers", ["gold", "gold"], "tiers[1]", "is named already"),
        ("tiers/1", "Very Gold", "tiers[1]", "is not a name"),
        ("policies/0/match/priority", ["urgent"], "policies.vip.match.priority", "did you mean 'priorities'?"),
        ("policies/0/match", None, "policies.vip", "none is left for those after it"),
        ("policies/1/match", {"tiers": ["gold"]}, "policies", "there is no default policy"),
        ("policies/1/id", "vip", "policies[1].id", "another policy is called 'vip' already"),
        ("policies/1/id", None, "policies[1].id", "is missing"),
        ("policies/1/id", "Standard", "policies.Standard.id", "is not a name"),
        ("policies/1", "standard", "policies[1]", "is not a table"),
        ("policies", [], "policies", "there is no default policy"),
        ("policies", None, "policies", "is missing"),
        # the document
        ("version", 0, "version", "from 1 to"),
        ("calendar", {}, "calendar", "did you mean 'calendars'?"),
    ],
)
def test_one_mistake_is_one_problem_with_its_place_and_fix(path: str, value: Any, place: str, message: str) -> None:
    found = problems(changed(path, value))
    assert [problem.split(": ")[0] for problem in found] == [place]
    assert message in found[0]


def test_a_document_need_not_say_its_version() -> None:
    assert read(changed("version", None), today=TODAY) == replace(read(DOCUMENT, today=TODAY), version=1)


def test_a_tier_that_an_older_release_let_pass_still_reads() -> None:
    saved = changed("tiers", None)
    assert read(saved, today=None).match(channel="x", tier="gold", priority="high").id == "vip"
    assert problems(saved)


def test_problems_lead_back_into_the_document() -> None:
    document = changed("policies/1/targets/first_reply", "1d")
    document["calendars"]["london"]["hours"]["mon"][1] = "9-17"
    document["ladders"]["care"]["steps"][1] = {"group": "lead"}
    with pytest.raises(PolicyInvalid) as refused:
        read(document, today=TODAY)
    assert [problem.keys for problem in refused.value.problems] == [
        ("calendars", "london", "hours", "mon", 1),
        ("ladders", "care", "steps", 1, "after"),
        ("policies", 1, "targets", "first_reply"),
    ]


ENGLAND: dict[str, Any] = {"list": "England", "until": "2028-12-31", "dates": ["2026-12-25", date(2026, 12, 28)]}


def test_a_named_list_of_holidays_is_its_dates() -> None:
    book = read(changed("calendars/london/holidays", [ENGLAND, "2026-12-24"]), today=TODAY)
    assert book.default.calendar.holidays == {date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 28)}


@pytest.mark.parametrize(
    ("entry", "place", "message"),
    [
        ("England", "", "becomes dates with `earshot policy apply`"),
        ({**ENGLAND, "until": "soon"}, ".until", "is not a date"),
        ({**ENGLAND, "dates": ["25 Dec"]}, ".dates[0]", "is not a date"),
        ({"list": "England", "until": "2028-12-31"}, ".dates", "is missing"),
        ({**ENGLAND, "name": "England"}, ".name", "is not known here"),
    ],
)
def test_a_list_must_have_its_dates(entry: Any, place: str, message: str) -> None:
    [found] = problems(changed("calendars/london/holidays", [entry]))
    assert found.startswith(f"calendars.london.holidays[0]{place}: ")
    assert message in found


def test_the_lists_of_a_document_are_known_with_their_last_day() -> None:
    toml = """
        [calendars.always]
        [calendars.london]
        holidays = [2026-12-24, { list = "England", until = 2028-12-31, dates = [2026-12-25,
            2026-12-28] }]
    """
    assert holiday_lists(toml) == (HolidayList(calendar_id="london", name="England", until=date(2028, 12, 31)),)


def test_windows_may_touch() -> None:
    hours = {"fri": ["09:00-12:00", "12:00-17:00", "20:00-02:00"], "sat": ["02:00-05:00"], "sun": ["22:00-09:00"]}
    book = read(changed("calendars/london/hours", {**hours, "mon": ["09:00-17:00"]}), today=TODAY)
    assert [len(windows) for windows in book.default.calendar.weekly] == [1, 0, 0, 0, 3, 1, 1]


def test_all_mistakes_are_named_at_once() -> None:
    document = deepcopy(DOCUMENT)
    document["version"] = "one"
    document["calendars"]["london"] |= {"zone": "Mars/Olympus", "hours": {"mon": ["9", "10:00-10:00"]}}
    document["ladders"]["care"]["ack"] = "1 day"
    document["policies"][0]["targets"] = {"first_reply": "soon", "next_reply": "0 s"}
    document["policies"][1]["match"] = {"reach": ["hugee"]}
    assert [problem.split(":")[0] for problem in problems(document)] == [
        "version",
        "calendars.london.zone",
        "calendars.london.hours.mon[0]",
        "calendars.london.hours.mon[1]",
        "ladders.care.ack",
        "policies.vip.targets.first_reply",
        "policies.vip.targets.next_reply",
        "policies.standard.match.reach[0]",
        "policies",
    ]


@pytest.mark.parametrize("document", [None, [], "policies", 5])
def test_what_is_no_document_is_one_problem(document: Any) -> None:
    assert [problem.split(":")[0] for problem in problems(document)] == ["document"]


def test_a_calendar_that_ran_out_since_it_was_saved_is_still_read() -> None:
    document = changed("calendars/london/hours", {})
    years_later = date(2030, 1, 1)
    assert problems(document, today=years_later)
    assert read(document, today=None).policies[1].calendar.special


def test_toml_is_read() -> None:
    assert read_toml(default_toml(), today=TODAY).default.id == "standard"


def test_what_is_not_toml_is_refused_with_its_line() -> None:
    with pytest.raises(PolicyInvalid, match=r"document: this is not TOML: .*line 2"):
        read_toml("version = 1\nversion = 2\n", today=TODAY)


NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
DATES = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def apart(edges: list[int]) -> tuple[Window, ...]:
    """Windows between every other pair of distinct instants of a day."""
    return tuple(Window(opens, closes) for opens, closes in zip(edges[::2], edges[1::2], strict=False))


HOURS = st.lists(st.integers(0, 86_400), max_size=6, unique=True).map(sorted).map(apart)
OVERNIGHT = st.builds(
    lambda opens, closes: (Window(opens, 86_400 + closes),), st.integers(43_200, 86_399), st.integers(1, 43_199)
)
WEEKS = (
    st.tuples(*[HOURS] * 7).filter(any)
    | st.builds(lambda night: (night, (), night, (), night, (), ()), OVERNIGHT)
    | st.just((ALL_DAY,) * 7)
)
CALENDARS = st.builds(
    Calendar,
    id=NAMES,
    zone=st.sampled_from(["UTC", "Europe/London", "Asia/Kolkata"]),
    weekly=WEEKS,
    holidays=st.frozensets(DATES, max_size=4),
    special=st.dictionaries(DATES, HOURS | OVERNIGHT, max_size=3).map(lambda days: tuple(sorted(days.items()))),
)
RISING = st.lists(st.integers(1, 100_000), max_size=4, unique=True).map(sorted)
LADDERS = st.builds(
    lambda ladder_id, warn_group, groups, delays, repeats, ack_s: Ladder(
        id=ladder_id,
        warn_group=warn_group,
        steps=tuple(Step(group=group, delay_s=after) for group, after in zip(groups, [0, *delays], strict=False)),
        repeat_after_s=tuple(repeats),
        ack_s=ack_s,
    ),
    NAMES,
    NAMES,
    st.lists(NAMES, min_size=1, max_size=5),
    RISING,
    RISING,
    st.integers(1, 100_000),
)
TARGET = st.none() | st.integers(1, 1_000_000)
WORDS = st.frozensets(NAMES, max_size=2)


def some_of(words: Any) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from([str(word) for word in words]), max_size=2)


CONDITIONS = st.builds(
    Match,
    channels=WORDS,
    priorities=some_of(PRIORITIES),
    tiers=WORDS,
    languages=WORDS,
    reach=some_of(Reach),
    visibility=some_of(Visibility),
).filter(lambda match: not match.is_everything)


@st.composite
def books(draw: st.DrawFn) -> PolicyBook:
    by_id = {"unique_by": lambda value: value.id, "min_size": 1, "max_size": 2}
    calendars, ladders = draw(st.lists(CALENDARS, **by_id)), draw(st.lists(LADDERS, **by_id))
    ids = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    matches = [*(draw(CONDITIONS) for _ in ids[1:]), Match()]
    policies = tuple(
        Policy(
            id=policy_id,
            calendar=draw(st.sampled_from(calendars)),
            ladder=draw(st.sampled_from(ladders)),
            targets=draw(st.builds(Targets, frt_s=TARGET, nrt_s=TARGET, res_s=TARGET)),
            warn_at_percent=draw(st.integers(1, 99)),
            match=match,
        )
        for policy_id, match in zip(ids, matches, strict=True)
    )
    return PolicyBook(version=draw(st.integers(1, 1_000)), policies=policies)


@settings(deadline=None)
@given(books())
def test_a_book_reads_back_as_it_was(book: PolicyBook) -> None:
    assert read(dump(book), today=None) == book


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | DATES | st.just("24/7"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["version", "calendars", "ladders", "policies", "id", "hours", "mon", "steps", "match", "a"]
            ),
            inner,
            max_size=4,
        )
    ),
)


@settings(deadline=None)
@given(JUNK)
def test_nothing_but_policy_invalid_is_raised(document: Any) -> None:
    assert problems(document)


PLACES = [
    "version",
    "calendars/london",
    "calendars/london/hours",
    "calendars/london/hours/fri",
    "calendars/london/holidays",
    "calendars/london/special",
    "ladders/care",
    "ladders/care/steps",
    "ladders/care/steps/1",
    "ladders/care/repeat",
    "policies/0",
    "policies/0/match",
    "policies/0/match/tiers",
    "policies/0/targets",
]


@settings(deadline=None)
@given(st.sampled_from(PLACES), JUNK)
def test_junk_anywhere_is_read_or_refused(path: str, junk: Any) -> None:
    try:
        book = read(changed(path, junk), today=TODAY)
    except PolicyInvalid:
        assert problems(changed(path, junk))
    else:
        assert read(dump(book), today=TODAY) == book


def test_a_priority_that_no_case_can_have_is_read_where_it_was_saved_before() -> None:
    saved = changed("policies/0/match/priorities", ["urgent", "critical"])
    assert read(saved, today=None).policies[0].match.priorities == {"urgent", "critical"}
    assert {urgency.value for urgency in Urgency} == set(PRIORITIES)


def test_the_shipped_book_makes_the_promises_it_explains() -> None:
    book = read_toml(default_toml(), today=TODAY)
    assert [policy.id for policy in book.policies] == ["public-critical", "standard"]
    found = book.match(channel="x.main", priority="critical")
    assert tuple(found.targets) == (600, 1_200, 14_400)
    assert tuple(book.match(channel="x.main", priority="normal").targets) == (3_600, 7_200, 57_600)
    assert all(policy.calendar.is_round_the_clock for policy in book.policies)
    assert [(rung.group, rung.delay_s // 60) for rung in book.default.ladder.rungs] == [
        ("on-call", 0),
        ("care-lead", 15),
        ("duty-manager", 30),
        ("duty-manager", 90),
        ("duty-manager", 150),
        ("duty-manager", 210),
    ]


def test_the_examples_in_its_comments_work_when_they_are_switched_on() -> None:
    switched_on = re.sub(r"(?m)^# (?=\[|[a-z0-9_-]+ = )", "", default_toml()).replace('"England", ', "")
    book = read_toml(switched_on, today=TODAY)
    assert [policy.id for policy in book.policies] == ["public-critical", "office", "standard"]
    office = book.get("office")
    assert (office.calendar.id, office.warn_at_percent) == ("london", 80)
    assert all(office.calendar.weekly[:5])
    assert not any(office.calendar.weekly[5:])
