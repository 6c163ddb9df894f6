"""
A whole delivery: its entries, each about one Page or one user, and everything in them.

Source: developers.facebook.com/docs/graph-api/webhooks/reference, read 2026-11-23.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

from chalicelib.connectors._kit.items import Found, an_object, collected, each, objects
from chalicelib.connectors.facebook.feed import read_change
from chalicelib.connectors.facebook.messenger import read_item
from chalicelib.connectors.facebook.payloads import Change, Entry, Permission
from chalicelib.connectors.facebook.reading import EntryContext, required
from chalicelib.domain.facts import Fact, FactKind, TroubleKind
from chalicelib.ports.connector.parsing import DASHBOARD_TEST, ChannelSettings, Ignored, Parsed, Unreadable
from chalicelib.ports.connector.receiving import InboundRequest

Read = Callable[[Any], Iterable[Found]]
NO_PAGE = "0"  # whom the test button writes for


def parse(request: InboundRequest, settings: ChannelSettings) -> Parsed:
    """
    Read every item of every entry; each becomes a fact, a trouble, or a line in `ignored` or `unread`.

    An item that is plainly a message and cannot be addressed is `unread`: it
    must not be lost in silence, and nothing else with it. Raises Unreadable.
    """
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Unreadable("the body is not JSON") from None
    read = _reader(an_object(body).get("object"))
    entries = body.get("entry")
    if not isinstance(entries, list):
        raise Unreadable("the body has no list of entries")
    parsed = collected(each(entries, lambda entry: read(Entry.model_validate(entry), request, settings)))
    return replace(parsed, facts=_once(parsed.facts))


def _reader(kind: object) -> "Reader":
    read = READERS.get(kind) if isinstance(kind, str) else None
    if read is None:
        raise Unreadable("the object is none of page, permissions, user")
    return read


def _page(entry: Entry, request: InboundRequest, settings: ChannelSettings) -> Iterator[Found]:
    named = [{"field": name} for name in entry.changed_fields]
    lists: tuple[tuple[str, object, Read], ...] = (
        ("changes", entry.changes, lambda item: [read_change(Change.model_validate(item), heard)]),
        ("changed_fields", named, lambda item: [read_change(Change.model_validate(item), heard)]),
        ("messaging", entry.messaging, lambda item: [read_item(an_object(item), heard)]),
        ("standby", entry.standby, lambda item: [read_item(an_object(item), heard)]),
    )
    if entry.id == NO_PAGE:
        yield Ignored(what=DASHBOARD_TEST, reason="the test button of the app's dashboard: nobody wrote this")
        return
    if not any(items for _, items, _ in lists):
        yield Ignored(what="empty_entry", reason="an entry without changes and messages")
        return
    heard = EntryContext(request=request, settings=settings, page=required(entry.id, "page id"), sent_at=entry.time)
    yield from each(lists, lambda one: each(objects(one[1], one[0]), one[2]))


def _permissions(entry: Entry, request: InboundRequest, settings: ChannelSettings) -> Iterator[Found]:
    heard = EntryContext(request=request, settings=settings, page="", sent_at=entry.time)
    changes = objects(entry.changes, "changes")
    yield from each(changes, lambda item: _permission(Change.model_validate(item), heard))
    if not changes:
        yield Ignored(what="permissions", reason="a change that is not named")


def _permission(change: Change, heard: EntryContext) -> Iterator[Found]:
    """A person took back what the app may do: for the Pages named, or, without names, for any of the channel's."""
    permission = Permission.model_validate(change.value if isinstance(change.value, dict) else {})
    if not (permission.verb or "").startswith("revoke"):
        yield Ignored(what="permissions", reason="something was granted, or a profile changed")
        return
    named: list[str | None] = [*permission.target_ids]
    for account_id in named or [None]:
        yield heard.trouble(TroubleKind.ACCESS_REVOKED, account_id, "A permission of the app was taken back.")


Reader = Callable[[Entry, InboundRequest, ChannelSettings], Iterator[Found]]
READERS: Mapping[str, Reader] = MappingProxyType({"page": _page, "permissions": _permissions, "user": _permissions})


def _once(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """
    Each fact once, though its item may stand in two entries, or come as `feed` and as `mention`.

    Edits are told apart by their whole content: two of one message in one body are two.
    """
    found: dict[object, Fact] = {}
    for fact in facts:
        key = fact if fact.kind is FactKind.EDIT else (fact.kind, fact.account_id, fact.message_id)
        found[key] = _joined(found[key], fact) if key in found else fact
    return tuple(found.values())


def _joined(first: Fact, second: Fact) -> Fact:
    """The first, with what only the second knows."""
    unknown = (None, ())
    known = {f.name: getattr(second, f.name) for f in fields(Fact) if getattr(first, f.name) in unknown}
    return replace(first, **known)
