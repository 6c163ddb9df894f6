"""The whole way out, over real HTTP, to the platforms' stand-ins: whatever goes wrong on it, one post."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from chalicelib import connectors
from chalicelib.adapters.http import RequestsHttp
from chalicelib.domain.facts import Fact
from chalicelib.ports.cases import ReplyStatus
from chalicelib.ports.connector.calls import HttpCall, HttpResult
from chalicelib.usecases.deliver import LOOK_YOURSELF
from infra.standins.base import Standin
from infra.standins.facebook import FacebookStandin
from infra.standins.x import XStandin
from tests.usecases.platform import Desk, Secrets
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death
from tests.usecases.world import take, wrote

S = ReplyStatus
X_KEYS = {"consumer_key": "larkspur-app", "consumer_secret": "a", "token": "900-larkspur", "token_secret": "b"}
PAGE_KEYS = {"page_token": "token-1", "app_secret": "secret-1"}
PAGE = "700100200300"
POST = "2028390170620858369"
VISITOR: dict[str, Any] = {"platform": "facebook", "channel": "facebook.main", "account_id": PAGE}
TEXT = "Sorry & welcome back 🙏 https://larkspur.example/rebook?a=1&b=2"

Clock = Callable[[], datetime]


def x_api(clock: Clock) -> Standin:
    return XStandin(account_id="900", credentials=X_KEYS, handles={POST: "odalys_trips"}, clock=clock)


def graph(clock: Clock) -> Standin:
    return FacebookStandin(page_id=PAGE, clock=clock, **PAGE_KEYS)


@dataclass(frozen=True, slots=True)
class Road:
    """A kind of message, and the stand-in that takes answers to it."""

    mention: Fact
    standin: Callable[[Clock], Standin]
    keys: dict[str, str]


ROADS = {
    "X post": Road(wrote(POST, 0), x_api, X_KEYS),
    "X message": Road(wrote("2028390170620858400", 0, private=True, thread_id="501-900"), x_api, X_KEYS),
    "Facebook comment": Road(wrote("8100_9001", 0, **VISITOR), graph, PAGE_KEYS),
    "Messenger": Road(wrote("m_a1", 0, private=True, thread_id=f"501:{PAGE}", **VISITOR), graph, PAGE_KEYS),
}
SHORT_S = 0.05  # a call of a busy machine may take longer: then it is one more that may have arrived
ALL = pytest.mark.parametrize("road", ROADS.values(), ids=ROADS.keys())


class Hasty:
    """The real adapter, with a patience of its own."""

    def __init__(self, timeout_s: float) -> None:
        self._http = RequestsHttp()
        self._timeout_s = timeout_s
        self.methods: list[str] = []

    def perform(self, call: HttpCall) -> HttpResult:
        self.methods.append(call.method)
        return self._http.perform(replace(call, timeout_s=self._timeout_s))


class Office:
    """A desk whose answers go to a stand-in."""

    def __init__(self, road: Road, timeout_s: float) -> None:
        self.desk = Desk(mention=road.mention, text=TEXT, private=road.mention.private)
        self.desk.connector = connectors.reply(road.mention.platform)
        self.standin = road.standin(lambda: self.desk.now)
        self.desk.secrets = Secrets(credentials=road.keys, api_base=self.standin.url)
        self.desk.platform = Hasty(timeout_s)

    def run(self, counter: Counter | None = None) -> None:
        """From the queue's message until nothing is due any more."""
        desk, counter = self.desk, counter or Counter()
        ports = {
            "store": Tripwire(desk.cases, counter),
            "http": Tripwire(desk.platform, counter),
            "secrets": Tripwire(desk.secrets, counter),
        }
        desk.deliver(**ports)
        desk.redrive(**ports)

    def check_that_it_went_out_once(self) -> None:
        desk = self.desk
        [post] = self.standin.posts
        assert post["text"] == TEXT
        assert (desk.item.status, desk.item.message_id, desk.item.failure) == (S.SENT, post["id"], None)
        assert sorted(event.kind for event in desk.events.values()) == ["answer", "mention", "reply"]
        assert (desk.state.outbox, desk.state.waiting_key) == ((), None)
        address = desk.cases.addresses(desk.mention.platform, [post["id"]])[post["id"]]
        assert address.case_id == desk.case_id


@contextmanager
def office(road: Road, timeout_s: float = 5.0) -> Iterator[Office]:
    made = Office(road, timeout_s)
    with made.standin:
        yield made


@ALL
def test_an_answer_goes_out_at_the_platforms_time(road: Road) -> None:
    with office(road) as made:
        made.desk.pass_time(minutes=7)
        made.run()
        made.check_that_it_went_out_once()
        assert made.desk.state.answered_at == made.desk.now
        assert made.desk.platform.methods == ["POST"]


@ALL
def test_killed_at_any_call_and_driven_on(road: Road) -> None:
    with office(road) as undisturbed:
        counter = Counter()
        undisturbed.run(counter)
    for death in every_death(counter.calls):
        with office(road) as made:
            with pytest.raises(Killed):
                made.run(death)
            made.run()
            made.check_that_it_went_out_once()


TROUBLE: dict[str, list[dict[str, Any]]] = {
    "the answer is lost": [{"mode": "drop_after_accept"}],
    "no answer": [{"mode": "hang"}],
    "hung up before it was read": [{"mode": "close_before_read"}],
    "an answer nobody can read": [{"status": 201, "body": "<html>"}],
    "a server error": [{"status": 503}],
    "slow down": [{"status": 429}],
    "all at once": [{"status": 500}, {"mode": "hang"}, {"status": 429}, {"mode": "drop_after_accept"}],
    "lost, and then the looks fail": [{"mode": "drop_after_accept"}, {"status": 500}, {"mode": "hang"}],
}


@ALL
@pytest.mark.parametrize("failures", TROUBLE.values(), ids=TROUBLE.keys())
def test_trouble_on_the_way(road: Road, failures: list[dict[str, Any]]) -> None:
    with office(road, SHORT_S) as made:
        made.standin.fail_next(failures)
        made.run()
        made.check_that_it_went_out_once()


@pytest.mark.parametrize("name", ["X post", "Facebook comment"])
@pytest.mark.parametrize("mode", ["drop_after_accept", "hang", "close_before_read"])
def test_killed_while_there_is_trouble(name: str, mode: str) -> None:
    """Each call of the first attempt, and of what follows it."""
    counter = Counter()
    with office(ROADS[name], SHORT_S) as undisturbed:
        undisturbed.standin.fail_next([{"mode": mode}])
        undisturbed.run(counter)
    for death in every_death(counter.calls):
        with office(ROADS[name], SHORT_S) as made:
            made.standin.fail_next([{"mode": mode}])
            with suppress(Killed):  # a slow call more or less moves the end
                made.run(death)
            made.run()
            made.check_that_it_went_out_once()


@ALL
def test_two_workers_at_once(road: Road) -> None:
    with office(road) as made:
        start = Barrier(2)

        def work() -> None:
            start.wait()
            made.desk.deliver()

        threads = [Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        made.check_that_it_went_out_once()


@ALL
def test_keys_that_are_no_longer_good(road: Road) -> None:
    with office(road) as made:
        good = made.desk.secrets
        made.desk.secrets = Secrets(
            credentials={name: "expired" for name in road.keys if name != "app_secret"} | {"app_secret": "secret-1"},
            api_base=made.standin.url,
        )
        made.desk.deliver()
        assert (made.desk.item.status, made.standin.posts) == (S.QUEUED, [])
        [alarm] = made.desk.alerts.messages
        assert f"{road.mention.channel} (account “{road.mention.account_id}”)" in alarm.text
        made.desk.secrets = good
        made.run()
        made.check_that_it_went_out_once()


REFUSALS = {
    "X post": {"status": 403, "body": {"detail": "Not permitted.", "type": "about:blank"}},
    "Facebook comment": {"status": 400, "body": {"error": {"code": 200, "type": "OAuthException", "message": "no"}}},
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_the_platform_refuses_is_not_tried_again(name: str) -> None:
    with office(ROADS[name]) as made:
        made.standin.fail_next([REFUSALS[name]])
        made.run()
        assert (made.desk.item.status, made.standin.posts) == (S.FAILED, [])
        assert made.desk.state.failure
        assert made.desk.platform.methods == ["POST"]


@ALL
def test_a_platform_that_is_away_for_a_day(road: Road) -> None:
    with office(road) as made:
        pass  # and then nobody listens there any more
    made.desk.redrive(limit=200)
    assert made.desk.item.status is S.FAILED
    assert "within a day" in made.desk.state.failure


@ALL
def test_a_platform_that_never_says_what_became_of_it(road: Road) -> None:
    with office(road) as made:
        made.standin.fail_next([{"mode": "drop_after_accept"}, *[{"status": 500}] * 200])
        made.desk.redrive(limit=200)
        assert made.desk.item.status is S.FAILED
        assert made.desk.state.failure == LOOK_YOURSELF
        assert len(made.standin.posts) == 1


def test_the_echo_of_an_answer_whose_receipt_was_lost_is_enough() -> None:
    with office(ROADS["X post"]) as made:
        made.standin.fail_next([{"mode": "drop_after_accept"}])
        made.desk.deliver()
        [post] = made.standin.posts
        told = replace(
            ROADS["X post"].mention,
            kind=type(made.desk.mention.kind).ANSWER,
            message_id=post["id"],
            parent_id=POST,
            text=TEXT,
            author=None,
            occurred_at=made.desk.now,
            received_at=made.desk.now + timedelta(seconds=2),
        )
        take(made.desk.cases, [told])
        made.desk.redrive()
        made.check_that_it_went_out_once()
        assert made.desk.platform.methods == ["POST"]
