"""How surprising a count is."""

from math import comb, inf, log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.incidents import chance


def exactly(count, mean, shape):
    """The tail of the negative binomial with a whole shape, summed from the other side."""
    share = mean / (mean + shape)
    below = sum(comb(k + shape - 1, k) * (1 - share) ** shape * share**k for k in range(count))
    return -log10(1 - below)


@pytest.mark.parametrize(
    ("count", "mean", "shape"), [(1, 0.5, 1), (5, 2.0, 2), (12, 4.0, 8), (9, 8.0, 3), (30, 12.0, 20)]
)
def test_it_is_the_tail_of_the_negative_binomial(count, mean, shape):
    assert chance.surprise(count, mean, float(shape)) == pytest.approx(exactly(count, mean, shape), abs=1e-6)


@given(st.integers(1, 300), st.floats(0.05, 100), st.floats(0.5, 30))
def test_more_is_more_surprising_and_more_expected_is_less(count, mean, shape):
    here = chance.surprise(count, mean, shape)
    assert 0 <= here < inf
    assert chance.surprise(count + 1, mean, shape) >= here
    assert chance.surprise(count, mean * 2, shape) <= here + 1e-9


def test_the_ends():
    assert chance.surprise(0, 3.0, 2.0) == 0.0
    assert chance.surprise(3, 0.0, 2.0) == inf


def test_a_past_outage_does_not_make_the_next_one_usual():
    assert chance.capped([4, 5, 3, 4, 120, 5]) == [4, 5, 3, 4, 8, 5]
    assert chance.capped([]) == []
    assert chance.capped([0, 0, 0, 40]) == [0, 0, 0, 2]


def test_restless_hours_have_a_small_shape():
    assert chance.shape_of([10, 10, 11, 9, 10]) == chance.MOST_SHAPE
    assert chance.shape_of([0, 20, 5, 40, 12, 33]) == chance.LEAST_SHAPE
    assert chance.shape_of([]) == chance.MOST_SHAPE


@pytest.mark.parametrize(
    ("zeros", "said"),
    [
        (0.3, "about 1 in 2"),
        (3.0, "about 1 in 1,000"),
        (6.6, "about 1 in 4,000,000"),
        (40, "less than 1 in 1,000,000,000"),
    ],
)
def test_a_chance_in_words(zeros, said):
    assert chance.one_in(zeros) == said
