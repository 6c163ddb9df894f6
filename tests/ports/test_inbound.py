"""A raw request on its way: the same bytes at the end, and text that any queue takes."""

import base64
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ports.inbound import MOST_INLINE_BYTES, InboundMessage, Malformed, decode, encode, large_body_ref

NOW = datetime(2026, 3, 2, 9, 0, 5, 250_000, tzinfo=UTC)
MESSAGE = InboundMessage(
    platform="x", channel="x.main", headers={"x-sig": "s"}, received_at=NOW, request_id="r1", body=b"{}"
)
PLAIN = json.loads(encode(MESSAGE))
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html, read 2026-11-23
QUEUEABLE = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
MOST_QUEUE_BYTES = 1_048_576

bodies = st.none() | st.binary(max_size=500)
headers = st.dictionaries(st.text(max_size=10), st.text(max_size=30), max_size=4)


@given(bodies, headers, st.datetimes(timezones=st.just(UTC)), st.integers(0, 9), st.text(max_size=20))
def test_it_arrives_as_it_was_sent(body, headers, received_at, replays, request_id):
    message = InboundMessage(
        platform="x",
        channel="x.main",
        headers=headers,
        received_at=received_at,
        request_id=request_id,
        body=body,
        body_ref="large/1" if body is None else None,
        replays=replays,
    )
    text = encode(message)
    assert decode(text) == message
    assert QUEUEABLE.fullmatch(text)


def test_the_largest_that_travels_inline_fits_a_queue():
    message = replace(MESSAGE, body=b"\xff" * MOST_INLINE_BYTES, headers={"x-sig": "s" * 8_000})
    assert large_body_ref(message) is None
    assert len(encode(message)) < MOST_QUEUE_BYTES
    assert large_body_ref(replace(message, body=b"\xff" * (MOST_INLINE_BYTES + 1))) == "large/2026-03-02/r1"


def test_the_hour_is_the_same_in_every_zone():
    tokyo = replace(MESSAGE, received_at=NOW.astimezone(timezone(timedelta(hours=9))))
    assert encode(tokyo) == encode(MESSAGE)


def test_the_request_is_what_the_connector_saw_before():
    request = MESSAGE.request(b"body")
    assert (request.body, request.headers, request.received_at) == (b"body", {"x-sig": "s"}, NOW)
    assert (request.platform, request.channel, request.request_id) == ("x", "x.main", "r1")


def test_no_repr_shows_what_a_customer_wrote():
    assert "SECRET" not in repr(replace(MESSAGE, body=b"SECRET"))


def test_a_message_of_the_next_version_reads():
    assert decode(json.dumps({**PLAIN, "v": 2, "invented_later": {"a": 1}})) == MESSAGE


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in PLAIN.items() if key != name}


MALFORMED: dict[str, str] = {
    "nothing": "",
    "no JSON": "hello",
    "too deep": "[" * 100_000,
    "null": "null",
    "a list": "[]",
    "a text": '"platform"',
    "no body and no place of one": json.dumps(without("body")),
    "a body and a place of one": json.dumps({**PLAIN, "body_ref": "large/1"}),
    "a body that is not base64": json.dumps({**PLAIN, "body": "naïve"}),
    "a body with a line break": json.dumps({**PLAIN, "body": base64.b64encode(b"abc").decode() + "\n"}),
    "a number for a body": json.dumps({**PLAIN, "body": 5}),
    "a number for a place": json.dumps({**without("body"), "body_ref": 5}),
    "a number for a platform": json.dumps({**PLAIN, "platform": 5}),
    "a list for a platform": json.dumps({**PLAIN, "platform": ["x"]}),
    "a list for headers": json.dumps({**PLAIN, "headers": ["x-sig"]}),
    "a number in a header": json.dumps({**PLAIN, "headers": {"x-sig": 5}}),
    "no instant": json.dumps({**PLAIN, "received_at": "yesterday"}),
    "an instant without a zone": json.dumps({**PLAIN, "received_at": "2026-03-02T09:00:00"}),
    "a text for a count": json.dumps({**PLAIN, "replays": "1"}),
    **{f"no {name}": json.dumps(without(name)) for name in ("platform", "channel", "headers", "received_at")},
    "no request_id": json.dumps(without("request_id")),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_none_of_ours_is_malformed_and_not_quoted(name):
    with pytest.raises(Malformed) as raised:
        decode(MALFORMED[name])
    assert re.fullmatch(r"not an inbound message: \w+", str(raised.value))
