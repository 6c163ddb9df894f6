"""Speak to a platform about a channel: register its webhook, look at what is registered, look whether it is well."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from chalicelib import connectors
from chalicelib.adapters.cursors import TableCursors
from chalicelib.adapters.http import RequestsHttp
from chalicelib.ports.connector.calls import HttpCall, HttpResult, Later, Steps
from chalicelib.ports.connector.parsing import ChannelSettings
from chalicelib.ports.connector.receiving import WebhookSecrets
from chalicelib.ports.connector.replying import DeliveryError, NotAuthorised
from chalicelib.ports.connector.setup import NO_SECRETS, Seen, SetupContext, Subscription
from chalicelib.ports.cursors import PollPlace
from chalicelib.usecases.exchange import run
from infra.deploy.target import Target
from infra.operate import channels, records, webhooks
from infra.operate.finding import Finding, fail, ok, warn
from infra.problem import Problem, next_command

MOST_CALLS: Final = 50
DEEDS: Final = ("register", "subscriptions", "renew", "unregister")

T = TypeVar("T")
Perform = Callable[[HttpCall], HttpResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What is registered for one account; `account_id` is empty where the channel has none."""

    account_id: str
    subscriptions: tuple[Subscription, ...]


def act(target: Target, channel: str, deed: str, perform: Perform | None = None) -> Iterator[Registered]:
    """Do one of DEEDS for each account of the channel; what is registered then. Raises Problem."""
    platform = channels.platform_of(channel)
    if not connectors.has(platform, "setup"):
        raise Problem(
            f"{platform} is set up by hand: enter {webhooks.url(target, channel)} in the platform's own pages.",
            "docs/connectors.md names the platform's page on webhooks",
        )
    setup = connectors.setup(platform)
    for context in contexts(target, channel):
        try:
            subscriptions = _run(getattr(setup, deed)(context), perform)
        except DeliveryError as error:
            whose = f" (account {context.account_id})" if context.account_id else ""
            raise Problem(f"{channel}{whose}: {error}", _step(error, context, target)) from error
        every = connectors.manifest(platform).renew_every
        if every and deed != "subscriptions":
            is_there = deed != "unregister"
            _remember(target, context, context.now + every if is_there else None)
        yield Registered(account_id=context.account_id, subscriptions=subscriptions)


def _remember(target: Target, context: SetupContext, renew_at: datetime | None) -> None:
    """When and where the stage itself tells the platform again; None: not any more."""
    cursors = TableCursors(records.table(target))
    known = {(place.channel, place.account_id): place for place in cursors.places()}
    place = known.get((context.channel, context.account_id))
    place = place or PollPlace(channel=context.channel, account_id=context.account_id)
    cursors.save(replace(place, callback_url=context.callback_url if renew_at else None, renew_at=renew_at))


def health(target: Target, channel: str, perform: Perform | None = None) -> Iterator[Finding]:
    """What the platform says of each account of the channel. Nothing for a platform that cannot be looked at."""
    platform = channels.platform_of(channel)
    if not connectors.has(platform, "health"):
        return
    for context in contexts(target, channel):
        whose = f"{channel} ({context.account_id})" if context.account_id else channel
        try:
            seen: Sequence[Seen] = _run(connectors.health(platform).check(context), perform)
        except NotAuthorised as error:
            yield fail(f"{whose}: {error}", _step(error, context, target))
        except DeliveryError as error:
            yield warn(f"{whose} cannot be looked at on the platform: {error}")
        else:
            for one in seen:
                step = next_command(one.command, target.stage) if one.command else None
                text = f"{whose}: {one.text}"
                yield (
                    ok(text)
                    if one.level == "ok"
                    else Finding(level="FAIL" if one.level == "fail" else "WARN", text=text, next_step=step)
                )


def contexts(target: Target, channel: str) -> Iterator[SetupContext]:
    """One for each account that the channel's settings name, or one without. Holds secrets: never print it."""
    settings, send = channels.read(target, "channels", channel), channels.read(target, "send", channel)
    verify = channels.read(target, "verify", channel)
    accounts = settings.get("accounts") or [""]
    for account_id in sorted(accounts):
        yield SetupContext(
            channel=channel,
            account_id=account_id,
            settings=ChannelSettings(
                accounts=frozenset(settings.get("accounts", ())),
                app_ids=frozenset(settings.get("app_ids", ())),
                bot_app_ids=frozenset(settings.get("bot_app_ids", ())),
            ),
            credentials={**send.get("app", {}), **send.get("accounts", {}).get(account_id, {})},
            verify=_verify(verify),
            callback_url=webhooks.url(target, channel),
            api_base=send.get("api_base"),
            now=datetime.now(UTC),
        )


def _verify(document: dict[str, Any]) -> WebhookSecrets:
    if not document:
        return NO_SECRETS
    return WebhookSecrets(secrets=tuple(document.get("secrets", ())), verify_token=document.get("verify_token"))


def _run(steps: Steps[T], perform: Perform | None) -> T:
    """Raises DeliveryError. Whatever a platform makes in the background is a thing for the next try."""
    came = run(steps, perform or RequestsHttp().perform, most_calls=MOST_CALLS)
    if isinstance(came, Later):
        raise Problem("The platform has not finished yet.", "the same command in a minute")
    return came


def _step(error: DeliveryError, context: SetupContext, target: Target) -> str | None:
    if not isinstance(error, NotAuthorised):
        return None
    account = f" --account {context.account_id}" if context.account_id else ""
    return next_command(f"secrets set {context.channel} --use send{account} NAME", target.stage)
