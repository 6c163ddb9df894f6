"""An invented platform that only tells: forms, signed with the address that was called, and answered in XML."""

from chalicelib.ports.connector.manifest import Manifest, Secret
from chalicelib.ports.connector.receiving import Answer, Protection, WebhookFacts

MANIFEST = Manifest(
    title="Switchboard (invented)",
    name="Switchboard",
    docs_url="https://switchboard.example/docs",
    reads=("short messages", "short messages that we sent"),
    hears="short messages",
    secrets=(Secret(name="secrets", use="verify", help="The token of the account."),),
    webhook=WebhookFacts(
        protection=Protection.REQUEST,
        headers=frozenset({"x-switchboard-signature"}),
        content_types=frozenset({"application/x-www-form-urlencoded"}),
        accepted=Answer(body="<Response/>", content_type="text/xml"),
        batches=False,
    ),
    read_on="2026-12-01",
)
