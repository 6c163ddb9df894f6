"""The engine that ships, where it is and where it is not."""

import json
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from chalicelib.adapters.engines import builtin


@pytest.fixture(autouse=True)
def nothing_loaded() -> Iterator[None]:
    builtin.load.cache_clear()
    yield
    builtin.load.cache_clear()


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("encoder")
    monkeypatch.setattr(builtin, "NEEDS", "json")
    monkeypatch.setattr(builtin, "MODULE", "an.encoder")
    monkeypatch.setitem(sys.modules, "an", ModuleType("an"))
    monkeypatch.setitem(sys.modules, "an.encoder", module)
    return module


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_it_is_made_once(encoder: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    made = object()
    encoder.load = lambda: made  # type: ignore[attr-defined]
    assert builtin.load() is builtin.load() is made
    assert lines(capfd) == []


def test_without_its_layer_there_is_none_and_one_line(encoder: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    encoder.load = lambda: None  # type: ignore[attr-defined]
    assert builtin.load() is builtin.load() is None
    [line] = lines(capfd)
    assert line["message"].startswith("no built-in engine")


def test_without_what_it_needs_nothing_is_even_tried(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(builtin, "NEEDS", "no_such_package")
    monkeypatch.setattr(builtin, "import_module", pytest.fail)
    assert builtin.load() is None
    assert len(lines(capfd)) == 1


@pytest.mark.usefixtures("encoder")
def test_a_module_that_cannot_load_is_said_and_no_more(capfd: pytest.CaptureFixture[str]) -> None:
    assert builtin.load() is None  # it has no `load`
    assert [line["level"] for line in lines(capfd)] == ["warning", "info"]


def test_a_module_that_is_not_there_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtin, "NEEDS", "json")
    monkeypatch.setattr(builtin, "MODULE", "chalicelib.classify.no_such_engine")
    assert builtin.load() is None
