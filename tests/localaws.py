"""
The local AWS for tests: one process for each session, on a free port, keeping nothing.

It enforces the functions' IAM policies, so that a missing permission fails
here. `aws` has the resources only, for the adapters; `stack` adds the
functions, with a clock that tests move and no schedule of its own.
"""

import contextlib
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.config import APP, LOCAL
from infra.deploy import rollout
from infra.deploy.target import Target
from infra.emulator import ministack
from infra.emulator.ministack import Options
from infra.problem import Problem
from tests.rings import LOCAL_AWS, need

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday


def install_reason() -> str | None:
    """Why the local AWS cannot run here, None when it can."""
    try:
        ministack.install()
    except Problem as problem:
        return problem.message
    return None


@contextlib.contextmanager
def local_aws(home: Path, *, auth: bool) -> Iterator[str]:
    """The endpoint of a local AWS that ends with the block."""
    reason = install_reason()
    need(reason is None, f"no local AWS: {reason}")
    running = ministack.start(Options(home=home, port=0, auth=auth, persist=False))
    try:
        yield running.endpoint
    finally:
        ministack.stop(home)


@pytest.fixture(scope="session")
def aws(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The local stage's table, queues, bucket and topics, without functions."""
    if request.config.getoption("markexpr") == f"not {LOCAL_AWS}":
        pytest.fail(f"A test that asks for the local AWS is not marked {LOCAL_AWS}: `make test-quick` must be quick.")
    with local_aws(tmp_path_factory.mktemp("aws"), auth=True) as endpoint:
        target = Target(stage=LOCAL, endpoint=endpoint)
        rollout.deploy_resources(target, say=_silent)
        yield target


@pytest.fixture(scope="session")
def clock_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the deployed functions take for the time; write another ISO text into it to move them."""
    path = tmp_path_factory.mktemp("clock") / "now"
    path.write_text(START.isoformat())
    return path


@pytest.fixture(scope="session")
def stack(aws: Target, clock_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Target:
    """The whole local stage. The sweep runs only when a test invokes it."""
    rollout.deploy_functions_stack(
        aws,
        environment={"EARSHOT_CLOCK_FILE": str(clock_file)},
        build=tmp_path_factory.mktemp("build"),
        say=_silent,
    )
    stop_schedule(aws)
    rollout.check(aws, say=_silent)
    return aws


def stop_schedule(target: Target) -> None:
    """Switch the one-minute rules off."""
    events = target.client("events")
    for name in rollout.EVERY_MINUTE:
        function = target.client("lambda").get_function(FunctionName=f"{APP}-{target.stage}-{name}")
        for rule in events.list_rule_names_by_target(TargetArn=function["Configuration"]["FunctionArn"])["RuleNames"]:
            events.disable_rule(Name=rule)


def get(url: str) -> tuple[int, str]:
    """Status and body of a plain GET."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own API
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def _silent(_line: str) -> None:
    """Tests need no progress."""
