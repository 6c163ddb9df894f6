"""Clocks that nobody can reckon with: one alert to operators, and everybody else is watched as before."""

import json
from dataclasses import replace
from datetime import date

from chalicelib.domain.alerts.message import AlertMessage
from chalicelib.domain.calendar import Calendar, Window
from chalicelib.domain.clock import Metric, Outcome, fault
from chalicelib.domain.policy import Match, Policy, PolicyBook
from chalicelib.ports.alerts import AlertUndelivered
from chalicelib.ports.policies import Promises
from tests.usecases.sweeps import P_STD, P_VIP, Story, mention, moment, reply

DAY = "2026-03-07"
LAST_DAY = Calendar(
    id="last-day", zone="UTC", weekly=((),) * 7, special=((date(2026, 3, 7), (Window(9 * 3_600, 12 * 3_600 + 600),)),)
)
ENDED = replace(P_VIP, id="ended", calendar=LAST_DAY, match=Match(visibility=frozenset({"private"})))


def privately(message_id: str, at: str) -> object:
    return mention(message_id, at, private=True, thread_id=f"{message_id}-900")


def story(*happenings: object, policy: Policy = ENDED, trouble: object = None) -> Story:
    return Story((policy, P_VIP), *happenings, trouble=trouble)  # type: ignore[arg-type]


def operations(told: Story) -> list[dict[str, object]]:
    bodies = [json.loads(message.body) for message in told.alerts.published]
    return [body for body in bodies if body["schema"] == "earshot.operations/1"]


def test_a_calendar_that_never_opens_again_stops_nobody_else():
    told = story(privately("100", f"{DAY} 12:11"), mention("200", f"{DAY} 12:00")).until(f"{DAY} 12:00", f"{DAY} 12:20")
    [alert] = operations(told)
    assert (alert["count"], alert["reasons"]) == (2, {"no_open_time": 2})
    assert [heard[1:] for heard in told.heard if heard[1] in ("warning", "breach")] == [
        ("warning", 0, "team"),
        ("breach", 1, "on-call"),
    ]
    assert all(swept.failed == [] for swept in told.swept)
    [faulty] = alert["cases"]  # type: ignore[misc]
    case, _ = told.cases.case(faulty)
    assert case is not None
    assert case.state.waiting_since == moment(f"{DAY} 12:11")
    assert (case.state.running, case.next_at) == ((), None)
    ended = told.cases.ended_clocks(faulty)
    assert {(clock.metric, clock.outcome, clock.reason, clock.due_at) for clock in ended} == {
        (Metric.FRT, Outcome.ERROR, "no_open_time", None),
        (Metric.RES, Outcome.ERROR, "no_open_time", None),
    }


def test_more_of_the_same_is_told_once_an_hour():
    messages = [privately(str(100 + minute), f"{DAY} 12:{minute:02}") for minute in range(11, 59)]
    later = privately("900", f"{DAY} 13:30")
    told = story(*messages, later).until(f"{DAY} 12:10", f"{DAY} 13:40")
    assert [(alert["at"], alert["count"]) for alert in operations(told)] == [
        ("2026-03-07T12:12:00Z", 2),
        ("2026-03-07T13:31:00Z", 2),
    ]


def test_operators_who_were_not_reached_are_told_of_the_next():
    def refuse_first(message: AlertMessage) -> None:
        if '"at":"2026-03-07T12:12:00Z"' in message.body:
            raise AlertUndelivered("not now")

    told = story(privately("100", f"{DAY} 12:11"), privately("101", f"{DAY} 12:14"), trouble=refuse_first)
    told.until(f"{DAY} 12:10", f"{DAY} 12:20")
    assert [name for swept in told.swept for name, _ in swept.failed] == ["operations"]
    assert [alert["at"] for alert in operations(told)] == ["2026-03-07T12:15:00Z"]


def test_a_ladder_goes_on_in_plain_time_when_its_hours_have_come_to_their_end():
    told = story(privately("100", f"{DAY} 11:50")).until(f"{DAY} 11:50", f"{DAY} 12:40")
    assert [heard for heard in told.heard if heard[1] == "breach"] == [
        (f"{DAY} 12:06", "breach", 1, "on-call"),
        (f"{DAY} 12:20", "breach", 2, "lead"),
        (f"{DAY} 12:35", "breach", 3, "manager"),
    ]


def test_an_answer_to_a_case_without_clocks_is_an_answer():
    answer = reply("101", f"{DAY} 12:20", parent_id="100", private=True, thread_id="100-900", customer_id="501")
    told = story(privately("100", f"{DAY} 12:11"), answer).until(f"{DAY} 12:10", f"{DAY} 12:25")
    assert told.case().state.answered_at == moment(f"{DAY} 12:20")


def test_a_version_that_is_gone_stops_nobody_else():
    told = Story(P_VIP, mention("100", f"{DAY} 12:00")).until(f"{DAY} 12:00", f"{DAY} 12:05")
    told.promises = Promises(books={2: PolicyBook(version=2, policies=(P_STD,))})
    told.until(f"{DAY} 12:06", f"{DAY} 12:14")
    [alert] = operations(told)
    assert alert["reasons"] == {"unknown_policy": 2}
    assert told.case().state.running == ()
    told._waiting = [reply("101", f"{DAY} 12:20")]
    told.until(f"{DAY} 12:20", f"{DAY} 12:30")
    assert told.case().state.answered_at == moment(f"{DAY} 12:20")


def test_what_a_clock_broke_before_stays_on_record():
    told = Story(P_VIP, mention("100", f"{DAY} 12:00")).until(f"{DAY} 12:00", f"{DAY} 12:02")
    at = moment(f"{DAY} 12:20")
    broken = [replace(clock, breached_at=clock.due_at) for clock in told.case().state.running]
    assert {fault(clock, at, "unknown_policy").outcome for clock in broken} == {Outcome.BREACHED}
