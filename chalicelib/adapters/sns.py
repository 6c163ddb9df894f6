"""
Alerts over SNS (API version 2010-03-31).

Every subscriber gets the form it can read: people text, phones a short one,
machines JSON. Limits and error codes: docs.aws.amazon.com/sns/latest/api/API_Publish.html,
read 2026-11-23.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError  # noqa: A004

from chalicelib.domain.alerts.message import AlertMessage
from chalicelib.ports.alerts import AlertUndelivered

MOST_BYTES: Final = 262_144  # message and attributes together
_OURS: Final = {  # nothing but a change of ours mends these
    "AuthorizationError",
    "AccessDenied",
    "EndpointDisabled",
    "InvalidParameter",
    "InvalidSecurity",
    "KMSAccessDenied",
    "KMSDisabled",
    "KMSInvalidState",
    "KMSNotFound",
    "KMSOptInRequired",
    "NotFound",
    "ParameterValueInvalid",
    "ValidationException",
}
_SERVER_ERROR: Final = 500
# SMS are sent as marketing unless they say otherwise, and marketing may be dropped.
_SMS_TYPE: Final = {"AWS.SNS.SMS.SMSType": "Transactional"}

_log = logging.getLogger(__name__)


class SnsAlerts:
    """Satisfies `ports.alerts.Alerts`. `client` is a boto3 SNS client."""

    def __init__(self, client: Any, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, message: AlertMessage) -> None:
        # Chalice cannot read an event without subject and attributes: both are always there.
        request = {
            "TopicArn": self._topic_arn,
            "Subject": message.subject,
            "MessageStructure": "json",
            "MessageAttributes": _attributes(message),
        }
        _publish(self._client, {**request, "Message": _forms_that_fit(message)})


class SnsChat:
    """
    Satisfies `ports.forwarding.Chat`: the topic that Amazon Q Developer listens to.

    Anything but its own schema it drops without a word.
    """

    def __init__(self, client: Any, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, notification: Mapping[str, object]) -> None:
        _publish(self._client, {"TopicArn": self._topic_arn, "Message": json.dumps(notification, ensure_ascii=False)})


def _publish(client: Any, request: Mapping[str, Any]) -> None:
    try:
        client.publish(**request)
    except ClientError as error:
        raise _refused(error) from error
    except ConnectionError as error:
        raise AlertUndelivered(f"SNS cannot be reached: {type(error).__name__}") from error
    except HTTPClientError as error:  # the request was out; only its answer is missing
        raise AlertUndelivered(f"SNS did not answer: {type(error).__name__}", may_have_gone=True) from error
    except BotoCoreError as error:  # no credentials, no region
        _log.exception("alerts cannot be sent; see `earshot doctor`")
        raise AlertUndelivered(f"SNS was not asked: {type(error).__name__}") from error


def _refused(error: ClientError) -> AlertUndelivered:
    code = error.response.get("Error", {}).get("Code", "Unknown")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER_ERROR)
    if code in _OURS:
        _log.error("the alerts topic cannot be used: %s; see `earshot doctor`", code)
    return AlertUndelivered(f"SNS says {code}", may_have_gone=status >= _SERVER_ERROR)


def _attributes(message: AlertMessage) -> Mapping[str, Mapping[str, str]]:
    """A filter lets a list through for any of its values."""
    several = {"assignee": {"DataType": "String.Array", "StringValue": json.dumps(message.assignees)}}
    return {
        **{
            name: {"DataType": "String", "StringValue": value}
            for name, value in {**message.attributes, **_SMS_TYPE}.items()
        },
        **(several if message.assignees else {}),
    }


def _forms_that_fit(message: AlertMessage) -> str:
    """The message in all its forms; if SNS would refuse it for its size, the shortest form for everybody."""
    forms = _forms(message, text=message.text, body=message.body)
    taken = sum(len(f"{name}{''.join(value.values())}".encode()) for name, value in _attributes(message).items())
    if len(forms.encode()) + taken <= MOST_BYTES:
        return forms
    short = json.dumps({**message.attributes, "truncated": True})
    return _forms(message, text=message.sms, body=short)


def _forms(message: AlertMessage, *, text: str, body: str) -> str:
    """One text for each protocol. The JSON body goes in as text: SNS ignores what is no string."""
    people = {"default": text, "email": text, "sms": message.sms}
    machines = dict.fromkeys(("http", "https", "sqs", "lambda"), body)
    return json.dumps({**people, **machines}, ensure_ascii=False)
