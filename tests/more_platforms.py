"""
A platform that lies in another folder than the product's, for tests that try one without a line changed elsewhere.

    <root>/chalicelib/connectors/<platform>/    its code
    <root>/tests/fixtures/<platform>/           its fixtures

Found by the variable EARSHOT_MORE_PLATFORMS, which names the root: so is a
run of the contract suite that is started for it.
"""

import os
from pathlib import Path

from chalicelib import connectors

VARIABLE = "EARSHOT_MORE_PLATFORMS"
HERE = Path(__file__).parent


def fixtures(platform: str) -> Path:
    """The folder of its fixtures, which need not exist."""
    other = root()
    elsewhere = other / "tests" / "fixtures" / platform if other else None
    return elsewhere if elsewhere and elsewhere.is_dir() else HERE / "fixtures" / platform


def root() -> Path | None:
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def add() -> None:
    """Let the connectors be found there, too."""
    other = root()
    if other:
        connectors.__path__.append(str(other / "chalicelib" / "connectors"))
        connectors.names.cache_clear()
