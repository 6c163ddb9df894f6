"""Take a stage down."""

from collections.abc import Callable, Iterator
from pathlib import Path

from infra.deploy import encoder_layer, packaging, stacks
from infra.deploy.rollout import restore_memory
from infra.deploy.target import Target
from infra.paths import ROOT
from infra.problem import Problem

PROD = "prod"


def destroy(
    target: Target, *, source: Path = ROOT, build: Path | None = None, say: Callable[[str], None] = print
) -> None:
    """
    Functions, secrets, bucket, resources stack, and the table in every stage but prod. Raises Problem.

    Log groups stay until their retention ends.
    """
    _delete_functions(target, source, build, say)
    say(f"Parameters: {_delete_parameters(target)} deleted")
    if target.parameter(target.settings.resources_parameter):
        say(f"Bucket: {_empty_bucket(target, target.resources().bucket)} objects deleted")
    stacks.delete(target.client("cloudformation"), target.resources_stack)
    say("Resources: deleted")
    if target.stage == PROD:
        say(f"The table {target.settings.table} is kept. Delete it by hand once nobody needs what customers wrote.")
    else:
        _delete_table(target)
        say("Table: deleted")


def _delete_functions(target: Target, source: Path, build: Path | None, say: Callable[[str], None]) -> None:
    stacks.delete(target.client("cloudformation"), target.functions_stack)
    if target.chalice_deployed():
        build = packaging.project(target.stage, source=source, build=build)
        restore_memory(target, build / ".chalice" / "deployed" / f"{target.stage}.json")
        packaging.chalice(build, "delete", "--stage", target.stage, environment=target.environment(), say=say)
        target.deployed_file.unlink(missing_ok=True)
    encoder_layer.forget(
        target.client("lambda"), target.stage
    )  # it is published before Chalice begins, which may have failed
    say("Functions: deleted")


def _delete_parameters(target: Target) -> int:
    """Secrets and settings of every channel; the resources parameter is its stack's."""
    ssm = target.client("ssm")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=target.settings.parameters, Recursive=True)
    names = [p["Name"] for page in pages for p in page["Parameters"]]
    ours = [name for name in names if name != target.settings.resources_parameter]
    for batch in _batches(ours, 10):
        ssm.delete_parameters(Names=batch)
    return len(ours)


def _empty_bucket(target: Target, bucket: str) -> int:
    s3 = target.client("s3")
    keys = [
        o["Key"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for o in page.get("Contents", ())
    ]
    for batch in _batches(keys, 1000):
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True})
        if answer.get("Errors"):
            raise Problem(f"{answer['Errors'][0]['Key']} in {bucket} cannot be deleted.", "empty the bucket by hand")
    return len(keys)


def _delete_table(target: Target) -> None:
    dynamodb = target.client("dynamodb")
    try:
        dynamodb.delete_table(TableName=target.settings.table)
    except dynamodb.exceptions.ResourceNotFoundException:
        return
    dynamodb.get_waiter("table_not_exists").wait(TableName=target.settings.table, WaiterConfig={"Delay": 2})


def _batches(items: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
