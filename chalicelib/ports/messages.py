"""What travels on the queues after triage."""

import json

from chalicelib.ports.cases import Labelled
from chalicelib.ports.inbound import Malformed
from chalicelib.ports.json_codec import from_plain, to_plain


def encode_mention(item: Labelled) -> str:
    return json.dumps({"v": 1, **to_plain(item)}, separators=(",", ":"))


def decode_mention(text: str) -> Labelled:
    """Raises Malformed."""
    try:
        return from_plain(Labelled, json.loads(text))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed(f"not a mention: {type(error).__name__}") from error


def encode_reply(reply_id: str) -> str:
    return json.dumps({"v": 1, "reply_id": reply_id}, separators=(",", ":"))


def decode_reply(text: str) -> str:
    """The reply's id. Raises Malformed."""
    try:
        reply_id = json.loads(text)["reply_id"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed(f"not a reply: {type(error).__name__}") from error
    if not isinstance(reply_id, str):
        raise Malformed("not a reply: its id is no text")
    return reply_id
