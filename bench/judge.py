"""
One tier at work in a process of its own: how soon it answers, how fast it goes on, how much memory that takes.

Runs as a script beside nothing of ours but the unpacked zip, and the unpacked
layer for the encoder. Reads a plan from standard input: {"tier": ...,
"texts": [...]}; the texts of "triage" are messages of `inbound`.
"""

import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

BATCH = 10  # what a worker gets at once

Judge = Callable[[Sequence[str]], object]


def main() -> None:
    """Print what was measured as the last line."""
    plan = json.load(sys.stdin)
    function, make = TIERS[plan["tier"]]
    module = import_module(f"chalicelib.entrypoints.{function}")
    began = time.process_time()
    judge = make()
    loaded_ms = since(began)
    judge(plan["texts"][:1])
    first_ms = since(began)
    began = time.process_time()
    for first in range(0, len(plan["texts"]), BATCH):
        judge(plan["texts"][first : first + BATCH])
    result = {
        "loaded_ms": loaded_ms,
        "first_ms": first_ms,
        "all_ms": since(began),
        "peak_mb": peak_mb(),
        "files": [module.__file__, *(sys.modules[name].__file__ for name in ("numpy",) if name in sys.modules)],
    }
    print("\n" + json.dumps(result))


def tiny() -> Judge:
    from chalicelib.classify import classify

    return lambda texts: [classify(text) for text in texts]


def triage() -> Judge:
    """All that the function does for a request, with memory for a queue."""
    from chalicelib import bootstrap, connectors
    from chalicelib.adapters.memory.outside import MemoryBodies
    from chalicelib.ports.inbound import decode
    from chalicelib.usecases.triage import Ports
    from chalicelib.usecases.triage import triage as sort_out

    nowhere: Any = Nowhere()
    ports = Ports(
        channels=nowhere,
        queues=nowhere,
        bodies=MemoryBodies(),
        quarantine=nowhere,
        labelling=replace(bootstrap._labelling(), limit_s=math.inf),  # as the deployed function, which reads less
        report_trouble=nowhere,
    )

    def judge(messages: Sequence[str]) -> None:
        for message in map(decode, messages):
            result = sort_out(message, connectors.parser(message.platform), ports)
            if result.urgent + result.ordinary != 1:
                raise RuntimeError(f"not one mention: {result}")

    return judge


class Nowhere:
    """A queue that forgets, and channels that nobody described."""

    def send(self, queue: str, bodies: Sequence[str]) -> None:
        """Gone."""

    def settings(self, channel: str) -> Any:  # noqa: ARG002  all channels are alike
        from chalicelib.ports.connector.parsing import ChannelSettings

        return ChannelSettings()


def encoder() -> Judge:
    from chalicelib.classify.encoder import Text, load

    found = load()
    if found is None:
        raise RuntimeError("the layer is not there")
    return lambda texts: found.labels([Text(text=text) for text in texts])


# Which function has the tier, and what makes it.
TIERS: dict[str, tuple[str, Callable[[], Judge]]] = {
    "tiny": ("triage", tiny),
    "triage": ("triage", triage),
    "encoder": ("casework", encoder),
}


def since(began: float) -> float:
    """CPU milliseconds of this process and all of its threads."""
    return (time.process_time() - began) * 1000


def peak_mb() -> float:
    """
    Of this process since it began with this program.

    `getrusage` will not do: on Linux it begins with what the parent held when it started us.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:  # macOS, which counts bytes
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
