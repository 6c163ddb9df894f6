"""
A batch of messages, with what SQS does around it: without partial batch responses a return deletes the whole batch,
and an error deletes nothing.
"""

import json
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.entrypoints import worker
from chalicelib.entrypoints.worker import LATEST_S, SUSPECT_AFTER, SomeFailed, WorkerTooSlow, work
from chalicelib.ports.inbound import Malformed
from tests.usecases.world import texts_of


class Outage(Exception):
    """Something that passes."""


def nothing(body: str) -> None:
    """All is well."""


def malformed(body: str) -> None:
    raise Malformed("not ours")


def outage(body: str) -> None:
    raise Outage(f"while working on {body}")


def hang(body: str) -> None:
    while True:
        time.sleep(0.001)


Outcome = Callable[[str], None]


@dataclass
class Sqs:
    """A queue after it delivered a batch; `fails` names the calls that it refuses."""

    outcomes: Mapping[str, Outcome]
    received: Mapping[str, int] = field(default_factory=dict)
    fails: frozenset[str] = frozenset()
    dice: float = 0.5
    left: set[str] = field(default_factory=set)
    buried: list[tuple[str, str]] = field(default_factory=list)
    delays: dict[str, int] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)
    worked: list[str] = field(default_factory=list)

    def run(self) -> BaseException | None:
        """One invocation of the function, and what SQS makes of its end."""
        self.left = set(self.outcomes)
        try:
            work("inbound", self.event(), self.handle, deliveries=lambda: self, jitter=lambda: self.dice)
        except Exception as error:  # noqa: BLE001  Lambda would report it
            return error
        self.left = set()
        return None

    def event(self) -> dict[str, Any]:
        return {
            "Records": [
                {
                    "body": body,
                    "receiptHandle": f"receipt of {body}",
                    "attributes": {"ApproximateReceiveCount": str(self.received.get(body, 1))},
                }
                for body in self.outcomes
            ]
        }

    def handle(self, bodies: Sequence[str]) -> None:
        self.calls.append(tuple(bodies))
        for body in bodies:
            self.outcomes[body](body)
            self.worked.append(body)

    # --- what the worker asks of SQS

    def done(self, queue: str, receipts: Sequence[str]) -> None:
        self._may("done", queue)
        self.left -= {_body(receipt) for receipt in receipts}

    def later(self, queue: str, receipt: str, seconds: int) -> None:
        self._may("later", queue)
        self.delays[_body(receipt)] = seconds

    def bury(self, queue: str, body: str, error: str) -> None:
        self._may("bury", queue)
        self.buried.append((body, error))

    def _may(self, call: str, queue: str) -> None:
        assert queue == "inbound"
        if call in self.fails:
            raise Outage(call)


def _body(receipt: str) -> str:
    return receipt.removeprefix("receipt of ")


def failed(*bodies: str) -> set[str]:
    return set(bodies)


BATCHES: dict[str, tuple[Sqs, set[str], list[str]]] = {
    "nothing came": (Sqs({}), failed(), []),
    "all good": (Sqs({"a": nothing, "b": nothing}), failed(), []),
    "one that can never succeed": (Sqs({"a": nothing, "b": malformed, "c": nothing}), failed(), ["b"]),
    "only such": (Sqs({"a": malformed, "b": malformed}), failed(), ["a", "b"]),
    "one that may succeed later": (Sqs({"a": nothing, "b": outage, "c": nothing}), failed("b"), []),
    "only such later": (Sqs({"a": outage, "b": outage}), failed("a", "b"), []),
    "one of each": (Sqs({"a": nothing, "b": malformed, "c": outage, "d": nothing}), failed("c"), ["b"]),
    "a suspect that is well now": (Sqs({"a": nothing, "b": nothing}, {"a": 3}), failed(), []),
    "a suspect that fails again": (Sqs({"a": outage, "b": nothing}, {"a": 3}), failed("a"), []),
    "a suspect that can never succeed": (Sqs({"a": malformed, "b": nothing}, {"a": 9}), failed(), ["a"]),
    "the dead letters are not reachable": (
        Sqs({"a": malformed, "b": nothing}, fails=frozenset({"bury"})),
        failed("a"),
        [],
    ),
    "the visibility cannot be changed": (
        Sqs({"a": outage, "b": nothing, "c": malformed}, fails=frozenset({"later"})),
        failed("a"),
        ["c"],
    ),
}


@pytest.mark.parametrize("name", BATCHES)
def test_what_sqs_still_has_afterwards_is_what_failed(name):
    sqs, comes_again, buried = BATCHES[name]
    error = sqs.run()
    assert sqs.left == comes_again
    assert [body for body, _ in sqs.buried] == buried
    assert set(sqs.worked) == set(sqs.outcomes) - comes_again - set(buried)
    assert isinstance(error, SomeFailed) == bool(comes_again)


def test_a_good_batch_is_one_call_and_nothing_else():
    sqs = Sqs({"a": nothing, "b": nothing}, fails=frozenset({"done", "later", "bury"}))
    assert sqs.run() is None
    assert sqs.calls == [("a", "b")]


def test_a_dead_letter_says_what_was_wrong():
    sqs = Sqs({"a": malformed})
    sqs.run()
    assert sqs.buried == [("a", "Malformed: not ours")]


@pytest.mark.parametrize(("dice", "seconds"), [(0.0, 1), (0.5, 15), (0.999_999, LATEST_S - 1), (1.0, LATEST_S)])
def test_what_comes_again_waits_one_to_thirty_seconds(dice, seconds):
    sqs = Sqs({"a": outage, "b": nothing}, dice=dice)
    sqs.run()
    assert sqs.delays == {"a": seconds}


def test_the_error_at_the_end_names_kinds_and_shows_no_content():
    error = Sqs({"SECRET a": outage, "SECRET b": nothing}).run()
    assert str(error) == "inbound: 1 of 2 come again: Outage"


def test_the_log_shows_no_content(capsys):
    Sqs({"SECRET a": outage, "SECRET b": malformed, "SECRET c": nothing}).run()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines
    assert not [line for line in lines if any("SECRET" in text for text in texts_of(line))]
    [batch] = [line for line in lines if line["message"] == "batch"]
    assert {name: batch[name] for name in ("received", "done", "buried", "failed")} == {
        "received": 3,
        "done": 1,
        "buried": 1,
        "failed": 1,
    }


# --- records that failed before --------------------------------------------------------------------------------


def test_suspects_are_handled_last_and_alone():
    received = {"a": SUSPECT_AFTER + 1, "b": SUSPECT_AFTER, "c": 1, "d": 10}
    sqs = Sqs(dict.fromkeys("abcd", nothing), received)
    sqs.run()
    assert sqs.calls == [("b", "c"), ("a",), ("d",)]


def test_a_suspect_has_a_deadline_and_the_others_are_done(monkeypatch):
    monkeypatch.setattr(worker, "SUSPECT_S", 0.05)
    before = signal.getsignal(signal.SIGALRM)
    sqs = Sqs({"a": hang, "b": nothing, "c": nothing, "d": hang}, {"a": 3, "c": 3, "d": 3})
    error = sqs.run()
    assert isinstance(error, SomeFailed)
    assert WorkerTooSlow.__name__ in str(error)
    assert sqs.left == {"a", "d"}
    assert set(sqs.delays) == {"a", "d"}
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_the_deadline_does_not_cut_what_is_said_to_sqs(monkeypatch):
    monkeypatch.setattr(worker, "SUSPECT_S", 0.01)
    sqs = Sqs({"a": outage}, {"a": 3})
    slow_later = sqs.later

    def later(*args: Any) -> None:
        signal.raise_signal(signal.SIGALRM)  # as if the time were up here
        slow_later(*args)

    monkeypatch.setattr(sqs, "later", later)
    monkeypatch.setattr(signal, "setitimer", lambda *_: (0.0, 0.0))
    previous = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    try:
        sqs.run()
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert sqs.delays == {"a": 15}


def test_a_record_without_a_count_is_a_first_one():
    seen: list[Any] = []
    event = {"Records": [{"body": "a", "receiptHandle": "r"}]}
    work("inbound", event, seen.append, deliveries=lambda: Sqs({}), jitter=lambda: 0.5)
    assert seen == [["a"]]


# --- whatever happens ------------------------------------------------------------------------------------------

_outcomes = st.lists(st.sampled_from([nothing, nothing, malformed, outage]), max_size=10)
_counts = st.lists(st.integers(1, 12), min_size=10, max_size=10)


@settings(deadline=None)
@given(_outcomes, _counts)
def test_every_record_is_done_or_buried_or_comes_again(outcomes, counts):
    bodies = {f"{number}": outcome for number, outcome in enumerate(outcomes)}
    sqs = Sqs(bodies, dict(zip(bodies, counts, strict=False)))
    sqs.run()
    buried = [body for body, _ in sqs.buried]
    assert sorted([*set(sqs.worked), *buried, *sqs.left]) == sorted(bodies)
    assert sqs.left == set(sqs.delays) == {body for body, outcome in bodies.items() if outcome is outage}


@settings(deadline=None)
@given(_outcomes, _counts, st.frozensets(st.sampled_from(["done", "later", "bury"])))
def test_no_record_is_lost_when_sqs_fails_too(outcomes, counts, fails):
    bodies = {f"{number}": outcome for number, outcome in enumerate(outcomes)}
    sqs = Sqs(bodies, dict(zip(bodies, counts, strict=False)), fails)
    error = sqs.run()
    buried = {body for body, _ in sqs.buried}
    assert set(sqs.worked) | buried | sqs.left == set(bodies)
    assert (error is None) == (sqs.left == set())
    assert {body for body, outcome in bodies.items() if outcome is nothing} <= set(sqs.worked)


def test_a_suspect_goes_its_own_way_where_there_is_one():
    sqs, plain = Sqs({"a": nothing, "b": nothing}, {"a": SUSPECT_AFTER + 1}), []
    work(
        "inbound",
        sqs.event(),
        sqs.handle,
        deliveries=lambda: sqs,
        jitter=lambda: 0.5,
        handle_suspect=plain.extend,
    )
    assert (sqs.worked, plain) == (["b"], ["a"])
