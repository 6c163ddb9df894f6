"""Least privilege, on paper. The deployed ring proves that it is also enough."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.ports.engines import MODELS
from infra.deploy import iam_policies
from infra.paths import CHALICE

FILES = sorted(iam_policies.documents())


def label(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def statements(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text())["Statement"]


@pytest.mark.parametrize("path", FILES, ids=label)
def test_files_are_up_to_date(path: Path) -> None:
    assert path.read_text() == iam_policies.documents()[path], "run `python -m infra.deploy.iam_policies`"


def test_no_file_is_left_over() -> None:
    assert sorted(iam_policies.FOLDER.rglob("*.json")) == FILES


@pytest.mark.parametrize("path", FILES, ids=label)
def test_every_resource_names_application_and_stage(path: Path) -> None:
    stage = path.parent.name
    # AWS takes no resource for the first two, the third names models of AWS, and the local AWS takes none for the rest.
    unbounded = [
        ["sns:GetSubscriptionAttributes"],
        ["comprehend:BatchDetectSentiment", "comprehend:BatchDetectDominantLanguage"],
        ["bedrock:InvokeModel"],
        *([["ssm:GetParametersByPath"], ["bedrock:Converse"]] if stage == "local" else []),
    ]
    for statement in statements(path):
        for arn in statement["Resource"] if statement["Action"] not in unbounded else ():
            assert f"earshot-{stage}" in arn or f"earshot/{stage}/" in arn


@pytest.mark.parametrize("path", FILES, ids=label)
def test_no_action_is_a_wildcard_and_no_one_may_scan(path: Path) -> None:
    actions = {action for statement in statements(path) for action in statement["Action"]}
    assert not [action for action in actions if "*" in action]
    assert "dynamodb:Scan" not in actions


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name != "local"], ids=label)
def test_buckets_of_other_accounts_are_out_of_reach(path: Path) -> None:
    for statement in statements(path):
        if any(action.startswith("s3:") for action in statement["Action"]):
            assert statement["Condition"]["StringEquals"]["aws:ResourceAccount"] == "${aws:PrincipalAccount}"


@pytest.mark.parametrize(
    "function",
    ["triage", "casework", "casework_urgent", "sla_watch", "incident_watch", "api_handler", "forward", "report"],
)
def test_only_deliver_reads_credentials_to_send_with(function: str) -> None:
    assert "/send/" not in (iam_policies.FOLDER / "prod" / f"{function}.json").read_text()


@pytest.mark.parametrize("path", FILES, ids=label)
def test_only_casework_asks_engines_and_only_those_it_can_use(path: Path) -> None:
    asking = [s for s in statements(path) for action in s["Action"] if action.startswith(("comprehend:", "bedrock:"))]
    assert bool(asking) == path.stem.startswith("casework")
    models = [arn for s in asking if "bedrock:InvokeModel" in s["Action"] for arn in s["Resource"]]
    assert all(any(model in arn for model in MODELS) for arn in models)


def test_every_function_of_every_stage_names_its_file() -> None:
    config = json.loads((CHALICE / "config.json").read_text())
    named = {
        CHALICE / function["iam_policy_file"]
        for stage in config["stages"].values()
        for function in stage["lambda_functions"].values()
    }
    assert named == set(FILES)
    assert not any(stage["autogen_policy"] for stage in config["stages"].values())
