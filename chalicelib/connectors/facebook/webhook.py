"""
Webhooks of a Facebook Page: one URL for feed, mentions, ratings, Messenger and permissions.

Sources: developers.facebook.com/docs/graph-api/webhooks/getting-started and
/docs/graph-api/webhooks/reference/page, read 2026-11-23. One delivery may hold
up to 1000 updates of several Pages, repeated and in any order.
"""

from chalicelib.connectors._kit.meta_webhook import handshake, sign, verify

__all__ = ["handshake", "sign", "verify"]
