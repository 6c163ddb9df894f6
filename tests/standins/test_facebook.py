"""The connector's calls against the stand-in Graph API, over real HTTP with the real client library."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from chalicelib.connectors.facebook import reply as facebook
from chalicelib.ports.connector.calls import Bearer, HttpCall, HttpResult, Later
from chalicelib.ports.connector.replying import (
    DeliveryError,
    MaybeSent,
    NotAuthorised,
    OutboundReply,
    Receipt,
    Refused,
    SendContext,
    Throttled,
)
from chalicelib.usecases.exchange import run
from infra.standins.facebook import FacebookStandin
from tests.connectors.samples import first_call

NOW = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
PAGE = "700100200300"
CREDENTIALS = {"page_token": "token-1", "app_secret": "secret-1"}
COMMENT = OutboundReply(reply_id="r1", parent_id="8100_9001", customer_id=None, text="Sorry, Mira \U0001f64f")
MESSAGE = OutboundReply(reply_id="r2", parent_id="m_a1", customer_id="3300", text="You are on CV420.", private=True)
BOTH = pytest.mark.parametrize("reply", [COMMENT, MESSAGE], ids=["comment", "message"])


@pytest.fixture
def graph() -> Iterator[FacebookStandin]:
    with FacebookStandin(page_id=PAGE, clock=lambda: NOW, **CREDENTIALS) as standin:
        yield standin


def context(graph: FacebookStandin, **changed: str) -> SendContext:
    return SendContext(account_id=PAGE, now=NOW, credentials=CREDENTIALS | changed, api_base=graph.url)


def send(call: HttpCall) -> HttpResult:
    """What the HTTP adapter does: any failure after connecting may have arrived."""
    assert isinstance(call.auth, Bearer)
    headers = {**call.headers, "Authorization": f"Bearer {call.auth.token}"}
    try:
        answer = requests.request(
            call.method, call.url, params=dict(call.params), json=call.json, headers=headers, timeout=call.timeout_s
        )
    except requests.ConnectTimeout:
        return HttpResult(status=0, sent=False)
    except (requests.ConnectionError, requests.Timeout):
        return HttpResult(status=0, sent=True)
    lower = {name.lower(): value for name, value in answer.headers.items()}
    return HttpResult(status=answer.status_code, body=answer.content, headers=lower)


def deliver(reply: OutboundReply, about: SendContext) -> Receipt | Later:
    return run(facebook.send(reply, about), send)


def look(reply: OutboundReply, about: SendContext) -> Receipt | Later | None:
    tried = replace(reply, first_tried_at=NOW)
    return run(facebook.look(tried, about), send)


@BOTH
def test_an_answer_is_posted_and_found_again(graph: FacebookStandin, reply: OutboundReply) -> None:
    receipt = deliver(reply, context(graph))
    assert [(post["id"], post["text"]) for post in graph.posts] == [(receipt.message_id, reply.text)]
    assert look(reply, context(graph)) == Receipt(message_id=receipt.message_id, posted_at=NOW)


@BOTH
def test_what_was_never_posted_is_not_found(graph: FacebookStandin, reply: OutboundReply) -> None:
    deliver(replace(reply, text="Something else."), context(graph))
    assert look(reply, context(graph)) is None


def test_an_answer_stands_where_it_belongs(graph: FacebookStandin) -> None:
    deliver(COMMENT, context(graph))
    deliver(MESSAGE, context(graph))
    comment, message = graph.posts
    assert (comment["kind"], comment["parent_id"]) == ("comment", "8100_9001")
    assert (message["kind"], message["customer_id"]) == ("message", "3300")


def test_an_answer_below_a_post_gets_an_id_of_that_post(graph: FacebookStandin) -> None:
    receipt = deliver(replace(COMMENT, parent_id=f"{PAGE}_8200"), context(graph))
    assert receipt.message_id.startswith("8200_")


@pytest.mark.parametrize(
    ("changed", "error"), [({"page_token": "token-2"}, NotAuthorised), ({"app_secret": "secret-2"}, Refused)]
)
@BOTH
def test_a_wrong_credential_is_refused(
    graph: FacebookStandin, reply: OutboundReply, changed: dict[str, str], error: type[DeliveryError]
) -> None:
    with pytest.raises(error):
        deliver(reply, context(graph, **changed))
    assert graph.posts == []


def test_a_missing_proof_is_refused(graph: FacebookStandin) -> None:
    with pytest.raises(Refused):
        run(facebook.send(COMMENT, context(graph)), lambda call: send(replace(call, params={})))
    assert graph.posts == []


def test_another_graph_version_goes_into_the_address(graph: FacebookStandin) -> None:
    about = context(graph, graph_version="v26.0")
    assert "/v26.0/" in first_call(facebook.send(COMMENT, about)).url
    assert deliver(COMMENT, about)


@pytest.mark.parametrize("parent_id", ["../me", "a/b?x=1#y", "%2e%2e"])
def test_no_id_changes_the_path(graph: FacebookStandin, parent_id: str) -> None:
    deliver(replace(COMMENT, parent_id=parent_id), context(graph))
    assert [post["parent_id"] for post in graph.posts] == [parent_id]


@BOTH
def test_an_answer_that_took_effect_unanswered_is_found_and_not_posted_twice(
    graph: FacebookStandin, reply: OutboundReply
) -> None:
    graph.fail_next([{"mode": "drop_after_accept"}])
    with pytest.raises(MaybeSent):
        deliver(reply, context(graph))
    found = look(reply, context(graph))
    assert found is not None
    assert [post["id"] for post in graph.posts] == [found.message_id]


@BOTH
@pytest.mark.parametrize("mode", ["hang", "close_before_read"])
def test_an_answer_that_took_no_effect_unanswered_is_not_found(
    graph: FacebookStandin, reply: OutboundReply, mode: str
) -> None:
    graph.fail_next([{"mode": mode}])
    about = context(graph)
    with pytest.raises(MaybeSent):
        run(facebook.send(reply, about), lambda call: send(replace(call, timeout_s=0.3)))
    assert look(reply, about) is None
    assert graph.posts == []


def graph_error(code: int, **more: Any) -> dict[str, Any]:
    return {"status": 400, "body": {"error": {"code": code, "type": "OAuthException", **more}}}


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        ({"status": 503, "body": "<html>"}, MaybeSent),
        ({"status": 429}, Throttled),
        (graph_error(4), Throttled),
        (graph_error(190, error_subcode=463), NotAuthorised),
        (graph_error(10, error_subcode=2018278), Refused),
    ],
)
def test_a_failure_told_over_http_is_the_next_answer_and_only_that(
    graph: FacebookStandin, failure: dict[str, Any], error: type[DeliveryError]
) -> None:
    told = requests.post(f"{graph.url}/_fail", json={"next": [failure]}, timeout=5)
    assert told.status_code == 200
    with pytest.raises(error):
        deliver(MESSAGE, context(graph))
    assert graph.posts == []
    assert deliver(MESSAGE, context(graph))


def test_headers_of_a_failure_are_sent(graph: FacebookStandin) -> None:
    usage = '{"1": [{"estimated_time_to_regain_access": 2}]}'
    graph.fail_next([{**graph_error(80001), "headers": {"X-Business-Use-Case-Usage": usage}}])
    with pytest.raises(Throttled) as raised:
        deliver(COMMENT, context(graph))
    assert raised.value.retry_after_s == 120


@pytest.mark.parametrize("body", [{}, {"next": [{"mode": "explode"}]}, {"next": [{}]}, {"next": 5}, {"next": ["hang"]}])
def test_a_failure_that_is_not_understood_is_refused(graph: FacebookStandin, body: dict[str, Any]) -> None:
    assert requests.post(f"{graph.url}/_fail", json=body, timeout=5).status_code == 400
    assert deliver(COMMENT, context(graph))


def test_posts_are_shown_over_http_and_told_to_a_callback() -> None:
    heard: list[dict[str, Any]] = []
    with FacebookStandin(page_id=PAGE, on_post=heard.append, clock=lambda: NOW, **CREDENTIALS) as graph:
        receipt = deliver(COMMENT, context(graph))
        shown = requests.get(f"{graph.url}/_posts", timeout=5).json()["posts"]
    assert heard == shown
    assert shown == [
        {
            "id": receipt.message_id,
            "kind": "comment",
            "parent_id": COMMENT.parent_id,
            "text": COMMENT.text,
            "created_at": NOW.isoformat(),
        }
    ]


def test_more_comments_than_a_page_since_the_try_leave_it_undecided(graph: FacebookStandin) -> None:
    for number in range(101):
        deliver(replace(COMMENT, text=f"Answer {number}"), context(graph))
    with pytest.raises(MaybeSent):
        look(replace(COMMENT, text="Answer 0"), context(graph))
    assert look(replace(COMMENT, text="Answer 100"), context(graph))


@pytest.mark.parametrize(
    ("reply", "text"), [(COMMENT, " "), (MESSAGE, "x" * 2001)], ids=["empty comment", "endless message"]
)
def test_what_check_lets_not_through_the_platform_refuses_too(
    graph: FacebookStandin, reply: OutboundReply, text: str
) -> None:
    wrong = replace(reply, text=text)
    with pytest.raises(Refused):
        facebook.check(wrong)
    with pytest.raises(Refused):
        deliver(wrong, context(graph))


def test_the_longest_texts_pass_the_check() -> None:
    facebook.check(replace(COMMENT, text="x" * 8000))
    facebook.check(replace(MESSAGE, text="x" * 2000))


def test_an_older_answer_of_the_same_text_is_not_taken_for_this_one(graph: FacebookStandin) -> None:
    deliver(COMMENT, context(graph))
    later = replace(COMMENT, first_tried_at=NOW + timedelta(minutes=5))
    about = context(graph)
    assert run(facebook.look(later, about), send) is None


@pytest.mark.parametrize(("method", "path"), [("POST", "/v25.0/123/messages"), ("GET", "/v25.0/1/likes"), ("GET", "/")])
def test_a_call_that_the_api_does_not_have_is_an_error(graph: FacebookStandin, method: str, path: str) -> None:
    proof = first_call(facebook.send(COMMENT, context(graph))).params
    headers = {"Authorization": "Bearer token-1"}
    answer = requests.request(method, graph.url + path, params=dict(proof), headers=headers, timeout=5)
    assert (answer.status_code, "error" in answer.json()) == (400, True)
