"""Users and their tokens."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.access import TableUsers, new_token
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.ports.access import Role, UnknownUser, UserExists
from chalicelib.ports.table import Conflict
from tests.usecases.world import at, items_with

TOKEN, OTHER = "first-" + "a" * 37, "second-" + "b" * 36


@pytest.fixture
def users():
    return TableUsers(MemoryTable())


def stored(users):
    return users._table.everything()


def test_a_token_says_whose_it_is(users):
    user = users.add("ann", Role.LEAD, TOKEN, at(0))
    assert (user.name, user.role, user.created_at, user.token_end) == ("ann", Role.LEAD, at(0), "aaaa")
    assert users.by_token(TOKEN) == users.named("ann") == user


@pytest.mark.parametrize("guess", ["", "x", TOKEN[:-1], TOKEN + "a", TOKEN.upper(), "é" * 40])
def test_nothing_else_does(users, guess):
    users.add("ann", Role.AGENT, TOKEN, at(0))
    assert users.by_token(guess) is None


def test_the_token_itself_is_stored_nowhere(users):
    users.add("ann", Role.AGENT, TOKEN, at(0))
    users.rotate("ann", OTHER, at(1))
    assert items_with(users._table, TOKEN) == items_with(users._table, OTHER) == []
    assert items_with(users._table, "ann")  # so the search finds what is there


def test_recognising_a_user_costs_one_read_of_one_item():
    class Counted(MemoryTable):
        reads = 0

        def get(self, keys):
            self.reads += len(keys)
            return super().get(keys)

    table = Counted()
    TableUsers(table).add("ann", Role.AGENT, TOKEN, at(0))
    table.reads = 0
    TableUsers(table).by_token(TOKEN)
    assert table.reads == 1


def test_another_token_voids_the_first(users):
    users.add("ann", Role.LEAD, TOKEN, at(0))
    user = users.rotate("ann", OTHER, at(9))
    assert (user.role, user.created_at, user.token_at, user.token_end) == (Role.LEAD, at(0), at(9), "bbbb")
    assert users.by_token(TOKEN) is None
    assert users.by_token(OTHER) == user
    assert len(stored(users)) == 2


def test_a_removed_user_keeps_the_name_and_loses_the_token(users):
    users.add("ann", Role.AGENT, TOKEN, at(0))
    assert users.remove("ann").disabled
    assert users.by_token(TOKEN) is None
    assert [(user.name, user.disabled) for user in users.everyone()] == [("ann", True)]
    assert len(stored(users)) == 1


def test_a_removed_user_may_come_back(users):
    users.add("ann", Role.ADMIN, TOKEN, at(0))
    users.remove("ann")
    user = users.add("ann", Role.AGENT, OTHER, at(9))
    assert (user.role, user.disabled, user.created_at, user.token_at) == (Role.AGENT, False, at(0), at(9))
    assert users.by_token(TOKEN) is None
    assert users.by_token(OTHER) == user


def test_a_name_is_given_once(users):
    users.add("ann", Role.AGENT, TOKEN, at(0))
    with pytest.raises(UserExists):
        users.add("ann", Role.ADMIN, OTHER, at(1))
    assert users.by_token(TOKEN).role is Role.AGENT


@pytest.mark.parametrize(
    "do", [lambda u: u.remove("ann"), lambda u: u.rotate("ann", OTHER, at(1))], ids=["remove", "rotate"]
)
def test_what_is_not_there_cannot_be_changed(users, do):
    with pytest.raises(UnknownUser):
        do(users)
    users.add("ann", Role.AGENT, TOKEN, at(0))
    users.remove("ann")
    with pytest.raises(UnknownUser):
        do(users)


@pytest.mark.parametrize(
    "change",
    [
        lambda u: u.remove("ann"),
        lambda u: u.rotate("ann", OTHER, at(1)),
        lambda u: u.add("bob", Role.AGENT, OTHER, at(1)),
    ],
    ids=["remove", "rotate", "add"],
)
def test_two_at_the_same_time_do_not_undo_each_other(change):
    """Somebody else does the same between our read and our write."""

    class Overtaken(MemoryTable):
        other = None

        def write(self, writes):
            other, self.other = self.other, None
            if other:
                other(TableUsers(self))
            super().write(writes)

    table = Overtaken()
    TableUsers(table).add("ann", Role.AGENT, TOKEN, at(0))
    table.other = change
    with pytest.raises(Conflict):
        change(TableUsers(table))


def test_everyone_by_name(users):
    for name in ("zoe", "ann", "bob@example.org"):
        users.add(name, Role.AGENT, new_token(), at(0))
    assert [user.name for user in users.everyone()] == ["ann", "bob@example.org", "zoe"]


def test_tokens_are_long_random_and_fit_a_header():
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}
    assert set("".join(tokens)) <= set(string.ascii_letters + string.digits + "-_")


@given(st.sampled_from(Role), st.sampled_from(Role))
def test_roles_stand_in_one_line(one, other):
    assert one.covers(other) or other.covers(one)
    assert (one.covers(other) and other.covers(one)) is (one is other)
    assert Role.ADMIN.covers(one)
    assert one.covers(Role.AGENT)
