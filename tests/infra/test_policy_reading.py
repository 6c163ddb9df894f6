"""A policy file: every mistake with its line, and the document that is stored of it."""

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.documents import policies
from chalicelib.documents.durations import BadValue
from chalicelib.documents.policies import HolidayList, PolicyInvalid, read_toml
from chalicelib.policies import default_toml
from infra.operate.policy.holiday_names import dates_of, names
from infra.operate.policy.reading import PolicyDraft, PolicyFileInvalid, read_draft, read_file, read_for_trial

TODAY = date(2026, 11, 23)
FILE = """\
# Ours. Keep this comment.
[calendars.london]
zone = "Europe/London"
holidays = ["England", 2026-12-24]  # and this one
hours = { mon = ["09:00-17:00"] }

[ladders.care]
warn = "team"
steps = [
    { group = "on-call", after = "0 min" },
]

[[policies]]
id = "standard"
calendar = "london"
ladder = "care"
targets = { first_reply = "60 min" }
"""


def draft(text: str = FILE, today: date = TODAY) -> PolicyDraft:
    return read_draft(text.encode(), file="ours.toml", today=today)


def refused(text: str) -> list[str]:
    with pytest.raises(PolicyFileInvalid) as error:
        draft(text)
    return str(error.value).splitlines()


@pytest.mark.parametrize(
    ("old", "new", "begins", "says"),
    [
        ('"60 min"', '"1d"', "ours.toml:17: policies.standard.targets.first_reply: ", "counts in days"),
        ('"0 min"', '"0 mins ago"', "ours.toml:10: ladders.care.steps[0].after: ", "is not a duration"),
        ('zone = "Europe/London"\n', "", "ours.toml:2: calendars.london.zone: ", "is missing"),
        ('"England"', '"Englnd"', "ours.toml:4: calendars.london.holidays[0]: ", "did you mean 'England'?"),
        ('"England"', '"Georgia"', "ours.toml:4: calendars.london.holidays[0]: ", "write the code of one: GE or US-GA"),
        ("2026-12-24]", '"24.12."]', "ours.toml:4: calendars.london.holidays[1]: ", "is not a date"),
        ("2026-12-24]", "24]", "ours.toml:4: calendars.london.holidays[1]: ", "is not a date"),
        ('calendar = "london"', 'calendar = "londn"', "ours.toml:15: policies.standard.calendar: ", "did you mean"),
        ('warn = "team"', "warn = ", "ours.toml:8: document: this is not TOML", "mend that line"),
        ('id = "standard"', 'id = "standard"\nid = "twice"', "ours.toml:15: document: this is not TOML", ""),
        ("targets = {", "targets = { # no end", "ours.toml:17: document: this is not TOML", ""),
    ],
)
def test_a_mistake_is_named_with_its_line_and_fix(old: str, new: str, begins: str, says: str) -> None:
    [line] = refused(FILE.replace(old, new))
    assert line.startswith(begins)
    assert says in line


def test_mistakes_come_in_the_order_of_the_file() -> None:
    lines = refused(FILE.replace('"60 min"', '"1d"').replace('"England"', '"Engl"').replace('"team"', "5"))
    assert [line.split(":")[1] for line in lines] == ["4", "8", "17"]


def test_a_file_in_another_encoding_is_named_with_its_line() -> None:
    with pytest.raises(PolicyFileInvalid, match=r"^ours\.toml:2: document: this is not UTF-8"):
        read_draft("# a\n# caf\xe9\n".encode("latin-1"), file="ours.toml", today=TODAY)


def test_a_file_is_called_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(FILE.replace('"60 min"', '"1d"'))
    with pytest.raises(PolicyFileInvalid, match=rf"^{file}:17: "):
        read_file(file, today=TODAY)


# --- names become dates -----------------------------------------------------------------------------------------


def test_a_name_is_stored_as_dates_beside_the_name() -> None:
    found = draft()
    assert found.lists == (HolidayList(calendar_id="london", name="England", until=date(2028, 12, 31)),)
    closed = found.book.default.calendar.holidays
    assert {date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 28), date(2028, 12, 25)} <= closed
    assert date(2029, 1, 1) not in closed
    assert read_toml(found.toml, today=None) == found.book


def test_the_rest_of_the_file_is_stored_as_it_is() -> None:
    before, after = FILE.split('"England"')
    assert draft().toml.startswith(before)
    assert draft().toml.endswith(after)


def test_the_year_before_is_kept_for_clocks_that_began_in_it() -> None:
    assert date(2025, 12, 25) in draft().book.default.calendar.holidays
    assert date(2024, 12, 25) not in draft().book.default.calendar.holidays


def test_the_stored_document_applied_again_covers_the_years_to_come() -> None:
    first = draft()
    assert draft(first.toml).toml == first.toml
    later = draft(first.toml, today=date(2028, 2, 1))
    assert [one.until for one in later.lists] == [date(2030, 12, 31)]
    assert date(2030, 12, 25) in later.book.default.calendar.holidays
    assert date(2026, 12, 24) in later.book.default.calendar.holidays  # not from the list


@pytest.mark.parametrize("text", [FILE.replace('"England"', "2026-12-25"), default_toml()], ids=["dates", "shipped"])
def test_a_file_without_names_is_stored_letter_by_letter(text: str) -> None:
    assert draft(text).toml == text
    assert draft(text).lists == ()


def test_windows_line_ends_are_read() -> None:
    assert draft(FILE.replace("\n", "\r\n")).book == draft().book


def test_a_version_in_the_file_is_not_looked_at_and_its_author_told() -> None:
    assert draft().notes == ()
    [note] = draft(f"version = 12\n{FILE}").notes
    assert note.startswith("version: ")


@pytest.mark.parametrize(
    ("name", "same_as"), [("England", "GB-ENG"), ("england", "GB-ENG"), ("Germany", "DE"), ("Bayern", "DE-BY")]
)
def test_a_list_has_a_name_and_a_code(name: str, same_as: str) -> None:
    assert dates_of(name, today=TODAY).dates == dates_of(same_as, today=TODAY).dates


@pytest.mark.parametrize("name", ["", "XX", "GB-XXX", "Atlantis", "gb"])
def test_what_is_no_list_is_refused_with_the_way_to_find_one(name: str) -> None:
    with pytest.raises(BadValue, match="earshot policy holidays"):
        dates_of(name, today=TODAY)


def test_a_list_that_has_ended_is_refused() -> None:
    with pytest.raises(BadValue, match="ends with 2100"):
        dates_of("England", today=date(2101, 1, 1))


def test_a_list_ends_where_its_library_does() -> None:
    assert dates_of("England", today=date(2099, 6, 1)).until == date(2100, 12, 31)


def test_every_name_stands_for_dates() -> None:
    listed = dict(names())
    assert listed["England"] == "GB-ENG"
    assert len(listed) > 500
    assert all(dates_of(code, today=TODAY).dates for code in ("GB-ENG", "US-NY", "AU-NSW", "IN", "JP"))


def test_a_file_that_is_tried_out_may_name_lists_and_play_in_any_year() -> None:
    book = read_for_trial(FILE.encode(), today=TODAY)
    assert book == draft().book
    past = FILE.replace('{ mon = ["09:00-17:00"] }', '{}\nspecial = { 2020-01-01 = ["09:00-17:00"] }')
    assert read_for_trial(past.encode(), today=TODAY).default.calendar.special
    for broken in (FILE.replace("England", "Englnd"), FILE.replace("60 min", "1d"), "= no TOML"):
        with pytest.raises(PolicyInvalid):
            read_for_trial(broken.encode(), today=TODAY)


# --- what nobody could keep, and what its author should know ----------------------------------------------------


@pytest.mark.parametrize("zone", ["localtime", "posixrules", "Factory", "posix/Europe/London", "right/Europe/London"])
def test_only_zones_of_the_list_are_zones(zone: str) -> None:
    [line] = refused(FILE.replace("Europe/London", zone))
    assert line.startswith(f"ours.toml:3: calendars.london.zone: no time zone is called '{zone}'")


@pytest.mark.parametrize(
    ("target", "is_kept"),
    [("105 min", True), ("106 min", False), ("8784 h", False)],
)
def test_a_promise_longer_than_two_years_of_open_time_is_refused(target: str, is_kept: bool) -> None:
    text = (
        FILE.replace('["09:00-17:00"]', '["09:00-09:01"]').replace('"England", ', "").replace('"60 min"', f'"{target}"')
    )
    if is_kept:
        assert draft(text)
    else:
        [line] = refused(text)
        assert line.startswith(
            "ours.toml:17: policies.standard.targets.first_reply: london is open for 105 min in two years"
        )


def notes(text: str = FILE, today: date = TODAY) -> list[str]:
    return [note for note in draft(text, today).notes if not note.startswith("version")]


DATES = FILE.replace('"England", 2026-12-24', "2026-12-24, 2026-12-25")


@pytest.mark.parametrize(
    ("text", "today", "warned"),
    [
        (FILE, TODAY, False),  # beside a list that goes on
        (DATES, TODAY, True),
        (DATES, date(2026, 2, 1), True),  # none of next year
        (DATES.replace("2026-12-25", "2027-01-21"), TODAY, True),  # in 59 days
        (DATES.replace("2026-12-25", "2027-01-22"), TODAY, False),
        (DATES.replace("holidays = [2026-12-24, 2026-12-25]", ""), TODAY, False),
    ],
)
def test_dates_that_are_about_to_end_are_said(text: str, today: date, warned: bool) -> None:
    assert any(note.startswith("calendars.london.holidays: the last date is ") for note in notes(text, today)) is warned


def test_a_zone_without_a_place_is_said() -> None:
    [note] = notes(FILE.replace("Europe/London", "EST5EDT"))
    assert note.startswith("calendars.london.zone: EST5EDT is an old name of a zone; write that of a place")
    assert notes(FILE.replace("Europe/London", "UTC")) == []


def policy(policy_id: str, match: str) -> str:
    return f"""
[[policies]]
id = "{policy_id}"
match = {{ {match} }}
calendar = "london"
ladder = "care"
targets = {{ first_reply = "60 min" }}
"""


@pytest.mark.parametrize(
    ("above", "below", "is_said"),
    [
        ('channels = ["x"]', 'channels = ["x.main"], priorities = ["high"]', True),
        ('channels = ["X"]', 'channels = ["x.main"]', True),
        ('channels = ["x.main"]', 'channels = ["x"]', False),
        ('channels = ["x"]', 'channels = ["xy"]', False),
        ('priorities = ["high", "low"]', 'priorities = ["low"], channels = ["x"]', True),
        ('priorities = ["high"]', 'priorities = ["high", "low"]', False),
        ('languages = ["en"]', 'languages = ["en-GB", "en"]', True),
        ('channels = ["x"], priorities = ["high"]', 'channels = ["x"]', False),
    ],
)
def test_a_policy_that_takes_no_case_is_said(above: str, below: str, is_said: bool) -> None:
    head, last = FILE.split("[[policies]]")
    text = f"{head}{policy('above', above)}{policy('below', below)}[[policies]]{last}"
    said = "policies.below: takes no case, since above above takes them all; put it above that one"
    assert notes(text) == ([said] if is_said else [])


# --- files that are none ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xef\xbb\xbf" + FILE.encode(), "ours.toml:1: document: this begins with a byte order mark"),
        (b"x = " + b"[" * 3_000, "ours.toml:1: document: tables or lists lie in each other more than 20 deep"),
        (b"a" + b".a" * 3_000 + b" = 1", "ours.toml:1: document: tables or lists lie in each other"),
        (b"version = " + b"9" * 5_000, "ours.toml:1: document: this cannot be read"),
        (b"\n\n\x00", "ours.toml:3: document: this is not TOML"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_as_that(content: bytes, says: str) -> None:
    with pytest.raises(PolicyFileInvalid) as error:
        read_draft(content, file="ours.toml", today=TODAY)
    assert str(error.value).startswith(says)


@given(st.data())
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_a_document_or_refused_in_sentences(data: st.DataObject) -> None:
    """What ships and our file with some of it cut out, doubled or replaced."""
    whole = data.draw(st.sampled_from([FILE, default_toml()])).encode()
    begin, end = sorted((data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, len(whole)))))
    middle = data.draw(st.sampled_from([b"", whole[begin:end] * 2]) | st.binary(max_size=8))
    with suppress(PolicyFileInvalid):
        read_draft(whole[:begin] + middle + whole[end:], file="ours.toml", today=TODAY)


def test_many_policies_are_compared_with_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with those alone that name the rarest of its words."""
    compared = []
    takes = policies._takes
    monkeypatch.setattr(policies, "_takes", lambda one, other: compared.append(1) or takes(one, other))
    head, last = FILE.split("[[policies]]")
    many = "".join(policy(f"p{n}", f'channels = ["x"], languages = ["l{n}"]') for n in range(300))
    assert notes(f"{head}{many}[[policies]]{last}") == []
    assert len(compared) < 300
