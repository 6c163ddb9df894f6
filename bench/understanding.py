"""
What it takes to understand a text, in both tiers: speed, memory, the first answer of a fresh process, bytes.

The tiers run from the zip and the layer that ship, in processes of their own,
on one thread.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench import samples
from bench.report import Table
from bench.texts import mixed
from chalicelib.config import LOCAL
from chalicelib.ports.inbound import encode
from infra.deploy import encoder_layer
from infra.deploy.packaging import MIB, Package

JUDGE: Final = Path(__file__).with_name("judge.py")
MOST_CODE_MB, MOST_LAYER_MB = 10.0, 45.0  # zipped
ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
TIERS: Final[Mapping[str, str]] = {
    "tiny": "tiny tier, judging alone",
    "triage": "tiny tier, all of triage",
    "encoder": "encoder, judging alone",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One process. Milliseconds of CPU: until the tier was loaded, until its first answer, and for all texts."""

    loaded_ms: float
    first_ms: float
    all_ms: float
    peak_mb: float


def measure(made: Package, number: int, rounds: int, say: Callable[[str], None]) -> list[Table]:
    """`made` is of the stage local, as the layer is."""
    zip_file, texts = encoder_layer.build(LOCAL), mixed(number)
    with _unpacked(made.zip_file, zip_file) as runner:
        starts: dict[str, list[Judged]] = {tier: [] for tier in TIERS}
        for at in range(rounds + 1):
            say(f"  first answers, round {at} of {rounds}")
            for tier, found in starts.items():
                found.append(runner.judge(tier, texts[:1]))
        judged = {}
        for tier, name in TIERS.items():
            say(f"  {number:,} texts: {name}")
            judged[tier] = runner.judge(tier, texts)
    return [_speed(judged, texts), _starts({tier: found[1:] for tier, found in starts.items()}), _sizes(made, zip_file)]


# --- running ---------------------------------------------------------------------------------------------------------


@contextmanager
def _unpacked(code: Path, of_layer: Path) -> Iterator["Runner"]:
    with tempfile.TemporaryDirectory(prefix="earshot-bench-judge-") as folder:
        for zip_file, name in ((code, "task"), (of_layer, "opt")):
            with zipfile.ZipFile(zip_file) as content:
                content.extractall(Path(folder) / name)
        yield Runner(Path(folder) / "task", Path(folder) / "opt" / "python")


class Runner:
    """Starts processes that see the unpacked zip first; the layer is there for the encoder alone, as in the stack."""

    def __init__(self, code: Path, of_layer: Path) -> None:
        self._code, self._layer = code, of_layer

    def judge(self, tier: str, texts: Sequence[str]) -> Judged:
        places = [self._code, *([self._layer] if tier == "encoder" else [])]
        given = [_message(text) for text in texts] if tier == "triage" else list(texts)
        result = self._run({"tier": tier, "texts": given}, places)
        strangers = [file for file in result.pop("files") if not any(Path(file).is_relative_to(p) for p in places)]
        if strangers:
            raise RuntimeError(f"not imported from what ships: {', '.join(strangers)}")
        return Judged(**result)

    def _run(self, plan: Mapping[str, Any], places: Sequence[Path]) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-P", str(JUDGE)],
            input=json.dumps(plan),
            capture_output=True,
            text=True,
            env={**os.environ, **self._environment(places)},
            cwd=self._code,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{plan['tier']} does not judge:\n{done.stderr[-2000:]}")
        result: dict[str, Any] = json.loads(done.stdout.rstrip().rpartition("\n")[2])
        return result

    def _environment(self, places: Sequence[Path]) -> dict[str, str]:
        return {
            **dict.fromkeys(ONE_THREAD, "1"),
            "STAGE": LOCAL,
            "PYTHONPATH": os.pathsep.join(map(str, places)),
            "PYTHONDONTWRITEBYTECODE": "1",  # as in a Lambda, whose code lies on a read-only disk
        }


def _message(text: str) -> str:
    """A delivery with this post, as triage finds it on its queue."""
    now = datetime.now(UTC)
    event = json.loads(samples.delivery(now))
    event["data"]["payload"] |= {"text": text, "lang": "und"}
    return encode(samples.inbound(now, json.dumps(event).encode()))


# --- tables ----------------------------------------------------------------------------------------------------------


def _speed(judged: Mapping[str, Judged], texts: Sequence[str]) -> Table:
    return Table(
        name="understanding",
        title=f"Understanding {len(texts):,} mixed mentions, on one core",
        head=("tier", "texts a second", "CPU ms each", "peak MB of the process"),
        rows=tuple(
            (TIERS[tier], 1000 * len(texts) / one.all_ms, one.all_ms / len(texts), one.peak_mb)
            for tier, one in judged.items()
        ),
        notes=(
            f"Invented: twelve languages, {min(map(len, texts))} to {max(map(len, texts)):,} characters, "
            f"{median(map(len, texts)):.0f} in the middle; emoji, links, emergencies, spam.",
            "One thread; the encoder gets 10 at a time. Memory with all that the function itself imports: "
            "a Lambda of ours has 512.",
        ),
    )


def _starts(starts: Mapping[str, Sequence[Judged]]) -> Table:
    def row(tier: str) -> tuple[str, float, float, float]:
        loaded = median(one.loaded_ms for one in starts[tier])
        first = median(one.first_ms for one in starts[tier])
        return (TIERS[tier], loaded, first - loaded, first)

    rounds = len(starts["tiny"])
    return Table(
        name="first_answer",
        title="What a tier adds to a cold start: CPU ms until the first answer of a fresh process",
        head=("tier", "loading", "first answer", "in all"),
        rows=tuple(row(tier) for tier in starts),
        notes=(
            f"Medians of {rounds} interleaved rounds, from what ships, after the function's own import.",
            "The encoder's is what its layer adds: numpy and weights. Triage and the webhook never load it.",
        ),
    )


def _sizes(made: Package, zip_file: Path) -> Table:
    return Table(
        name="sizes",
        title="What ships, zipped",
        head=("what", "MB", "must be below"),
        rows=(
            ("code of the functions", made.zip_file.stat().st_size / MIB, MOST_CODE_MB),
            ("layer of the encoder", zip_file.stat().st_size / MIB, MOST_LAYER_MB),
        ),
    )
