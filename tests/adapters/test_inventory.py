"""Whatever is kept is declared: what it says of a person, and what an erasure does with it."""

import inspect
import re
from datetime import date
from typing import Any, get_type_hints

import pytest
from cfnlint.decode import cfn_yaml

from chalicelib.adapters import inventory, keys
from chalicelib.adapters.inventory import FOLDERS, KINDS, QUEUES, kind_of
from chalicelib.ports.table import Key
from infra.paths import ROOT, TEMPLATE
from tests.usecases.world import T0

NO_KEYS = {"instant", "quarter", "shard", "due_at", "due_entry", "due_partitions", "list_partitions", "list_entry"}
NO_KEYS |= {"incident_of_entry", "incident_cursor", "incident_entry_of"}
ARGUMENTS: dict[Any, Any] = {str: "id", int: 7, bool: True}


def made_keys() -> dict[str, Key]:
    """What every function and constant of `keys` makes, by its name."""
    found: dict[str, Key] = {}
    for name, function in inspect.getmembers(keys, inspect.isfunction):
        if function.__module__ != keys.__name__ or name in NO_KEYS:
            continue
        hints = get_type_hints(function)
        given = {
            parameter: T0
            if hints[parameter] is type(T0)
            else T0.date()
            if hints[parameter] is date
            else ARGUMENTS[hints[parameter]]
            for parameter in inspect.signature(function).parameters
        }
        made = function(**given)
        found[name] = made if isinstance(made, tuple) else (made, "")
    return found


@pytest.mark.parametrize(("name", "key"), made_keys().items())
def test_every_key_is_of_a_declared_kind(name: str, key: Key) -> None:
    pk, sk = key
    assert any(kind.pk.rstrip("#") == pk.partition("#")[0] for kind in KINDS), f"{name} makes an undeclared key"
    if sk:
        assert kind_of(key)


def test_the_list_in_keys_and_the_inventory_name_the_same() -> None:
    lines = re.findall(r"^    ([A-Z_]+#?)", keys.__doc__ or "", re.MULTILINE)
    assert set(lines) == {kind.pk for kind in KINDS}


def test_every_queue_and_folder_is_declared() -> None:
    resources = cfn_yaml.load(str(TEMPLATE))["Resources"]
    queues = {
        str(one["Properties"]["QueueName"]["Fn::Sub"]).removeprefix("earshot-${Stage}-")
        for one in resources.values()
        if one["Type"] == "AWS::SQS::Queue"
    }
    assert queues == set(QUEUES)
    rules = resources["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert {rule["Prefix"].rstrip("/") for rule in rules if "Prefix" in rule} <= set(FOLDERS)
    source = "\n".join(path.read_text() for path in (ROOT / "chalicelib").rglob("*.py"))
    assert {
        folder
        for folder in re.findall(r'f?"([a-z]+)/(?:\{|")', source)
        if folder in ("quarantine", "large", "erasures")
    } <= set(FOLDERS)


def test_what_holds_something_of_a_person_says_what_becomes_of_it() -> None:
    for kind in KINDS:
        assert bool(kind.holds) == bool(kind.erased), kind
    assert not [name for name, (holds, erased, _) in (QUEUES | FOLDERS).items() if bool(holds) != bool(erased)]


def test_an_undeclared_key_is_refused() -> None:
    with pytest.raises(LookupError, match="NEW / @"):
        inventory.kind_of(("NEW#1", "@"))


def test_the_page_on_privacy_says_the_same() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text()
    for kind in (kind for kind in KINDS if kind.is_personal):
        key = f"{kind.pk} / {kind.sk}" if kind.sk else kind.pk
        assert f"| {kind.what} (`{key}`) | {kind.holds} | {kind.kept} | {kind.erased} |" in page
    for name, (holds, erased, kept) in (QUEUES | FOLDERS).items():
        assert not holds or f"`{name}/` | {holds} | {kept} | {erased} |" in page.replace(
            f"queue `{name}`", f"queue `{name}/`"
        )
    window = cfn_yaml.load(str(TEMPLATE))["Resources"]["Cases"]["Properties"]["PointInTimeRecoverySpecification"]
    assert f"**{window['RecoveryPeriodInDays']} days**" in page
