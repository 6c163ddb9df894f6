"""The engine that ships, where it is and where it is not."""

import json
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from chalicelib.adapters.engines import builtin
from chalicelib.classify import classify, encoder
from chalicelib.domain.labels import Urgency
from chalicelib.domain.refinement import refined
from chalicelib.ports.engines import Passage
from infra.deploy.encoder_layer import WEIGHTS


@pytest.fixture(autouse=True)
def nothing_loaded() -> Iterator[None]:
    builtin.load.cache_clear()
    yield
    builtin.load.cache_clear()


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made = ModuleType("encoder")
    monkeypatch.setattr(builtin, "LAYER", "json")
    monkeypatch.setattr(builtin, "MODULE", "an.encoder")
    monkeypatch.setitem(sys.modules, "an", ModuleType("an"))
    monkeypatch.setitem(sys.modules, "an.encoder", made)
    return made


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_it_is_made_once(module: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    made = object()
    module.load = lambda _folder: made  # type: ignore[attr-defined]
    assert builtin.load() is builtin.load() is made
    assert lines(capfd) == []


def test_without_its_layer_there_is_none_and_one_line(module: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    module.load = lambda _folder: None  # type: ignore[attr-defined]
    assert builtin.load() is builtin.load() is None
    [line] = lines(capfd)
    assert line["message"].startswith("no built-in engine")


def test_where_there_is_no_layer_nothing_is_even_tried(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(builtin, "LAYER", "no_such_layer")
    monkeypatch.setattr(builtin, "import_module", pytest.fail)
    assert builtin.load() is None
    assert len(lines(capfd)) == 1


@pytest.mark.usefixtures("module")
def test_one_that_cannot_load_is_said_and_no_more(capfd: pytest.CaptureFixture[str]) -> None:
    assert builtin.load() is None  # it has no `load`
    assert [line["level"] for line in lines(capfd)] == ["warning", "info"]


def test_the_names_are_those_of_the_encoder() -> None:
    assert (encoder.__name__, encoder.PACKAGE) == (builtin.MODULE, builtin.LAYER)


def test_what_really_ships_refines_what_triage_said() -> None:
    engine = builtin.load(WEIGHTS)
    assert engine is not None
    text = "Great food, but we waited 45 minutes and nobody came. Where is our lunch?"
    [labels] = engine.judge([Passage(text=text, labels=classify(text))], limit_s=300.0)
    assert labels is not None
    assert refined(classify(text), labels).engine == f"{encoder.ENGINE}+{classify(text).engine}"
    assert isinstance(labels.urgency.value, Urgency)
