"""Places of values in TOML: every value is found, and its place holds its very text."""

import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.policies import default_toml
from infra.operate.toml_places import line_of, places
from infra.paths import ROOT

AWKWARD = '''\
title = "a # in a text"  # a comment with "quotes" and [brackets]
"quoted key" . 'other key'.plain = 1
literal = 'C:\\path\\'
escaped = "say \\"hi\\", {braces}, [brackets]"
several = """
text = "not a key"
[not a table] \\""" still text"""
raw = \'\'\'
# no comment '' here\'\'\'
when = 1979-05-27 07:32:00Z
day = 1979-05-27
many = [ # numbers
    1, 2,

    [3, [ "four", ] ], # nested
    { five = 5, "six" = { seven = [7, 8] } },
]
nothing = []
none = {}

[ table . "of contents" ]
a.b.c = true

[[list]]
name = "first"
  [list.inner]
  x = 1
  [[list.inner.deep]]
  y = 1
  [[list.inner.deep]]
  y = 2

[[list]]
name = "second"
[[list.inner.deep]]
y = 3
'''
DOCUMENTS = {
    "awkward": AWKWARD,
    "windows line ends": AWKWARD.replace("\n", "\r\n"),
    "shipped": default_toml(),
    "pyproject": (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
    "empty": "",
    "a comment at the end": "a = 1 # without a line end",
}


def leaves(value: Any, keys: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value with its keys, tables and lists before what is in them."""
    if keys:
        yield keys, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from leaves(item, (*keys, key))


def assert_all_found(toml: str) -> None:
    found = places(toml)
    expected = dict(leaves(tomllib.loads(toml)))
    assert found.keys() == expected.keys()
    for keys, place in found.items():
        assert place.line == toml[: place.begin].count("\n") + 1
        text = toml[place.begin : place.end]
        if isinstance(expected[keys], str | int | float | datetime | date):
            assert tomllib.loads(f"it = {text}") == {"it": expected[keys]}


@pytest.mark.parametrize("toml", DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_value_is_found_where_it_is_written(toml: str) -> None:
    assert_all_found(toml)


KEYS = st.sampled_from(["a", "b-c", '"d e"', "'f.g'", "h.i", "1"])
SCALARS = st.sampled_from(
    ["1", "-2.5e3", "true", '"x # y"', "'[z]'", '"""\nq"\n"""', "2026-12-24", "2026-12-24 10:00:00", "inf", "0xff"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[\n" + " , # c\n".join(items) + "\n]")
        | st.dictionaries(KEYS, inner.filter(lambda text: "\n" not in text), max_size=2).map(
            lambda pairs: "{ " + ", ".join(f"{key} = {value}" for key, value in pairs.items()) + " }"
        )
    ),
    max_leaves=6,
)
LINES = st.one_of(
    st.builds("{} = {}".format, KEYS, VALUES),
    st.builds("[{}]".format, KEYS),
    st.builds("[[{}]]".format, KEYS),
    st.sampled_from(["", "# [x]", "   "]),
)


@settings(deadline=None)
@given(st.lists(LINES, max_size=8).map("\n".join))
def test_whatever_tomllib_reads_is_found(toml: str) -> None:
    try:
        tomllib.loads(toml)
    except tomllib.TOMLDecodeError:
        with pytest.raises(tomllib.TOMLDecodeError):
            places(toml)
    else:
        assert_all_found(toml)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("title",), 1),
        (("many", 2, 1, 0), 15),
        (("list", 0, "inner", "deep", 1, "y"), 31),
        (("list", 1, "name"), 34),
        (("list", 1, "missing"), 33),
        (("list",), 24),
        (("absent", "too"), 1),
        ((), 1),
    ],
)
def test_lines_count_from_one_and_what_is_missing_is_where_it_should_be(keys: tuple[str | int, ...], line: int) -> None:
    assert line_of(keys, places(AWKWARD)) == line
