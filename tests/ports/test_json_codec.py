"""The codec of our own values: what went in comes out, and what cannot have been made by it is refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, make_dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.case.state import CaseState
from chalicelib.domain.clock import Clock
from chalicelib.domain.events import Event
from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.domain.watch import Due
from chalicelib.ports.cases import CaseSummary, Labelled, PageItem, Parked, ReplyItem
from chalicelib.ports.json_codec import dumps, from_plain, loads, to_plain
from chalicelib.ports.quarantine import Quarantined
from chalicelib.ports.rollups import CaseLines


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    name: str
    count: int = 0
    ratio: float = 0.0
    flag: bool = False
    colour: Colour = Colour.RED


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    leaf: Leaf
    maybe: Leaf | None = None
    leaves: tuple[Leaf, ...] = ()
    pair: tuple[int, str] = (0, "")
    names: frozenset[str] = frozenset()
    by_name: Mapping[str, Leaf] = field(default_factory=dict)
    at: datetime | None = None
    day: date | None = None
    number: int | None = None


STORED = [
    CaseLines,
    Author,
    CaseState,
    CaseSummary,
    Clock,
    Due,
    Event,
    Fact,
    Labelled,
    PageItem,
    Parked,
    Quarantined,
    ReplyItem,
]

instants = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis asks for these
texts = st.text(st.characters(codec="utf-8"), max_size=20)
leaves = st.builds(
    Leaf,
    name=texts,
    count=st.integers(-(2**63), 2**63),
    ratio=st.floats(allow_nan=False, allow_infinity=False),
    flag=st.booleans(),
    colour=st.sampled_from(Colour),
)
trees = st.builds(
    Tree,
    leaf=leaves,
    maybe=st.none() | leaves,
    leaves=st.lists(leaves, max_size=3).map(tuple),
    pair=st.tuples(st.integers(), texts),
    names=st.frozensets(texts, max_size=3),
    by_name=st.dictionaries(texts, leaves, max_size=3),
    at=st.none() | instants,
    day=st.none() | st.dates(),
    number=st.none() | st.integers(),
)


@given(trees)
def test_what_went_in_comes_out(tree):
    assert loads(Tree, dumps(tree)) == tree
    assert from_plain(Tree, to_plain(tree)) == tree


@given(trees)
def test_equal_values_have_equal_texts(tree):
    shuffled = json.loads(json.dumps(to_plain(tree)))
    assert dumps(from_plain(Tree, shuffled)) == dumps(tree)


@given(trees)
def test_a_value_keeps_the_types_of_its_parts(tree):
    found = loads(Tree, dumps(tree))
    for name in (f.name for f in fields(Leaf)):
        assert type(getattr(found.leaf, name)) is type(getattr(tree.leaf, name))


def test_what_is_at_its_default_takes_no_room():
    assert dumps(Tree(leaf=Leaf(name=""))) == '{"leaf":{"name":""}}'


@pytest.mark.parametrize(
    "leaf",
    [Leaf(name="", count=False), Leaf(name="", flag=0), Leaf(name="", ratio=0), Leaf(name="", count=0)],
    ids=repr,
)
def test_a_no_and_a_nought_are_two_things(leaf):
    assert json.loads(dumps(leaf)).get("flag", False) is leaf.flag
    assert type(json.loads(dumps(leaf)).get("count", 0)) is type(leaf.count)


def test_an_instant_is_utc_whatever_zone_it_came_in():
    berlin = datetime(2026, 3, 2, 10, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    plain = to_plain(Tree(leaf=Leaf(name=""), at=berlin))
    assert plain["at"] == "2026-03-02T09:00:00.000005Z"
    found = from_plain(Tree, plain).at
    assert found == berlin
    assert found.utcoffset() == timedelta(0)


def test_fields_of_the_next_version_are_passed_over():
    assert loads(Leaf, '{"name": "a", "invented_later": [1, {"b": 2}]}') == Leaf(name="a")


def test_a_fraction_may_come_as_a_whole_number():
    found = loads(Leaf, '{"name": "a", "ratio": 2}').ratio
    assert (found, type(found)) == (2.0, float)


def test_text_is_readable_as_it_was_written():
    assert dumps(Leaf(name="naïve ✈️")) == '{"name":"naïve ✈️"}'


REFUSED: dict[str, tuple[type[Any], str]] = {
    "no JSON": (Leaf, "nonsense"),
    "nothing": (Leaf, ""),
    "a list": (Leaf, "[]"),
    "a text": (Leaf, '"name"'),
    "a number": (Leaf, "5"),
    "null": (Leaf, "null"),
    "a missing field": (Leaf, "{}"),
    "a number for a text": (Leaf, '{"name": 5}'),
    "null for a text": (Leaf, '{"name": null}'),
    "an object for a text": (Leaf, '{"name": {}}'),
    "a text for a number": (Leaf, '{"name": "a", "count": "1"}'),
    "a fraction for a number": (Leaf, '{"name": "a", "count": 1.5}'),
    "a yes for a number": (Leaf, '{"name": "a", "count": true}'),
    "a number for a yes": (Leaf, '{"name": "a", "flag": 1}'),
    "a text for a fraction": (Leaf, '{"name": "a", "ratio": "1.5"}'),
    "an unknown colour": (Leaf, '{"name": "a", "colour": "mauve"}'),
    "a broken part": (Tree, '{"leaf": {"name": "a"}, "maybe": {"name": 5}}'),
    "a broken one of several": (Tree, '{"leaf": {"name": "a"}, "leaves": [{"name": "b"}, 5]}'),
    "a text for a list": (Tree, '{"leaf": {"name": "a"}, "names": "abc"}'),
    "a text for several": (Tree, '{"leaf": {"name": "a"}, "leaves": "abc"}'),
    "an object for a list": (Tree, '{"leaf": {"name": "a"}, "leaves": {}}'),
    "a list for a mapping": (Tree, '{"leaf": {"name": "a"}, "by_name": []}'),
    "too few of a pair": (Tree, '{"leaf": {"name": "a"}, "pair": [1]}'),
    "no instant": (Tree, '{"leaf": {"name": "a"}, "at": "tomorrow"}'),
    "a number for an instant": (Tree, '{"leaf": {"name": "a"}, "at": 5}'),
    "an instant without a zone": (Tree, '{"leaf": {"name": "a"}, "at": "2026-03-02T09:00:00"}'),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_it_cannot_have_made_is_refused(name):
    kind, text = REFUSED[name]
    with pytest.raises((ValueError, TypeError, KeyError)):
        loads(kind, text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(STORED), json_values)
def test_no_other_error_than_the_three_comes_out_of_any_json(kind, plain):
    try:
        from_plain(kind, plain)
    except (ValueError, TypeError, KeyError):
        return
    assert isinstance(plain, dict)  # only an object can be a value, and only if all that is required was in it


PARTS = [(kind.__name__, name, hint) for kind in STORED for name, hint in get_type_hints(kind).items()]


@pytest.mark.parametrize(("owner", "name", "hint"), PARTS, ids=[f"{owner}.{name}" for owner, name, _ in PARTS])
def test_no_part_of_what_is_stored_is_passed_through_unread(owner, name, hint):
    with pytest.raises((ValueError, TypeError, KeyError)):
        from_plain(make_dataclass(owner, [(name, hint)]), {name: object()})


def test_a_fact_as_it_is_stored():
    fact = Fact(
        kind=FactKind.MENTION,
        platform="x",
        channel="x.main",
        account_id="900",
        message_id="1",
        received_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
        author=Author(id="501", followers=0, verified=False),
        summoned=False,
    )
    plain = json.loads(dumps(fact))
    assert plain == {
        "kind": "mention",
        "platform": "x",
        "channel": "x.main",
        "account_id": "900",
        "message_id": "1",
        "received_at": "2026-03-02T09:00:00Z",
        "author": {"id": "501", "followers": 0, "verified": False},
        "summoned": False,
    }
    assert loads(Fact, dumps(fact)) == fact
