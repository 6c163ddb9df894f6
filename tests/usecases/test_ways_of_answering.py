"""
Every way in which a platform may want its answers, through the real use case, killed anywhere and driven on.

The connectors here are invented, one for each way that X and Facebook do not
need: several calls with a wait between, a call that is safe to repeat, no look,
a look over several slices, tokens that expire.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Lock, Thread

import pytest

from chalicelib.adapters.tokens import TableTokens
from chalicelib.ports.cases import ReplyStatus
from chalicelib.ports.connector.calls import Bearer, HttpCall, HttpResult, Later, Steps
from chalicelib.ports.connector.replying import (
    MaybeSent,
    NotAuthorised,
    OutboundReply,
    Receipt,
    SendContext,
    TokenExpired,
    Tokens,
    Unavailable,
)
from chalicelib.ports.table import Conflict
from chalicelib.usecases import exchange
from chalicelib.usecases.deliver import LOOK_YOURSELF, SETTLE
from chalicelib.usecases.replies.access import MOST_WAITS, RENEWING, with_access
from tests.usecases.platform import POSTED_AT, Desk
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death

URL = "https://platform.example"
MOST_DEATHS = 24  # calls: an account whose refresh token is lost tries for a day, each time in the same way


class Server:
    """
    Satisfies `ports.http.Http`: a platform with containers, posts by our own key, a list in slices, and tokens.

    `lost` says how many of the next calls take effect without their answer
    arriving.
    """

    def __init__(self) -> None:
        self.posts: list[dict[str, str]] = []
        self.calls: list[str] = []
        self.lost = 0
        self.access, self.refresh, self.renewals = "a0", "r0", 0
        self._lock = Lock()

    def perform(self, call: HttpCall) -> HttpResult:
        with self._lock:
            path = call.url.removeprefix(URL)
            self.calls.append(f"{call.method} {path}")
            result = self._answer(call, path)
            if self.lost and call.method != "GET":
                self.lost -= 1
                return HttpResult(status=0, sent=True)
            return result

    def _answer(self, call: HttpCall, path: str) -> HttpResult:
        if path == "/token":
            return self._renewed(call.form or {})
        if isinstance(call.auth, Bearer) and call.auth.token != self.access:
            return HttpResult(status=401)
        if path == "/containers":
            return HttpResult(status=200, body=b"c1")
        if path.startswith("/posts?after="):
            return self._slice(int(path.rpartition("=")[2]))
        key = (call.json or {}).get("key")
        known = [post for post in self.posts if key is not None and post["key"] == key]
        if not known:
            known = [{"id": str(700 + len(self.posts)), "key": key, "text": (call.json or {}).get("text", "")}]
            self.posts += known
        return HttpResult(status=200, body=known[0]["id"].encode())

    def _renewed(self, form: dict[str, str]) -> HttpResult:
        if form["refresh_token"] != self.refresh:
            return HttpResult(status=400)
        self.renewals += 1
        self.access, self.refresh = f"hush-a{self.renewals}", f"hush-r{self.renewals}"
        return HttpResult(status=200, body=f"{self.access} {self.refresh}".encode())

    def _slice(self, after: int) -> HttpResult:
        """One post a slice, and three that are not ours before them."""
        listed = [f"{number}:another" for number in range(3)] + [f"{p['id']}:{p['text']}" for p in self.posts]
        if after >= len(listed):
            return HttpResult(status=404)
        return HttpResult(status=200, body=listed[after].encode())


class OneCall:
    """A post that must not be made twice, and a list that is read slice by slice."""

    auth: Bearer | None = None

    def check(self, reply: OutboundReply) -> None:
        pass

    def send(self, reply: OutboundReply, context: SendContext) -> Steps[Receipt]:
        call = HttpCall(method="POST", url=f"{URL}/posts", json={"text": reply.text}, posts=True)
        return _receipt((yield replace(call, auth=self._auth(context))))

    def look(self, reply: OutboundReply, context: SendContext) -> Steps[Receipt | None]:
        for number in range(exchange.MOST_CALLS):
            result = yield HttpCall(method="GET", url=f"{URL}/posts?after={number}", auth=self._auth(context))
            if result.status == 404:
                return None
            if result.status != 200:
                raise MaybeSent("Unclear.", code="unclear")
            message_id, _, text = result.body.decode().partition(":")
            if text == reply.text:
                return Receipt(message_id=message_id, posted_at=POSTED_AT)
        return None

    def _auth(self, context: SendContext) -> Bearer | None:  # noqa: ARG002
        return None


class NoLook:
    """Nothing tells whether an answer of unknown fate arrived."""

    check = OneCall.check
    send = OneCall.send
    _auth = OneCall._auth


class Container(OneCall):
    """What is to be posted is made first, takes half a minute, and is then published."""

    def send(self, reply: OutboundReply, context: SendContext) -> Steps[Receipt]:  # noqa: ARG002
        if "container" not in reply.progress:
            made = yield HttpCall(method="POST", url=f"{URL}/containers", json={"text": reply.text})
            if made.status != 200:
                raise Unavailable("Not made.", code="not_made")
            yield Later(after_s=30, progress={"container": made.body.decode()})
        body = {"text": reply.text, "container": reply.progress["container"]}
        return _receipt((yield HttpCall(method="POST", url=f"{URL}/publish", json=body, posts=True)))


class Marks(Container):
    """As `Container`, at once: the mark alone is kept."""

    def send(self, reply: OutboundReply, context: SendContext) -> Steps[Receipt]:
        steps = super().send(reply, context)
        try:
            step = next(steps)
            while True:
                step = steps.send((yield replace(step, after_s=0) if isinstance(step, Later) else step))
        except StopIteration as end:
            receipt: Receipt = end.value
            return receipt


class OwnKey:
    """The same key twice is one post: nothing is marked, nothing looked for."""

    check = OneCall.check

    def send(self, reply: OutboundReply, context: SendContext) -> Steps[Receipt]:  # noqa: ARG002
        body = {"text": reply.text, "key": reply.reply_id}
        result = yield HttpCall(method="PUT", url=f"{URL}/posts/{reply.reply_id}", json=body)
        if result.status != 200:
            raise Unavailable("Unclear, and safe to repeat.", code="unclear")
        return Receipt(message_id=result.body.decode(), posted_at=POSTED_AT)


class Expiring(OneCall):
    """An access token that is good for a while."""

    def _auth(self, context: SendContext) -> Bearer | None:
        return Bearer(token=context.credentials["access_token"])

    def renew(self, context: SendContext) -> Steps[Tokens]:
        form = {"refresh_token": context.credentials["refresh_token"]}
        result = yield HttpCall(method="POST", url=f"{URL}/token", form=form)
        if result.status == 400:
            raise NotAuthorised("Connect the account anew.", code="refresh_refused")
        if result.status != 200:
            raise Unavailable("No token yet.", code="no_token")
        access, refresh = result.body.decode().split()
        expires_at = context.now + timedelta(hours=1)
        return Tokens(access_token=access, refresh_token=refresh, expires_at=expires_at)


def _receipt(result: HttpResult) -> Receipt:
    if result.status == 401:
        raise TokenExpired("The token is over.", code="expired")
    if result.status == 0:
        raise MaybeSent("No answer.", code="no_answer") if result.sent else Unavailable("Down.", code="down")
    return Receipt(message_id=result.body.decode(), posted_at=POSTED_AT)


WAYS = {way.__name__: way for way in (OneCall, NoLook, Container, Marks, OwnKey, Expiring)}
each_way = pytest.mark.parametrize("way", WAYS)


def desk(way: str) -> Desk:
    made = Desk()
    made.platform, made.connector = Server(), WAYS[way]()
    made.renewer = made.connector if way == "Expiring" else None
    made.secrets.values = {"credentials": {"token": "t", "refresh_token": "r0"}}
    return made


def drive(d: Desk, counter: Counter) -> None:
    """From the queue's message until nothing is due any more, every call counted."""
    http = Tripwire(d.platform, counter)
    tokens = Tripwire(TableTokens(d.table), counter)
    ports = {
        "store": Tripwire(d.cases, counter),
        "http": http,
        "access": replace(d.access, http=http, tokens=tokens),
    }
    d.deliver(**ports)
    d.redrive(limit=200, **ports)


@each_way
def test_it_goes_out_once(way: str) -> None:
    d = desk(way)
    drive(d, Counter())
    assert [post["text"] for post in d.platform.posts] == ["we found it"]
    assert (d.item.status, d.item.message_id) == (ReplyStatus.SENT, "700")


def _calls(way: str, lost: int) -> int:
    d, counter = desk(way), Counter()
    d.platform.lost = lost
    drive(d, counter)
    return counter.calls


@each_way
@pytest.mark.parametrize("lost", [0, 1, 2])
def test_killed_anywhere_and_driven_on_it_arrives_once_or_a_person_is_asked_to_look(way: str, lost: int) -> None:
    calls = _calls(way, lost)
    assert calls >= 4
    for death in every_death(min(calls, MOST_DEATHS)):
        d = desk(way)
        d.platform.lost = lost
        with pytest.raises(Killed):
            drive(d, replace(death))
        d.pass_time(minutes=3)  # the dead worker's lease is over
        drive(d, Counter())
        _ended_well(d, way, death)


def _ended_well(d: Desk, way: str, death: Counter) -> None:
    arrived = [post["text"] for post in d.platform.posts]
    if d.item.status is ReplyStatus.SENT:
        assert arrived == ["we found it"], death
        return
    assert d.item.status is ReplyStatus.FAILED, death
    assert len(arrived) <= 1, death
    if way == "NoLook":
        assert d.item.failure == LOOK_YOURSELF
    else:  # the platform gave a new refresh token, and nobody was left to keep it
        assert (way, d.platform.renewals > 0, arrived) == ("Expiring", True, []), death
        assert d.alerts.messages, death


def test_without_a_look_an_answer_of_unknown_fate_goes_to_a_person_at_once() -> None:
    d = desk("NoLook")
    d.platform.lost = 1
    drive(d, Counter())
    assert (d.item.status, d.item.failure) == (ReplyStatus.FAILED, LOOK_YOURSELF)
    assert len(d.platform.posts) == 1
    assert d.now < POSTED_AT + timedelta(minutes=2)


def test_what_a_platform_makes_in_the_background_is_waited_for_and_made_once() -> None:
    d = desk("Container")
    d.deliver()
    assert (d.item.status, d.item.progress, d.item.retry_at) == (
        ReplyStatus.QUEUED,
        {"container": "c1"},
        POSTED_AT + timedelta(seconds=30),
    )
    assert not d.item.may_be_posted
    d.redrive()
    assert d.platform.calls == ["POST /containers", "POST /publish"]


def test_what_is_safe_to_repeat_is_repeated_and_never_marked() -> None:
    d = desk("OwnKey")
    d.platform.lost = 1
    d.deliver()
    assert (d.item.status, d.item.may_be_posted) == (ReplyStatus.QUEUED, False)
    d.redrive()
    assert len(d.platform.posts) == 1
    assert d.platform.calls == ["PUT /posts/r1"] * 2


def test_a_look_goes_through_all_slices() -> None:
    d = desk("OneCall")
    d.platform.lost = 1
    d.deliver()
    assert d.item.status is ReplyStatus.UNCERTAIN
    d.now += SETTLE
    d.redrive()
    assert d.item.status is ReplyStatus.SENT
    assert d.platform.calls[1:] == [f"GET /posts?after={number}" for number in range(4)]


def test_a_connector_that_never_ends_is_stopped() -> None:
    closed = []

    def endless() -> Steps[Receipt]:
        try:
            while True:
                yield HttpCall(method="GET", url=URL)
        finally:
            closed.append(True)

    made: list[HttpCall] = []
    with pytest.raises(MaybeSent, match="more calls"):
        exchange.run(endless(), lambda call: made.append(call) or HttpResult(status=200))  # type: ignore[func-returns-value]
    assert (len(made), closed) == (exchange.MOST_CALLS, [True])


# --- tokens that expire -----------------------------------------------------------------------------------------


def test_a_token_that_the_platform_refuses_is_renewed_before_a_person_is_bothered() -> None:
    d = desk("Expiring")
    d.deliver()
    d.platform.access = "revoked early"
    d.ask("r2")
    d.deliver("r2")
    assert [post["text"] for post in d.platform.posts] == ["we found it", "we found it"]
    assert d.platform.renewals == 2
    assert d.alerts.messages == []


def test_a_token_is_kept_as_long_as_it_is_good_and_renewed_a_minute_before_it_ends() -> None:
    d = desk("Expiring")
    context = SendContext(account_id="900", now=d.now, credentials={"refresh_token": "r0"})
    for minutes, renewals in ((0, 1), (58, 1), (60, 2)):
        d.now = POSTED_AT + timedelta(minutes=minutes)
        live = with_access(replace(context, now=d.now), "x.main", d.access)
        assert (live.credentials["access_token"], d.platform.renewals) == (f"hush-a{renewals}", renewals)
    assert live.credentials["refresh_token"] == "hush-r2"


def test_a_refresh_token_that_is_refused_asks_people_to_connect_the_account() -> None:
    d = desk("Expiring")
    d.platform.refresh = "another"
    d.deliver()
    assert d.platform.posts == []
    [alert] = d.alerts.messages
    assert "Connect the account anew." in str(alert)


def test_new_keys_of_the_operator_replace_what_the_old_ones_led_to() -> None:
    d = desk("Expiring")
    d.deliver()
    d.platform.refresh = "fresh"  # connected anew: the old pair is worthless
    d.platform.access = "nobody's"
    d.secrets.values = {"credentials": {"token": "t", "refresh_token": "fresh"}}
    d.ask("r2")
    d.deliver("r2")
    assert len(d.platform.posts) == 2
    assert d.alerts.messages == []


def test_two_workers_renew_once_and_both_go_on() -> None:
    d = desk("Expiring")
    context = SendContext(account_id="900", now=d.now, credentials={"refresh_token": "r0"})
    both, lives = Barrier(2), []

    def work() -> None:
        both.wait()
        lives.append(with_access(context, "x.main", replace(d.access, backoff=_a_moment)).credentials["access_token"])

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lives == ["hush-a1", "hush-a1"]
    assert d.platform.renewals == 1


def _a_moment(attempt: int) -> None:
    from time import sleep

    sleep(0.02)


def test_whoever_renews_is_waited_for_and_replaced_when_it_is_dead() -> None:
    d = desk("Expiring")
    context = SendContext(account_id="900", now=d.now, credentials={"refresh_token": "r0"})
    with pytest.raises(Killed):
        with_access(context, "x.main", replace(d.access, http=Tripwire(d.platform, Counter(kill_at=1))))
    waits: list[int] = []
    with pytest.raises(Unavailable):
        with_access(context, "x.main", replace(d.access, backoff=waits.append))
    assert (len(waits), d.platform.renewals) == (MOST_WAITS, 0)
    d.now += RENEWING
    assert with_access(context, "x.main", d.access).credentials["access_token"] == "hush-a1"


def test_a_pair_is_written_onto_the_version_that_was_read_or_not_at_all() -> None:
    d = desk("Expiring")
    store = TableTokens(d.table)
    context = SendContext(account_id="900", now=d.now, credentials={"refresh_token": "r0"})
    with_access(context, "x.main", d.access)
    read = store.tokens("x.main", "900")
    assert read is not None
    store.store("x.main", "900", read)
    with pytest.raises(Conflict):
        store.store("x.main", "900", read)


@pytest.mark.parametrize("shown", [repr, str])
def test_no_token_shows(shown: Callable[[object], str]) -> None:
    d = desk("Expiring")
    context = SendContext(account_id="900", now=d.now, credentials={"refresh_token": "hush-r"})
    d.platform.refresh = "hush-r"
    live = with_access(context, "x.main", d.access)
    assert "hush" not in shown((live, TableTokens(d.table).tokens("x.main", "900")))
