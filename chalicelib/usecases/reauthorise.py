"""Telling people, at most once an hour, that an account needs new keys before its answers can go out."""

import json
from datetime import datetime, timedelta

from chalicelib.domain.events import whole_second
from chalicelib.ports.alarms import Alarms
from chalicelib.ports.alerts import AlertMessage, Alerts
from chalicelib.ports.cases import ReplyItem

EVERY = timedelta(hours=1)


def ask(item: ReplyItem, reason: str, *, alerts: Alerts, alarms: Alarms, now: datetime) -> None:
    """
    Raise the alarm for the account of `item`, unless that was done within the hour.

    Told first, remembered then: after a crash in between it is told again.
    Raises AlertUndelivered.
    """
    about = f"stopped/{item.channel}/{item.account_id}"
    raised_at = alarms.raised_at(about)
    if raised_at is not None and now - raised_at < EVERY:
        return
    alerts.publish(message(item, reason, now))
    alarms.remember(about, now)


def message(item: ReplyItem, reason: str, now: datetime) -> AlertMessage:
    """What people are told: which account, why, and what to do. `reason` is a sentence of the connector."""
    name = f"{item.channel} (account {item.account_id})"
    command = f"earshot secrets set {item.channel} --use send --account {item.account_id} NAME..."
    body = {
        "schema": "earshot.channel/1",
        "kind": "not_authorised",
        "platform": item.platform,
        "channel": item.channel,
        "account_id": item.account_id,
        "reason": reason,
        "at": whole_second(now).isoformat().replace("+00:00", "Z"),
    }
    return AlertMessage(
        subject=f"Earshot: answers on {item.channel} wait for new keys"[:99],
        text=f"Answers on {name} do not go out: {reason}\n\n"
        f"Next step: authorise the account anew on the platform and store its keys with\n\n    {command}\n\n"
        "Waiting answers then go out at once, in the order in which they were asked; after a day they are given up.",
        sms=f"Earshot: answers on {item.channel} wait for new keys. See mail or earshot doctor."[:140],
        body=json.dumps(body, separators=(",", ":")),
        attributes={
            "kind": "channel",
            "severity": "critical",
            "group": "operations",
            "platform": item.platform,
            "channel": item.channel,
        },
    )
