"""
Playing a scenario: what happens at its time, a sweep at every whole minute, and a look at what came of it.

A minute in which nothing is due is not swept but rested through, which comes
to the same (a test plays every scenario both ways).
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Final

from chalicelib.documents.policies import PolicyInvalid, read_toml
from chalicelib.domain.events import EventKind
from chalicelib.domain.labels import Urgency
from chalicelib.domain.policy import PolicyBook
from chalicelib.ports.cases import Labelled
from chalicelib.ports.connector.replying import Refused
from chalicelib.usecases import act
from infra.scenarios import books, compare, facts
from infra.scenarios.memory import MemoryWorld
from infra.scenarios.model import Expected, Happening, Lands, Refusal, Scenario
from infra.scenarios.platform import Plan
from infra.scenarios.reading import FACTS, HEARD_AFTER, ONE_MINUTE, targets_of
from infra.scenarios.world import NotYet, SeenAlert, World

MakeWorld = Callable[[PolicyBook, str], World]
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a scenario. `differences` is empty when all holds; `alerts` is what people got."""

    scenario: Scenario
    differences: tuple[str, ...] = ()
    alerts: tuple[SeenAlert, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.differences


def run(scenario: Scenario, *, make_world: MakeWorld = MemoryWorld, every_minute: bool = False) -> Result:
    """Play it and compare. `every_minute` sweeps also when nothing is due."""
    if scenario.refusal:
        return Result(scenario=scenario, differences=tuple(_refusal(scenario.refusal)))
    assert scenario.book is not None  # noqa: S101  only a refusal has none
    world = make_world(scenario.book, facts.platform_of(scenario.channel))
    play = _Play(scenario, world, every_minute=every_minute)
    differences = tuple(play.differences())
    return Result(scenario=scenario, differences=differences, alerts=world.alerts())


def _refusal(refusal: Refusal) -> Iterator[str]:
    try:
        read_toml(refusal.document, today=refusal.today)
    except PolicyInvalid as error:
        places = [problem.path for problem in error.problems]
        if sorted(places) != sorted(refusal.places):
            yield f"refused: expected {', '.join(refusal.places)}; got {', '.join(places)}"
    else:
        yield f"refused: expected {', '.join(refusal.places)}; the document was accepted"


@dataclass(slots=True)
class _Play:
    """One scenario on its way through time. `minute` is the next to be swept."""

    scenario: Scenario
    world: World
    every_minute: bool
    minute: datetime = _LONG_AGO
    refused: list[str] = field(default_factory=list)  # ids of answers that the tool would not take

    def differences(self) -> Iterator[str]:
        """What differs, oldest check first. Nothing is played after the first line that cannot be."""
        self.world.break_alerts(self.scenario.faults)
        agenda = deque(self._agenda())
        self.minute = _floor(agenda[0][0]) if agenda else self.scenario.expected[-1].at
        for expected in self.scenario.expected:
            failure = self._until(expected.at, agenda)
            if failure:
                yield failure
                return
            yield from compare.compare(expected, self.world, self.scenario, refused=self.refused)

    def _agenda(self) -> list[tuple[datetime, Happening, int]]:
        """Every arrival in order: when, what, and how many workers get it at once."""
        found = [
            (at, line, line.received_at.count(at))
            for line in self.scenario.timeline
            if line.lands is None
            for at in dict.fromkeys(line.received_at)
        ]
        return sorted(found, key=lambda entry: entry[0])

    def _until(self, end: datetime, agenda: deque[tuple[datetime, Happening, int]]) -> str | None:
        while agenda and agenda[0][0] <= end:
            at, line, workers = agenda.popleft()
            self._sweep_until(at)
            failure = self._try(line, at, workers)
            if failure:
                return failure
        self._sweep_until(end + ONE_MINUTE)
        return None

    def _try(self, line: Happening, at: datetime, workers: int) -> str | None:
        try:
            self._play(line, at, workers)
        except NotYet as error:
            return f"{line.path}: {line.verb}: {error}"
        except Exception as error:  # noqa: BLE001  whatever it is, the file's author must know which line it was
            return f"{line.path}: {line.verb}: {type(error).__name__}: {error}"
        return None

    # --- what happens

    def _play(self, line: Happening, at: datetime, workers: int) -> None:
        if line.verb in FACTS:
            self.world.hear(self._labelled(line, at), at, workers=workers)
        elif line.verb in _LEADS:
            _LEADS[line.verb](self, line, at)
        elif line.verb in _INTENTS:
            self.world.act(self._target(line), _INTENTS[line.verb](line), actor=line["by"], key=_key(line), at=at)

    def _labelled(self, line: Happening, at: datetime) -> Labelled:
        parent = line["to"] or self._latest(line) if line.verb in ("native reply", "automatic reply") else None
        return facts.labelled(line, self.scenario.channel, at, parent)

    def _latest(self, line: Happening) -> str | None:
        """The customer's last message before `line`."""
        who = line["who"]
        earlier = [
            other["id"]
            for other in self.scenario.timeline
            if other.verb == "message" and other.at <= line.at and who in (None, other["who"])
        ]
        return earlier[-1] if earlier else None

    def _target(self, line: Happening) -> str:
        """The message that leads to the case in question."""
        message_id = line["on"] or self._latest(line)
        if message_id is None:
            raise NotYet("nobody has written yet: say which case it is about with on = MESSAGE ID")
        return str(message_id)

    def _reply(self, line: Happening, at: datetime) -> None:
        words = line["text"] or f"words of {line['id']}"
        echo = partial(self._echo, line, words)
        meanwhile = (lambda: echo(at)) if line["echo"] == "before" else (lambda: None)
        self.world.plan(words, Plan(message_id=line["id"], fails=deque(line["fails"]), meanwhile=meanwhile))
        then = EventKind(line["then"]) if line["then"] else None
        intent = act.AnswerCustomer(text=words, then=then, automatic=line["by_a_bot"])
        try:
            self.world.act(self._target(line), intent, actor=line["by"], key=_key(line), at=at)
        except Refused:
            self.refused.append(line["id"])
            return
        if line["echo"] == "after":
            echo(at + 3 * HEARD_AFTER)

    def _echo(self, line: Happening, words: str, at: datetime) -> None:
        told = {"id": line["id"], "who": line["who"] or "ada", "text": words, "private": False, "thread": None}
        fact = Happening(at=line.at, verb="native reply", path=line.path, received_at=(at,), values=told)
        self.world.hear(facts.labelled(fact, self.scenario.channel, at, self._target(line)), at)

    def _merge(self, line: Happening, at: datetime) -> None:
        self.world.merge(self._target(line), line["into"], actor=line["by"], key=_key(line), at=at)

    def _tier(self, line: Happening, at: datetime) -> None:
        to = None if line["to"] == "none" else line["to"]
        self.world.tier(line["who"], to, actor=line["by"], key=_key(line), at=at)

    def _acknowledge(self, line: Happening, at: datetime) -> None:
        self.world.acknowledge(self._target(line), actor=line["by"], at=at)

    def _edit_policy(self, line: Happening, at: datetime) -> None:
        self.world.promise(books.with_targets(self._book, line["policy"], targets_of(line)), at)

    def _close(self, line: Happening, at: datetime) -> None:
        self.world.promise(books.closed_on(self._book, line["calendar"], line["date"]), at)

    @property
    def _book(self) -> PolicyBook:
        return self.world.books[max(self.world.books)]

    # --- the sweep

    def _sweep_until(self, end: datetime) -> None:
        """Every whole minute before `end` that has not been swept."""
        while self.minute < end:
            idle_until = self.minute if self.every_minute else self._idle_until(end)
            if idle_until > self.minute:
                self._rest(idle_until)
            else:
                self._sweep(self.minute)
                self.minute += ONE_MINUTE

    def _idle_until(self, end: datetime) -> datetime:
        """The first minute from now on in which something is to be done, `end` at the latest."""
        due = self.world.next_due()
        ends = [end, *(at for at in self._special_minutes() if at >= self.minute)]
        if due is not None:
            ends.append(due)
        return max(self.minute, min(_ceiling(at) for at in ends))

    def _special_minutes(self) -> Iterable[datetime]:
        faults = self.scenario.faults
        yield from faults.twice
        for begin, last in faults.missed:
            yield from (begin, last + ONE_MINUTE)
        for line in self.scenario.timeline:
            if line.lands:
                yield _floor(line.received_at[0])

    def _rest(self, until: datetime) -> None:
        last = until - ONE_MINUTE
        if not self.scenario.faults.is_missed(last):
            self.world.rest(last)
        self.minute = until

    def _sweep(self, minute: datetime) -> None:
        faults = self.scenario.faults
        if faults.is_missed(minute):
            return
        during = {
            line.lands: partial(self._play, line, line.received_at[0], 1)
            for line in self.scenario.timeline
            if line.lands and _floor(line.received_at[0]) == minute
        }
        self.world.sweep(minute, during=during, times=2 if minute in faults.twice else 1)


_Lead = Callable[[_Play, Happening, datetime], None]
_LEADS: dict[str, _Lead] = {
    "reply": _Play._reply,
    "merge": _Play._merge,
    "acknowledge": _Play._acknowledge,
    "tier": _Play._tier,
    "edit policy": _Play._edit_policy,
    "close": _Play._close,
}
_INTENTS: dict[str, Callable[[Happening], act.Intent]] = {
    "note": lambda line: act.Note(text=line["text"]),
    "assign": lambda line: act.Assign(to=line["to"]),
    "priority": lambda line: act.Prioritise(to=Urgency(line["to"])),
    **{
        kind.value: partial(lambda kind, line: act.MoveCase(kind=kind), kind)  # noqa: ARG005
        for kind in act.MOVES
    },
}


def _key(line: Happening) -> str:
    return f"{line.path}".replace(" ", "-").encode("ascii", "replace").decode()[:100]


def _floor(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _ceiling(at: datetime) -> datetime:
    floor = _floor(at)
    return floor if floor == at else floor + ONE_MINUTE


__all__ = ["Expected", "Lands", "Result", "run"]
