"""
Small protocols and the plain values that cross them.

A use case names what it needs from outside here; an adapter fulfils it.
"""
