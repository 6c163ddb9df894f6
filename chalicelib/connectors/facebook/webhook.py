"""
Webhooks of a Facebook Page: one URL for feed, mentions, ratings, Messenger and permissions.

Sources: developers.facebook.com/docs/graph-api/webhooks/getting-started and
/docs/graph-api/webhooks/reference/page, read 2026-11-23. One delivery may hold
up to 1000 updates of several Pages, repeated and in any order.
"""

from chalicelib.connectors.meta_common import HEADERS, handshake, sign, verify
from chalicelib.ports.connector.parsing import ChannelSettings, Parsed
from chalicelib.ports.connector.receiving import InboundRequest

__all__ = ["HEADERS", "handshake", "parse", "sign", "verify"]


def parse(request: InboundRequest, settings: ChannelSettings) -> Parsed:
    """
    Read every item of every entry; each becomes a fact, a trouble, or a line in `ignored` or `unread`.

    An item that is plainly a message and cannot be addressed is `unread`: it
    must not be lost in silence, and nothing else with it.
    """
    from chalicelib.connectors.facebook.entries import read_body  # verifying must not load pydantic

    return read_body(request, settings)
