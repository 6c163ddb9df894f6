"""A policy file: every mistake with its line, and the document that is stored of it."""

from datetime import date
from pathlib import Path

import pytest

from chalicelib.policies import default_toml
from chalicelib.ports.notation import Malformed
from chalicelib.ports.policy_document import HolidayList, PolicyInvalid, read_toml
from infra.policy.holiday_names import dates_of, names
from infra.policy.reading import Draft, PolicyFileInvalid, read_draft, read_file, read_for_trial

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


def draft(text: str = FILE, today: date = TODAY) -> Draft:
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
    with pytest.raises(Malformed, match="earshot policy holidays"):
        dates_of(name, today=TODAY)


def test_a_list_that_has_ended_is_refused() -> None:
    with pytest.raises(Malformed, match="ends with 2100"):
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
