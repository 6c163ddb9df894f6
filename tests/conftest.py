"""What every ring may use; nothing here starts until a test asks for it."""

import pytest

from chalicelib import connectors
from chalicelib.domain import platforms
from tests import more_platforms
from tests.localaws import aws, clock_file, stack  # noqa: F401 - fixtures for the adapters' and the deployed ring
from tests.rings import LOCAL_AWS, REQUIRE_ALL

more_platforms.add()
platforms.install(connectors.core)


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need nothing come first; the rest is marked: `-m "not local_aws"` leaves it out."""
    for item in items:
        if {"aws", "stack"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(LOCAL_AWS)
    items.sort(key=lambda item: item.get_closest_marker(LOCAL_AWS) is not None)  # stable: files stay whole


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if skipped := len(terminalreporter.stats.get("skipped", ())):
        terminalreporter.write_line(
            f"{skipped} tests did NOT run on this machine, see the reasons above; "
            f"{REQUIRE_ALL}=1 makes all but missing samples fail.",
            yellow=True,
            bold=True,
        )
