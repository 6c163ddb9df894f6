"""Telling people, at most once an hour, that an account needs new keys before its answers can go out."""

from datetime import datetime, timedelta

from chalicelib.domain.alerts import operations
from chalicelib.domain.alerts.message import written
from chalicelib.ports.alarms import Alarms
from chalicelib.ports.alerts import Alerts
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
    alert = operations.not_authorised(
        platform=item.platform, channel=item.channel, account_id=item.account_id, reason=reason, now=now
    )
    alerts.publish(written(alert))
    alarms.remember(about, now)
