"""What a check of the doctor says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from infra.deploy.target import Target

Level = Literal["OK", "WARN", "FAIL"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A sentence, and for whatever is not in order the command that mends it."""

    level: Level
    text: str
    next_step: str | None = None


Check = Callable[[Target], Iterable[Finding]]


def ok(text: str) -> Finding:
    return Finding(level="OK", text=text)


def warn(text: str, next_step: str | None = None) -> Finding:
    return Finding(level="WARN", text=text, next_step=next_step)


def fail(text: str, next_step: str | None = None) -> Finding:
    return Finding(level="FAIL", text=text, next_step=next_step)
