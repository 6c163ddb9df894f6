"""Many customers at once: one message for each step, and everything that one message for one customer does (R15)."""

import json
from collections import Counter as Count
from dataclasses import replace

import pytest

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.leases import TableLeases
from chalicelib.domain.alerts import digest as digest_alert
from chalicelib.domain.alerts.gsm7 import measure
from chalicelib.domain.events import EventKind, action
from chalicelib.domain.policy import Targets
from chalicelib.ports.alerts import AlertUndelivered
from chalicelib.ports.cases import DigestStatus
from chalicelib.usecases.acknowledge import Standing
from chalicelib.usecases.cases.timeline import commit_for
from chalicelib.usecases.sla_watch import sweep
from tests.usecases.sweeps import P_VIP, Story, mention, moment, reply
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death

DAY = "2026-03-07"
P_FRT = replace(P_VIP, targets=Targets(frt_s=15 * 60))


def crowd(count, at=f"{DAY} 12:00:10", *, first=100):
    return [mention(str(first + n), at, thread_id=f"t{first + n}") for n in range(count)]


def flood(*more, count=8, trouble=None, until="12:19", policy=P_FRT):
    return Story(policy, *crowd(count), *more, trouble=trouble).until(f"{DAY} 12:00", f"{DAY} {until}")


def answers(numbers, at):
    return [reply(f"9{number}", f"{DAY} {at}", parent_id=str(number), thread_id=f"t{number}") for number in numbers]


def heard(story):
    """Time, kind, step, group and how many."""
    bodies = [json.loads(message.body) for message in story.alerts.published]
    return [(b["at"][11:16], b["kind"], b.get("step"), b.get("group"), b.get("count", 1)) for b in bodies]


def test_five_are_told_of_one_by_one_and_six_together():
    five, six = (heard(flood(count=count, until="12:16")) for count in (5, 6))
    assert five == [("12:12", "warning", 0, "team", 1)] * 5 + [("12:16", "breach", 1, "on-call", 1)] * 5
    assert six == [("12:12", "warning", 0, "team", 6), ("12:16", "breach", 1, "on-call", 6)]


def test_whoever_has_one_of_the_cases_can_be_told_of_all():
    story = flood(until="12:10")
    for case_id, name in zip(story.case_ids(), ["ann", "bo", "ann"], strict=False):
        case, _ = story.cases.case(case_id)
        given = action(
            EventKind.ASSIGN,
            action_id=f"a-{case_id}",
            at=moment(f"{DAY} 12:11"),
            actor="lea",
            detail={"to": name},
            book=1,
        )
        story.cases.commit(
            commit_for(case, [given], store=story.cases, promises=story.promises, now=moment(f"{DAY} 12:11"))
        )
    story.until(f"{DAY} 12:11", f"{DAY} 12:12")
    [warning] = story.alerts.published
    assert (warning.attributes["kind"], warning.assignees) == ("warning", ("ann", "bo"))


def test_what_a_sweep_that_died_had_sealed_goes_out_before_what_it_had_not_looked_at():
    story = flood(count=30, until="12:15")
    told = len(story.alerts.published)
    left = iter([True] * 12)
    ports = replace(
        story.with_time(lambda: next(left, False)), alerts=Tripwire(story.alerts, Counter(kill_at=1, after=False))
    )
    with pytest.raises(Killed):
        sweep(ports, moment(f"{DAY} 12:16"))
    left = iter([True] * 2)
    sweep(story.with_time(lambda: next(left, False)), moment(f"{DAY} 12:17"))
    sweep(story.ports, moment(f"{DAY} 12:18"))
    bodies = [json.loads(message.body) for message in story.alerts.published[told:]]
    assert [(body["at"][11:16], body.get("count", 1)) for body in bodies] == [
        ("12:17", 12),
        ("12:17", 1),
        ("12:18", 17),
    ]


def test_later_steps_name_those_who_still_wait_however_few():
    story = flood(*answers(range(100, 106), "12:20"), until="12:50")
    assert heard(story)[1:] == [
        ("12:16", "breach", 1, "on-call", 8),
        ("12:31", "breach", 2, "lead", 2),
        ("12:46", "breach", 3, "manager", 2),
    ]


def test_it_is_over_when_the_last_has_been_answered_and_told_once_to_each_group():
    story = flood(*answers(range(100, 107), "12:20"), *answers([107], "12:40"), until="12:39")
    assert not [one for one in heard(story) if one[1] == "notice"]
    story.until(f"{DAY} 12:40", f"{DAY} 13:00")
    assert [one for one in heard(story) if one[1] == "notice"] == [
        ("12:41", "notice", 0, "on-call", 8),
        ("12:41", "notice", 0, "lead", 8),
    ]


def test_one_acknowledgement_covers_them_all():
    story = flood()
    view = story.acknowledge(f"{DAY} 12:20")
    assert (view.standing, view.count, view.given.by) == (Standing.TAKEN, 8, "somebody (says: “Ada L.”)")
    story.until(f"{DAY} 12:20", f"{DAY} 13:10")
    assert heard(story)[2:] == [("12:50", "breach", 2, "lead", 8), ("13:05", "breach", 3, "manager", 8)]


def test_a_newcomer_is_no_part_of_an_older_digest():
    story = flood(mention("300", f"{DAY} 12:05", thread_id="t300"), until="12:25")
    assert heard(story)[2:] == [
        ("12:17", "warning", 0, "team", 1),
        ("12:21", "breach", 1, "on-call", 1),
    ]


def test_every_clock_counts_also_two_of_one_case():
    both = replace(P_VIP, targets=Targets(frt_s=900, res_s=900))
    assert heard(flood(count=3, until="12:16", policy=both)) == [
        ("12:12", "warning", 0, "team", 6),
        ("12:16", "breach", 1, "on-call", 6),
    ]


def failing(*groups):
    def trouble(message):
        if message.attributes["group"] in groups:
            raise AlertUndelivered("not now")

    return trouble


def test_a_digest_that_reaches_nobody_gives_way_to_the_next_step():
    story = flood(*answers(range(100, 108), "12:25"), trouble=failing("on-call"), until="12:30")
    assert [(at, kind, group) for at, kind, _, group, _ in heard(story)[1:]] == [
        ("12:18", "page_undelivered", "on-call"),
        ("12:18", "breach", "lead"),
        ("12:26", "notice", "lead"),
    ]


def test_who_was_answered_before_it_went_out_is_not_named_and_who_heard_nothing_hears_no_end():
    tried = []

    def trouble(message):
        tried.append(message)
        if len(tried) == 2:
            raise AlertUndelivered("not now")

    story = flood(*answers(range(100, 108), "12:16:30"), trouble=trouble, until="12:30")
    assert heard(story) == [("12:12", "warning", 0, "team", 8)]
    assert not any(state_of(story, case_id).alerts for case_id in story.case_ids())


def state_of(story, case_id):
    case, _ = story.cases.case(case_id)
    return case.state


# --- killed -----------------------------------------------------------------------------------------------------


def morning():
    """At 12:16 eight step-1 pages are due at once, and one answered case of an older digest ends."""
    story = flood(until="12:15")
    story.alerts.published.clear()
    return story


def watched(story, counter):
    table = Tripwire(story.table, counter)
    return replace(
        story.ports,
        store=TableCaseStore(table),
        leases=TableLeases(table),
        alerts=Tripwire(story.alerts, counter),
    )


def calls():
    story, counter = morning(), Counter()
    assert sweep(watched(story, counter), moment(f"{DAY} 12:16")).failed == []
    return counter.calls


CALLS = calls()


@pytest.mark.parametrize("counter", [*every_death(CALLS)], ids=lambda c: f"{c.kill_at} {'after' if c.after else ''}")
def test_killed_anywhere_everybody_is_told_of_once(counter):
    story = morning()
    with pytest.raises(Killed):
        sweep(watched(story, counter), moment(f"{DAY} 12:16"))
    story.until(f"{DAY} 12:17", f"{DAY} 12:25")
    assert all(swept.failed == [] for swept in story.swept)
    assert named(story) == Count(dict.fromkeys(story.case_ids(), 1))
    paged = [e for case_id in story.case_ids() for e in story.cases.events(case_id) if e.kind is EventKind.PAGED]
    assert Count(e.detail["step"] for e in paged) == {"1": 8}
    assert len(set(story.page_ids)) == 1


def named(story):
    """How often each case stands in messages of different ids."""
    bodies = {message.attributes["page_id"]: json.loads(message.body) for message in story.alerts.published}
    return Count(case["case_id"] for body in bodies.values() for case in body["cases"])


def ending():
    story = flood(*answers(range(100, 108), "12:20"), until="12:20")
    story.alerts.published.clear()
    return story


def ending_calls():
    story, counter = ending(), Counter()
    story.happen(moment(f"{DAY} 12:21"))
    sweep(watched(story, counter), moment(f"{DAY} 12:21"))
    return counter.calls


@pytest.mark.parametrize(
    "counter", [*every_death(ending_calls())], ids=lambda c: f"{c.kill_at} {'after' if c.after else ''}"
)
def test_killed_at_the_end_it_is_over_once(counter):
    story = ending()
    story.happen(moment(f"{DAY} 12:21"))
    with pytest.raises(Killed):
        sweep(watched(story, counter), moment(f"{DAY} 12:21"))
    story.until(f"{DAY} 12:22", f"{DAY} 12:27")
    assert {one[1:] for one in heard(story)} == {("notice", 0, "on-call", 8)}
    assert len(set(story.page_ids)) == 1
    assert len(story.page_ids) <= 2
    assert story.cases.due(moment(f"{DAY} 12:29"), limit=10) == ()


# --- words ------------------------------------------------------------------------------------------------------


def test_what_people_read():
    story = flood(count=30, until="12:16")
    message = story.alerts.published[-1]
    assert message.subject == "[Earshot] LATE: 30 customers wait, the longest 15 min"
    assert message.sms == (f"LATE: 30 customers wait, the longest 15 min. https://care.example/a/{story.codes()[-1]}")
    assert measure(message.sms).units <= 140
    assert "and 10 others" in message.text
    assert f"for all of them: https://care.example/a/{story.codes()[-1]}" in message.text
    body = json.loads(message.body)
    assert (body["schema"], len(body["cases"])) == (digest_alert.SCHEMA, 30)
    assert set(body["cases"][0]) == {"case_id", "url", "platform", "metric", "author", "waiting_since"}
    assert message.attributes["platform"] == "x"


def test_a_sent_digest_keeps_no_code():
    story = flood(until="12:16")
    [item] = [
        story.cases.digest(pk.removeprefix("DIGEST#"))
        for pk, sk in story.table.everything()
        if pk.startswith("DIGEST#") and sk == "@" and "/breach/" in pk
    ]
    assert (item.status, item.code, item.count) == (DigestStatus.SENT, None, 8)
