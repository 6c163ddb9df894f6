"""An agent joins two cases: what is refused, what is foreseen, and that one case is left whatever interrupts it."""

from dataclasses import replace

import pytest

from chalicelib.domain.clock import Outcome
from chalicelib.domain.events import EventKind
from chalicelib.usecases import merging
from chalicelib.usecases.act import AnswerCustomer, Assign, IdempotencyMismatch, MoveCase, NotAllowed, Note
from chalicelib.usecases.cases.moving import UnknownCase, current_case
from chalicelib.usecases.merging import MergeRefused
from tests.usecases.test_act import Desk
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death
from tests.usecases.world import PROMISES, answered, at, no_waiting, outcome, take, wrote

MERGED_AT = 60
PUBLIC = wrote("100", 0, thread_id="100")
# More events than move in one transaction, so that a move can be cut in two.
PRIVATE = [wrote(f"{200 + number}", 5 + number, private=True, thread_id="501-900") for number in range(12)]
REPLY = answered("300", 30, None, private=True, thread_id="501-900", customer_id="501")
OTHERS = wrote("500", 10, who="502", thread_id="500", text="mine too")


class Office(Desk):
    """A desk with several cases, named by a message of theirs."""

    def of(self, message_id):
        case_id = self.cases.addresses("x", [message_id])[message_id].case_id
        assert case_id
        return case_id

    def merging_ports(self, cases=None):
        return merging.Ports(store=cases or self.cases, promises=PROMISES, backoff=no_waiting)

    def join(self, going, staying, *, key="1", cases=None, minutes=MERGED_AT, **values):
        request = merging.MergeRequest(from_id=going, actor="ann", idempotency_key=key, **values)
        return merging.merge(staying, request, ports=self.merging_ports(cases), now=at(minutes))

    def foresee(self, going, staying, minutes=MERGED_AT, **values):
        return merging.preview(staying, going, ports=self.merging_ports(), now=at(minutes), **values)

    def found(self, case_id):
        case, _ = current_case(case_id, store=self.cases, promises=PROMISES, now=at(MERGED_AT), backoff=no_waiting)
        return case


def two_cases():
    """The office, the case that goes and the one that stays."""
    office = Office(PUBLIC, *PRIVATE, REPLY)
    return office, office.of("200"), office.of("100")


# --- what comes of it -------------------------------------------------------------------------------------------


def test_one_case_is_left_with_the_events_of_both():
    office, going, staying = two_cases()
    result = office.join(going, staying)
    assert (result.case_id, result.event.detail["from"], result.repeated) == (staying, going, False)
    assert result.state == office.found(staying).state
    events = office.cases.events(staying)
    assert sum(event.kind is EventKind.MENTION for event in events) == 13
    assert {event.origin for event in events} == {None, going}
    assert not office.cases.events(going)
    assert office.found(going).case_id == staying
    ended = {clock.id: (clock.outcome, clock.reason) for clock in office.cases.ended_clocks(staying)}
    assert ended["frt:x|200|mention"] == (Outcome.MET, None)
    assert ended["res:x|200|mention"] == (Outcome.CANCELLED, "merged")
    assert not office.cases.ended_clocks(going)


def test_what_comes_later_goes_to_the_case_that_is_left():
    office, going, staying = two_cases()
    office.join(going, staying)
    take(office.cases, [wrote("400", 90, private=True, thread_id="501-900"), answered("401", 95, "100")])
    assert office.of("400") == staying
    assert office.found(staying).state.messages == 14


def test_an_answer_goes_to_the_author_of_its_message():
    office = Office(PUBLIC, OTHERS)
    office.join(office.of("500"), office.of("100"), other_customer=True)
    result = office.act(AnswerCustomer(text="on it", to_message_id="500"), case_id=office.of("100"), minutes=70)
    assert office.cases.reply(result.reply_id).customer_id == "502"


def test_one_that_was_resolved_waits_again():
    office, going, staying = two_cases()
    take(office.cases, [wrote("220", 31, private=True, thread_id="501-900")])
    office.act(MoveCase(kind=EventKind.RESOLVE), minutes=40, case_id=going)
    take(office.cases, [answered("101", 45, "100")])
    assert f"{going} was resolved; what nobody has answered in it waits again." in office.foresee(going, staying).words
    state = office.join(going, staying).state
    assert (state.is_closed, state.waiting_since) == (False, None)  # the answer in public came after it


def test_a_repeat_changes_nothing():
    office, going, staying = two_cases()
    first = office.join(going, staying)
    before = office.table.everything()
    again = office.join(going, staying, minutes=90)
    assert (again.event, again.case_id, again.repeated) == (first.event, staying, True)
    assert office.table.everything() == before


def test_a_key_counts_for_one_request():
    office = Office(PUBLIC, *PRIVATE[:1], wrote("600", 9, thread_id="600"))
    staying = office.of("100")
    office.join(office.of("200"), staying)
    with pytest.raises(IdempotencyMismatch):
        office.join(office.of("600"), staying)
    assert office.of("600") != staying


def test_one_key_used_in_both_cases_stays_two_actions():
    office = Office(PUBLIC, *PRIVATE[:1], *(wrote(str(number), 9, thread_id=str(number)) for number in (600, 601)))
    going, staying = office.of("200"), office.of("100")
    office.act(Note(text="of the first"), key="n", case_id=staying, minutes=20)
    office.act(Note(text="of the second"), key="n", case_id=going, minutes=21)
    office.join(office.of("600"), going, key="m")
    office.join(office.of("601"), staying, key="m")
    office.join(going, staying, key="m2")
    events = office.cases.events(staying)
    assert sorted(event.text for event in events if event.kind is EventKind.NOTE) == ["of the first", "of the second"]
    assert sum(event.kind is EventKind.MERGE for event in events) == 3
    assert office.found(staying).state.apart == frozenset()
    assert office.found(staying).state.messages == 4


# --- what is refused --------------------------------------------------------------------------------------------


def refusal(office, going, staying, **values):
    """The code of the refusal, which preview and merge share, and which leaves everything as it was."""
    before = office.table.everything()
    with pytest.raises(MergeRefused) as foreseen:
        office.foresee(going, staying, **values)
    with pytest.raises(MergeRefused) as refused:
        office.join(going, staying, key="another", **values)
    assert (str(foreseen.value), foreseen.value.code) == (str(refused.value), refused.value.code)
    assert office.table.everything() == before
    return refused.value.code


def test_a_case_is_not_joined_to_itself_or_twice():
    office, going, staying = two_cases()
    assert refusal(office, staying, staying) == "same_case"
    office.join(going, staying)
    assert refusal(office, going, staying) == "already_merged"
    assert refusal(office, staying, going) == "same_case"


def test_an_alias_does_not_drag_along_what_it_is_part_of():
    office = Office(PUBLIC, *PRIVATE[:1], wrote("600", 9, thread_id="600"))
    going, staying, third = office.of("200"), office.of("100"), office.of("600")
    office.join(going, staying)
    with pytest.raises(MergeRefused, match=f"{going} is part of {staying} already: name that one"):
        office.join(going, third, key="2")


def test_a_case_that_is_not_there():
    office, going, staying = two_cases()
    for pair in ((going, "c0"), ("c0", staying)):
        with pytest.raises(UnknownCase):
            office.foresee(*pair)
        with pytest.raises(UnknownCase):
            office.join(*pair)


def test_two_accounts_need_a_word():
    office = Office(PUBLIC, OTHERS)
    going, staying = office.of("500"), office.of("100")
    assert refusal(office, going, staying) == "other_customer"
    assert office.join(going, staying, other_customer=True).case_id == staying


def test_what_two_accounts_said_in_private_stays_apart():
    mine = wrote("700", 3, private=True, thread_id="700", who="501")
    theirs = wrote("800", 4, private=True, thread_id="800", who="502")
    office = Office(mine, theirs)
    assert refusal(office, office.of("800"), office.of("700"), other_customer=True) == "private"
    # One person may have one id in public and another in private.
    office = Office(PUBLIC, theirs)
    seen = office.foresee(office.of("800"), office.of("100"), other_customer=True)
    assert "One of them was written in private: do not repeat in public what it says." in seen.words


def test_cases_of_two_platforms_stay_apart():
    elsewhere = wrote("900", 5, platform="facebook", channel="facebook.main", thread_id="900")
    office = Office(PUBLIC, elsewhere)
    other = office.cases.addresses("facebook", ["900"])["900"].case_id
    assert refusal(office, other, office.of("100"), other_customer=True) == "other_platform"


@pytest.mark.parametrize("kind", [EventKind.RESOLVE, EventKind.SPAM])
def test_nobody_who_waits_is_put_into_a_closed_case(kind):
    office, going, staying = two_cases()
    office.act(MoveCase(kind=kind), case_id=staying, minutes=40)
    with pytest.raises(NotAllowed, match="merge is not possible now"):
        office.join(going, staying)


def test_spam_is_joined_to_nothing():
    office, going, staying = two_cases()
    office.act(MoveCase(kind=EventKind.SPAM), case_id=going, minutes=40)
    with pytest.raises(NotAllowed):
        office.join(going, staying)


# --- what is foreseen -------------------------------------------------------------------------------------------


def foretold(clock):
    return (clock.metric, clock.message_id), (clock.outcome, clock.due_at, clock.reason)


@pytest.mark.parametrize(
    ("facts", "moves"),
    [
        ([PUBLIC, *PRIVATE, REPLY], []),
        ([PUBLIC, wrote("200", -20, private=True, thread_id="501-900")], []),
        ([PUBLIC, answered("101", 10, "100"), wrote("200", 20, thread_id="200")], []),
        ([PUBLIC, wrote("200", 20, thread_id="200")], [MoveCase(kind=EventKind.RESOLVE)]),
        ([PUBLIC, wrote("200", 20, thread_id="200")], [Assign(to="bob"), MoveCase(kind=EventKind.WAIT)]),
    ],
)
def test_what_is_foreseen_is_what_comes(facts, moves):
    office = Office(*facts)
    going, staying = office.of("200"), office.of("100")
    for number, move in enumerate(moves):
        office.act(move, case_id=going, minutes=40 + number, key=f"m{number}")
    before = office.table.everything()
    seen = office.foresee(going, staying)
    assert office.table.everything() == before
    result = office.join(going, staying)
    clocks = {clock.id: clock for clock in (*result.state.running, *office.cases.ended_clocks(staying))}
    came = {
        (clock.metric.value, clock.message_key.split("|")[1]): (clock.outcome.value, clock.due_at, clock.reason)
        for clock in clocks.values()
    }
    assert seen.status == result.state.status
    assert {name: came[name] for name, _ in map(foretold, seen.clocks)} == dict(map(foretold, seen.clocks))
    assert {clock.id for clock in result.state.running} <= {f"{c.metric}:x|{c.message_id}|mention" for c in seen.clocks}


def test_what_is_foreseen_is_said_in_sentences():
    office = Office(PUBLIC, wrote("200", -20, private=True, thread_id="501-900"))
    office.act(Assign(to="bob"), case_id=office.of("200"), minutes=5)
    seen = office.foresee(office.of("200"), office.of("100"), minutes=30)
    assert [clock.text for clock in seen.clocks] == [
        "The first reply to message 200 goes on as it is: it is due in 10 min.",
        "The resolution to message 200 goes on as it is: it is due in 15 h 10 min.",
        "The first reply to message 100 is no promise of its own any more.",
        "The resolution to message 100 is no promise of its own any more.",
    ]
    assert seen.words == (
        f"{office.of('200')} becomes part of {office.of('100')}, with all that was said in it. "
        "Nothing takes that back.",
        "One of them was written in private: do not repeat in public what it says.",
        f"bob had {office.of('200')}; the case is with nobody then.",
    )


def test_a_promise_that_only_both_make_is_announced():
    office = Office(PUBLIC, answered("101", 10, "100"), wrote("200", 20, thread_id="200"))
    seen = office.foresee(office.of("200"), office.of("100"), minutes=30)
    texts = {clock.metric: clock.text for clock in seen.clocks if clock.message_id == "200"}
    assert texts["nrt"] == "The next reply to message 200 is promised from then on: it is due in 1 h 50 min."


# --- whatever interrupts it -------------------------------------------------------------------------------------


def test_killed_anywhere_and_asked_again():
    office, going, staying = two_cases()
    counter = Counter()
    result = office.join(going, staying, cases=Tripwire(office.cases, counter))
    assert counter.calls > 8
    undisturbed = outcome(office.table, office.cases)
    for death in every_death(counter.calls):
        office, going, staying = two_cases()
        with pytest.raises(Killed):
            office.join(going, staying, cases=Tripwire(office.cases, death))
        again = office.join(going, staying)
        assert (again.case_id, again.event) == (staying, result.event), death
        assert outcome(office.table, office.cases) == undisturbed, death


def test_killed_anywhere_whoever_meets_it_finishes_the_move():
    office, going, staying = two_cases()
    counter = Counter()
    office.join(going, staying, cases=Tripwire(office.cases, counter))
    undisturbed = outcome(office.table, office.cases)
    for death in every_death(counter.calls):
        office, going, staying = two_cases()
        untouched = outcome(office.table, office.cases)
        with pytest.raises(Killed):
            office.join(going, staying, cases=Tripwire(office.cases, death))
        is_done = office.found(going).case_id == staying
        assert outcome(office.table, office.cases) == (undisturbed if is_done else untouched), death


class Meanwhile:
    """A store in front of which somebody else acts once, right before a commit."""

    def __init__(self, cases, deed):
        self._cases, self._deed = cases, deed

    def __getattr__(self, name):
        return getattr(self._cases, name)

    def commit(self, commit):
        deed, self._deed = self._deed, lambda: None
        deed()
        self._cases.commit(commit)


def test_two_agents_who_join_the_cases_both_ways_at_once_leave_one_case():
    office, going, staying = two_cases()
    other_way = Meanwhile(office.cases, lambda: office.join(staying, going, key="2"))
    with pytest.raises(MergeRefused):
        office.join(going, staying, cases=other_way)
    assert office.found(staying).case_id == office.found(going).case_id == going
    assert office.found(going).state.messages == 13


def test_what_is_heard_while_it_is_joined_is_not_lost():
    office, going, staying = two_cases()
    late = wrote("250", 61, private=True, thread_id="501-900")
    office.join(going, staying, cases=Meanwhile(office.cases, lambda: take(office.cases, [late])))
    assert (office.of("250"), office.found(staying).state.messages) == (staying, 14)


def test_many_cases_joined_to_one():
    """Twenty threads of one person; each merge reads and writes no more than the last."""
    office = Office(*(wrote(f"{1000 + number}", number, thread_id=f"t{number}") for number in range(21)))
    staying = office.of("1000")
    calls = []
    for number in range(1, 21):
        counter = Counter()
        cases = Tripwire(office.cases, counter)
        office.join(office.of(f"{1000 + number}"), staying, key=f"{number}", cases=cases, minutes=30 + number)
        calls.append(counter.calls)
    assert calls == [calls[0]] * 20
    state = office.found(staying).state
    assert (state.messages, state.apart, [clock.message_key for clock in state.running]) == (
        21,
        frozenset(),
        ["x|1000|mention", "x|1000|mention"],
    )


def test_a_case_of_nobody_we_know_is_another_customers():
    office = Office(PUBLIC, replace(wrote("600", 9, thread_id="600"), author=None))
    assert refusal(office, office.of("600"), office.of("100")) == "other_customer"
