"""The API on the deployed stack: real table, real queue, and no more permissions than its function has."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.adapters.access import new_token
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.ports.access import Role
from infra.deploy.target import Target
from infra.operate import records
from tests.localaws import START
from tests.usecases.world import take, wrote


@dataclass(frozen=True)
class Client:
    """Ann, with her token."""

    base: str
    token: str

    def ask(self, path: str, body: Any = None, key: str = "k1") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": key}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, headers=headers)  # noqa: S310  our own API
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


@pytest.fixture(scope="module")
def ann(stack: Target) -> Client:
    token = new_token()
    records.users(stack).add("ann.deployed", Role.AGENT, token, START)
    return Client(stack.api_url(), token)


@pytest.fixture(scope="module")
def case_id(stack: Target) -> str:
    cases = TableCaseStore(records.table(stack))
    post = wrote("8801", 0, who="8800", text="the seat was wet", occurred_at=START, received_at=START)
    take(cases, [post])
    found = cases.addresses("x", ["8801"])["8801"].case_id
    assert found
    return found


def test_whose_token_it_is(ann: Client) -> None:
    status, body = ann.ask("/api/me")
    assert (status, body["name"], body["role"]) == (200, "ann.deployed", "agent")
    assert Client(ann.base, new_token()).ask("/api/me")[0] == 401


def test_an_agent_works_a_case(ann: Client, case_id: str) -> None:
    status, body = ann.ask("/api/cases?limit=200")
    assert status == 200
    assert case_id in [case["case_id"] for case in body["cases"]]
    path = f"/api/cases/{case_id}/actions"
    steps = [({"action": "spam"}, "spam"), ({"action": "restore"}, "new"), ({"action": "note", "text": "hm"}, "new")]
    for number, (action, after) in enumerate(steps):
        status, body = ann.ask(path, action, key=f"step{number}")
        assert (status, body["case"]["status"]) == (200, after), body
    asked = {"action": "reply", "text": "we are on it"}
    first, again = ann.ask(path, asked, key="answer"), ann.ask(path, asked, key="answer")
    assert (first[0], again[0]) == (200, 200), first
    assert again[1]["action"] == {**first[1]["action"], "repeated": True}
    status, body = ann.ask(f"/api/cases/{case_id}")
    assert status == 200
    kinds = [entry["kind"] for entry in body["timeline"]]
    assert kinds[:5] == ["mention", "spam", "restore", "note", "reply"]


def test_errors_pass_the_gateway_as_they_are(ann: Client, case_id: str) -> None:
    assert ann.ask("/api/cases/c000000000000000")[0] == 404
    status, body = ann.ask(f"/api/cases/{case_id}/actions", {"action": "reopen"}, key="no")
    assert (status, body["error"]) == (409, "not_allowed")
    status, body = ann.ask(f"/api/cases/{case_id}/actions", {"action": "nonsense"}, key="no")
    assert (status, body["error"]) == (422, "invalid")
