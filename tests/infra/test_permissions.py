"""The functions' roles, tried out: each function's own policy lets it do its work, and the rest is refused."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.deploy.target import Target
from tests.localaws import get

FOLDERS = ("large", "quarantine", "deploy", "erasures")
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"}


def as_role(stack: Target, function: str, service: str) -> Any:
    """A client with exactly the rights of one function."""
    role = stack.client("lambda").get_function(FunctionName=f"earshot-local{function}")["Configuration"]["Role"]
    session = stack.client("sts").assume_role(RoleArn=role, RoleSessionName=uuid.uuid4().hex)["Credentials"]
    return boto3.client(
        service,
        endpoint_url=stack.endpoint,
        region_name=stack.region,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )


@pytest.fixture(scope="module", autouse=True)
def something_to_read(stack: Target) -> Iterator[None]:
    ssm, s3 = stack.client("ssm"), stack.client("s3")
    for name in ("verify/x.roles", "send/x.roles", "channels/x.roles", "policies", "engine", "forward"):
        kind = "SecureString" if name.startswith(("verify", "send", "forward")) else "String"
        ssm.put_parameter(Name=f"/earshot/local/{name}", Value=json.dumps({}), Type=kind, Overwrite=True)
    for folder in FOLDERS:
        s3.put_object(Bucket=stack.resources().bucket, Key=f"{folder}/roles", Body=b"x")
    yield
    for folder in FOLDERS:  # nobody could read them as what they are
        for name in ("roles", "by-role"):
            s3.delete_object(Bucket=stack.resources().bucket, Key=f"{folder}/{name}")
    table = stack.client("dynamodb")
    for pk in (
        "LINK#0",
        "POLICY_JOB#7",
        "SPENT#test",
        "QUARANTINE",
        "ROLE#3",
    ):
        table.delete_item(TableName=stack.settings.table, Key=key(pk))


def parameter(client: Any, name: str) -> None:
    client.get_parameter(Name=f"/earshot/local/{name}", WithDecryption=True)


def send(queue: str) -> Any:
    return lambda c, r: c.send_message(QueueUrl=r.queues[queue], MessageBody="{}")


def receive(queue: str) -> Any:
    return lambda c, r: c.receive_message(QueueUrl=r.queues[queue], WaitTimeSeconds=0)


def put(folder: str) -> Any:
    return lambda c, r: c.put_object(Bucket=r.bucket, Key=f"{folder}/by-role", Body=b"x")


def read(folder: str) -> Any:
    return lambda c, r: c.get_object(Bucket=r.bucket, Key=f"{folder}/roles")


def names(folder: str) -> Any:
    return lambda c, r: c.list_objects_v2(Bucket=r.bucket, Prefix=f"{folder}/")


def publish(c: Any, r: Any) -> None:
    c.publish(TopicArn=r.alerts_topic_arn, Message="m", Subject="s")


def tell_chat(c: Any, r: Any) -> None:
    c.publish(TopicArn=f"{r.alerts_topic_arn.removesuffix('alerts')}chat", Message="m")


def list_subscriptions(c: Any, r: Any) -> None:
    for one in c.list_subscriptions_by_topic(TopicArn=r.alerts_topic_arn)["Subscriptions"]:
        c.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])


def subscribe(c: Any, r: Any) -> None:
    c.subscribe(TopicArn=r.alerts_topic_arn, Protocol="sms", Endpoint="+15550100")


def query_due(c: Any, r: Any) -> None:
    c.query(
        TableName=r.table,
        IndexName="due",
        KeyConditionExpression="due_pk = :p",
        ExpressionAttributeValues={":p": {"S": "DUE#0"}},
    )


def claim(c: Any, r: Any) -> None:
    key = {"pk": {"S": "ROLE#1"}, "sk": {"S": "1"}}
    check = {"TableName": r.table, "Key": {**key, "sk": {"S": "2"}}, "ConditionExpression": "attribute_not_exists(pk)"}
    c.transact_write_items(TransactItems=[{"Put": {"TableName": r.table, "Item": key}}, {"ConditionCheck": check}])


def keep(c: Any, r: Any) -> None:
    key = {"pk": {"S": "ROLE#2"}, "sk": {"S": "1"}}
    c.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": r.table, "Item": key}},
            {"Delete": {"TableName": r.table, "Key": {**key, "sk": {"S": "2"}}}},
        ]
    )


def look_up(pk: str) -> Any:
    return lambda c, r: c.batch_get_item(
        RequestItems={r.table: {"Keys": [{"pk": {"S": "CASE#c0"}, "sk": {"S": "@"}}, key(pk)]}}
    )


def list_all(pk: str) -> Any:
    values = {":pk": {"S": pk}}
    return lambda c, r: c.query(TableName=r.table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values)


def make(pk: str) -> Any:
    return lambda c, r: c.put_item(TableName=r.table, Item=key(pk))


def make_among_others(pk: str) -> Any:
    return lambda c, r: c.transact_write_items(
        TransactItems=[{"Put": {"TableName": r.table, "Item": key(one)}} for one in ("ROLE#3", pk)]
    )


def forget(pk: str) -> Any:
    return lambda c, r: c.delete_item(TableName=r.table, Key=key(pk))


def key(pk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": "roles"}}


def scan(c: Any, r: Any) -> None:
    c.scan(TableName=r.table, Limit=1)


def of(name: str) -> Any:
    return lambda c, _r: parameter(c, name)


ALLOWED = [
    ("", "dynamodb", look_up("TOKEN#0")),
    ("", "dynamodb", list_all("USER")),
    ("-sla_watch", "dynamodb", make_among_others("LINK#0")),
    ("-sla_watch", "dynamodb", make("POLICY_JOB#7")),
    ("-casework", "dynamodb", make("SPENT#test")),
    ("-casework", "dynamodb", list_all("POLICY")),
    ("-triage", "dynamodb", look_up("DOCUMENT#vocabulary")),
    ("-triage", "dynamodb", make("QUARANTINE")),
    ("", "sqs", send("inbound")),
    ("", "sqs", send("replies")),
    ("", "s3", put("large")),
    ("", "ssm", of("verify/x.roles")),
    ("", "ssm", of("resources")),
    ("", "dynamodb", query_due),
    ("", "dynamodb", claim),
    ("-triage", "sqs", send("mentions-urgent")),
    ("-triage", "sqs", send("inbound-dead")),
    ("-triage", "s3", read("large")),
    ("-triage", "s3", put("quarantine")),
    ("-triage", "ssm", of("channels/x.roles")),
    ("-triage", "sns", publish),
    ("-casework", "sqs", send("mentions-dead")),
    ("-casework", "dynamodb", claim),
    ("-casework", "ssm", of("policies")),
    ("-casework", "ssm", of("engine")),
    ("-casework_urgent", "ssm", of("engine")),
    ("-casework_urgent", "sqs", send("mentions-urgent-dead")),
    ("-casework_urgent", "sns", publish),
    ("-sla_watch", "dynamodb", query_due),
    ("-sla_watch", "sns", publish),
    ("-sla_watch", "sns", list_subscriptions),
    ("-sla_watch", "ssm", of("channels/x.roles")),
    ("-sla_watch", "sqs", send("replies")),
    ("-incident_watch", "dynamodb", claim),
    ("-incident_watch", "sns", publish),
    ("-incident_watch", "sqs", send("replies")),
    ("-listen", "sqs", send("inbound")),
    ("-listen", "s3", put("large")),
    ("-listen", "dynamodb", claim),
    ("-listen", "ssm", of("send/x.roles")),
    ("-listen", "ssm", of("verify/x.roles")),
    ("-listen", "ssm", of("channels/x.roles")),
    ("-listen", "sns", publish),
    ("-deliver", "ssm", of("send/x.roles")),
    ("-deliver", "sqs", send("replies-dead")),
    ("-deliver", "dynamodb", claim),
    ("-forward", "ssm", of("forward")),
    ("-forward", "sqs", receive("forward")),
    ("-forward", "sqs", send("forward-dead")),
    ("-forward", "sns", tell_chat),
    ("-report", "dynamodb", keep),
    ("-report", "dynamodb", query_due),
    ("-report", "dynamodb", claim),
    ("-report", "s3", read("quarantine")),
    ("-report", "s3", put("large")),
    ("-report", "s3", names("quarantine")),
    ("-report", "sqs", receive("pages-dead")),
    ("-report", "ssm", of("erasing")),
    ("-report", "ssm", of("channels/x.roles")),
    ("-casework", "ssm", of("erasing")),
    ("", "s3", put("erasures")),
    ("", "ssm", of("erasing")),
]
REFUSED = [
    *((one, "dynamodb", make("USER")) for one in ("", "-triage", "-casework", "-sla_watch", "-deliver", "-report")),
    *((one, "dynamodb", make_among_others("TOKEN#0")) for one in ("", "-casework", "-casework_urgent", "-deliver")),
    *((one, "dynamodb", look_up("ACCESS#x.main")) for one in ("", "-triage", "-casework", "-sla_watch", "-report")),
    *((one, "dynamodb", look_up("TOKEN#0")) for one in ("-triage", "-casework", "-sla_watch", "-deliver", "-report")),
    *((one, "dynamodb", list_all("USER")) for one in ("-casework", "-incident_watch", "-deliver", "-report")),
    ("-casework", "dynamodb", forget("POLICY")),
    ("-triage", "dynamodb", make("DOCUMENT#vocabulary")),
    ("-deliver", "dynamodb", make("LINK#0")),
    ("-listen", "dynamodb", make("USER")),
    ("-listen", "sqs", send("replies")),
    ("-listen", "sqs", receive("inbound")),
    *((one, "dynamodb", make("LISTENING")) for one in ("", "-triage", "-casework", "-deliver")),
    ("-sla_watch", "dynamodb", make("SPENT#test")),
    ("", "ssm", of("send/x.roles")),
    ("", "sqs", receive("inbound")),
    ("", "s3", read("deploy")),
    ("", "sns", publish),
    ("-triage", "ssm", of("verify/x.roles")),
    ("-triage", "ssm", of("engine")),
    ("-triage", "sns", list_subscriptions),
    ("-sla_watch", "sns", subscribe),
    ("-triage", "sqs", send("replies")),
    ("-triage", "s3", put("deploy")),
    ("-triage", "dynamodb", query_due),
    ("-casework", "sqs", receive("mentions-urgent")),
    ("-casework", "ssm", of("send/x.roles")),
    ("-casework_urgent", "sqs", receive("mentions")),
    ("-sla_watch", "ssm", of("send/x.roles")),
    ("-sla_watch", "dynamodb", scan),
    ("-incident_watch", "ssm", of("send/x.roles")),
    ("-incident_watch", "dynamodb", scan),
    ("-deliver", "ssm", of("verify/x.roles")),
    ("-deliver", "s3", read("quarantine")),
    ("-deliver", "sns", tell_chat),
    ("-forward", "sns", publish),
    ("-forward", "ssm", of("send/x.roles")),
    ("-forward", "dynamodb", query_due),
    ("-report", "dynamodb", scan),
    ("-report", "sns", publish),
    ("-report", "sqs", send("replies")),
    ("-report", "s3", read("deploy")),
    ("-report", "sqs", receive("inbound")),
    ("-triage", "ssm", of("erasing")),
    ("", "s3", read("quarantine")),
    ("", "s3", read("erasures")),
    ("-report", "ssm", of("send/x.roles")),
]


@pytest.mark.parametrize(("function", "service", "call"), ALLOWED)
def test_a_function_may_do_its_work(stack: Target, function: str, service: str, call: Any) -> None:
    call(as_role(stack, function, service), stack.resources())


@pytest.mark.parametrize(("function", "service", "call"), REFUSED)
def test_a_function_may_do_nothing_else(stack: Target, function: str, service: str, call: Any) -> None:
    with pytest.raises(ClientError) as refused:
        call(as_role(stack, function, service), stack.resources())
    assert refused.value.response["Error"]["Code"] in DENIED


def test_the_api_answers(stack: Target) -> None:
    assert get(f"{stack.api_url()}/health")[0] == 200
