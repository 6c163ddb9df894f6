"""
A raw request becomes facts, each with its labels, on the lane it belongs to.

Whatever can stop or end a clock takes the urgent lane, so that an answer is
not stuck behind a flood. What cannot be read of a request waits with its whole
body; what can be read goes on, and a replay of the body repeats it harmlessly.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.domain.facts import ChannelTrouble, Fact, FactKind
from chalicelib.domain.labels import Urgency
from chalicelib.ports.cases import Labelled
from chalicelib.ports.connector.parsing import DASHBOARD_TEST, ChannelSettings, Parse, Parsed, Unread, Unreadable
from chalicelib.ports.connector.receiving import InboundRequest
from chalicelib.ports.cursors import Wants
from chalicelib.ports.inbound import Bodies, InboundMessage
from chalicelib.ports.json_codec import dumps
from chalicelib.ports.messages import encode_mention
from chalicelib.ports.quarantine import Quarantine
from chalicelib.ports.queues import Queues
from chalicelib.ports.secrets import Channels
from chalicelib.usecases.labelling import Labelling

URGENT, ORDINARY = "mentions-urgent", "mentions"
MOST_ID_BYTES = 400  # ids become part of keys, which take 1,024 bytes
MOST_TEXT_CHARS = 63_206  # the longest that any platform takes: a post on Facebook
MOST_ADDRESS_BYTES = 2_000  # it travels with every answer
MOST_FACT_BYTES = 300_000  # an item of the table takes 400 KB, and labels and keys must fit beside the fact

MOST_REASONS = 5  # that are told of one body
MOST_WANTED = 100  # ids to fetch, of one body


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What triage needs from outside."""

    channels: Channels
    queues: Queues
    bodies: Bodies
    quarantine: Quarantine
    labelling: Labelling
    report_trouble: Callable[[ChannelTrouble], None]
    tell_tested: Callable[[str], None] | None = None  # hears of channels that a platform tested
    wants: Wants | None = None  # keeps what the next poll shall fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What became of one request, for the log and the metrics."""

    urgent: int = 0
    ordinary: int = 0
    unjudged: int = 0  # among the urgent: there was no time for them
    ignored: tuple[str, ...] = ()
    troubles: int = 0
    quarantined: str | None = None


def triage(message: InboundMessage, connector: Parse, ports: Ports) -> Sorted:
    """Raises only for what may pass: the message then comes again, and every step can be repeated."""
    body = message.body if message.body is not None else _large_body(message, ports.bodies)
    settings = ports.channels.settings(message.channel)
    parsed = _checked(_read(message.request(body), connector, settings), settings)
    reason = _why_kept(parsed)
    if reason:
        ports.quarantine.keep(message, body, reason)
    if ports.tell_tested and DASHBOARD_TEST in _slugs(parsed):
        ports.tell_tested(message.channel)
    if ports.wants and parsed.wanted:
        fetched = [one for one in dict.fromkeys(parsed.wanted) if 0 < len(one.encode()) <= MOST_ID_BYTES]
        ports.wants.want(message.channel, fetched[:MOST_WANTED], message.received_at)
    return replace(_route(parsed, ports), quarantined=reason)


def _large_body(message: InboundMessage, bodies: Bodies) -> bytes:
    if message.body_ref is None:
        raise ValueError(f"inbound message {message.request_id} has no body")
    return bodies.get(message.body_ref)


def _read(request: InboundRequest, connector: Parse, settings: ChannelSettings) -> Parsed:
    try:
        return connector.parse(request, settings)
    except Unreadable as error:
        return Parsed(unread=(Unread(reason=str(error)),))
    except Exception as error:  # noqa: BLE001  a bug in a connector must not lose what a customer wrote
        return Parsed(unread=(Unread(reason=f"the connector failed: {type(error).__name__}", is_bug=True),))


def _why_kept(parsed: Parsed) -> str | None:
    """Why the body waits in quarantine; None when all of it was read."""
    if not parsed.unread:
        return None
    reasons = "; ".join(dict.fromkeys(one.reason for one in parsed.unread[:MOST_REASONS]))
    was_read = parsed.facts or parsed.troubles or parsed.ignored
    return f"{len(parsed.unread)} of its items: {reasons}" if was_read else reasons


def _checked(parsed: Parsed, settings: ChannelSettings) -> Parsed:
    """The same, cut to what any platform's texts may be; what the table cannot hold counts as unread."""
    facts, unread = [], list(parsed.unread)
    for fact in parsed.facts:
        try:
            checked = _checked_fact(fact)
        except (Unreadable, UnicodeError) as error:
            unread.append(Unread(reason=str(error) if isinstance(error, Unreadable) else "no text that can be stored"))
        else:
            facts.append(replace(checked, own_account=checked.account_id in settings.accounts))
    return replace(parsed, facts=tuple(facts), unread=tuple(unread))


def _checked_fact(fact: Fact) -> Fact:
    """Before anything is sent: on a lane it would fail again and again, and nobody could replay it."""
    if not all(0 < len(i.encode()) <= MOST_ID_BYTES for i in _ids(fact) if i is not None):
        raise Unreadable("an id is empty or longer than any platform's")
    if len(fact.account_id.encode()) > MOST_ID_BYTES:
        raise Unreadable("an account's id is longer than any platform's")
    if sum(len(part.encode()) for pair in fact.address.items() for part in pair) > MOST_ADDRESS_BYTES:
        raise Unreadable("more is wanted for an answer than may be kept")
    if fact.text and len(fact.text) > MOST_TEXT_CHARS:
        fact = replace(fact, text=fact.text[:MOST_TEXT_CHARS], cut=True)
    if len(dumps(fact).encode()) > MOST_FACT_BYTES:
        raise Unreadable("more comes with a message than any platform sends")
    return fact


def _ids(fact: Fact) -> tuple[str | None, ...]:
    author_id = fact.author.id if fact.author else None
    return (fact.message_id, fact.thread_id, fact.parent_id, author_id, fact.customer_id, *fact.alias_ids)


def _route(parsed: Parsed, ports: Ports) -> Sorted:
    items = [Labelled(fact=fact, labels=ports.labelling.labels(fact)) for fact in parsed.facts]
    urgent = [item for item in items if is_urgent(item)]
    ordinary = [item for item in items if not is_urgent(item)]
    for queue, lane in ((URGENT, urgent), (ORDINARY, ordinary)):
        if lane:
            ports.queues.send(queue, [encode_mention(item) for item in lane])
    for trouble in parsed.troubles:
        ports.report_trouble(trouble)
    return Sorted(
        urgent=len(urgent),
        ordinary=len(ordinary),
        unjudged=sum(item.labels is None and item.fact.kind is FactKind.MENTION for item in urgent),
        ignored=_slugs(parsed),
        troubles=len(parsed.troubles),
    )


def _slugs(parsed: Parsed) -> tuple[str, ...]:
    return tuple(ignored.what for ignored in parsed.ignored)


def is_urgent(item: Labelled) -> bool:
    """Whether it takes the urgent lane: so does a mention that nobody has judged."""
    if item.fact.kind is not FactKind.MENTION or item.labels is None:
        return True
    return item.labels.urgency.value.rank >= Urgency.HIGH.rank
