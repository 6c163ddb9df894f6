"""An invented platform that can do everything: it signs, tests its URL, is polled, answered, and looked at."""

from datetime import timedelta
from decimal import Decimal

from chalicelib.ports.connector.manifest import Manifest, PollFacts, Price, Secret, TextLimit
from chalicelib.ports.connector.receiving import Protection, WebhookFacts

MANIFEST = Manifest(
    title="Corkboard (invented)",
    name="Corkboard",
    docs_url="https://corkboard.example/docs",
    reads=("notes", "our own notes"),
    hears="notes",
    answers="notes below notes",
    secrets=(
        Secret(name="secrets", use="verify", help="The key of the board."),
        Secret(name="key", use="send", help="The key of the writer."),
    ),
    mention_prefix="~",
    limits=(TextLimit(most=500, where="on a note"),),
    price=Price(read_usd=Decimal("0.5")),
    poll=PollFacts(every=timedelta(minutes=10), most_calls=5, fetches=True),
    webhook=WebhookFacts(
        protection=Protection.BODY, headers=frozenset({"x-cork-signature"}), handshakes=frozenset({"POST"})
    ),
    reply_kinds=frozenset({"public"}),
    read_on="2026-12-01",
)
