"""JSON from strangers, read without an error."""

import json
from collections.abc import Mapping
from typing import Any


def as_object(value: object) -> Mapping[str, Any]:
    """The JSON object, an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def json_object(body: bytes) -> Mapping[str, Any]:
    """The JSON object in a body, an empty one when there is anything else."""
    try:
        return as_object(json.loads(body))
    except (ValueError, RecursionError):
        return {}
