"""Who may use Earshot. A token is shown once and kept only as a hash; whoever holds it is that user."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

NAME_PATTERN = r"[a-z0-9][a-z0-9._@-]{0,63}"  # never ":", which parts the user from the rest of an action's id


class Role(StrEnum):
    """What a user may do; each role may do all that those before it may."""

    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"

    def covers(self, least: "Role") -> bool:
        """Whether this role is enough where `least` is asked for."""
        roles = tuple(Role)
        return roles.index(self) >= roles.index(least)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """
    A person, or a program, who acts on cases.

    `token_end` is the last four characters of the token, to tell tokens
    apart; `token_at` is when it was made. A disabled user has no token, but
    keeps the name: the timelines still say who did what.
    """

    name: str
    role: Role
    created_at: datetime
    token_at: datetime
    token_end: str
    disabled: bool = False


class UserExists(Exception):
    """The name is taken. Next step: another name, or `earshot users rotate` for a new token."""


class UnknownUser(LookupError):
    """Nobody of that name may use Earshot. Next step: `earshot users list`."""


class Users(Protocol):
    """Every method reads at most once and writes at most once; writes raise Conflict when overtaken."""

    def by_token(self, token: str) -> User | None:
        """Whose token it is; None for one that is wrong or no longer valid. Always one read."""
        ...

    def named(self, name: str) -> User | None:
        """Also a disabled user."""
        ...

    def everyone(self) -> tuple[User, ...]:
        """By name, disabled users among them."""
        ...

    def add(self, name: str, role: Role, token: str, now: datetime) -> User:
        """A new user, or a disabled one who comes back. Raises UserExists."""
        ...

    def rotate(self, name: str, token: str, now: datetime) -> User:
        """Another token; the old one is void at once. Raises UnknownUser."""
        ...

    def remove(self, name: str) -> User:
        """Disable the user; the token is void at once. Raises UnknownUser."""
        ...
