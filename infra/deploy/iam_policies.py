"""
Write `.chalice/policies/<stage>/<function>.json`: what each function may do, and nothing else.

The stage stands in every ARN, so one file for each function and stage cannot
be avoided; the files are in git because Chalice reads them, and this module
writes them (`python -m infra.deploy.iam_policies`) because twenty-four by hand would drift.
A test compares.

Region and account are not known to a file in git. They are bounded all the
same: names begin with application and stage, and the bucket's statement holds
for our own account only. Reading SecureStrings needs no KMS statement: the
AWS managed key `aws/ssm` admits everyone in the account who may read the
parameter, and `aws/sns` everyone who may publish.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.config import APP, LOCAL
from chalicelib.ports.engines import MODELS
from infra.paths import CHALICE

STAGES = (LOCAL, "dev", "prod")
FOLDER = CHALICE / "policies"

READ = ("GetItem", "BatchGetItem", "Query", "ConditionCheckItem")
WRITE = ("PutItem", "DeleteItem")
CONSUME = ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes")

Statement = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """
    Items that give power: a function that is fooled by what a stranger sent must not be able to make one.

    `pk` is their partition key, as IAM compares it. `writers` alone may
    change them, and `readers` alone read them; None is everyone with the table.
    """

    pk: str
    writers: tuple[str, ...]
    readers: tuple[str, ...] | None = None


# Users, tokens, promises and settings are written by operators, with rights of their own.
GUARDS = (
    Guard(pk="TOKEN#*", writers=(), readers=("api_handler",)),
    Guard(pk="USER", writers=(), readers=("api_handler",)),
    Guard(pk="ACCESS#*", writers=("deliver", "listen"), readers=("deliver", "listen")),
    Guard(pk="LINK#*", writers=("sla_watch", "api_handler", "report"), readers=("api_handler", "report")),
    Guard(pk="POLICY", writers=()),
    Guard(pk="POLICY_JOB#*", writers=("sla_watch",)),
    Guard(pk="DOCUMENT#*", writers=()),
    Guard(pk="SPENT#*", writers=("casework", "casework_urgent")),
    # Who puts facts into cases checks a mark in the transaction that writes, which is judged by all of its keys.
    Guard(pk="ERASED#*", writers=("api_handler", "report", "casework", "casework_urgent", "deliver")),
    Guard(pk="ERASING", writers=("api_handler", "report")),
    # Who moves a place past what was not heard yet makes us deaf for it.
    Guard(pk="LISTENING", writers=("listen",)),
)
# Everything else that stands in the table: whoever has the table may do with it what its other statements say.
OPEN = (
    *("CASE#*", "MSG#*", "WAITS#*", "CONV#*", "AUTHOR#*", "CHANGED#*", "PAGE#*", "DIGEST#*", "REPLY#*", "QUARANTINE"),
    *("LEASE", "ALARM", "SIGNS", "ROLLUPS", "ROLLUP#*", "CAUSES#*", "GONE#*", "FIXES", "FIX#*", "SIGNAL#*", "HOUR"),
    *("INCIDENTS#*", "INCIDENT#*", "ANSWERING", "WANTED#*"),
)


def allow(actions: Iterable[str], resources: Iterable[str]) -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def table(stage: str, *actions: str) -> Statement:
    arn = f"arn:aws:dynamodb:*:*:table/{APP}-{stage}-cases"
    return allow((f"dynamodb:{action}" for action in actions), (arn, f"{arn}/index/due", f"{arn}/index/list"))


def guards(stage: str, function: str) -> list[Statement]:
    """
    What the function must leave alone, whatever its other statements say.

    A refusal that holds when any key of a request is guarded: an allowance by
    key would also hold for a request that names none. Keys of a query on an
    index are those of the index, which shows none of these items.
    """
    written = [guard.pk for guard in GUARDS if function not in guard.writers]
    read = [guard.pk for guard in GUARDS if guard.readers is not None and function not in guard.readers]
    resources = allow((), table(stage)["Resource"])
    return [
        {
            **resources,
            "Effect": "Deny",
            "Action": [f"dynamodb:{action}" for action in actions],
            "Condition": {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": keys}},
        }
        for actions, keys in (((*WRITE, "UpdateItem", "BatchWriteItem"), written), (READ, read))
        if keys
    ]


def queues(stage: str, names: Iterable[str], *actions: str) -> Statement:
    if stage == LOCAL:  # MiniStack asks for an action of its own where AWS lets the single one cover the batch
        actions = (*actions, *(f"{action}Batch" for action in actions if action in ("SendMessage", "DeleteMessage")))
    return allow((f"sqs:{action}" for action in actions), (f"arn:aws:sqs:*:*:{APP}-{stage}-{n}" for n in names))


def parameters(stage: str, *names: str) -> Statement:
    """A name that ends in "/*" is one parameter for each channel, and may be listed as a path."""
    root = f"arn:aws:ssm:*:*:parameter/{APP}/{stage}"
    by_path = [f"{root}/{name.removesuffix('/*')}" for name in names if name.endswith("/*")]
    actions = ["ssm:GetParameter", "ssm:GetParameters"] + (["ssm:GetParametersByPath"] if by_path else [])
    return allow(actions, [*(f"{root}/{name}" for name in names), *by_path])


def bucket(stage: str, action: str, folder: str) -> Statement:
    """Bucket names are open to every account, so the statement holds for our own only."""
    statement = allow((f"s3:{action}",), (f"arn:aws:s3:::{APP}-{stage}-*/{folder}/*",))
    if stage == LOCAL:  # MiniStack does not fill in policy variables, and would refuse
        return statement
    return {**statement, "Condition": {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}}


def listing(stage: str, folder: str) -> Statement:
    """The names in a folder of the bucket."""
    statement = allow(("s3:ListBucket",), (f"arn:aws:s3:::{APP}-{stage}-*",))
    if stage == LOCAL:
        return statement
    condition = {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}", "s3:prefix": f"{folder}/"}}
    return {**statement, "Condition": condition}


def clearing(stage: str) -> list[Statement]:
    """What whoever finishes an erasure may do outside of the table."""
    dead = ("inbound-dead", "mentions-urgent-dead", "mentions-dead", "forward-dead", "pages-dead")
    folders = ("quarantine", "large")
    return [
        queues(stage, dead, *CONSUME, "SendMessage"),
        *(bucket(stage, action, folder) for folder in folders for action in ("GetObject", "PutObject", "DeleteObject")),
        *(listing(stage, folder) for folder in folders),
    ]


def alerts(stage: str) -> Statement:
    return allow(("sns:Publish",), (f"arn:aws:sns:*:*:{APP}-{stage}-alerts",))


def listeners(stage: str) -> list[Statement]:
    """Who hears pages. To SNS a subscription is no resource that a statement could name."""
    listing = allow(("sns:ListSubscriptionsByTopic",), (f"arn:aws:sns:*:*:{APP}-{stage}-alerts",))
    reading = allow(("sns:GetSubscriptionAttributes",), ("*",))
    return [listing, reading, *by_path(stage)]


def by_path(stage: str) -> list[Statement]:
    """What a listing of parameters needs beside them: MiniStack does not see that a path is a resource."""
    return [allow(("ssm:GetParametersByPath",), ("*",))] if stage == LOCAL else []


def engines(stage: str) -> list[Statement]:
    """
    Engines that casework may ask: which one is set is not known to a file in git, so both are here always.

    Comprehend's real-time calls know no resource. Bedrock's are the models
    that Earshot can use, in whichever region a profile sends a request to.
    """
    models = [f"arn:aws:bedrock:*::foundation-model/{model}*" for model in MODELS]
    profiles = [f"arn:aws:bedrock:*:*:inference-profile/*.{model}*" for model in MODELS]
    return [
        allow(("comprehend:BatchDetectSentiment", "comprehend:BatchDetectDominantLanguage"), ("*",)),
        allow(("bedrock:InvokeModel",), (*models, *profiles)),
        *([allow(("bedrock:Converse",), ("*",))] if stage == LOCAL else []),  # MiniStack's name for the same
    ]


def logs(function: str) -> Statement:
    group = f"arn:aws:logs:*:*:log-group:/aws/lambda/{function}"
    return allow(("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"), (group, f"{group}:*"))


def tracing(stage: str) -> list[Statement]:
    """Where `.chalice/config.json` switches "xray" on for the stage. A trace is no resource."""
    config = json.loads((CHALICE / "config.json").read_text())
    is_on = config["stages"][stage].get("xray", config.get("xray", False))
    return [allow(("xray:PutTraceSegments", "xray:PutTelemetryRecords"), ("*",))] if is_on else []


def casework(stage: str, lane: str) -> list[Statement]:
    return [
        queues(stage, [lane], *CONSUME),
        queues(stage, [f"{lane}-dead"], "SendMessage"),
        table(stage, *READ, *WRITE),
        parameters(stage, "resources", "policies", "engine", "erasing"),
        alerts(stage),
        *engines(stage),
    ]


def statements(stage: str) -> Mapping[str, list[Statement]]:
    """What each function calls, by its name in `.chalice/config.json`."""
    return {
        "api_handler": [
            queues(stage, ["inbound", "replies"], "SendMessage"),
            parameters(stage, "resources", "verify/*", "channels/*", "erasing"),
            *by_path(stage),
            bucket(stage, "PutObject", "large"),
            bucket(stage, "PutObject", "erasures"),
            table(stage, *READ, *WRITE),
        ],
        "triage": [
            queues(stage, ["inbound"], *CONSUME),
            queues(stage, ["mentions", "mentions-urgent", "inbound-dead"], "SendMessage"),
            bucket(stage, "GetObject", "large"),
            bucket(stage, "PutObject", "quarantine"),
            parameters(stage, "resources", "channels/*"),
            table(stage, "GetItem", "BatchGetItem", "PutItem"),
            alerts(stage),
        ],
        "casework": casework(stage, "mentions"),
        "casework_urgent": casework(stage, "mentions-urgent"),
        "sla_watch": [
            table(stage, *READ, *WRITE),
            queues(stage, ["replies"], "SendMessage"),
            parameters(stage, "resources", "channels/*"),
            alerts(stage),
            *listeners(stage),
        ],
        "incident_watch": [
            table(stage, *READ, *WRITE),
            queues(stage, ["replies"], "SendMessage"),
            parameters(stage, "resources"),
            alerts(stage),
        ],
        "listen": [
            queues(stage, ["inbound"], "SendMessage"),
            bucket(stage, "PutObject", "large"),
            table(stage, *READ, *WRITE),
            parameters(stage, "resources", "channels/*", "send/*", "verify/*"),
            *by_path(stage),
            alerts(stage),
        ],
        "deliver": [
            queues(stage, ["replies"], *CONSUME),
            queues(stage, ["replies", "replies-dead"], "SendMessage"),
            table(stage, *READ, *WRITE),
            parameters(stage, "resources", "send/*", "erasing"),
            alerts(stage),
        ],
        "forward": [
            queues(stage, ["forward"], *CONSUME),
            queues(stage, ["forward-dead"], "SendMessage"),
            parameters(stage, "resources", "forward"),
            allow(("sns:Publish",), (f"arn:aws:sns:*:*:{APP}-{stage}-chat",)),
        ],
        "report": [
            table(stage, *READ, *WRITE),
            parameters(stage, "resources", "channels/*", "erasing"),
            *clearing(stage),
        ],
    }


def lambda_name(stage: str, function: str) -> str:
    """Chalice's rule: the API is the bare application."""
    return f"{APP}-{stage}" if function == "api_handler" else f"{APP}-{stage}-{function}"


def documents() -> dict[Path, str]:
    """Every file's path and text."""
    return {
        FOLDER / stage / f"{function}.json": document(
            [*allowed, *guards(stage, function), *tracing(stage), logs(lambda_name(stage, function))]
        )
        for stage in STAGES
        for function, allowed in statements(stage).items()
    }


def document(allowed: list[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": allowed}, indent=2) + "\n"


def write() -> None:
    for path, text in documents().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    write()
