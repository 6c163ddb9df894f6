"""Servers that stand in for the platforms' APIs, for the demo and the tests. Never deployed."""
