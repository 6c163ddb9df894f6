"""
A pytest plugin for `make mutate`: which functions of the product each test calls, and how long it takes.

`python -m pytest -p bench.reach --reach FILE` writes JSON: by test id, its
seconds and the functions as `file::dotted.name`. Only tests that passed are
written. What a test starts in another process is not seen.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType

import pytest

ROOMS = ("chalicelib", "infra")
# Tests with these fixtures need the local AWS.
OUTER_FIXTURES = {"aws", "stack", "stage", "local_stage", "browser"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--reach", help="write here which functions each test calls")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the outer rings out."""
    inner = [item for item in items if not OUTER_FIXTURES & set(getattr(item, "fixturenames", ()))]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(inner)])
    items[:] = inner


class Reach:
    """Collects while the tests run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.seen: set[CodeType] = set()
        self.found: dict[str, dict[str, object]] = {}

    def called(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            self.seen.add(frame.f_code)

    def names(self) -> list[str]:
        """The functions called since the last test. A name inside a function counts for the function too."""
        names = set()
        for code in self.seen:
            if code.co_filename.startswith(str(self.root)):
                file = str(Path(code.co_filename).relative_to(self.root))
                if file.startswith(ROOMS):
                    names.add(f"{file}::{plain(code.co_qualname)}")
        return sorted(names)


def plain(qualified: str) -> str:
    """A function's dotted name without the marks for functions inside functions and for comprehensions."""
    parts = [part for part in qualified.split(".") if part != "<locals>"]
    while parts and parts[-1].startswith("<"):
        parts.pop()
    return ".".join(parts)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    reach: Reach | None = getattr(item.config, "earshot_reach", None)
    if reach is None:
        yield
        return
    reach.seen.clear()
    begun = time.monotonic()
    sys.setprofile(reach.called)
    try:
        yield
    finally:
        sys.setprofile(None)
    reach.found[item.nodeid] = {"seconds": round(time.monotonic() - begun, 3), "functions": reach.names()}


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--reach"):
        config.earshot_reach = Reach(config.rootpath)  # type: ignore[attr-defined]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed or report.skipped:
        _not_passed.add(report.nodeid)


_not_passed: set[str] = set()


def pytest_sessionfinish(session: pytest.Session) -> None:
    reach: Reach | None = getattr(session.config, "earshot_reach", None)
    if reach is not None:
        passed = {test: entry for test, entry in reach.found.items() if test not in _not_passed}
        Path(session.config.getoption("--reach")).write_text(json.dumps(passed))
