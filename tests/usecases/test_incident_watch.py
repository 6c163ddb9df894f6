"""Once a minute: signals of casework become incidents, and incidents call people once."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest

from chalicelib.adapters.keys import signals as signals_of
from chalicelib.domain.incidents.incident import Act, IncidentStatus
from chalicelib.domain.incidents.usual import hour_of
from chalicelib.domain.labels import Labels
from chalicelib.ports.alerts import AlertUndelivered
from tests.usecases.outage import BEGAN, TROUBLE, Airline, outage
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death
from tests.usecases.world import at, deleted, wrote


def test_an_outage_becomes_one_incident_with_everybody_in_it():
    airline = Airline()
    airline.hear(outage(14))
    watched = airline.watch()
    assert watched.counts["opened"] == 1
    assert airline.one.people == 14
    assert {member.case_id for member in airline.members} == {airline.case_of(f"{500 + n}00") for n in range(14)}
    assert "login" in airline.one.title or "app" in airline.one.title


def test_each_case_stays_its_own():
    airline = Airline()
    airline.hear(outage(14))
    before = {pk for pk, sk in airline.table.everything() if sk == "STATE"}
    airline.watch_until(BEGAN + 5)
    cases = [airline.cases.case(pk.removeprefix("CASE#"))[0] for pk in before]
    assert len(cases) == 14
    assert not any(case.merged_into for case in cases)


def test_who_comes_later_joins_and_finds_the_way():
    airline = Airline()
    airline.hear(outage(14))
    airline.watch()
    airline.hear(outage(6, first=700, minutes=BEGAN + 4, over=3), minutes=BEGAN + 4)
    airline.watch(BEGAN + 5)
    assert airline.one.people == 20
    late = airline.case_of("70000")
    assert airline.incidents.of_cases([late, "c000000000000000"]) == {late: airline.one.incident_id}


def test_one_crisis_page_and_one_it_is_over():
    airline = Airline()
    airline.hear(outage(40))
    airline.watch_until(BEGAN + 200)
    assert airline.calls == ["crisis", "crisis_over"]
    assert airline.one.status is IncidentStatus.CLOSED
    page = json.loads(airline.alerts.published[0].body)
    assert (page["schema"], page["group"], page["people"]) == ("earshot.incident/1", "lead", 40)
    assert page["url"] == f"https://care.example/console/incidents/{airline.one.incident_id}"


def test_a_small_one_calls_nobody():
    airline = Airline()
    airline.hear(outage(9))
    airline.watch_until(BEGAN + 10)
    assert airline.one.people == 9
    assert airline.calls == []


def test_a_page_that_cannot_be_delivered_is_tried_again_under_the_same_id():
    times = iter(["down", "down", "up"])

    def trouble(_message):
        if next(times, "up") == "down":
            raise AlertUndelivered("not now")

    airline = Airline(trouble=trouble)
    airline.hear(outage(40))
    assert airline.watch().counts["undelivered"] == 1
    assert airline.one.undelivered[0].attempts == 1
    airline.watch(BEGAN + 2)
    airline.watch(BEGAN + 3)
    airline.watch(BEGAN + 4)
    assert airline.calls == ["crisis"]
    assert airline.one.calls[0].attempts == 3
    assert airline.one.undelivered == ()


def test_another_page_when_ten_times_as_many_are_affected():
    airline = Airline()
    airline.hear(outage(30))
    airline.watch()
    airline.hear(outage(275, first=2000, minutes=BEGAN + 9, over=8), minutes=BEGAN + 9)
    airline.watch(BEGAN + 10)
    assert airline.calls == ["crisis", "crisis_growth"]


def test_a_minute_is_watched_once():
    airline = Airline()
    airline.hear(outage(14))
    assert airline.watch().ran
    again = airline.watch()
    assert (again.ran, again.signals) == (False, 0)


def test_noise_and_deleted_texts_leave_no_signal():
    airline = Airline()
    noise = replace(TROUBLE, noise=Labels.from_plain({"noise": {"value": "noise", "score": 0.9}}).noise)
    airline.hear(outage(14), labels=noise)
    airline.hear([*outage(14, first=800), *(deleted(f"{800 + n}00", BEGAN) for n in range(14))])
    assert airline.watch().signals == 0
    assert not any(pk.startswith("SIGNAL#") for pk, _ in airline.table.everything())


def test_a_repeat_of_a_mention_is_one_signal():
    airline = Airline()
    for _ in range(3):
        airline.hear(outage(14))
    assert airline.watch().signals == 14


def test_a_signal_holds_no_text_and_no_name():
    airline = Airline()
    airline.hear([wrote("77700", 29, who="777", text="Please call Mrs Beatrix Ottolinghausen-Fairweather at once")])
    [item] = airline.table.query(signals_of(at(29))).items
    assert "Please call" not in item["body"]
    assert "h777" not in item["body"]
    assert '"777"' not in item["body"]


def test_hours_are_counted_once_they_are_over():
    airline = Airline()
    airline.hear(outage(14))
    airline.watch(BEGAN + 35)
    begin = hour_of(at(0))
    assert airline.signals.hours([begin], now=at(65)) == {}
    airline.watch(BEGAN + 45)
    [hour] = airline.signals.hours([begin], now=at(75)).values()
    assert (hour.people, hour.counts["aspect:app"]) == (14, 14)


def test_a_broken_part_does_not_keep_the_others_from_their_minute():
    def broken(_turn, _signals):
        raise LookupError

    airline = Airline()
    airline.hear(outage(14))
    watched = airline.watch(also=(("first", broken), ("second", lambda turn, signals: len(signals))))
    assert watched.failed == [("first", "LookupError")]
    assert watched.counts["second"] == 14
    assert airline.one.people == 14


def test_a_closed_one_is_told_as_over_in_the_next_minute():
    airline = Airline()
    airline.hear(outage(40))
    airline.watch()
    airline.act(Act.CLOSED)
    airline.watch(BEGAN + 3)
    assert airline.calls == ["crisis", "crisis_over"]
    airline.watch_until(BEGAN + 6, first=BEGAN + 4)
    assert airline.calls == ["crisis", "crisis_over"]


# --- killed -----------------------------------------------------------------------------------------------------


def killed(airline, death):
    wired = {name: Tripwire(getattr(airline, name), death) for name in ("signals", "incidents", "alerts")}
    with suppress(Killed):
        airline.watch(**wired)


def outcome(airline):
    one = airline.one
    calls = [(call.call_id, call.people, call.sent_at is not None) for call in one.calls]
    return (one.incident_id[:1], one.title, one.people, calls, [deed.act for deed in one.history], airline.members)


def test_a_watch_killed_at_any_call_is_made_good_by_the_next():
    airline = Airline()
    airline.hear(outage(40))
    counter = Counter()
    killed(airline, counter)
    airline.watch_until(BEGAN + 6, first=BEGAN + 2)
    undisturbed = outcome(airline)
    for death in every_death(counter.calls):
        airline = Airline()
        airline.hear(outage(40))
        killed(airline, death)
        airline.watch_until(BEGAN + 6, first=BEGAN + 3)  # the lease of the one that died runs for 90 seconds
        _, *rest = outcome(airline)
        title, people, calls, acts, members = rest
        assert (title, people, acts) == (undisturbed[1], undisturbed[2], undisturbed[4]), death
        assert [call[1:] for call in calls] == [call[1:] for call in undisturbed[3]], death
        assert {member.case_id for member in members} == {member.case_id for member in undisturbed[5]}, death
        assert len({message.attributes["page_id"] for message in airline.alerts.published}) == 1, death


@pytest.mark.parametrize("after", [False, True])
def test_casework_killed_around_a_signal_leaves_it_with_the_next_delivery(after):
    airline = Airline()
    death = Counter(kill_at=1, after=after)
    with pytest.raises(Killed):
        airline.hear(outage(1), signals=Tripwire(airline.signals, death))
    airline.hear(outage(1))
    assert airline.watch().signals == 1


def test_casework_without_signals_works_as_before():
    airline = Airline()
    airline.hear(outage(3), signals=None)
    assert airline.watch().signals == 0
    assert airline.case_of("50000") is not None


class Broken:
    """Signals that cannot be left."""

    def __init__(self):
        self.errors = []

    def keep(self, _signal):
        raise OSError

    def missed(self, error):
        self.errors.append(error)


def test_a_signal_that_cannot_be_left_never_keeps_a_mention_from_its_case():
    airline, broken = Airline(), Broken()
    airline.hear(outage(3), signals=broken)
    assert all(airline.case_of(f"{500 + number}00") for number in range(3))
    assert broken.errors == ["OSError"] * 3


def test_what_still_comes_after_a_person_closed_it_is_no_new_incident():
    airline = Airline()
    airline.hear(outage(40))
    airline.watch()
    airline.act(Act.CLOSED)
    airline.hear(outage(20, first=900, minutes=BEGAN + 20, over=15), minutes=BEGAN + 20)
    airline.watch_until(BEGAN + 25, first=BEGAN + 3)
    assert airline.calls == ["crisis", "crisis_over"]
    assert (airline.one.people, airline.one.status) == (60, IncidentStatus.CLOSED)


def test_two_hours_later_it_is_one():
    airline = Airline()
    airline.hear(outage(40))
    airline.watch()
    airline.act(Act.CLOSED)
    airline.watch_until(BEGAN + 130, first=BEGAN + 3)
    assert airline.incidents.watched_ids() == ()
    airline.hear(outage(40, first=900, minutes=BEGAN + 140), minutes=BEGAN + 140)
    airline.watch(BEGAN + 141)
    assert len(airline.all) == 2
