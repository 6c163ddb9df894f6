"""Policy books: the shipped one until another is applied, every version for ever, none changed."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.policies import KEPT_S, TablePolicies
from chalicelib.documents.policies import read_toml
from chalicelib.policies import default_toml
from chalicelib.ports.cases import DueEntry, DueKind
from chalicelib.ports.policies import PolicyJob, PolicyVersion
from chalicelib.ports.table import Conflict

SHIPPED = read_toml(default_toml(), today=None)
OTHER = default_toml().replace('ack = "30 min"', 'ack = "20 min"')
APPLIED_AT = datetime(2026, 11, 23, 10, 15, 30, tzinfo=UTC)
_versions = count(100)  # tests share the local AWS, where versions stay


class Seconds:
    """A clock that goes on when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=["memory", pytest.param("dynamo", marks=pytest.mark.local_aws)])
def table(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryTable()
    aws = request.getfixturevalue("aws")
    return DynamoTable(aws.client("dynamodb"), aws.settings.table)


def store(table: Any) -> TablePolicies:
    return TablePolicies(table, clock=Seconds())


def apply(table: Any, version: int, document: str = OTHER) -> PolicyJob:
    return store(table).apply(version, document, at=APPLIED_AT, actor="ann")


def test_the_shipped_book_is_in_force_while_the_table_has_none():
    promises = store(MemoryTable()).promises()
    assert promises.books == {SHIPPED.version: SHIPPED}
    assert promises.current == SHIPPED.version


def test_an_applied_book_is_in_force_and_the_others_stay(table):
    version = next(_versions)
    apply(table, version)
    promises = store(table).promises()
    assert promises.current == version
    assert promises.books[SHIPPED.version] == SHIPPED
    assert promises.books[version].version == version
    assert promises.books[version].policies == read_toml(OTHER, today=None).policies


def test_versions_count_as_numbers():
    table = MemoryTable()
    for version in (9, 10, 2):
        apply(table, version)
    assert store(table).promises().current == 10


def test_a_version_never_changes(table):
    version = next(_versions)
    apply(table, version)
    with pytest.raises(Conflict):
        apply(table, version, default_toml())
    assert store(table).promises().books[version].default.ladder.ack_s == 20 * 60


def test_the_shipped_version_never_changes_either():
    table = MemoryTable()
    with pytest.raises(Conflict):
        apply(table, SHIPPED.version)
    assert table.everything() == {}


def test_what_shipped_is_kept_with_the_first_version_so_that_a_release_cannot_change_it(monkeypatch):
    table = MemoryTable()
    apply(table, 2)
    monkeypatch.setattr("chalicelib.adapters.policies.default_toml", lambda: OTHER)
    apply(table, 3)
    assert store(table).promises().books[1].default == SHIPPED.default


def test_books_are_read_once_a_minute():
    table, clock = MemoryTable(), Seconds()
    policies = TablePolicies(table, clock=clock)
    first = policies.promises()
    apply(table, 2)
    clock.now = KEPT_S - 1
    assert policies.promises() is first
    clock.now = KEPT_S
    assert policies.promises().current == 2


class CountedTable(MemoryTable):
    """Counts what is asked of it."""

    asked = 0

    def query(self, *args: Any, **values: Any) -> Any:
        self.asked += 1
        return super().query(*args, **values)

    def get(self, *args: Any) -> Any:
        self.asked += 1
        return super().get(*args)


def test_a_version_that_was_applied_since_is_looked_up_when_it_is_met():
    table = CountedTable()
    books = store(table).promises().books
    apply(table, 2)
    asked = table.asked
    assert books[2].default.ladder.ack_s == 20 * 60
    assert books[2].version == 2
    assert table.asked == asked + 1


def test_a_version_that_does_not_exist_is_looked_for_once():
    table = CountedTable()
    books = store(table).promises().books
    asked = table.asked
    for _ in range(3):
        with pytest.raises(KeyError):
            books[7]
    assert table.asked == asked + 1


def test_a_document_that_no_longer_reads_does_not_take_the_others_with_it():
    table = MemoryTable()
    apply(table, 2)
    apply(table, 3, OTHER.replace('zone = "UTC"', 'zone = "Mars/Olympus"'))
    promises = store(table).promises()
    assert (promises.current, sorted(promises.books)) == (2, [1, 2])
    with pytest.raises(KeyError):
        promises.books[3]
    assert [version.version for version in store(table).versions()] == [1, 2, 3]


def test_versions_say_who_applied_them_and_when(table):
    version = next(_versions)
    apply(table, version)
    first, *_, last = store(table).versions()
    assert first == PolicyVersion(version=1, document=default_toml())
    assert last == PolicyVersion(version=version, document=OTHER, applied_at=APPLIED_AT, actor="ann")


def test_a_version_comes_with_the_job_that_tells_open_cases(table):
    version = next(_versions)
    job = apply(table, version)
    assert job == store(table).job(version)
    assert (job.version, job.applied_at, job.actor, job.next_at) == (version, APPLIED_AT, "ann", APPLIED_AT)
    assert store(table).job(next(_versions)) is None
    entries = TableCaseStore(table).due(APPLIED_AT, limit=1000)
    assert DueEntry(at=APPLIED_AT, kind=DueKind.POLICY_JOB, id=str(version)) in entries


def test_a_job_is_saved_only_by_who_has_read_it_last(table):
    job = apply(table, next(_versions))
    policies = store(table)
    policies.save(replace(job, more="3:", seen=7, failed=("c1: Overtaken",), next_at=None))
    saved = policies.job(job.version)
    assert saved is not None
    assert (saved.more, saved.seen, saved.failed, saved.is_done) == ("3:", 7, ("c1: Overtaken",), True)
    with pytest.raises(Conflict):
        policies.save(job)
    entries = TableCaseStore(table).due(APPLIED_AT, limit=1000)
    assert str(job.version) not in {entry.id for entry in entries}


def test_a_table_that_does_not_answer_is_an_error_and_not_the_shipped_book():
    class Down(MemoryTable):
        def query(self, *_: Any, **__: Any) -> Any:
            raise OSError

    with pytest.raises(OSError):  # noqa: PT011  whatever the store raises
        store(Down()).promises()
