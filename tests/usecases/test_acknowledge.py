"""Whoever was paged says that they are on it, and what that does to the ladder."""

import re
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.alerts import links
from chalicelib.domain.events import US, EventKind
from chalicelib.ports.access import NAME_PATTERN
from chalicelib.ports.alerts import AlertUndelivered
from chalicelib.ports.cases import PageStatus
from chalicelib.usecases import acknowledge
from chalicelib.usecases.acknowledge import NameNeeded, Standing, UnknownLink
from chalicelib.usecases.show import in_words, show
from chalicelib.usecases.sla_watch import sweep
from tests.usecases.sweeps import P_STD, P_VIP, Story, mention, moment, reply
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death
from tests.usecases.world import no_waiting

DAY = "2026-03-07"


def paged(*more, policy=P_VIP, trouble=None):
    """A case whose first step went out at 12:16; sweeps up to 12:20."""
    return Story(policy, mention("100", f"{DAY} 12:00"), *more, trouble=trouble).until(f"{DAY} 12:00", f"{DAY} 12:19")


def look(story, code, at):
    ports = acknowledge.Ports(store=story.cases, promises=story.promises, backoff=no_waiting)
    return acknowledge.look(code, ports, moment(at))


def rungs(story):
    return [(at[11:], number) for at, kind, number, _ in story.heard if kind == "breach"]


def test_the_ladder_rests_and_then_goes_on_at_once_with_its_spacing():
    story = paged()
    story.acknowledge(f"{DAY} 12:20")
    story.until(f"{DAY} 12:20", f"{DAY} 17:30")
    expected = [("12:16", 1), ("12:50", 2), ("13:05", 3), ("14:05", 4), ("15:05", 5), ("16:05", 6)]
    assert rungs(story) == expected


def test_every_page_has_a_link_of_its_own_and_each_keeps_the_ladder_quiet_anew():
    story = paged()
    story.acknowledge(f"{DAY} 12:20")
    story.until(f"{DAY} 12:20", f"{DAY} 12:55")
    story.acknowledge(f"{DAY} 12:56", name="Bo")
    story.until(f"{DAY} 12:56", f"{DAY} 14:30")
    assert rungs(story) == [("12:16", 1), ("12:50", 2), ("13:26", 3), ("14:26", 4)]
    assert len(set(story.codes())) == len(story.codes()) == 4


def test_acknowledged_time_runs_in_the_hours_of_the_policy():
    story = Story(P_STD, mention("100", "2026-03-03 15:35")).until("2026-03-03 15:35", "2026-03-03 16:40")
    view = story.acknowledge("2026-03-03 16:40")
    assert view.given.until == moment("2026-03-04 09:10")
    story.until("2026-03-03 16:41", "2026-03-04 09:30")
    assert rungs(story) == [("16:36", 1), ("09:10", 2), ("09:25", 3)]


def test_looking_changes_nothing():
    story = paged()
    before = story.table.everything()
    view = look(story, story.codes()[0], f"{DAY} 12:20")
    assert (view.standing, view.case.case_id, view.given) == (Standing.WAITING, story.case().case_id, None)
    assert story.table.everything() == before


def test_who_comes_second_is_told_who_was_first():
    story = paged()
    story.acknowledge(f"{DAY} 12:20", name="  Ada\nL. ")
    before = story.table.everything()
    view = story.acknowledge(f"{DAY} 12:25", name="Bo")
    assert (view.standing, view.given.by, view.given.until) == (
        Standing.TAKEN,
        "somebody (says: “Ada L.”)",
        moment(f"{DAY} 12:50"),
    )
    assert story.table.everything() == before


def test_a_link_serves_once_also_after_the_time_has_run_out():
    story = paged()
    story.acknowledge(f"{DAY} 12:20")
    story.until(f"{DAY} 12:20", f"{DAY} 12:55")
    assert story.acknowledge(f"{DAY} 12:55", code=story.codes()[0], name="Bo").standing is Standing.LAPSED
    assert story.acknowledge(f"{DAY} 12:55", name="Bo").standing is Standing.TAKEN


def test_it_is_written_into_the_timeline_and_shown():
    story = paged()
    story.acknowledge(f"{DAY} 12:20")
    view = show(story.case().case_id, store=story.cases, now=moment(f"{DAY} 12:25"))
    assert [(entry.who, entry.what) for entry in view.timeline][-1] == ("somebody (says: “Ada L.”)", "is on it")
    assert "Somebody (says: “Ada L.”) is on it for another 25 min." in view.words
    event = next(e for e in story.cases.events(view.case_id) if e.kind is EventKind.ACKNOWLEDGED)
    assert (event.detail["group"], event.detail["step"]) == ("on-call", "1")


def test_an_answer_ends_it_and_is_told_to_whoever_was_paged():
    story = paged(reply("101", f"{DAY} 12:30", parent_id="100"))
    story.acknowledge(f"{DAY} 12:20")
    story.until(f"{DAY} 12:20", f"{DAY} 13:30")
    assert story.heard[-1] == (f"{DAY} 12:31", "notice", 0, "on-call")
    assert rungs(story) == [("12:16", 1)]
    code = story.codes()[0]
    assert look(story, code, f"{DAY} 13:30").standing is Standing.OVER
    assert story.acknowledge(f"{DAY} 13:30", code=code).standing is Standing.OVER


@pytest.mark.parametrize("code", ["", "a" * 16, "a" * 15, "A" * 16, "../../etc/passwd", "é" * 16])
def test_a_code_that_nobody_was_given_leads_nowhere(code):
    with pytest.raises(UnknownLink):
        look(paged(), code, f"{DAY} 12:20")


def test_a_link_expires_after_three_days():
    story = paged()
    code = story.codes()[0]
    until = moment(f"{DAY} 12:16") + links.LIFE
    ports = acknowledge.Ports(store=story.cases, promises=story.promises, backoff=no_waiting)
    assert acknowledge.look(code, ports, until - timedelta(seconds=1)).standing is Standing.WAITING
    with pytest.raises(UnknownLink):
        acknowledge.look(code, ports, until)


@pytest.mark.parametrize("name", ["", "  ", "\u202e\u200b"])
def test_somebody_must_say_who_they_are(name):
    with pytest.raises(NameNeeded):
        paged().acknowledge(f"{DAY} 12:20", name=name)


def test_once_it_is_out_only_the_hash_of_a_code_is_kept():
    story = paged()
    code = story.codes()[0]
    kept = str(story.table.everything())
    assert code not in kept
    assert links.hash_of(code) in kept


def test_a_page_that_is_tried_again_carries_the_same_link():
    tried = []

    def trouble(message):
        tried.append(message)
        if len(tried) == 2:  # the first was the warning
            raise AlertUndelivered("not now", may_have_gone=True)

    paged(trouble=trouble)
    first, second = (message.body.partition('"ack_url":')[2].partition(",")[0] for message in tried[1:3])
    assert first == second != "null"


def test_a_step_that_was_on_its_way_when_somebody_took_it_on_waits_as_well():
    def trouble(message):
        if '"at":"2026-03-07T12:30' in message.body:
            raise AlertUndelivered("not now")

    story = paged(trouble=trouble).until(f"{DAY} 12:20", f"{DAY} 12:30")
    story.acknowledge(f"{DAY} 12:30:30", code=story.codes()[0])
    story.until(f"{DAY} 12:31", f"{DAY} 13:20")
    assert rungs(story) == [("12:16", 1), ("13:01", 2), ("13:16", 3)]


def undisturbed():
    story, counter = paged(), Counter()
    acknowledge_by(story, counter)
    return counter.calls


def acknowledge_by(story, counter):
    ports = acknowledge.Ports(store=Tripwire(story.cases, counter), promises=story.promises, backoff=no_waiting)
    return acknowledge.acknowledge(story.codes()[0], "Ada", ports, moment(f"{DAY} 12:20"))


@pytest.mark.parametrize("counter", [*every_death(undisturbed())], ids=lambda c: f"{c.kill_at} {c.after}")
def test_killed_anywhere_and_pressed_again_it_is_there_once(counter):
    story = paged()
    with pytest.raises(Killed):
        acknowledge_by(story, counter)
    assert acknowledge_by(story, Counter()).standing is Standing.TAKEN
    given = [e for e in story.cases.events(story.case().case_id) if e.kind is EventKind.ACKNOWLEDGED]
    assert len(given) == 1
    assert story.case().state.alerts[0].acknowledgement.at == moment(f"{DAY} 12:20")


# --- a step that nobody can be reached by -----------------------------------------------------------------------


def unreachable(*groups, until="23:59"):
    def trouble(message):
        at = message.body.partition('"at":"')[2][11:16]
        if message.attributes["group"] in groups and at <= until:
            raise AlertUndelivered("not now")

    return trouble


def test_after_three_sweeps_the_next_step_goes_out_at_once_and_operators_hear_of_it():
    story = paged(trouble=unreachable("on-call"))
    assert [(at[11:], kind, number, group) for at, kind, number, group in story.heard[1:]] == [
        ("12:18", "page_undelivered", 1, "on-call"),
        ("12:18", "breach", 2, "lead"),
    ]
    story.until(f"{DAY} 12:20", f"{DAY} 12:50")
    assert rungs(story) == [("12:18", 2), ("12:45", 3)]
    page = story.cases.page(f"{story.case().state.running[0].id}/0/breach/1/on-call")
    assert (page.status, page.attempts, page.code) == (PageStatus.FAILED, 3, None)


def test_whom_no_page_reached_does_not_hear_that_it_is_over():
    story = paged(reply("101", f"{DAY} 12:30", parent_id="100"), trouble=unreachable("on-call"))
    story.until(f"{DAY} 12:20", f"{DAY} 12:35")
    assert [group for _, kind, _, group in story.heard if kind == "notice"] == ["lead"]


def test_the_last_step_is_never_given_up():
    everybody = ("on-call", "lead", "manager", "operations")
    story = paged(trouble=unreachable(*everybody, until="14:00")).until(f"{DAY} 12:20", f"{DAY} 14:10")
    assert rungs(story) == [("14:01", 6)]
    assert story.case().state.alerts[0].is_exhausted


def test_a_ladder_climbed_to_its_end_is_shown():
    story = paged().until(f"{DAY} 12:20", f"{DAY} 15:44")
    assert not story.case().state.alerts[0].is_exhausted
    story.until(f"{DAY} 15:45", f"{DAY} 15:45")
    assert story.case().state.alerts[0].is_exhausted
    words = [*in_words(story.case().state, moment(f"{DAY} 16:00"))]
    assert "Everybody on the ladder has been paged; nobody else will be." in words


def test_a_killed_sweep_fails_no_step_early():
    """Attempts that nobody saw the end of do not count."""
    for kill_at in range(1, 30):
        story = Story(P_VIP, mention("100", f"{DAY} 12:00"), trouble=unreachable("on-call"))
        story.until(f"{DAY} 12:00", f"{DAY} 12:16")
        counter = Counter(kill_at=kill_at)
        with suppress(Killed):
            sweep(dying(story, counter), moment(f"{DAY} 12:17"))
        story.until(f"{DAY} 12:19", f"{DAY} 12:25")
        assert [number for _, number in rungs(story)] == [2], kill_at


def dying(story, counter):
    return replace(story.ports, store=Tripwire(story.cases, counter), alerts=Tripwire(story.alerts, counter))


@pytest.mark.parametrize("name", ["ann", "earshot", "somebody", "ann@example.org", "ann” is on it. “", "x\u202ey"])
def test_a_claimed_name_never_reads_as_a_user(name):
    story = paged()
    by = story.acknowledge(f"{DAY} 12:20", name=name).given.by
    assert re.fullmatch(NAME_PATTERN, by) is None
    assert re.fullmatch(r"somebody \(says: “[^“”\u202e]+”\)", by)
    assert all(event.actor != name for event in story.cases.events(story.case().case_id) if event.actor != US)
