"""
One cold start in a process of its own: import a function's module, hand it one event, say what that took.

Runs as a script beside nothing of ours but the unpacked zip. Reads a plan from
standard input: {"imports": [...], "clients": [...]} for a floor, or
{"handler": "module.name", "event": {...}} for a function.
"""

import gc
import json
import sys
import time
from importlib import import_module
from types import SimpleNamespace
from typing import Any


def main() -> None:
    """Print what was measured as the last line; what the function prints comes before it."""
    plan = json.load(sys.stdin)
    result = function(plan) if "handler" in plan else floor(plan)
    print("\n" + json.dumps(result))


def floor(plan: dict[str, Any]) -> dict[str, Any]:
    """The packages and clients alone."""
    began = time.process_time()
    modules = [import_module(name) for name in plan["imports"]]
    for service in plan["clients"]:
        modules[-1].client(service)
    return {"ready_ms": since(began)}


def function(plan: dict[str, Any]) -> dict[str, Any]:
    """The module as Lambda imports it, then its first event."""
    module_name, _, handler = plan["handler"].rpartition(".")
    began = time.process_time()
    module = import_module(module_name)
    import_ms = since(began)
    after_import = sorted(sys.modules)
    began_first = time.process_time()
    answer = getattr(module, handler)(plan["event"], context())
    first_ms = since(began_first)
    return {
        "import_ms": import_ms,
        "ready_ms": import_ms + first_ms,
        "imported": after_import,
        "loaded": sorted(sys.modules),
        "file": module.__file__,
        "clients": clients(),
        "status": answer.get("statusCode") if isinstance(answer, dict) else None,
    }


def since(began: float) -> float:
    """CPU milliseconds of this process: what a fraction of a core stretches, and a busy machine does not."""
    return (time.process_time() - began) * 1000


def context() -> Any:
    """As much of Lambda's context as anybody here looks at."""
    return SimpleNamespace(aws_request_id="bench", function_name="bench", get_remaining_time_in_millis=lambda: 30_000)


def clients() -> list[str]:
    from botocore.client import BaseClient

    return sorted({one.meta.service_model.service_name for one in gc.get_objects() if isinstance(one, BaseClient)})


if __name__ == "__main__":
    main()
