"""Some scenarios of the SLA rules, played on a deployed stack of their own and compared as in memory."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from chalicelib.adapters.access import new_token
from chalicelib.ports.access import Role
from infra.deploy import rollout
from infra.deploy.target import Target
from infra.operate import channels, records
from infra.operate.policy import stage
from infra.scenarios.facts import BRAND
from infra.scenarios.reading import read_file
from infra.scenarios.runner import run
from tests.deployed.deployed_world import CHANNELS, SECRET, DeployedWorld, Place, forget
from tests.localaws import START, local_aws, stop_schedule

pytestmark = pytest.mark.local_aws
PLAYED = ("1", "3", "4b", "5", "47", "69", "70", "73")
FOLDER = Path(__file__).parents[1] / "scenarios"
DOCUMENT = (FOLDER / "policies.toml").read_text()
SCENARIOS = {
    scenario.id: scenario
    for name in ("calendar", "pauses", "ladder")
    for scenario in read_file(FOLDER / "sla" / f"{name}.toml")
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A stack of our own: its promises are in force before a function has read any."""
    clock_file = tmp_path_factory.mktemp("clock") / "now"
    clock_file.write_text(START.isoformat())
    with local_aws(tmp_path_factory.mktemp("aws"), auth=True) as endpoint:
        target = Target(stage="local", endpoint=endpoint)
        rollout.deploy_resources(target, say=lambda _: None)
        promise(target)
        rollout.deploy_functions_stack(
            target,
            environment={"EARSHOT_CLOCK_FILE": str(clock_file)},
            build=tmp_path_factory.mktemp("build"),
            say=lambda _: None,
        )
        stop_schedule(target)
        for channel in CHANNELS.values():
            channels.set_verify(target, channel, {"secrets": SECRET})
            channels.set_settings(target, channel, accounts=[BRAND])
        token = new_token()
        records.users(target).add("ada", Role.AGENT, token, START)
        yield Place(target=target, clock_file=clock_file, token=token, pages=listen(target))


def promise(target: Target) -> None:
    """The book of the scenarios, where the very important are known by the channel they write on."""
    by_channel = f'match = {{ channels = ["{CHANNELS["p-vip"]}"] }}'
    document = DOCUMENT.replace('match = { tiers = ["vip"] }', by_channel)
    assert by_channel in document
    stage.on_table(records.table(target)).policies.apply(2, document, at=START, actor="lea")
    forget(target)


def listen(target: Target) -> str:
    """The URL of a queue that hears every page."""
    sqs, topic = target.client("sqs"), target.resources().alerts_topic_arn
    url = sqs.create_queue(QueueName="pages-of-scenarios")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**allow, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    raw = {"RawMessageDelivery": "true"}
    target.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=raw)
    return str(url)


@pytest.mark.parametrize("name", PLAYED)
def test_a_scenario_on_the_deployed_stack(place: Place, name: str) -> None:
    assert run(SCENARIOS[name], make_world=partial(DeployedWorld, place)).differences == ()
