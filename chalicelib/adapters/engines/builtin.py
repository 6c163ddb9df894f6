"""The trained engine that ships with Earshot, where its layer is."""

import os
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chalicelib.adapters.logs import log_line
from chalicelib.ports.engines import Engine

# By name, not by import: engines of `classify` and adapters do not know each other.
MODULE = "chalicelib.classify.encoder"
LAYER = "earshot_encoder"  # looked for first: the word lists, which the module brings along, are no light load
THREADS = "OPENBLAS_NUM_THREADS"


@cache
def load(folder: Path | None = None) -> Engine | None:
    """
    The engine, made once for each process, from `folder` or from its layer.

    None, and one log line, where it or what it needs is missing.
    """
    engine: Engine | None = _encoder(folder) if folder or find_spec(LAYER) else None
    if engine is None:
        log_line(level="info", message="no built-in engine: labels stay as triage gave them")
    return engine


def _encoder(folder: Path | None) -> Any:
    # A second thread waits for the first by spinning: with less than two whole processors that costs far more than it
    # brings. numpy reads this when it is first imported.
    os.environ.setdefault(THREADS, "1")
    try:
        return import_module(MODULE).load(folder)
    except Exception as error:  # noqa: BLE001  a layer that does not fit must not stop a mention
        log_line(level="warning", message="the built-in engine cannot be loaded", error=type(error).__name__)
        return None
