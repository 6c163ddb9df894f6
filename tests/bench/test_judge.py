"""Peak memory is this process's own."""

import subprocess
import sys

from infra.paths import ROOT

PROGRAM = """
import subprocess, sys
held = bytearray(300_000_000)
held[::4096] = bytes(len(held[::4096]))
child = "from bench.judge import peak_mb; print(peak_mb())"
print(subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True).stdout)
"""


def test_what_the_parent_held_does_not_count():
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert 5 < float(done.stdout) < 100
