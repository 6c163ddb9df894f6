"""
Deliveries that come through Amazon SNS by HTTPS, signed with a key of AWS.

Source: docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
and …/sns-http-https-endpoint-as-subscriber.html, read 2026-11-23. The body is
JSON under `text/plain`. Message attributes are not signed: read none.
"""

import base64
import json
import re
from binascii import Error as NotBase64
from datetime import datetime, timedelta
from typing import Any

from chalicelib.connectors._kit.public_keys import check_rsa
from chalicelib.ports.connector.calls import HttpCall
from chalicelib.ports.connector.receiving import (
    Answer,
    BodyRefused,
    InboundRequest,
    SignatureInvalid,
    SignatureMissing,
    WebhookSecrets,
)

HEADERS = frozenset({"x-amz-sns-message-type"})
CONTENT_TYPES = frozenset({"text/plain", "application/json"})
HOST = r"https://sns\.[a-z0-9-]{3,30}\.amazonaws\.com(?:\.cn)?"
CERTIFICATE = re.compile(HOST + r"/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem")
CONFIRMATION = re.compile(HOST + r"/\?Action=ConfirmSubscription&[A-Za-z0-9&=:_.%~-]{1,2000}")
MOST_AGE = timedelta(hours=1)  # SNS tries for that long
SIGNED = ("Message", "MessageId", "SubscribeURL", "Subject", "Timestamp", "Token", "TopicArn", "Type")
ALGORITHMS = {"1": "sha1", "2": "sha256"}


def key_url(request: InboundRequest) -> str:
    """The certificate that the message names, if it is one of SNS. Raises SignatureMissing, SignatureInvalid."""
    url = message_of(request.body).get("SigningCertURL")
    if not isinstance(url, str):
        raise SignatureMissing("No certificate is named.")
    if not CERTIFICATE.fullmatch(url):
        raise SignatureInvalid("The certificate is none of SNS.")
    return url


def check(request: InboundRequest, secrets: WebhookSecrets) -> None:
    """
    The signature, the topic (`values["topic_arn"]`, spaces between several), and the age.

    Raises SignatureMissing, SignatureInvalid.
    """
    message = message_of(request.body)
    version, signature = message.get("SignatureVersion"), message.get("Signature")
    if not isinstance(signature, str) or version not in ALGORITHMS:
        raise SignatureMissing("The message is not signed.")
    try:
        raw = base64.b64decode(signature, validate=True)
    except (NotBase64, ValueError):
        raise SignatureInvalid("The signature cannot be read.") from None
    check_rsa(secrets.keys, raw, string_to_sign(message), algorithm=ALGORITHMS[version])
    if message.get("TopicArn") not in secrets.values.get("topic_arn", "").split():
        raise SignatureInvalid("The message is of another topic.")
    if abs(request.received_at - _time(message.get("Timestamp"))) > MOST_AGE:
        raise SignatureInvalid("The message was signed too long ago.")


def string_to_sign(message: dict[str, Any]) -> bytes:
    """The signed fields that are there, in their order: name and value, a line each."""
    kept = SIGNED if message.get("Type") != "Notification" else ("Message", "MessageId", "Subject", *SIGNED[4:])
    names = [name for name in kept if isinstance(message.get(name), str)]
    if message.get("Type") == "Notification":
        names = [name for name in names if name not in ("SubscribeURL", "Token")]
    else:
        names = [name for name in names if name != "Subject"]
    return "".join(f"{name}\n{message[name]}\n" for name in names).encode(errors="surrogatepass")


def handshake(request: InboundRequest) -> Answer | None:
    """For a message that has been verified: confirm a subscription by opening its address; None for a notification."""
    message = message_of(request.body)
    if message.get("Type") == "Notification":
        return None
    url = message.get("SubscribeURL")
    if message.get("Type") == "UnsubscribeConfirmation" or not isinstance(url, str) or not CONFIRMATION.fullmatch(url):
        raise BodyRefused("This confirms no subscription of ours.")
    return Answer(body="confirmed", call=HttpCall(method="GET", url=url))


def message_of(body: bytes) -> dict[str, Any]:
    """The envelope. Raises SignatureMissing for what is none."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise SignatureMissing("The body is no message of SNS.")
    return message


def _time(written: object) -> datetime:
    try:
        moment = datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise SignatureInvalid("The time of signing cannot be read.")
    return moment
