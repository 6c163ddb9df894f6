"""What the API and the sweeps are told that Chalice cannot say, on the deployed local stage and on paper."""

import dataclasses
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.deploy import gateway
from infra.deploy.target import Target
from infra.operate import doctor


def silent(_line: str) -> None:
    """Tests need no progress."""


def ask(url: str, method: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=30) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/no-such-route"),
        ("GET", "/api/nothing"),
        ("GET", "/console/c"),
        ("DELETE", "/api/me"),
        ("POST", "/health"),
        ("GET", "/console/sign-in"),
        ("GET", "/webhooks/x"),
    ],
)
def test_a_wrong_path_is_told_as_one(stack: Target, method: str, path: str) -> None:
    status, body = ask(f"{stack.api_url()}{path}", method)
    assert (status, body["error"]) == (404, "not_found")
    assert "Token" not in body["message"]


def test_every_answer_of_the_gateway_has_the_form_of_ours() -> None:
    for status, templates in gateway.RESPONSES.values():
        assert re.fullmatch(r"[45]\d\d", status)
        body = json.loads(templates["application/json"])
        assert body.keys() == {"error", "message"}
        assert body["message"].endswith(".")


def test_the_access_log_says_nothing_of_a_person() -> None:
    """Neither addresses nor browsers, and no path: it may hold the code of a link or the id of a case."""
    fields = re.findall(r"\$context\.([A-Za-z.]+)", gateway.LOG_FORMAT)
    assert not [one for one in fields if one == "path" or one.startswith(("identity", "authorizer", "requestOverride"))]
    assert "resourcePath" in fields


def test_telling_it_all_again_changes_nothing(stack: Target) -> None:
    client = stack.client("apigateway")

    def told() -> tuple[Any, ...]:
        stage = client.get_stage(restApiId=stack.api_id(), stageName="local")
        return stage["deploymentId"], stage["methodSettings"], gateway.reserved(stack)

    before = told()
    gateway.apply(stack, say=silent)
    assert told() == before


@pytest.fixture
def undone(stack: Target) -> Iterator[None]:
    """As Chalice leaves a stage."""
    client, functions, api = stack.client("apigateway"), stack.client("lambda"), stack.api_id()
    limit = {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "10000"}
    client.update_stage(restApiId=api, stageName="local", patchOperations=[limit])
    client.delete_gateway_response(restApiId=api, responseType="THROTTLED")
    functions.delete_function_concurrency(FunctionName="earshot-local-sla_watch")
    yield
    gateway.apply(stack, say=silent)
    assert list(gateway.faults(stack)) == []


@pytest.mark.usefixtures("undone")
def test_the_doctor_names_what_a_deployment_forgot_and_how_to_mend_it(stack: Target) -> None:
    findings = list(doctor.examine(stack, [doctor.edge]))
    assert [finding.level for finding in findings] == ["WARN"] * 3
    assert all(finding.next_step == "`earshot up`" for finding in findings)
    said = " ".join(finding.text for finding in findings)
    assert all(word in said for word in ("500 requests a second", "THROTTLED", "sla_watch"))


class Small:
    """An account that has nothing to spare."""

    def put_function_concurrency(self, **_: Any) -> None:
        error = {"Code": "InvalidParameterValueException", "Message": "below its minimum value of [10]"}
        raise ClientError({"Error": error}, "PutFunctionConcurrency")  # type: ignore[typeddict-item]


def test_an_account_with_nothing_to_reserve_is_deployed_all_the_same(
    stack: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Target.client
    monkeypatch.setattr(Target, "client", lambda self, name: Small() if name == "lambda" else client(self, name))
    said: list[str] = []
    gateway.apply(dataclasses.replace(stack), say=said.append)
    assert "ask AWS for more" in said[-1]


# --- as on an account -------------------------------------------------------------------------------------------------


@pytest.fixture
def account(stack: Target, monkeypatch: pytest.MonkeyPatch) -> Target:
    """The local AWS, taken for an account: it keeps what it is told, and does nothing with it."""
    client = Target.client
    monkeypatch.setenv("AWS_DEFAULT_REGION", stack.region)
    monkeypatch.setattr(Target, "client", lambda _self, service: client(stack, service))
    return dataclasses.replace(stack, endpoint=None)


def test_an_account_gets_an_access_log_and_a_role_that_may_write_it(account: Target) -> None:
    for _ in range(2):
        gateway.apply(account, say=silent)
        stage = account.client("apigateway").get_stage(restApiId=account.api_id(), stageName="local")
        assert stage["accessLogSettings"]["format"] == gateway.LOG_FORMAT
        assert stage["accessLogSettings"]["destinationArn"].endswith(":log-group:/earshot/local/access")
        role = account.client("apigateway").get_account()["cloudwatchRoleArn"]
        assert role.endswith(f":role/{gateway.LOGS_ROLE}")
    assert list(gateway.faults(account)) == []


def test_the_doctor_says_whether_anybody_hears_what_it_costs(account: Target) -> None:
    dev = dataclasses.replace(account, stage="dev")
    [finding] = doctor.examine(dev, [doctor.budget])
    assert (finding.level, finding.next_step) == ("WARN", "`earshot deploy --stage dev --budget 50`")
    budget = {"BudgetName": "earshot-dev", "BudgetType": "COST", "TimeUnit": "MONTHLY"}
    number = dev.client("sts").get_caller_identity()["Account"]
    dev.client("budgets").create_budget(
        AccountId=number, Budget={**budget, "BudgetLimit": {"Amount": "70", "Unit": "USD"}}
    )
    [finding] = doctor.examine(dev, [doctor.budget])
    assert (finding.level, "70" in finding.text) == ("OK", True)
