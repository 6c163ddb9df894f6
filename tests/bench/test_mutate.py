"""What mutmut found is counted right: what nobody can explain is not a kill, and nothing tried is no success."""

import json

import pytest

from bench.mutate import alive, killed_percent, read, summary

FOUND = {"a": 1, "b": 3, "c": 36, "d": -24, "e": 0, "f": 33, "g": -11, "h": None}


def test_only_a_failed_or_stopped_run_is_a_kill() -> None:
    assert alive(FOUND) == ["e", "f", "g", "h"]
    assert killed_percent(FOUND) == 50
    assert summary(FOUND) == (
        "8 mutants: 2 killed, 1 survived, 2 timed out, 2 unclear, 1 without a test; 50.0 % noticed, 90 % wanted"
    )


@pytest.mark.parametrize(("found", "percent"), [({}, 0), ({"a": 1}, 100), ({"a": 0}, 0)])
def test_a_run_that_tried_nothing_does_not_pass(found: dict[str, int | None], percent: float) -> None:
    assert killed_percent(found) == percent


def test_the_files_that_mutmut_writes_are_read(tmp_path) -> None:
    for name, code in (("clock", 0), ("calendar", 1)):
        file = tmp_path / "mutants" / "domain" / f"{name}.py.meta"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"exit_code_by_key": {f"{name}.x_due__mutmut_1": code}}))
    assert read(tmp_path) == {"calendar.x_due__mutmut_1": 1, "clock.x_due__mutmut_1": 0}
