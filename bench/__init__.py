"""What Earshot costs: time to start, calls and capacity units, bytes, CPU, dollars. `docs/bench.md` explains it."""
