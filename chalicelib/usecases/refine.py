"""
Labels that triage gave are refined by better engines, before a fact becomes part of a case.

Engines are asked one after the other; each refines what the one before it
said (`domain.refinement`), and whoever fails, is slow or rests leaves the
labels that are there. No mention is lost to an engine, and none waits longer
than the limit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.domain.facts import FactKind
from chalicelib.domain.labels import UNDETERMINED, Labels, Noise
from chalicelib.domain.refinement import refined
from chalicelib.ports.cases import Labelled
from chalicelib.ports.engines import Allowance, Engine, EngineError, EngineRefused, Passage, Unusable
from chalicelib.usecases.labelling import Labelling

FAILURES: Final = 3  # in a row; then an engine is left alone
REST_S: Final = 60.0
LONG_REST_S: Final = 300.0  # after a refusal, which does not pass by itself
_TOO_LATE_S: Final = 0.05  # nobody answers within what is left

Tell = Callable[[str, str, int], None]


@dataclass(slots=True, kw_only=True)
class EngineSlot:
    """
    An engine, what it is asked for, and how it has done in this process.

    `limit_s` is for one batch. No `languages` are all of them. An `allowance`
    of None costs nothing.
    """

    engine: Engine
    limit_s: float
    languages: frozenset[str] = frozenset()
    private: bool = True
    allowance: Allowance | None = None
    failures: int = 0
    rests_until: float | None = None

    def hears(self, item: Labelled) -> bool:
        """Whether this text is for it."""
        fact, labels = item.fact, item.labels
        if fact.kind not in (FactKind.MENTION, FactKind.EDIT) or labels is None or not (fact.text or "").strip():
            return False
        language = labels.language.value
        spoken = not self.languages or language in self.languages or language == UNDETERMINED
        return spoken and (self.private or not fact.private)

    def is_resting(self, now: float) -> bool:
        return self.rests_until is not None and now < self.rests_until

    def did_well(self) -> None:
        self.failures, self.rests_until = 0, None

    def failed(self, error: Exception, now: float) -> None:
        """After a rest one failure more is enough for another."""
        self.failures += 1
        if isinstance(error, EngineRefused):
            self.failures, self.rests_until = max(self.failures, FAILURES), now + LONG_REST_S
        elif self.failures >= FAILURES:
            self.rests_until = now + REST_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """
    What refining needs from outside.

    `labelling` judges what triage had no time for. `limit_s` is for one
    delivery, all engines together. `clock` counts
    seconds and never goes back. `tell` takes an engine's name, what was
    wrong, and how many texts keep the labels they had.
    """

    labelling: Labelling
    seats: Sequence[EngineSlot]
    limit_s: float
    clock: Callable[[], float]
    tell: Tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """`items` in their order. Of `asked` texts that were for an engine, `fell_back` kept the labels they had."""

    items: tuple[Labelled, ...]
    asked: int = 0
    fell_back: int = 0


def refine(items: Sequence[Labelled], ports: Ports) -> Refinement:
    """The same facts with the best labels that could be had in time. Never raises."""
    done = [item if item.labels else replace(item, labels=ports.labelling.labels(item.fact)) for item in items]
    deadline = ports.clock() + ports.limit_s
    asked = better = 0
    for seat in ports.seats:
        places = [place for place, item in enumerate(done) if seat.hears(item)]
        labels = _labels(seat, [done[place] for place in places], deadline, ports) if places else ()
        for place, found in zip(places, labels, strict=True):
            done[place] = _with(done[place], found)
        asked += len(places)
        better += sum(found is not None for found in labels)
    return Refinement(items=tuple(done), asked=asked, fell_back=asked - better)


def _with(item: Labelled, found: Labels | None) -> Labelled:
    return replace(item, labels=refined(item.labels, found)) if item.labels and found else item


def _labels(seat: EngineSlot, items: list[Labelled], deadline: float, ports: Ports) -> list[Labels | None]:
    """For each of `items`, what the engine makes of it; None where it was not asked or knew nothing."""
    found: list[Labels | None] = [None] * len(items)
    now = ports.clock()
    limit_s = min(seat.limit_s, deadline - now)
    if seat.is_resting(now) or limit_s <= _TOO_LATE_S:
        return found
    chosen = _allowed(seat, items)
    if len(chosen) < len(items):
        ports.tell(seat.engine.name, "over its ceiling", len(items) - len(chosen))
    if not chosen:
        return found
    for place, labels in zip(chosen, _ask(seat, [items[place] for place in chosen], limit_s, ports), strict=True):
        found[place] = labels
    return found


def _allowed(seat: EngineSlot, items: list[Labelled]) -> list[int]:
    """Which of them may be sent: the most urgent first, noise last."""
    allowed = len(items) if seat.allowance is None else seat.allowance.take(len(items))
    return sorted(range(len(items)), key=lambda place: _turn(items[place]))[:allowed]


def _turn(item: Labelled) -> tuple[bool, int]:
    labels = item.labels
    return (True, 0) if labels is None else (labels.noise.value is Noise.NOISE, -labels.urgency.value.rank)


def _ask(seat: EngineSlot, items: list[Labelled], limit_s: float, ports: Ports) -> Sequence[Labels | None]:
    nothing: list[Labels | None] = [None] * len(items)
    try:
        found = _checked(seat.engine.judge([_passage(item) for item in items], limit_s=limit_s), len(items))
    except Exception as error:  # noqa: BLE001  whatever an engine does, the mention goes on
        seat.failed(error, ports.clock())
        ports.tell(seat.engine.name, _why(error), len(items))
        return nothing
    seat.did_well()
    return found


def _why(error: Exception) -> str:
    """Only errors of engines promise to quote no text."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, EngineError) else name


def _checked(found: Sequence[Labels | None], wanted: int) -> Sequence[Labels | None]:
    if len(found) != wanted or not all(isinstance(one, Labels | None) for one in found):
        raise Unusable("something else than labels for each text")
    return found


def _passage(item: Labelled) -> Passage:
    fact, labels = item.fact, item.labels
    assert fact.text is not None and labels is not None  # noqa: S101, PT018  Seat.hears() looked
    return Passage(text=fact.text, labels=labels, lang_hint=fact.lang, private=fact.private, rating=fact.rating)
