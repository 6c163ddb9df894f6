"""
Tests that reach what they name.

A loop over nothing checks nothing, and a generator that never makes the case
it is for checks nothing either. `some` refuses the first, `reaching` the second.
"""

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from hypothesis import event

T = TypeVar("T")
_counts: list[Counter[str]] = []


def some(values: Iterable[T]) -> Iterator[T]:
    """The values, one by one. Raises AssertionError at the end when there was none."""
    count = 0
    for count, value in enumerate(values, 1):  # noqa: B007 - counted for the end
        yield value
    assert count, "a loop over nothing"


def reached(subject: str, condition: object = True) -> None:
    """Say that this example is one of those that the test is for; hypothesis counts it in its statistics too."""
    if condition:
        event(subject)
        _counts[-1][subject] += 1


def reaching(*subjects: str, least: int = 1) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """
    Above `@given`: fail when the examples of a whole run reached one of the subjects less than `least` times.

    The test says `reached(subject)` when an example has it.
    """

    def wrap(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def counted(*arguments: Any, **named: Any) -> None:
            _counts.append(Counter())
            try:
                test(*arguments, **named)
                counts = _counts[-1]
            finally:
                _counts.pop()
            missed = {subject: counts[subject] for subject in subjects if counts[subject] < least}
            assert not missed, f"the generator hardly makes what the test is for: {missed}"

        return counted

    return wrap
