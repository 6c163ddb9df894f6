"""
Labels within a budget of time: hearing never waits for judging.

What there is no time for goes on without labels, to be judged later and to be
looked at by a person meanwhile. So does a text on which judging fails.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from chalicelib.domain.facts import Fact, FactKind
from chalicelib.domain.labels import Labels


class OutOfTime(Exception):
    """Judging a text was interrupted."""


@dataclass(slots=True, kw_only=True)
class Labelling:
    """
    Judges what customers wrote in one batch.

    `limit_s` is for the batch, `each_s` for one text. `clock` counts seconds
    and never goes back. `interrupting` raises OutOfTime in what it surrounds
    when the seconds are over. `tell` takes what went wrong, which never
    quotes the text.
    """

    classify: Callable[[Fact], Labels]
    limit_s: float
    each_s: float
    clock: Callable[[], float]
    interrupting: Callable[[float], AbstractContextManager[None]]
    tell: Callable[[str], None]
    _spent_s: float = field(default=0.0, init=False)

    def labels(self, fact: Fact) -> Labels | None:
        """None for what no customer wrote, and for what could not be judged in time. Never raises."""
        if fact.kind not in (FactKind.MENTION, FactKind.EDIT):
            return None
        began, left_s = self.clock(), min(self.each_s, self.limit_s - self._spent_s)
        found = self._judged(fact, left_s) if left_s > 0 else None
        self._spent_s += self.clock() - began
        return found

    def _judged(self, fact: Fact, left_s: float) -> Labels | None:
        try:
            with self.interrupting(left_s):
                return self.classify(fact)
        except Exception as error:  # noqa: BLE001  whatever a text does to those who judge it, it goes on
            self.tell(type(error).__name__)
            return None
