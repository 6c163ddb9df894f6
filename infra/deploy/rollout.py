"""Put a stage where it belongs: first the resources, then the functions, by Chalice or as a second stack."""

import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import connectors
from chalicelib.config import APP, LOCAL
from infra.deploy import encoder_layer, gateway, packaging, stacks
from infra.deploy.stacks import Stack
from infra.deploy.target import Target
from infra.paths import ROOT, TEMPLATE
from infra.problem import Problem, next_command

Say = Callable[[str], None]

URL = "EARSHOT_URL"
BUDGET = ("MonthlyBudget", "BudgetMail")  # parameters of the resources stack that a deployment without them keeps
EVERY_MINUTE = (*gateway.SWEEPS, "listen")  # functions that their schedule starts anew, and that tell people

# A pager that is being restarted must still hear the page: twelve tries over about four minutes.
ALERTS_DELIVERY = {
    "http": {
        "defaultHealthyRetryPolicy": {
            "minDelayTarget": 1,
            "maxDelayTarget": 30,
            "numRetries": 12,
            "numNoDelayRetries": 1,
            "numMinDelayRetries": 2,
            "numMaxDelayRetries": 5,
            "backoffFunction": "exponential",
        },
        "disableSubscriptionOverrides": False,
    }
}


def deploy(
    target: Target, *, as_stack: bool = False, budget: Mapping[str, str] | None = None, say: Say = print
) -> None:
    """
    Resources, functions, checks. `budget` has the parameters of `BUDGET` that change; the others stay.

    `as_stack` makes the functions a CloudFormation stack instead of running
    `chalice deploy`. A stage keeps the way it was first deployed. Raises Problem.
    """
    _refuse_other_way(target, as_stack=as_stack)
    deploy_resources(target, budget=budget, say=say)
    if as_stack:
        deploy_functions_stack(target, say=say)
    else:
        deploy_with_chalice(target, say=say)
    check(target, say=say)


# --- resources -------------------------------------------------------------------------------------------------------


def resources_stack(stage: str, budget: Mapping[str, str] | None = None) -> Stack:
    """The stack as the checkout has it. `budget` has what somebody wants changed of `BUDGET`."""
    return Stack(
        name=f"{APP}-{stage}-resources",
        body=TEMPLATE.read_text(),
        parameters={"Stage": stage, **(budget or {})},
        kept=BUDGET,
        tags={"app": APP, "stage": stage},
    )


def deploy_resources(target: Target, *, budget: Mapping[str, str] | None = None, say: Say = print) -> None:
    """Create or update the table, queues, topics, alarms and the budget. Raises Problem."""
    # The local AWS keeps no budgets, whatever the stage.
    stack = resources_stack(target.stage, {"MonthlyBudget": "0"} if target.endpoint else budget)
    outcome = stacks.put(target.client("cloudformation"), stack, poll_s=_poll_s(target))
    # CloudFormation cannot say this of a topic.
    target.client("sns").set_topic_attributes(
        TopicArn=target.resources().alerts_topic_arn,
        AttributeName="DeliveryPolicy",
        AttributeValue=json.dumps(ALERTS_DELIVERY),
    )
    _make_erasing_key(target)
    say(f"Resources: {outcome}")


def _make_erasing_key(target: Target) -> None:
    """Once for a stage: whoever loses it loses track of whom was erased. CloudFormation can make no SecureString."""
    ssm = target.client("ssm")
    with suppress(ssm.exceptions.ParameterAlreadyExists):
        ssm.put_parameter(
            Name=f"{target.settings.parameters}/erasing",
            Value=json.dumps({"key": secrets.token_hex(32)}),
            Type="SecureString",
            Description="Makes the hashes of people who were erased; never change it",
        )


# --- functions as a stack --------------------------------------------------------------------------------------------


def deploy_functions_stack(
    target: Target,
    *,
    environment: Mapping[str, str] | None = None,
    source: Path = ROOT,
    build: Path | None = None,
    say: Say = print,
) -> None:
    """Package and update the functions' stack. `environment` is added to that of every function. Raises Problem."""
    made = packaging.package(target.stage, source=source, build=build, say=say)
    bucket = target.resources().bucket
    # The content names the object: the same code is never sent twice, and other code always makes an update.
    key = f"deploy/functions-{made.fingerprint}.zip"
    _upload(target, made.zip_file, bucket, key)
    template = packaging.stack_template(made, target.stage, bucket=bucket, key=key, environment=environment)
    _, layer_key = _upload_layer(target, bucket, say)
    encoder_layer.into_template(template, target.stage, bucket=bucket, key=layer_key)
    body = json.dumps(template, separators=(",", ":"))
    stack = Stack(
        name=target.functions_stack,
        body=body,
        url=_upload_template(target, bucket, body),
        tags={"app": APP, "stage": target.stage},
    )
    say(f"Functions: {stacks.put(target.client('cloudformation'), stack, poll_s=_poll_s(target))}")
    _never_retry_a_sweep(target)
    link_pages(target)
    gateway.apply(target, say=say)
    _forget_superseded(target, bucket, "deploy/functions-", key)


def _upload_layer(target: Target, bucket: str, say: Say) -> tuple[Path, str]:
    """The layer's zip, and where it lies in the bucket."""
    zip_file = encoder_layer.build(target.stage, say=say)
    key = f"deploy/{zip_file.name}"
    _upload(target, zip_file, bucket, key)
    _forget_superseded(target, bucket, "deploy/layer-", key)
    return zip_file, key


def _upload_template(target: Target, bucket: str, body: str) -> str:
    """Its address. Nine functions with a role each are more than CloudFormation takes with a call."""
    key = "deploy/functions.json"
    s3 = target.client("s3")
    s3.put_object(Bucket=bucket, Key=key, Body=body.encode())
    return f"{s3.meta.endpoint_url}/{bucket}/{key}"


def _upload(target: Target, file: Path, bucket: str, key: str) -> None:
    s3 = target.client("s3")
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError:
        s3.upload_file(str(file), bucket, key)


def _forget_superseded(target: Target, bucket: str, prefix: str, key: str) -> None:
    """Lambda has its own copy, and a failed update is rolled back to that: earlier zips serve nobody."""
    s3 = target.client("s3")
    stored = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", ())
    for earlier in (item["Key"] for item in stored if item["Key"] != key):
        s3.delete_object(Bucket=bucket, Key=earlier)


def _never_retry_a_sweep(target: Target) -> None:
    """The next minute brings the next sweep; a late one would only stand in its way. Chalice cannot say so."""
    for function in EVERY_MINUTE:
        target.client("lambda").put_function_event_invoke_config(
            FunctionName=f"{APP}-{target.stage}-{function}", MaximumRetryAttempts=0, MaximumEventAgeInSeconds=60
        )


def link_pages(target: Target) -> None:
    """
    Tell whoever pages people where they open cases, which is known only now that the API is there.

    An EARSHOT_URL of the stage in `.chalice/config.json`, such as a domain of
    one's own, is left alone. A deployment by Chalice forgets ours each time.
    """
    if _configured_url(target):
        return
    for function in EVERY_MINUTE:
        _link(target, f"{APP}-{target.stage}-{function}")


def _link(target: Target, name: str) -> None:
    functions = target.client("lambda")
    functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    if variables.get(URL) != (url := target.api_url()):
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": {**variables, URL: url}})


def _configured_url(target: Target) -> str | None:
    config = json.loads((target.chalice / "config.json").read_text())
    scopes = (config.get("stages", {}).get(target.stage, {}), config)
    return next((url for scope in scopes if (url := scope.get("environment_variables", {}).get(URL))), None)


# --- functions by Chalice --------------------------------------------------------------------------------------------


def deploy_with_chalice(target: Target, *, source: Path = ROOT, build: Path | None = None, say: Say = print) -> None:
    """
    Run the real `chalice deploy`, with its memory restored first and saved last.

    Raises Problem. What Chalice had made before it failed is saved all the
    same: forgetting it would give the next run a second API with another URL.
    """
    build = packaging.project(target.stage, source=source, build=build, say=say)
    layer_arn = publish_layer(target, say=say)
    encoder_layer.into_config(build / ".chalice" / "config.json", layer_arn)
    memory = build / ".chalice" / "deployed" / f"{target.stage}.json"
    restore_memory(target, memory)
    try:
        arguments = ("deploy", "--stage", target.stage, "--no-autogen-policy")
        packaging.chalice(build, *arguments, environment=target.environment(), say=say)
    finally:
        save_memory(target, memory)
    for zip_file in (build / ".chalice" / "deployments").glob("*.zip"):
        for requirements in packaging.lists(source):
            packaging.check(zip_file, requirements)
    encoder_layer.forget(target.client("lambda"), target.stage, but=layer_arn)
    _never_retry_a_sweep(target)
    link_pages(target)
    gateway.apply(target, say=say)


def publish_layer(target: Target, *, say: Say = print) -> str:
    """The ARN of the layer as the checkout has it."""
    bucket = target.resources().bucket
    zip_file, key = _upload_layer(target, bucket, say)
    return encoder_layer.publish(target.client("lambda"), target.stage, zip_file, bucket=bucket, key=key)


def restore_memory(target: Target, memory: Path) -> None:
    """The bucket's copy wins: another machine may have deployed since."""
    memory.parent.mkdir(parents=True, exist_ok=True)
    s3 = target.client("s3")
    try:
        stored = s3.get_object(Bucket=target.resources().bucket, Key=target.deployed_key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        stored = target.deployed_file.read_bytes() if target.deployed_file.is_file() else None
    if stored is None:
        memory.unlink(missing_ok=True)
    else:
        memory.write_bytes(stored)


def save_memory(target: Target, memory: Path) -> None:
    if not memory.is_file():
        return
    content = memory.read_bytes()
    target.deployed_file.parent.mkdir(parents=True, exist_ok=True)
    target.deployed_file.write_bytes(content)
    target.client("s3").put_object(Bucket=target.resources().bucket, Key=target.deployed_key, Body=content)


def _refuse_other_way(target: Target, *, as_stack: bool) -> None:
    stacked = stacks.status_of(target.client("cloudformation"), target.functions_stack) is not None
    if stacked and not as_stack:
        raise Problem(f"The functions of {target.stage} are a CloudFormation stack.", "deploy with --as-stack")
    if as_stack and not stacked and target.chalice_deployed():
        raise Problem(f"The functions of {target.stage} were made by Chalice.", "deploy without --as-stack")


# --- checks ----------------------------------------------------------------------------------------------------------


def check(target: Target, *, say: Say = print) -> None:
    """Ask the API how it is and look at every queue's mapping. Raises Problem."""
    url = target.api_url()
    wait_for_health(url)
    if sleeping := [m["queue"] for m in mappings(target) if m["state"] not in ("Enabled", "Enabling", "Creating")]:
        raise Problem(
            f"No function reads from {', '.join(sleeping)}.", f"{next_command('doctor', target.stage)} says more"
        )
    say(f"Health: {url}/health answers")


def wait_for_health(url: str, *, tries: int = 20, pause_s: float = 1.0) -> None:
    """A new stage of a real API takes some seconds to be known everywhere. Raises Problem."""
    for attempt in range(tries):
        status = _status(f"{url}/health")
        if status == 200:
            return
        if attempt + 1 < tries:
            time.sleep(pause_s)
    raise Problem(f"{url}/health answers {status or 'nothing'}.", "read the API function's log")


def _status(url: str) -> int | None:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own API
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, OSError):
        return None


def mappings(target: Target) -> list[dict[str, Any]]:
    """Each queue that feeds a function of the stage: queue, function, state, uuid, concurrency (None: no limit)."""
    pages = target.client("lambda").get_paginator("list_event_source_mappings").paginate()
    found = [_mapping(m) for page in pages for m in page["EventSourceMappings"]]
    return [m for m in found if m["function"].startswith(f"{APP}-{target.stage}-")]


def _mapping(described: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "queue": described["EventSourceArn"].rpartition(":")[2],
        "function": described["FunctionArn"].rpartition(":function:")[2].partition(":")[0],
        "state": described["State"],
        "uuid": described["UUID"],
        "concurrency": described.get("ScalingConfig", {}).get("MaximumConcurrency"),
    }


def webhook_urls(target: Target, channels: Mapping[str, list[str]] | None = None) -> Iterator[str]:
    """`<api>/webhooks/<platform>/<channel>` of every platform; "main" where no channel is set up."""
    base = target.api_url()
    for platform in sorted(connectors.names()):
        if connectors.has(platform, "webhook"):
            for name in (channels or {}).get(platform) or ["main"]:
                yield f"{base}/webhooks/{platform}/{name}"


def _poll_s(target: Target) -> float:
    return 0.1 if target.stage == LOCAL else 3.0
