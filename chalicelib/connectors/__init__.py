"""
The platforms, one folder each, found by looking.

A folder has `__init__.py` with a `MANIFEST` and the files that are its
abilities: `webhook.py`, `reply.py` (see `ports.connector`). Listing them
imports nothing; a name from a URL is checked before anything is loaded.
"""

from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import cast

from chalicelib.ports.connector.receiving import Webhook
from chalicelib.ports.connector.replying import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A value an operator must supply. `use` is "verify" (checking webhooks) or "send" (answering)."""

    name: str
    use: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a platform folder says of itself; `docs/connectors.md` is made from these."""

    title: str
    docs_url: str
    reads: tuple[str, ...]  # what becomes a fact, in a few words each
    secrets: tuple[Secret, ...]
    reply_limit: str = ""
    verified_by: str = "fixtures"  # fixtures, sandbox or live
    read_on: str = ""  # date on which the platform's pages were read
    unconfirmed: tuple[str, ...] = field(default=())  # guesses: each is one line to change
    known_limits: tuple[str, ...] = field(default=())


class UnknownPlatform(LookupError):
    """No such folder."""


@cache
def names() -> frozenset[str]:
    """The platforms that exist, without importing any."""
    here = Path(__file__).parent
    return frozenset(p.name for p in here.iterdir() if p.is_dir() and (p / "__init__.py").is_file())


def _load(platform: str, part: str) -> object:
    if platform not in names():
        raise UnknownPlatform(platform)
    return import_module(f"{__name__}.{platform}{part}")


def has(platform: str, part: str) -> bool:
    """Whether the platform's folder has the ability `part` ("webhook", "reply")."""
    return platform in names() and (Path(__file__).parent / platform / f"{part}.py").is_file()


def manifest(platform: str) -> Manifest:
    """Raises UnknownPlatform."""
    return cast("Manifest", getattr(_load(platform, ""), "MANIFEST"))


def webhook(platform: str) -> Webhook:
    """Raises UnknownPlatform."""
    if not has(platform, "webhook"):
        raise UnknownPlatform(platform)
    return cast("Webhook", _load(platform, ".webhook"))


def reply(platform: str) -> Reply:
    """Raises UnknownPlatform, also for a platform that cannot be answered."""
    if not has(platform, "reply"):
        raise UnknownPlatform(platform)
    return cast("Reply", _load(platform, ".reply"))
