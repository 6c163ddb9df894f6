"""An invented airline's morning, as facts: what the tests of casework shuffle, repeat and interrupt."""

import contextlib
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.domain.calendar import always_open
from chalicelib.domain.events import in_order
from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.domain.labels import UNLABELLED, Label, Labels, Urgency
from chalicelib.domain.policy import Ladder, Policy, PolicyBook, Step, Targets
from chalicelib.ports.cases import Labelled
from chalicelib.ports.json_codec import dumps
from chalicelib.ports.policies import Promises
from chalicelib.usecases import casework
from chalicelib.usecases.labelling import Labelling

T0 = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
LADDER = Ladder(
    id="care",
    steps=(
        Step(group="on-call", delay_s=0),
        Step(group="lead", delay_s=15 * 60),
        Step(group="manager", delay_s=30 * 60),
    ),
    repeat_after_s=(3600, 7200, 10800),
)
STANDARD = Policy(
    id="standard",
    calendar=always_open(),
    targets=Targets(frt_s=60 * 60, nrt_s=120 * 60, res_s=16 * 3600),
    ladder=LADDER,
)
PROMISES = Promises(books={1: PolicyBook(version=1, policies=(STANDARD,))})


def labelling(classify: Callable[[Fact], Labels], **values: Any) -> Labelling:
    """With all the time in the world, unless told otherwise."""
    defaults: dict[str, Any] = {
        "limit_s": 10.0,
        "each_s": 3.0,
        "clock": lambda: 0.0,
        "interrupting": lambda _seconds: nullcontext(),
        "tell": lambda _wrong: None,
    }
    return Labelling(classify=classify, **{**defaults, **values})


QUIET = replace(UNLABELLED, urgency=Label(Urgency.LOW, 0.5))


def no_waiting(attempt: int) -> None:
    """Races are lost at most as often as there are others: no need to wait for them."""


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def fact(kind: FactKind, message_id: str, minutes: float, **values: Any) -> Fact:
    moment = at(minutes)
    defaults: dict[str, Any] = {
        "platform": "x",
        "channel": "x.main",
        "account_id": "900",
        "received_at": moment + timedelta(seconds=1),
        "occurred_at": moment,
    }
    return Fact(kind=kind, message_id=message_id, **{**defaults, **values})


def wrote(message_id: str, minutes: float, who: str = "501", text: str = "my bag is lost", **values: Any) -> Fact:
    author = values.pop("author", Author(id=who, handle=f"h{who}"))
    return fact(FactKind.MENTION, message_id, minutes, author=author, text=text, **values)


def answered(message_id: str, minutes: float, parent_id: str | None, **values: Any) -> Fact:
    return fact(
        FactKind.ANSWER, message_id, minutes, parent_id=parent_id, author=Author(id="900"), text="on it", **values
    )


def deleted(message_id: str, minutes: float, **values: Any) -> Fact:
    return fact(FactKind.DELETE, message_id, minutes, **values)


def edited(message_id: str, minutes: float, text: str, **values: Any) -> Fact:
    return fact(FactKind.EDIT, message_id, minutes, text=text, version=1, **values)


# Threads that only parents link, as X's Account Activity tells them; another author among them; an answer below the
# brand's own post; a private conversation; an edit, two deletes, and the brand writing first.
MORNING: tuple[Fact, ...] = (
    answered("90", 0, None),
    wrote("100", 1, text="where is my bag"),
    wrote("101", 2, who="502", parent_id="100", text="same here"),
    answered("102", 20, "100"),
    wrote("103", 25, parent_id="102", text="that is no answer"),
    wrote("104", 26, parent_id="103", text="hello?"),
    answered("105", 40, "104"),
    wrote("106", 41, who="502", parent_id="105", text="and mine?"),
    wrote("107", 50, parent_id="90", who="503", text="nice poster, late plane"),
    edited("107", 55, "nice poster, very late plane"),
    wrote("110", 60, who="504", text="delete me"),
    deleted("110", 70),
    wrote("111", 75, who="504", parent_id="110", text="still here"),
    answered("120", 30, None, private=True, thread_id="505-900", customer_id="505"),
    wrote("121", 31, who="505", private=True, thread_id="505-900", text="in private"),
    answered("122", 33, None, private=True, thread_id="505-900", customer_id="505"),
    wrote("123", 80, who="505", private=True, thread_id="505-900", text="more in private"),
    wrote("130", 90, who="506", thread_id="130", text="v2 post"),
    wrote("131", 91, who="506", thread_id="130", parent_id="130", text="v2 follow-up"),
    deleted("131", 92),
)


def store() -> tuple[MemoryTable, TableCaseStore]:
    table = MemoryTable()
    return table, TableCaseStore(table)


def ports(cases: Any, minutes: float = 200, backoff: Callable[[int], None] = no_waiting) -> casework.Ports:
    return casework.Ports(store=cases, promises=PROMISES, backoff=backoff, now=at(minutes))


def labelled(fact: Fact) -> Labelled:
    """As from triage, with labels that say the least of all."""
    is_judged = fact.kind in (FactKind.MENTION, FactKind.EDIT)
    return Labelled(fact=fact, labels=QUIET if is_judged else None)


def take(cases: Any, facts: Iterable[Fact], batch: int = 10) -> None:
    items = [labelled(f) for f in facts]
    for begin in range(0, len(items), batch):
        casework.take(items[begin : begin + batch], ports(cases))


def take_at_once(cases: Any, lanes: Sequence[Sequence[Fact]]) -> None:
    """Several workers, each with its own share, at the same time."""
    failures: list[BaseException] = []

    def work(share: Sequence[Fact]) -> None:
        try:
            take(cases, share, batch=3)
        except BaseException as error:  # noqa: BLE001  shown by the test
            failures.append(error)

    threads = [Thread(target=work, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def outcome(table: MemoryTable, cases: TableCaseStore) -> list[Any]:
    """
    What became of it all: every case with its timeline and clocks, without the names chance gave them.

    A case's id comes from the message that happened to open it, so it is left out.
    """
    found = []
    for pk, sk in table.everything():
        if not (pk.startswith("CASE#") and sk == "STATE"):
            continue
        case, _ = cases.case(pk.removeprefix("CASE#"))
        assert case is not None
        if case.merged_into:
            assert not case.is_moving
            assert not cases.events(case.case_id)
            continue
        found.append(
            {
                "thread": case.thread_id,
                "author": case.author_key,
                "state": dumps(replace(case.state, clocks=case.state.running)),
                "next": case.next_at,
                "events": [dumps(event) for event in in_order(cases.events(case.case_id))],
                "clocks": sorted(dumps(clock) for clock in cases.ended_clocks(case.case_id)),
            }
        )
    return sorted(found, key=lambda case: (case["thread"], case["author"]))


def parked_left(table: MemoryTable) -> list[str]:
    return sorted(f"{pk}/{sk}" for pk, sk in table.everything() if sk.startswith("PARKED#"))


def items_with(table: MemoryTable, text: str) -> list[str]:
    """
    Keys of items in which a text stands, in the key or in any value however deep.

    Values are read as they are, not as Python would print them: an escape or a line break hides nothing.
    """
    return sorted(
        f"{pk}/{sk}" for (pk, sk), item in table.everything().items() if any(text in part for part in texts_of(item))
    )


def texts_of(value: object) -> Iterator[str]:
    """Every text in a value: of mappings (their keys too), sequences, sets, bytes and JSON inside a text."""
    if isinstance(value, str):
        yield value
        if value[:1] in ("{", "[", '"'):
            with contextlib.suppress(ValueError):
                yield from texts_of(json.loads(value))
    elif isinstance(value, bytes):
        yield value.decode(errors="replace")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from texts_of(key)
            yield from texts_of(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from texts_of(inner)


def shuffled(facts: Sequence[Fact], seed: int) -> list[Fact]:
    mixed = list(facts)
    random.Random(seed).shuffle(mixed)
    return mixed
