"""
A payload as if it were sent for the first time now: its times are shifted, its messages get ids of their own.

A sample of last spring opens a case whose promise was broken for months, and a
second sending of it is known already. Which ids are those of messages, its
connector says; the people and accounts in it stay who they are.
"""

import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib import connectors
from chalicelib.domain.facts import Fact
from chalicelib.ports.connector.parsing import ChannelSettings, Parsed, Unreadable
from chalicelib.ports.connector.receiving import InboundRequest

X_TIME = "%a %b %d %H:%M:%S %z %Y"
ISO_TIME = "%Y-%m-%dT%H:%M:%S"
NEAR = timedelta(days=30)  # of what the payload tells; what lies farther off is when an account was made
SNOWFLAKE_BITS = 22  # of an id of X that are not its time in ms; other platforms' ids may be any other number
RANDOM_BITS = 16
LONG = 6  # from so many characters on a part of an id is known wherever it stands, in a link too
NAMES_ID = re.compile(r"(?:^|_)m?ids?(?:_str)?$")
TOKEN = re.compile(
    r"(?P<x>\b[A-Z][a-z]{2} [A-Z][a-z]{2} \d{2} \d{2}:\d{2}:\d{2} [+-]\d{4} \d{4}\b)"
    r"|(?P<iso>\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?=[.Z+-]))"
    r"|(?P<word>[A-Za-z0-9-]+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """`accounts` are those of ours that the payload was delivered for; `changed` is False when it says nothing."""

    body: bytes
    accounts: tuple[str, ...] = ()
    changed: bool = False


def freshen(body: bytes, platform: str, now: datetime, number: Callable[[int], int] = secrets.randbits) -> Fresh:
    """`number` gives that many random bits. What its connector cannot read is left as it is."""
    facts = parse(body, platform, now).facts
    if not facts:
        return Fresh(body=body)
    latest = max((fact.occurred_at for fact in facts if fact.occurred_at), default=now)
    shift = timedelta(seconds=int((now - latest).total_seconds()))
    ids = {part: fresh_id(part, shift, number) for part in sorted(parts_of_messages(facts))}
    renewed = Renewal(ids=ids, latest=latest, shift=shift).of(json.loads(body))
    accounts = tuple(sorted({fact.account_id for fact in facts}))
    return Fresh(body=json.dumps(renewed).encode(), accounts=accounts, changed=True)


def parse(body: bytes, platform: str, now: datetime) -> Parsed:
    """What the connector makes of it on a channel that knows nothing; nothing of what it cannot read."""
    request = InboundRequest(
        platform=platform,
        channel=f"{platform}.main",
        method="POST",
        headers={},
        query={},
        body=body,
        received_at=now,
        request_id="sample",
    )
    try:
        return connectors.parser(platform).parse(request, ChannelSettings())
    except (Unreadable, UnicodeDecodeError):
        return Parsed()


def parts_of_messages(facts: Iterable[Fact]) -> set[str]:
    """The parts of all ids that are of messages and threads, and of nobody's account."""
    people = {one for fact in facts for one in people_of(fact)}
    return {part for fact in facts for one in ids_of(fact) for part in parts(one) if part not in people}


def people_of(fact: Fact) -> Iterator[str]:
    """Accounts, whole and as the parts of an id that names two of them."""
    named = (fact.account_id, fact.customer_id, fact.author.id if fact.author else None)
    for one in filter(None, named):
        yield from (one, *parts(one))


def ids_of(fact: Fact) -> Iterator[str]:
    yield from filter(None, (fact.message_id, fact.parent_id, fact.thread_id, *fact.alias_ids))


def parts(identifier: str) -> list[str]:
    """A Facebook comment is `<post>_<comment>`, its post `<page>_<post>`, a message `m_<letters>`."""
    head, *rest = re.findall(r"[A-Za-z0-9-]+", identifier) or [""]
    return rest if rest and head.isalpha() and len(head) == 1 else [head, *rest]


def fresh_id(part: str, shift: timedelta, number: Callable[[int], int]) -> str:
    """Of the same kind; numbers keep their order, and those of X their distance in time."""
    if not part.isdecimal():
        return (part[:-LONG] if len(part) > LONG else part) + f"{number(4 * LONG):0{LONG}x}"
    moved = int(part) + ((shift // timedelta(milliseconds=1)) << SNOWFLAKE_BITS)
    return str((moved if moved > 0 else int(part)) >> RANDOM_BITS << RANDOM_BITS | number(RANDOM_BITS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """New ids by the parts of the old ones, and by how much every time near `latest` is shifted."""

    ids: Mapping[str, str]
    latest: datetime
    shift: timedelta

    def of(self, value: Any, name: str = "") -> Any:
        """A part of a payload, which stands under `name`."""
        if isinstance(value, dict):
            return {key: self.of(part, key) for key, part in value.items()}
        if isinstance(value, list):
            return [self.of(part, name) for part in value]
        if isinstance(value, str):
            return TOKEN.sub(lambda token: self._token(token, is_id=bool(NAMES_ID.search(name))), value)
        if isinstance(value, int) and not isinstance(value, bool):
            return int(self.ids.get(str(value), value)) if NAMES_ID.search(name) else int(self._number(str(value)))
        return value

    def _token(self, token: re.Match[str], *, is_id: bool) -> str:
        text = token[0]
        if token["x"]:
            return self._moved(text, datetime.strptime(text, X_TIME).astimezone(UTC), X_TIME)
        if token["iso"]:
            return self._moved(text, datetime.fromisoformat(text).replace(tzinfo=UTC), ISO_TIME)
        if text in self.ids and (is_id or len(text) >= LONG):
            return self.ids[text]
        return text if is_id or text != token.string else self._number(text)

    def _number(self, digits: str) -> str:
        """Seconds or milliseconds since 1970, if it can be that."""
        unit = {10: 1, 13: 1000}.get(len(digits))
        if unit is None or not digits.isdecimal():
            return digits
        is_near = abs(datetime.fromtimestamp(int(digits) // unit, UTC) - self.latest) <= NEAR
        return str(int(digits) + int(self.shift.total_seconds()) * unit) if is_near else digits

    def _moved(self, text: str, at: datetime, form: str) -> str:
        return (at + self.shift).strftime(form) if abs(at - self.latest) <= NEAR else text
