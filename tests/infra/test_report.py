"""Reports on the command line."""

import json

import pytest

from infra.deploy import target
from infra.operate import records
from tests.infra.test_cli import run
from tests.usecases.test_report import office_after_answers, office_of_ten
from tests.usecases.world import PROMISES, at


@pytest.fixture(autouse=True)
def stage(monkeypatch: pytest.MonkeyPatch) -> None:
    office = office_of_ten(received_at=at(85))
    monkeypatch.setattr(target, "for_stage", lambda _stage: None)
    monkeypatch.setattr(records, "table", lambda _where: office.desk.table)
    monkeypatch.setattr(records, "promises", lambda _stage: PROMISES)


def test_a_day_is_rolled_up_and_shown_with_its_counts() -> None:
    code, text = run("report", "rebuild", "--from", "2026-03-02", "--to", "2026-03-03")
    assert (code, text) == (0, "Rolled up 2 days: 11 clocks of 10 cases.\n")
    code, text = run("report", "show", "--day", "2026-03-03", "--by", "channel")
    assert code == 0
    lines = [" ".join(line.split()) for line in text.partition("\nResolution")[0].splitlines()]
    assert lines == [
        "Promises kept, 2026-03-03",
        "",
        "First reply",
        "KEPT OF SHARE 95 % INTERVAL",
        "as customers lived it 7 9 77.8 % 45.3 to 93.7 %",
        "without what reached us late 7 8 87.5 % 52.9 to 97.8 %",
        "without clocks that changed promise 7 9 77.8 % 45.3 to 93.7 %",
        "channel x.main 7 9 77.8 % 45.3 to 93.7 %",
        "On average 45 min 6 s of open hours, 45 min 6 s by the wall clock (9 clocks)",
        "Resolved without reply: 1",
    ]


def test_as_json_with_every_line() -> None:
    run("report", "rebuild", "--from", "2026-03-03", "--to", "2026-03-03")
    found = json.loads(run("report", "show", "--from", "2026-03-03", "--to", "2026-03-04", "--json")[1])
    assert found["missing"] == ["2026-03-04"]
    frt = found["metrics"]["frt"]
    assert (frt["met"], frt["breached"], frt["no_reply"], frt["late_breached"]) == (7, 2, 1, 1)
    assert frt["shares"]["without_late"] == {
        "met": 7,
        "breached": 1,
        "percent": 87.5,
        "interval": [pytest.approx(52.9, abs=0.1), pytest.approx(97.8, abs=0.1)],
    }
    assert sum(line["met"] for line in found["lines"] if line["metric"] == "frt") == 7
    assert {line["day"] for line in found["lines"]} == {"2026-03-03"}


def test_days_that_nobody_rolled_up_are_named_with_the_next_step() -> None:
    code, text = run("report", "show", "--from", "2026-03-03", "--to", "2026-03-09", "--stage", "dev")
    assert code == 0
    assert "Nothing is rolled up." in text
    assert "7 days were never rolled up: 2026-03-03, 2026-03-04, 2026-03-05, 2026-03-06, 2026-03-07, …" in text
    assert "`earshot report rebuild --from 2026-03-03 --to 2026-03-09 --stage dev`" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["show", "--from", "2026-03-04", "--to", "2026-03-03"], "is later than"),
        (["show", "--from", "2024-03-04", "--to", "2026-03-03"], "at most 366 days"),
        (["show", "--day", "2026-03-04", "--to", "2026-03-03"], "--day is one day"),
        (["rebuild", "--from", "yesterday"], "does not match the format"),
    ],
)
def test_days_that_make_no_sense(arguments: list[str], sentence: str) -> None:
    code, text = run("report", *arguments)
    assert code == 2
    assert sentence in text


def test_who_was_won_back_is_shown_with_its_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    office = office_after_answers()
    monkeypatch.setattr(records, "table", lambda _where: office.desk.table)
    assert run("report", "rebuild", "--from", "2026-03-03", "--to", "2026-03-10")[0] == 0
    code, text = run("report", "show", "--from", "2026-03-03", "--to", "2026-03-10", "--by", "reach")
    assert code == 0
    lines = [" ".join(line.split()) for line in text.partition("\nAfter the answer")[2].splitlines()]
    assert lines == [
        ", within seven days",
        "CASES",
        "thanked 1",
        "repeated 1",
        "silent 2",
        "WON OF SHARE 95 % INTERVAL",
        "complaints won back 1 3 33.3 % 6.1 to 79.2 %",
        "reach unknown 1 3 33.3 % 6.1 to 79.2 %",
    ]
    assert "reach unknown" in text.partition("First reply")[2].partition("Resolution")[0]
    found = json.loads(run("report", "show", "--from", "2026-03-03", "--to", "2026-03-10", "--json")[1])
    assert found["after"]["share_won_back"]["met"] == 1
    assert "after" not in found["metrics"]
