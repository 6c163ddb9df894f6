"""Take a stage down."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from chalicelib.config import APP
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
    there = stacks.delete(target.client("cloudformation"), target.resources_stack)
    say("Resources: deleted" if there else "Resources: there were none")
    if target.stage == PROD:
        say(f"The table {target.settings.table} is kept. Delete it by hand once nobody needs what customers wrote.")
    else:
        say("Table: deleted" if _delete_table(target) else "Table: there was none")


def _delete_functions(target: Target, source: Path, build: Path | None, say: Callable[[str], None]) -> None:
    before = set(_functions(target))
    stacks.delete(target.client("cloudformation"), target.functions_stack)
    if target.chalice_deployed():
        build = packaging.project(target.stage, source=source, build=build, say=say)
        restore_memory(target, build / ".chalice" / "deployed" / f"{target.stage}.json")
        packaging.chalice(build, "delete", "--stage", target.stage, environment=target.environment(), say=say)
        target.deployed_file.unlink(missing_ok=True)
    encoder_layer.forget(
        target.client("lambda"), target.stage
    )  # it is published before Chalice begins, which may have failed
    if left := sorted(_functions(target)):  # Chalice deletes what it remembers, and ends with 0 also when it forgot
        raise Problem(
            f"{len(left)} functions are still there: {', '.join(left)}.", "delete them by hand, then run again"
        )
    say(f"Functions: {len(before)} deleted")


def _functions(target: Target) -> Iterator[str]:
    for page in target.client("lambda").get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            if re.fullmatch(rf"{APP}-{target.stage}(-\w+)?", function["FunctionName"]):
                yield function["FunctionName"]


def _delete_parameters(target: Target) -> int:
    """How many secrets and settings AWS says are deleted; the resources parameter is its stack's. Raises Problem."""
    ssm = target.client("ssm")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=target.settings.parameters, Recursive=True)
    names = [p["Name"] for page in pages for p in page["Parameters"]]
    ours = [name for name in names if name != target.settings.resources_parameter]
    answers = [ssm.delete_parameters(Names=batch) for batch in _batches(ours, 10)]
    deleted = {name for answer in answers for name in answer["DeletedParameters"]}
    if left := sorted(set(ours) - deleted):
        raise Problem(f"AWS did not delete {len(left)} parameters, {left[0]} among them.", "run it again")
    return len(deleted)


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


def _delete_table(target: Target) -> bool:
    """Whether there was one; returns when AWS knows of none any more."""
    dynamodb = target.client("dynamodb")
    try:
        dynamodb.delete_table(TableName=target.settings.table)
    except dynamodb.exceptions.ResourceNotFoundException:
        return False
    dynamodb.get_waiter("table_not_exists").wait(TableName=target.settings.table, WaiterConfig={"Delay": 2})
    return True


def _batches(items: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
