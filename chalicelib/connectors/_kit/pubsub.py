"""
Deliveries that Google Cloud Pub/Sub pushes, with a token of who sends them.

Source: cloud.google.com/pubsub/docs/authenticate-push-subscriptions and
…/push, read 2026-11-23. The body is not signed: the token says that it comes
from our subscription, over TLS.
"""

import base64
import hmac
import json
from binascii import Error as NotBase64

from chalicelib.connectors._kit.public_keys import claims_of
from chalicelib.ports.connector.parsing import Unreadable
from chalicelib.ports.connector.receiving import InboundRequest, SignatureInvalid, WebhookSecrets

HEADERS = frozenset({"authorization"})
KEYS = "https://www.googleapis.com/oauth2/v3/certs"
ISSUERS = frozenset({"https://accounts.google.com", "accounts.google.com"})


def key_url(request: InboundRequest, secrets: WebhookSecrets) -> str:  # noqa: ARG001  one place for all
    """Where Google shows the keys that sign such tokens."""
    return KEYS


def check(request: InboundRequest, secrets: WebhookSecrets) -> None:
    """
    A token of Google for `values["audience"]`, of the account `values["service_account"]`.

    Any customer of Google can have a good token: the two bind it to us. Raises SignatureMissing, SignatureInvalid.
    """
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    claims = claims_of(
        token if kind.lower() == "bearer" else None,
        secrets.keys,
        audience=secrets.values.get("audience", ""),
        issuers=ISSUERS,
        now=request.received_at,
    )
    wanted, given = secrets.values.get("service_account", ""), claims.get("email")
    if not wanted or not isinstance(given, str) or not hmac.compare_digest(wanted.encode(), given.encode()):
        raise SignatureInvalid("The token is of another account.")
    if claims.get("email_verified") is not True:
        raise SignatureInvalid("The token's account is not verified.")


def data_of(body: bytes) -> bytes:
    """What was published, out of its envelope. Raises Unreadable."""
    try:
        return base64.b64decode(json.loads(body)["message"]["data"], validate=True)
    except (ValueError, KeyError, TypeError, NotBase64, RecursionError):
        raise Unreadable("the body is no push of Pub/Sub") from None
