"""
A platform that lies in another folder than the product's, for tests that try one without a line changed elsewhere.

    <root>/chalicelib/connectors/<platform>/    its code
    <root>/tests/fixtures/<platform>/           its fixtures

Found by the variable EARSHOT_MORE_PLATFORMS, which names the root: so is a
run of the contract suite that is started for it.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from chalicelib import connectors

VARIABLE = "EARSHOT_MORE_PLATFORMS"
ALONE = "EARSHOT_ONLY_MORE_PLATFORMS"  # set: the product's own are not tried, which saves their time
HERE = Path(__file__).parent
SUITE = ("test_contract.py", "test_items.py", "test_steps_contract.py")


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
        place = other / "chalicelib" / "connectors"
        connectors.__path__.append(str(place))
        connectors.names.cache_clear()
        if os.environ.get(ALONE):
            alone = frozenset(path.name for path in place.iterdir())
            connectors.names = cache(lambda: alone)


def suite(at: Path, platform: str, options: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """The contract's tests on the platform that lies below `at`, in a process of its own."""
    few = {"EARSHOT_MUTATED_BODIES": "150", "EARSHOT_EXAMPLES": "20"}
    environment = {**os.environ, VARIABLE: str(at), ALONE: "1", **few}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", platform, *options]
    files = [f"tests/connectors/{name}" for name in SUITE]
    return subprocess.run(
        [*command, *files], cwd=HERE.parent, env=environment, capture_output=True, text=True, check=False
    )


def write_goldens(at: Path, platform: str) -> None:
    """As a contributor does: those that are missing."""
    environment = {**os.environ, VARIABLE: str(at)}
    code = "from tests import more_platforms; more_platforms.add(); from tests.connectors import samples; "
    code += f"samples.write_missing_goldens({platform!r})"
    subprocess.run([sys.executable, "-c", code], cwd=HERE.parent, env=environment, check=True)
