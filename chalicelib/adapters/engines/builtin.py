"""The trained engine that ships with Earshot, where its layer is."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from chalicelib.adapters.logs import log_line
from chalicelib.ports.engines import Engine

MODULE = "chalicelib.classify.encoder"
NEEDS = "numpy"  # looked for first: the word lists, which the module's package brings along, are no light load


@cache
def load() -> Engine | None:
    """The engine, made once for each process; None, and one log line, where it or what it needs is missing."""
    engine: Engine | None = _encoder() if find_spec(NEEDS) else None
    if engine is None:
        log_line(level="info", message="no built-in engine: labels stay as triage gave them")
    return engine


def _encoder() -> Any:
    # By name, not by import: engines of `classify` and adapters do not know each other.
    try:
        return import_module(MODULE).load()
    except (ImportError, AttributeError, OSError) as error:
        log_line(level="warning", message="the built-in engine cannot be loaded", error=type(error).__name__)
        return None
