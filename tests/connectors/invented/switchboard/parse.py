"""One short message in each form."""

from collections.abc import Iterator, Mapping

from chalicelib.connectors._kit.forms import fields
from chalicelib.connectors._kit.items import Found, collected, each
from chalicelib.connectors._kit.values import read_id, read_text, read_time
from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.ports.connector.parsing import ChannelSettings, Ignored, Parsed, Unreadable
from chalicelib.ports.connector.receiving import InboundRequest


def parse(request: InboundRequest, settings: ChannelSettings) -> Parsed:
    return collected(each([dict(fields(request.body))], lambda message: _read(message, request, settings)))


def _read(message: Mapping[str, str], request: InboundRequest, settings: ChannelSettings) -> Iterator[Found]:
    message_id, writer, to = (read_id(message.get(name)) for name in ("Id", "From", "To"))
    if message_id is None or writer is None:
        raise Unreadable("a message without an id or a writer")
    if message.get("Kind") != "message":
        yield Ignored(what="no_message", reason="a call, or news of one")
        return
    ours = settings.accounts
    yield Fact(
        kind=FactKind.ANSWER if writer in ours else FactKind.MENTION,
        platform=request.platform,
        channel=request.channel,
        account_id=writer if writer in ours else to or min(ours, default="board"),
        message_id=message_id,
        received_at=request.received_at,
        occurred_at=read_time(message.get("At")),
        author=Author(id=writer, handle=writer),
        text=read_text(message.get("Body")),
        private=True,
        customer_id=to if writer in ours else None,
    )
