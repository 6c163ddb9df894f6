"""Answers of one case leave in the order in which they were asked, each once, and not after they were taken back."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.access import TableUsers
from chalicelib.domain.case.status import CaseStatus
from chalicelib.domain.events import EventKind
from chalicelib.ports.cases import ReplyStatus
from chalicelib.ports.connector.replying import Refused, Throttled, Unavailable
from chalicelib.ports.messages import decode_reply
from chalicelib.usecases import act as acting
from chalicelib.usecases.deliver import GIVE_UP_AFTER, NO_KEYS, deliver
from chalicelib.usecases.redrive import redrive
from chalicelib.usecases.show import show
from tests.usecases import platform
from tests.usecases.tripwire import Counter, Killed, Tripwire
from tests.usecases.world import PROMISES, no_waiting

ERRORS = {
    "throttled": Throttled("Slow down.", code="slow", retry_after_s=100),
    "unavailable": Unavailable("Down.", code="down"),
    "refused": Refused("They have blocked us.", code="blocked"),
}


class Desk(platform.Desk):
    """Agents who ask for answers and take them back, a queue whose messages come in any order, and a sweep."""

    def __init__(self):
        super().__init__()
        self.connector.errors = ERRORS
        self.asked, self.taken_back = [], {}
        self.messages = []
        self.counter = Counter()

    def ask(self, reply_id="", **changed):
        """The constructor's own answer is none here."""

    @property
    def acting_ports(self):
        return acting.Ports(
            store=Tripwire(self.cases, self.counter),
            promises=PROMISES,
            backoff=no_waiting,
            queues=Tripwire(self.queues, self.counter),
            users=TableUsers(self.table),
            replier=lambda _: self.connector,
        )

    def request(self, intent, key):
        request = acting.ActRequest(intent=intent, actor="ann", idempotency_key=key)
        return acting.act(self.case_id, request, ports=self.acting_ports, now=self.now)

    def answer(self, then=None):
        key = f"k{len(self.asked)}"
        self.asked.append(f"answer {key}")
        then = None if self.state.is_closed else then
        for _ in range(2):  # who was killed asks again
            with suppress(Killed):
                return self.request(acting.AnswerCustomer(text=f"answer {key}", then=then), key).reply_id
        raise AssertionError("killed twice")

    def take_back(self, reply_id):
        text = self.cases.reply(reply_id).text
        for _ in range(2):
            with suppress(Killed, Refused, acting.NotAllowed):
                self.request(acting.TakeBack(reply_id=reply_id), f"not-{reply_id}")
                self.taken_back[text] = len(self.platform.posts)
                return

    def attempt(self, reply_id):
        ports = self.ports
        wired = {
            "store": Tripwire(self.cases, self.counter),
            "http": Tripwire(self.platform, self.counter),
            "queues": Tripwire(self.queues, self.counter),
        }
        deliver(reply_id, replace(ports, **wired))

    def work(self, number=0):
        """One message of the queue; it stays there when the worker is killed."""
        self.messages += [decode_reply(body) for body in self.queues.sent.pop("replies", [])]
        if self.messages:
            reply_id = self.messages[number % len(self.messages)]
            with suppress(Killed):
                self.attempt(reply_id)
                self.messages.remove(reply_id)

    def sweep(self):
        for reply_id in list(self.cases.replies_under_way()):
            item = self.cases.reply(reply_id)
            if item.next_at and item.next_at <= self.now:
                self.messages.append(reply_id)

    def mend_keys(self):
        self.secrets.missing = False
        return redrive("x.main", None, store=self.cases, queues=self.queues, now=self.now)

    def finish(self):
        """Everything works from now on, until nothing is due."""
        self.counter.kill_at = None
        self.platform.script.clear()
        self.mend_keys()
        for _ in range(200):
            while self.messages or self.queues.sent.get("replies"):
                self.work()
            if not list(self.cases.replies_under_way()):
                return
            self.pass_time(minutes=1)
            self.sweep()
        raise AssertionError("something waits for ever")

    @property
    def posted(self):
        return [post["text"] for post in self.platform.posts]


steps = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from([None, EventKind.RESOLVE])),
    st.tuples(st.just("work"), st.integers(0, 5)),
    st.tuples(st.just("work"), st.integers(0, 5)),
    st.tuples(st.just("keys"), st.booleans()),
    st.tuples(st.just("script"), st.sampled_from(["lost", "unreachable", *ERRORS])),
    st.tuples(st.just("pass"), st.integers(0, 20)),
    st.tuples(st.just("take back"), st.integers(0, 5)),
    st.tuples(st.just("kill"), st.integers(1, 12)),
)


def play(desk, step):
    match step:
        case "ask", then:
            desk.answer(then)
        case "work", number:
            desk.work(number)
        case "keys", True:
            desk.mend_keys()
        case "keys", False:
            desk.secrets.missing = True
        case "script", what:
            desk.platform.script.append(what)
        case "pass", minutes:
            desk.pass_time(minutes=minutes)
            desk.sweep()
        case "take back", number:
            waiting = desk.state.outbox
            if waiting:
                desk.take_back(waiting[number % len(waiting)])
        case "kill", calls:
            desk.counter.kill_at = desk.counter.calls + calls


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=25))
def test_posts_appear_in_the_order_asked_each_once_and_none_that_was_taken_back(story):
    desk = Desk()
    for step in story:
        play(desk, step)
    desk.finish()
    failed = {event.detail["reply_id"] for event in desk.events.values() if event.kind is EventKind.REPLY_FAILED}
    gone = {desk.cases.reply(reply_id).text for reply_id in failed} | set(desk.taken_back)
    assert desk.posted == [text for text in desk.asked if text not in gone]
    assert desk.state.outbox == ()


def test_a_later_answer_waits_for_the_one_before_it_and_both_go_once_there_are_keys():
    desk = Desk()
    desk.secrets.missing = True
    desk.answer(EventKind.RESOLVE)
    desk.work()
    desk.secrets.missing = False  # unknown to the first, whose delay is a quarter of an hour
    desk.answer()
    desk.work()
    assert desk.posted == []
    assert desk.mend_keys() == 2
    while desk.queues.sent.get("replies") or desk.messages:
        desk.work()
    assert desk.posted == ["answer k0", "answer k1"]


def test_what_was_taken_back_never_goes_out_and_calls_the_next_one():
    desk = Desk()
    desk.secrets.missing = True
    first, _ = desk.answer(EventKind.RESOLVE), desk.answer()
    desk.work()
    desk.secrets.missing = False
    desk.take_back(first)
    desk.pass_time(minutes=1)
    while desk.queues.sent.get("replies") or desk.messages:
        desk.work()
    assert desk.posted == ["answer k1"]
    assert desk.cases.reply(first).status is ReplyStatus.TAKEN_BACK
    assert desk.state.status is CaseStatus.OPEN


def test_what_may_be_on_the_platform_is_not_taken_back():
    desk = Desk()
    reply_id = desk.answer()
    desk.platform.script.append("lost")
    desk.work()
    with pytest.raises(Refused, match="may be on the platform"):
        desk.request(acting.TakeBack(reply_id=reply_id), "k")


@pytest.mark.parametrize("reply_id", ["nothing", "r1"])
def test_only_what_waits_in_the_case_is_taken_back(reply_id):
    desk = Desk()
    with pytest.raises(acting.NotAllowed):
        desk.request(acting.TakeBack(reply_id=reply_id), "k")
    desk.answer()
    with pytest.raises(Refused, match="does not wait"):
        desk.request(acting.TakeBack(reply_id=reply_id), "k")


def test_a_failed_answer_lets_the_next_one_go():
    desk = Desk()
    desk.answer()
    desk.answer()
    desk.platform.script.append("refused")
    desk.work()
    desk.work()
    desk.work()
    assert desk.posted == ["answer k1"]


def test_a_stuck_answer_is_told_as_stuck_and_an_open_case_is_not_called_resolved():
    desk = Desk()
    desk.secrets.missing = True
    desk.answer(EventKind.RESOLVE)
    view = show(desk.case_id, store=desk.cases, now=desk.now)
    assert "An answer is on its way. Then it is resolved." in " ".join(view.words)
    desk.work()
    view = show(desk.case_id, store=desk.cases, now=desk.now)
    words = " ".join(view.words)
    assert f"An answer is stuck: {NO_KEYS} The case stays open until that has gone out." in words
    assert "on its way" not in words
    assert [entry.what for entry in view.timeline if entry.kind == "resolve"] == [
        "asked to resolve it when the answer is out"
    ]
    assert view.outbox[0].may_be_taken_back


def test_a_resolve_after_the_answer_is_out_is_told_as_one():
    desk = Desk()
    desk.answer()
    desk.work()
    desk.request(acting.MoveCase(kind=EventKind.RESOLVE), "done")
    view = show(desk.case_id, store=desk.cases, now=desk.now)
    assert [entry.what for entry in view.timeline if entry.kind == "resolve"] == ["resolved it"]


def test_what_waits_for_a_day_is_given_up_and_the_next_one_goes():
    desk = Desk()
    desk.secrets.missing = True
    desk.answer()
    desk.work()
    desk.pass_time(hours=GIVE_UP_AFTER / timedelta(hours=1) - 0.1)
    desk.answer()
    desk.sweep()
    desk.work(1)
    desk.work(0)
    assert [desk.cases.reply(event.detail["reply_id"]).text for event in desk.events.values() if "failed" in event.kind]
    desk.finish()
    assert desk.posted == ["answer k1"]
