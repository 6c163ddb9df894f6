"""Stopping what takes too long, whatever it is doing."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from time import monotonic
from types import FrameType
from typing import Final

_AT_ONCE_S: Final = 0.001  # 0 would switch the timer off


@contextmanager
def interrupting(seconds: float, error: Callable[[], Exception]) -> Iterator[None]:
    """
    Raise `error()` inside of the block when it has taken so long.

    A block in such a block is stopped by whichever ends first. Only the main thread can be interrupted, in which
    Lambda runs handlers; elsewhere this does nothing.
    """
    if current_thread() is not main_thread():
        yield
        return

    def ring(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001  the signature is the system's
        raise error()

    outer_s, began = signal.getitimer(signal.ITIMER_REAL)[0], monotonic()
    if 0 < outer_s <= seconds:
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if outer_s:
            signal.setitimer(signal.ITIMER_REAL, max(_AT_ONCE_S, outer_s - (monotonic() - began)))
