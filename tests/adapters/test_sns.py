"""Pages over SNS: the request as it leaves us, its failures, and what a subscriber gets."""

import json
from dataclasses import replace
from unittest.mock import ANY

import botocore.session
import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.stub import Stubber

from chalicelib.adapters.sns import MOST_BYTES, SnsAlerts
from chalicelib.domain.alerts.message import AlertMessage
from chalicelib.ports.alerts import AlertUndelivered

TOPIC = "arn:aws:sns:eu-west-1:123456789012:earshot-test-alerts"
MESSAGE = AlertMessage(
    subject="[Earshot] LATE: ada on X waits 16 min",
    text="LATE: ada on X waits 16 min.\n\n> wo ist mein Koffer? 🧳\n",
    sms="LATE X: ada waits 16 min. https://care.example/c/c1",
    body='{"schema":"earshot.page/1","id":"p1","text":"wo ist mein Koffer? 🧳"}',
    attributes={"kind": "breach", "group": "lead", "page_id": "p1"},
)


@pytest.fixture
def client():
    return botocore.session.get_session().create_client(
        "sns", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


class Recorder:
    """A client that keeps the last request."""

    def publish(self, **request):
        self.request = request


def published(message):
    recorder = Recorder()
    SnsAlerts(recorder, TOPIC).publish(message)
    return recorder.request


def test_every_subscriber_gets_the_form_it_can_read():
    forms = json.loads(published(MESSAGE)["Message"])
    assert forms == {
        "default": MESSAGE.text,
        "email": MESSAGE.text,
        "sms": MESSAGE.sms,
        **dict.fromkeys(("http", "https", "sqs", "lambda"), MESSAGE.body),
    }


def test_who_has_the_cases_is_a_list_to_filter_by():
    carried = published(replace(MESSAGE, assignees=("ann", "bo")))["MessageAttributes"]
    assert carried["assignee"] == {"DataType": "String.Array", "StringValue": '["ann", "bo"]'}
    assert "assignee" not in published(MESSAGE)["MessageAttributes"]


def test_subject_attributes_and_the_kind_of_sms_are_always_there(client):
    text = {"DataType": "String"}
    with Stubber(client) as stub:
        stub.add_response(
            "publish",
            {"MessageId": "m1"},
            {
                "TopicArn": TOPIC,
                "Subject": MESSAGE.subject,
                "Message": ANY,
                "MessageStructure": "json",
                "MessageAttributes": {
                    "kind": {**text, "StringValue": "breach"},
                    "group": {**text, "StringValue": "lead"},
                    "page_id": {**text, "StringValue": "p1"},
                    "AWS.SNS.SMS.SMSType": {**text, "StringValue": "Transactional"},
                },
            },
        )
        SnsAlerts(client, TOPIC).publish(MESSAGE)
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "status", "may_have_gone", "ours"),
    [
        ("Throttled", 429, False, False),
        ("KMSThrottling", 400, False, False),
        ("InternalError", 500, True, False),
        ("ServiceUnavailable", 503, True, False),
        ("NotFound", 404, False, True),
        ("AuthorizationError", 403, False, True),
        ("InvalidParameter", 400, False, True),
        ("KMSDisabled", 400, False, True),
    ],
)
def test_refusals(client, caplog, code, status, may_have_gone, ours):
    with Stubber(client) as stub:
        stub.add_client_error("publish", code, http_status_code=status)
        with pytest.raises(AlertUndelivered, match=code) as caught:
            SnsAlerts(client, TOPIC).publish(MESSAGE)
    assert caught.value.may_have_gone is may_have_gone
    assert bool(caplog.records) is ours
    assert "Koffer" not in caplog.text


@pytest.mark.parametrize(
    ("error", "may_have_gone", "ours"),
    [
        (EndpointConnectionError(endpoint_url="https://sns"), False, False),
        (ConnectTimeoutError(endpoint_url="https://sns"), False, False),
        (ReadTimeoutError(endpoint_url="https://sns"), True, False),
        (ConnectionClosedError(endpoint_url="https://sns"), True, False),
        (NoCredentialsError(), False, True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_troubles_on_the_way(caplog, error, may_have_gone, ours):
    class Broken:
        def publish(self, **_request):
            raise error

    with pytest.raises(AlertUndelivered) as caught:
        SnsAlerts(Broken(), TOPIC).publish(MESSAGE)
    assert caught.value.may_have_gone is may_have_gone
    assert bool(caplog.records) is ours


def test_a_message_too_large_for_sns_goes_out_short():
    request = published(replace(MESSAGE, text="🧳" * 40_000))
    forms = json.loads(request["Message"])
    assert (forms["email"], forms["sms"]) == (MESSAGE.sms, MESSAGE.sms)
    assert json.loads(forms["sqs"]) == {**MESSAGE.attributes, "truncated": True}
    assert len(request["Message"].encode()) < MOST_BYTES


def test_the_largest_message_goes_out_whole():
    spare = MOST_BYTES - len(published(MESSAGE)["Message"].encode()) - 200
    longest = replace(MESSAGE, text=MESSAGE.text + "x" * (spare // 2))
    assert json.loads(published(longest)["Message"])["email"] == longest.text


# --- on the local AWS -------------------------------------------------------------------------------------------


def open_to_topics(queue_arn):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.fixture
def subscriber(aws):
    """A queue that wants to hear what goes to the group "lead" alone."""
    sqs, sns = aws.client("sqs"), aws.client("sns")
    url = sqs.create_queue(QueueName="earshot-test-pages")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(open_to_topics(arn))})
    subscription = sns.subscribe(
        TopicArn=aws.resources().alerts_topic_arn,
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"FilterPolicy": json.dumps({"group": ["lead"]})},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    yield lambda: sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=2).get("Messages", [])
    sns.unsubscribe(SubscriptionArn=subscription)
    sqs.delete_queue(QueueUrl=url)


def test_a_subscriber_gets_json_and_only_what_its_filter_names(aws, subscriber):
    alerts = SnsAlerts(aws.client("sns"), aws.resources().alerts_topic_arn)
    alerts.publish(replace(MESSAGE, attributes={**MESSAGE.attributes, "group": "on-call"}))
    alerts.publish(MESSAGE)
    [message] = subscriber()
    envelope = json.loads(message["Body"])
    assert envelope["Message"] == MESSAGE.body
    assert envelope["Subject"] == MESSAGE.subject
    assert envelope["MessageAttributes"]["page_id"]["Value"] == "p1"
    assert json.loads(envelope["Message"])["schema"] == "earshot.page/1"
