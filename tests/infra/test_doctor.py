"""The doctor on the deployed local stage: what it finds when one thing at a time is wrong."""

import dataclasses
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import NoCredentialsError

from chalicelib.config import QUEUES
from chalicelib.domain.alerts.audience import Unheard, called
from chalicelib.domain.watch import PageKind
from chalicelib.ports.inbound import InboundMessage
from infra.deploy import rollout
from infra.deploy.target import Target
from infra.operate import channels, doctor, records, subscriptions
from infra.operate.doctor import Finding
from infra.operate.subscriptions import Endpoint
from infra.problem import Problem
from tests.usecases.sweeps import EVENT


def found(check: doctor.Check, target: Target) -> list[Finding]:
    return list(doctor.examine(target, [check]))


def levels(check: doctor.Check, target: Target) -> list[str]:
    return [finding.level for finding in found(check, target)]


@pytest.mark.parametrize(
    "check",
    [
        doctor.python,
        doctor.account,
        doctor.resources_stack,
        doctor.functions,
        doctor.queue_mappings,
        doctor.concurrency,
        doctor.edge,
        doctor.budget,
    ],
)
def test_a_deployed_stage_is_well(check: doctor.Check, stack: Target) -> None:
    assert levels(check, stack) == ["OK"]


def test_every_worker_has_a_limit_and_every_queue_a_reader(stack: Target) -> None:
    mappings = rollout.mappings(stack)
    assert {m["queue"] for m in mappings} == {stack.settings.queue(queue) for queue in QUEUES}
    assert all(mapping["concurrency"] for mapping in mappings)


def rule_of(stack: Target, function: str) -> str:
    """The name of the rule that calls it."""
    name = f"earshot-local-{function}"
    arn = stack.client("lambda").get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    [rule] = stack.client("events").list_rule_names_by_target(TargetArn=arn)["RuleNames"]
    return str(rule)


def test_a_sweep_that_is_switched_off_is_a_failure(stack: Target) -> None:
    assert levels(doctor.sweep, stack) == ["FAIL"] * len(rollout.EVERY_MINUTE)


def test_a_sweep_that_runs_is_fine(stack: Target) -> None:
    events = stack.client("events")
    rules = [rule_of(stack, function) for function in rollout.EVERY_MINUTE]
    for rule in rules:
        events.enable_rule(Name=rule)
    try:
        assert levels(doctor.sweep, stack) == ["OK"] * len(rollout.EVERY_MINUTE)
    finally:
        for rule in rules:
            events.disable_rule(Name=rule)


def test_roll_ups_that_run_say_how_far_they_are(stack: Target) -> None:
    events, rule = stack.client("events"), rule_of(stack, "report")
    [finding] = found(doctor.roll_ups, stack)
    assert (finding.level, "report runs every hour" in finding.text) == ("OK", True)
    invoked = stack.client("lambda").invoke(FunctionName="earshot-local-report", Payload=json.dumps(EVENT).encode())
    assert "FunctionError" not in invoked
    [finding] = found(doctor.roll_ups, stack)
    assert re.search(r"days are rolled up to \d{4}-\d\d-\d\d$", finding.text)
    events.disable_rule(Name=rule)
    try:
        assert levels(doctor.roll_ups, stack) == ["WARN"]
    finally:
        events.enable_rule(Name=rule)


@pytest.fixture
def sleeping_reader(stack: Target) -> Iterator[None]:
    mapping = next(m for m in rollout.mappings(stack) if m["queue"] == stack.settings.queue("replies"))
    client = stack.client("lambda")
    client.update_event_source_mapping(UUID=mapping["uuid"], Enabled=False)
    yield
    client.update_event_source_mapping(UUID=mapping["uuid"], Enabled=True)


@pytest.mark.usefixtures("sleeping_reader")
def test_a_queue_without_reader_is_a_failure_that_names_it(stack: Target) -> None:
    [finding] = found(doctor.queue_mappings, stack)
    assert finding.level == "FAIL"
    assert "replies" in finding.text
    with pytest.raises(Problem, match="earshot-local-replies"):
        rollout.check(stack, say=lambda _line: None)


def test_workers_must_leave_room_for_the_webhook(stack: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "HEADROOM", 10**6)
    assert levels(doctor.concurrency, stack) == ["FAIL"]


def test_a_changed_template_is_a_warning(aws: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = rollout.resources_stack("dev")
    monkeypatch.setattr(rollout, "resources_stack", lambda _stage: type(changed)(name=changed.name, body="{}"))
    assert levels(doctor.resources_stack, aws) == ["WARN"]


def test_missing_secrets_are_named_with_the_command_that_sets_them(aws: Target) -> None:
    ssm = aws.client("ssm")
    for held in channels.held(aws):  # what other tests left
        ssm.delete_parameter(Name=channels.parameter_name(aws, held.kind, held.channel))
    assert levels(doctor.secrets, aws) == ["WARN"]
    channels.set_settings(aws, "x.main", accounts=["1"])
    try:
        findings = found(doctor.secrets, aws)
    finally:
        ssm.delete_parameter(Name=channels.parameter_name(aws, "channels", "x.main"))
    assert [finding.level for finding in findings] == ["FAIL", "WARN"]
    assert findings[0].next_step == "`earshot secrets set x.main secrets --use verify --stage local`"
    assert "token_secret" in findings[1].text
    assert (findings[1].next_step or "").endswith("--use send --account ID --stage local`")


def test_dead_letters_and_quarantine_are_counted(aws: Target) -> None:
    urls, sqs, quarantine = aws.resources().queues, aws.client("sqs"), records.quarantine(aws)
    for entry in quarantine.waiting():  # what other tests left
        quarantine.release(entry)
    for name, url in urls.items():
        if name.endswith("-dead"):
            sqs.purge_queue(QueueUrl=url)
    assert levels(doctor.dead_letters, aws) == levels(doctor.quarantine, aws) == ["OK"]
    sqs.send_message(QueueUrl=urls["mentions-dead"], MessageBody="{}")
    message = InboundMessage(
        platform="x", channel="x.main", headers={}, received_at=datetime(2026, 3, 2, tzinfo=UTC), request_id="doctors"
    )
    quarantine.keep(message, b"?", "not to be read")
    try:
        assert "1 dead letters of mentions" in found(doctor.dead_letters, aws)[0].text
        [finding] = found(doctor.quarantine, aws)
        assert "1 requests" in finding.text
        assert "`earshot replay --quarantine --stage local`" in (finding.next_step or "")
    finally:
        sqs.purge_queue(QueueUrl=urls["mentions-dead"])
        for entry in quarantine.waiting():
            quarantine.release(entry)


@pytest.fixture
def pager(aws: Target) -> Iterator[Endpoint]:
    """A queue that can be subscribed, and is not any more afterwards."""
    sqs, sns = aws.client("sqs"), aws.client("sns")
    queue = sqs.create_queue(QueueName="doctors-pager")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    yield Endpoint(protocol="sqs", address=arn)
    for topic in (subscriptions.alerts_topic(aws), subscriptions.operations_topic(aws)):
        for one in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
            sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
    sqs.delete_queue(QueueUrl=queue)


def test_a_group_that_nobody_hears_is_told_with_the_command_that_helps(aws: Target, pager: Endpoint) -> None:
    book = subscriptions.in_force(aws)
    groups = list(dict.fromkeys(group for group, _ in called(book)))
    assert levels(doctor.alerts, aws) == ["WARN"] * len(called(book))
    subscriptions.subscribe(aws, pager, groups[1:])
    [finding] = found(doctor.alerts, aws)
    assert groups[0] in finding.text
    assert f"`earshot pages subscribe --group {groups[0]} " in (finding.next_step or "")
    subscriptions.subscribe(aws, pager, groups)
    assert levels(doctor.alerts, aws) == ["OK"]


def test_on_a_real_stage_a_deaf_group_is_a_failure(aws: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    dev = Target(stage="dev", endpoint=aws.endpoint)
    monkeypatch.setattr(subscriptions, "unheard_groups", lambda _target: (Unheard(group="lead", kind=PageKind.BREACH),))
    monkeypatch.setattr(subscriptions, "subscribed", lambda _target, _topic=None: ())
    monkeypatch.setattr(subscriptions, "alerts_topic", lambda _target: "arn:aws:sns:us-east-1:1:earshot-dev-alerts")
    assert levels(doctor.alerts, dev) == levels(doctor.operations, dev) == ["FAIL"]


def test_alarms_about_earshot_itself_need_a_listener_without_a_filter(aws: Target, pager: Endpoint) -> None:
    assert levels(doctor.operations, aws) == ["WARN"]
    subscriptions.subscribe(aws, pager, ["operations"])
    assert levels(doctor.operations, aws) == ["OK"]


def test_a_subscription_without_dead_letters_is_a_warning(aws: Target, pager: Endpoint) -> None:
    topic = subscriptions.operations_topic(aws)
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=pager.address)
    assert levels(doctor.operations, aws) == ["OK", "WARN"]


def test_pages_that_nobody_took_are_counted(aws: Target) -> None:
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=aws.settings.queue("pages-dead"))["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    try:
        assert [one.text for one in found(doctor.dead_letters, aws) if "1 pages" in one.text]
    finally:
        sqs.purge_queue(QueueUrl=url)


def test_without_an_account_there_is_one_finding_not_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_credentials(_target: Target, _service: str) -> None:
        raise NoCredentialsError

    monkeypatch.setattr(Target, "client", no_credentials)
    findings = list(doctor.examine(Target(stage="prod")))
    assert [finding.level for finding in findings] == ["OK", "FAIL"]
    assert findings[1].next_step


def test_a_stage_keeps_the_way_it_was_deployed(stack: Target) -> None:
    with pytest.raises(Problem, match="CloudFormation stack"):
        rollout.deploy(stack, as_stack=False, say=lambda _line: None)


def sweeps_variables(stack: Target) -> dict[str, str]:
    answer = stack.client("lambda").get_function_configuration(FunctionName="earshot-local-sla_watch")
    variables: dict[str, str] = answer["Environment"]["Variables"]
    return variables


def test_the_sweep_knows_where_people_open_cases_beside_what_it_knew(stack: Target, clock_file: Path) -> None:
    assert sweeps_variables(stack) == {
        "STAGE": "local",
        "EARSHOT_CLOCK_FILE": str(clock_file),
        "EARSHOT_URL": stack.api_url(),
    }


def test_an_address_of_ones_own_is_left_alone(stack: Target, tmp_path: Path) -> None:
    stages = {"local": {"environment_variables": {"EARSHOT_URL": "https://care.example"}}}
    (tmp_path / "config.json").write_text(json.dumps({"stages": stages}))
    set_variable(stack, EARSHOT_URL="https://care.example")
    rollout.link_pages(dataclasses.replace(stack, chalice=tmp_path))
    assert sweeps_variables(stack)["EARSHOT_URL"] == "https://care.example"
    rollout.link_pages(stack)
    assert sweeps_variables(stack)["EARSHOT_URL"] == stack.api_url()


def set_variable(stack: Target, **variables: str) -> None:
    stack.client("lambda").update_function_configuration(
        FunctionName="earshot-local-sla_watch", Environment={"Variables": {**sweeps_variables(stack), **variables}}
    )


@pytest.mark.parametrize("function", rollout.EVERY_MINUTE)
def test_what_runs_every_minute_is_never_retried(stack: Target, function: str) -> None:
    config = stack.client("lambda").get_function_event_invoke_config(FunctionName=f"earshot-local-{function}")
    assert config["MaximumRetryAttempts"] == 0
