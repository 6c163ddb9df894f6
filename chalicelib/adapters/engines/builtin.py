"""The trained engine that ships with Earshot, where its layer is. Satisfies `ports.engines.Engine`."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chalicelib.adapters.logs import log_line
from chalicelib.domain.labels import Labels
from chalicelib.ports.engines import Passage

# By name, not by import: what `classify` holds and adapters do not know each other.
MODULE = "chalicelib.classify.encoder"
LAYER = "earshot_encoder"  # looked for first: the word lists, which the module brings along, are no light load


class Builtin:
    """`module` is the encoder's, `encoder` what its `load` gave."""

    def __init__(self, module: Any, encoder: Any) -> None:
        self._module = module
        self._encoder = encoder
        self.name: str = module.ENGINE

    def judge(self, passages: Sequence[Passage], *, limit_s: float) -> Sequence[Labels | None]:  # noqa: ARG002
        """All texts at once; it knows no limit, and takes milliseconds for each."""
        texts = [
            self._module.Text(text=one.text, lang_hint=one.lang_hint, private=one.private, rating=one.rating)
            for one in passages
        ]
        return list(self._encoder.labels(texts))


@cache
def load(folder: Path | None = None) -> Builtin | None:
    """
    The engine, made once for each process, from `folder` or from its layer.

    None, and one log line, where it or what it needs is missing.
    """
    engine = _loaded(folder) if folder or find_spec(LAYER) else None
    if engine is None:
        log_line(level="info", message="no built-in engine: labels stay as triage gave them")
    return engine


def _loaded(folder: Path | None) -> Builtin | None:
    try:
        module = import_module(MODULE)
        encoder = module.load(folder)
    except Exception as error:  # noqa: BLE001  a layer that does not fit must not stop a mention
        log_line(level="warning", message="the built-in engine cannot be loaded", error=type(error).__name__)
        return None
    return Builtin(module, encoder) if encoder else None
