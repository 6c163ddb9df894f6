"""Rings of tests: the inner ones need nothing, the outer ones a local AWS or a browser."""

import os
from pathlib import Path

import pytest

REQUIRE_ALL = "EARSHOT_REQUIRE_ALL"
LOCAL_AWS = "local_aws"  # the marker of tests that start the local AWS, or use the one that others started


def need(condition: object, reason: str) -> None:
    """
    Go on only if this machine has what the test needs.

    Skips and says why; fails instead where EARSHOT_REQUIRE_ALL is set, as it
    is in CI, so that a ring is never lost without anyone noticing.
    """
    if condition:
        return
    if os.environ.get(REQUIRE_ALL):
        pytest.fail(f"{reason} (and {REQUIRE_ALL} is set)", pytrace=False)
    pytest.skip(reason)


def need_samples(path: Path) -> Path:
    """
    The path, where real payloads lie beside the checkout; else the test is skipped aloud, also in CI.

    They are not ours to ship: a clone without them is whole and must pass, and
    wherever they are, no test that wants them is skipped.
    """
    if not path.exists():
        pytest.skip(f"NOT CHECKED against real payloads: {path} is absent")
    return path
