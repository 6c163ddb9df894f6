"""
The rules of care, pure.

Frozen values and functions of (state, input, now). Standard library only; no
clock, no randomness, no I/O.
"""
