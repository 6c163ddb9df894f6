"""The time, and the randomness that spreads retries. Nothing else in the code asks for either."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4


def system_clock() -> datetime:
    return datetime.now(UTC)


def file_clock(path: str) -> Callable[[], datetime]:
    """The time that a file says, for tests that move it; the real time while the file is empty or missing."""

    def now() -> datetime:
        try:
            text = Path(path).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return system_clock()
        return datetime.fromisoformat(text).astimezone(UTC) if text else system_clock()

    return now


def monotonic() -> float:
    return time.monotonic()


def jitter() -> float:
    """0 to 1."""
    return random.random()  # noqa: S311  spreads load, guards nothing


def new_id() -> str:
    """Unique, and no secret."""
    return uuid4().hex


def back_off(attempt: int) -> None:
    """Satisfies `ports.waiting.Backoff`: up to 20 ms at first, up to a second later."""
    time.sleep(min(1.0, 0.02 * 2**attempt) * jitter())
