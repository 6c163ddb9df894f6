"""
The platforms, one folder each, found by looking.

A folder has `__init__.py` with a `MANIFEST` and the files that are its
abilities: `webhook.py`, `reply.py` (see `ports.connector`). Listing them
imports nothing; a name from a URL is checked before anything is loaded.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from chalicelib.domain.platforms import Platform
from chalicelib.ports.connector.manifest import Manifest
from chalicelib.ports.connector.receiving import Webhook, WebhookFacts
from chalicelib.ports.connector.replying import Renew, Reply

if TYPE_CHECKING:
    from chalicelib.ports.connector.manifest import PollFacts
    from chalicelib.ports.connector.parsing import Parse
    from chalicelib.ports.connector.polling import Poll
    from chalicelib.ports.connector.setup import Health, Setup


class UnknownPlatform(LookupError):
    """No such folder."""


@cache
def names() -> frozenset[str]:
    """The platforms that exist, without importing any."""
    return frozenset(folder.name for folder in _folders())


def _folders() -> Iterator[Path]:
    """Those of the platforms. A package whose name begins with "_" is none: it holds what platforms share."""
    for root in __path__:
        for folder in Path(root).iterdir():
            if not folder.name.startswith("_") and (folder / "__init__.py").is_file():
                yield folder


def _load(platform: str, part: str) -> object:
    if platform not in names():
        raise UnknownPlatform(platform)
    return import_module(f"{__name__}.{platform}{part}")


def has(platform: str, part: str) -> bool:
    """Whether the platform's folder has the ability `part` ("webhook", "reply")."""
    return platform in names() and any((Path(root) / platform / f"{part}.py").is_file() for root in __path__)


def manifest(platform: str) -> Manifest:
    """Raises UnknownPlatform."""
    return cast("Manifest", getattr(_load(platform, ""), "MANIFEST"))


def core(platform: str) -> Platform | None:
    """What the domain must know of the platform, None for one that does not exist: see `domain.platforms.install`."""
    return manifest(platform).core if platform in names() else None


def webhook(platform: str) -> Webhook:
    """Raises UnknownPlatform."""
    if not has(platform, "webhook"):
        raise UnknownPlatform(platform)
    return cast("Webhook", _load(platform, ".webhook"))


def webhook_facts(platform: str) -> WebhookFacts:
    """Raises UnknownPlatform, also for a platform without a webhook."""
    facts = manifest(platform).webhook
    if facts is None:
        raise UnknownPlatform(platform)
    return facts


def parser(platform: str) -> "Parse":
    """What reads the platform's bodies, from a webhook or a poll. Raises UnknownPlatform."""
    if not has(platform, "parse"):
        raise UnknownPlatform(platform)
    return cast("Parse", _load(platform, ".parse"))


def poll(platform: str) -> "Poll":
    """Raises UnknownPlatform, also for a platform that is not polled."""
    if not has(platform, "poll"):
        raise UnknownPlatform(platform)
    return cast("Poll", _load(platform, ".poll"))


def poll_facts(platform: str) -> "PollFacts":
    """How often and how much it is asked. Raises UnknownPlatform, also for a platform that is not polled."""
    facts = manifest(platform).poll
    if facts is None:
        raise UnknownPlatform(platform)
    return facts


def setup(platform: str) -> "Setup":
    """What is done at the platform so that it calls us. Raises UnknownPlatform, also for a platform without."""
    if not has(platform, "setup"):
        raise UnknownPlatform(platform)
    return cast("Setup", _load(platform, ".setup"))


def health(platform: str) -> "Health":
    """What looks at a channel on the platform. Raises UnknownPlatform, also for a platform without."""
    if not has(platform, "health"):
        raise UnknownPlatform(platform)
    return cast("Health", _load(platform, ".health"))


def polled() -> frozenset[str]:
    """The platforms that must be asked for what they do not tell."""
    return frozenset(name for name in names() if has(name, "poll"))


def renewed() -> frozenset[str]:
    """The platforms whose webhooks end by themselves. Loads the manifests of those that can be set up."""
    return frozenset(name for name in names() if has(name, "setup") and manifest(name).renew_every)


def reply(platform: str) -> Reply:
    """Raises UnknownPlatform, also for a platform that cannot be answered."""
    if not has(platform, "reply"):
        raise UnknownPlatform(platform)
    return cast("Reply", _load(platform, ".reply"))


def renewer(platform: str) -> Renew | None:
    """What gets new access tokens; None for a platform whose tokens do not expire, and for one that does not exist."""
    return cast("Renew", _load(platform, ".token")) if has(platform, "token") else None
