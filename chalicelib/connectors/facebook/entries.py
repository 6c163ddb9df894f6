"""
A whole delivery: its entries, each about one Page or one user, and everything in them.

Source: developers.facebook.com/docs/graph-api/webhooks/reference, read 2026-11-23.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from types import MappingProxyType

from pydantic import ValidationError

from chalicelib.connectors.facebook.feed import read_change
from chalicelib.connectors.facebook.messenger import read_item
from chalicelib.connectors.facebook.payloads import Body, Change, Entry, Permission
from chalicelib.connectors.facebook.reading import Heard, Outcome, required
from chalicelib.domain.facts import ChannelTrouble, Fact, FactKind, TroubleKind
from chalicelib.ports.connector import ChannelSettings, Ignored, InboundRequest, Parsed, Unreadable


def read_body(request: InboundRequest, settings: ChannelSettings) -> Parsed:
    """Everything in one delivery. Raises Unreadable."""
    try:
        body = Body.model_validate(json.loads(request.body))
        return _sorted(list(_outcomes(body, request, settings)))
    except ValidationError as error:
        raise Unreadable(f"the structure of the body is wrong in {error.error_count()} place(s)") from None
    except (ValueError, RecursionError):
        raise Unreadable("the body is not JSON") from None


def _outcomes(body: Body, request: InboundRequest, settings: ChannelSettings) -> Iterator[Outcome]:
    read = READERS.get(body.object or "")
    if read is None:
        raise Unreadable("the object is none of page, permissions, user")
    for entry in body.entry:
        yield from read(entry, request, settings)


def _page(entry: Entry, request: InboundRequest, settings: ChannelSettings) -> Iterator[Outcome]:
    changes = entry.changes + [Change(field=name) for name in entry.changed_fields]
    items = entry.messaging + entry.standby
    if not changes and not items:
        yield Ignored(what="empty_entry", reason="an entry without changes and messages")
        return
    heard = Heard(request=request, settings=settings, page=required(entry.id, "page id"), sent_at=entry.time)
    for change in changes:
        yield read_change(change, heard)
    for item in items:
        yield read_item(item, heard)


def _permissions(entry: Entry, request: InboundRequest, settings: ChannelSettings) -> Iterator[Outcome]:
    heard = Heard(request=request, settings=settings, page="", sent_at=entry.time)
    for change in entry.changes:
        yield from _permission(change, heard)
    if not entry.changes:
        yield Ignored(what="permissions", reason="a change that is not named")


def _permission(change: Change, heard: Heard) -> Iterator[Outcome]:
    """A person took back what the app may do: for the Pages named, or, without names, for any of the channel's."""
    permission = Permission.model_validate(change.value if isinstance(change.value, dict) else {})
    if not (permission.verb or "").startswith("revoke"):
        yield Ignored(what="permissions", reason="something was granted, or a profile changed")
        return
    named: list[str | None] = [*permission.target_ids]
    for account_id in named or [None]:
        yield heard.trouble(TroubleKind.ACCESS_REVOKED, account_id, "A permission of the app was taken back.")


Reader = Callable[[Entry, InboundRequest, ChannelSettings], Iterator[Outcome]]
READERS: Mapping[str, Reader] = MappingProxyType({"page": _page, "permissions": _permissions, "user": _permissions})


def _sorted(outcomes: list[Outcome]) -> Parsed:
    return Parsed(
        facts=_once(item for item in outcomes if isinstance(item, Fact)),
        troubles=tuple(item for item in outcomes if isinstance(item, ChannelTrouble)),
        ignored=tuple(item for item in outcomes if isinstance(item, Ignored)),
    )


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
