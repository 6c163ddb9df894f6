"""What doctor says of the promises."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.policies import default_toml
from infra.operate.policy.health import SOON, TOO_LONG, findings
from infra.operate.policy.stage import PolicyStage, on_table

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
LISTED = default_toml().replace(
    'hours = "24/7"', 'hours = "24/7"\nholidays = [{ list = "England", until = 2028-12-31, dates = [2026-12-25] }]'
)
END = datetime(2028, 12, 31, tzinfo=UTC)


def said(stage: PolicyStage, now: datetime = NOW) -> list[tuple[str, str]]:
    return [(finding.level, finding.text) for finding in findings(stage, "prod", now)]


def stage_with(document: str) -> PolicyStage:
    stage = on_table(MemoryTable())
    job = stage.policies.apply(2, document, at=NOW, actor="lea")
    stage.policies.save(replace(job, next_at=None))
    return stage


def test_what_ships_is_well() -> None:
    assert said(on_table(MemoryTable())) == [("OK", "promises: Version 1, as it ships.")]


def test_a_list_of_holidays_that_ends_soon_asks_to_be_applied_again() -> None:
    stage = stage_with(LISTED)
    assert [level for level, _ in said(stage, END - SOON)] == ["OK"]
    *_, (level, text) = said(stage, END - SOON + timedelta(seconds=1))
    assert level == "WARN"
    assert text == "the holidays of England (calendar always) are known until 2028-12-31"
    *_, finding = findings(stage, "prod", END)
    assert finding.next_step is not None
    assert "earshot policy apply policies.toml --stage prod" in finding.next_step


def test_a_version_that_cannot_be_read_fails() -> None:
    [(level, text)] = said(stage_with(LISTED.replace('zone = "UTC"', 'zone = "Mars/Olympus"')))
    assert level == "FAIL"
    assert "calendars.always.zone" in text


def test_open_cases_that_were_not_told_are_named() -> None:
    stage = stage_with(LISTED)
    job = stage.policies.job(2)
    assert job is not None
    stage.policies.save(replace(job, next_at=NOW, failures=1, failed=("c1: OSError",)))
    assert said(stage)[1:] == [("WARN", "1 of the open cases could not be told of version 2: c1: OSError")]
    late = said(stage, NOW + TOO_LONG + timedelta(seconds=1))
    assert ("WARN", "open cases still have to be told of version 2") in late


def test_dates_that_are_about_to_end_are_warned_of() -> None:
    stage = stage_with(default_toml().replace('hours = "24/7"', 'hours = "24/7"\nholidays = [2026-12-25, 2027-01-01]'))
    assert [level for level, _ in said(stage, NOW - timedelta(days=90))] == ["OK"]
    *_, (level, text) = said(stage)
    assert (level, text) == ("WARN", "the holidays of calendar always are dates, the last of them 2027-01-01")
