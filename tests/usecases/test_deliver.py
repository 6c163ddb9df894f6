"""An answer reaches the customer once, and the case knows what became of it."""

import json
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from chalicelib.adapters.alarms import TableAlarms
from chalicelib.adapters.leases import TableLeases
from chalicelib.adapters.memory.alerts import MemoryAlerts
from chalicelib.adapters.memory.outside import MemoryQueues
from chalicelib.adapters.policies import TablePolicies
from chalicelib.domain.case.status import CaseStatus
from chalicelib.domain.clock import Metric, Outcome
from chalicelib.domain.events import EventKind
from chalicelib.ports.alerts import AlertUndelivered
from chalicelib.ports.cases import Conflict, ReplyStatus
from chalicelib.ports.connector.replying import MaybeSent, NotAuthorised, Refused, Throttled, Unavailable
from chalicelib.ports.messages import decode_reply
from chalicelib.usecases import sla_watch
from chalicelib.usecases.deliver import GIVE_UP_AFTER, LEASE, LOOK_YOURSELF, MOST_ATTEMPTS, SETTLE
from chalicelib.usecases.replies.outbox import save
from tests.usecases.platform import POSTED_AT, Desk, echo
from tests.usecases.world import PROMISES, at, deleted, no_waiting, outcome, parked_left, take, wrote

ERRORS = {
    "throttled": Throttled("Slow down.", code="slow", retry_after_s=100.2),
    "throttled, until nobody knows when": Throttled("Slow down.", code="slow"),
    "unavailable": Unavailable("Down.", code="down"),
    "maybe": MaybeSent("Unclear.", code="unclear"),
    "refused": Refused("They have blocked us.", code="blocked"),
    "not authorised": NotAuthorised("The keys are no longer good.", code="keys"),
}


def desk(**changed):
    made = Desk(**changed)
    made.connector.errors = ERRORS
    return made


def summary(d):
    """The table without what counts attempts and commits."""
    return (
        outcome(d.table, d.cases),
        d.item.status,
        d.item.message_id,
        d.item.next_at,
        addresses(d),
        parked_left(d.table),
    )


def addresses(d):
    keys = [pk.split("#")[2] for pk, sk in d.table.everything() if pk.startswith("MSG#") and sk == "@"]
    return {m: replace(a, version=0) for m, a in d.cases.addresses("x", sorted(keys)).items()}


# --- it goes out ------------------------------------------------------------------------------------------------


def test_a_receipt_ends_the_wait_at_the_platforms_time():
    d = desk()
    d.pass_time(minutes=5)
    d.deliver()
    assert [post["text"] for post in d.platform.posts] == ["we found it"]
    assert (d.item.status, d.item.message_id, d.item.next_at) == (ReplyStatus.SENT, "700", None)
    assert (d.state.outbox, d.state.waiting_key, d.state.answered_at) == ((), None, POSTED_AT)
    [frt] = [clock for clock in d.cases.ended_clocks(d.case_id) if clock.metric is Metric.FRT]
    assert (frt.outcome, frt.stopped_at) == (Outcome.MET, POSTED_AT)
    answer = d.events["x|700|answer"]
    assert (answer.actor, answer.fact.parent_id, answer.fact.by_person) == ("ann", "100", True)
    address = d.cases.addresses("x", ["700"])["700"]
    assert (address.case_id, address.thread_id) == (d.case_id, "100")


def test_a_repeated_message_is_nothing_new():
    d = desk()
    d.deliver()
    before = d.table.everything()
    d.deliver()
    d.deliver("unknown")
    assert d.table.everything() == before
    assert len(d.platform.posts) == 1


def test_a_resolve_that_waited_takes_effect_with_the_receipt():
    d = desk(then=[EventKind.RESOLVE])
    assert (d.state.status, d.state.resolve_pending) == (CaseStatus.OPEN, True)
    d.deliver()
    assert (d.state.status, d.state.resolved_at) == (CaseStatus.RESOLVED, POSTED_AT)


@pytest.mark.parametrize("minutes", [8, 9, 9.5])
def test_a_platform_whose_clock_is_behind_does_not_leave_the_answer_in_the_outbox(minutes):
    d = desk(then=[EventKind.RESOLVE])
    d.platform.on_post = lambda post: take(d.cases, [echo(minutes=minutes)])
    d.deliver()
    assert d.state.outbox == ()
    assert d.state.status is CaseStatus.RESOLVED


# --- the echo ---------------------------------------------------------------------------------------------------


def case_with(*steps, **changed):
    d = desk(**changed)
    for step in steps:
        step(d)
    return summary(d)


def test_echo_before_and_after_the_receipt_give_the_same_table():
    def hear(d):
        take(d.cases, [echo()])

    def send(d):
        d.deliver()

    def send_with_echo_on_the_way(d):
        d.platform.on_post = lambda post: take(d.cases, [echo(post["id"])])
        d.deliver()

    after = case_with(send, hear)
    assert case_with(send_with_echo_on_the_way) == after
    assert case_with(send_with_echo_on_the_way, hear) == after
    assert len(after[0][0]["events"]) == 3


def test_a_private_answer_and_its_echo_are_one():
    private = {"private": True, "thread_id": "501-900"}
    message, told = (
        wrote("200", 1, **private),
        echo(private=True, thread_id="501-900", parent_id=None, customer_id="501"),
    )

    def results(*steps):
        d = desk()
        take(d.cases, [message])
        d.ask("r2", case_id=d.cases.addresses("x", ["200"])["200"].case_id, parent_id="200", private=True)
        for step in steps:
            step(d)
        return outcome(d.table, d.cases), addresses(d), parked_left(d.table)

    def hear(d):
        take(d.cases, [told])

    def send(d):
        d.platform.on_post = lambda post: None
        d.deliver("r2")

    def send_with_echo(d):
        d.platform.on_post = lambda post: hear(d)
        d.deliver("r2")

    assert results(send, hear) == results(send_with_echo)


def test_what_waited_for_our_message_is_set_free_even_without_an_echo():
    follow_up = wrote("800", 12, parent_id="700", text="thanks, but which belt?")
    early, late = desk(), desk()
    early.platform.on_post = lambda post: take(early.cases, [follow_up])
    early.deliver()
    late.deliver()
    take(late.cases, [follow_up])
    assert outcome(early.table, early.cases) == outcome(late.table, late.cases)
    assert len(outcome(early.table, early.cases)) == 1
    assert (parked_left(early.table), early.item.next_at) == ([], None)


def test_an_answer_deleted_before_we_heard_of_it_leaves_no_text():
    d = desk()
    d.platform.on_post = lambda post: take(d.cases, [deleted(post["id"], 11)])
    stored = []

    class Seen:
        def __getattr__(self, name):
            return getattr(d.cases, name)

        def commit(self, commit):
            stored.extend(event.fact.text for event in commit.events if event.kind is EventKind.ANSWER)
            d.cases.commit(commit)

    d.deliver(store=Seen())
    assert d.item.status is ReplyStatus.SENT
    assert set(stored) == {None}
    assert d.events["x|700|answer"].fact.text is None
    assert "x|700|delete" in d.events


# --- each error at each stage -----------------------------------------------------------------------------------

S = ReplyStatus
# After a post that failed so: status, whether the post counts as possibly there, and the wait.
POST = [
    ("throttled", S.QUEUED, False, 101),
    ("throttled, until nobody knows when", S.QUEUED, False, 30),
    ("unavailable", S.QUEUED, False, 30),
    ("maybe", S.UNCERTAIN, True, 30),
    ("refused", S.FAILED, False, None),
    ("not authorised", S.QUEUED, False, 900),
]


@pytest.mark.parametrize(("error", "status", "maybe_there", "wait_s"), POST)
def test_a_failed_post(error, status, maybe_there, wait_s):
    d = desk()
    d.platform.script.append(error)
    d.deliver()
    assert d.item.status is status
    assert (d.item.posting_at is not None, d.item.first_tried_at is not None) == (maybe_there, maybe_there)
    assert d.item.next_at == (d.now + timedelta(seconds=wait_s) if wait_s else None)
    assert d.item.failure == str(ERRORS[error])
    assert d.state.failure == (d.item.failure if status is S.FAILED else None)
    assert d.state.outbox == (() if status is S.FAILED else ("r1",))


@pytest.mark.parametrize("error", [name for name, status, *_ in POST if status is not S.FAILED])
def test_what_can_be_mended_goes_out_in_the_end_and_once(error):
    d = desk()
    d.platform.script.append(error)
    d.deliver()
    d.redrive()
    assert (d.item.status, d.item.failure) == (S.SENT, None)
    assert len(d.platform.posts) == 1


# A look that failed so, after a post of unknown fate: the post stays possible, whatever the look says.
LOOK = [
    ("throttled", 101),
    ("unavailable", 60),
    ("maybe", 60),
    ("refused", 60),
    ("not authorised", 900),
]


@pytest.mark.parametrize(("error", "wait_s"), LOOK)
@pytest.mark.parametrize("arrived", [True, False])
def test_a_failed_look_leaves_it_uncertain(error, wait_s, arrived):
    d = desk()
    d.platform.script.extend(["lost" if arrived else "maybe", error])
    d.deliver()
    tried_at = d.now
    d.pass_time(minutes=5)
    d.deliver()
    assert d.item.status is S.UNCERTAIN
    assert d.item.first_tried_at == tried_at
    assert d.item.next_at == d.now + timedelta(seconds=wait_s)
    assert d.platform.calls == ["POST", "GET"]
    d.redrive()
    assert d.item.status is S.SENT
    assert len(d.platform.posts) == 1


def test_a_look_that_comes_too_early_is_not_believed():
    d = desk()
    d.platform.script.extend(["lost", "hidden", "hidden"])
    d.deliver()
    d.pass_time(seconds=30)
    d.deliver()
    assert d.item.status is S.UNCERTAIN
    d.now = POSTED_AT + SETTLE + timedelta(hours=1)
    d.platform.script.clear()
    d.deliver()
    assert d.item.status is S.SENT
    assert len(d.platform.posts) == 1


def test_what_surely_did_not_arrive_is_posted_again_and_both_tries_are_looked_for():
    d = desk()
    d.platform.script.extend(["maybe", None, "lost"])
    d.deliver()
    first = d.now
    d.pass_time(minutes=5)
    d.deliver()  # not there, so posted; and that answer is lost
    assert d.platform.calls == ["POST", "GET", "POST"]
    assert (d.item.first_tried_at, d.item.posting_at) == (first, d.now)
    d.redrive()
    assert d.platform.calls == ["POST", "GET", "POST", "GET"]
    assert len(d.platform.posts) == 1


@pytest.mark.parametrize("error", ["throttled", "unavailable", "not authorised"])
def test_a_sure_no_takes_back_its_own_try_only(error):
    d = desk()
    d.platform.script.extend(["maybe", None, error])
    d.deliver()
    first = d.now
    d.pass_time(minutes=5)
    d.deliver()
    assert (d.item.status, d.item.first_tried_at, d.item.posting_at) == (S.UNCERTAIN, first, None)
    d.redrive()
    assert d.platform.calls == ["POST", "GET", "POST", "GET", "POST"]
    assert len(d.platform.posts) == 1


def test_an_echo_in_the_timeline_is_as_good_as_a_receipt():
    d = desk()
    d.platform.script.append("lost")
    d.deliver()
    take(d.cases, [echo()])
    d.redrive()
    assert d.platform.calls == ["POST"]
    assert (d.item.status, d.item.message_id, d.state.outbox) == (S.SENT, "700", ())


@pytest.mark.parametrize(
    "other",
    [
        echo("650", 1),  # long before our try
        echo("650", text="we lost it"),
        echo("650", account_id="901"),
        echo("650", private=True, thread_id="100"),
    ],
    ids=["older", "other words", "other account", "private"],
)
def test_another_answer_is_not_taken_for_ours(other):
    d = desk()
    d.platform.script.append("maybe")
    d.deliver()
    take(d.cases, [other])
    d.redrive()
    assert d.item.message_id == "700"
    assert len(d.platform.posts) == 1


def test_a_post_that_is_another_answers_is_not_taken_for_this_one():
    d = desk()
    d.deliver()
    d.ask("r2")
    d.platform.script.append("maybe")
    d.deliver("r2")
    d.pass_time(minutes=5)
    d.deliver("r2")  # the look shows the first answer: same words, same parent
    second = d.cases.reply("r2")
    assert (second.status, second.message_id) == (S.UNCERTAIN, None)
    assert d.events["x|700|answer"].detail == {"reply_id": "r1"}
    assert d.state.outbox == ("r2",)


# --- before any call --------------------------------------------------------------------------------------------


def test_what_the_connector_refuses_is_never_posted():
    d = desk()
    d.connector.refuses = Refused("Too long.", code="too_long")
    d.deliver()
    assert (d.item.status, d.state.failure, d.state.outbox) == (S.FAILED, "Too long.", ())
    assert d.platform.calls == []


def test_a_platform_without_answers_fails_with_a_sentence():
    d = desk()
    d.deliver(reply_of={}.__getitem__)
    assert d.item.status is S.FAILED
    assert "cannot be sent" in d.state.failure


def test_a_failed_answer_keeps_the_case_open():
    d = desk(then=[EventKind.RESOLVE])
    d.platform.script.append("refused")
    d.deliver()
    assert (d.state.status, d.state.failure) == (CaseStatus.OPEN, "They have blocked us.")


def test_an_answer_to_a_deleted_message_is_dropped():
    d = desk()
    take(d.cases, [wrote("101", 2, parent_id="100"), deleted("100", 9.8)])
    d.deliver()
    assert (d.item.status, d.item.next_at) == (S.DROPPED, None)
    assert "deleted" in d.state.failure
    assert d.platform.calls == []


def test_an_answer_that_arrived_before_the_deletion_counts():
    d = desk()
    take(d.cases, [wrote("101", 2, parent_id="100")])
    d.platform.script.append("lost")
    d.deliver()
    take(d.cases, [deleted("100", 10.1)])
    d.redrive()
    assert (d.item.status, d.item.message_id) == (S.SENT, "700")


def test_an_answer_follows_its_case_into_the_one_that_took_it_over():
    d = desk()
    take(d.cases, [wrote("90", -5)])
    old, older = d.case_id, d.cases.addresses("x", ["90"])["90"].case_id
    case, _ = d.cases.case(old)
    d.cases.commit(_merge(case, older))
    d.deliver()
    kept, known = d.cases.case(older, event_keys=["x|700|answer"])
    assert known
    assert (d.item.status, kept.state.outbox) == (S.SENT, ())


def _merge(case, into):
    from chalicelib.ports.cases import Commit

    return Commit(at=at(9.7), case=replace(case, merged_into=into, is_moving=True))


# --- leases and time --------------------------------------------------------------------------------------------


def test_a_living_lease_is_left_alone_and_a_dead_one_taken_over():
    d = desk()
    save(
        replace(d.item, status=S.SENDING, attempts=1, leased_until=d.now + LEASE, next_at=d.now + LEASE), d.ports.outbox
    )
    d.deliver()
    assert d.platform.calls == []
    d.pass_time(seconds=LEASE.total_seconds())
    d.deliver()
    assert d.item.status is S.SENT


def test_a_delay_is_kept_even_if_the_message_comes_twice():
    d = desk()
    d.platform.script.append("throttled")
    d.deliver()
    d.pass_time(seconds=100)
    d.deliver()
    assert d.platform.calls == ["POST"]
    d.pass_time(seconds=1)
    d.deliver()
    assert d.item.status is S.SENT


def test_the_sweep_brings_it_back_minute_by_minute():
    d = desk()
    d.platform.script.extend(["unavailable", "throttled", "lost", "maybe", None])
    queues = MemoryQueues()
    ports = sla_watch.Ports(
        store=d.cases,
        promises=PROMISES,
        alerts=MemoryAlerts(),
        backoff=no_waiting,
        base_url="",
        leases=TableLeases(d.table),
        queues=queues,
        jobs=TablePolicies(d.table, clock=lambda: 0.0),
        alarms=TableAlarms(d.table),
    )
    while d.item.next_at is not None:
        queues.sent.clear()
        sla_watch.sweep(ports, d.now)
        for body in queues.sent.get("replies", ()):
            d.deliver(decode_reply(body))
        d.pass_time(minutes=1)
        assert d.now < at(40)
    assert (d.item.status, len(d.platform.posts)) == (S.SENT, 1)
    assert d.platform.calls == ["POST", "POST", "POST", "GET", "GET"]


def test_the_sweep_moving_on_its_turn_does_not_cost_a_try():
    d = desk()
    swept = []

    class Swept:
        def __getattr__(self, name):
            return getattr(d.cases, name)

        def reply(self, reply_id):
            item = d.cases.reply(reply_id)
            if not swept:
                swept.append(save(replace(item, next_at=d.now + timedelta(minutes=1)), d.ports.outbox))
            return item

    d.deliver(store=Swept())
    assert d.item.status is S.SENT


def test_nobody_posts_after_the_lease():
    d = desk()

    class SlowSecrets:
        def send_secrets(self, channel, account_id, *, fresh):
            d.pass_time(seconds=LEASE.total_seconds())
            return d.secrets.send_secrets(channel, account_id, fresh=fresh)

    d.deliver(secrets=SlowSecrets())
    assert d.platform.calls == []
    d.deliver()
    assert d.item.status is S.SENT


def test_nobody_posts_when_another_worker_has_taken_over():
    d = desk()

    class Overtaking:
        def send_secrets(self, channel, account_id, *, fresh):
            save(replace(d.item, attempts=9), d.ports.outbox)
            return d.secrets.send_secrets(channel, account_id, fresh=fresh)

    d.deliver(secrets=Overtaking())
    assert d.platform.calls == []
    assert (d.item.status, d.item.attempts) == (S.SENDING, 9)


def test_a_receipt_counts_even_if_another_worker_has_given_up_meanwhile():
    d = desk()
    d.platform.on_post = lambda post: save(replace(d.item, status=S.FAILED, next_at=None), d.ports.outbox)
    d.deliver()
    assert (d.item.status, d.item.message_id, d.state.outbox) == (S.SENT, "700", ())


def test_a_failure_of_a_lost_lease_counts_for_nothing():
    d = desk()
    d.platform.script.append("refused")
    perform = d.platform.perform

    class Overtaken:
        def perform(self, call):
            save(replace(d.item, attempts=9), d.ports.outbox)
            return perform(call)

    d.deliver(http=Overtaken())
    assert (d.item.status, d.state.failure) == (S.SENDING, None)


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_at_once_post_once(workers):
    d = desk()
    start = Barrier(workers)

    def work():
        start.wait()
        d.deliver()

    threads = [Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(d.platform.posts), d.item.status) == (1, S.SENT)


def test_delays_grow_to_a_quarter_of_an_hour():
    d = desk()
    d.platform.script.extend(["unreachable"] * 8)
    waits = []
    for _ in range(8):
        d.deliver()
        waits.append((d.item.next_at - d.now).total_seconds())
        d.now = d.item.next_at
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


@pytest.mark.parametrize(
    ("always", "says"),
    [("unavailable", "within a day"), ("maybe", LOOK_YOURSELF), ("not authorised", "keys are no longer good")],
)
def test_after_a_day_it_is_given_up_and_the_agent_is_told(always, says):
    d = desk()
    d.platform.script.extend([always] * 200)
    d.redrive(limit=200)
    assert (d.item.status, d.state.outbox) == (S.FAILED, ())
    assert says in d.state.failure
    assert d.now <= d.item.asked_at + GIVE_UP_AFTER


def test_a_wait_longer_than_a_day_is_given_up_at_once():
    d = desk()
    d.connector.errors = {"capped": Throttled("The plan is used up.", code="capped", retry_after_s=86_400)}
    d.platform.script.append("capped")
    d.deliver()
    assert d.item.status is S.FAILED
    assert "The plan is used up." in d.state.failure


def test_an_answer_that_crashes_every_worker_is_given_up():
    d = desk()
    save(replace(d.item, attempts=MOST_ATTEMPTS), d.ports.outbox)
    d.deliver()
    assert (d.item.status, d.platform.calls) == (S.FAILED, [])


def test_others_changing_the_case_do_not_lose_the_receipt():
    d = desk()
    commits, real = [], d.cases.commit

    class Contested:
        def __getattr__(self, name):
            return getattr(d.cases, name)

        def commit(self, commit):
            commits.append(commit)
            if commit.events and len(commits) < 6:
                raise Conflict
            real(commit)

    d.deliver(store=Contested())
    assert (d.item.status, len(d.platform.posts)) == (S.SENT, 1)


# --- new keys are needed ----------------------------------------------------------------------------------------


def test_people_are_told_once_an_hour_which_account_needs_new_keys():
    d = desk()
    d.secrets.missing = True
    d.ask("r2")
    for reply_id in ("r1", "r2"):
        d.deliver(reply_id)
    [message] = d.alerts.messages
    assert "x.main (account “900”)" in message.text
    assert "earshot secrets set x.main --use send --account 900" in message.text
    assert json.loads(message.body)["account_id"] == "900"
    assert len(message.sms) <= 140
    assert len(message.subject) < 100
    d.pass_time(hours=1)
    d.deliver()
    assert len(d.alerts.messages) == 2
    d.secrets.missing = False
    d.redrive()
    assert d.item.status is S.SENT


def test_an_alarm_that_did_not_go_out_is_raised_with_the_next_try():
    d = desk()
    d.secrets.missing = d.alerts.broken = True
    with pytest.raises(AlertUndelivered):
        d.deliver()
    assert d.item.status is S.QUEUED
    d.alerts.broken = False
    d.now = d.item.next_at
    d.deliver()
    assert len(d.alerts.messages) == 1


# --- the platform's reply window --------------------------------------------------------------------------------


class Line:
    """Stands before a connector and keeps what it was asked to send."""

    def __init__(self, inner):
        self._inner = inner
        self.asked = []

    def send(self, reply, context):
        self.asked.append(reply)
        return self._inner.send(reply, context)

    def __getattr__(self, name):
        return getattr(self._inner, name)


def messenger(**passed):
    """An answer in private to somebody who wrote at 0 minutes, about to go out some time later."""
    mention = replace(wrote("100", 0, private=True, thread_id="505-900"), platform="facebook", channel="facebook.main")
    d = Desk(mention=mention, private=True)
    d.connector = Line(d.connector)
    d.now = at(0) + timedelta(**passed)
    return d


@pytest.mark.parametrize(
    ("passed", "needs_person"), [({"hours": 24}, False), ({"hours": 24, "seconds": 1}, True), ({"days": 7}, True)]
)
def test_an_answer_is_marked_as_a_persons_once_the_platform_wants_that(passed, needs_person):
    d = messenger(**passed)
    d.deliver()
    assert [reply.needs_person for reply in d.connector.asked] == [needs_person]
    assert d.item.status is ReplyStatus.SENT


def test_an_answer_that_comes_too_late_for_the_platform_is_not_sent():
    d = messenger(days=7, seconds=1)
    d.deliver()
    assert d.connector.asked == []
    assert d.item.status is ReplyStatus.FAILED
    assert "seven days" in d.state.failure
