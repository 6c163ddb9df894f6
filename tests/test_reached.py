"""The helpers of tests that say how often they reach their subject fail when they never do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reached import reached, reaching, some
from tests.usecases.world import texts_of


def test_a_loop_over_nothing_fails():
    assert list(some([1, 2])) == [1, 2]
    with pytest.raises(AssertionError, match="nothing"):
        list(some([]))


@settings(database=None)
@given(st.integers(0, 10))
def counting(number):
    reached("above the most", number > 10)
    reached("a number")


def test_a_generator_that_never_reaches_its_subject_fails():
    reaching("a number", least=5)(counting)()
    with pytest.raises(AssertionError, match="above the most"):
        reaching("a number", "above the most")(counting)()
    with pytest.raises(AssertionError, match="hardly"):
        reaching("a number", least=10_000)(counting)()


def test_every_text_of_a_value_is_found_however_deep():
    value = {"a": ["b", {"c": ("d", b"e")}], "f": '{"g": "h\\u00e9"}', "i": 3}
    assert {"a", "b", "c", "d", "e", "f", "g", "h\u00e9", "i"} <= set(texts_of(value))
