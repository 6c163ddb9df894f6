"""Webhooks that end by themselves are renewed in time, each alone in its trouble."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters.cursors import TableCursors
from chalicelib.adapters.memory.alerts import MemoryAlerts
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.ports.connector.calls import HttpCall, HttpResult, Later
from chalicelib.ports.connector.parsing import ChannelSettings
from chalicelib.ports.connector.receiving import WebhookSecrets
from chalicelib.ports.connector.replying import NotAuthorised, Unavailable
from chalicelib.ports.cursors import PollPlace
from chalicelib.ports.secrets import SendSecrets
from chalicelib.usecases.renew import AGAIN, Ports, renew
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death

BEGIN = datetime(2026, 3, 2, 9, 0, 2, tzinfo=UTC)
EVERY = timedelta(days=4)
URL = "https://hooks.example/webhooks/a/main"


@dataclass
class Renewing:
    """Two channels whose webhooks end; that of `a.main` is due. Satisfies `Setup` as far as renewing goes."""

    channels: tuple[str, ...] = ("a.main", "a.other")
    now: datetime = BEGIN
    table: MemoryTable = field(default_factory=MemoryTable)
    alerts: MemoryAlerts = field(default_factory=MemoryAlerts)
    wrong: list[object] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def __post_init__(self):
        self.cursors.save(
            PollPlace(channel="a.main", account_id="900", callback_url=URL, renew_at=BEGIN, cursor='{"n":1}')
        )
        self.cursors.save(PollPlace(channel="a.other", callback_url=URL, renew_at=BEGIN + timedelta(days=1)))
        self.cursors.save(PollPlace(channel="a.unregistered"))

    @property
    def cursors(self):
        return TableCursors(self.table)

    @property
    def places(self):
        return {place.channel: place for place in self.cursors.places()}

    def renew(self, context):
        if self.wrong:
            wrong = self.wrong.pop(0)
            if isinstance(wrong, Exception):
                raise wrong
            yield wrong
        result = yield HttpCall(
            method="POST", url=f"https://a.example/{context.account_id}", json={"to": context.callback_url}
        )
        assert result.status == 200
        assert context.verify.secrets == ("secret",)
        return ()

    def perform(self, call):
        self.asked.append((call.url, call.json["to"]))
        return HttpResult(status=200)

    @property
    def ports(self) -> Ports:
        return Ports(
            channels=lambda: self.channels,
            settings=self,
            secrets=self,
            verify=self,
            cursors=self.cursors,
            perform=self.perform,
            setup_of=lambda _: self,
            every_of=lambda _: EVERY,
            alerts=self.alerts,
            clock=lambda: self.now,
        )

    def settings(self, _):
        return ChannelSettings()

    def send_secrets(self, *_, **__):
        return SendSecrets(credentials={"token": "t"})

    def verify_secrets(self, *_, **__):
        return WebhookSecrets(secrets=("secret",))


def test_what_is_due_is_renewed_and_nothing_else_of_its_place_changes():
    world = Renewing()
    assert renew(world.ports).count == 1
    assert world.asked == [("https://a.example/900", URL)]
    place = world.places["a.main"]
    assert (place.renew_at, place.leased_until, place.cursor) == (BEGIN + EVERY, None, '{"n":1}')
    assert renew(world.ports).count == 0
    world.now += EVERY
    assert renew(world.ports).count == 2


@pytest.mark.parametrize(
    "wrong",
    [
        NotAuthorised("The token is gone.", code="token"),
        Unavailable("Down.", code="down"),
        KeyError("a bug"),
        Later(after_s=5, progress={}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_failure_is_told_and_tried_again_in_an_hour(wrong):
    world = Renewing(wrong=[wrong])
    renewed = renew(world.ports)
    assert (renewed.count, len(renewed.failed)) == (0, 1)
    assert (world.places["a.main"].renew_at, world.places["a.main"].leased_until) == (BEGIN + AGAIN, None)
    [message] = world.alerts.published
    assert json.loads(message.body)["kind"] == "not_listening"
    assert "could not be renewed" in message.text
    assert "a bug" not in message.text
    world.now += AGAIN
    assert renew(world.ports).count == 1


def test_a_place_that_somebody_has_waits():
    world = Renewing()
    world.cursors.save(replace(world.places["a.main"], leased_until=BEGIN + timedelta(seconds=1)))
    assert renew(world.ports).count == 0
    world.now += timedelta(seconds=1)
    assert renew(world.ports).count == 1


def test_when_the_function_must_end_the_rest_waits():
    assert renew(replace(Renewing().ports, has_time=lambda: False)).count == 0


def test_where_nothing_ends_nothing_is_read():
    counter = Counter()
    world = Renewing(channels=())
    assert renew(replace(world.ports, cursors=Tripwire(world.cursors, counter))).count == 0
    assert counter.calls == 0


def test_killed_at_any_call_it_is_renewed_in_the_end():
    def ports(world, counter):
        named = {name: Tripwire(getattr(world.ports, name), counter) for name in ("cursors", "perform", "alerts")}
        return replace(world.ports, **named)

    counter = Counter()
    renew(ports(Renewing(), counter))
    assert counter.calls >= 4
    for death in every_death(counter.calls):
        world = Renewing()
        with pytest.raises(Killed):
            renew(ports(world, death))
        world.now += timedelta(minutes=2)
        renew(world.ports)
        assert world.asked
        assert world.places["a.main"].renew_at > world.now
