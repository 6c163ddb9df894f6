"""Killed before or after any call to the outside, and driven on: one post, and the same table."""

import json
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.ports.cases import ReplyStatus
from chalicelib.ports.connector.replying import Refused
from tests.usecases.platform import Desk, echo
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death
from tests.usecases.world import at, deleted, take, wrote

# Who was killed comes later, and counts one more attempt.
INCIDENTAL = {"version", "attempts", "received_at", "expires_at", "at", "last", "last_at"}


def plain():
    return Desk()


def with_a_lost_answer():
    desk = Desk()
    desk.platform.script.append("lost")
    return desk


def with_a_lost_answer_and_an_echo():
    desk = with_a_lost_answer()
    desk.platform.on_post = lambda post: take(desk.cases, [echo(post["id"])])
    return desk


def with_a_follow_up_on_the_way():
    desk = Desk()
    desk.platform.on_post = lambda post: take(desk.cases, [wrote("800", 12, parent_id=post["id"])])
    return desk


def refused():
    desk = Desk()
    desk.connector.errors = {"refused": Refused("They have blocked us.", code="blocked")}
    desk.platform.refuses = "refused"
    return desk


def gone():
    desk = Desk()
    take(desk.cases, [deleted("100", 9.8)])
    return desk


def without_keys_until_later():
    desk = Desk()

    class Late:
        def send_secrets(self, channel, account_id, *, fresh):
            desk.secrets.missing = desk.now < at(40)
            return desk.secrets.send_secrets(channel, account_id, fresh=fresh)

    desk.late_secrets = Late()
    return desk


STORIES = {
    made.__name__: made
    for made in (
        plain,
        with_a_lost_answer,
        with_a_lost_answer_and_an_echo,
        with_a_follow_up_on_the_way,
        refused,
        gone,
        without_keys_until_later,
    )
}


def wired(desk, counter):
    """The ports, every call counted."""
    secrets = getattr(desk, "late_secrets", desk.secrets)
    return {
        "store": Tripwire(desk.cases, counter),
        "http": Tripwire(desk.platform, counter),
        "secrets": Tripwire(secrets, counter),
        "alerts": Tripwire(desk.alerts, counter),
        "queues": Tripwire(desk.queues, counter),
        "alarms": Tripwire(desk.ports.alarms, counter),
    }


def run(desk, counter):
    """From the queue's message until nothing is due any more."""
    ports = wired(desk, counter)
    desk.deliver(**ports)
    desk.redrive(**ports)


def essence(table):
    return {key: _essence(item) for key, item in table.everything().items() if key[0] != "ALARM"}


def _essence(value):
    if isinstance(value, str) and value.startswith("{"):
        value = json.loads(value)
    if isinstance(value, dict):
        return {name: _essence(inner) for name, inner in value.items() if name not in INCIDENTAL}
    return [_essence(inner) for inner in value] if isinstance(value, list) else value


@cache
def undisturbed(story):
    desk, counter = STORIES[story](), Counter()
    run(desk, counter)
    return essence(desk.table), [post["text"] for post in desk.platform.posts], counter.calls


@pytest.mark.parametrize("story", STORIES)
def test_killed_anywhere_and_driven_on(story):
    table, posts, calls = undisturbed(story)
    assert calls >= 4
    for death in every_death(calls):
        desk = STORIES[story]()
        with pytest.raises(Killed):
            run(desk, death)
        run(desk, Counter())
        assert [post["text"] for post in desk.platform.posts] == posts, death
        assert essence(desk.table) == table, death


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(STORIES)), st.lists(st.builds(Counter, st.integers(1, 14), st.booleans()), max_size=5))
def test_killed_again_and_again(story, deaths):
    table, posts, _ = undisturbed(story)
    desk = STORIES[story]()
    for death in deaths:
        try:
            run(desk, replace(death))
        except Killed:
            continue
    run(desk, Counter())
    assert [post["text"] for post in desk.platform.posts] == posts
    assert essence(desk.table) == table


def test_the_stories_end_as_they_should():
    endings = {story: STORIES[story]() for story in STORIES}
    for desk in endings.values():
        run(desk, Counter())
    failed = {story: desk.item.status for story, desk in endings.items() if desk.item.status is not ReplyStatus.SENT}
    assert failed == {"refused": ReplyStatus.FAILED, "gone": ReplyStatus.DROPPED}
    assert endings["without_keys_until_later"].alerts.messages
