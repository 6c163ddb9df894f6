"""Twins of the adapters that keep everything in the process: for tests, and for trying policies without AWS."""
