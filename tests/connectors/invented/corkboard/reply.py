"""A note below a note; what stands on the board tells whether one arrived."""

from chalicelib.connectors.corkboard.api import board_call, told

from chalicelib.connectors._kit.json import as_object
from chalicelib.connectors._kit.values import read_id, read_time
from chalicelib.ports.connector.calls import Steps
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

LIMIT = 500


def check(reply: OutboundReply) -> None:
    if reply.private:
        raise Refused("The board has no private notes.", code="private")
    if not reply.text.strip():
        raise Refused("The answer is empty.", code="empty")
    if len(reply.text) > LIMIT:
        raise Refused(f"The answer is longer than {LIMIT} characters.", code="too_long")


def send(reply: OutboundReply, context: SendContext) -> Steps[Receipt]:
    body = {"below": reply.parent_id.removeprefix("note-"), "text": reply.text}
    note = told((yield board_call(context, "POST", "/notes", json=body, posts=True)))
    note_id = read_id(note.get("id"))
    if note_id is None:
        raise MaybeSent("The board gave no clear answer.", code="unknown_fate")
    return Receipt(message_id=f"note-{note_id}", posted_at=read_time(note.get("at")))


def look(reply: OutboundReply, context: SendContext) -> Steps[Receipt | None]:
    params = {"below": reply.parent_id.removeprefix("note-")}
    result = yield board_call(context, "GET", "/notes", params=params)
    try:
        notes = told(result).get("notes")
    except (Throttled, NotAuthorised):
        raise
    except DeliveryError as error:
        raise MaybeSent("The board could not be looked at.", code="unclear") from error
    if not isinstance(notes, list):
        raise MaybeSent("The board could not be looked at.", code="unclear")
    for note in map(as_object, notes):
        note_id = read_id(note.get("id"))
        if note_id and note.get("text") == reply.text and note.get("by") == context.account_id:
            return Receipt(message_id=f"note-{note_id}", posted_at=read_time(note.get("at")))
    return None
