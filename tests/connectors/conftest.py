"""
Shows what each real sample became, on ordinary runs too, and which have no row yet that says what they must become.

Rows travel as user properties of the test reports, which also cross process boundaries.
"""

from collections.abc import Iterator
from typing import Any

import pytest

ROW = "real_sample"
UNMATCHED = "real_sample_unmatched"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = sorted(set(_values(terminalreporter, ROW)))
    if rows:
        terminalreporter.section("what each real sample became")
    width = max((len(name) for name, _ in rows), default=0)
    for name, became in rows:
        terminalreporter.write_line(f"{name.ljust(width)}  {became}")
    unmatched = sorted(set(_values(terminalreporter, UNMATCHED)))
    if unmatched:
        terminalreporter.section("REAL SAMPLES AND ROWS OF real_samples.json THAT DO NOT MEET", yellow=True, bold=True)
    for line in unmatched:
        terminalreporter.write_line(line, yellow=True)


def _values(terminalreporter: pytest.TerminalReporter, wanted: str) -> Iterator[Any]:
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == wanted:
                    yield tuple(value) if isinstance(value, list) else value
