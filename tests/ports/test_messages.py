"""What travels after triage."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.classify import classify
from chalicelib.ports.cases import Labelled
from chalicelib.ports.inbound import Malformed
from chalicelib.ports.messages import decode_mention, decode_reply, encode_mention, encode_reply
from chalicelib.usecases.triage import MOST_FACT_BYTES, MOST_TEXT_CHARS
from tests.usecases.world import MORNING, wrote

MOST_QUEUE_BYTES = 1_048_576
TEXT = "URGENT!!! where is my bag, you lost it AGAIN ✈️ naïve"
MENTION = encode_mention(Labelled(fact=wrote("1", 0, text=TEXT), labels=classify(TEXT)))
PLAIN = json.loads(MENTION)


@pytest.mark.parametrize("fact", MORNING, ids=lambda fact: f"{fact.kind}-{fact.message_id}")
@pytest.mark.parametrize("labels", [None, classify(TEXT)], ids=["bare", "labelled"])
def test_a_mention_arrives_as_it_was_sent(fact, labels):
    item = Labelled(fact=fact, labels=labels)
    text = encode_mention(item)
    assert decode_mention(text) == item
    assert text.isascii()
    assert text.isprintable()


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_arrives_as_it_was_written(text):
    fact = wrote("1", 0, text=text)
    assert decode_mention(encode_mention(Labelled(fact=fact, labels=classify(text)))).fact == fact


def test_the_longest_text_fits_a_queue():
    text = "✈" * MOST_TEXT_CHARS
    assert len(text.encode()) < MOST_FACT_BYTES
    item = Labelled(fact=wrote("1", 0, text=text), labels=classify(text))
    assert len(encode_mention(item)) < MOST_QUEUE_BYTES


def test_a_mention_of_the_next_version_reads():
    later = {**PLAIN, "v": 2, "invented_later": 1, "fact": {**PLAIN["fact"], "mood": "grim"}}
    assert decode_mention(json.dumps(later)) == decode_mention(MENTION)


MALFORMED = {
    "nothing": "",
    "no JSON": "hello",
    "too deep": "[" * 100_000,
    "null": "null",
    "a list": "[]",
    "a text": '"fact"',
    "a number": "5",
    "no fact": "{}",
    "a fact of another kind": json.dumps({**PLAIN, "fact": {**PLAIN["fact"], "kind": "poke"}}),
    "a number for an id": json.dumps({**PLAIN, "fact": {**PLAIN["fact"], "message_id": 1}}),
    "an author who is a text": json.dumps({**PLAIN, "fact": {**PLAIN["fact"], "author": "501"}}),
    "an instant without a zone": json.dumps({**PLAIN, "fact": {**PLAIN["fact"], "received_at": "2026-03-02T09:00"}}),
    "labels that are a list": json.dumps({**PLAIN, "labels": []}),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_mention_is_malformed_and_not_quoted(name):
    with pytest.raises(Malformed, match=r"^not a mention: \w+$"):
        decode_mention(MALFORMED[name])


@given(st.text(min_size=1, max_size=50))
def test_a_reply_is_its_id(reply_id):
    assert decode_reply(encode_reply(reply_id)) == reply_id


@pytest.mark.parametrize(
    "text", ["", "hello", "null", "[]", "5", "{}", '{"reply_id": 5}', '{"reply_id": null}', "[" * 100_000], ids=len
)
def test_what_is_no_reply_is_malformed(text):
    with pytest.raises(Malformed, match=r"^not a reply: "):
        decode_reply(text)


def test_a_mention_is_small_when_there_is_little_to_say():
    bare = replace(wrote("1", 0), author=None)
    assert len(encode_mention(Labelled(fact=bare))) < 300
