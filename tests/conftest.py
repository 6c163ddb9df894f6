"""What every ring may use; nothing here starts until a test asks for it."""

import pytest

from chalicelib import connectors
from chalicelib.domain import platforms
from tests import more_platforms
from tests.localaws import aws, clock_file, stack  # noqa: F401 - fixtures for the adapters' and the deployed ring
from tests.rings import REQUIRE_ALL

more_platforms.add()
platforms.install(connectors.core)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if skipped := len(terminalreporter.stats.get("skipped", ())):
        terminalreporter.write_line(
            f"{skipped} tests did NOT run on this machine, see the reasons above; "
            f"{REQUIRE_ALL}=1 makes all but missing samples fail.",
            yellow=True,
            bold=True,
        )
