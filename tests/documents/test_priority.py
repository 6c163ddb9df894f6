"""The settings of the priority score: what ships is sound, and every mistake is found at once."""

import tomllib
from copy import deepcopy
from typing import Any

import pytest

from chalicelib.documents.priority import PriorityInvalid, figures, read, read_toml
from chalicelib.policies import priority_toml

SHIPPED: dict[str, Any] = tomllib.loads(priority_toml())


def changed(section: str, key: str, value: Any) -> dict[str, Any]:
    document = deepcopy(SHIPPED)
    document[section][key] = value
    return document


def problems(document: dict[str, Any]) -> list[str]:
    with pytest.raises(PriorityInvalid) as refused:
        read(document)
    return str(refused.value).splitlines()


def test_every_figure_that_ships_has_a_source() -> None:
    found = figures(priority_toml())
    assert len(found) == sum(len(section) for section in SHIPPED.values())
    assert all(figure.source for figure in found)
    told = {figure.name: (figure.value, figure.source) for figure in found if figure.section == "word_of_mouth"}
    survey = (
        "American Express 2012 Global Customer Service Barometer, people who used social media for customer service"
    )
    assert (told["told_bad"][0], told["told_good"][0]) == (58, 42)
    assert all(told[name][1].startswith(survey) for name in ("told_bad", "told_good"))


@pytest.mark.parametrize(
    ("section", "key", "field"),
    [
        ("mood", "complaint", "complaint"),
        ("reach", "from", "reach_from"),
        ("promise", "shortest", "promise"),
        ("word_of_mouth", "told_bad", "told_bad"),
        ("history", "same_place", "same_place"),
    ],
)
def test_each_number_changes_in_one_line(section: str, key: str, field: str) -> None:
    line = f"\n{key} = {{ value = {SHIPPED[section][key]['value']}, source = "
    assert priority_toml().count(line) == 1
    toml = priority_toml().replace(line, f"\n{key} = {{ value = 7, source = ")
    assert getattr(read_toml(toml), field) == 7


@pytest.mark.parametrize(
    ("section", "key", "value", "place", "says"),
    [
        ("mood", "complaint", {"value": 5}, "mood.complaint.source", "is missing"),
        ("mood", "complaint", {"value": 5, "source": " "}, "mood.complaint.source", "is not a text"),
        ("mood", "complaint", 5, "mood.complaint", "is not a table"),
        ("mood", "complaint", {"value": -1, "source": "x"}, "mood.complaint.value", "from 0 to"),
        ("mood", "complaint", {"value": 1.5, "source": "x"}, "mood.complaint.value", "whole number"),
        ("mood", "complaints", {"value": 1, "source": "x"}, "mood.complaints", "did you mean 'complaint'?"),
        ("scale", "point", {"value": "1 day", "source": "x"}, "scale.point.value", "counts in days"),
        ("promise", "within", {"value": "0 h", "source": "x"}, "promise.within.value", "no time at all"),
        ("tiers", "Very Gold", {"value": 1, "source": "x"}, "tiers.Very Gold", "is not a name"),
        ("floor", "critical", {"value": 255, "source": "x"}, "floor.critical", "must be above 255"),
        ("reach", "most", {"value": 900, "source": "x"}, "floor.critical", "raise it, or lower"),
    ],
)
def test_one_mistake_is_one_problem_with_its_place(section: str, key: str, value: Any, place: str, says: str) -> None:
    found = problems(changed(section, key, value))
    assert [problem.split(": ")[0] for problem in found] == [place]
    assert says in found[0]


def test_several_mistakes_are_named_at_once() -> None:
    document = changed("mood", "complaint", {"value": "much", "source": "x"})
    del document["urgency"]
    assert [problem.split(": ")[0] for problem in problems(document)] == ["mood.complaint.value", "urgency"]


def test_what_is_not_toml_is_said() -> None:
    with pytest.raises(PriorityInvalid, match="this is not TOML"):
        read_toml("urgency = ")


def test_without_tiers_nobody_has_points_for_one() -> None:
    document = deepcopy(SHIPPED)
    del document["tiers"]
    assert read(document).tiers == {}
