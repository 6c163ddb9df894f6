"""
What a platform does not tell by webhook is asked for, once a minute.

Each account has a place: where the connector's last slice ended, and when to
ask again. Whoever asks takes the place under a lease. A slice goes on the
queue `inbound` before its cursor is stored, so that a function that dies
hears it again; whatever comes twice is folded by its id. What is wrong with
one account changes nothing for the others.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from chalicelib.domain.alerts import operations
from chalicelib.domain.alerts.message import written
from chalicelib.ports.alarms import Alarms
from chalicelib.ports.alerts import Alerts
from chalicelib.ports.connector.calls import HttpCall, HttpResult
from chalicelib.ports.connector.manifest import PollFacts
from chalicelib.ports.connector.polling import Heard, Poll, PollContext, Slices
from chalicelib.ports.connector.replying import DeliveryError, NotAuthorised, Refused, SendContext, TokenExpired
from chalicelib.ports.cursors import Cursors, PollPlace
from chalicelib.ports.inbound import Bodies, InboundMessage, encode, large_body_ref
from chalicelib.ports.queues import Queues
from chalicelib.ports.secrets import Channels, SecretMissing, SendingSecrets
from chalicelib.ports.table import Conflict
from chalicelib.usecases.replies.access import Access, with_access

LEASE = timedelta(seconds=70)  # longer than the function may run (50 s), so that no two ask for one account
DELAYS_S = (60, 120, 240, 480, 900, 1800, 3600)  # after each failure; the last one repeats
MOST_DELAY_S = 86_400  # what a platform may wish for
SILENT_AFTER = timedelta(hours=1)  # of failures, then people are told
TELL_EVERY = timedelta(hours=1)
PEOPLE_S = 900  # until the next try of what people must mend first
MOST_BYTES = 4_000_000  # of one slice, as of a webhook's body
MOST_CURSOR_CHARS = 64_000
MOST_SLICES = 500  # of one poll
MOST_WANTED = 100  # ids that one poll is asked to fetch

NO_KEYS = "The channel has no keys to listen with."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """
    What listening needs from outside.

    `channels` gives those of polled platforms. `facts_of` says how much a
    platform is asked, `needs_keys` whether it can be asked with keys only.
    `perform` makes one call; `has_time` says whether another may begin.
    `clock` tells aware UTC.
    """

    channels: Callable[[], tuple[str, ...]]
    settings: Channels
    secrets: SendingSecrets
    cursors: Cursors
    queues: Queues
    bodies: Bodies
    perform: Callable[[HttpCall], HttpResult]
    poll_of: Callable[[str], Poll]
    facts_of: Callable[[str], PollFacts]
    needs_keys: Callable[[str], bool]
    access: Access
    alerts: Alerts
    alarms: Alarms
    clock: Callable[[], datetime]
    has_time: Callable[[], bool] = lambda: True


@dataclass(slots=True)
class Listened:
    """What became of one run, for the log and the metrics. `failed` has the channel and the error's name."""

    counts: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, str]] = field(default_factory=list)


class SliceRefused(Exception):
    """A connector yielded what cannot be kept: too large, or no JSON."""


def listen(ports: Ports) -> Listened:
    """
    Ask for every account whose time has come, beginning with who waited longest.

    Raises only when the places cannot be read: the next minute tries again.
    """
    listened = Listened()
    channels = ports.channels()
    if not channels:
        return listened
    now = ports.clock()
    for place, wanted in sorted(_due(channels, now, ports), key=lambda due: due[0].next_at or now):
        if not ports.has_time():
            listened.counts["left"] += 1
            continue
        try:
            _ask(place, wanted, ports, listened)
        except Conflict:
            listened.counts["taken"] += 1
        except Exception as error:  # noqa: BLE001  the others must not suffer; the lease ends by itself
            listened.failed.append((place.channel, type(error).__name__))
    return listened


def _due(channels: tuple[str, ...], now: datetime, ports: Ports) -> Iterator[tuple[PollPlace, tuple[str, ...]]]:
    """Every account whose time has come, with the ids to fetch there. Ids to fetch do not wait, unless it fails."""
    places = {(place.channel, place.account_id): place for place in ports.cursors.places()}
    for channel in channels:
        facts = ports.facts_of(channel.partition(".")[0])
        wanted = ports.cursors.wanted(channel, MOST_WANTED) if facts.fetches else ()
        for account_id in sorted(ports.settings.settings(channel).accounts) or [""]:
            place = places.get((channel, account_id)) or PollPlace(channel=channel, account_id=account_id)
            is_time = place.next_at is None or place.next_at <= now or (bool(wanted) and not place.failures)
            if is_time and (place.leased_until is None or place.leased_until <= now):
                yield place, wanted


# --- one account ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Asking:
    """One poll under way: the place as it is stored now, and what was used of the budget."""

    place: PollPlace
    ends: datetime
    calls: int = 0
    slices: int = 0


def _ask(place: PollPlace, wanted: tuple[str, ...], ports: Ports, listened: Listened) -> None:
    """One poll. Raises Conflict when another function has the place."""
    began, facts = ports.clock(), ports.facts_of(place.platform)
    taken = ports.cursors.save(replace(place, leased_until=began + LEASE))
    asking = _Asking(place=taken, ends=began + timedelta(seconds=facts.most_s))
    try:
        poll, keys = ports.poll_of(place.platform).poll, _keys(taken, began, ports)
        try:
            steps = poll(_context(taken, keys, wanted, ports))
            wish_s = _run(steps, asking, facts, ports, listened)
        except TokenExpired:
            spent, old = keys.credentials.get("access_token"), keys
            keys = with_access(keys, place.channel, ports.access, spent=spent)
            if keys is old:
                raise
            wish_s = _run(poll(_context(asking.place, keys, wanted, ports)), asking, facts, ports, listened)
    except Exception as error:  # noqa: BLE001  the platform, a connector's fault, or our own queue: again later
        _failed(asking.place, error, ports, listened)
        return
    pause = facts.every if wish_s is None else timedelta(seconds=min(max(0.0, wish_s), MOST_DELAY_S))
    next_at = began.replace(second=0, microsecond=0) + pause  # by the minute, or the schedule's jitter would skip one
    ports.cursors.save(
        replace(
            asking.place,
            leased_until=None,
            next_at=next_at,
            heard_at=began,
            failures=0,
            failing_since=None,
            failure="",
        )
    )
    listened.counts["asked"] += 1


def _keys(place: PollPlace, now: datetime, ports: Ports) -> SendContext:
    """What the account is asked with, a live token included. Raises NotAuthorised when keys are needed and missing."""
    secrets = ports.secrets
    try:  # after a failure the keys may be new ones
        found = secrets.send_secrets(place.channel, place.account_id, fresh=place.failures > 0)
    except SecretMissing:
        if ports.needs_keys(place.platform):
            raise NotAuthorised(NO_KEYS, code="secret_missing") from None
        found = secrets.send_secrets(place.channel, "")
    keys = SendContext(account_id=place.account_id, now=now, credentials=found.credentials, api_base=found.api_base)
    return with_access(keys, place.channel, ports.access)


def _context(place: PollPlace, keys: SendContext, wanted: tuple[str, ...], ports: Ports) -> PollContext:
    return PollContext(
        channel=place.channel,
        account_id=place.account_id,
        settings=ports.settings.settings(place.channel),
        cursor=json.loads(place.cursor) if place.cursor else None,
        wanted=wanted,
        now=keys.now,
        credentials=keys.credentials,
        api_base=keys.api_base,
    )


def _run(steps: Slices, asking: _Asking, facts: PollFacts, ports: Ports, listened: Listened) -> float | None:
    """In how many seconds to ask again: what the connector says, 0 when its budget is over."""
    answer: HttpResult | None = None
    try:
        while True:
            step = steps.send(answer)
            if isinstance(step, Heard):
                answer = None
                _keep(step, asking, ports, listened)
            elif asking.calls >= facts.most_calls or ports.clock() >= asking.ends or not ports.has_time():
                listened.counts["cut"] += 1
                return 0.0
            else:
                asking.calls += 1
                listened.counts["calls"] += 1
                answer = ports.perform(step)
    except StopIteration as end:
        wish_s: float | None = end.value
        return wish_s
    finally:
        steps.close()


def _keep(heard: Heard, asking: _Asking, ports: Ports, listened: Listened) -> None:
    """The slice onto the queue, then what it settles, then its cursor: after a crash in between it is heard again."""
    cursor = asking.place.cursor if heard.cursor is None else json.dumps(dict(heard.cursor), separators=(",", ":"))
    asking.slices += 1
    if asking.slices > MOST_SLICES or len(cursor or "") > MOST_CURSOR_CHARS or len(heard.body or b"") > MOST_BYTES:
        raise SliceRefused("more slices, or a larger slice or cursor, than a poll may have")
    if heard.body is not None:
        ports.queues.send("inbound", [encode(_message(heard, heard.body, cursor, asking.place, ports))])
        listened.counts["slices"] += 1
    if heard.got:
        ports.cursors.settled(asking.place.channel, heard.got)
    if cursor != asking.place.cursor:
        asking.place = ports.cursors.save(replace(asking.place, cursor=cursor))


def _message(heard: Heard, body: bytes, cursor: str | None, place: PollPlace, ports: Ports) -> InboundMessage:
    """As a webhook's, under an id that is the same when the slice is heard again."""
    parts = (place.channel, place.account_id, cursor or "")
    digest = sha256("\0".join(parts).encode() + b"\0" + body).hexdigest()
    message = InboundMessage(
        platform=place.platform,
        channel=place.channel,
        headers=heard.headers,
        received_at=ports.clock(),
        request_id=f"poll-{digest[:32]}",
        body=body,
    )
    body_ref = large_body_ref(message)
    if body_ref is None:
        return message
    ports.bodies.put(body_ref, body)
    return replace(message, body=None, body_ref=body_ref)


# --- when it fails ----------------------------------------------------------------------------------------------


def _failed(place: PollPlace, error: Exception, ports: Ports, listened: Listened) -> None:
    """Later again; people hear of what they must mend, and of an hour of silence. Raises AlertUndelivered."""
    now = ports.clock()
    is_platforms = isinstance(error, DeliveryError)
    code = error.code if isinstance(error, DeliveryError) else type(error).__name__
    saved = ports.cursors.save(
        replace(
            place,
            leased_until=None,
            next_at=now + timedelta(seconds=_delay_s(place, error)),
            failures=place.failures + 1,
            failing_since=place.failing_since or now,
            failure=code,
        )
    )
    if is_platforms:
        listened.counts[f"failed_{code}"] += 1
    else:
        listened.failed.append((place.channel, code))
    since = saved.failing_since or now
    needs_people = isinstance(error, NotAuthorised | Refused)
    if needs_people or now - since >= SILENT_AFTER:
        _tell(place, error, since, ports, now)


def _delay_s(place: PollPlace, error: Exception) -> float:
    """The platform's own wish; else longer after every failure, and long when people must act first."""
    if isinstance(error, DeliveryError) and error.retry_after_s is not None:
        return min(max(1.0, ceil(error.retry_after_s)), MOST_DELAY_S)
    if isinstance(error, NotAuthorised | Refused):
        return PEOPLE_S
    return DELAYS_S[min(place.failures, len(DELAYS_S) - 1)]


def _tell(place: PollPlace, error: Exception, since: datetime, ports: Ports, now: datetime) -> None:
    """At most once an hour for each account. Told first, remembered then: after a crash in between it is told again."""
    about = f"unheard/{place.channel}/{place.account_id}"
    raised_at = ports.alarms.raised_at(about)
    if raised_at is not None and now - raised_at < TELL_EVERY:
        return
    reason = str(error) if isinstance(error, DeliveryError) else f"an error of Earshot ({type(error).__name__})"
    alert = operations.not_listening(
        platform=place.platform,
        channel=place.channel,
        account_id=place.account_id,
        reason=reason,
        since=since,
        needs_keys=isinstance(error, NotAuthorised),
        now=now,
    )
    ports.alerts.publish(written(alert))
    ports.alarms.remember(about, now)
