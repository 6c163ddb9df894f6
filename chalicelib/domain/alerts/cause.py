"""What the team hears when a cause that was called fixed comes back."""

from datetime import UTC, datetime
from typing import Final

from chalicelib.domain.alerts import message
from chalicelib.domain.alerts.message import Alert, Said, iso
from chalicelib.domain.fixes import Fix
from chalicelib.domain.in_words import full

SCHEMA: Final = "earshot.cause/1"  # docs/pages.md


def alert(fix: Fix, group: str, now: datetime) -> Alert:
    """The cause is in words that people of ours chose."""
    title, message_id = Said(fix.what.words, is_ours=True), f"{fix.fix_id}/{len(fix.history)}"
    called = fix.history[-2]
    return Alert(
        subject=("[Earshot] Not fixed: ", title),
        sms=(("Not fixed: ", title, f". {fix.people} people, {len(fix.cases)} cases."),),
        sections=(
            f"Not fixed: {fix.what.words}",
            f"{fix.why}\nCalled fixed {full(fix.fixed_at, UTC)} by {called.actor}: {called.note}\n"
            f"Cases: {', '.join(fix.cases)}",
            "What to do: look at them, and call it fixed again once it is.",
        ),
        id=message_id,
        body={
            "schema": SCHEMA,
            "id": message_id,
            "kind": "cause_reopened",
            "group": group,
            "at": iso(now),
            "fix_id": fix.fix_id,
            "cause": fix.what.words,
            "people": fix.people,
            "cases": list(fix.cases),
            "why": fix.why,
        },
        attributes=message.attributes(
            kind="cause_reopened",
            severity="warning",
            group=group,
            team=group,
            platform="several",
            channel="several",
            page_id=message_id,
        ),
    )
