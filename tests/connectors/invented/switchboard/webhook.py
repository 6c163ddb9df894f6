"""HMAC over the address and the fields of the form, in the order of their names."""

from dataclasses import replace

from chalicelib.connectors._kit.forms import fields
from chalicelib.connectors._kit.signature import check_hmac, hmac_text
from chalicelib.ports.connector.parsing import Unreadable
from chalicelib.ports.connector.receiving import InboundRequest, WebhookSecrets

HEADER = "x-switchboard-signature"


def verify(request: InboundRequest, secrets: WebhookSecrets) -> None:
    check_hmac(request.headers.get(HEADER), _signed(request), secrets, algorithm="sha1", spelling="base64")


def sign(request: InboundRequest, secrets: WebhookSecrets) -> InboundRequest:
    made = hmac_text(_signed(request), secrets.secrets[0], algorithm="sha1", spelling="base64")
    return replace(request, headers={**request.headers, HEADER: made})


def _signed(request: InboundRequest) -> bytes:
    try:
        pairs = sorted(set(fields(request.body)))
    except Unreadable:
        return request.url.encode() + request.body  # what is signed and no form goes to quarantine whole
    return (request.url + "".join(name + value for name, value in pairs)).encode()
