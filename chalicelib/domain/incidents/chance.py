"""
How surprising a count is.

Counts of complaints scatter more than Poisson's: people talk to each other.
They are taken for negative binomial, that is Poisson with a rate that is not
known exactly (A. Gelman et al., Bayesian Data Analysis, 3rd edition, section 2.6).
"""

from collections.abc import Sequence
from math import inf, lgamma, log, log1p, log10
from statistics import median
from typing import Final

_NORMAL: Final = 1.4826  # turns the median absolute deviation of a normal distribution into its standard deviation
_DEVIATIONS: Final = 3.0
_GRACE: Final = 2  # a small hour may always be so much above the others
LEAST_SHAPE, MOST_SHAPE = 2.0, 4.0  # from day to day nothing is steadier than give or take a half
_ENOUGH: Final = 1e-12  # terms of the tail below this share of its sum no longer matter


def surprise(count: int, mean: float, shape: float) -> float:
    """
    How many zeros the chance of `count` or more has: 6.0 is one in a million.

    `mean` is what is expected; the variance is mean + mean² / shape.
    """
    if count <= 0:
        return 0.0
    if mean <= 0:
        return inf
    odds = log(mean) - log(mean + shape)
    first = lgamma(count + shape) - lgamma(shape) - lgamma(count + 1) - shape * log1p(mean / shape) + count * odds
    return max(0.0, -(first + log(_tail(count, mean / (mean + shape), shape))) / log(10))


def _tail(count: int, share: float, shape: float) -> float:
    """All probabilities from `count` on, as multiples of the first."""
    total = step = 1.0
    number = count
    while step > _ENOUGH * total and number < count + 100_000:
        step *= share * (number + shape) / (number + 1)
        number += 1
        total += step
    return total


def capped(counts: Sequence[int]) -> list[int]:
    """
    The counts of comparable hours without the peaks of those that were unusual themselves.

    What stands more than three robust deviations above the median counts as
    that much: a past outage does not make the next one usual.
    """
    if not counts:
        return []
    middle = median(counts)
    most = int(middle + _DEVIATIONS * _NORMAL * median(abs(count - middle) for count in counts)) + _GRACE
    return [min(count, most) for count in counts]


def shape_of(counts: Sequence[float]) -> float:
    """How much comparable hours differ beyond chance: small for restless ones. Between 2 and 4."""
    middle = median(counts) if counts else 0.0
    deviation = _NORMAL * median(abs(count - middle) for count in counts) if counts else 0.0
    excess = deviation**2 - middle
    return min(max(middle**2 / excess, LEAST_SHAPE), MOST_SHAPE) if excess > 0 else MOST_SHAPE


def one_in(zeros: float) -> str:
    """A chance in words: "1 in 40,000"; from a thousand million on "less than 1 in 1,000,000,000"."""
    if zeros >= log10(1e9):
        return "less than 1 in 1,000,000,000"
    return f"about 1 in {_rounded(10**zeros):,}"


def _rounded(number: float) -> int:
    digits = len(str(int(number))) - 1
    return max(1, round(number / 10**digits) * 10**digits) if digits > 0 else max(1, round(number))
