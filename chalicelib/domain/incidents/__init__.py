"""
Many customers, one cause: what is kept of each mention, what is usual, what is not, and what that makes of an incident.

All of it is pure. ADR 21 says where the state lives and who looks at it.
"""
