"""
A process killed at any of its calls to the outside, for the tests of what survives that.

    counter = Counter(kill_at=3, after=True)
    ports = Ports(store=Tripwire(store, counter), queues=Tripwire(queues, counter))

The third call of all is carried out, and then nothing more happens.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


class Killed(BaseException):
    """The process is gone. Not an Exception, so that nothing on the way catches it."""


@dataclass
class Counter:
    """Counts the calls of every tripwire that shares it. `kill_at` counts from 1; None only counts."""

    kill_at: int | None = None
    after: bool = False
    calls: int = 0

    @property
    def is_fatal(self) -> bool:
        return self.calls == self.kill_at


class Tripwire:
    """Stands before an object and raises Killed before or after the call that the counter says."""

    def __init__(self, inner: Any, counter: Counter) -> None:
        self._inner = inner
        self._counter = counter

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        return self._wrapped(value) if callable(value) else value

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """For ports that are functions."""
        return self._wrapped(self._inner)(*args, **kwargs)

    def _wrapped(self, function: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            self._counter.calls += 1
            fatal = self._counter.is_fatal
            if fatal and not self._counter.after:
                raise Killed
            try:
                return function(*args, **kwargs)
            finally:
                if fatal:  # also when the call failed by itself
                    raise Killed

        return call


def every_death(calls: int) -> Iterator[Counter]:
    """A counter for each way to die in a run of so many calls: before and after each of them."""
    for number in range(1, calls + 1):
        for after in (False, True):
            yield Counter(kill_at=number, after=after)
