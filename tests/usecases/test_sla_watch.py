"""Sweeps every minute over whole stories; the numbers are those of the SLA rule set (docs/sla.md)."""

import json
from collections import Counter
from dataclasses import asdict, replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.clock import Outcome
from chalicelib.domain.events import EventKind
from chalicelib.domain.policy import Targets
from chalicelib.ports.alerts import AlertUndelivered
from chalicelib.ports.cases import Commit, Conflict, PageStatus, ReplyItem, ReplyStatus
from chalicelib.ports.messages import decode_reply
from chalicelib.usecases import incident_watch, sla_watch
from chalicelib.usecases.sla_watch import sweep
from infra.paths import ROOT
from tests.usecases.sweeps import P_STD, P_URG, P_VIP, Act, Story, deletion, mention, moment, reply
from tests.usecases.world import texts_of

ON_CALL, LEAD, MANAGER, TEAM = "on-call", "lead", "manager", "team"


def warning(at):
    return (at, "warning", 0, TEAM)


def step(at, number, group):
    return (at, "breach", number, group)


def notice(at, group):
    return (at, "notice", 0, group)


SATURDAY = "2026-03-07"
TUESDAY = "2026-03-03"
WEDNESDAY = "2026-03-04"
WHOLE_LADDER = [
    warning(f"{SATURDAY} 12:12"),
    step(f"{SATURDAY} 12:16", 1, ON_CALL),
    step(f"{SATURDAY} 12:30", 2, LEAD),
    step(f"{SATURDAY} 12:45", 3, MANAGER),
    step(f"{SATURDAY} 13:45", 4, MANAGER),
    step(f"{SATURDAY} 14:45", 5, MANAGER),
    step(f"{SATURDAY} 15:45", 6, MANAGER),
]
VIP_MENTION = mention("100", f"{SATURDAY} 12:00")


def said(policy, *happenings, begin, end):
    return Story(policy, *happenings).until(begin, end).heard


# --- the timed scenarios ----------------------------------------------------------------------------------------


def test_case_5_a_target_used_up_at_closing():
    story = said(P_STD, mention("100", f"{TUESDAY} 16:00"), begin=f"{TUESDAY} 16:00", end=f"{WEDNESDAY} 09:45")
    assert story == [
        warning(f"{TUESDAY} 16:45"),
        step(f"{TUESDAY} 17:01", 1, ON_CALL),
        step(f"{WEDNESDAY} 09:15", 2, LEAD),
        step(f"{WEDNESDAY} 09:30", 3, MANAGER),
    ]


def test_case_4_answered_a_second_late_and_before_the_sweep_nobody_is_paged():
    friday = mention("100", "2026-03-06 16:30")
    late = reply("101", "2026-03-09 09:30:01", received="2026-03-09 09:30:02")
    story = Story(P_STD, friday, late).until("2026-03-06 16:30", "2026-03-09 09:40")
    assert story.heard == [warning("2026-03-09 09:15")]
    [frt] = story.cases.ended_clocks(story.case().case_id)
    assert (frt.outcome, frt.breached_at) == (Outcome.BREACHED, moment("2026-03-09 09:30"))


def test_case_8_the_warning_falls_on_the_closing_instant_before_easter():
    story = said(P_STD, mention("100", "2026-04-02 15:15"), begin="2026-04-02 15:15", end="2026-04-07 08:20")
    assert story == [warning("2026-04-02 16:00"), step("2026-04-07 08:16", 1, ON_CALL)]


def test_case_22_times_within_a_minute():
    story = said(P_STD, mention("100", f"{TUESDAY} 10:00:30"), begin=f"{TUESDAY} 10:00", end=f"{TUESDAY} 11:10")
    assert story == [warning(f"{TUESDAY} 10:46"), step(f"{TUESDAY} 11:01", 1, ON_CALL)]


def test_case_25_an_automatic_acknowledgement_answers_nothing():
    automatic = reply("101", f"{SATURDAY} 12:00:02", by_person=False)
    human = reply("102", f"{SATURDAY} 12:20")
    story = Story(P_VIP, VIP_MENTION, automatic, human).until(f"{SATURDAY} 12:00", f"{SATURDAY} 12:40")
    assert story.heard == [*WHOLE_LADDER[:2], notice(f"{SATURDAY} 12:21", ON_CALL)]
    [frt] = story.cases.ended_clocks(story.case().case_id)
    assert (frt.outcome, frt.business_s) == (Outcome.BREACHED, 20 * 60)


def test_case_34_late_by_less_than_a_sweep_is_on_record_and_pages_nobody():
    story = Story(
        P_STD,
        mention("100", f"{TUESDAY} 10:00"),
        reply("101", f"{TUESDAY} 10:55"),
        mention("102", f"{TUESDAY} 11:20", parent_id="101"),
        reply("103", f"{TUESDAY} 13:20:20", parent_id="102"),
        Act(EventKind.RESOLVE, "2026-03-05 10:00:20"),
    ).until(f"{TUESDAY} 10:00", "2026-03-05 10:30")
    assert story.heard == [
        warning(f"{TUESDAY} 10:45"),
        warning(f"{TUESDAY} 12:50"),
        warning(f"{WEDNESDAY} 14:00"),
    ]
    breached_at = {clock.metric: clock.breached_at for clock in story.cases.ended_clocks(story.case().case_id)}
    assert breached_at == {"frt": None, "nrt": moment(f"{TUESDAY} 13:20"), "res": moment("2026-03-05 10:00")}


def test_case_36_more_messages_after_a_breach_are_not_more_breaches():
    story = said(
        P_STD,
        mention("100", f"{TUESDAY} 10:00"),
        reply("101", f"{TUESDAY} 10:20"),
        mention("102", f"{TUESDAY} 10:30", parent_id="101"),
        mention("103", f"{TUESDAY} 12:40", parent_id="101"),
        mention("104", f"{TUESDAY} 12:50", parent_id="101"),
        reply("105", f"{TUESDAY} 12:55", parent_id="102"),
        begin=f"{TUESDAY} 10:00",
        end=f"{TUESDAY} 13:30",
    )
    assert story == [
        warning(f"{TUESDAY} 12:00"),
        step(f"{TUESDAY} 12:31", 1, ON_CALL),
        step(f"{TUESDAY} 12:45", 2, LEAD),
        notice(f"{TUESDAY} 12:56", ON_CALL),
        notice(f"{TUESDAY} 12:56", LEAD),
    ]


def test_case_50_lowered_after_the_breach_the_alert_is_superseded():
    story = Story(
        (P_URG, P_STD),
        mention("100", f"{TUESDAY} 10:00"),
        Act(EventKind.PRIORITY, f"{TUESDAY} 10:00:02", {"to": "critical"}),
        Act(EventKind.PRIORITY, f"{TUESDAY} 10:12:10", {"to": "low"}),
    ).until(f"{TUESDAY} 10:00", f"{TUESDAY} 11:05")
    assert story.heard == [
        warning(f"{TUESDAY} 10:08"),
        step(f"{TUESDAY} 10:11", 1, ON_CALL),
        notice(f"{TUESDAY} 10:13", ON_CALL),
        step(f"{TUESDAY} 11:01", 1, ON_CALL),
    ]
    assert json.loads(story.alerts.published[2].body)["ended"] == "superseded"
    assert len(set(story.page_ids)) == 4


def test_case_57_a_mention_that_arrives_late():
    late = mention("100", f"{TUESDAY} 10:00", received=f"{TUESDAY} 11:20:10")
    story = said(P_STD, late, begin=f"{TUESDAY} 10:00", end=f"{TUESDAY} 12:00")
    assert story == [
        step(f"{TUESDAY} 11:21", 1, ON_CALL),
        step(f"{TUESDAY} 11:36", 2, LEAD),
        step(f"{TUESDAY} 11:51", 3, MANAGER),
    ]


def test_case_59_an_echo_that_comes_after_the_alarm():
    echo = reply("101", f"{TUESDAY} 10:58", received=f"{TUESDAY} 11:06:00")
    story = Story(P_STD, mention("100", f"{TUESDAY} 10:00"), echo).until(f"{TUESDAY} 10:00", f"{TUESDAY} 11:30")
    *before, over = story.heard
    assert before == [warning(f"{TUESDAY} 10:45"), step(f"{TUESDAY} 11:01", 1, ON_CALL)]
    assert over in (notice(f"{TUESDAY} 11:06", ON_CALL), notice(f"{TUESDAY} 11:07", ON_CALL))
    assert json.loads(story.alerts.published[-1].body)["ended"] == "answered_in_time"


def test_case_65_deleted_after_the_breach_is_not_quoted():
    gone = deletion("100", f"{TUESDAY} 11:10")
    story = Story(P_STD, mention("100", f"{TUESDAY} 10:00"), gone).until(f"{TUESDAY} 10:00", f"{TUESDAY} 11:30")
    assert story.heard[2:] == [notice(f"{TUESDAY} 11:11", ON_CALL)]
    last = story.alerts.published[-1]
    assert not [text for text in texts_of(asdict(last)) if "my bag" in text]
    assert json.loads(last.body)["ended"] == "deleted"
    assert last.attributes["channel"] == "x.main"


def test_case_68_spam_and_back():
    story = said(
        P_STD,
        mention("100", f"{TUESDAY} 10:00"),
        Act(EventKind.SPAM, f"{TUESDAY} 10:01"),
        Act(EventKind.RESTORE, f"{TUESDAY} 11:30"),
        begin=f"{TUESDAY} 10:00",
        end=f"{TUESDAY} 11:40",
    )
    assert story == [step(f"{TUESDAY} 11:31", 1, ON_CALL)]


def test_case_69_the_whole_ladder():
    story = Story(P_VIP, VIP_MENTION).until(f"{SATURDAY} 12:00", f"{SATURDAY} 17:59")
    assert story.heard == WHOLE_LADDER
    [(resolution_warning)] = [story.case().next_at]
    assert resolution_warning == moment(f"{SATURDAY} 18:00")


def test_case_71_the_ladder_over_closing_time():
    story = said(P_STD, mention("100", f"{TUESDAY} 15:50"), begin=f"{TUESDAY} 15:50", end=f"{WEDNESDAY} 09:40")
    assert story == [
        warning(f"{TUESDAY} 16:35"),
        step(f"{TUESDAY} 16:51", 1, ON_CALL),
        step(f"{WEDNESDAY} 09:05", 2, LEAD),
        step(f"{WEDNESDAY} 09:20", 3, MANAGER),
    ]


def test_case_73_answered_between_two_steps():
    story = said(
        P_VIP, VIP_MENTION, reply("101", f"{SATURDAY} 12:28"), begin=f"{SATURDAY} 12:00", end=f"{SATURDAY} 13:00"
    )
    assert story == [*WHOLE_LADDER[:2], notice(f"{SATURDAY} 12:29", ON_CALL)]


def test_case_74_two_sweeps_at_once_and_an_answer_lost_on_the_way():
    lost = []

    def accepted_but_no_answer(message):
        if json.loads(message.body)["kind"] == "breach" and not lost:
            lost.append(message)
            raise AlertUndelivered("read timeout", may_have_gone=True)

    story = Story(P_VIP, VIP_MENTION, trouble=accepted_but_no_answer).until(f"{SATURDAY} 12:00", f"{SATURDAY} 12:15")
    start = Barrier(2)

    def work():
        start.wait()
        story.swept.append(sweep(story.ports, moment(f"{SATURDAY} 12:16")))

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(swept.ran for swept in story.swept[-2:]) == [False, True]
    story.until(f"{SATURDAY} 12:17", f"{SATURDAY} 12:20")
    assert story.heard == [WHOLE_LADDER[0], step(f"{SATURDAY} 12:17", 1, ON_CALL)]
    assert [message.attributes["page_id"] for message in lost] == story.page_ids[1:]
    assert [event.kind for event in events(story)].count(EventKind.PAGED) == 1


def test_case_75_sweeps_that_did_not_run():
    story = Story(P_VIP, VIP_MENTION).until(f"{SATURDAY} 12:00", f"{SATURDAY} 12:09")
    story.until(f"{SATURDAY} 12:41", f"{SATURDAY} 12:41")
    assert story.case().next_at == moment(f"{SATURDAY} 12:45")  # and not the warning that came too late
    story.until(f"{SATURDAY} 12:42", f"{SATURDAY} 12:50")
    assert story.heard == [
        step(f"{SATURDAY} 12:41", 1, ON_CALL),
        step(f"{SATURDAY} 12:41", 2, LEAD),
        (f"{SATURDAY} 12:41", "sweeps_missed", 0, ""),
        step(f"{SATURDAY} 12:45", 3, MANAGER),
    ]
    assert [swept.missed for swept in story.swept[10:12]] == [31, 0]
    assert story.alerts.published[2].attributes["group"] == "operations"
    assert "31 sweeps missed" in story.alerts.published[2].subject
    assert json.loads(story.alerts.published[0].body)["breach_at"] == f"{SATURDAY}T12:15:00Z"


class Intrusion:
    """Lets something happen just before the `number`-th call of one method of the store."""

    def __init__(self, inner, method, what, number=1):
        self._inner, self._method, self._what, self._left = inner, method, what, number

    def __getattr__(self, name):
        if name == self._method:
            self._left -= 1
            if self._left == 0:
                self._what()
        return getattr(self._inner, name)


LANDS = reply("101", f"{SATURDAY} 12:15:58", received=f"{SATURDAY} 12:16:01")


@pytest.mark.parametrize(
    ("method", "number"),
    [("commit", 1), ("page", 1), ("case", 2)],
    ids=["before the claim", "after the claim", "at the second look"],
)
def test_case_76_a_reply_lands_while_the_sweep_works(method, number):
    story = Story(P_VIP, VIP_MENTION, LANDS).until(f"{SATURDAY} 12:00", f"{SATURDAY} 12:15")
    store = Intrusion(story.cases, method, lambda: story.happen(moment(f"{SATURDAY} 12:16:01")), number)
    swept = sweep(replace(story.ports, store=store), moment(f"{SATURDAY} 12:16"))
    assert swept.failed == []
    story.until(f"{SATURDAY} 12:17", f"{SATURDAY} 12:40")
    assert story.heard == [WHOLE_LADDER[0]]
    [frt] = story.cases.ended_clocks(story.case().case_id)
    assert (frt.outcome, frt.breached_at) == (Outcome.BREACHED, moment(f"{SATURDAY} 12:15"))
    assert (story.case().next_at, pages_by_status(story).get("claimed")) == (moment(f"{SATURDAY} 18:00"), None)


@pytest.mark.parametrize("failures", [1, 2])
def test_case_78_an_alert_that_could_not_be_delivered_goes_out_later_and_holds_nothing_up(failures):
    left = [AlertUndelivered("throttled")] * failures

    def trouble(message):
        if json.loads(message.body)["step"] == 1 and left:
            raise left.pop()

    story = Story(P_VIP, VIP_MENTION, trouble=trouble).until(f"{SATURDAY} 12:00", f"{SATURDAY} 12:32")
    assert story.heard == [
        WHOLE_LADDER[0],
        step(f"{SATURDAY} 12:{16 + failures}", 1, ON_CALL),
        WHOLE_LADDER[2],
    ]
    page = story.cases.page(story.page_ids[1])
    assert (page.status, page.sent_at) == (PageStatus.SENT, moment(f"{SATURDAY} 12:{16 + failures}"))
    assert page.attempts == failures + 1


# --- nobody hears the end of what they never heard the beginning of ---------------------------------------------


def always_failing(*, may_have_gone):
    def trouble(message):
        if json.loads(message.body)["kind"] == "breach":
            raise AlertUndelivered("no", may_have_gone=may_have_gone)

    return trouble


@pytest.mark.parametrize(
    ("may_have_gone", "status", "told"),
    [(False, PageStatus.DROPPED, []), (True, PageStatus.UNCERTAIN, [notice(f"{SATURDAY} 12:18", ON_CALL)])],
)
def test_a_page_that_surely_never_went_out_is_followed_by_no_notice(may_have_gone, status, told):
    answered = reply("101", f"{SATURDAY} 12:17:30")
    story = Story(P_VIP, VIP_MENTION, answered, trouble=always_failing(may_have_gone=may_have_gone))
    story.until(f"{SATURDAY} 12:00", f"{SATURDAY} 12:30")
    assert story.heard == [WHOLE_LADDER[0], *told]
    assert pages_by_status(story)[status] == 1
    assert (EventKind.PAGE_DROPPED in {event.kind for event in events(story)}) is not may_have_gone
    assert story.case().state.alerts == ()


def test_of_two_steps_only_the_group_that_was_paged_hears_the_end():
    def trouble(message):
        if json.loads(message.body)["step"] == 2:
            raise AlertUndelivered("throttled")

    story = Story(P_VIP, VIP_MENTION, reply("101", f"{SATURDAY} 12:30:20"), trouble=trouble)
    story.until(f"{SATURDAY} 12:00", f"{SATURDAY} 12:40")
    assert story.heard == [*WHOLE_LADDER[:2], notice(f"{SATURDAY} 12:31", ON_CALL)]


def test_a_stale_warning_is_dropped():
    def trouble(message):
        if json.loads(message.body)["kind"] == "warning":
            raise AlertUndelivered("throttled")

    story = Story(P_VIP, VIP_MENTION, trouble=trouble).until(f"{SATURDAY} 12:00", f"{SATURDAY} 12:20")
    assert story.heard == [WHOLE_LADDER[1]]
    assert pages_by_status(story) == {PageStatus.DROPPED: 1, PageStatus.SENT: 1}


def test_a_case_reopened_after_its_alert_was_closed_is_paged_anew():
    story = said(
        P_VIP,
        VIP_MENTION,
        Act(EventKind.RESOLVE, f"{SATURDAY} 12:17:30"),
        Act(EventKind.REOPEN, f"{SATURDAY} 12:20:30"),
        begin=f"{SATURDAY} 12:00",
        end=f"{SATURDAY} 12:36",
    )
    assert story == [
        *WHOLE_LADDER[:2],
        notice(f"{SATURDAY} 12:18", ON_CALL),
        step(f"{SATURDAY} 12:21", 1, ON_CALL),
        step(f"{SATURDAY} 12:36", 2, LEAD),
    ]


# --- the lease, the index, the outbox ---------------------------------------------------------------------------


def test_a_second_sweep_of_the_same_minute_does_nothing():
    story = Story(P_VIP, VIP_MENTION).until(f"{SATURDAY} 12:00", f"{SATURDAY} 12:16")
    before = story.table.everything()
    again = sweep(story.ports, moment(f"{SATURDAY} 12:16:40"))
    assert (again.ran, story.table.everything()) == (False, before)


@pytest.mark.parametrize("watch", [sla_watch, incident_watch], ids=["sla_watch", "incident_watch"])
def test_a_lease_is_a_little_longer_than_its_function_lives_and_shorter_than_a_minute(watch):
    config = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    life_s = config["lambda_functions"][watch.LEASE]["lambda_timeout"]
    assert life_s < watch.LEASE_S < 60


def test_a_sweep_that_was_killed_does_not_hold_up_the_next_minute():
    story = Story(P_VIP, VIP_MENTION)
    story.happen(moment(f"{SATURDAY} 12:01"))
    killed = story.ports.leases.take(
        "sla_watch", turn=moment(f"{SATURDAY} 12:16"), now=moment(f"{SATURDAY} 12:16:05"), for_s=sla_watch.LEASE_S
    )
    assert killed is not None
    assert not sweep(story.ports, moment(f"{SATURDAY} 12:16:55")).ran
    assert sweep(story.ports, moment(f"{SATURDAY} 12:17:05")).ran


def test_what_is_not_done_in_time_waits_for_the_next_sweep():
    story = Story(
        P_VIP, *(mention(str(number), f"{SATURDAY} 12:00", thread_id=str(number)) for number in range(100, 130))
    )
    story.happen(moment(f"{SATURDAY} 12:01"))
    left = iter([True] * 12 + [False])
    swept = sweep(replace(story.ports, has_time=lambda: next(left)), moment(f"{SATURDAY} 12:12"))
    assert (swept.finished, swept.counts["warning"]) == (False, 12)
    swept = sweep(story.ports, moment(f"{SATURDAY} 12:13"))
    assert (swept.finished, swept.counts["warning"]) == (True, 18)
    assert [json.loads(message.body)["count"] for message in story.alerts.published] == [12, 18]


def test_the_oldest_come_first_across_shards():
    minutes = [3, 1, 4, 0, 2]
    story = Story(P_VIP, *(mention(str(100 + m), f"{SATURDAY} 12:0{m}", thread_id=str(m)) for m in minutes))
    story.happen(moment(f"{SATURDAY} 12:10"))
    sweep(story.ports, moment(f"{SATURDAY} 12:40"))
    steps = [json.loads(message.body) for message in story.alerts.published]
    assert [one["breach_at"][14:16] for one in steps if one["step"] == 1] == ["15", "16", "17", "18", "19"]


def test_more_than_one_read_of_the_index_is_worked_off(monkeypatch):
    monkeypatch.setattr(sla_watch, "READ_TOGETHER", 3)
    story = Story(P_VIP, *(mention(str(n), f"{SATURDAY} 12:00", thread_id=str(n)) for n in range(100, 120)))
    story.happen(moment(f"{SATURDAY} 12:01"))
    assert sweep(story.ports, moment(f"{SATURDAY} 12:12")).counts["warning"] == 20


def test_a_broken_record_stays_due_and_holds_nobody_up(monkeypatch):
    monkeypatch.setattr(sla_watch, "READ_TOGETHER", 1)
    story = Story(P_VIP, *(mention(str(n), f"{SATURDAY} 12:00", thread_id=str(n)) for n in range(100, 110)))
    story.happen(moment(f"{SATURDAY} 12:01"))
    broken = story.case_ids()[0]

    class Store:
        def __getattr__(self, name):
            return getattr(story.cases, name)

        def case(self, case_id, **keywords):
            if case_id == broken:
                raise KeyError("a book that is gone")
            return story.cases.case(case_id, **keywords)

    swept = sweep(replace(story.ports, store=Store()), moment(f"{SATURDAY} 12:12"))
    assert (swept.counts["warning"], swept.failed) == (9, [("case", "KeyError")])
    assert sweep(story.ports, moment(f"{SATURDAY} 12:13")).counts["warning"] == 1


def test_a_stale_index_entry_is_corrected_once():
    story = Story(P_STD, mention("100", f"{TUESDAY} 10:00")).until(f"{TUESDAY} 10:00", f"{TUESDAY} 10:01")
    case = story.case()
    story.cases.commit(Commit(at=moment(f"{TUESDAY} 10:01"), case=replace(case, next_at=moment(f"{TUESDAY} 10:02"))))
    story.until(f"{TUESDAY} 10:02", f"{TUESDAY} 10:02")
    assert story.case().next_at == case.next_at
    before = story.case().version
    story.until(f"{TUESDAY} 10:03", f"{TUESDAY} 10:10")
    assert story.case().version == before


def an_answer(**values):
    defaults = {
        "reply_id": "r1",
        "case_id": "c1",
        "platform": "x",
        "channel": "x.main",
        "account_id": "900",
        "parent_id": "100",
        "customer_id": "501",
        "text": "on it",
        "private": False,
        "actor": "ann",
        "asked_at": moment(f"{SATURDAY} 12:00"),
        "next_at": moment(f"{SATURDAY} 12:01"),
    }
    return ReplyItem(**{**defaults, **values})


def test_an_answer_whose_queue_message_was_lost_gets_a_new_one_every_minute():
    story = Story(P_VIP)
    story.cases.commit(Commit(at=moment(f"{SATURDAY} 12:00"), replies=(an_answer(),)))
    story.until(f"{SATURDAY} 12:00", f"{SATURDAY} 12:03")
    assert [decode_reply(body) for body in story.queues.sent["replies"]] == ["r1"] * 3
    waiting = story.cases.reply("r1")
    assert (waiting.next_at, waiting.status) == (moment(f"{SATURDAY} 12:04"), ReplyStatus.QUEUED)
    done = replace(waiting, status=ReplyStatus.SENT, next_at=None)
    story.cases.commit(Commit(at=moment(f"{SATURDAY} 12:03"), replies=(done,)))
    story.until(f"{SATURDAY} 12:04", f"{SATURDAY} 12:10")
    assert len(story.queues.sent["replies"]) == 3


def test_an_answer_that_deliver_takes_meanwhile_is_left_alone():
    story = Story(P_VIP)
    story.cases.commit(Commit(at=moment(f"{SATURDAY} 12:00"), replies=(an_answer(),)))

    def deliver():
        reply = story.cases.reply("r1")
        story.cases.commit(
            Commit(at=moment(f"{SATURDAY} 12:01"), replies=(replace(reply, status=ReplyStatus.SENT, next_at=None),))
        )

    store = Intrusion(story.cases, "commit", deliver)
    swept = sweep(replace(story.ports, store=store), moment(f"{SATURDAY} 12:01"))
    assert (swept.failed, story.cases.reply("r1").status) == ([], ReplyStatus.SENT)


def test_another_sweep_recording_the_same_page_is_no_trouble():
    story = Story(P_VIP, VIP_MENTION).until(f"{SATURDAY} 12:00", f"{SATURDAY} 12:15")

    class Store:
        def __getattr__(self, name):
            return getattr(story.cases, name)

        def commit(self, commit):
            if commit.pages and commit.pages[0].status is PageStatus.SENT:
                story.cases.commit(commit)
                raise Conflict
            story.cases.commit(commit)

    swept = sweep(replace(story.ports, store=Store()), moment(f"{SATURDAY} 12:16"))
    assert (swept.failed, len(story.page_ids)) == ([], 2)


# --- whatever happens -------------------------------------------------------------------------------------------

WHAT = st.sampled_from(
    ["mention", "reply", "delete", "resolve", "reopen", "spam", "restore", "wait", "open", "low", "critical"]
)
HAPPENINGS = st.lists(st.tuples(WHAT, st.integers(0, 150), st.integers(0, 40)), max_size=9)
QUICK = replace(P_URG, targets=Targets(frt_s=10 * 60, nrt_s=20 * 60, res_s=60 * 60))
SLOW = replace(P_VIP, targets=Targets(frt_s=15 * 60, nrt_s=30 * 60, res_s=90 * 60))


def thing(number, what, minute, late):
    """One of the things that may happen to a conversation, so many minutes after noon, told `late` minutes later."""
    noon = moment(f"{SATURDAY} 12:00") + timedelta(seconds=5 + number)
    at, told = (f"{noon + timedelta(minutes=m):%Y-%m-%d %H:%M:%S}" for m in (minute, minute + late))
    match what:
        case "mention":
            return mention(str(200 + number), at, received=told, parent_id="100")
        case "reply":
            return reply(str(200 + number), at, received=told)
        case "delete":
            return deletion(str(200 + number - 1) if number % 2 else "100", at, received=told)
        case "low" | "critical":
            return Act(EventKind.PRIORITY, at, {"to": what})
        case _:
            return Act(EventKind(what), at)


class Unsteady:
    """An alert service that fails as it is told to: None is a success, otherwise whether it may have gone out."""

    def __init__(self, plan):
        self._plan = iter(plan)

    def __call__(self, _message):
        may_have_gone = next(self._plan, None)
        if may_have_gone is not None:
            raise AlertUndelivered("no", may_have_gone=may_have_gone)


@settings(max_examples=150, deadline=None)
@given(HAPPENINGS, st.lists(st.sampled_from([None, None, True, False]), max_size=12))
def test_whatever_happens_every_message_goes_out_once_and_every_alert_is_closed(happenings, plan):
    things = [thing(number, *one) for number, one in enumerate(happenings)]
    story = Story((QUICK, SLOW), VIP_MENTION, *things, trouble=Unsteady(plan))
    story.until(f"{SATURDAY} 12:00", f"{SATURDAY} 16:00")
    assert [swept.failed for swept in story.swept if swept.failed] == []
    assert len(story.page_ids) == len(set(story.page_ids))
    assert story.cases.due(moment(f"{SATURDAY} 16:00"), limit=10) == ()
    story.until_everything_is_over(f"{SATURDAY} 16:01")
    assert paged_groups(story) <= told_groups(story)
    assert story.cases.due(moment(f"{SATURDAY} 16:10"), limit=10) == ()


def paged_groups(story):
    return {(one["case_id"], key_of(one), one["group"]) for one in bodies(story) if one["kind"] == "breach"}


def told_groups(story):
    return {(one["case_id"], key_of(one), one["group"]) for one in bodies(story) if one["kind"] == "notice"}


def key_of(one):
    """Clock and generation."""
    return one["id"].rsplit("/", 3)[0]


def bodies(story):
    return [json.loads(message.body) for message in story.alerts.published]


def events(story):
    return story.cases.events(story.case().case_id)


def pages_by_status(story):
    pages = [
        story.cases.page(pk.removeprefix("PAGE#")) for pk, sk in story.table.everything() if pk.startswith("PAGE#")
    ]
    return Counter(page.status for page in pages)
