"""What a channel says of a message that it did not hear, or of somebody else's, changes nothing."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.ports.cases import Labelled
from chalicelib.usecases import casework
from tests.usecases import world
from tests.usecases.world import MORNING, answered, deleted, edited, fact, outcome, store, wrote

OTHERS = {"channel": "x.other", "account_id": "700"}


class Told:
    """A store, everything that was taken into it, and what was not believed."""

    def __init__(self, *facts: Fact, batch: int = 1) -> None:
        self.table, self.cases = store()
        self.disbelieved: list[Fact] = []
        self.take(*facts, batch=batch)

    def take(self, *facts: Fact, batch: int = 1) -> None:
        ports = replace(world.ports(self.cases), tell_disbelieved=self.disbelieved.append)
        for begin in range(0, len(facts), batch):
            casework.take([Labelled(fact=one) for one in facts[begin : begin + batch]], ports)

    @property
    def outcome(self) -> list[object]:
        return outcome(self.table, self.cases)

    @property
    def everything(self) -> str:
        return str(self.table.everything())


IN_ORDER = Told(*MORNING).outcome
IDS = sorted({one.message_id for one in MORNING} | {"505-900", "never-reported"})


@st.composite
def lies(draw):
    """What whoever has the secret of another channel may say: of any message, about anybody."""
    kind = draw(st.sampled_from([k for k in FactKind if k is not FactKind.MENTION]))
    who = draw(st.sampled_from([None, *(Author(id=i) for i in ("501", "502", "504", "505", "900", "700"))]))
    values = dict(OTHERS, account_id=draw(st.sampled_from(["700", "900"])), author=who, text="a lie")
    if kind is FactKind.ANSWER:
        private = draw(st.booleans())
        place = {"thread_id": "505-900", "customer_id": "505"} if private else {"parent_id": draw(st.sampled_from(IDS))}
        values |= {"private": private, **place}
    return fact(kind, draw(st.sampled_from(IDS)), draw(st.integers(0, 100)), **values)


@settings(max_examples=150, deadline=None)
@given(st.lists(lies(), min_size=1, max_size=6), st.data())
def test_no_lie_of_another_channel_changes_a_case_whenever_it_comes(told, data):
    facts = data.draw(st.permutations([*MORNING, *told]))
    after = Told(*facts, batch=data.draw(st.integers(1, 10)))
    assert after.outcome == IN_ORDER
    deletions = [
        lie for lie in told if lie.kind is FactKind.DELETE and lie.message_id not in ("never-reported", "505-900")
    ]
    assert {told_by(lie) for lie in after.disbelieved} >= {told_by(lie) for lie in deletions}


def told_by(lie: Fact) -> tuple[object, ...]:
    """The same thing said twice by one channel, for one account, of one author, is one lie."""
    return (lie.kind, lie.message_id, lie.channel, lie.account_id, lie.author)


MESSAGE = wrote("100", 0, text="SECRET")
UNBELIEVABLE = {
    "a deletion by another channel": deleted("100", 5, **OTHERS),
    "a deletion that claims the account": deleted("100", 5, channel="x.other"),
    "a deletion by another author": deleted("100", 5, author=Author(id="666")),
    "an edit by another channel": edited("100", 5, "a lie", **OTHERS),
    "an edit by another author": edited("100", 5, "a lie", author=Author(id="666")),
    "hiding by another channel": fact(FactKind.HIDE, "100", 5, **OTHERS),
    "an answer of another channel": answered("101", 5, "100", **OTHERS),
}


@pytest.mark.parametrize("name", UNBELIEVABLE)
def test_what_is_not_believed_leaves_the_message_alone_and_is_told_once(name):
    lie = UNBELIEVABLE[name]
    alone = Told(MESSAGE).outcome
    for facts in ([MESSAGE, lie, lie, MESSAGE], [lie, MESSAGE, lie], [lie, lie, MESSAGE]):
        after = Told(*facts)
        assert after.outcome == alone
        assert after.disbelieved == [lie]


def test_an_answer_that_claims_the_id_of_a_message_keeps_nobody_unheard():
    claim = answered("100", 0, None, **OTHERS)
    assert Told(claim, MESSAGE).outcome == Told(MESSAGE).outcome == Told(MESSAGE, claim).outcome


def test_an_answer_that_claims_the_id_of_an_answer_hides_none():
    claim, answer = answered("101", 1, None, **OTHERS), answered("101", 5, "100")
    assert Told(MESSAGE, claim, answer).outcome == Told(MESSAGE, answer).outcome == Told(MESSAGE, answer, claim).outcome


BELIEVED = {
    "its own channel": deleted("100", 5),
    "its own channel, for another account": deleted("100", 5, account_id="901"),
    "its author": deleted("100", 5, author=Author(id="501")),
    "a channel that has the account by its settings": deleted("100", 5, channel="x.other", own_account=True),
}


@pytest.mark.parametrize("name", BELIEVED)
def test_a_deletion_that_agrees_takes_the_text_in_any_order_beside_any_lie(name):
    facts = [MESSAGE, BELIEVED[name], UNBELIEVABLE["a deletion by another channel"], edited("100", 2, "SECRET too")]
    for order in permutations(facts):
        after = Told(*order)
        assert "SECRET" not in after.everything
        assert after.outcome == Told(*facts).outcome


def test_a_tombstone_of_another_channel_purges_neither_the_text_nor_its_edit():
    lie, edit = deleted("100", 5, **OTHERS), edited("100", 2, "SECRET too")
    for order in permutations([MESSAGE, edit, lie]):
        after = Told(*order)
        assert after.outcome == Told(MESSAGE, edit).outcome
        assert after.disbelieved == [lie]


def test_a_post_that_names_two_brands_is_heard_by_both():
    heard_there = replace(MESSAGE, **OTHERS)
    for last in (deleted("100", 5, **OTHERS), answered("101", 5, "100", **OTHERS), edited("100", 5, "new", **OTHERS)):
        results = [Told(*order) for order in permutations([MESSAGE, heard_there, last])]
        assert all(result.outcome == results[0].outcome for result in results)
        assert len(results[0].outcome) == 1
        assert results[0].outcome != Told(MESSAGE).outcome
    assert Told(MESSAGE, heard_there).disbelieved == []


@pytest.mark.parametrize(
    "changed",
    [
        {"author": Author(id="666")},
        {"author": None},
        {"text": "SECRET and more than that"},
        {"occurred_at": world.at(-999)},
        {"private": True},
    ],
    ids=str,
)
def test_a_report_of_another_channel_that_says_something_else_changes_nothing(changed):
    lie = replace(MESSAGE, **OTHERS, **changed)
    after = Told(MESSAGE, lie, deleted("100", 5, **OTHERS))
    assert after.outcome == Told(MESSAGE).outcome
    assert lie in after.disbelieved


def test_what_was_heard_in_private_is_heard_by_one_channel_only():
    message = wrote("121", 0, private=True, thread_id="501-900", text="SECRET")
    same, gone = replace(message, **OTHERS), deleted("121", 5, **OTHERS)
    answer = answered("122", 5, None, private=True, thread_id="501-900", customer_id="501", **OTHERS)
    after = Told(message, same, gone, answer)
    assert after.outcome == Told(message).outcome
    assert after.disbelieved == [same, gone, answer]


def test_whoever_wrote_it_is_known_later_and_nothing_was_lost_meanwhile():
    nameless = replace(MESSAGE, author=None)
    after = Told(nameless, MESSAGE, deleted("100", 5, author=Author(id="666")))
    assert "SECRET" in after.everything
    after.take(deleted("100", 6, author=Author(id="501")))
    assert "SECRET" not in after.everything
