"""X's own rules, beyond what every connector must do and what the fixtures show."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import connectors
from chalicelib.connectors.x import payloads, reply, snowflake, text, weighted
from chalicelib.domain.facts import Fact, FactKind
from chalicelib.ports.connector.calls import HttpResult, OAuth1
from chalicelib.ports.connector.parsing import ChannelSettings, Parsed, Unreadable
from chalicelib.ports.connector.replying import MaybeSent, Refused
from tests.connectors.samples import (
    RECEIVED_AT,
    SHARED,
    always,
    first_call,
    inbound,
    outbound,
    outcomes,
    send_context,
    webhook_samples,
)
from tests.rings import need_samples

BRAND, CUSTOMER = "880011223344550001", "990055443322110001"
POST_ID = "2028390170620858369"
SAMPLES = {sample.name: sample for sample in webhook_samples("x")}


def parse(body: object, *accounts: str) -> Parsed:
    request = inbound("x", json.dumps(body).encode())
    return connectors.parser("x").parse(request, ChannelSettings(accounts=frozenset(accounts)))


def v1_post(**changed: Any) -> dict[str, Any]:
    return {"id_str": POST_ID, "user": {"id_str": CUSTOMER}, "text": "hello", **changed}


def v2_post(**changed: Any) -> dict[str, Any]:
    return {"id": POST_ID, "author_id": CUSTOMER, "text": "hello", **changed}


def v1(*posts: object) -> dict[str, Any]:
    return {"for_user_id": BRAND, "tweet_create_events": list(posts)}


def event(event_type: object, payload: object, **changed: Any) -> dict[str, Any]:
    return {"data": {"event_type": event_type, "filter": {"user_id": BRAND}, "payload": payload, **changed}}


# --- what is quarantined rather than guessed -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": {"id": POST_ID}},
        {"data": [v2_post()], "matching_rules": []},
        {"for_user_id": 880011223344550001, "tweet_create_events": []},
        {"for_user_id": BRAND, "tweet_create_events": v1_post()},
        {"for_user_id": BRAND, "tweet_create_events": ["post"]},
        v1({"text": "no id", "user": {"id_str": CUSTOMER}}),
        v1({"id": 2028390170620858369, "user": {"id_str": CUSTOMER}}),
        v1({"id_str": POST_ID, "text": "no user at all"}),
        v1(v1_post(user={"id": 990055443322110001})),
        v1(v1_post(in_reply_to_status_id_str=17)),
        v1({"id_str": ""}),
        event("post.mention.create", {"id": POST_ID, "text": "no author"}),
        event("post.mention.create", "post"),
        event("post.mention.create", v2_post(edit_history_tweet_ids=[5])),
        event("post.mention.create", v2_post(referenced_tweets=[{"type": "replied_to"}])),
        event("post.delete", {}),
        event("dm.received", {"direct_message_events": [{"type": "message_create", "id": "1"}]}),
        event("chat.received", {"id": "5b1d"}),
        event(["post.create"], v2_post()),
        {"data": v2_post(author_id=None), "matching_rules": []},
        {"replay_job_status": {}},
    ],
    ids=lambda body: json.dumps(body)[:60],
)
def test_what_lacks_an_id_or_an_author_goes_to_quarantine_whole(body: object) -> None:
    with pytest.raises(Unreadable):
        parse(body)


def test_the_reason_for_quarantine_repeats_nothing_that_anyone_wrote() -> None:
    secretive = v1_post(text="my card is 4929 1234", in_reply_to_status_id_str={"name": "Odalys"})
    with pytest.raises(Unreadable) as raised:
        parse(v1(secretive))
    shown = f"{raised.value!r} {raised.value.__cause__!r}"
    assert "in_reply_to_status_id_str" in shown
    assert "Odalys" not in shown
    assert "4929" not in shown
    assert raised.value.__context__ is None


# --- events ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event_type", "became"),
    [
        ("post.repost.create", "ignored:repost"),
        ("like.create", "ignored:like"),
        ("follow.follow", "ignored:follow"),
        ("follow.unfollow", "ignored:unfollow"),
        ("mute.unmute", "ignored:unmute"),
        ("dm.read", "ignored:read"),
        ("dm.indicate_typing", "ignored:typing"),
        ("profile.update.bio", "ignored:profile_update"),
        ("chat.conversation_join", "ignored:chat_join"),
        ("spaces.start", "ignored:space"),
        ("post.vanish", "ignored:unknown_event"),
        ("", "ignored:unknown_event"),
    ],
)
def test_an_event_that_is_no_fact_is_told_by_its_slug(event_type: str, became: str) -> None:
    assert outcomes(parse(event(event_type, None))) == [became]


def test_one_post_heard_as_a_mention_and_as_a_reply_is_one_message() -> None:
    post = v2_post(
        entities={"mentions": [{"id": BRAND, "start": 6}]}, in_reply_to_tweet_id="5", display_text_range=[0, 9]
    )
    heard = [parse(event(kind, post)).facts for kind in ("post.mention.create", "post.reply.create")]
    assert heard[0] == heard[1]


@pytest.mark.parametrize("name", ["aaa_mention", "xaa_mention", "stream_post"])
def test_every_envelope_can_bring_our_own_post(name: str) -> None:
    sample = SAMPLES[name]
    ours = ChannelSettings(accounts=sample.settings.accounts | {CUSTOMER})
    assert [fact.kind for fact in connectors.parser("x").parse(sample.request, ours).facts] == [FactKind.ANSWER]


@given(st.lists(st.integers(1, 10**18).map(str), min_size=1, max_size=6, unique=True), st.data())
def test_every_version_of_a_post_is_known_by_the_same_id(history: list[str], data: st.DataObject) -> None:
    seen = data.draw(st.sampled_from(history))
    facts = parse(event("post.create", v2_post(id=seen, edit_history_tweet_ids=history))).facts
    assert {fact.message_id for fact in facts} == {history[0]}
    assert {fact.message_id for fact in facts} | set(facts[0].alias_ids) == set(history)
    assert [fact.kind for fact in facts] == [FactKind.MENTION, FactKind.EDIT][: 1 if seen == history[0] else 2]
    assert {fact.version for fact in facts} == {history.index(seen)}


def only(parsed: Parsed) -> Fact:
    [fact] = parsed.facts
    return fact


@pytest.mark.parametrize(
    ("changed", "summoned"),
    [
        ({}, None),
        ({"entities": {"user_mentions": []}}, False),
        ({"entities": {"user_mentions": [{"id_str": BRAND, "indices": [0, 12]}]}}, True),
        ({"entities": {"user_mentions": [{"id_str": CUSTOMER, "indices": [0, 12]}]}}, False),
        ({"entities": {"user_mentions": [{"indices": [0, 12]}]}}, None),
        ({"entities": {"user_mentions": []}, "quoted_status": {"user": {"id_str": BRAND}}}, True),
        ({"entities": {"user_mentions": []}, "quoted_status": {"user": {"id_str": CUSTOMER}}}, False),
        ({"entities": {"user_mentions": []}, "is_quote_status": True}, None),
    ],
)
def test_who_summoned_us_is_told_from_the_text_and_the_quote(changed: dict[str, Any], summoned: bool | None) -> None:
    assert only(parse(v1(v1_post(**changed)))).summoned is summoned


@pytest.mark.parametrize(
    ("times", "occurred_at"),
    [
        ({"created_at": "Mon Mar 02 08:41:17 +0000 2026"}, "2026-03-02T08:41:17+00:00"),
        ({"created_at": "Mon Mar 02 10:41:17 +0200 2026"}, "2026-03-02T08:41:17+00:00"),
        ({"created_at": "2026-03-02T08:41:17.999Z"}, "2026-03-02T08:41:17+00:00"),
        ({"created_at": "2026-03-02T08:41:17"}, "2026-03-02T08:41:17+00:00"),
        ({"created_at": "soon", "timestamp_ms": "1772440877999"}, "2026-03-02T08:41:17+00:00"),
        ({"timestamp_ms": 1772440877999}, "2026-03-02T08:41:17+00:00"),
        ({"timestamp_ms": 10**40}, "2026-03-02T08:41:17+00:00"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "2026-03-02T08:41:17+00:00"),
        ({"created_at": "0001-01-01T00:00:00Z"}, "2026-03-02T08:41:17+00:00"),
        ({"created_at": "soon", "timestamp_ms": "0"}, "2026-03-02T08:41:17+00:00"),
    ],
)
def test_the_time_is_the_platforms_however_it_is_written(times: dict[str, Any], occurred_at: str) -> None:
    fact = only(parse(v1(v1_post(**times))))
    assert fact.occurred_at
    assert fact.occurred_at.isoformat() == occurred_at


def test_a_private_conversation_has_one_id_from_both_sides() -> None:
    received, sent = (only(SAMPLES[name].parse()) for name in ("xaa_dm_received", "xaa_dm_sent"))
    encrypted = only(SAMPLES["xaa_chat_received"].parse())
    assert received.thread_id == sent.thread_id == encrypted.thread_id == f"{BRAND}-{CUSTOMER}"


def test_a_conversation_id_is_ordered_by_number_not_by_letter() -> None:
    message = {"target": {"recipient_id": "900"}, "sender_id": "1000"}
    body = {
        "for_user_id": "900",
        "direct_message_events": [{"type": "message_create", "id": "1", "message_create": message}],
    }
    assert only(parse(body)).thread_id == "900-1000"


@pytest.mark.parametrize(("start", "summoned"), [(13, False), (14, True), (15, True)])
def test_a_handle_in_a_reply_is_typed_from_where_the_shown_text_begins(start: int, summoned: bool) -> None:
    named = {"user_mentions": [{"id_str": BRAND, "indices": [start, start + 12]}]}
    reply_post = v1_post(in_reply_to_status_id_str="5", display_text_range=[14, 40], entities=named)
    assert only(parse(v1(reply_post))).summoned is summoned


@given(st.text(st.characters(exclude_categories=())))
def test_cleaned_text_can_be_stored_and_stays_clean(dirty: str) -> None:
    once = payloads.clean(dirty)
    once.encode()
    assert "\x00" not in once
    assert payloads.clean(once) == once


# --- ids that hold their time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message_id", "created_at"),
    [
        (POST_ID, datetime(2026, 3, 2, 8, 41, 17, tzinfo=UTC)),
        ("29999999999", None),  # the last of the sequential ids
        ("9" * 20, None),
        ("٣" * 19, None),
        ("5b1de2aa-77c4", None),
        ("", None),
    ],
)
def test_a_snowflake_tells_its_time_and_nothing_else_does(message_id: str, created_at: datetime | None) -> None:
    assert snowflake.created_at(message_id) == created_at


# --- length ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("", 0),
        ("é", 1),
        ("e\u0301", 1),  # composed first
        ("漢", 2),
        ("\u201cquoted\u201d \u2013 so\u2026", 15),
        ("👩‍👩‍👧‍👦", 2),
        ("👍🏽", 2),
        ("🇳🇴🇸🇪", 4),
        ("1️⃣ # *️⃣", 7),
        ("© 2026", 6),
        ("©️", 2),
        ("☺", 2),
        ("🏴󠁧󠁢󠁷󠁬󠁳󠁿", 2),
        ("see https://larkspur.example/a/very/long/path?with=query#and-more", 27),
        ("http://a.no", 23),
        ("https://lärkspur.example/ü", 23),
        ("日本語https://a.no日本", 33),
        ("larkspur.com/help", 23),
        ("larkspur.com.", 24),
        ("write to help@larkspur.com", 26),
        ("@larkspur.com", 13),
        ("end of sentence.Next one", 24),
        ("3.5 of 4.0", 10),
    ],
)
def test_length_is_counted_as_x_counts_it(written: str, length: int) -> None:
    assert weighted.length(written) == length


def test_the_vendors_length_vectors_are_met() -> None:
    path = need_samples(SHARED / "x" / "weighted_length_vectors.json")
    vectors = json.loads(path.read_text(encoding="utf-8"))["vectors"]
    assert vectors
    for vector in vectors:
        length = weighted.length(vector["text"])
        assert (length, length <= weighted.LIMIT) == (vector["weightedLength"], vector["valid"]), vector["description"]


@pytest.mark.parametrize(
    ("written", "private", "code"),
    [
        ("x" * 280, False, None),
        ("x" * 281, False, "too_long"),
        ("漢" * 140, False, None),
        ("漢" * 141, False, "too_long"),
        ("x" * 256 + " https://larkspur.example/" + "p" * 300, False, None),
        ("x" * 10_000, True, None),
        ("x" * 10_001, True, "too_long"),
        ("\u3000\n", False, "empty"),
    ],
)
def test_a_text_is_refused_only_when_x_would_refuse_it(written: str, private: bool, code: str | None) -> None:
    about = outbound(text=written, private=private)
    if code is None:
        reply.check(about)
    else:
        with pytest.raises(Refused) as raised:
            reply.check(about)
        assert raised.value.code == code


# --- the calls -------------------------------------------------------------------------------------------------------


def test_a_public_answer_is_a_post_below_the_parent() -> None:
    call = first_call(reply.send(outbound(parent_id=POST_ID, text="Hi & bye"), send_context("x")))
    assert (call.method, call.url) == ("POST", "https://api.x.com/2/tweets")
    assert call.json == {"text": "Hi & bye", "reply": {"in_reply_to_tweet_id": POST_ID}}
    assert isinstance(call.auth, OAuth1)
    assert (call.auth.consumer_key, call.auth.token_secret) == ("hush-consumer_key", "hush-token_secret")


def test_a_private_answer_is_a_message_to_the_customer() -> None:
    call = first_call(reply.send(outbound(customer_id="77/../1", private=True), send_context("x")))
    assert call.url == "https://api.x.com/2/dm_conversations/with/77%2F..%2F1/messages"
    assert call.json == {"text": "We are on it."}


def test_a_message_to_nobody_is_refused() -> None:
    nobody = outbound(customer_id=None, private=True)
    for call in (lambda: reply.check(nobody), lambda: first_call(reply.send(nobody, send_context("x")))):
        with pytest.raises(Refused) as raised:
            call()
        assert raised.value.code == "no_recipient"


def test_the_look_begins_a_minute_before_the_first_try() -> None:
    tried = outbound(first_tried_at=datetime(2026, 3, 2, 8, 0, 30, 5, tzinfo=UTC))
    call = first_call(reply.look(tried, send_context("x", account_id=BRAND)))
    assert call.url == f"https://api.x.com/2/users/{BRAND}/tweets"
    assert call.params == {
        "start_time": "2026-03-02T07:59:30Z",
        "max_results": "100",
        "tweet.fields": "created_at,referenced_tweets,conversation_id,text",
    }


def test_an_attempt_without_a_sender_or_a_time_is_not_taken_for_absent_by_accident() -> None:
    """The message has our words and no sender: no receipt; a list that may go on leaves it open."""
    about = outbound(private=True, first_tried_at=RECEIVED_AT)
    listed = {"data": [{"id": "77", "text": about.text}], "meta": {"next_token": "more"}}
    with pytest.raises(MaybeSent):
        always(reply.look(about, send_context("x")), HttpResult(status=200, body=json.dumps(listed).encode()))


# --- texts that are one ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "ours", "one"),
    [
        ("@odalys_trips Hello", "Hello", True),
        ("@odalys_trips @tobiasmarrow Hello", "@tobiasmarrow Hello", True),
        ("Hello", "hello", False),
        ("Hello", "Hello there", False),
        ("a &lt; b &amp;amp; c", "a < b &amp; c", True),
        ("a & b", "a & b", True),
        ("see https://t.co/0123456789", "see http://larkspur.example/x", True),
        ("see https://t.co/0123456789 now", "see larkspur.com now", True),
        ("one\n\n two", "one two", True),
        ("cafe\u0301", "café", True),
        ("@odalys_trips", "", True),
        ("mail help@larkspur.com", "mail", False),
    ],
)
def test_two_texts_are_one_post_when_only_x_made_the_difference(shown: str, ours: str, one: bool) -> None:
    assert text.same(shown, ours) is one


@given(st.text(), st.text())
def test_being_one_post_works_both_ways(written: str, other: str) -> None:
    assert text.same(written, written)
    assert text.same(written, other) == text.same(other, written)


def test_an_answer_just_outside_the_window_is_not_ours() -> None:
    about = outbound(first_tried_at=RECEIVED_AT)
    before = RECEIVED_AT - timedelta(seconds=61)
    item = {"id": "77", "text": about.text, "created_at": before.isoformat()}
    item["referenced_tweets"] = [{"type": "replied_to", "id": about.parent_id}]  # type: ignore[assignment]
    page = HttpResult(status=200, body=json.dumps({"data": [item]}).encode())
    assert always(reply.look(about, send_context("x")), page) is None
    earlier = replace(about, first_tried_at=before)
    found = always(reply.look(earlier, send_context("x")), page)
    assert found
    assert found.message_id == "77"
