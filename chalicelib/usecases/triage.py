"""
A raw request becomes facts, each with its labels, on the lane it belongs to.

Whatever can stop or end a clock takes the urgent lane, so that an answer is
not stuck behind a flood. What cannot be read is kept whole.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.domain.facts import ChannelTrouble, Fact, FactKind
from chalicelib.domain.labels import Labels, Urgency
from chalicelib.ports.cases import Labelled
from chalicelib.ports.connector import ChannelSettings, Parsed, Unreadable, Webhook
from chalicelib.ports.inbound import Bodies, InboundMessage
from chalicelib.ports.messages import encode_mention
from chalicelib.ports.plain import dumps
from chalicelib.ports.quarantine import Quarantine
from chalicelib.ports.queues import Queues
from chalicelib.ports.secrets import Channels

URGENT, ORDINARY = "mentions-urgent", "mentions"
MOST_ID_BYTES = 400  # ids become part of keys, which take 1,024 bytes
MOST_TEXT_CHARS = 50_000  # twice the longest post any platform takes
MOST_FACT_BYTES = 300_000  # an item of the table takes 400 KB, and labels and keys must fit beside the fact

Classify = Callable[[Fact], Labels]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What triage needs from outside."""

    channels: Channels
    queues: Queues
    bodies: Bodies
    quarantine: Quarantine
    classify: Classify
    report_trouble: Callable[[ChannelTrouble], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What became of one request, for the log and the metrics."""

    urgent: int = 0
    ordinary: int = 0
    ignored: tuple[str, ...] = ()
    troubles: int = 0
    quarantined: str | None = None


def triage(message: InboundMessage, connector: Webhook, ports: Ports) -> Sorted:
    """Raises only for what may pass: the message then comes again, and every step can be repeated."""
    body = message.body if message.body is not None else _large_body(message, ports.bodies)
    settings = ports.channels.settings(message.channel)
    try:
        parsed = _checked(connector.parse(message.request(body), settings), settings)
    except Unreadable as error:
        return _set_aside(message, body, str(error), ports)
    except Exception as error:  # noqa: BLE001  a bug in a connector must not lose what a customer wrote
        return _set_aside(message, body, f"the connector failed: {type(error).__name__}", ports)
    return _route(parsed, ports)


def _large_body(message: InboundMessage, bodies: Bodies) -> bytes:
    if message.body_ref is None:
        raise ValueError(f"inbound message {message.request_id} has no body")
    return bodies.get(message.body_ref)


def _set_aside(message: InboundMessage, body: bytes, reason: str, ports: Ports) -> Sorted:
    ports.quarantine.keep(message, body, reason)
    return Sorted(quarantined=reason)


def _checked(parsed: Parsed, settings: ChannelSettings) -> Parsed:
    """The same, cut to what any platform's texts may be. Raises Unreadable for what the table cannot hold."""
    checked = (_checked_fact(fact) for fact in parsed.facts)
    return replace(parsed, facts=tuple(replace(f, own_account=f.account_id in settings.accounts) for f in checked))


def _checked_fact(fact: Fact) -> Fact:
    """Before anything is sent: on a lane it would fail again and again, and nobody could replay it."""
    if not all(0 < len(i.encode()) <= MOST_ID_BYTES for i in _ids(fact) if i is not None):
        raise Unreadable("an id is empty or longer than any platform's")
    if fact.text and len(fact.text) > MOST_TEXT_CHARS:
        fact = replace(fact, text=fact.text[:MOST_TEXT_CHARS])
    if len(dumps(fact).encode()) > MOST_FACT_BYTES:
        raise Unreadable("more comes with a message than any platform sends")
    return fact


def _ids(fact: Fact) -> tuple[str | None, ...]:
    author_id = fact.author.id if fact.author else None
    return (fact.message_id, fact.thread_id, fact.parent_id, author_id, fact.customer_id, *fact.alias_ids)


def _route(parsed: Parsed, ports: Ports) -> Sorted:
    items = [_labelled(fact, ports.classify) for fact in parsed.facts]
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
        ignored=_slugs(parsed),
        troubles=len(parsed.troubles),
    )


def _slugs(parsed: Parsed) -> tuple[str, ...]:
    return tuple(ignored.what for ignored in parsed.ignored)


def _labelled(fact: Fact, classify: Classify) -> Labelled:
    """Only what a customer wrote is judged."""
    is_customers = fact.kind in (FactKind.MENTION, FactKind.EDIT)
    return Labelled(fact=fact, labels=classify(fact) if is_customers else None)


def is_urgent(item: Labelled) -> bool:
    """Whether it takes the urgent lane."""
    if item.fact.kind is not FactKind.MENTION:
        return True
    return item.labels is not None and item.labels.urgency.value.rank >= Urgency.HIGH.rank
