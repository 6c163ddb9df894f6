"""A channel can no longer hear or answer: tell the people who can mend it, at once."""

import json

from chalicelib.domain.facts import ChannelTrouble, TroubleKind
from chalicelib.ports.alerts import AlertMessage, Alerts

_WHAT = {
    TroubleKind.ACCESS_REVOKED: ("access was revoked", "connect the account again, then set its tokens"),
    TroubleKind.MESSAGING_BLOCKED: ("the platform blocks our messages", "read its notice in the platform's settings"),
    TroubleKind.REPLAY_INCOMPLETE: ("a replay did not finish", "ask the platform for the same window again"),
}


def report(trouble: ChannelTrouble, alerts: Alerts) -> None:
    """Raises AlertUndelivered: the request comes again, and the same alarm twice is better than none."""
    what, do = _WHAT[trouble.kind]
    account = f" (account {trouble.account_id})" if trouble.account_id else ""
    sentence = f"{trouble.channel}{account}: {what}."
    body = {
        "schema": "earshot.channel/1",
        "kind": trouble.kind.value,
        "platform": trouble.platform,
        "channel": trouble.channel,
        "account_id": trouble.account_id,
        "at": trouble.received_at.isoformat(),
    }
    alerts.publish(
        AlertMessage(
            subject=f"Earshot: {trouble.channel}: {what}"[:99],
            text=f"{sentence}\nUntil it is mended, mentions or answers may be missing.\nNext step: {do}.\n",
            sms=f"Earshot: {sentence} {do}"[:140],
            body=json.dumps(body),
            attributes={
                "kind": "channel",
                "severity": "critical",
                "group": "operations",
                "platform": trouble.platform,
                "channel": trouble.channel,
            },
        )
    )
