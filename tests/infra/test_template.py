"""The CloudFormation that we write, and what Chalice's becomes in our hands."""

import json
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.decode import cfn_yaml

from chalicelib.config import QUEUES, Settings
from infra.deploy import gateway, packaging
from infra.deploy.iam_policies import lambda_name
from infra.paths import CHALICE, TEMPLATE

CONFIG = json.loads((CHALICE / "config.json").read_text())
READERS = {
    "inbound": "triage",
    "mentions": "casework",
    "mentions-urgent": "casework_urgent",
    "replies": "deliver",
    "forward": "forward",
}


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    return cfn_yaml.load(str(TEMPLATE))["Resources"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> packaging.Package:
    return packaging.package("prod", build=tmp_path_factory.mktemp("build"), say=lambda _line: None)


def of_type(resources: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: r["Properties"] for name, r in resources.items() if r["Type"] == kind}


def sub(value: Any, stage: str = "prod") -> str:
    """A name as CloudFormation would write it."""
    return value["Fn::Sub"].replace("${Stage}", stage) if isinstance(value, dict) else value


def queues(resources: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {sub(p["QueueName"]): p for p in of_type(resources, "AWS::SQS::Queue").values()}


def test_the_template_has_no_finding() -> None:
    assert lint_file(TEMPLATE) == []


def test_every_queue_of_the_application_exists_with_its_dead_letters(resources: dict[str, Any]) -> None:
    settings = Settings(stage="prod")
    expected = {settings.queue(q) for q in QUEUES} | {settings.dead_letters(q) for q in (*QUEUES, "pages")}
    assert set(queues(resources)) == expected


@pytest.mark.parametrize("queue", QUEUES)
def test_a_message_stays_hidden_for_six_timeouts_of_its_reader(resources: dict[str, Any], queue: str) -> None:
    timeout_s = CONFIG["lambda_functions"][READERS[queue]]["lambda_timeout"]
    assert queues(resources)[f"earshot-prod-{queue}"]["VisibilityTimeout"] >= 6 * timeout_s


@pytest.mark.parametrize("queue", QUEUES)
def test_dead_letters_outlive_their_queue(resources: dict[str, Any], queue: str) -> None:
    both = queues(resources)
    alive, dead = both[f"earshot-prod-{queue}"], both[f"earshot-prod-{queue}-dead"]
    assert dead["MessageRetentionPeriod"] > alive["MessageRetentionPeriod"]
    assert alive["RedrivePolicy"]["maxReceiveCount"] == 10


def test_every_queue_is_encrypted(resources: dict[str, Any]) -> None:
    assert all(properties["SqsManagedSseEnabled"] for properties in queues(resources).values())


def test_the_functions_find_every_queue_in_their_parameter(resources: dict[str, Any]) -> None:
    text, references = resources["ResourcesParameter"]["Properties"]["Value"]["Fn::Sub"]
    document = json.loads(text)
    assert set(document) == {"bucket", "alerts_topic_arn", "table", "queues"}
    assert set(document["queues"]) == {name for queue in QUEUES for name in (queue, f"{queue}-dead")} | {"pages-dead"}
    assert {value.strip("${}") for value in document["queues"].values()} == set(references)


def test_every_queue_and_every_function_has_its_alarms(resources: dict[str, Any]) -> None:
    alarms = of_type(resources, "AWS::CloudWatch::Alarm").values()
    watched = {(a["MetricName"], sub(a["Dimensions"][0]["Value"])) for a in alarms if a["Namespace"] == "AWS/Lambda"}
    functions = {lambda_name("prod", name) for name in CONFIG["lambda_functions"]}
    assert {name for metric, name in watched if metric == "Errors"} == functions
    assert ("Invocations", "earshot-prod-sla_watch") in watched
    names = {sub(alarm["AlarmName"]) for alarm in alarms}
    assert {f"earshot-prod-{queue}-{what}" for queue in QUEUES for what in ("dead-letters", "late")} <= names


def test_operators_hear_what_the_account_costs(resources: dict[str, Any]) -> None:
    budget = resources["Budget"]["Properties"]
    assert budget["Budget"]["BudgetLimit"]["Amount"] == {"Ref": "MonthlyBudget"}
    told = [one["Subscribers"][0] for one in budget["NotificationsWithSubscribers"]]
    assert told == [{"SubscriptionType": "SNS", "Address": {"Ref": "Operations"}}] * 2
    statements = resources["OperationsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert "budgets.amazonaws.com" in [one["Principal"].get("Service") for one in statements]


def test_the_access_log_is_where_the_gateway_is_told_to_write(resources: dict[str, Any]) -> None:
    assert sub(resources["AccessLog"]["Properties"]["LogGroupName"]) == gateway.access_log_group("prod")


def test_one_failure_of_what_strangers_can_reach_calls_nobody(resources: dict[str, Any]) -> None:
    for name in ("ApiErrors", "ApiHandlerErrors"):
        alarm = resources[name]["Properties"]
        assert (alarm["Threshold"] > 1, alarm["Period"]) == (True, 300)


def test_only_the_silence_of_what_runs_by_the_clock_counts_as_bad_when_nothing_is_measured(
    resources: dict[str, Any],
) -> None:
    alarms = of_type(resources, "AWS::CloudWatch::Alarm")
    assert [n for n, alarm in alarms.items() if alarm["TreatMissingData"] == "breaching"] == [
        "ReportBehind",
        "SlaWatchSilent",
    ]


def test_the_packaged_functions_have_no_finding(made: packaging.Package, tmp_path: Path) -> None:
    template = packaging.stack_template(made, "prod", bucket="earshot-prod-bucket", key="deploy/code.zip")
    file = tmp_path / "sam.json"
    file.write_text(json.dumps(template))
    assert lint_file(file) == []


def test_packaged_functions_have_the_names_that_chalice_deploy_gives(made: packaging.Package) -> None:
    template = packaging.stack_template(made, "prod", bucket="b", key="k")
    functions = packaging.functions_of(template).values()
    assert {f["Properties"]["FunctionName"] for f in functions} == {
        lambda_name("prod", name) for name in CONFIG["lambda_functions"]
    }


def test_the_template_does_not_change_what_was_packaged(made: packaging.Package) -> None:
    before = json.dumps(made.template)
    packaging.stack_template(made, "prod", bucket="b", key="k", environment={"A": "1"})
    assert json.dumps(made.template) == before
