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
TOPIC = re.compile(r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}):[0-9]{12}:[A-Za-z0-9_.-]{1,256}")
CERTIFICATE = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem")
CONFIRMATION = re.compile(r"/\?Action=ConfirmSubscription&[A-Za-z0-9&=:_.%~-]{1,2000}")
MOST_AGE = timedelta(hours=1)  # SNS tries for that long
CONFIRMS = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
SIGNED = {  # by type; what is not there is left out
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": CONFIRMS,
    "UnsubscribeConfirmation": CONFIRMS,
}
FREE_TEXTS = frozenset({"Message", "Subject"})  # what a publisher writes
ALGORITHMS = {"1": "sha1", "2": "sha256"}


def key_url(request: InboundRequest, secrets: WebhookSecrets) -> str:
    """
    The certificate that the message names, if it is one of SNS where the topic is, and the topic is ours.

    So nobody who does not know the topic makes us ask for anything. Raises
    SignatureMissing, SignatureInvalid.
    """
    message = message_of(request.body)
    url = message.get("SigningCertURL")
    if not isinstance(url, str):
        raise SignatureMissing("No certificate is named.")
    if not _is_of(_host_of(_our_topic(message, secrets)), url, CERTIFICATE):
        raise SignatureInvalid("The certificate is none of SNS.")
    return url


def _our_topic(message: dict[str, Any], secrets: WebhookSecrets) -> str:
    topic = message.get("TopicArn")
    if not isinstance(topic, str) or topic not in secrets.values.get("topic_arn", "").split():
        raise SignatureInvalid("The message is of another topic.")
    return topic


def _host_of(topic: str) -> str:
    """Where SNS is for a topic: a pattern of hosts would let in buckets named "sns", as sns.s3-us-west-2 is one."""
    found = TOPIC.fullmatch(topic)
    if not found:
        raise SignatureInvalid("What is configured is no topic.")
    partition, region = found.groups()
    return f"https://sns.{region}.amazonaws.com{'.cn' if partition == 'aws-cn' else ''}"


def _is_of(host: str, url: str, path: re.Pattern[str]) -> bool:
    return url.startswith(host) and bool(path.fullmatch(url[len(host) :]))


def check(request: InboundRequest, secrets: WebhookSecrets) -> None:
    """
    The topic (`values["topic_arn"]`, spaces between several), the signature, and the age.

    Raises SignatureMissing, SignatureInvalid.
    """
    message = message_of(request.body)
    _our_topic(message, secrets)
    version, signature = message.get("SignatureVersion"), message.get("Signature")
    if not isinstance(signature, str) or version not in ALGORITHMS:
        raise SignatureMissing("The message is not signed.")
    try:
        raw = base64.b64decode(signature, validate=True)
    except (NotBase64, ValueError):
        raise SignatureInvalid("The signature cannot be read.") from None
    check_rsa(secrets.keys, raw, string_to_sign(message), algorithm=ALGORITHMS[version])
    if abs(request.received_at - _time(message.get("Timestamp"))) > MOST_AGE:
        raise SignatureInvalid("The message was signed too long ago.")


def string_to_sign(message: dict[str, Any]) -> bytes:
    """
    The signed fields that are there, in their order: name and value, a line each.

    Nothing but line breaks keeps them apart, so only what a publisher writes
    may hold one: else a text that spells out other fields could be read as
    those. Raises SignatureInvalid.
    """
    kind = message.get("Type")
    if not isinstance(kind, str) or kind not in SIGNED:
        raise SignatureInvalid("The message is of no type of SNS.")
    fields = [(name, message[name]) for name in SIGNED[kind] if isinstance(message.get(name), str)]
    if any("\n" in value for name, value in fields if name not in FREE_TEXTS):
        raise SignatureInvalid("A field holds a line break.")
    return "".join(f"{name}\n{value}\n" for name, value in fields).encode(errors="surrogatepass")


def handshake(request: InboundRequest, secrets: WebhookSecrets) -> Answer | None:
    """For a message that has been verified: confirm a subscription by opening its address; None for a notification."""
    message = message_of(request.body)
    if message.get("Type") == "Notification":
        return None
    url, host = message.get("SubscribeURL"), _host_of(_our_topic(message, secrets))
    if (
        message.get("Type") != "SubscriptionConfirmation"
        or not isinstance(url, str)
        or not _is_of(host, url, CONFIRMATION)
    ):
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
