"""A channel can no longer hear or answer: tell the people who can mend it, at once."""

from chalicelib.domain.alerts import operations
from chalicelib.domain.alerts.message import written
from chalicelib.domain.facts import ChannelTrouble
from chalicelib.ports.alerts import Alerts


def report(trouble: ChannelTrouble, alerts: Alerts) -> None:
    """Raises AlertUndelivered: the request comes again, and the same alarm twice is better than none."""
    alerts.publish(written(operations.channel_trouble(trouble)))
