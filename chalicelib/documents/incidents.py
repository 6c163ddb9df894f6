"""
Whom a crisis wakes, as people write it in TOML.

    [crisis]
    group = "care-lead"
    threshold = 5
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.documents.reading import DocumentInvalid, Spot, name, parsed, whole
from chalicelib.domain.incidents.crisis import THRESHOLD, CrisisSettings

MOST_POINTS = 12


def read_toml(toml: str) -> CrisisSettings:
    """Raises DocumentInvalid."""
    return read(parsed(toml))


def read(document: Mapping[str, Any]) -> CrisisSettings:
    """Raises DocumentInvalid, which names every problem."""
    root = Spot(document)
    crisis = root.table("crisis")["crisis"]
    if crisis.is_missing:
        settings = CrisisSettings()
    else:
        parts = crisis.table("group", "threshold")
        group = None if parts["group"].is_missing else parts["group"].required(name, "")
        threshold = parts["threshold"].optional(whole(1, MOST_POINTS), THRESHOLD)
        settings = CrisisSettings(group=group, threshold=threshold)
    if root.problems:
        raise DocumentInvalid(root.problems)
    return settings
