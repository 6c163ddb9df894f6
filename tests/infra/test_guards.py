"""Which function may make, change and read which kind of item: the policy documents, judged as IAM judges them."""

import inspect
import json
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any, get_type_hints

import pytest

from chalicelib.adapters import keys
from infra.deploy import iam_policies
from infra.deploy.iam_policies import GUARDS, OPEN, READ, STAGES, WRITE
from tests.usecases.world import T0

FUNCTIONS = tuple(iam_policies.statements("prod"))
SAMPLES: dict[Any, Any] = {str: "id", int: 7, bool: True, datetime: T0, date: T0.date()}


def partitions() -> dict[str, str]:
    """The partition key that each function of `keys` makes, by its name."""
    found = {"ROLLUPS": keys.ROLLUPS[0]}
    for name, function in inspect.getmembers(keys, inspect.isfunction):
        if function.__module__ != keys.__name__:
            continue
        hints = get_type_hints(function)
        makes = hints.pop("return")
        if makes == keys.Key:
            found[name] = function(**{one: SAMPLES[kind] for one, kind in hints.items()})[0]
    return found


def may(stage: str, function: str, action: str, *pks: str) -> bool:
    """Whether the function's document lets it do this to items of these partitions, in one request."""
    document = json.loads((iam_policies.FOLDER / stage / f"{function}.json").read_text())
    effects = {one["Effect"] for one in document["Statement"] if _holds(one, action, pks)}
    return effects == {"Allow"}


def _holds(statement: dict[str, Any], action: str, pks: tuple[str, ...]) -> bool:
    if f"dynamodb:{action}" not in statement["Action"]:
        return False
    for operator, conditions in statement.get("Condition", {}).items():
        assert operator == "ForAnyValue:StringLike", "judge this one here before it is used"
        [(key, patterns)] = conditions.items()
        assert key == "dynamodb:LeadingKeys"
        return any(fnmatchcase(pk, pattern) for pk in pks for pattern in patterns)
    return True


@pytest.mark.parametrize(("name", "pk"), partitions().items())
def test_every_kind_of_key_is_guarded_or_open(name: str, pk: str) -> None:
    kinds = [pattern for pattern in (*(guard.pk for guard in GUARDS), *OPEN) if fnmatchcase(pk, pattern)]
    assert len(kinds) == 1, f"say in infra/deploy/iam_policies.py whether what keys.{name} names gives power"


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_makes_a_user_or_a_token_and_only_the_api_knows_them(stage: str, function: str) -> None:
    for pk in (keys.user("ann")[0], keys.token("0" * 64)[0]):
        assert not any(may(stage, function, action, pk) for action in WRITE)
        assert function == "api_handler" or not any(may(stage, function, action, pk) for action in READ)
    assert may(stage, "api_handler", "BatchGetItem", keys.token("0" * 64)[0])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_changes_what_was_promised_or_set(function: str) -> None:
    for pk in (keys.policy(7)[0], keys.document("vocabulary")[0]):
        assert not any(may("prod", function, action, pk) for action in WRITE)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.pk)
def test_a_guard_lets_through_whom_it_names_and_nobody_else(
    stage: str, function: str, guard: iam_policies.Guard
) -> None:
    pk, anything = guard.pk.replace("*", "0"), "CASE#c0"
    for action in WRITE:
        assert may(stage, function, action, pk) == (
            function in guard.writers and may(stage, function, action, anything)
        )
    for action in READ:
        admitted = guard.readers is None or function in guard.readers
        assert may(stage, function, action, pk) == (admitted and may(stage, function, action, anything))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_one_guarded_key_among_many_is_refused(function: str) -> None:
    assert not may("prod", function, "PutItem", "CASE#c0", "MSG#x#1", "USER")


def test_no_item_that_gives_power_stands_in_an_index() -> None:
    """A query on an index is judged by the index's keys: what has none of them is out of its reach."""
    shown = {*keys.due_partitions(), *keys.list_partitions(closed=False), *keys.list_partitions(closed=True)}
    assert not [pk for pk in shown for guard in GUARDS if fnmatchcase(pk, guard.pk)]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("function", ["casework", "casework_urgent", "deliver"])
def test_a_fact_may_be_stored_under_the_condition_that_nobody_was_erased(stage: str, function: str) -> None:
    """One transaction, judged by all of its keys: a refusal here would stop every mention."""
    for action in ("PutItem", "DeleteItem", "ConditionCheckItem"):
        assert may(stage, function, action, keys.case("c0")[0], keys.erased("0" * 32)[0])
