"""A local AWS of the bench's own, on a free port, gone when the run ends; and our real adapters pointed at it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import samples
from bench.meter import Meter
from chalicelib import bootstrap
from chalicelib.config import LOCAL
from infra.deploy import rollout
from infra.deploy.target import Target
from infra.emulator import ministack
from infra.emulator.ministack import Options
from infra.operate import channels
from infra.standins.x import XStandin

SERVICES = ("dynamodb", "sqs", "ssm", "s3", "sns")
SEND_KEYS = {"consumer_key": "ck", "consumer_secret": "cs", "token": "to", "token_secret": "ts"}
# A caller's own would send our clients elsewhere.
_FOREIGN = ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "EARSHOT_CLOCK_FILE")


@contextmanager
def local_aws() -> Iterator[Target]:
    """The resources of the local stage, one connected channel, and a stand-in that takes its answers."""
    with tempfile.TemporaryDirectory(prefix="earshot-bench-") as folder:
        home = Path(folder)
        running = ministack.start(Options(home=home, port=0, persist=False))
        try:
            target = Target(stage=LOCAL, endpoint=running.endpoint)
            rollout.deploy_resources(target, say=_silent)
            with XStandin(account_id=samples.BRAND, credentials=SEND_KEYS) as platform:
                _connect(target, platform.url)
                yield target
        finally:
            ministack.stop(home)


@contextmanager
def local_stack() -> Iterator[Target]:
    """A local AWS of its own, with the functions that ship at work in it."""
    with local_aws() as target, tempfile.TemporaryDirectory(prefix="earshot-bench-") as build:
        rollout.deploy_functions_stack(target, build=Path(build), say=_silent)
        rollout.check(target, say=_silent)
        yield target


def _connect(target: Target, platform_url: str) -> None:
    channels.set_verify(target, samples.CHANNEL, {channels.SIGNING: samples.SECRET})
    app = {name: SEND_KEYS[name] for name in ("consumer_key", "consumer_secret")}
    account = {name: SEND_KEYS[name] for name in ("token", "token_secret")}
    channels.set_send(target, samples.CHANNEL, {**app, channels.API_BASE: platform_url})
    channels.set_send(target, samples.CHANNEL, account, account=samples.BRAND)
    channels.set_settings(target, samples.CHANNEL, accounts=[samples.BRAND])


def environment(target: Target) -> dict[str, str]:
    """What a function finds in its environment."""
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return {**kept, "STAGE": target.stage, **target.environment()}


def enter(target: Target) -> Meter:
    """Make this process a function of the stage: `chalicelib.bootstrap` then gives real ports, and the meter counts."""
    for name in _FOREIGN:
        os.environ.pop(name, None)
    os.environ.update({"STAGE": target.stage, **target.environment()})
    meter = Meter()
    for service in SERVICES:
        meter.watch(client(service))
    return meter


def client(service: str) -> Any:
    from chalicelib.adapters import aws

    return aws.client(service)


def another_table(name: str) -> str:
    """An empty table with the keys and indexes of the stage's; its name."""
    dynamodb = client("dynamodb")
    like = dynamodb.describe_table(TableName=bootstrap.settings().table)["Table"]
    indexes = [{key: index[key] for key in _INDEX} for index in like["GlobalSecondaryIndexes"]]
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        **{key: like[key] for key in ("AttributeDefinitions", "KeySchema")},
        GlobalSecondaryIndexes=indexes,
    )
    return name


_INDEX = ("IndexName", "KeySchema", "Projection")


def _silent(_line: str) -> None:
    """The report is what this command prints."""
