"""The only I/O: AWS, HTTP, the clock. `memory` holds the twin of each, which passes the same contract suite."""
