"""What every table promises, asked of the one in memory and of DynamoDB on the local AWS."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.ports.table import MOST_WRITES, Check, Conflict, Delete, Item, Put, Slice, Table

NEW = {"pk": None}
_numbers = count()


@pytest.fixture(params=["memory", pytest.param("dynamo", marks=pytest.mark.local_aws)])
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return MemoryTable()
    aws = request.getfixturevalue("aws")
    return DynamoTable(aws.client("dynamodb"), aws.settings.table)


@pytest.fixture
def pk() -> str:
    """A partition of this test alone: the local AWS has one table for all."""
    return f"TEST#{next(_numbers)}"


def put(table: Table, *items: Item) -> None:
    for item in items:
        table.write([Put(item)])


def one(table: Table, pk: str, sk: str) -> Item | None:
    return table.get([(pk, sk)]).get((pk, sk))


def sort_keys(page: Slice) -> list[str]:
    return [item["sk"] for item in page.items]


def walk(read: Callable[[str | None], Slice]) -> Iterator[Slice]:
    """Every page, from the first to the one that says it is the last."""
    more: str | None = None
    while True:
        page = read(more)
        yield page
        more = page.more
        if more is None:
            return


# --- items -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    ["", "text", "naïve ✈️ 航空 \u202e", "\x00\n\t\x7f", " ", '{"a": [1]}', 0, 1, -7, 2**53 + 1, True, False],
    ids=repr,
)
def test_a_value_comes_back_as_it_was(table, pk, value):
    put(table, {"pk": pk, "sk": "@", "value": value})
    found = one(table, pk, "@")["value"]
    assert found == value
    assert type(found) is type(value)


def test_an_attribute_of_none_is_not_there(table, pk):
    put(table, {"pk": pk, "sk": "@", "text": None, "kept": ""})
    assert one(table, pk, "@") == {"pk": pk, "sk": "@", "kept": ""}


@pytest.mark.parametrize("value", [1.5, [1], {"a": 1}, b"bytes", ("a",)], ids=repr)
def test_other_kinds_of_value_are_refused(table, pk, value):
    with pytest.raises(TypeError):
        put(table, {"pk": pk, "sk": "@", "value": value})
    assert one(table, pk, "@") is None


def test_a_put_replaces_the_whole_item(table, pk):
    put(table, {"pk": pk, "sk": "@", "old": 1}, {"pk": pk, "sk": "@", "new": 2})
    assert one(table, pk, "@") == {"pk": pk, "sk": "@", "new": 2}


def test_what_was_read_is_a_copy(table, pk):
    put(table, {"pk": pk, "sk": "@", "value": 1})
    one(table, pk, "@")["value"] = 2
    table.query(pk).items[0]["value"] = 3
    assert one(table, pk, "@")["value"] == 1


def test_get_finds_what_exists_and_leaves_out_the_rest(table, pk):
    put(table, {"pk": pk, "sk": "a"}, {"pk": pk, "sk": "b"})
    wanted = [(pk, "b"), (pk, "none"), (pk, "a"), (pk, "b")]
    assert set(table.get(wanted)) == {(pk, "a"), (pk, "b")}
    assert table.get([]) == {}


def test_get_takes_a_hundred_keys_and_no_more(table, pk):
    table.write([Put({"pk": pk, "sk": f"{n:03}"}) for n in range(100)])
    keys = [(pk, f"{n:03}") for n in range(101)]
    assert len(table.get([*keys[:100], *keys[:100]])) == 100
    with pytest.raises(ValueError, match="100"):
        table.get(keys)


# --- queries ---------------------------------------------------------------------------------------------------


def test_a_query_can_begin_at_the_end(table, pk):
    put(table, *({"pk": pk, "sk": sk} for sk in ("b", "a", "d", "c")))
    assert sort_keys(table.query(pk, last_first=True)) == ["d", "c", "b", "a"]
    pages = list(walk(lambda more: table.query(pk, limit=3, more=more, last_first=True)))
    assert [sk for page in pages for sk in sort_keys(page)] == ["d", "c", "b", "a"]


def test_a_query_gives_one_partition_in_key_order(table, pk):
    put(table, *({"pk": pk, "sk": sk} for sk in ("b", "a#2", "a#10", "Z", "ä", "a")), {"pk": f"{pk}x", "sk": "c"})
    assert sort_keys(table.query(pk)) == ["Z", "a", "a#10", "a#2", "b", "ä"]
    assert table.query(pk).more is None
    assert table.query(f"{pk}-nobody") == Slice(())


def test_a_query_by_prefix(table, pk):
    put(table, *({"pk": pk, "sk": sk} for sk in ("EVENT#1", "EVENT#2", "EVENT", "EVENTS#3", "STATE")))
    assert sort_keys(table.query(pk, prefix="EVENT#")) == ["EVENT#1", "EVENT#2"]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_pages_together_are_everything_once(table, pk, limit):
    put(table, *({"pk": pk, "sk": f"{n}"} for n in range(5)), {"pk": pk, "sk": "x"})
    pages = list(walk(lambda more: table.query(pk, limit=limit, more=more)))
    assert all(len(page.items) <= limit for page in pages)
    assert [sk for page in pages for sk in sort_keys(page)] == ["0", "1", "2", "3", "4", "x"]
    prefixed = list(walk(lambda more: table.query(pk, prefix="x", limit=limit, more=more)))
    assert [sk for page in prefixed for sk in sort_keys(page)] == ["x"]


@pytest.mark.parametrize(("more", "follow"), [("b", ["d"]), ("c", ["d"]), ("a", ["b", "d"]), ("z", []), ("{}", [])])
def test_a_query_goes_on_behind_any_sort_key(table, pk, more, follow):
    put(table, *({"pk": pk, "sk": sk} for sk in ("b", "a", "d")), {"pk": f"{pk}x", "sk": "c"})
    if more == "{}":  # as an earlier version left it in a record
        more = json.dumps({"pk": {"S": pk}, "sk": {"S": "d"}}) if isinstance(table, DynamoTable) else "d"
    assert sort_keys(table.query(pk, limit=9, more=more)) == follow


TOO_LONG = [("x" * 2_049, "sk"), ("pk", "x" * 1_025), ("pk", "\U0001f198" * 257), ("pk", ""), ("", "sk")]


@pytest.mark.parametrize(("pk", "sk"), TOO_LONG)
def test_a_key_that_cannot_be_is_refused(table, pk, sk):
    """The twin is no more generous: what breaks on DynamoDB breaks in a test."""
    with pytest.raises((ValueError, ClientError)):
        table.get([(pk, sk)])
    with pytest.raises((ValueError, ClientError)):
        table.write([Put({"pk": pk, "sk": sk})])


def test_without_a_limit_a_query_goes_past_what_one_answer_holds(table, pk):
    large = "x" * 300_000  # DynamoDB answers with 1 MB at most
    put(table, *({"pk": pk, "sk": f"{n}", "text": large} for n in range(6)))
    page = table.query(pk)
    assert sort_keys(page) == ["0", "1", "2", "3", "4", "5"]
    assert page.more is None
    assert sum(len(item["text"]) for item in page.items) == 6 * len(large)


# --- indexes ---------------------------------------------------------------------------------------------------


def due(pk: str, instant: str, partition: str) -> Item:
    return {"pk": pk, "sk": "STATE", "due_pk": partition, "due_sk": f"{instant}#{pk}", "secret": "s"}


def test_an_index_holds_only_what_has_its_keys(table, pk):
    put(table, due(f"{pk}a", "1", pk), {"pk": f"{pk}b", "sk": "STATE"}, {"pk": f"{pk}c", "sk": "STATE", "due_pk": pk})
    assert [item["pk"] for item in table.query_index("due", pk).items] == [f"{pk}a"]
    put(table, {"pk": f"{pk}a", "sk": "STATE"})
    assert table.query_index("due", pk) == Slice(())


def test_an_index_ends_at_its_bound_and_with_it(table, pk):
    put(table, *(due(f"{pk}{n}", str(n), pk) for n in (3, 1, 2)))
    found = [table.query_index("due", pk, up_to=bound).items for bound in (f"2#{pk}2", "2#~", "0", "9")]
    assert [[item["pk"].removeprefix(pk) for item in items] for items in found] == [
        ["1", "2"],
        ["1", "2"],
        [],
        ["1", "2", "3"],
    ]


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_pages_of_an_index_together_are_everything_once_in_order(table, pk, limit):
    put(table, *(due(f"{pk}{n}", str(n % 2), pk) for n in range(5)))
    pages = list(walk(lambda more: table.query_index("due", pk, up_to="9", limit=limit, more=more)))
    assert all(len(page.items) <= limit for page in pages)
    assert [item["pk"].removeprefix(pk) for page in pages for item in page.items] == ["0", "2", "4", "1", "3"]


def test_an_index_has_the_attributes_that_were_copied_to_it_and_no_others(table, pk):
    listed = {"list_pk": f"{pk}list", "list_sk": "1", "summary": "{}"}
    put(table, {**due(pk, "1", pk), **listed})
    keys = {"pk": pk, "sk": "STATE"}
    assert table.query_index("due", pk).items == ({**keys, "due_pk": pk, "due_sk": f"1#{pk}"},)
    assert table.query_index("list", f"{pk}list").items == ({**keys, **listed},)


# --- conditions ------------------------------------------------------------------------------------------------

STORED = {"version": 3, "text": "", "flag": True}
CONDITIONS: dict[str, tuple[dict[str, Any], bool]] = {
    "the version read": ({"version": 3}, True),
    "another version": ({"version": 4}, False),
    "text that looks like it": ({"version": "3"}, False),
    "nothing asked": ({}, True),
    "must be absent and is": ({"other": None}, True),
    "must be absent and is there": ({"version": None}, False),
    "no such item yet": (NEW, False),
    "an empty text": ({"text": ""}, True),
    "a yes": ({"flag": True}, True),
    "a yes is no number": ({"flag": 1}, False),
    "all of several": ({"version": 3, "text": "", "other": None}, True),
    "all but one of several": ({"version": 3, "text": "x", "other": None}, False),
    "a word that DynamoDB reserves": ({"status": None, "name": None}, True),
}


def writes_of(pk: str, expect: Any) -> dict[str, list[Any]]:
    key = (pk, "@")
    other = Put({"pk": pk, "sk": "other"})
    return {
        "put": [Put({"pk": pk, "sk": "@", "done": 1}, expect)],
        "delete": [Delete(key, expect)],
        "check": [Check(key, expect), other],
        "check alone": [Check(key, expect)],
        "put in a transaction": [other, Put({"pk": pk, "sk": "@", "done": 1}, expect)],
        "delete in a transaction": [other, Delete(key, expect)],
    }


def asked() -> Iterator[tuple[str, str]]:
    for name, (expect, _) in CONDITIONS.items():
        for verb in writes_of("", {}):
            if expect or not verb.startswith("check"):  # a check without a condition says nothing
                yield name, verb


@pytest.mark.parametrize(("name", "verb"), list(asked()))
def test_a_write_happens_whole_if_its_condition_holds_and_not_at_all_otherwise(table, pk, name, verb):
    expect, holds = CONDITIONS[name]
    put(table, {"pk": pk, "sk": "@", **STORED})
    before = table.query(pk).items
    writes = writes_of(pk, expect)[verb]
    if not holds:
        with pytest.raises(Conflict):
            table.write(writes)
        assert table.query(pk).items == before
        return
    table.write(writes)
    found = one(table, pk, "@")
    assert found == {
        "put": {"pk": pk, "sk": "@", "done": 1},
        "delete": None,
        "check": {"pk": pk, "sk": "@", **STORED},
    }.get(verb.split()[0])
    assert (one(table, pk, "other") is not None) == (len(writes) == 2)


@pytest.mark.parametrize("expect", [{"version": 1}, {"version": 1, "other": None}], ids=str)
@pytest.mark.parametrize("verb", writes_of("", {}))
def test_nothing_has_no_version(table, pk, expect, verb):
    with pytest.raises(Conflict):
        table.write(writes_of(pk, expect)[verb])
    assert table.query(pk) == Slice(())


def test_deleting_what_is_not_there_is_no_error(table, pk):
    table.write([Delete((pk, "@"))])
    table.write([Delete((pk, "@")), Put({"pk": pk, "sk": "other"})])
    assert sort_keys(table.query(pk)) == ["other"]


# --- several writes at once ------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_broken_condition_stops_all(table, pk, place):
    put(table, {"pk": pk, "sk": "gone", "version": 1})
    writes: list[Any] = [Put({"pk": pk, "sk": "a"}, NEW), Delete((pk, "gone"), {"version": 1})]
    writes.insert(place, Check((pk, "state"), {"version": 1}))
    with pytest.raises(Conflict):
        table.write(writes)
    assert sort_keys(table.query(pk)) == ["gone"]


def test_a_hundred_writes_are_one_transaction(table, pk):
    writes = [Put({"pk": pk, "sk": f"{n:03}"}, NEW) for n in range(MOST_WRITES)]
    table.write(writes)
    assert len(table.query(pk).items) == MOST_WRITES
    with pytest.raises(Conflict):
        table.write([Put({"pk": f"{pk}b", "sk": "new"}), *writes[:99]])
    assert table.query(f"{pk}b") == Slice(())


@pytest.mark.parametrize("number", [0, MOST_WRITES + 1])
def test_no_more_than_a_hundred_and_no_less_than_one(table, pk, number):
    with pytest.raises(ValueError, match="1 to 100"):
        table.write([Put({"pk": pk, "sk": str(n)}) for n in range(number)])
    assert table.query(pk) == Slice(())


@pytest.mark.parametrize("second", [Put({"pk": "TEST#twice", "sk": "@"}), Delete(("TEST#twice", "@"))], ids=repr)
def test_two_writes_for_one_item_are_refused(table, second):
    with pytest.raises(ValueError, match="one write for an item"):
        table.write([Put({"pk": "TEST#twice", "sk": "@", "n": 1}), second])
    assert one(table, "TEST#twice", "@") is None


def test_of_several_writers_at_once_exactly_one_wins(table, pk):
    put(table, {"pk": pk, "sk": "@", "version": 0, "by": -1})
    writers, rounds = 6, 5
    ready = Barrier(writers)

    def race(writer: int, version: int) -> bool:
        ready.wait()
        note = Put({"pk": pk, "sk": f"note#{version}#{writer}"})
        try:
            table.write([Put({"pk": pk, "sk": "@", "version": version + 1, "by": writer}, {"version": version}), note])
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(writers) as pool:
        for version in range(rounds):
            won = list(pool.map(race, range(writers), [version] * writers))
            assert won.count(True) == 1
            assert one(table, pk, "@")["by"] == won.index(True)
    assert len(table.query(pk, prefix="note#").items) == rounds


def test_of_several_who_make_the_same_item_exactly_one_wins(table, pk):
    writers = 6
    ready = Barrier(writers)

    def race(writer: int) -> bool:
        ready.wait()
        try:
            table.write([Put({"pk": pk, "sk": "@", "by": writer}, NEW)])
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(writers) as pool:
        assert list(pool.map(race, range(writers))).count(True) == 1


# --- what the local AWS never answers --------------------------------------------------------------------------


@pytest.fixture
def stubbed() -> Iterator[tuple[DynamoTable, Stubber]]:
    import botocore.session

    client = botocore.session.get_session().create_client(
        "dynamodb", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
    )
    with Stubber(client) as stubber:
        yield DynamoTable(client, "cases"), stubber
        stubber.assert_no_pending_responses()


def wire(sk: str) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": sk}}


def left_over(*sort_keys: str) -> dict[str, Any]:
    return {"cases": {"Keys": [wire(sk) for sk in sort_keys], "ConsistentRead": True}} if sort_keys else {}


def test_keys_that_were_not_processed_are_asked_for_again(stubbed):
    table, stubber = stubbed
    for asked, found, left in (
        (("a", "b", "c"), ("b",), ("a", "c")),
        (("a", "c"), (), ("a", "c")),
        (("a", "c"), ("a",), ()),
    ):
        stubber.add_response(
            "batch_get_item",
            {"Responses": {"cases": [wire(sk) for sk in found]}, "UnprocessedKeys": left_over(*left)},
            {"RequestItems": left_over(*asked)},
        )
    assert set(table.get([("p", "a"), ("p", "b"), ("p", "c")])) == {("p", "a"), ("p", "b")}


def test_keys_that_are_never_processed_end_in_an_error(stubbed):
    table, stubber = stubbed
    for _ in range(10):
        stubber.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": left_over("a")})
    with pytest.raises(Exception, match="not read"):
        table.get([("p", "a")])


TWO = [Put({"pk": "p", "sk": "a"}), Put({"pk": "p", "sk": "b"})]


@pytest.mark.parametrize(
    ("codes", "raised"),
    [
        (("None", "ConditionalCheckFailed"), Conflict),
        (("TransactionConflict", "None"), Conflict),
        (("ConditionalCheckFailed", "ThrottlingError"), Conflict),
        (("ThrottlingError", "None"), ClientError),
        (("None", "ItemCollectionSizeLimitExceeded"), ClientError),
        (("None", "ValidationError"), ClientError),
    ],
    ids=str,
)
def test_why_a_transaction_was_cancelled_decides(stubbed, codes, raised):
    table, stubber = stubbed
    stubber.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        http_status_code=400,
        modeled_fields={"CancellationReasons": [{"Code": code} for code in codes]},
    )
    with pytest.raises(raised):
        table.write(TWO)


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        ("ConditionalCheckFailedException", Conflict),
        ("TransactionConflictException", Conflict),  # another transaction holds the item at this moment
        ("ResourceNotFoundException", ClientError),
        ("ValidationException", ClientError),
    ],
)
@pytest.mark.parametrize(
    ("operation", "write"), [("put_item", Put({"pk": "p", "sk": "a"})), ("delete_item", Delete(("p", "a")))]
)
def test_why_a_single_write_failed_decides(stubbed, operation, write, code, raised):
    table, stubber = stubbed
    stubber.add_client_error(operation, code, http_status_code=400)
    with pytest.raises(raised):
        table.write([write])


def test_a_scan_gives_every_item_once(table, pk):
    put(table, *({"pk": pk, "sk": f"{number:03}", "text": "x" * 20_000} for number in range(60)))  # more than one page
    pages = list(walk(lambda more: table.scan(more=more)))
    found = [item["sk"] for page in pages for item in page.items if item["pk"] == pk]
    assert sorted(found) == [f"{number:03}" for number in range(60)]
    assert len(pages) > 1
