"""
Shows what each real sample became, on ordinary runs too.

Rows travel as user properties of the test reports, which also cross process boundaries.
"""

from collections.abc import Iterator

import pytest

ROW = "real_sample"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = sorted(set(_rows(terminalreporter)))
    if not rows:
        return
    terminalreporter.section("what each real sample became")
    width = max(len(name) for name, _ in rows)
    for name, became in rows:
        terminalreporter.write_line(f"{name.ljust(width)}  {became}")


def _rows(terminalreporter: pytest.TerminalReporter) -> Iterator[tuple[str, str]]:
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == ROW:
                    yield tuple(value)
