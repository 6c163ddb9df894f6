"""Asking platforms for what they do not tell: nothing is lost or skipped, and each account is alone in its trouble."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters.alarms import TableAlarms
from chalicelib.adapters.cursors import TableCursors
from chalicelib.adapters.memory.alerts import MemoryAlerts
from chalicelib.adapters.memory.outside import MemoryBodies, MemoryQueues
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.tokens import TableTokens
from chalicelib.ports.connector.calls import HttpCall, HttpResult
from chalicelib.ports.connector.manifest import PollFacts
from chalicelib.ports.connector.parsing import ChannelSettings
from chalicelib.ports.connector.polling import Heard
from chalicelib.ports.connector.replying import (
    NotAuthorised,
    Refused,
    Renew,
    Throttled,
    TokenExpired,
    Tokens,
    Unavailable,
)
from chalicelib.ports.inbound import MOST_INLINE_BYTES, decode
from chalicelib.ports.secrets import SecretMissing, SendSecrets
from chalicelib.ports.table import Conflict
from chalicelib.usecases import listen as listening
from chalicelib.usecases.listen import DELAYS_S, LEASE, MOST_CURSOR_CHARS, PEOPLE_S, Ports, listen
from chalicelib.usecases.replies.access import Access
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death

BEGIN = datetime(2026, 3, 2, 9, 0, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Timeline:
    """A platform that has numbered posts and shows some of them at a time, as its connector asks."""

    def __init__(self, posts: int = 0, at_once: int = 3) -> None:
        self.posts = posts
        self.at_once = at_once
        self.wrong: list[Exception] = []  # raised by the next polls
        self.asked: list[str] = []
        self.wish_s: float | None = None

    def perform(self, call: HttpCall) -> HttpResult:
        self.asked.append(call.url)
        if "/posts/" in call.url:
            return HttpResult(status=200, body=json.dumps([int(call.url.rpartition("/")[2])]).encode())
        after = int(call.params["after"])
        shown = list(range(after + 1, min(after + self.at_once, self.posts) + 1))
        return HttpResult(status=200, body=json.dumps(shown).encode())

    def poll(self, context):
        """As a connector would: slice by slice, until one is empty; then what is wanted."""
        if self.wrong:
            raise self.wrong.pop(0)
        after = (context.cursor or {"after": 0})["after"]
        while True:
            url = f"https://timeline.example/{context.account_id}"
            result = yield HttpCall(method="GET", url=url, params={"after": str(after)})
            shown = json.loads(result.body)
            if not shown:
                break
            after = shown[-1]
            assert (yield Heard(body=result.body, cursor={"after": after}, headers={"slice": "new"})) is None
        for wanted in context.wanted:
            result = yield HttpCall(method="GET", url=f"https://timeline.example/posts/{wanted}")
            yield Heard(body=result.body, got=(wanted,))
        return self.wish_s


class Keys:
    def __init__(self) -> None:
        self.missing = False
        self.fresh: list[bool] = []

    def send_secrets(self, channel: str, account_id: str, *, fresh: bool = False) -> SendSecrets:
        self.fresh.append(fresh)
        if self.missing and account_id:
            raise SecretMissing
        return SendSecrets(credentials={"token": f"token of {account_id or channel}"})


class Settings:
    def __init__(self, accounts: Mapping[str, tuple[str, ...]]) -> None:
        self.accounts = accounts

    def settings(self, channel: str) -> ChannelSettings:
        return ChannelSettings(accounts=frozenset(self.accounts.get(channel, ())))


@dataclass
class World:
    """A stage that listens to `a.main` for the account 900, at a time that moves."""

    channels: tuple[str, ...] = ("a.main",)
    accounts: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {"a.main": ("900",)})
    platforms: dict[str, Timeline] = field(default_factory=lambda: {"a": Timeline(4), "b": Timeline(2)})
    facts: PollFacts = field(default_factory=lambda: PollFacts(every=5 * MINUTE))
    now: datetime = BEGIN
    needs_keys: bool = True
    renewer: Renew | None = None
    table: MemoryTable = field(default_factory=MemoryTable)
    queues: MemoryQueues = field(default_factory=MemoryQueues)
    bodies: MemoryBodies = field(default_factory=MemoryBodies)
    alerts: MemoryAlerts = field(default_factory=MemoryAlerts)
    keys: Keys = field(default_factory=Keys)
    call_takes: timedelta = timedelta(0)

    @property
    def cursors(self) -> TableCursors:
        return TableCursors(self.table)

    def perform(self, call: HttpCall) -> HttpResult:
        self.now += self.call_takes
        platform = next(iter(self.platforms.values())) if len(self.platforms) == 1 else self.of(call)
        return platform.perform(call)

    def of(self, call: HttpCall) -> Timeline:
        return self.platforms["b" if call.url.endswith("/901") else "a"]

    @property
    def ports(self) -> Ports:
        return Ports(
            channels=lambda: self.channels,
            settings=Settings(self.accounts),
            secrets=self.keys,
            cursors=self.cursors,
            queues=self.queues,
            bodies=self.bodies,
            perform=self.perform,
            poll_of=self.platforms.__getitem__,
            facts_of=lambda _: self.facts,
            needs_keys=lambda _: self.needs_keys,
            access=Access(
                tokens=TableTokens(self.table),
                renewer=lambda _: self.renewer,
                http=self,
                clock=lambda: self.now,
                backoff=lambda _: None,
            ),
            alerts=self.alerts,
            alarms=TableAlarms(self.table),
            clock=lambda: self.now,
        )

    def run(self, minutes: float = 0, **replaced):
        """Listen so many minutes later."""
        self.now += minutes * MINUTE
        return listen(replace(self.ports, **replaced))

    @property
    def messages(self):
        return [decode(text) for text in self.queues.sent.get("inbound", [])]

    @property
    def heard(self) -> list[int]:
        return [post for message in self.messages for post in json.loads(message.body or b"[]")]

    @property
    def place(self):
        return self.cursors.places()[0]

    @property
    def told(self) -> list[str]:
        return [json.loads(message.body)["kind"] for message in self.alerts.published]


# --- hearing ------------------------------------------------------------------------------------------------------


def test_slices_go_on_the_queue_as_they_came_and_the_cursor_follows():
    world = World()
    listened = world.run()
    assert [message.body for message in world.messages] == [b"[1, 2, 3]", b"[4]"]
    first = world.messages[0]
    assert (first.platform, first.channel, first.headers, first.received_at) == ("a", "a.main", {"slice": "new"}, BEGIN)
    assert json.loads(world.place.cursor) == {"after": 4}
    assert (world.place.heard_at, world.place.leased_until) == (BEGIN, None)
    assert listened.counts == {"asked": 1, "slices": 2, "calls": 3}
    assert listened.failed == []


def test_the_next_poll_goes_on_where_the_last_one_ended_when_its_time_has_come():
    world = World()
    world.run()
    world.platforms["a"].posts = 6
    assert world.run(4).counts == {}
    assert (
        world.run(1, clock=lambda: BEGIN.replace(minute=5, second=0)).counts["asked"] == 1
    )  # a little early by the schedule
    assert world.heard == [1, 2, 3, 4, 5, 6]


def test_a_connector_may_wish_for_another_time():
    world = World()
    world.platforms["a"].wish_s = 3600
    world.run()
    assert world.place.next_at == BEGIN.replace(second=0) + timedelta(hours=1)


def test_a_body_too_large_for_the_queue_waits_in_the_bucket():
    world = World()
    body = b" " * (MOST_INLINE_BYTES + 1)

    class Long(Timeline):
        def poll(self, _context):
            yield Heard(body=body)

    world.platforms["a"] = Long()
    world.run()
    assert world.bodies.get(world.messages[0].body_ref) == body


def test_where_there_is_nothing_new_only_the_cursor_moves():
    world = World()

    class Unchanged(Timeline):
        def poll(self, _context):
            yield Heard(cursor={"etag": "W/1"})

    world.platforms["a"] = Unchanged()
    world.run()
    assert world.messages == []
    assert json.loads(world.place.cursor) == {"etag": "W/1"}


def test_each_account_has_a_cursor_and_a_channel_without_accounts_is_asked_once():
    world = World(channels=("a.main", "b.main"), accounts={"a.main": ("900", "902")})
    world.run()
    assert [(place.channel, place.account_id) for place in world.cursors.places()] == [
        ("a.main", "900"),
        ("a.main", "902"),
        ("b.main", ""),
    ]


# --- ids to fetch -------------------------------------------------------------------------------------------------


def test_what_a_webhook_only_named_is_fetched_at_once_and_then_forgotten():
    world = World(facts=PollFacts(every=60 * MINUTE, fetches=True))
    world.run()
    world.cursors.want("a.main", ["77"], world.now)
    world.run(1)
    assert world.heard == [1, 2, 3, 4, 77]
    assert world.cursors.wanted("a.main", 10) == ()
    assert world.run(1).counts == {}


def test_what_is_wanted_does_not_break_a_back_off():
    world = World(facts=PollFacts(every=MINUTE, fetches=True))
    world.platforms["a"].wrong = [Throttled("Slow down.", code="throttled", retry_after_s=600)]
    world.run()
    world.cursors.want("a.main", ["77"], world.now)
    assert world.run(9).counts == {}
    assert world.run(2).counts["asked"] == 1
    assert 77 in world.heard


# --- budgets ------------------------------------------------------------------------------------------------------


def test_a_budget_of_calls_cuts_a_poll_and_the_next_minute_goes_on():
    world = World(facts=PollFacts(every=60 * MINUTE, most_calls=2))
    world.platforms["a"].posts = 100
    assert world.run().counts == {"asked": 1, "slices": 2, "calls": 2, "cut": 1}
    world.run(1)
    assert world.heard == list(range(1, 13))


def test_a_budget_of_seconds_cuts_a_poll():
    world = World(facts=PollFacts(every=60 * MINUTE, most_calls=50, most_s=10), call_takes=timedelta(seconds=4))
    world.platforms["a"].posts = 100
    assert world.run().counts["calls"] == 3
    assert world.heard == list(range(1, 10))  # what was asked for in time is kept


def test_when_the_function_must_end_the_rest_waits_for_the_next_minute_and_comes_first():
    world = World(channels=("b.main", "a.main"), accounts={"a.main": ("900",), "b.main": ("901",)})
    assert world.run(has_time=lambda: not world.messages).counts["left"] == 1
    world.run(1)
    assert {message.channel for message in world.messages} == {"a.main", "b.main"}
    world.platforms["a"].asked.clear()
    world.platforms["b"].asked.clear()
    order: list[str] = []
    world.run(5, perform=lambda call: (order.append(call.url), world.perform(call))[1])
    assert [url.rpartition("/")[2] for url in order] == ["901", "900"]


@pytest.mark.parametrize(
    "heard",
    [
        Heard(body=b" " * (listening.MOST_BYTES + 1)),
        Heard(cursor={"seen": "x" * MOST_CURSOR_CHARS}),
        Heard(cursor={"seen": object()}),
    ],
    ids=["body", "cursor", "no JSON"],
)
def test_a_slice_that_cannot_be_kept_fails_its_account_and_moves_nothing(heard):
    world = World()

    class Odd(Timeline):
        def poll(self, _context):
            yield heard

    world.platforms["a"] = Odd()
    assert len(world.run().failed) == 1
    assert (world.messages, world.place.cursor, world.place.failures) == ([], None, 1)


def test_a_connector_that_never_ends_is_ended():
    world = World()

    class Endless(Timeline):
        def poll(self, _context):
            while True:
                yield Heard(cursor={"n": 1})

    world.platforms["a"] = Endless()
    assert world.run().failed == [("a.main", "SliceRefused")]


# --- trouble ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "delay_s"),
    [
        (Throttled("Slow down.", code="throttled", retry_after_s=90), 90),
        (Throttled("Slow down.", code="throttled"), DELAYS_S[0]),
        (Unavailable("Nobody answers.", code="down"), DELAYS_S[0]),
        (Throttled("Slow down.", code="throttled", retry_after_s=10**9), 86_400),
        (NotAuthorised("The token is gone.", code="token"), PEOPLE_S),
        (Refused("No such feed.", code="gone"), PEOPLE_S),
        (KeyError("a bug"), DELAYS_S[0]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_failure_moves_only_the_next_try_of_its_account(error, delay_s):
    world = World(channels=("a.main", "b.main"), accounts={"a.main": ("900",), "b.main": ("901",)})
    world.platforms["a"].wrong = [error]
    listened = world.run()
    place = world.place
    assert (place.failures, place.cursor, place.leased_until) == (1, None, None)
    assert place.next_at == BEGIN + timedelta(seconds=delay_s)
    assert world.heard == [1, 2]  # of the other
    assert bool(listened.failed) == isinstance(error, KeyError)  # only what is ours makes the function fail
    world.run(delay_s / 60)
    assert world.heard[:6] == [1, 2, 1, 2, 3, 4]
    place = next(place for place in world.cursors.places() if place.channel == "a.main")
    assert (place.failures, place.failing_since, place.failure) == (0, None, "")


def test_delays_grow_and_the_keys_are_looked_up_anew():
    world = World()
    world.platforms["a"].wrong = [Unavailable("Nobody answers.", code="down") for _ in range(9)]
    waits = []
    for _ in range(9):
        world.run()
        waits.append((world.place.next_at - world.now).total_seconds())
        world.now = world.place.next_at
    assert waits == [*DELAYS_S, DELAYS_S[-1], DELAYS_S[-1]]
    assert world.keys.fresh == [False, *[True] * 8]


def test_people_hear_of_bad_keys_at_once_and_once_an_hour():
    world = World()
    world.platforms["a"].wrong = [NotAuthorised("The token is gone.", code="token") for _ in range(6)]
    for minutes in (0, 16, 16, 16, 16):
        world.run(minutes)
    assert world.told == ["not_listening", "not_listening"]
    assert "earshot secrets set a.main --use send --account 900" in world.alerts.published[0].text
    assert "The token is gone." in world.alerts.published[0].text


def test_people_hear_of_an_hour_of_silence_and_not_before():
    world = World()
    world.platforms["a"].wrong = [Unavailable("Nobody answers.", code="down") for _ in range(20)]
    world.run()
    told_after = []
    for _ in range(10):
        world.now = world.place.next_at
        world.run()
        told_after += [world.now - BEGIN] if world.told else []
    assert timedelta(hours=1) <= told_after[0] < timedelta(hours=2)
    assert len(world.told) > 1  # as long as it lasts
    assert "earshot doctor" in world.alerts.published[0].text


@pytest.mark.parametrize("needs_keys", [True, False])
def test_without_keys_nothing_is_asked_where_keys_are_needed(needs_keys):
    world = World(needs_keys=needs_keys)
    world.keys.missing = True
    world.run()
    assert bool(world.platforms["a"].asked) != needs_keys
    assert world.told == (["not_listening"] if needs_keys else [])


class Renewing:
    """Gives a new access token each time."""

    def __init__(self):
        self.given = []

    def renew(self, _context):
        self.given.append(f"access-{len(self.given) + 1}")
        return Tokens(access_token=self.given[-1])
        yield


def test_a_token_that_expired_is_renewed_before_anybody_hears_of_it():
    world = World(renewer=Renewing())
    used = []

    class Strict(Timeline):
        def poll(self, context):
            used.append(context.credentials["access_token"])
            if len(used) == 2:
                raise TokenExpired("Too old.", code="token_expired")
            yield from super().poll(context)

    world.platforms["a"] = Strict(4)
    world.run()
    world.run(5)
    assert used == ["access-1", "access-1", "access-2"]
    assert world.told == []
    assert (world.place.failures, world.heard) == (0, [1, 2, 3, 4])


def test_a_platform_without_renewal_makes_people_act():
    world = World()
    world.platforms["a"].wrong = [TokenExpired("Too old.", code="token_expired")]
    world.run()
    assert world.told == ["not_listening"]


def test_an_alert_that_does_not_get_out_is_tried_again():
    world = World()
    world.platforms["a"].wrong = [NotAuthorised("The token is gone.", code="token") for _ in range(2)]

    class Deaf:
        def publish(self, _message):
            raise ConnectionError

    assert world.run(alerts=Deaf()).failed == [("a.main", "ConnectionError")]
    world.run(16)
    assert world.told == ["not_listening"]


def test_two_functions_never_ask_for_one_account():
    world = World()

    class Meanwhile(Timeline):
        def perform(self, call):
            other = world.run()
            assert other.counts == {}
            return super().perform(call)

    world.platforms["a"] = Meanwhile(4)
    world.run()
    assert world.heard == [1, 2, 3, 4]


def test_who_lost_the_lease_moves_no_cursor():
    world = World()

    class Slow(Timeline):
        def perform(self, call):
            result = super().perform(call)
            if len(self.asked) == 1:
                world.now += LEASE
                world.run()
            return result

    world.platforms["a"] = Slow(4)
    listened = world.run()
    assert listened.counts["taken"] == 1
    assert json.loads(world.place.cursor) == {"after": 4}
    assert set(world.heard) == {1, 2, 3, 4}


def test_a_place_is_saved_over_the_version_that_was_read():
    world = World()
    world.run()
    old = world.place
    world.cursors.save(old)
    with pytest.raises(Conflict):
        world.cursors.save(old)


# --- what it costs ------------------------------------------------------------------------------------------------


def test_where_nothing_is_polled_nothing_is_read():
    world = World(channels=())
    counter = Counter()
    ports = replace(
        world.ports,
        cursors=Tripwire(world.cursors, counter),
        settings=Tripwire(world.ports.settings, counter),
        alarms=Tripwire(world.ports.alarms, counter),
        secrets=Tripwire(world.keys, counter),
    )
    assert listen(ports).counts == {}
    assert counter.calls == 0


def test_an_account_whose_time_has_not_come_costs_no_call_of_its_own():
    world = World(channels=("a.main", "b.main"), accounts={"a.main": ("900",), "b.main": ("901",)})
    world.run()
    counter = Counter()
    listen(replace(world.ports, cursors=Tripwire(world.cursors, counter), clock=lambda: BEGIN + MINUTE))
    assert counter.calls == 1


# --- killed -------------------------------------------------------------------------------------------------------


def killable(world: World, counter: Counter) -> Ports:
    ports = world.ports
    named = ("cursors", "queues", "bodies", "perform", "alerts", "alarms")
    return replace(ports, **{name: Tripwire(getattr(ports, name), counter) for name in named})


def some_day() -> World:
    world = World(facts=PollFacts(every=MINUTE, fetches=True))
    world.cursors.want("a.main", ["77"], world.now)
    return world


def test_killed_at_any_call_nothing_is_skipped_and_the_next_run_finishes():
    counter = Counter()
    whole = some_day()
    listen(killable(whole, counter))
    assert whole.heard == [1, 2, 3, 4, 77]
    assert counter.calls > 10
    for death in every_death(counter.calls):
        world = some_day()
        with pytest.raises(Killed):
            listen(killable(world, death))
        before = json.loads(world.place.cursor or '{"after": 0}')["after"] if world.cursors.places() else 0
        assert set(range(1, before + 1)) <= set(world.heard)  # no cursor goes before its slice
        world.run(2)
        world.run(2)
        assert set(world.heard) == {1, 2, 3, 4, 77}
        assert world.cursors.wanted("a.main", 10) == ()
        assert json.loads(world.place.cursor) == {"after": 4}
        ids = {message.request_id for message in world.messages}
        assert len(ids) == 3  # what was heard twice came under the same id
