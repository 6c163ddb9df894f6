"""
What a platform folder may offer, and the values that cross between it and us.

A connector does no I/O: it reads bytes and makes facts, or makes calls as
values and reads what came back. Each protocol is satisfied by a module, not a
class: `connectors/<platform>/webhook.py`, `reply.py` and so on.
"""
