"""What only Facebook does; the rules that all platforms share are in `test_contract.py`."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import connectors
from chalicelib.connectors._kit import values as meta_common
from chalicelib.connectors._kit.meta_graph import appsecret_proof
from chalicelib.connectors.facebook import reply as facebook_reply
from chalicelib.connectors.facebook import webhook as facebook
from chalicelib.domain.facts import Fact, FactKind
from chalicelib.ports.connector.calls import HttpResult
from chalicelib.ports.connector.parsing import ChannelSettings, Parsed, Unreadable
from chalicelib.ports.connector.receiving import SignatureInvalid, SignatureMissing, WebhookSecrets
from chalicelib.ports.connector.replying import MaybeSent, Refused
from tests.connectors.samples import (
    TEST_SECRET,
    WebhookSample,
    always,
    first_call,
    inbound,
    outbound,
    send_context,
    signature,
    webhook_samples,
)

PAGE = "700100200300"
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRETS = WebhookSecrets(secrets=(TEST_SECRET,))


def parse(body: object, **settings: frozenset[str]) -> Parsed:
    return connectors.parser("facebook").parse(
        inbound("facebook", json.dumps(body).encode()), ChannelSettings(**settings)
    )


def page(*changes: dict[str, Any], messaging: object = (), **entry: Any) -> dict[str, Any]:
    return {"object": "page", "entry": [{"id": PAGE, "changes": list(changes), "messaging": messaging, **entry}]}


def feed(field: str = "feed", **value: Any) -> dict[str, Any]:
    return page({"field": field, "value": value})


def item(**members: Any) -> dict[str, Any]:
    return page(messaging=[{"sender": {"id": "3300"}, "recipient": {"id": PAGE}, **members}])


# --- bodies that go to quarantine --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"object": "page"},
        {"object": "page", "entry": None},
        {"object": "page", "entry": {"id": PAGE}},
        {"object": "page", "entry": ["x"]},
        {"object": "instagram", "entry": []},
        {"object": None, "entry": []},
        page(messaging="x"),
        page(messaging=["x"]),
        {"object": "page", "entry": [{"changes": [{"field": "feed", "value": {"item": "comment"}}]}]},
    ],
    ids=json.dumps,
)
def test_a_body_of_a_wrong_structure_is_unreadable(body: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        parse(body)


@pytest.mark.parametrize(
    "body",
    [
        feed(item="comment", verb="add", post_id="1_2", message="Help"),
        feed(item="comment", verb="remove", post_id="1_2"),
        feed(item="comment", verb="add", comment_id={"id": 1}, post_id="1_2"),
        feed(item="comment", verb="add", comment_id=1.5, post_id="1_2"),
        feed(item="comment", comment_id="2_3", message="no verb"),
        feed(item="post", verb="add", message="Help"),
        feed(item="post", verb="add", post_id="", message="Help"),
        feed("mention", item="post", verb="add", message="Help"),
        feed("ratings", item="rating", verb="add", review_text="Bad"),
        feed("ratings", item="comment", verb="add", message="Bad"),
        feed(**{"item": "comment", "verb": "add", "comment_id": "2_3", "from": "Mira"}),
        page({"field": "feed", "value": "text"}),
        item(message={"text": "Help"}),
        item(message={"mid": None, "is_deleted": True}),
        item(message="Help"),
        item(message_edit={"text": "Help"}),
    ],
    ids=json.dumps,
)
def test_a_message_that_cannot_be_addressed_makes_the_whole_body_unreadable(body: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        parse(body)


def test_why_a_body_is_unreadable_is_told_without_the_platforms_text() -> None:
    with pytest.raises(Unreadable) as raised:
        parse({"object": "page", "entry": "<script>secret words</script>"})
    assert "script" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(("verb", "kind"), [("remove", FactKind.DELETE), ("hide", FactKind.HIDE)])
def test_what_is_gone_or_hidden_keeps_neither_text_nor_author(verb: str, kind: FactKind) -> None:
    author = {"id": "5", "name": "Mira"}
    body = feed(
        item="comment", verb=verb, comment_id="2_3", message="Help", photo="https://p.example/1", **{"from": author}
    )
    (fact,) = parse(body).facts
    assert (fact.kind, fact.text, fact.author, fact.media) == (kind, None, None, ())


# --- order and repetition ----------------------------------------------------------------------------------------


def _entries(sample: WebhookSample) -> list[Any]:
    body = json.loads(sample.body)
    return [entry for entry in body["entry"] if "id" in entry] if body["object"] == "page" else []


ENTRIES = [entry for sample in webhook_samples("facebook") for entry in _entries(sample)]
SETTINGS = ChannelSettings(accounts=frozenset({PAGE}))


def _key(fact: Fact) -> tuple[str, str, str]:
    return fact.kind, fact.account_id, fact.message_id


@given(st.lists(st.sampled_from(ENTRIES), max_size=12), st.randoms(use_true_random=False))
def test_what_is_in_a_batch_does_not_depend_on_its_order_or_on_repetition(entries: list[Any], random: Any) -> None:
    def keys(batch: list[Any]) -> set[tuple[str, str, str]]:
        body = json.dumps({"object": "page", "entry": batch}).encode()
        return {_key(fact) for fact in connectors.parser("facebook").parse(inbound("facebook", body), SETTINGS).facts}

    shuffled = entries * 2
    random.shuffle(shuffled)
    alone = [keys([entry]) for entry in entries]
    assert keys(shuffled) == set().union(*alone)


@pytest.mark.parametrize("pair", [0, 1])
def test_of_one_comment_told_twice_the_known_is_kept(pair: int) -> None:
    thin = {"field": "mention", "value": {"item": "comment", "verb": "add", "comment_id": "2_3", "message": "Hi"}}
    rich = {"field": "feed", "value": {**thin["value"], "from": {"id": "5"}, "parent_id": "1_2"}}
    (fact,) = parse(page(*([thin, rich] if pair else [rich, thin]))).facts
    assert fact.author is not None
    assert (fact.parent_id, fact.summoned) == ("1_2", True)


def test_a_bot_is_known_by_its_application() -> None:
    body = item(message={"mid": "m", "is_echo": True, "app_id": 1901, "text": "Hi"})
    assert [fact.by_person for fact in parse(body, bot_app_ids=frozenset({"1901"})).facts] == [False]
    assert [fact.by_person for fact in parse(body, app_ids=frozenset({"1901"})).facts] == [True]


# --- signature ---------------------------------------------------------------------------------------------------

WIRE = b'{"object": "page", "entry": [], "text": "caf\\u00e9 \\ud83d\\udc4b \\/"}'


def test_the_legacy_header_is_never_enough() -> None:
    signed = signature("facebook", WIRE)["x-hub-signature-256"]
    for headers in ({"x-hub-signature": signed}, {"x-hub-signature": "sha1=" + "0" * 40}):
        with pytest.raises(SignatureMissing):
            facebook.verify(inbound("facebook", WIRE, headers=headers), SECRETS)


@pytest.mark.parametrize(
    "change",
    [str.upper, lambda h: h.removeprefix("sha256="), lambda h: h + " ", lambda h: h[:-1], lambda h: "sha1" + h[6:]],
    ids=["upper", "no prefix", "space", "cut", "other algorithm"],
)
def test_only_the_exact_form_of_the_signature_is_accepted(change: Any) -> None:
    headers = {name: change(value) for name, value in signature("facebook", WIRE).items()}
    with pytest.raises(SignatureInvalid):
        facebook.verify(inbound("facebook", WIRE, headers=headers), SECRETS)


@pytest.mark.parametrize(
    "rewritten",
    [json.dumps(json.loads(WIRE)).encode(), json.dumps(json.loads(WIRE), ensure_ascii=False).encode(), WIRE + b"\n"],
)
def test_a_body_that_was_decoded_and_written_again_no_longer_verifies(rewritten: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        facebook.verify(inbound("facebook", rewritten, headers=signature("facebook", WIRE)), SECRETS)


def test_the_proof_is_bound_to_token_and_app() -> None:
    # echo -n token-1 | openssl dgst -sha256 -hmac secret-1
    assert appsecret_proof("token-1", "secret-1") == "c8f7d96f3871538b4c3f08987cca32bb16cdf51af7a0f6e001c14bfc37761961"
    assert len({appsecret_proof(token, app) for token in ("a", "b") for app in ("c", "d")}) == 4


# --- how Meta writes times, ids and texts ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (1772442000, NINE),
        (1772442000.9, NINE),
        (1772442000999, NINE),
        ("1772442000", NINE),
        (" 1772442000999 ", NINE),
        ("2026-03-02T09:00:00+0000", NINE),
        ("2026-03-02T10:00:00+01:00", NINE),
        ("2026-03-02T09:00:00.750Z", NINE),
        ("2026-03-02T09:00:00", NINE),
        (12341, None),
        (0, None),
        (-1, None),
        (True, None),
        (None, None),
        ("", None),
        ("yesterday", None),
        ([1772442000], None),
        (10**30, None),
        (float("nan"), None),
        (float("inf"), None),
        ("9" * 5000, None),
        ("0001-01-01T00:00:00+23:00", None),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_time_in_every_shape(written: object, read: datetime | None) -> None:
    assert meta_common.read_time(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("700", "700"),
        (700, "700"),
        (10201978818232600123, "10201978818232600123"),
        (" 7 ", "7"),
        ("", None),
        (" ", None),
        (7.0, None),
        (True, None),
        (None, None),
        ({}, None),
        ("a\ud800", "a\ufffd"),
    ],
    ids=repr,
)
def test_an_id_in_every_shape(written: object, read: str | None) -> None:
    assert meta_common.read_id(written) == read


@given(st.text(st.characters(exclude_categories=())))
def test_cleaned_text_can_be_stored_and_whole_emoji_stay(text: str) -> None:
    cleaned = meta_common.clean(text)
    cleaned.encode()
    assert "\0" not in cleaned
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore").replace("\0", "")
    assert cleaned.replace("\ufffd", "") == whole.replace("\ufffd", "")


# --- answering ---------------------------------------------------------------------------------------------------


def test_a_private_answer_needs_somebody_to_go_to() -> None:
    reply = outbound(private=True, customer_id=None)
    for refuse in (
        lambda: facebook_reply.check(reply),
        lambda: first_call(facebook_reply.send(reply, send_context("facebook"))),
    ):
        with pytest.raises(Refused) as raised:
            refuse()
        assert raised.value.code == "no_recipient"


def test_a_private_answer_goes_from_the_page_to_the_person_as_a_response() -> None:
    call = first_call(facebook_reply.send(outbound(private=True), send_context("facebook", account_id=PAGE)))
    assert call.url == f"https://graph.facebook.com/v25.0/{PAGE}/messages"
    text = {"text": "We are on it."}
    assert call.json == {"recipient": {"id": "2002"}, "messaging_type": "RESPONSE", "message": text}


def test_a_late_private_answer_is_marked_as_a_persons() -> None:
    late = replace(outbound(private=True), needs_person=True)
    call = first_call(facebook_reply.send(late, send_context("facebook", account_id=PAGE)))
    assert call.json == {
        "recipient": {"id": "2002"},
        "messaging_type": "MESSAGE_TAG",
        "tag": "HUMAN_AGENT",
        "message": {"text": "We are on it."},
    }


def test_a_public_answer_goes_below_what_it_answers() -> None:
    call = first_call(facebook_reply.send(outbound(parent_id="8100_9001"), send_context("facebook", account_id=PAGE)))
    assert call.url == "https://graph.facebook.com/v25.0/8100_9001/comments"
    assert call.json == {"message": "We are on it."}
    assert set(call.params) == {"appsecret_proof"}


def test_a_look_asks_for_what_it_needs() -> None:
    context = send_context("facebook", account_id=PAGE)
    public = first_call(facebook_reply.look(outbound(parent_id="8100_9001"), context))
    assert public.url.endswith("/8100_9001/comments")
    assert public.params["order"] == "reverse_chronological"
    private = first_call(facebook_reply.look(outbound(private=True), context))
    assert private.url.endswith(f"/{PAGE}/conversations")
    assert private.params["user_id"] == "2002"


@pytest.mark.parametrize("code", [*range(1, 400), 506, 551, 613, 1609005, 80001, 80009])
def test_no_error_of_a_look_says_that_the_answer_did_not_arrive_or_never_will(code: int) -> None:
    body = json.dumps({"error": {"code": code, "type": "OAuthException"}}).encode()
    tried = replace(outbound(), first_tried_at=NINE)
    with pytest.raises(Exception) as raised:  # noqa: PT011 - which one is what is asked
        always(facebook_reply.look(tried, send_context("facebook")), HttpResult(status=400, body=body))
    assert type(raised.value).__name__ in {"Throttled", "NotAuthorised", "MaybeSent"}


def test_a_look_without_a_connection_leaves_it_open() -> None:
    with pytest.raises(MaybeSent):
        always(facebook_reply.look(outbound(), send_context("facebook")), HttpResult(status=0, sent=False))
