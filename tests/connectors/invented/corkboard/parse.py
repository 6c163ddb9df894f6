"""Notes; one of which only the id is told is fetched by the next poll."""

from collections.abc import Iterator
from dataclasses import replace

from chalicelib.connectors._kit.items import Found, an_object, collected, each, objects
from chalicelib.connectors._kit.json import json_object
from chalicelib.connectors._kit.values import read_id, read_text, read_time
from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.ports.connector.parsing import ChannelSettings, Ignored, Parsed, Unreadable
from chalicelib.ports.connector.receiving import InboundRequest


def parse(request: InboundRequest, settings: ChannelSettings) -> Parsed:
    body = json_object(request.body)
    if "notes" not in body:
        raise Unreadable("no notes")
    notes = objects(body["notes"], "notes")
    wanted = [read_id(note.get("id")) for note in notes if isinstance(note, dict) and set(note) == {"id"}]
    parsed = collected(each(notes, lambda note: _read(note, request, settings)))
    return replace(parsed, wanted=tuple(one for one in wanted if one))


def _read(item: object, request: InboundRequest, settings: ChannelSettings) -> Iterator[Found]:
    note = an_object(item)
    note_id, writer, below = (read_id(note.get(name)) for name in ("id", "by", "below"))
    if note_id is None:
        raise Unreadable("a note without an id")
    if set(note) == {"id"}:
        yield Ignored(what="named_only", reason="the next poll fetches it")
        return
    yield Fact(
        kind=FactKind.ANSWER if writer in settings.accounts else FactKind.MENTION,
        platform=request.platform,
        channel=request.channel,
        account_id=min(settings.accounts, default="board"),
        message_id=f"note-{note_id}",
        received_at=request.received_at,
        occurred_at=read_time(note.get("at")),
        parent_id=f"note-{below}" if below else None,
        author=Author(id=writer, handle=writer) if writer else None,
        text=read_text(note.get("text")),
    )
