"""Log lines: one JSON object each, on standard output, where Lambda takes them from."""

import json
import time
from typing import Any


def log_line(**fields: Any) -> None:
    """Write one line. Nothing that a stranger wrote may be among `fields`."""
    print(json.dumps({"at": round(time.time(), 3), **fields}))  # noqa: T201
