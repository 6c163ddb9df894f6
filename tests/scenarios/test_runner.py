"""What the runner says: every difference, expected against got, and nothing when all holds."""

import pytest
from click.testing import CliRunner

from infra.cli import main
from infra.scenarios.reading import read_file
from infra.scenarios.runner import run
from tests.scenarios.test_reading import GOOD

HEAD, TAIL = GOOD.split("timeline = ")


def story(tmp_path, timeline, expect, *, until="11:30", extra=""):
    file = tmp_path / "file.toml"
    file.write_text(f'{HEAD}timeline = [{timeline}]\nuntil = "{until}"\n{extra}\n[scenario.expect]\n{expect}\n')
    [scenario] = read_file(file)
    return run(scenario)


WROTE = '{ at = "10:00", do = "message" }'
ALERTS = """
alerts = [
    { at = "10:45", kind = "warning", to = "team" },
    { at = "11:01", kind = "breach", step = 1, to = "on-call" },
]
"""


def test_what_holds_says_nothing(tmp_path):
    assert story(tmp_path, WROTE, 'frt = { due = "11:00" }' + ALERTS).passed


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        (
            'frt = { due = "11:00:01" }',
            "scenario one.expect.frt.due: expected Tue 3 Mar 2026 11:00:01 UTC; got Tue 3 Mar 2026 11:00:00 UTC",
        ),
        ('frt = { outcome = "met" }', "scenario one.expect.frt.outcome: expected met; got running"),
        ('frt = { business = "1 h" }', "scenario one.expect.frt.business: expected 1 h; got none"),
        ('frt = { due = "none" }', "scenario one.expect.frt.due: expected none; got Tue 3 Mar 2026 11:00:00 UTC"),
        ("frt = []", "frt: a clock of message 100 is there and none is expected (running)"),
        ('nrt = { due = "11:00" }', "scenario one.expect.nrt: expected a clock nrt (another one); there is none"),
        ("cases = 2", "scenario one.expect.cases: expected 2; got 1"),
        ('status = "open"', "scenario one.expect.status: expected open; got new"),
        ('forgotten = "words of 100"', "scenario one.expect.forgotten: expected words of 100; got none"),
        (
            'attainment = { frt = { breached = 0, percent = "100.0" } }',
            "scenario one.expect.attainment.frt.percent: expected 100.0; got 0.0",
        ),
    ],
)
def test_every_difference_names_both(tmp_path, expect, says):
    assert says in story(tmp_path, WROTE, expect + ALERTS).differences


def test_alerts_are_complete(tmp_path):
    assert story(tmp_path, WROTE, "cases = 1").differences == (
        "alerts: nobody expected Tue 3 Mar 2026 10:45:00 UTC: warning, to team (frt of 100)",
        "alerts: nobody expected Tue 3 Mar 2026 11:01:00 UTC: breach, step 1, to on-call (frt of 100)",
    )
    one_more = ALERTS.replace("\n]", '\n    { at = "11:16", kind = "breach", step = 2 },\n]')
    [difference] = story(tmp_path, WROTE, one_more).differences
    assert difference == (
        "scenario one.expect.alerts[2]: expected at Tue 3 Mar 2026 11:16:00 UTC, kind breach, step 2; it did not go out"
    )


def test_a_line_that_cannot_be_played_is_named(tmp_path):
    [difference] = story(tmp_path, '{ at = "10:00", do = "resolve" }', "cases = 0").differences
    assert difference.startswith("scenario one.timeline[0]: resolve: nobody has written yet")
    lines = f'{WROTE}, {{ at = "10:05", do = "restore" }}'
    [difference] = story(tmp_path, lines, "cases = 1").differences
    assert difference.startswith("scenario one.timeline[1]: restore: NotAllowed: ")


def test_a_check_on_the_way_sees_only_what_was(tmp_path):
    lines = f'{WROTE}, {{ at = "10:30", do = "reply" }}'
    check = '[[scenario.check]]\nat = "10:29"\nfrt = { outcome = "running" }'
    assert story(tmp_path, lines, 'frt = { outcome = "met" }', extra=check).passed


def test_a_document_that_should_have_been_refused(tmp_path):
    file = tmp_path / "file.toml"
    file.write_text(
        '[[scenario]]\nid = "x"\ntitle = "t"\nsaved = 2026-03-03\nrefused = ["policies"]\ndocument = "version = 1"\n'
    )
    [scenario] = read_file(file)
    [difference] = run(scenario).differences
    assert difference.startswith("refused: expected policies; got ")


# --- the command ------------------------------------------------------------------------------------------------


def command(*arguments):
    result = CliRunner().invoke(main.main, ["policy", "test", *map(str, arguments)])
    return result.exit_code, result.output


@pytest.fixture
def good(tmp_path):
    file = tmp_path / "good.toml"
    file.write_text(GOOD)
    return file


def test_the_last_line_counts(good, tmp_path):
    code, output = command(good)
    assert (code, output.splitlines()[-1]) == (0, "1 passed, 0 failed")
    bad = tmp_path / "bad.toml"
    bad.write_text(GOOD.replace('due = "11:00"', 'due = "12:00"'))
    code, output = command(good, bad)
    assert (code, output.splitlines()[-1]) == (1, "1 passed, 1 failed")
    assert f"{bad}: scenario one: scenario one.expect.frt.due: expected" in output


def test_verbose_tells_the_story(good):
    code, output = command("-v", good)
    assert code == 0
    assert "Tue 3 Mar 2026 10:00:00 UTC  ada writes (message 100)" in output


def test_other_policies_are_tried(good, tmp_path):
    slower = tmp_path / "slower.toml"
    document = GOOD[: GOOD.index("[[scenario]]")].replace("[policies]\n", "").replace("policies.", "")
    slower.write_text(document.replace("60 min", "90 min"))
    code, output = command("--policies", slower, good)
    assert code == 1
    assert "expected Tue 3 Mar 2026 11:00:00 UTC; got Tue 3 Mar 2026 11:30:00 UTC" in output


def test_a_file_that_cannot_be_read_is_refused_in_words(tmp_path):
    file = tmp_path / "file.toml"
    file.write_text("[[scenario]]\n")
    code, output = command(file)
    assert code == 1
    assert "id: is missing; add it" in output
