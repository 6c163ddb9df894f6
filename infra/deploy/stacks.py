"""Create, update and delete a CloudFormation stack, and say in words what went wrong."""

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError

from infra.problem import Problem

HASH_TAG = "earshot:template"
NEVER_WORKED = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS"}
GOOD = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """
    What should exist. `body` is the template's text; parameters that are `kept` stay as they are unless given.

    CloudFormation takes 51,200 bytes with the call; `url` is where a larger body lies in a bucket.
    """

    name: str
    body: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    url: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Kept as a tag on the deployed stack, so that `doctor` can compare."""
        return hashlib.sha256(self.body.encode()).hexdigest()[:16]


def put(client: Any, stack: Stack, *, poll_s: float = 2.0) -> str:
    """Create or update and wait. Returns "created", "updated" or "unchanged"; raises Problem naming the resource."""
    status = status_of(client, stack.name)
    if status in NEVER_WORKED:
        delete(client, stack.name, poll_s=poll_s)
        status = None
    if status is None:
        client.create_stack(**_request(stack))
        return _finish(client, stack.name, "created", poll_s)
    before = parameters(client, stack.name)
    stack = replace(stack, parameters={**{k: before[k] for k in stack.kept if k in before}, **stack.parameters})
    try:
        client.update_stack(**_request(stack))
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return "unchanged"
        raise
    return _finish(client, stack.name, "updated", poll_s)


def delete(client: Any, name: str, *, poll_s: float = 2.0) -> bool:
    """Delete, and wait until AWS says that it is; False when there was none. Raises Problem naming what stayed."""
    description = describe(client, name)
    if description is None:
        return False
    client.delete_stack(StackName=name)
    # By id, because a deleted stack cannot be found by its name any more.
    status = _wait(client, description["StackId"], poll_s)
    if status not in ("DELETE_COMPLETE", None):
        raise _failure(client, description["StackId"], name)
    return True


def describe(client: Any, name: str) -> dict[str, Any] | None:
    try:
        found: list[dict[str, Any]] = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return found[0] if found else None


def status_of(client: Any, name: str) -> str | None:
    """None when there is no such stack."""
    description = describe(client, name)
    status = description["StackStatus"] if description else None
    return None if status == "DELETE_COMPLETE" else status


def outputs(client: Any, name: str) -> dict[str, str]:
    """Empty when there is no such stack."""
    description = describe(client, name) or {}
    return {output["OutputKey"]: output["OutputValue"] for output in description.get("Outputs", [])}


def parameters(client: Any, name: str) -> dict[str, str]:
    """Those of the deployed stack; empty when there is none."""
    description = describe(client, name) or {}
    return {one["ParameterKey"]: one["ParameterValue"] for one in description.get("Parameters", [])}


def tags(description: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in description.get("Tags", [])}


def _request(stack: Stack) -> dict[str, Any]:
    labels = {**stack.tags, HASH_TAG: stack.fingerprint}
    return {
        "StackName": stack.name,
        **({"TemplateURL": stack.url} if stack.url else {"TemplateBody": stack.body}),
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in stack.parameters.items()],
        "Tags": [{"Key": k, "Value": v} for k, v in labels.items()],
        "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    }


def _finish(client: Any, name: str, outcome: str, poll_s: float) -> str:
    if _wait(client, name, poll_s) not in GOOD:
        raise _failure(client, name, name)
    return outcome


def _wait(client: Any, name: str, poll_s: float) -> str | None:
    while True:
        description = describe(client, name)
        status: str | None = description["StackStatus"] if description else None
        if status is None or not status.endswith("IN_PROGRESS"):
            return status
        time.sleep(poll_s)


def _failure(client: Any, stack_id: str, name: str) -> Problem:
    reasons = list(dict.fromkeys(_reasons(client, stack_id))) or ["CloudFormation gave no reason"]
    return Problem(
        f"The stack {name} failed:\n  " + "\n  ".join(reasons),
        "mend the first of these, then run the command again; the stack was rolled back and can be retried",
    )


def _reasons(client: Any, stack_id: str) -> Iterator[str]:
    """Oldest first, without the ones that only follow from another failure. One page holds the newest events."""
    for event in reversed(client.describe_stack_events(StackName=stack_id)["StackEvents"]):
        reason = event.get("ResourceStatusReason", "")
        if event["ResourceStatus"].endswith("FAILED") and "cancelled" not in reason:
            yield f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason or 'no reason given'}"
