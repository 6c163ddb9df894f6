"""Creating, updating and failing stacks, on the local AWS."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from infra.deploy import stacks
from infra.deploy.stacks import Stack
from infra.deploy.target import Target
from infra.problem import Problem

NAME = "earshot-test-stacks"


@pytest.fixture
def cloudformation(aws: Target) -> Iterator[Any]:
    client = aws.client("cloudformation")
    yield client
    stacks.delete(client, NAME, poll_s=0.05)


def stack(value: str = "1", kind: str = "AWS::SSM::Parameter") -> Stack:
    properties = {"Type": "String", "Name": "/earshot-test", "Value": value}
    body = {"Resources": {"Thing": {"Type": kind, "Properties": properties}}}
    return Stack(name=NAME, body=json.dumps(body), tags={"app": "earshot"})


def put(client: Any, wanted: Stack) -> str:
    return stacks.put(client, wanted, poll_s=0.05)


def test_a_stack_is_created_left_alone_and_updated(cloudformation: Any) -> None:
    assert put(cloudformation, stack("1")) == "created"
    assert put(cloudformation, stack("1")) == "unchanged"
    assert put(cloudformation, stack("2")) == "updated"
    description = stacks.describe(cloudformation, NAME)
    assert description
    assert stacks.tags(description) == {"app": "earshot", stacks.HASH_TAG: stack("2").fingerprint}


def test_a_parameter_that_is_kept_stays_unless_it_is_given(cloudformation: Any) -> None:
    thing = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Ref": "Amount"}}}
    body = json.dumps({"Parameters": {"Amount": {"Type": "Number", "Default": 5}}, "Resources": {"Thing": thing}})
    wanted = Stack(name=NAME, body=body, kept=("Amount",))
    for given, stands in (({}, "5"), ({"Amount": "7"}, "7"), ({}, "7")):
        put(cloudformation, replace(wanted, parameters=given))
        assert stacks.parameters(cloudformation, NAME) == {"Amount": stands}


def test_a_failure_names_the_resource_and_the_next_try_works(cloudformation: Any, aws: Target) -> None:
    ssm = aws.client("ssm")
    ssm.put_parameter(Name="/earshot-test", Value="in the way", Type="String")
    with pytest.raises(Problem, match=r"Thing \(AWS::SSM::Parameter\)"):
        put(cloudformation, stack())
    ssm.delete_parameter(Name="/earshot-test")
    assert put(cloudformation, stack()) == "created"


def test_deleting_what_is_not_there_is_fine(cloudformation: Any) -> None:
    stacks.delete(cloudformation, NAME)
    assert stacks.status_of(cloudformation, NAME) is None
    assert stacks.outputs(cloudformation, NAME) == {}


class Events:
    """CloudFormation's newest-first list of what happened."""

    def __init__(self, *events: tuple[str, str, str]) -> None:
        self.events = events

    def describe_stack_events(self, **_request: str) -> dict[str, Any]:
        keys = ("LogicalResourceId", "ResourceStatus", "ResourceStatusReason")
        return {"StackEvents": [{**dict(zip(keys, e, strict=True)), "ResourceType": "T"} for e in self.events]}


def test_only_the_cause_is_told_not_what_followed() -> None:
    events = Events(
        ("Stack", "ROLLBACK_COMPLETE", ""),
        ("B", "CREATE_FAILED", "Resource creation cancelled"),
        ("A", "CREATE_FAILED", "name is taken"),
        ("A", "CREATE_IN_PROGRESS", ""),
    )
    assert list(stacks._reasons(events, "id")) == ["A (T): name is taken"]
