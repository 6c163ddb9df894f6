"""Policy books: the shipped one until another is applied, every version for ever, none changed."""

from itertools import count
from typing import Any

import pytest

from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.policies import KEPT_S, TablePolicies
from chalicelib.policies import default_toml
from chalicelib.ports.policy_document import read_toml
from chalicelib.ports.table import Conflict

SHIPPED = read_toml(default_toml(), today=None)
OTHER = default_toml().replace("\nversion = 1\n", "\nversion = 2\n")
_versions = count(100)  # tests share the local AWS, where versions stay


class Seconds:
    """A clock that goes on when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=["memory", "dynamo"])
def table(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryTable()
    aws = request.getfixturevalue("aws")
    return DynamoTable(aws.client("dynamodb"), aws.settings.table)


def store(table: Any) -> TablePolicies:
    return TablePolicies(table, clock=Seconds())


def test_the_shipped_book_is_in_force_while_the_table_has_none():
    promises = store(MemoryTable()).promises()
    assert promises.books == {SHIPPED.version: SHIPPED}
    assert promises.current == SHIPPED.version


def test_an_applied_book_is_in_force_and_the_others_stay(table):
    version = next(_versions)
    store(table).apply(version, OTHER)
    promises = store(table).promises()
    assert promises.current == version
    assert promises.books[SHIPPED.version] == SHIPPED
    assert promises.books[version].version == version
    assert promises.books[version].policies == SHIPPED.policies


def test_versions_count_as_numbers():
    table = MemoryTable()
    for version in (9, 10, 2):
        store(table).apply(version, OTHER)
    assert store(table).promises().current == 10


def test_a_version_never_changes(table):
    version = next(_versions)
    store(table).apply(version, OTHER)
    with pytest.raises(Conflict):
        store(table).apply(version, default_toml().replace("ack = ", "# other\nack = "))
    assert store(table).promises().books[version].policies == SHIPPED.policies


def test_the_shipped_version_never_changes_either():
    table = MemoryTable()
    with pytest.raises(Conflict):
        store(table).apply(SHIPPED.version, OTHER)
    assert table.everything() == {}


def test_books_are_read_once_a_minute():
    table, clock = MemoryTable(), Seconds()
    policies = TablePolicies(table, clock=clock)
    first = policies.promises()
    store(table).apply(2, OTHER)
    clock.now = KEPT_S - 1
    assert policies.promises() is first
    clock.now = KEPT_S
    assert policies.promises().current == 2


def test_a_table_that_does_not_answer_is_an_error_and_not_the_shipped_book():
    class Down(MemoryTable):
        def query(self, *_: Any, **__: Any) -> Any:
            raise OSError

    with pytest.raises(OSError):  # noqa: PT011  whatever the store raises
        store(Down()).promises()
