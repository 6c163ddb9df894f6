"""A sweep killed before or after any single call, and the sweeps of the minutes after it."""

import json
from collections import Counter as Count
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.leases import TableLeases
from chalicelib.domain.events import EventKind
from chalicelib.ports.cases import CaseRecord, Commit
from chalicelib.usecases.sla_watch import Ports, sweep
from tests.usecases.sweeps import P_VIP, Story, mention, moment, reply
from tests.usecases.test_sla_watch import an_answer
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death

DAY = "2026-03-07"
NOW = moment(f"{DAY} 12:30")
AFTER = [NOW + timedelta(minutes=minutes) for minutes in range(1, 6)]
OURS = {EventKind.WARNED, EventKind.PAGED, EventKind.NOTICE, EventKind.PAGE_DROPPED}


def morning() -> Story:
    """At 12:30 a warning, two steps, a notice for two groups, an answer and a half-moved case are due at once."""
    story = Story(
        P_VIP,
        mention("100", f"{DAY} 12:00", thread_id="t1"),  # its second step
        mention("200", f"{DAY} 12:14:50", thread_id="t2"),  # its first
        mention("300", f"{DAY} 12:18:20", thread_id="t3"),  # its warning
        mention("400", f"{DAY} 11:55", thread_id="t4"),  # paged twice, then answered
        reply("401", f"{DAY} 12:29:30", parent_id="400"),
        mention("500", f"{DAY} 12:20", thread_id="t5"),  # the older of two cases that are one
        mention("501", f"{DAY} 12:21", thread_id="t6"),
        mention("502", f"{DAY} 12:22", thread_id="t6"),
    ).until(f"{DAY} 11:55", f"{DAY} 12:29")
    story.happen(NOW)
    story.cases.commit(Commit(at=NOW, replies=(an_answer(next_at=NOW),)))
    older, younger = case_of(story, "t5"), case_of(story, "t6")
    story.cases.commit(
        Commit(at=NOW, case=replace(younger, merged_into=older.case_id, is_moving=True, next_at=NOW)),
    )
    story.alerts.published.clear()
    return story


def case_of(story: Story, thread_id: str) -> CaseRecord:
    cases = (story.cases.case(case_id)[0] for case_id in story.case_ids())
    return next(case for case in cases if case and case.thread_id == thread_id)


def watched(story: Story, counter: Counter) -> Ports:
    """The ports, with a tripwire before every call that leaves the process."""
    table = Tripwire(story.table, counter)
    return replace(
        story.ports,
        store=TableCaseStore(table),
        leases=TableLeases(table),
        alerts=Tripwire(story.alerts, counter),
        queues=Tripwire(story.queues, counter),
    )


def sweeps_after(story: Story) -> None:
    for now in AFTER:
        swept = sweep(story.ports, now)
        assert swept.failed == []


def ending(story: Story) -> Mapping[Any, Any]:
    """
    The whole table, but for the minutes at which our own messages went out.

    What a killed sweep left is done by a later one, once the lease has run
    out. The lease itself tells about that, and is left out.
    """
    items = story.table.everything().items()
    return {without_code(key, item): without_minutes(item) for key, item in items if key[0] != "LEASE"}


def without_code(key: tuple[str, str], item: Mapping[str, Any]) -> Any:
    """A link's key holds the hash of a code, which is made anew when a claim is repeated."""
    return ("LINK", json.dumps(json.loads(item["body"])["due"])) if key[0].startswith("LINK#") else key


def without_minutes(item: Mapping[str, Any]) -> Mapping[str, Any]:
    body = json.loads(item.get("body", "{}"))
    if str(item["sk"]).startswith("EVENT#") and body.get("kind") in OURS:
        body |= {"at": None, "received_at": None}
    if str(item["pk"]).startswith("PAGE#"):
        body |= {"claimed_at": None, "sent_at": None, "link": None}  # the link as in `without_code`
    if str(item["pk"]).startswith("LINK#"):
        return {"case": body["case_id"]}
    if str(item["pk"]).startswith("REPLY#"):
        item = {**item, "version": None}  # one for each minute in which it was driven
    if "summary" in item:
        item = {**item, "summary": {**json.loads(item["summary"]), "last_at": None}}
    state = json.loads(item.get("state", "{}"))
    if state.get("last") and state["last"][-1].rpartition("|")[2] in OURS:
        state["last"] = state["last"][-1]
    return {**item, "body": body, "state": state}


def undisturbed() -> tuple[Story, int]:
    story, counter = morning(), Counter()
    swept = sweep(watched(story, counter), NOW)
    assert swept.failed == []
    sweeps_after(story)
    return story, counter.calls


EXPECTED, CALLS = undisturbed()


def test_the_story_holds_everything_that_a_sweep_can_do():
    heard = Count((at, kind, step) for at, kind, step, _ in EXPECTED.heard)
    assert heard == {
        (f"{DAY} 12:30", "breach", 1): 1,
        (f"{DAY} 12:30", "breach", 2): 1,
        (f"{DAY} 12:30", "warning", 0): 1,
        (f"{DAY} 12:30", "notice", 0): 2,
        (f"{DAY} 12:32", "warning", 0): 1,  # of the two cases that became one
        (f"{DAY} 12:34", "breach", 1): 1,
    }
    assert case_of(EXPECTED, "t6").merged_into == case_of(EXPECTED, "t5").case_id
    assert not case_of(EXPECTED, "t6").is_moving
    assert len(EXPECTED.queues.sent["replies"]) == 6
    assert CALLS > 50


@pytest.mark.parametrize(
    "counter", [*every_death(CALLS)], ids=lambda c: f"{'after' if c.after else 'before'} {c.kill_at}"
)
def test_killed_at_any_call_nothing_is_lost_and_the_table_ends_the_same(counter):
    story = morning()
    ports = watched(story, counter)
    with pytest.raises(Killed):
        sweep(ports, NOW)
    sweeps_after(story)
    assert ending(story) == ending(EXPECTED)
    times = Count(story.page_ids)
    assert set(times) == set(EXPECTED.page_ids)
    assert sum(times.values()) - len(times) <= 1


def test_only_a_death_between_a_page_and_its_record_repeats_it():
    repeated = [story for counter in every_death(CALLS) if (story := repeats(counter))]
    published_at_first = sum(at == f"{DAY} 12:30" for at, *_ in EXPECTED.heard)
    # after the publishing, and before the record of it
    assert len(repeated) == 2 * published_at_first


def repeats(counter: Counter) -> int:
    story = morning()
    with pytest.raises(Killed):
        sweep(watched(story, counter), NOW)
    sweeps_after(story)
    return len(story.page_ids) - len(set(story.page_ids))
