"""The API of incidents, called as API Gateway calls it."""

import json

import pytest

from chalicelib.domain.labels import Urgency
from tests.entrypoints.test_api import TOKEN, Api, app  # noqa: F401  a fixture
from tests.usecases.outage import BEGAN, Airline, outage
from tests.usecases.world import at

LIST, ONE = "/api/incidents", "/api/incidents/{incident_id}"
ACTIONS, ANSWER = f"{ONE}/actions", f"{ONE}/answer"


class Incidents(Api):
    """The handler over an airline whose app is down."""

    @property
    def id(self):
        return self.desk.one.incident_id

    def send(self, resource, body, *, key="k1", token=TOKEN, incident_id=None):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        text = body if isinstance(body, str) else json.dumps(body)
        return self.call("POST", resource, {"incident_id": incident_id or self.id}, body=text, headers=headers)

    def act(self, action, **values):
        key = values.pop("key", "k1")
        return self.send(ACTIONS, {"action": action, **values}, key=key)


@pytest.fixture
def api(app, monkeypatch):  # noqa: F811
    from chalicelib import bootstrap

    airline = Airline()
    airline.hear(outage(14))
    airline.watch()
    airline.acting.users.rotate("ann", TOKEN, at(0))
    monkeypatch.setattr(bootstrap, "users", lambda: airline.acting.users)
    monkeypatch.setattr(bootstrap, "incidents_ports", lambda: airline.handling)
    monkeypatch.setattr(bootstrap, "answer_all_ports", lambda: airline.answering)
    monkeypatch.setattr(bootstrap, "now", lambda: lambda: at(BEGAN + 5))
    return Incidents(app, airline)


@pytest.mark.parametrize(("resource", "path"), [(LIST, {}), (ONE, {"incident_id": "i000000000000000"})])
def test_without_a_token_nothing_is_told(api, resource, path):
    assert api.get(resource, token="wrong" + "0" * 38, **path).status == 401


@pytest.mark.parametrize("resource", [ACTIONS, ANSWER])
def test_without_a_token_nothing_is_done(api, resource):
    before = api.desk.table.everything()
    assert api.send(resource, {"action": "close", "text": "x"}, token="wrong" + "0" * 38).status == 401
    assert api.desk.table.everything() == before


def test_the_list(api):
    [one] = api.get(LIST).body["incidents"]
    assert (one["incident_id"], one["status"], one["people"]) == (api.id, "open", 14)
    assert one["severity"] == Urgency.HIGH.value
    assert api.get(LIST, query={"closed": "true"}).body == {"incidents": [], "more": None}


@pytest.mark.parametrize("query", [{"closed": "maybe"}, {"limit": "0"}, {"limit": "101"}, {"nonsense": "1"}])
def test_a_query_that_cannot_be(api, query):
    answer = api.get(LIST, query=query)
    assert (answer.status, answer.body["error"]) == (400, "query")


def test_one_with_its_cases_growth_and_history(api):
    body = api.get(ONE, incident_id=api.id).body
    assert len(body["members"]) == 14
    assert sum(step["people"] for step in body["growth"]) == 14
    assert [deed["act"] for deed in body["history"]] == ["opened"]
    assert body["why"]
    assert body["pages"] == []


@pytest.mark.parametrize("incident_id", ["i000000000000000", "nonsense", "c0123456789abcde"])
def test_an_unknown_one(api, incident_id):
    for answer in (
        api.get(ONE, incident_id=incident_id),
        api.send(ACTIONS, {"action": "close"}, incident_id=incident_id),
        api.send(ANSWER, {"text": "x", "preview": True}, incident_id=incident_id),
    ):
        assert (answer.status, answer.body["error"]) == (404, "unknown_incident")


def test_actions_with_the_name_of_who_did_them(api):
    assert api.act("acknowledge").body["acknowledged_by"] == "ann"
    assert api.act("rename", title="Sign-in is down", key="k2").body["title"] == "Sign-in is down"
    case_id = api.desk.members[0].case_id
    assert api.act("take_out", case_id=case_id, key="k3").body["people"] == 13
    assert api.act("put_in", case_id=case_id, key="k4").body["people"] == 14
    assert api.act("close", key="k5").body["status"] == "closed"
    assert [deed.actor for deed in api.desk.one.history] == ["earshot", *["ann"] * 5]


def test_a_repeat_and_a_key_of_something_else(api):
    assert api.act("close").status == 200
    assert api.act("close").status == 200
    answer = api.act("rename", title="x")
    assert (answer.status, answer.body["error"]) == (422, "idempotency_mismatch")


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ("not json", 400, "json"),
        ({"action": "explode"}, 422, "invalid"),
        ({"action": "rename"}, 422, "invalid"),
        ({"action": "take_out", "case_id": "nonsense"}, 422, "invalid"),
        ({"action": "take_out", "case_id": "c000000000000000"}, 422, "invalid"),
        ({"action": "close", "more": 1}, 422, "invalid"),
    ],
)
def test_a_body_that_cannot_be(api, body, status, error):
    answer = api.send(ACTIONS, body)
    assert (answer.status, answer.body["error"]) == (status, error)


def test_an_action_needs_a_key_and_a_preview_does_not(api):
    assert api.send(ACTIONS, {"action": "close"}, key=None).body["error"] == "idempotency_key"
    assert api.send(ANSWER, {"text": "x"}, key=None).body["error"] == "idempotency_key"
    assert api.send(ANSWER, {"text": "x", "preview": True}, key=None).status == 200


def test_a_preview_and_then_the_real_thing(api):
    shown = api.send(ANSWER, {"text": "Hi {name}, it works again.", "preview": True}).body
    assert (shown["to_send"], len(shown["cases"]), shown["left_out"]) == (14, 14, 0)
    assert {"case_id", "author", "text", "skipped", "why", "cost_usd", "private"} <= set(shown["cases"][0])
    assert api.desk.queues.sent == {}
    done = api.send(ANSWER, {"text": "Hi {name}, it works again."}).body
    assert (done["sent"], done["failed"]) == (14, [])
    assert done["finished_at"]
    assert api.get(ONE, incident_id=api.id).body["answers"] == [done]
    assert api.send(ANSWER, {"text": "Hi {name}, it works again."}).body == done


def test_a_slot_that_nobody_knows(api):
    answer = api.send(ANSWER, {"text": "Hi {nmae}", "preview": True})
    assert (answer.status, answer.body["error"]) == (422, "invalid")
    assert "{name} and {handle}" in answer.body["message"]
