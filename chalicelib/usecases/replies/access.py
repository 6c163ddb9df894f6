"""
A live access token for whoever calls a platform whose tokens expire.

One worker renews, the others wait for it: many platforms give a new refresh
token with every renewal, and a second renewal with the old one would end both.
The new pair is stored before it is used. If the function dies between the
platform's answer and that, the old refresh token is tried again; a platform
that no longer takes it makes people connect the account anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from chalicelib.ports.connector.calls import Later
from chalicelib.ports.connector.replying import DeliveryError, Renew, SendContext, Tokens, Unavailable
from chalicelib.ports.http import Http
from chalicelib.ports.table import Conflict
from chalicelib.ports.tokens import StoredTokens, TokenStore
from chalicelib.ports.waiting import Backoff
from chalicelib.usecases.exchange import run

EARLY = timedelta(seconds=60)  # a token that ends sooner is renewed first: the call takes a while
RENEWING = timedelta(seconds=30)  # longer than a renewal's calls may take
MOST_WAITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What renewing needs. `renewer` is None for a platform whose tokens do not expire; `clock` tells aware UTC."""

    tokens: TokenStore
    renewer: Callable[[str], Renew | None]
    http: Http
    clock: Callable[[], datetime]
    backoff: Backoff


def with_access(context: SendContext, channel: str, access: Access, *, spent: str | None = None) -> SendContext:
    """
    The same with a live `access_token`, and the newest `refresh_token`; `context` itself where tokens do not expire.

    `spent` is an access token that the platform has just refused. Raises
    NotAuthorised when people must act, and Unavailable.
    """
    renewer = access.renewer(channel.partition(".")[0])
    if renewer is None:
        return context
    origin = _origin(context)
    for waited in range(MOST_WAITS):
        stored = access.tokens.tokens(channel, context.account_id) or StoredTokens(origin=origin)
        if stored.origin != origin:  # new keys were set
            stored = StoredTokens(origin=origin, version=stored.version)
        now = access.clock()
        if _is_live(stored, now) and stored.access_token != spent:
            return _filled(context, stored)
        if stored.renewed_until is None or stored.renewed_until <= now:
            try:
                claimed = replace(stored, renewed_until=now + RENEWING)
                return _renewed(
                    context, channel, access.tokens.store(channel, context.account_id, claimed), renewer, access
                )
            except Conflict:
                pass
        access.backoff(waited)
    raise Unavailable("The account's access is being renewed.", code="renewing")


def _origin(context: SendContext) -> str:
    values = sorted((name, value) for name, value in context.credentials.items() if name != "access_token")
    return sha256(repr(values).encode()).hexdigest()


def _is_live(stored: StoredTokens, now: datetime) -> bool:
    return stored.access_token is not None and (stored.expires_at is None or stored.expires_at > now + EARLY)


def _filled(context: SendContext, stored: StoredTokens) -> SendContext:
    known = {"access_token": stored.access_token, "refresh_token": stored.refresh_token}
    given = {name: value for name, value in known.items() if value is not None}
    return replace(context, credentials={**context.credentials, **given})


def _renewed(context: SendContext, channel: str, claimed: StoredTokens, renewer: Renew, access: Access) -> SendContext:
    """Whatever the renewal comes to, nobody waits for it longer than it takes. Raises Conflict if our time ran out."""
    try:
        came = run(renewer.renew(_filled(context, claimed)), access.http.perform)
        if isinstance(came, Later):
            raise Unavailable("The platform gives no access yet.", code="renewing", retry_after_s=came.after_s)
    except DeliveryError:
        access.tokens.store(channel, context.account_id, replace(claimed, renewed_until=None))
        raise
    stored = access.tokens.store(channel, context.account_id, _replaced(claimed, came))
    return _filled(context, stored)


def _replaced(claimed: StoredTokens, came: Tokens) -> StoredTokens:
    return replace(
        claimed,
        access_token=came.access_token,
        refresh_token=came.refresh_token or claimed.refresh_token,
        expires_at=came.expires_at,
        renewed_until=None,
    )
