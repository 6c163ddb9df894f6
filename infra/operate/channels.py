"""
What Parameter Store holds for each channel: secrets to verify with, credentials to send with, and settings.

    /earshot/<stage>/verify/<channel>    {"secrets": ["new", "old"], "verify_token": "..."}        SecureString
    /earshot/<stage>/send/<channel>      {"api_base": "...", "app": {...}, "accounts": {"<id>": {...}}}  SecureString
    /earshot/<stage>/channels/<channel>  {"accounts": [...], "app_ids": [...], "bot_app_ids": [...], "keep_days": 730}
                                                                                                         String
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from chalicelib import connectors
from chalicelib.ports.connector.manifest import Secret
from chalicelib.ports.signs import ChannelSign, Sign
from infra.deploy.target import Target
from infra.problem import Problem

Use = Literal["verify", "send"]
Document = dict[str, Any]

DISBELIEVED_STEP = "docs/runbook.md, section 'What a channel says is not believed'"

USES: tuple[Use, ...] = ("verify", "send")
SIGNING = "secrets"  # the one value that may be live twice
API_BASE = "api_base"  # of no platform's manifest: replaces the host, for proxies and stand-ins
LIVE_SECRETS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One parameter without its values. `names` are those that are set; `changed_at` is aware."""

    channel: str
    kind: str  # verify, send or channels
    names: tuple[str, ...]
    changed_at: datetime


def in_words(sign: ChannelSign) -> str:
    """What was seen on a channel, without its name."""
    last = f"{sign.last_at:%Y-%m-%d %H:%M} UTC"
    if sign.sign is Sign.TESTED:
        return f"the platform's own page sent a test delivery, last on {last}: it opens no case"
    facts = "1 fact" if sign.count == 1 else f"{sign.count} facts"
    return f"{facts} not believed, last on {last}"


def platform_of(channel: str) -> str:
    return channel.partition(".")[0]


# --- write -----------------------------------------------------------------------------------------------------------


def set_verify(target: Target, channel: str, values: Mapping[str, str], *, rotate: bool = False) -> None:
    """
    Store what webhooks are checked with; other values of the channel stay.

    With `rotate` a new signing secret goes first and the newest old one stays
    live beside it, otherwise it replaces all. Raises Problem for a name the
    platform does not have.
    """
    _check_names(channel, "verify", values)
    document = read(target, "verify", channel)
    for name, value in values.items():
        document[name] = signing_secrets(document, value, rotate=rotate) if name == SIGNING else value
    _write(target, "verify", channel, document)


def invent_verify(target: Target, channel: str, make: Callable[[], str]) -> None:
    """Set what the platform's webhooks are checked with and nobody has set."""
    lacking = missing(platform_of(channel), "verify", names_in("verify", read(target, "verify", channel)))
    if lacking:
        set_verify(target, channel, {name: make() for name in lacking})


def signing_secrets(document: Mapping[str, Any], new: str, *, rotate: bool) -> list[str]:
    """The live secrets once `new` is the first of them."""
    old = [secret for secret in document.get(SIGNING, ()) if secret != new] if rotate else []
    return [new, *old][:LIVE_SECRETS]


def set_send(target: Target, channel: str, values: Mapping[str, str], *, account: str | None = None) -> None:
    """Store credentials of one account, or of the app when no account is named. Raises Problem."""
    _check_names(channel, "send", (name for name in values if name != API_BASE))
    document = read(target, "send", channel)
    base = values.get(API_BASE)
    if base:
        document[API_BASE] = base
    part = document.setdefault("accounts", {}).setdefault(account, {}) if account else document.setdefault("app", {})
    part.update({name: value for name, value in values.items() if name != API_BASE})
    _write(target, "send", channel, document)
    settings = read(target, "channels", channel)
    if settings:
        _write(target, "channels", channel, {**settings, "sends": _sending(channel, document)}, secure=False)


def _sending(channel: str, document: Document) -> list[str]:
    """The accounts with all that answering on them needs: what may be told without telling a secret."""
    app, accounts = document.get("app", {}), document.get("accounts", {})
    platform = platform_of(channel)
    return sorted(account for account, part in accounts.items() if not missing(platform, "send", {**app, **part}))


def set_settings(target: Target, channel: str, *, keep_days: int | None = None, **lists: Iterable[str]) -> None:
    """Replace the lists that are named and not empty, and the days if given; the others stay."""
    document = read(target, "channels", channel)
    document.update({name: list(values) for name, values in lists.items() if values})
    document.update({"keep_days": keep_days} if keep_days else {})
    document["sends"] = _sending(channel, read(target, "send", channel))
    _write(target, "channels", channel, document, secure=False)


def know_accounts(target: Target, channel: str, accounts: Iterable[str]) -> list[str]:
    """Add accounts of ours to those that the channel knows. Returns the new ones."""
    known = read(target, "channels", channel).get("accounts", [])
    new = sorted(set(accounts) - set(known))
    if new:
        set_settings(target, channel, accounts=[*known, *new])
    return new


# --- read ------------------------------------------------------------------------------------------------------------


def read(target: Target, kind: str, channel: str) -> Document:
    """A parameter's document, empty when there is none. Holds secrets: never print it."""
    document: Document = json.loads(target.parameter(parameter_name(target, kind, channel)) or "{}")
    return document


def held(target: Target) -> list[Held]:
    """Everything that is stored, without values."""
    return sorted(_each_held(target), key=lambda one: (one.channel, one.kind))


def _each_held(target: Target) -> Iterator[Held]:
    pages = target.client("ssm").get_paginator("get_parameters_by_path")
    for kind in ("verify", "send", "channels"):
        path = f"{target.settings.parameters}/{kind}"
        for page in pages.paginate(Path=path, WithDecryption=True):
            for parameter in page["Parameters"]:
                yield Held(
                    channel=parameter["Name"].rpartition("/")[2],
                    kind=kind,
                    names=tuple(sorted(names_in(kind, json.loads(parameter["Value"])))),
                    changed_at=parameter["LastModifiedDate"],
                )


def names_in(kind: str, document: Mapping[str, Any]) -> set[str]:
    """Which values a document sets, as the manifest calls them."""
    if kind != "send":
        return {name for name, value in document.items() if value}
    parts = [document.get("app", {}), *document.get("accounts", {}).values()]
    return {name for part in parts for name, value in part.items() if value}


def missing(platform: str, use: Use, names: Iterable[str]) -> list[str]:
    """What the platform's manifest asks for and nobody has set."""
    have = set(names)
    return [secret.name for secret in wanted(platform, use) if secret.name not in have]


def wanted(platform: str, use: Use) -> list[Secret]:
    return [secret for secret in connectors.manifest(platform).secrets if secret.use == use]


def verify_secret(target: Target, channel: str, make: Callable[[], str] | None = None) -> tuple[str, bool]:
    """
    The secret that signs for a channel, and whether `make` had to invent it.

    Raises Problem when there is none and `make` is None.
    """
    live = read(target, "verify", channel).get(SIGNING)
    if live:
        return str(live[0]), False
    if make is None:
        raise Problem(
            f"{channel} has no secret on stage {target.stage}.",
            f"`earshot secrets set {channel} {SIGNING} --stage {target.stage} --use verify`",
        )
    set_verify(target, channel, {SIGNING: make()})
    return verify_secret(target, channel)[0], True


def parameter_name(target: Target, kind: str, channel: str) -> str:
    return f"{target.settings.parameters}/{kind}/{channel}"


def _check_names(channel: str, use: Use, names: Iterable[str]) -> None:
    platform = platform_of(channel)
    known = {secret.name: secret.help for secret in wanted(platform, use)}
    if unknown := [name for name in names if name not in known]:
        listed = "\n".join(f"  {name}: {text}" for name, text in known.items()) or "  none"
        raise Problem(f"{platform} has no {use} value {', '.join(unknown)}. It has:\n{listed}")


def _write(target: Target, kind: str, channel: str, document: Document, *, secure: bool = True) -> None:
    target.client("ssm").put_parameter(
        Name=parameter_name(target, kind, channel),
        Value=json.dumps(document),
        Type="SecureString" if secure else "String",
        Tier="Intelligent-Tiering",  # many accounts outgrow the 4 KB of the standard tier
        Overwrite=True,
    )
