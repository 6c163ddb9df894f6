"""Customers as items: the same on both tables."""

from dataclasses import replace
from itertools import count

import pytest

from chalicelib.adapters import keys
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.domain.customer import ChangeKind, Profile, RecordChange, changed
from chalicelib.ports.cases import Commit
from chalicelib.ports.customers import Conflict, Customer, KnownCustomer
from tests.adapters.test_cases_store import opened
from tests.usecases.world import at

_platforms = count()


@pytest.fixture(params=["memory", pytest.param("dynamo", marks=pytest.mark.local_aws)])
def cases(request: pytest.FixtureRequest) -> TableCaseStore:
    if request.param == "memory":
        return TableCaseStore(MemoryTable())
    aws = request.getfixturevalue("aws")
    return TableCaseStore(DynamoTable(aws.client("dynamodb"), aws.settings.table))


@pytest.fixture
def mira() -> Customer:
    return Customer(platform=f"customers{next(_platforms)}", author_key="501")


def change(kind: ChangeKind, value: str | None, number: int) -> RecordChange:
    return RecordChange(
        kind=kind, value=value, id=f"p{number}", by="ann", at=at(number), case_id="c1", request="r", made=number
    )


def recorded(cases: TableCaseStore, customer: Customer, *changes: RecordChange) -> Profile:
    profile = Profile()
    for one in changes:
        profile = changed(profile, one)
        cases.record(customer, profile, one)
    return profile


CHANGES = [change(ChangeKind.TAG, f"tag-{number}", number) for number in range(1, 13)]


def test_a_profile_comes_back_as_it_was_with_its_changes_in_order(cases, mira):
    assert cases.profile(mira, change_id="p1") == (Profile(), None)
    profile = recorded(cases, mira, *CHANGES, change(ChangeKind.CONSENT, "by chat", 13))
    assert cases.profile(mira, change_id="p2") == (profile, CHANGES[1])
    assert cases.profile(mira, change_id="p99") == (profile, None)
    assert [one.made for one in cases.changes(mira)] == list(range(1, 14))
    assert cases.known(mira, most=5) == KnownCustomer(customer=mira, profile=profile)


def test_only_the_next_version_is_taken_and_each_change_once(cases, mira):
    profile = recorded(cases, mira, CHANGES[0])
    for stale in (replace(profile, version=1), replace(profile, version=3)):
        with pytest.raises(Conflict):
            cases.record(mira, stale, CHANGES[1])
    with pytest.raises(Conflict):
        cases.record(mira, replace(profile, version=2), CHANGES[0])
    assert cases.profile(mira, change_id="p2") == (profile, None)


def test_the_newest_cases_stand_beside_the_profile(cases, mira):
    for number in range(4):
        commit = opened(mira.platform, f"10{number}")
        state = replace(commit.case.state, opened_at=at(number))
        cases.commit(replace(commit, case=replace(commit.case, state=state)))
    profile = recorded(cases, mira, CHANGES[0])
    ids = [f"{mira.platform}-10{number}" for number in (3, 2, 1, 0)]
    assert cases.known(mira, most=3) == KnownCustomer(customer=mira, profile=profile, case_ids=tuple(ids[:3]))
    assert cases.known(mira, most=9).case_ids == tuple(ids)
    assert [case.case_id for case in cases.cases([ids[2], "c-none", ids[0]])] == [ids[2], ids[0]]


def test_a_commit_that_rests_on_a_profile_fails_when_that_has_changed(cases, mira):
    nobody_known = cases.known(mira, most=1)
    commit = replace(opened(mira.platform), known=nobody_known)
    profile = recorded(cases, mira, CHANGES[0])
    with pytest.raises(Conflict):
        cases.commit(commit)
    cases.commit(replace(commit, known=replace(nobody_known, profile=profile)))
    with pytest.raises(Conflict):
        cases.commit(Commit(at=at(1), known=nobody_known, case=replace(commit.case, version=1)))


def test_nothing_of_a_customer_stands_in_an_index(mira):
    table = MemoryTable()
    recorded(TableCaseStore(table), mira, CHANGES[0])
    assert {name for item in table.everything().values() for name in item} == {"pk", "sk", "version", "body"}
    assert keys.profile(mira.platform, mira.author_key) in table.everything()
