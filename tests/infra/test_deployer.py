"""What docs/deploying.md says whoever deploys must be allowed, held against what deploying asks AWS for."""

import json
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest

from infra.deploy import gateway, rollout
from infra.deploy.target import Target
from infra.operate import doctor
from infra.paths import ROOT

# IAM's names where they are not those of the calls.
NAMES = {
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "cloudwatch:DescribeAlarms": "cloudwatch:DescribeAlarms",
    "budgets:DescribeBudget": "budgets:ViewBudget",
}


def policy() -> dict[str, Any]:
    [block] = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "deploying.md").read_text(), re.DOTALL)
    found: dict[str, Any] = json.loads(block)
    return found


def actions() -> list[str]:
    listed = [statement["Action"] for statement in policy()["Statement"]]
    return [action for one in listed for action in ([one] if isinstance(one, str) else one)]


@pytest.fixture
def calls(stack: Target, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What is asked of AWS from now on, as IAM names it."""
    found: set[str] = set()
    client = Target.client

    def recorded(self: Target, service: str) -> Any:
        made = client(self, service)
        prefix = "events" if service == "events" else service
        made.meta.events.register("before-call", lambda model, **_: found.add(f"{prefix}:{model.name}"))
        return made

    monkeypatch.setattr(Target, "client", recorded)
    return found


def test_whoever_deploys_may_do_all_that_deploying_does(stack: Target, calls: set[str]) -> None:
    rollout.deploy_resources(stack, say=lambda _line: None)
    gateway.apply(stack, say=lambda _line: None)
    rollout.link_pages(stack)
    list(doctor.examine(stack))
    allowed = actions()
    named = {NAMES.get(call, call) for call in calls if not call.startswith("apigateway:")}
    assert len(named) > 10
    assert sorted(call for call in named if not any(fnmatchcase(call, action) for action in allowed)) == []


def test_a_right_to_everything_is_bounded_by_our_names() -> None:
    for statement in policy()["Statement"]:
        if any(action.endswith(":*") for action in statement["Action"]) and statement["Sid"] != "Api":
            assert all(
                "earshot" in arn or arn.endswith("transform/Serverless-2016-10-31") for arn in statement["Resource"]
            )
