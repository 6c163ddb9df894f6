"""What agents do to a case: each action once, only where it makes sense, and answers by way of the outbox."""

from dataclasses import replace
from threading import Barrier, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.access import TableUsers
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.memory.outside import MemoryQueues
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.domain.case.state import allowed_actions
from chalicelib.domain.case.status import CaseStatus
from chalicelib.domain.events import EventKind, action, from_fact
from chalicelib.domain.facts import Author, FactKind
from chalicelib.domain.labels import Urgency
from chalicelib.ports.access import Role
from chalicelib.ports.cases import DueKind, ReplyStatus
from chalicelib.ports.connector.replying import OutboundReply, Refused
from chalicelib.ports.messages import decode_reply
from chalicelib.usecases import act as acting
from chalicelib.usecases.act import (
    ActionInvalid,
    ActRequest,
    AnswerCustomer,
    Assign,
    IdempotencyMismatch,
    MoveCase,
    NotAllowed,
    Note,
    Prioritise,
    act,
)
from chalicelib.usecases.cases.moving import UnknownCase
from chalicelib.usecases.cases.timeline import commit_for
from tests.usecases.world import PROMISES, answered, at, deleted, fact, no_waiting, take, wrote


class Replier:
    """A platform that takes answers of up to twenty characters."""

    def check(self, reply: OutboundReply) -> None:
        if len(reply.text) > 20:
            raise Refused("Too long for this platform.", code="too_long")


class Desk:
    """One table with one case (or more), and agents who work it."""

    def __init__(self, *facts):
        self.table = MemoryTable()
        self.cases = TableCaseStore(self.table)
        self.queues = MemoryQueues()
        users = TableUsers(self.table)
        for name in ("ann", "bob"):
            users.add(name, Role.AGENT, f"token-of-{name}", at(0))
        self.ports = acting.Ports(
            store=self.cases,
            promises=PROMISES,
            backoff=no_waiting,
            queues=self.queues,
            users=users,
            replier=lambda platform: Replier() if platform == "x" else None,
        )
        take(self.cases, facts or [wrote("100", 0)])

    @property
    def case_id(self):
        ids = sorted(pk.removeprefix("CASE#") for pk, sk in self.table.everything() if sk == "STATE")
        return ids[0]

    @property
    def case(self):
        case, _ = self.cases.case(self.case_id)
        return case

    @property
    def state(self):
        return self.case.state

    def events(self, kind):
        return [event for event in self.cases.events(self.case_id) if event.kind is kind]

    def act(self, intent, minutes=10, key="k1", actor="ann", case_id=None):
        request = ActRequest(intent=intent, actor=actor, idempotency_key=key)
        return act(case_id or self.case_id, request, ports=self.ports, now=at(minutes))

    def bring_to(self, status):
        for number, move in enumerate(PATHS[status]):
            self.act(move, minutes=5, key=f"path{number}")

    def receipt(self, result, minutes, message_id="900100"):
        """What deliver does when the platform has taken an answer."""
        case = self.case
        reply = self.cases.reply(result.reply_id)
        said = answered(message_id, minutes, reply.parent_id)
        event = replace(from_fact(said, book=1), actor=reply.actor, detail={"reply_id": reply.reply_id})
        self.cases.commit(commit_for(case, [event], store=self.cases, promises=PROMISES, now=at(minutes)))


def move(kind):
    return MoveCase(kind=EventKind(kind))


PATHS = {
    CaseStatus.NEW: [],
    CaseStatus.OPEN: [Assign(to="ann")],
    CaseStatus.WAITING_CUSTOMER: [move("wait")],
    CaseStatus.ON_HOLD_INTERNAL: [move("hold")],
    CaseStatus.RESOLVED: [move("resolve")],
    CaseStatus.SPAM: [move("spam")],
}
INTENTS = {
    EventKind.REPLY: AnswerCustomer(text="we are on it"),
    EventKind.NOTE: Note(text="called the desk"),
    EventKind.ASSIGN: Assign(to="bob"),
    EventKind.PRIORITY: Prioritise(to=Urgency.HIGH),
    **{kind: MoveCase(kind=kind) for kind in acting.MOVES},
}
AFTER = {
    EventKind.WAIT: CaseStatus.WAITING_CUSTOMER,
    EventKind.HOLD: CaseStatus.ON_HOLD_INTERNAL,
    EventKind.OPEN: CaseStatus.OPEN,
    EventKind.RESOLVE: CaseStatus.RESOLVED,
    EventKind.REOPEN: CaseStatus.NEW,  # as if it had never been resolved
    EventKind.SPAM: CaseStatus.SPAM,
    EventKind.RESTORE: CaseStatus.NEW,
}
EVERY_PAIR = [(status, kind) for status in CaseStatus for kind in INTENTS]


# --- what is allowed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "kind"), EVERY_PAIR)
def test_every_status_and_action(status, kind):
    desk = Desk()
    desk.bring_to(status)
    assert desk.state.status is status
    before = desk.table.everything()
    if kind in allowed_actions(desk.state):
        result = desk.act(INTENTS[kind])
        assert desk.state == replace(result.state, clocks=result.state.running)
        assert desk.state.status is AFTER.get(kind, desk.state.status)
        assert [event.actor for event in desk.events(kind)][-1:] == ["ann"]
        return
    with pytest.raises(NotAllowed) as refused:
        desk.act(INTENTS[kind])
    assert f"The case is {status.value}: {kind.value} is not possible now" in str(refused.value)
    assert refused.value.allowed == tuple(sorted(allowed_actions(desk.state)))
    assert desk.table.everything() == before


@pytest.mark.parametrize("then", acting.AFTERWARDS)
def test_what_follows_an_answer_must_be_allowed_too(then):
    desk = Desk()
    desk.bring_to(CaseStatus.RESOLVED)
    with pytest.raises(NotAllowed):
        desk.act(AnswerCustomer(text="one more thing", then=then))
    assert desk.state.outbox == ()


def test_there_is_no_such_case():
    with pytest.raises(UnknownCase):
        Desk().act(Note(text="hm"), case_id="c000000000000000")


UNSEEN = ["", " \n", "\u200b\u2060", "\u200d", "\u2800", "\u3164", "\ufe0f", "\u202e\u202c"]


@pytest.mark.parametrize(
    ("intent", "said"),
    [
        *((intent(text=text), "no text") for intent in (Note, AnswerCustomer) for text in UNSEEN),
        (Note(text="x" * 10_001), "10001 characters; 10000"),
        (Note(text="bell\x07"), "control characters"),
        (Note(text="escape\x1b[2J"), "control characters"),
        (Note(text="half a pair \ud800"), "control characters"),
        (AnswerCustomer(text="hello", then=EventKind.SPAM), "none of wait, resolve"),
        (AnswerCustomer(text="hello", to_message_id="999"), "to_message_id"),
        (MoveCase(kind=EventKind.PAGED), "none of wait, hold"),
        (Assign(to="nobody"), "no user nobody"),
    ],
    ids=repr,
)
def test_what_can_never_be_done_is_refused_before_anything_is_stored(intent, said):
    desk = Desk()
    before = desk.table.everything()
    with pytest.raises(ActionInvalid, match=said):
        desk.act(intent)
    assert desk.table.everything() == before


@pytest.mark.parametrize("key", ["", "x" * 101, "two words", "line\nbreak", "é"])
def test_an_idempotency_key_is_short_and_printable(key):
    with pytest.raises(ActionInvalid, match="1 to 100 characters"):
        Desk().act(Note(text="hm"), key=key)


def test_a_removed_user_gets_no_cases():
    desk = Desk()
    desk.ports.users.remove("bob")
    with pytest.raises(ActionInvalid, match="no user bob"):
        desk.act(Assign(to="bob"))


def test_line_breaks_of_forms_are_stored_as_line_feeds():
    desk = Desk()
    desk.act(Note(text="one\r\ntwo\tthree\n"))
    assert [event.text for event in desk.events(EventKind.NOTE)] == ["one\ntwo\tthree\n"]


def test_assigning_to_nobody_takes_the_case_from_everyone():
    desk = Desk()
    desk.act(Assign(to="bob"), key="1")
    assert desk.state.assignee == "bob"
    desk.act(Assign(to=None), key="2")
    assert desk.state.assignee is None


def test_a_priority_overrides_what_the_text_says():
    desk = Desk()
    desk.act(Prioritise(to=Urgency.CRITICAL))
    assert desk.state.effective_priority is Urgency.CRITICAL


def test_two_actions_within_one_second_keep_their_order():
    desk = Desk()
    desk.act(move("resolve"), key="z")
    desk.act(move("reopen"), key="a")  # sorts before the other by its key
    assert desk.state.status is CaseStatus.NEW
    desk.act(move("hold"), key="z2")
    desk.act(move("open"), key="a2")
    assert desk.state.status is CaseStatus.OPEN


# --- once and only once ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", INTENTS)
def test_a_repeat_gives_the_first_result_even_when_it_is_no_longer_allowed(kind):
    desk = Desk()
    status = next(status for status, k in EVERY_PAIR if k is kind and _allows(status, kind))
    desk.bring_to(status)
    first = desk.act(INTENTS[kind])
    if desk.state.status is not CaseStatus.SPAM:
        desk.act(move("spam"), minutes=11, key="k2")
    before = desk.table.everything()
    again = desk.act(INTENTS[kind], minutes=90)
    assert (again.event, again.reply_id, again.repeated) == (first.event, first.reply_id, True)
    assert desk.table.everything() == before


def _allows(status, kind):
    desk = Desk()
    desk.bring_to(status)
    return kind in allowed_actions(desk.state)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Note(text="one"), Note(text="two")),
        (Note(text="one"), AnswerCustomer(text="one")),
        (AnswerCustomer(text="one"), AnswerCustomer(text="one", private=True)),
        (AnswerCustomer(text="one"), AnswerCustomer(text="one", then=EventKind.WAIT)),
        (AnswerCustomer(text="one", then=EventKind.WAIT), move("wait")),
        (Assign(to="ann"), Assign(to="bob")),
        (move("hold"), move("wait")),
    ],
    ids=repr,
)
def test_another_request_under_the_same_key_is_refused(first, second):
    desk = Desk()
    desk.act(first)
    before = desk.table.everything()
    with pytest.raises(IdempotencyMismatch):
        desk.act(second)
    assert desk.table.everything() == before


def test_a_key_counts_for_its_agent_only():
    desk = Desk()
    desk.act(Note(text="one"), actor="ann")
    desk.act(Note(text="two"), actor="bob")
    assert sorted(event.text for event in desk.events(EventKind.NOTE)) == ["one", "two"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["ann", "bob"]), min_size=2, max_size=5), st.booleans())
def test_requests_at_the_same_time_are_done_once_each(actors, same_key):
    desk = Desk()
    keys = ["k" if same_key else f"k{number}" for number in range(len(actors))]
    barrier, failures = Barrier(len(actors)), []

    def work(actor, key):
        barrier.wait()
        try:
            desk.act(AnswerCustomer(text="we are on it"), key=key, actor=actor)
        except BaseException as error:  # noqa: BLE001  shown by the test
            failures.append(error)

    threads = [Thread(target=work, args=pair) for pair in zip(actors, keys, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    wanted = len(set(zip(actors, keys, strict=True)))
    assert len(desk.events(EventKind.REPLY)) == len(desk.state.outbox) == wanted
    assert len({decode_reply(body) for body in desk.queues.sent["replies"]}) == wanted


# --- answers --------------------------------------------------------------------------------------------------


def test_an_answer_goes_into_the_outbox_and_onto_the_queue():
    desk = Desk(wrote("100", 0, channel="x.care", account_id="901"))
    result = desk.act(AnswerCustomer(text="we are on it"), minutes=10)
    [body] = desk.queues.sent["replies"]
    reply = desk.cases.reply(decode_reply(body))
    assert reply.reply_id == result.reply_id
    assert (reply.case_id, reply.platform, reply.channel, reply.account_id) == (desk.case_id, "x", "x.care", "901")
    assert (reply.parent_id, reply.customer_id, reply.private) == ("100", "501", False)
    assert (reply.text, reply.actor, reply.status) == ("we are on it", "ann", ReplyStatus.QUEUED)
    assert (reply.asked_at, reply.next_at) == (at(10), at(11))
    assert desk.state.outbox == (reply.reply_id,)
    assert [event.text for event in desk.events(EventKind.REPLY)] == ["we are on it"]


def test_a_lost_queue_message_is_found_by_the_sweep():
    desk = Desk()
    result = desk.act(AnswerCustomer(text="we are on it"), minutes=10)
    assert (DueKind.REPLY, result.reply_id) in {(entry.kind, entry.id) for entry in desk.cases.due(at(11), limit=10)}


def test_the_latest_message_is_answered_unless_another_is_named():
    desk = Desk(wrote("100", 0), wrote("101", 1, parent_id="100"))
    desk.act(AnswerCustomer(text="to the latest"), key="1")
    desk.act(AnswerCustomer(text="to the first", to_message_id="100"), key="2")
    parents = {desk.cases.reply(reply_id).text: desk.cases.reply(reply_id).parent_id for reply_id in desk.state.outbox}
    assert parents == {"to the latest": "101", "to the first": "100"}


def test_a_deleted_message_is_not_answered():
    desk = Desk(wrote("100", 0), wrote("101", 1, parent_id="100"), deleted("101", 2))
    with pytest.raises(Refused, match="deleted by its author"):
        desk.act(AnswerCustomer(text="hello", to_message_id="101"))
    result = desk.act(AnswerCustomer(text="hello"))
    assert desk.cases.reply(result.reply_id).parent_id == "100"


def test_nothing_is_left_to_answer():
    desk = Desk(wrote("100", 0), deleted("100", 2))
    with pytest.raises(Refused, match="nothing is left"):
        desk.act(AnswerCustomer(text="hello"))


def test_our_own_message_is_nothing_to_answer():
    desk = Desk(wrote("100", 0), answered("102", 5, "100"))
    with pytest.raises(ActionInvalid, match="that the customer wrote"):
        desk.act(AnswerCustomer(text="hello", to_message_id="102"))


def test_a_message_of_another_case_is_nothing_to_answer_here():
    desk = Desk(wrote("100", 0), wrote("200", 1, who="502"))
    other = {"100": "200", "200": "100"}[desk.state.latest_key.split("|")[1]]
    with pytest.raises(ActionInvalid, match="in this case"):
        desk.act(AnswerCustomer(text="hello", to_message_id=other))


@pytest.mark.parametrize(("wanted", "sent_privately"), [(None, True), (True, True)])
def test_a_private_message_is_answered_in_private(wanted, sent_privately):
    desk = Desk(wrote("100", 0, private=True, thread_id="501-900"))
    result = desk.act(AnswerCustomer(text="hello", private=wanted))
    assert desk.cases.reply(result.reply_id).private is sent_privately
    assert desk.cases.reply(result.reply_id).customer_id == "501"


def test_a_private_message_is_never_answered_in_public():
    desk = Desk(wrote("100", 0, private=True, thread_id="501-900"))
    with pytest.raises(Refused, match="in private"):
        desk.act(AnswerCustomer(text="hello", private=False))


def test_a_public_message_may_be_answered_in_private():
    desk = Desk()
    result = desk.act(AnswerCustomer(text="hello", private=True))
    assert desk.cases.reply(result.reply_id).private


def test_what_the_platform_would_refuse_is_refused_before_anything_is_stored():
    desk = Desk()
    before = desk.table.everything()
    with pytest.raises(Refused, match="Too long"):
        desk.act(AnswerCustomer(text="x" * 21))
    assert desk.table.everything() == before
    assert desk.queues.sent == {}


def test_a_platform_that_we_cannot_answer():
    desk = Desk(wrote("100", 0, platform="letters", channel="letters.main"))
    with pytest.raises(Refused, match="cannot answer on letters"):
        desk.act(AnswerCustomer(text="hello"))


def test_the_answer_stays_with_the_case_that_took_over():
    """The case answered becomes an alias; the repeat finds what the first request left."""
    desk = Desk(wrote("104", 26, parent_id="103"))
    asked_id = desk.case_id
    first = desk.act(AnswerCustomer(text="hello"), minutes=27)
    take(desk.cases, [wrote("100", 1), wrote("103", 25, parent_id="100")])
    again = desk.act(AnswerCustomer(text="hello"), minutes=28, case_id=asked_id)
    assert again.repeated
    assert (again.event, again.reply_id) == (first.event, first.reply_id)
    assert again.case_id != asked_id


# --- an answer that also moves the case -----------------------------------------------------------------------


def test_answer_and_wait():
    desk = Desk()
    desk.act(AnswerCustomer(text="which flight?", then=EventKind.WAIT))
    assert desk.state.status is CaseStatus.WAITING_CUSTOMER
    assert desk.state.waiting_since is not None


@pytest.mark.parametrize("seconds", [-3, 0, 1, 240], ids="receipt {} s after the request".format)
@pytest.mark.parametrize("then", [EventKind.RESOLVE, None])
def test_a_resolve_waits_for_the_receipt(seconds, then):
    """The platform's clock and ours differ: its time of the answer may lie before our request for it."""
    desk = Desk()
    result = desk.act(AnswerCustomer(text="here it is", then=then), minutes=10)
    assert desk.state.status is CaseStatus.OPEN
    assert desk.state.resolve_pending is (then is not None)
    desk.receipt(result, 10 + seconds / 60)
    assert desk.state.outbox == ()
    assert desk.state.status is (CaseStatus.RESOLVED if then else CaseStatus.OPEN)
    outcomes = [clock.outcome.value for clock in desk.cases.ended_clocks(desk.case_id)]
    assert outcomes == (["met", "met"] if then else ["met"])


@pytest.mark.parametrize("seconds", [0, 1, 240], ids="failure {} s after the request".format)
def test_a_resolve_is_dropped_when_the_answer_fails(seconds):
    desk = Desk()
    result = desk.act(AnswerCustomer(text="here it is", then=EventKind.RESOLVE), minutes=10)
    failed = action(
        EventKind.REPLY_FAILED,
        action_id=result.reply_id,
        at=at(10 + seconds / 60),
        actor="earshot",
        text="The platform says no.",
        detail={"reply_id": result.reply_id},
        book=1,
    )
    desk.cases.commit(commit_for(desk.case, [failed], store=desk.cases, promises=PROMISES, now=at(15)))
    assert desk.state.status is CaseStatus.OPEN
    assert (desk.state.outbox, desk.state.failure) == ((), "The platform says no.")
    assert not desk.state.resolve_pending


def test_an_author_without_a_name_can_be_answered_in_public():
    desk = Desk(fact(FactKind.MENTION, "100", 0, text="hello"))
    result = desk.act(AnswerCustomer(text="hello"))
    assert desk.cases.reply(result.reply_id).customer_id is None
    assert desk.state.author in (None, Author(id="?100"))


@pytest.mark.parametrize(("has_keys", "warned"), [(True, False), (None, False), (False, True)])
def test_whoever_asks_for_an_answer_hears_at_once_that_the_channel_has_no_keys(has_keys, warned):
    desk = Desk()
    desk.ports = replace(desk.ports, has_keys=lambda channel, account: {("x.main", "900"): has_keys}[channel, account])
    for _ in range(2):  # also the second time
        assert bool(desk.act(AnswerCustomer(text="we are on it")).warning) is warned
    assert desk.act(Note(text="called the desk"), key="k2").warning is None
