"""
Install packages, say how far it is, and tell an index that cannot be reached from a package that does not fit.

`make setup` runs this file before anything is installed, so it imports the
standard library alone.
"""

import fcntl
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Final

SAY_EVERY_S: Final = 3.0
MOST_TOLD: Final = 1500  # characters of what pip said at the end
# What pip and urllib3 say where nothing answers. "No matching distribution" comes after it, and would mislead.
_UNREACHABLE: Final = re.compile(
    r"NewConnectionError|Failed to establish|NameResolutionError|Name or service not known|Temporary failure in name"
    r"|Connection refused|ConnectTimeout|ReadTimeout|Network is unreachable|Max retries exceeded|Connection broken"
)

Say = Callable[[str], None]


class InstallFailed(Exception):
    """Packages were not installed. `next_step` says what to do about it."""

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(message)
        self.next_step = next_step


class IndexUnreachable(InstallFailed):
    """Nothing answers where the packages should come from."""


def install(command: Sequence[str], *, packages: int = 0, say: Say) -> None:
    """
    Run `pip install` as given and say every few seconds how far it is. Raises InstallFailed.

    `packages` is how many the list has, 0 where nobody counted.
    """
    progress = _Progress(packages, say)
    said: list[str] = []
    command = [*command, "--retries=2"]  # without one pip does not say that nobody answered
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    with process:
        for line in process.stdout or ():
            said.append(line)
            progress.hear(line)
    if process.returncode == 0:
        return
    text = "".join(said)
    if _UNREACHABLE.search(text):
        raise IndexUnreachable(
            "The package index cannot be reached.",
            "check the network, or name an index that is reached from here (PIP_INDEX_URL), then run the command again",
        )
    raise InstallFailed(f"The packages could not be installed. pip said:\n{text[-MOST_TOLD:]}", "look at what pip says")


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder that exists, and wait for it: two commands must not install into one place."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # which lets go of it


def count(requirements: Path) -> int:
    """How many packages a list pins."""
    return len(re.findall(r"^[A-Za-z0-9][\w.-]*==", requirements.read_text(), re.MULTILINE))


class _Progress:
    def __init__(self, packages: int, say: Say) -> None:
        self._of, self._say = f" of {packages}" if packages else "", say
        self._found, self._said_at = 0, time.monotonic()

    def hear(self, line: str) -> None:
        if line.startswith("Collecting "):
            self._found += 1
            if time.monotonic() - self._said_at < SAY_EVERY_S:
                return
            self._say(f"  {self._found}{self._of} packages are here")
        elif line.startswith("Installing collected packages"):
            self._say("  unpacking them ...")
        else:
            return
        self._said_at = time.monotonic()


def main(arguments: Sequence[str]) -> int:
    """`python infra/pip_install.py ARGUMENT ...`: what `pip install` takes, into the environment that runs this."""
    lists = [Path(name) for before, name in pairwise(arguments) if before == "--requirement"]
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", *arguments]
    try:
        install(command, packages=sum(map(count, lists)), say=lambda line: print(line, flush=True))
    except InstallFailed as error:
        print(f"{error}\nNext: {error.next_step}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
