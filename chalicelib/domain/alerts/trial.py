"""An alert that says that it is none, and takes the way of a real one."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from chalicelib.domain.alerts.message import Alert, iso
from chalicelib.domain.in_words import full

SCHEMA: Final = "earshot.test/1"  # docs/pages.md


def trial(
    group: str, kind: str, channel: str, carried: Mapping[str, str], now: datetime, assignees: tuple[str, ...] = ()
) -> Alert:
    """`carried` are the attributes of a real alert of this kind, with a `page_id`."""
    return Alert(
        subject=(f"[Earshot] TEST for {group}: nobody waits",),
        sms=((f"TEST for {group}: Earshot's pages reach you. Nobody waits, nothing to do.",), ("TEST: nobody waits.",)),
        sections=(
            f"TEST. This is a test of Earshot, asked for at {full(now, UTC)}. Nobody waits; nothing is to be done.",
            f"You get pages of kind {kind} for the group {group}, about {channel}.",
        ),
        body={"schema": SCHEMA, "id": carried["page_id"], "kind": "test", "group": group, "at": iso(now)},
        attributes=carried,
        assignees=assignees,
    )
