"""
What the core must know of a platform: how people call it, how it mentions somebody, until when it takes an answer.

The values stand in each platform's own manifest. The domain imports no
connector: whoever puts a process together installs the lookup once, and a
platform of which nothing is known has neutral values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyWindow:
    """
    For how long after the customer's last private message the platform takes a private answer (R17).

    Until `standard` it takes anything, until `by_person` only what a person
    wrote. Both are the same where a person has no longer time.
    """

    standard: timedelta
    by_person: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """
    One platform. The defaults are those of a platform of which nothing is known.

    `name` is empty where nobody has given one. `mention_prefix` stands before
    a handle where one is written to, such as "@". `window` None: there is no
    end to answering in private.
    """

    name: str = ""
    mention_prefix: str = ""
    window: ReplyWindow | None = None


_NEUTRAL = Platform()
_lookups: list[Callable[[str], Platform | None]] = []


def install(lookup: Callable[[str], Platform | None]) -> None:
    """From now on ask `lookup`, and nothing else. It returns None for a platform that it does not know."""
    _lookups[:] = [lookup]


def platform_of(platform: str) -> Platform:
    """
    By its id, such as "whatsapp"; neutral values for one that nobody knows.

    Raises LookupError in a process that has installed no lookup.
    """
    return _lookups[0](platform) or _NEUTRAL


def name_of(platform: str) -> str:
    """Such as "WhatsApp" for "whatsapp"; for one that nobody has named, its id in words."""
    return platform_of(platform).name or platform.replace("_", " ").title() or "Unknown"
