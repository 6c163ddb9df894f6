"""HMAC over the body; the board says hello before it delivers."""

import json
from dataclasses import replace

from chalicelib.connectors._kit.json import json_object
from chalicelib.connectors._kit.signature import check_hmac, hmac_text
from chalicelib.ports.connector.receiving import Answer, InboundRequest, WebhookSecrets

HEADER = "x-cork-signature"


def verify(request: InboundRequest, secrets: WebhookSecrets) -> None:
    check_hmac(request.headers.get(HEADER), request.body, secrets)


def sign(request: InboundRequest, secrets: WebhookSecrets) -> InboundRequest:
    return replace(request, headers={**request.headers, HEADER: hmac_text(request.body, secrets.secrets[0])})


def handshake(request: InboundRequest, secrets: WebhookSecrets) -> Answer | None:
    hello = json_object(request.body).get("hello")
    return (
        Answer(body=json.dumps({"hello": hello}), content_type="application/json") if isinstance(hello, str) else None
    )
