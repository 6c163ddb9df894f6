"""
How much one core does, and how that grows.

Ratios say more than times: they hold on another machine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from time import process_time_ns
from typing import Any

from bench import samples
from bench.report import Table
from chalicelib import connectors
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.classify import classify
from chalicelib.documents.policies import read_toml
from chalicelib.domain import calendar
from chalicelib.domain.calendar import Calendar, Window, always_open
from chalicelib.domain.case.fold import apply, replay
from chalicelib.domain.case.state import CaseState
from chalicelib.domain.events import Event, from_fact, in_order
from chalicelib.domain.facts import Fact
from chalicelib.policies import default_toml
from chalicelib.ports.inbound import decode, encode
from chalicelib.ports.json_codec import dumps, loads
from chalicelib.ports.messages import decode_mention, encode_mention
from chalicelib.ports.policies import Promises
from chalicelib.usecases import casework

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
SAMPLE_NS = 20_000_000
DAY_S = 8 * 3600


@dataclass(slots=True)
class Timed:
    """One line: what was done, and the line it is compared with."""

    name: str
    action: Callable[[], object]
    base: str | None = None
    samples: list[float] | None = None

    @property
    def us(self) -> float:
        return median(self.samples or [0.0])


def measure(rounds: int, say: Callable[[str], None]) -> Table:
    lines = [*_triage(), *_casework(), *_folds(), *_calendars()]
    for number in range(rounds):
        say(f"  round {number + 1} of {rounds}")
        for line in lines:
            line.samples = [*(line.samples or ()), cpu_us(line.action)]
    return _table(lines, rounds)


def cpu_us(action: Callable[[], object]) -> float:
    """CPU microseconds of one run, out of enough of them to be measured."""
    runs, spent = 0, 0
    began = process_time_ns()
    while spent < SAMPLE_NS:
        action()
        runs += 1
        spent = process_time_ns() - began
    return spent / runs / 1000


def _table(lines: Sequence[Timed], rounds: int) -> Table:
    by_name = {line.name: line for line in lines}
    return Table(
        name="speed",
        title="CPU on one core, in one process, no I/O",
        head=("what", "us", "per second", "ratio", "compared with"),
        rows=tuple(
            (
                line.name,
                line.us,
                int(1e6 / line.us),
                line.us / by_name[line.base].us if line.base else None,
                line.base or "",
            )
            for line in lines
        ),
        notes=(f"Medians of {rounds} interleaved rounds.",),
    )


# --- lines -----------------------------------------------------------------------------------------------------------


def _triage() -> list[Timed]:
    connector = connectors.parser(samples.PLATFORM)
    message = encode(samples.inbound(START))
    body = decode(message).body or b""
    request = samples.request(body, START)
    [fact] = connector.parse(request, samples.SETTINGS).facts
    item = samples.labelled(fact)

    def whole() -> str:
        found = decode(message)
        [heard] = connector.parse(found.request(found.body or b""), samples.SETTINGS).facts
        return encode_mention(samples.labelled(heard))

    return [
        Timed("triage of a mention", whole),
        Timed("  of it: parse", lambda: connector.parse(request, samples.SETTINGS), "triage of a mention"),
        Timed("  of it: classify", lambda: classify(fact.text, lang_hint=fact.lang), "triage of a mention"),
        Timed("  of it: encode", lambda: encode_mention(item), "triage of a mention"),
    ]


def _casework() -> list[Timed]:
    """With the table's twin in memory, so that what is left is our own code and a little of the twin's."""
    text = encode_mention(samples.labelled(samples.mention(START)))
    sample = decode_mention(text)
    ports = casework.Ports(
        store=TableCaseStore(MemoryTable()), promises=PROMISES, backoff=_no_waiting, now=START + timedelta(hours=1)
    )

    def open_case() -> None:
        casework.take([replace(sample, fact=_of_somebody_else(sample.fact))], ports)

    return [
        Timed("casework of a new mention", open_case, "triage of a mention"),
        Timed("  of it: decode", lambda: decode_mention(text), "casework of a new mention"),
    ]


def _of_somebody_else(fact: Fact) -> Fact:
    message_id = samples.SERIAL.next()
    return replace(fact, message_id=message_id, thread_id=message_id)


def _folds() -> list[Timed]:
    short, long = _timeline(10), _timeline(1_000)
    state_short, state_long = _stored(short[:-1]), _stored(long[:-1])
    text = dumps(state_long)
    return [
        Timed("fold of the 10th event", lambda: apply(state_short, short[-1], PROMISES.books)),
        Timed("fold of the 1,000th", lambda: apply(state_long, long[-1], PROMISES.books), "fold of the 10th event"),
        Timed("replay of 10 events", lambda: replay(short, PROMISES.books), "fold of the 10th event"),
        Timed("replay of 1,000", lambda: replay(long, PROMISES.books), "replay of 10 events"),
        Timed("state to text, at 1,000 events", lambda: dumps(state_long), "fold of the 10th event"),
        Timed("state from text, at 1,000 events", lambda: loads(CaseState, text), "fold of the 10th event"),
    ]


def _stored(events: Sequence[Event]) -> CaseState:
    """As the table keeps it: ended clocks have items of their own."""
    state = replay(events, PROMISES.books)
    return replace(state, clocks=state.running)


def _timeline(length: int) -> list[Event]:
    """Two messages, one answer, and so on; it ends in a message after an answer."""
    facts = [samples.mention(START)]
    for number in range(1, length):
        make: Any = samples.answer if number % 3 == 2 else samples.follow_up
        facts.append(make(facts[0], START + timedelta(seconds=number)))
    return in_order(from_fact(fact, labels=samples.labelled(fact).labels, book=1) for fact in facts)


def _calendars() -> list[Timed]:
    office = office_hours()
    always = always_open()
    soon, later = 4 * 3600, 30 * DAY_S
    return [
        Timed("plain addition of seconds", lambda: START + timedelta(seconds=soon)),
        Timed("due, open always", lambda: calendar.due(always, START, soon), "plain addition of seconds"),
        Timed("due, office hours, 4 h", lambda: calendar.due(office, START, soon), "due, open always"),
        Timed("due, office hours, 30 days", lambda: calendar.due(office, START, later), "due, office hours, 4 h"),
    ]


def office_hours() -> Calendar:
    """Nine to five on weekdays, in a zone with summer time."""
    day = (Window(9 * 3600, 17 * 3600),)
    return Calendar(
        id="office", zone="Europe/London", weekly=(*(day,) * 5, (), ()), holidays=frozenset({date(2026, 4, 3)})
    )


_SHIPPED = read_toml(default_toml(), today=None)
PROMISES = Promises(books={_SHIPPED.version: _SHIPPED})


def _no_waiting(attempt: int) -> None:
    """Nobody else is at it."""
