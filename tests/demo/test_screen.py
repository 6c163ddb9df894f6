"""What a visitor reads."""

import io
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.demo import summary
from infra.demo.airline import clock
from infra.demo.numbers import differences
from infra.demo.pager import Letter
from infra.demo.player import PageSeen
from infra.demo.script import ScriptLine, Told
from infra.demo.stage import write_clock
from infra.demo.story import EXPECTED, MORNING
from infra.demo.terminal import COLUMNS, LEGEND, MARKS, Terminal


class Tty(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self) -> bool:
        return True


PAGE = PageSeen(
    id="1",
    kind="breach",
    group="on-call",
    case_id="c1",
    platform="x",
    author="nell_tobi",
    waiting_since=clock("08:14:05"),
    due_at=clock("08:24:05"),
)


def printed(out: io.StringIO, env: dict[str, str]) -> str:
    terminal = Terminal(out, env)
    terminal.minute(clock("08:25:00"))
    for about in Told:
        terminal.line(clock("08:25:00"), "x", ScriptLine(about=about, who="@nell_tobi", text="hello"))
    terminal.page(clock("08:25:00"), PAGE)
    return out.getvalue()


@pytest.mark.parametrize(
    ("out", "env", "colours"),
    [
        (Tty(), {}, True),
        (Tty(), {"NO_COLOR": "1"}, False),
        (Tty(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
)
def test_colours_only_where_somebody_wants_them(out: io.StringIO, env: dict[str, str], colours: bool) -> None:
    text = printed(out, env)
    assert ("\033" in text) is colours
    assert ("\r" in text) is colours


def test_every_kind_of_line_has_a_mark_of_its_own() -> None:
    assert set(MARKS) == set(Told)
    assert len(set(MARKS.values())) == len(MARKS)


def test_a_page_says_who_is_called_and_since_when_somebody_waits() -> None:
    assert "08:25:00 ! PAGE     on-call is paged: nell_tobi has waited since 08:14" in printed(io.StringIO(), {})


@given(text=st.text(max_size=600), who=st.text(max_size=80))
def test_no_text_leaves_its_place(text: str, who: str) -> None:
    out = io.StringIO()
    Terminal(out, {}).line(clock("08:00:00"), "x", ScriptLine(about=Told.WROTE, who=who, text=text))
    first, *others = out.getvalue().removesuffix("\n").split("\n")
    assert first.startswith("08:00:00 > X")
    assert all(line.startswith(" " * 20) for line in others)
    assert "\033" not in out.getvalue()


def test_the_story_fits_the_screen() -> None:
    out = io.StringIO()
    terminal = Terminal(out, {})
    for moment in MORNING:
        terminal.line(moment.at, "x", moment.line)
    for text in LEGEND:
        terminal.say(text)
    assert max(len(line) for line in out.getvalue().splitlines()) <= COLUMNS[1]


# --- the summary ----------------------------------------------------------------------------------------------


def test_the_summary_names_every_number() -> None:
    shown = {line.split("  ")[1].strip() for line in summary.table(EXPECTED)}
    assert {"received", "refused", "quarantined", "cases", "in time", "breached", "paged", "replied"} <= shown


def test_the_first_page_is_shown_in_all_forms() -> None:
    sms = [Letter(to="+44", subject="", text="LATE X: nell waits"), Letter(to="+44", subject="", text="OVER X: nell")]
    mails = [
        Letter(to="team", subject="[Earshot] DUE SOON: nell", text="DUE SOON"),
        Letter(to="team", subject="[Earshot] LATE: nell", text="LATE: nell\n\nCase: c1"),
    ]
    posted = [Letter(to="http://machine", subject="", text='{"id":"1"}')]
    shown = "\n".join(summary.one_page(sms, mails, posted))
    assert "LATE X: nell waits" in shown
    assert "Subject: [Earshot] LATE: nell" in shown
    assert "  | Case: c1" in shown
    assert 'posted to http://machine:\n\n  | {\n  |   "id": "1"\n  | }' in shown
    assert "DUE SOON" not in shown
    assert "OVER" not in shown


def test_no_page_at_all_is_no_error_of_the_summary() -> None:
    assert list(summary.one_page([], [])) == []


def test_equal_numbers_have_no_differences() -> None:
    assert list(differences(EXPECTED, EXPECTED)) == []


# --- the clock --------------------------------------------------------------------------------------------------


@given(moment=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2030, 1, 1)))  # noqa: DTZ001
def test_the_clock_file_is_whole_at_any_time(tmp_path_factory: pytest.TempPathFactory, moment: datetime) -> None:
    from chalicelib.adapters.clock import file_clock

    file: Path = tmp_path_factory.mktemp("clock") / "now"
    aware = moment.astimezone()
    write_clock(file, aware)
    assert file_clock(str(file))() == aware
    assert list(file.parent.iterdir()) == [file]
