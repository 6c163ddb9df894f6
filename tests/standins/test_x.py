"""The connector's calls against the stand-in X API, over real HTTP with the real OAuth library."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from requests_oauthlib import OAuth1Session

from chalicelib.connectors.x import reply as x
from chalicelib.ports.connector.calls import HttpCall, HttpResult, Later, OAuth1
from chalicelib.ports.connector.replying import (
    DeliveryError,
    MaybeSent,
    NotAuthorised,
    OutboundReply,
    Receipt,
    Refused,
    SendContext,
    Throttled,
    Unavailable,
)
from chalicelib.usecases.exchange import run
from infra.standins.x import XStandin

NOW = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
BRAND, CUSTOMER, PARENT = "880011223344550001", "990055443322110001", "2028390170620858369"
CREDENTIALS = {
    "consumer_key": "larkspur-app",
    "consumer_secret": "app-secret",
    "token": "880011223344550001-larkspur",
    "token_secret": "token-secret",
}
POST = OutboundReply(
    reply_id="r1",
    parent_id=PARENT,
    customer_id=CUSTOMER,
    text="Sorry, Odalys 🙏 & family: https://larkspur.example/rebook?a=1&b=2",
)
MESSAGE = replace(POST, reply_id="r2", text="You are on LK219 < 6 pm.\nSee you.", private=True)
BOTH = pytest.mark.parametrize("reply", [POST, MESSAGE], ids=["post", "message"])


@pytest.fixture
def api() -> Iterator[XStandin]:
    standin = XStandin(account_id=BRAND, credentials=CREDENTIALS, handles={PARENT: "odalys_trips"}, clock=lambda: NOW)
    with standin:
        yield standin


def context(api: XStandin, **changed: str) -> SendContext:
    return SendContext(account_id=BRAND, now=NOW, credentials=CREDENTIALS | changed, api_base=api.url)


def send(call: HttpCall) -> HttpResult:
    """What the HTTP adapter does: any failure after connecting may have arrived."""
    assert isinstance(call.auth, OAuth1)
    session = OAuth1Session(call.auth.consumer_key, call.auth.consumer_secret, call.auth.token, call.auth.token_secret)
    try:
        answer = session.request(
            call.method, call.url, params=dict(call.params), json=call.json, timeout=call.timeout_s
        )
    except requests.ConnectionError as error:
        return HttpResult(status=0, sent="Failed to establish" not in str(error))
    except requests.Timeout:
        return HttpResult(status=0, sent=True)
    lower = {name.lower(): value for name, value in answer.headers.items()}
    return HttpResult(status=answer.status_code, body=answer.content, headers=lower)


def deliver(reply: OutboundReply, about: SendContext, *, timeout_s: float = 8.0) -> Receipt | Later:
    x.check(reply)
    return run(x.send(reply, about), lambda call: send(replace(call, timeout_s=timeout_s)))


def look(reply: OutboundReply, about: SendContext, *, tried_at: datetime = NOW) -> Receipt | Later | None:
    tried = replace(reply, first_tried_at=tried_at)
    return run(x.look(tried, about), send)


@BOTH
def test_an_answer_is_posted_and_found_again(api: XStandin, reply: OutboundReply) -> None:
    receipt = deliver(reply, context(api))
    assert [(post["id"], post["text"]) for post in api.posts] == [(receipt.message_id, reply.text)]
    assert receipt.posted_at == NOW
    assert look(reply, context(api)) == receipt


def test_an_answer_stands_where_it_belongs(api: XStandin) -> None:
    deliver(POST, context(api))
    deliver(MESSAGE, context(api))
    post, message = api.posts
    assert (post["kind"], post["parent_id"]) == ("post", PARENT)
    assert (message["kind"], message["customer_id"]) == ("message", CUSTOMER)


@BOTH
def test_what_was_never_posted_is_not_found(api: XStandin, reply: OutboundReply) -> None:
    assert look(reply, context(api)) is None
    deliver(replace(reply, text="Something else."), context(api))
    assert look(reply, context(api)) is None


@BOTH
def test_the_same_words_from_long_before_are_not_our_attempt(api: XStandin, reply: OutboundReply) -> None:
    deliver(reply, context(api))
    assert look(reply, context(api), tried_at=NOW + timedelta(hours=2)) is None


def test_the_same_words_below_another_post_are_not_our_attempt(api: XStandin) -> None:
    deliver(replace(POST, parent_id="2028390170620858999"), context(api))
    assert look(POST, context(api)) is None


@pytest.mark.parametrize("wrong", sorted(CREDENTIALS))
@BOTH
def test_a_wrong_credential_is_refused(api: XStandin, reply: OutboundReply, wrong: str) -> None:
    about = context(api, **{wrong: "not-this-one"})
    with pytest.raises(NotAuthorised):
        deliver(reply, about)
    with pytest.raises(NotAuthorised):
        look(reply, about)
    assert api.posts == []


def test_an_unsigned_or_replayed_call_is_refused(api: XStandin) -> None:
    assert requests.post(f"{api.url}/2/tweets", json={"text": "hi"}, timeout=8).status_code == 401
    session = OAuth1Session(*CREDENTIALS.values())
    sent = session.post(f"{api.url}/2/tweets", json={"text": "hi"}, timeout=8)
    assert sent.status_code == 201
    again = requests.post(sent.request.url, data=sent.request.body, headers=dict(sent.request.headers), timeout=8)
    assert again.status_code == 401


def test_a_signature_is_good_for_its_own_query_only(api: XStandin) -> None:
    session = OAuth1Session(*CREDENTIALS.values())
    good = session.get(f"{api.url}/2/users/{BRAND}/tweets", params={"max_results": "5"}, timeout=8)
    assert good.status_code == 200
    other = good.request.url.replace("max_results=5", "max_results=50")
    headers = dict(session.prepare_request(requests.Request("GET", good.request.url)).headers)
    assert requests.get(other, headers=headers, timeout=8).status_code == 401


FAILURES: list[tuple[dict[str, Any], type[DeliveryError], str]] = [
    ({"status": 429, "headers": {"x-rate-limit-reset": str(int(NOW.timestamp()) + 60)}}, Throttled, "rate_limited"),
    (
        {"status": 429, "body": {"type": "https://api.twitter.com/2/problems/usage-capped"}},
        Throttled,
        "usage_capped",
    ),
    ({"status": 401, "body": {"errors": [{"code": 89, "message": "Expired."}]}}, NotAuthorised, "unauthorised"),
    ({"status": 403, "body": {"detail": "Not permitted.", "type": "about:blank"}}, Refused, "forbidden"),
    ({"status": 400, "body": {"title": "Invalid Request"}}, Refused, "invalid_request"),
    ({"status": 500, "body": "<html>"}, MaybeSent, "server_error"),
    ({"status": 502}, MaybeSent, "server_error"),
    ({"status": 201, "body": "{"}, MaybeSent, "unreadable_answer"),
    ({"mode": "hang"}, MaybeSent, "no_answer"),
    ({"mode": "close_before_read"}, MaybeSent, "no_answer"),
]


@pytest.mark.parametrize(("failure", "expected", "code"), FAILURES, ids=lambda value: str(value)[:40])
@BOTH
def test_a_failure_says_what_to_do_next_and_posts_nothing(
    api: XStandin, reply: OutboundReply, failure: dict[str, Any], expected: type[DeliveryError], code: str
) -> None:
    requests.post(f"{api.url}/_fail", json={"next": [failure]}, timeout=8).raise_for_status()
    with pytest.raises(expected) as raised:
        deliver(reply, context(api), timeout_s=0.3)
    assert raised.value.code == code
    assert requests.get(f"{api.url}/_posts", timeout=8).json() == {"posts": []}
    if expected is MaybeSent:
        assert look(reply, context(api)) is None
    deliver(replace(reply, text="Now."), context(api))
    assert [post["text"] for post in api.posts] == ["Now."]


@BOTH
def test_an_accepted_answer_without_a_receipt_is_found_by_looking(api: XStandin, reply: OutboundReply) -> None:
    api.fail_next([{"mode": "drop_after_accept"}])
    with pytest.raises(MaybeSent):
        deliver(reply, context(api))
    found = look(reply, context(api))
    assert [post["id"] for post in api.posts] == [found and found.message_id]


def test_posting_twice_is_told_apart_from_posting_the_same_words_twice(api: XStandin) -> None:
    deliver(POST, context(api))
    with pytest.raises(Refused) as refused:
        deliver(replace(POST, reply_id="r9"), context(api))
    with pytest.raises(MaybeSent):
        deliver(replace(POST, first_tried_at=NOW), context(api))
    assert refused.value.code == "duplicate"
    assert len(api.posts) == 1


def test_a_full_page_without_our_attempt_leaves_it_open(api: XStandin) -> None:
    for number in range(101):
        deliver(replace(POST, parent_id=str(3000 + number), text=f"Answer {number}."), context(api))
    with pytest.raises(MaybeSent) as raised:
        look(POST, context(api))
    assert raised.value.code == "lookup_incomplete"


@BOTH
def test_nobody_listening_is_surely_not_sent(api: XStandin, reply: OutboundReply) -> None:
    about = context(api)
    api.stop()
    with pytest.raises(Unavailable):
        deliver(reply, about)


def test_the_echo_hears_of_every_accepted_post() -> None:
    heard: list[str] = []
    with XStandin(account_id=BRAND, credentials=CREDENTIALS, on_post=lambda post: heard.append(post["id"])) as api:
        api.fail_next([{"mode": "drop_after_accept"}, {"status": 503}])
        for _ in range(2):
            with pytest.raises(MaybeSent):
                deliver(MESSAGE, context(api))
        receipt = deliver(MESSAGE, context(api))
    assert heard[1:] == [receipt.message_id]
    assert len(heard) == 2
