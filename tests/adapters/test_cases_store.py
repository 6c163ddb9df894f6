"""The records of cases as items: the same on both tables, and only what may be there where it may be."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters import keys
from chalicelib.adapters.cases import PLACEHOLDER_LIFE, TableCaseStore
from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.domain.clock import Clock, Metric
from chalicelib.domain.events import from_fact, in_order
from chalicelib.domain.facts import Fact
from chalicelib.ports.cases import (
    Address,
    CaseRecord,
    CaseSummary,
    Commit,
    Conflict,
    Conversation,
    Labelled,
    Parked,
    ReplyItem,
)
from chalicelib.ports.json_codec import dumps
from chalicelib.ports.table import Put, Table
from chalicelib.usecases.cases.timeline import commit_for
from tests.usecases import world
from tests.usecases.world import MORNING, PROMISES, at, wrote

_platforms = count()


@pytest.fixture
def platform() -> str:
    """A platform of this test alone: the local AWS has one table for all."""
    return f"store{next(_platforms)}"


@pytest.fixture(params=["memory", pytest.param("dynamo", marks=pytest.mark.local_aws)])
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return MemoryTable()
    aws = request.getfixturevalue("aws")
    return DynamoTable(aws.client("dynamodb"), aws.settings.table)


@pytest.fixture
def cases(table: Table) -> TableCaseStore:
    return TableCaseStore(table)


def opened(platform: str, message_id: str = "100", text: str = "my bag is lost", **values: Any) -> Commit:
    """A case about to be opened by one message."""
    fact = wrote(message_id, 0, platform=platform, text=text, **values)
    case = CaseRecord(
        case_id=f"{platform}-{message_id}", platform=platform, thread_id=message_id, author_key=fact.author.id
    )
    commit = commit_for(
        case, [from_fact(fact, book=1)], store=TableCaseStore(MemoryTable()), promises=PROMISES, now=at(1)
    )
    assert commit is not None
    return replace(commit, history=fact.author)


def stored(commit: Commit) -> CaseRecord:
    """The record as it must be read afterwards: ended clocks have items of their own."""
    assert commit.case is not None
    state = replace(commit.case.state, clocks=commit.case.state.running)
    return replace(commit.case, state=state, version=commit.case.version + 1)


# --- what is written is what is read ---------------------------------------------------------------------------


def test_a_case_and_its_events(cases, platform):
    commit = opened(platform, text="naïve ✈️ \x00")
    cases.commit(commit)
    [event] = commit.events
    case, known = cases.case(f"{platform}-100", event_keys=[event.key, "none"])
    assert case == stored(commit)
    assert known == {event.key: event}
    assert cases.events(f"{platform}-100") == (event,)
    assert cases.author_cases(platform, "501") == (f"{platform}-100",)


def test_nothing_is_there_before_it_is_written(cases, platform):
    assert cases.case(f"{platform}-100", event_keys=["e"]) == (None, {})
    assert cases.addresses(platform, ["1"]) == {"1": Address(platform=platform, message_id="1")}
    assert cases.addresses(platform, []) == {}
    looked = cases.look(platform=platform, message_ids=("1",), conversation=("t", "a"))
    assert looked.conversation == Conversation(platform=platform, thread_id="t", author_key="a")
    assert (cases.parked(platform, "1"), cases.reply("none"), cases.page("none")) == ((), None, None)


def test_addresses_conversations_and_what_is_parked(cases, platform):
    address = Address(platform=platform, message_id="1", case_id="c1", thread_id="t", original_id="0", deleted_at=at(3))
    conversation = Conversation(platform=platform, thread_id="t", author_key="a", case_id="c1")
    parked = (
        Parked(platform=platform, message_id="2", item=Labelled(fact=wrote("3", 1, platform=platform))),
        Parked(platform=platform, message_id="2", case_id="c1"),
    )
    cases.commit(Commit(at=at(5), addresses=(address,), conversation=conversation, parked=parked))
    looked = cases.look(platform=platform, message_ids=("1",), conversation=("t", "a"))
    assert looked.addresses == {"1": replace(address, version=1)}
    assert looked.conversation == replace(conversation, version=1)
    assert set(cases.parked(platform, "2")) == set(parked)
    cases.commit(Commit(at=at(6), unparked=parked[:1]))
    assert cases.parked(platform, "2") == parked[1:]


def test_a_reply_stands_in_the_due_index_until_it_is_done(cases, platform):
    reply = ReplyItem(
        reply_id=f"r-{platform}",
        case_id="c1",
        platform=platform,
        channel="x.main",
        account_id="900",
        parent_id="1",
        customer_id=None,
        text="on it",
        private=False,
        actor="ann",
        asked_at=at(0),
        next_at=at(1),
    )
    cases.commit(Commit(at=at(0), replies=(reply,)))
    found = cases.reply(reply.reply_id)
    assert found == replace(reply, version=1)
    assert reply.reply_id not in due_at(cases, at(1) - timedelta(seconds=1))
    assert reply.reply_id in due_at(cases, at(1))
    cases.commit(Commit(at=at(2), replies=(replace(found, next_at=None),)))
    assert reply.reply_id not in due_at(cases, at(1000))


def due_at(cases: TableCaseStore, moment: datetime) -> set[str]:
    return {entry.id for entry in cases.due(moment, limit=1000)}


def test_the_whole_morning_is_the_same_on_both_tables(cases, platform):
    facts = [_on(fact, platform) for fact in MORNING]
    twin_table = MemoryTable()
    twin = TableCaseStore(twin_table)
    for store in (cases, twin):
        world.take(store, facts, batch=7)
    case_ids = [pk.removeprefix(keys.CASES) for pk, sk in twin_table.everything() if sk == "STATE"]
    assert len(case_ids) >= 6
    for case_id in case_ids:
        assert cases.case(case_id) == twin.case(case_id)
        assert in_order(cases.events(case_id)) == in_order(twin.events(case_id))
        assert set(cases.ended_clocks(case_id)) == set(twin.ended_clocks(case_id))
    message_ids = [fact.message_id for fact in facts]
    assert cases.addresses(platform, message_ids) == twin.addresses(platform, message_ids)
    for author in {fact.author.id for fact in facts if fact.author}:
        assert cases.author_cases(platform, author) == twin.author_cases(platform, author)


def _on(fact: Fact, platform: str) -> Fact:
    return replace(fact, platform=platform)


# --- all or nothing --------------------------------------------------------------------------------------------


def test_a_case_that_changed_since_it_was_read_takes_nothing(cases, platform):
    cases.commit(opened(platform))
    case, _ = cases.case(f"{platform}-100")
    follow_up = from_fact(wrote("101", 5, platform=platform, parent_id="100"), book=1)
    commit = commit_for(case, [follow_up], store=cases, promises=PROMISES, now=at(6))
    address = Address(platform=platform, message_id="101", case_id=case.case_id, thread_id="100")
    cases.commit(replace(commit, events=()))
    with pytest.raises(Conflict):
        cases.commit(replace(commit, addresses=(address,)))
    assert [event.native_id for event in cases.events(case.case_id)] == ["100"]
    assert cases.addresses(platform, ["101"])["101"].version == 0


def test_two_openings_are_one(cases, platform):
    cases.commit(opened(platform))
    with pytest.raises(Conflict):
        cases.commit(opened(platform))


@pytest.mark.parametrize("kind", ["addresses", "unchanged_addresses"])
def test_an_address_that_changed_since_it_was_read_stops_all(cases, platform, kind):
    address = Address(platform=platform, message_id="1")
    cases.commit(Commit(at=at(0), addresses=(address,)))
    with pytest.raises(Conflict):
        cases.commit(replace(opened(platform), **{kind: (address,)}))
    assert cases.case(f"{platform}-100") == (None, {})


def test_a_commit_larger_than_a_transaction_writes_what_follows_from_the_events_first(cases, platform):
    clocks = tuple(_clock(platform, number) for number in range(130))
    commit = replace(opened(platform), ended_clocks=clocks)
    cases.commit(commit)
    assert set(cases.ended_clocks(f"{platform}-100")) == set(clocks)
    assert cases.case(f"{platform}-100")[0] == stored(commit)
    with pytest.raises(Conflict):
        cases.commit(commit)
    assert len(cases.events(f"{platform}-100")) == 1


def _clock(platform: str, number: int) -> Clock:
    return Clock(
        metric=Metric.NRT,
        message_key=f"{platform}|{number:03}|mention",
        started_at=at(number),
        revealed_at=at(number),
        policy_id="standard",
        book=1,
        target_s=60,
        due_at=at(number + 1),
        warn_at=None,
    )


# --- the list --------------------------------------------------------------------------------------------------


def test_the_list_is_most_urgent_first_then_the_longest_open():
    cases = TableCaseStore(MemoryTable())
    for number, minutes in enumerate((5, 1, 3)):
        cases.commit(opened("x", str(number), received_at=at(minutes), occurred_at=at(minutes)))
    found = cases.list(closed=False, limit=10)
    assert [summary.opened_at for summary in found] == [at(1), at(3), at(5)]
    assert [summary.opened_at for summary in cases.list(closed=False, limit=2)] == [at(1), at(3)]
    assert cases.list(closed=True, limit=10) == ()


class CountingTable(MemoryTable):
    """How many entries of indexes were read."""

    entries = 0

    def query_index(self, *args, **kwargs):
        page = super().query_index(*args, **kwargs)
        self.entries += len(page.items)
        return page


@given(st.lists(st.integers(0, 7), min_size=1, max_size=60), st.integers(1, 40))
def test_the_list_is_the_same_whatever_shards_the_cases_fall_into(shards, limit):
    table = MemoryTable()
    for number, shard in enumerate(shards):
        case_id = f"{number:03}"
        summary = CaseSummary(
            case_id=case_id,
            platform="x",
            channel="x.main",
            status="new",
            priority="normal",
            author="tova",
            opened_at=at(number),
            messages=1,
        )
        partition = keys.list_partitions(closed=False)[shard]
        listed = {"list_pk": partition, "list_sk": case_id, "summary": dumps(summary)}
        table.write([Put({"pk": f"CASE#{case_id}", "sk": "STATE", **listed})])
    found = TableCaseStore(table).list(closed=False, limit=limit)
    assert [case.case_id for case in found] == [f"{number:03}" for number in range(len(shards))][:limit]


def test_a_list_reads_little_more_than_it_shows():
    table = CountingTable()
    for number in range(400):
        TableCaseStore(table).commit(opened("x", str(number), received_at=at(number), occurred_at=at(number)))
    assert len(TableCaseStore(table).list(closed=False, limit=80)) == 80
    assert table.entries <= 240


# --- what may be where -----------------------------------------------------------------------------------------


def everything(*commits: Commit) -> Mapping[tuple[str, str], dict[str, Any]]:
    table = MemoryTable()
    for commit in commits:
        TableCaseStore(table).commit(commit)
    return table.everything()


def test_a_text_is_an_attribute_of_its_own_that_can_be_purged():
    items = everything(opened("x", text="PRIVATE WORDS"))
    [event] = [item for (_, sk), item in items.items() if sk.startswith(keys.EVENTS)]
    assert event["text"] == "PRIVATE WORDS"
    assert "PRIVATE WORDS" not in event["body"]


def test_only_placeholders_expire():
    claimed = Address(platform="x", message_id="1", case_id="c1", thread_id="t")
    tombstone = Address(platform="x", message_id="2", deleted_at=at(0))
    waiting = Parked(platform="x", message_id="2", case_id="c1")
    items = everything(opened("x"), Commit(at=at(5), addresses=(claimed, tombstone), parked=(waiting,)))
    expiring = {pk: item["expires_at"] for (pk, _), item in items.items() if "expires_at" in item}
    assert expiring == {keys.address("x", "2")[0]: int((at(5) + PLACEHOLDER_LIFE).timestamp())}


def test_only_what_has_something_due_stands_in_the_due_index():
    quiet = opened("x", "200")
    assert quiet.case is not None
    items = everything(opened("x"), replace(quiet, case=replace(quiet.case, next_at=None)))
    assert [pk for (pk, _), item in items.items() if "due_pk" in item] == [keys.case("x-100")[0]]
