"""
Webhooks that end by themselves are told to their platform again, before they do.

`earshot webhooks register` leaves the address and the time in the account's
place (`ports.cursors`); the function that asks platforms looks there as well.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.alerts import operations
from chalicelib.domain.alerts.message import written
from chalicelib.ports.alerts import Alerts
from chalicelib.ports.connector.calls import HttpCall, HttpResult, Later
from chalicelib.ports.connector.replying import DeliveryError, NotAuthorised, Unavailable
from chalicelib.ports.connector.setup import Setup, SetupContext
from chalicelib.ports.cursors import Cursors, PollPlace
from chalicelib.ports.secrets import Channels, SendingSecrets, VerifySecrets
from chalicelib.ports.table import Conflict
from chalicelib.usecases.exchange import run

LEASE = timedelta(seconds=70)  # longer than the function may run (50 s)
AGAIN = timedelta(hours=1)  # after a failure: the manifest's time leaves room for some


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """
    What renewing needs from outside.

    `channels` gives those of platforms whose webhooks end, `every_of` how
    often one of a platform is renewed. `clock` tells aware UTC.
    """

    channels: Callable[[], tuple[str, ...]]
    settings: Channels
    secrets: SendingSecrets
    verify: VerifySecrets
    cursors: Cursors
    perform: Callable[[HttpCall], HttpResult]
    setup_of: Callable[[str], Setup]
    every_of: Callable[[str], timedelta]
    alerts: Alerts
    clock: Callable[[], datetime]
    has_time: Callable[[], bool] = lambda: True


@dataclass(slots=True)
class Renewed:
    """How many were renewed; `failed` has the channel and the error's name or slug."""

    count: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


def renew(ports: Ports) -> Renewed:
    """Renew what is due. Raises only when the places cannot be read: the next minute tries again."""
    renewed = Renewed()
    channels = ports.channels()
    if not channels:
        return renewed
    for place in ports.cursors.places():
        now = ports.clock()
        is_due = place.renew_at is not None and place.renew_at <= now and place.channel in channels
        if not is_due or not ports.has_time() or (place.leased_until is not None and place.leased_until > now):
            continue
        try:
            _renew(place, ports, renewed)
        except Conflict:
            continue  # another function has the place
        except Exception as error:  # noqa: BLE001  the others must not suffer; the lease ends by itself
            renewed.failed.append((place.channel, type(error).__name__))
    return renewed


def _renew(place: PollPlace, ports: Ports, renewed: Renewed) -> None:
    now = ports.clock()
    taken = ports.cursors.save(replace(place, leased_until=now + LEASE))
    try:
        came = run(ports.setup_of(place.platform).renew(_context(taken, now, ports)), ports.perform)
        if isinstance(came, Later):
            raise Unavailable("The platform has not finished yet.", code="not_finished")  # noqa: TRY301  one way to fail
    except Exception as error:  # noqa: BLE001  the platform, or a connector that fails on it
        ports.cursors.save(replace(taken, leased_until=None, renew_at=now + AGAIN))
        renewed.failed.append((place.channel, error.code if isinstance(error, DeliveryError) else type(error).__name__))
        _tell(place, error, now, ports)
        return
    renew_at = now + ports.every_of(place.platform)
    ports.cursors.save(replace(taken, leased_until=None, renew_at=renew_at))
    renewed.count += 1


def _context(place: PollPlace, now: datetime, ports: Ports) -> SetupContext:
    """Raises SecretMissing."""
    secrets = ports.secrets.send_secrets(place.channel, place.account_id, fresh=True)
    return SetupContext(
        channel=place.channel,
        account_id=place.account_id,
        settings=ports.settings.settings(place.channel),
        verify=ports.verify.verify_secrets(place.channel, fresh=True),
        callback_url=place.callback_url,
        credentials=secrets.credentials,
        api_base=secrets.api_base,
        now=now,
    )


def _tell(place: PollPlace, error: Exception, now: datetime, ports: Ports) -> None:
    """People hear of each failure, an hour apart: until it is mended the webhook may end."""
    reason = str(error) if isinstance(error, DeliveryError) else f"an error of Earshot ({type(error).__name__})"
    alert = operations.not_listening(
        platform=place.platform,
        channel=place.channel,
        account_id=place.account_id,
        reason=f"its webhook could not be renewed: {reason}",
        since=place.renew_at or now,
        needs_keys=isinstance(error, NotAuthorised),
        now=now,
    )
    ports.alerts.publish(written(alert))
